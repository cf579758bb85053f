"""Small fitted models to inspect, and proteins to inspect them on."""

import numpy as np
import torch
from sklearn.pipeline import Pipeline
from tiny_models import HOSTS, tiny_classifier

from sklearn_protlstm import SequenceEncoder

_FITTED = {}


def random_proteins(n_sequences, seed=0, low=3, high=20):
    """Proteins of `low` to `high - 1` residues."""
    rng = np.random.RandomState(seed)
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    return ["".join(rng.choice(letters, size=rng.randint(low, high))) for _ in range(n_sequences)]


def fitted_pipeline(encoder=None, **params):
    """Fit a pipeline once; inspections do not change it, so tests can share it."""
    steps = [("encoder", encoder or SequenceEncoder()), ("lstm", tiny_classifier(**params))]
    model = Pipeline(steps)
    if repr(model) not in _FITTED:
        X = random_proteins(60)
        _FITTED[repr(model)] = model.fit(X, HOSTS[[ord(protein[0]) % 3 for protein in X]])
    return _FITTED[repr(model)]


def last_token_classifier():
    """A network whose log-odds depend on the last token only, as 3 tanh(tanh(w)) + 0.5.

    The input and output gates of its single unit are open and the forget gate is closed. The
    weight w is 1 for token 2, -2 for token 3, and 0 for unknown tokens.
    """
    return _read_last_token([0, 1, 0, 1], weights=[0.0, 3.0], bias=[0.0, 0.5])


def last_token_labels():
    """The same network with three labels, of which the last does not depend on the tokens.

    The logits are 3 s + 0.5 for "bird", -2 s for "human" and 1 for "pig", with s = tanh(tanh(w)).
    """
    labels = [["bird"], ["human"], ["pig"], []]
    return _read_last_token(labels, weights=[3.0, -2.0, 0.0], bias=[0.5, 0.0, 1.0])


def _read_last_token(y, weights, bias):
    X = np.array([[2, 3, 0, 0], [3, 2, 0, 0], [2, 2, 0, 0], [3, 3, 0, 0]], dtype=np.uint8)
    classifier = tiny_classifier(
        hidden_size=1, embedding_dim=1, bidirectional=False, pooling="last", max_epochs=1
    ).fit(X, y)
    module = classifier.net_.module_
    lstm = module.layers[0].forward_lstm
    with torch.no_grad():
        module.embedding.weight[:] = torch.tensor([[0.0], [0.0], [1.0], [-2.0]])
        # torch orders the gates as input, forget, cell, output.
        lstm.weight_ih_l0[:] = torch.tensor([[0.0], [0.0], [1.0], [0.0]])
        lstm.weight_hh_l0[:] = 0
        lstm.bias_ih_l0[:] = torch.tensor([30.0, -30.0, 0.0, 30.0])
        lstm.bias_hh_l0[:] = 0
        module.head.weight[:] = torch.tensor(weights)[:, None]
        module.head.bias[:] = torch.tensor(bias)
    return classifier


def predicted_log_odds(model, X, label):
    """Log-odds of a class, computed from ``predict_proba``."""
    p = model.predict_proba(X)[:, model.classes_.tolist().index(label)].astype(float)
    return np.log(p / (1 - p))
