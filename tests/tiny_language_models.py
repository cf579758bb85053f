"""Language models and token rows so small that a fit takes a blink of an eye."""

import numpy as np

from sklearn_protlstm import ResidueLanguageModel


def tiny_language_model(**params):
    small = {
        "hidden_size": 6,
        "embedding_dim": 4,
        "dropout": 0.0,
        "token_dropout": 0.0,
        "batch_size": 8,
        "max_epochs": 2,
        "lr": 0.03,
        "device": "cpu",
        "random_state": 0,
    }
    return ResidueLanguageModel(**{**small, **params})


def periodic_rows(n_rows=30, seed=0):
    """Rows of lengths 8 to 20 in which each token is followed by the next one of a cycle."""
    rng = np.random.RandomState(seed)
    starts, lengths = rng.randint(0, 5, n_rows), rng.randint(8, 21, n_rows)
    columns = np.arange(20)
    tokens = 2 + (starts[:, np.newaxis] + columns) % 5
    return np.where(columns < lengths[:, np.newaxis], tokens, 0).astype(np.uint8)


def random_rows(n_rows, n_residues=5, length=20, seed=0):
    tokens = np.random.RandomState(seed).randint(2, 2 + n_residues, (n_rows, length))
    return tokens.astype(np.uint8)


def assert_same_weights(one, other):
    left, right = (model.net_.module_.state_dict() for model in (one, other))
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name].numpy(), right[name].numpy(), err_msg=name)
