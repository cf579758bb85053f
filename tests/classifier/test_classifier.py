"""What a fitted classifier learned, and what it does not depend on."""

import random

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.class_weight import compute_sample_weight
from skorch.callbacks import EpochTimer
from tiny_models import (
    Recorder,
    StopAt,
    assert_same_bits,
    callback_of,
    labelled_rows,
    tiny_classifier,
    weights_of,
)

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm._network.embeddings import blosum62_vectors
from sklearn_protlstm._training import net as training
from sklearn_protlstm._training.memory import cut_rows

# Everything random is at work in these.
RANDOM_PARAMS = [
    {"dropout": 0.4, "token_dropout": 0.3},
    {"early_stopping": True, "validation_fraction": 0.25},
    {"num_layers": 2, "pooling": ("last", "attention"), "bidirectional": False},
]


# Labels and answers.


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["bird", "human", "pig"]),
        np.array(["bird", "human", "pig"], dtype=object),
        np.array([-3, 7, 12]),
        np.array([False, True]),
        np.array([1.0, 2.0]),
    ],
    ids=["str", "object", "int", "bool", "float"],
)
def test_learns_labels_of_any_kind(labels):
    X, y = labelled_rows(160, len(labels))
    y = labels[np.unique(y, return_inverse=True)[1]]
    classifier = tiny_classifier(max_epochs=10, lr=0.1).fit(X[:120], y[:120])
    assert classifier.classes_.dtype == y.dtype
    np.testing.assert_array_equal(classifier.classes_, labels)
    predicted = classifier.predict(X[120:])
    assert predicted.dtype == y.dtype
    assert np.mean(predicted == y[120:]) > 0.9


@pytest.mark.parametrize("n_classes", [2, 3])
def test_answers_agree_with_each_other(n_classes):
    X, y = labelled_rows(n_classes=n_classes)
    classifier = tiny_classifier(max_epochs=10, lr=0.1).fit(X, y)
    probabilities = classifier.predict_proba(X)
    assert probabilities.shape == (60, n_classes)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    scores = classifier.decision_function(X)
    if n_classes == 2:
        assert scores.shape == (60,)
        np.testing.assert_allclose(expit(scores), probabilities[:, 1], atol=1e-6)
        numbers = (scores > 0).astype(int)
    else:
        assert scores.shape == (60, 3)
        np.testing.assert_allclose(softmax(scores, axis=1), probabilities, atol=1e-6)
        numbers = scores.argmax(axis=1)
    np.testing.assert_array_equal(classifier.predict(X), classifier.classes_[numbers])
    assert len(np.unique(numbers)) > 1


def test_what_fit_learns():
    X, y = labelled_rows()
    X = np.where(X == 5, 3, X)
    classifier = tiny_classifier(max_epochs=4)
    assert classifier.fit(X, y) is classifier
    assert classifier.n_features_in_ == 12
    assert not hasattr(classifier, "feature_names_in_")
    assert classifier.n_iter_ == 4
    assert classifier.classes_.tolist() == ["bird", "human", "pig"]
    assert classifier.vocabulary_.tolist() == [2, 3, 4, 6, 7]
    assert [epoch["epoch"] for epoch in classifier.history_] == [1, 2, 3, 4]
    assert all(epoch["train_loss"] > 0 and epoch["dur"] > 0 for epoch in classifier.history_)
    assert "valid_loss" not in classifier.history_[0]


def test_column_names_are_learned_and_compared():
    X, y = labelled_rows()
    frame = pd.DataFrame(X, columns=[f"token_{i}" for i in range(1, 13)])
    classifier = tiny_classifier().fit(frame, y)
    assert classifier.feature_names_in_.tolist() == frame.columns.tolist()
    np.testing.assert_array_equal(
        classifier.predict_proba(frame), tiny_classifier().fit(X, y).predict_proba(X)
    )
    with pytest.raises(ValueError, match="feature names should match those that were passed"):
        classifier.predict(frame[frame.columns[::-1]])


def test_history_falls():
    X, y = labelled_rows()
    history = tiny_classifier(max_epochs=10, lr=0.1).fit(X, y).history_
    assert history[-1]["train_loss"] < 0.5 * history[0]["train_loss"]


# The seed alone decides.


@pytest.mark.parametrize("params", RANDOM_PARAMS)
def test_same_seed_gives_the_same_bits(params):
    X, y = labelled_rows()
    first = tiny_classifier(**params).fit(X, y)
    np.random.seed(99)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        again = tiny_classifier(**params).fit(X, y)
    assert_same_bits(first, again, X)
    assert_same_bits(first, first.fit(X, y), X)
    other = tiny_classifier(**{**params, "random_state": 1}).fit(X, y)
    assert np.abs(other.predict_proba(X) - first.predict_proba(X)).max() > 1e-3


def test_random_state_may_be_a_generator():
    X, y = labelled_rows()
    one, other = (
        tiny_classifier(random_state=np.random.RandomState(5)).fit(X, y) for _ in range(2)
    )
    assert_same_bits(one, other, X)


def test_every_random_part_follows_the_seed():
    # With the vectors given and no dropout, start weights and batches are left to the seed.
    X, y = labelled_rows()
    params = {"embedding": "onehot", "dropout": 0, "token_dropout": 0}
    one, other = (
        weights_of(tiny_classifier(random_state=seed, **params).fit(X, y)) for seed in (0, 1)
    )
    moved = [name for name in one if not np.array_equal(one[name], other[name])]
    assert set(one) - set(moved) == {"embedding.weight"}


def global_state():
    return (
        [str(part) for part in np.random.get_state()],
        random.getstate(),
        torch.get_rng_state().tolist(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_default_dtype(),
    )


@pytest.fixture
def two_threads(set_threads):
    set_threads(2)


@pytest.mark.usefixtures("two_threads")
def test_global_state_stays_as_it_was():
    X, y = labelled_rows()
    before = global_state()
    classifier = tiny_classifier(early_stopping=True, validation_fraction=0.2).fit(X, y)
    assert global_state() == before
    classifier.predict_proba(X)
    assert global_state() == before
    classifier.partial_fit(X, y)
    assert global_state() == before


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_global_state_survives_exceptions(error):
    X, y = labelled_rows()
    before = global_state()
    with pytest.raises(type(error)):
        tiny_classifier(callbacks=[("stop", StopAt(error))]).fit(X, y)
    assert global_state() == before


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    "params",
    [{"num_layers": 2, "batch_size": 40}, {}, {"bidirectional": False}],
    ids=["shares", "one share, two directions", "shares of one direction"],
)
def test_result_does_not_depend_on_the_number_of_threads(params, set_threads):
    X, y = labelled_rows()
    weights = np.random.RandomState(0).rand(60)
    params = {"dropout": 0.3, "token_dropout": 0.2, **params}
    with_two = tiny_classifier(**params).fit(X, y, weights)
    assert_same_bits(with_two, tiny_classifier(**params).fit(X, y, weights), X)
    for n_threads in (1, 4):
        set_threads(n_threads)
        assert_same_bits(with_two, tiny_classifier(**params).fit(X, y, weights), X)


@pytest.mark.parametrize("n_rows_of_a_share", [3, 7])
def test_shares_of_a_batch_do_not_change_the_loss(n_rows_of_a_share, monkeypatch):
    X, y = labelled_rows()
    weights = np.random.RandomState(0).rand(60)
    params = {"dropout": 0, "token_dropout": 0, "max_epochs": 2}
    whole = tiny_classifier(**params).fit(X, y, weights)
    monkeypatch.setattr(
        training, "cut_shares", lambda n_rows, *_: cut_rows(slice(0, n_rows), n_rows_of_a_share)
    )
    in_shares = tiny_classifier(**params).fit(X, y, weights)
    np.testing.assert_allclose(whole.predict_proba(X), in_shares.predict_proba(X), atol=1e-4)
    losses = [[epoch["train_loss"] for epoch in c.history_] for c in (whole, in_shares)]
    np.testing.assert_allclose(*losses, rtol=1e-4)


# Weights, copies and order.


@pytest.mark.parametrize("params", [{}, {"early_stopping": True, "validation_fraction": 0.25}])
class TestRowsAndWeights:
    def test_order_of_rows(self, params):
        X, y = labelled_rows()
        rng = np.random.RandomState(3)
        weights, groups, order = rng.rand(60), rng.randint(12, size=60), rng.permutation(60)
        fitted = tiny_classifier(**params).fit(X, y, weights, groups)
        other = tiny_classifier(**params).fit(X[order], y[order], weights[order], groups[order])
        assert_same_bits(fitted, other, X)

    def test_scale_of_weights(self, params):
        X, y = labelled_rows()
        weights = np.random.RandomState(3).randint(1, 5, size=60)
        fitted = tiny_classifier(**params).fit(X, y, weights)
        assert_same_bits(fitted, tiny_classifier(**params).fit(X, y, weights / 64), X)
        # The weights do matter.
        assert not np.array_equal(
            fitted.predict_proba(X), tiny_classifier(**params).fit(X, y).predict_proba(X)
        )

    def test_equal_weights_are_none(self, params):
        X, y = labelled_rows()
        fitted = tiny_classifier(**params).fit(X, y)
        assert_same_bits(fitted, tiny_classifier(**params).fit(X, y, np.full(60, 8.0)), X)

    @settings(max_examples=8)
    @given(counts=st.lists(st.integers(0, 3), min_size=60, max_size=60), rng=st.randoms())
    def test_weights_are_copies_and_zero_is_absent(self, params, counts, rng):
        X, y = labelled_rows()
        counts[:12] = [max(count, 1) for count in counts[:12]]  # every class, more than once
        weighted = tiny_classifier(**params).fit(X, y, counts)
        rows = np.repeat(np.arange(60), counts).tolist()
        rng.shuffle(rows)
        assert_same_bits(weighted, tiny_classifier(**params).fit(X[rows], y[rows]), X)


def test_equal_rows_of_two_labels_keep_both():
    X = np.repeat([[3, 4, 2, 0]], 20, axis=0)
    y = np.repeat(["dog", "human"], [5, 15])
    classifier = tiny_classifier(max_epochs=40, lr=0.1, dropout=0, token_dropout=0).fit(X, y)
    assert classifier.predict_proba(X[:1])[0, 1] == pytest.approx(0.75, abs=0.02)


def test_class_weight_balanced_equals_weights():
    X, y = labelled_rows(120)
    X, y = X[(y != "pig") | (np.arange(120) < 20)], y[(y != "pig") | (np.arange(120) < 20)]
    balanced = tiny_classifier(class_weight="balanced").fit(X, y)
    weighted = tiny_classifier().fit(X, y, compute_sample_weight("balanced", y))
    np.testing.assert_allclose(balanced.predict_proba(X), weighted.predict_proba(X), atol=1e-4)
    plain = tiny_classifier().fit(X, y)
    assert balanced.predict_proba(X)[:, 2].mean() > plain.predict_proba(X)[:, 2].mean() + 0.05


def test_class_weight_dict_equals_weights():
    X, y = labelled_rows()
    weights = np.random.RandomState(0).rand(60)
    by_class = tiny_classifier(class_weight={"human": 4, "pig": 0.5}).fit(X, y, weights)
    factor = np.select([y == "human", y == "pig"], [4, 0.5], default=1)
    weighted = tiny_classifier().fit(X, y, weights * factor)
    np.testing.assert_allclose(by_class.predict_proba(X), weighted.predict_proba(X), atol=1e-4)


def test_balanced_counts_weights_not_rows():
    X, y = labelled_rows(60, 2)
    weights = np.where(y == "bird", 5.0, 1.0)
    balanced = tiny_classifier(class_weight="balanced").fit(X, y, weights)
    plain = tiny_classifier(class_weight="balanced").fit(X, y)
    np.testing.assert_allclose(balanced.predict_proba(X), plain.predict_proba(X), atol=1e-4)


# Tokens.


def test_width_of_the_matrix_changes_nothing():
    X, y = labelled_rows()
    wide = np.hstack([X, np.zeros((60, 7), dtype=np.uint8)])
    narrow = tiny_classifier(early_stopping=True, validation_fraction=0.2).fit(X, y)
    wider = tiny_classifier(early_stopping=True, validation_fraction=0.2).fit(wide, y)
    np.testing.assert_array_equal(narrow.predict_proba(X), wider.predict_proba(wide))


@pytest.mark.parametrize(
    "dtype", [np.uint16, np.uint32, np.uint64, np.int8, np.int64, np.float32, np.float64]
)
def test_dtype_of_the_matrix_changes_nothing(dtype):
    X, y = labelled_rows()
    fitted = tiny_classifier().fit(X, y)
    other = tiny_classifier().fit(X.astype(dtype), y)
    for name, weights in weights_of(fitted).items():
        np.testing.assert_array_equal(weights, weights_of(other)[name])
    np.testing.assert_allclose(
        fitted.predict_proba(X.astype(dtype)), fitted.predict_proba(X), atol=1e-6
    )


def test_negative_numbers_are_padding_and_fractions_are_rounded():
    X, y = labelled_rows()
    fitted = tiny_classifier().fit(X, y)
    negative = np.where(X == 0, -3, X.astype(int))
    assert_same_bits(fitted, tiny_classifier().fit(negative, y), X)
    with pytest.warns(DataConversionWarning, match="fractions in X were rounded"):
        rounded = tiny_classifier().fit(X + 0.25, y)
    assert_same_bits(fitted, rounded, X)
    with pytest.warns(DataConversionWarning, match="fractions in X were rounded"):
        answer = fitted.predict_proba(X - 0.25)
    np.testing.assert_allclose(answer, fitted.predict_proba(X), atol=1e-6)


def test_tokens_not_seen_in_training_read_as_unknown():
    X, y = labelled_rows()
    X = np.where(X == 5, 3, X)
    classifier = tiny_classifier(token_dropout=0).fit(X, y)
    for unseen in (5, 8, 250):
        novel = X.copy()
        novel[:, 1] = unseen
        unknown = X.copy()
        unknown[:, 1] = 1
        answer = classifier.predict_proba(novel)
        np.testing.assert_allclose(answer, classifier.predict_proba(unknown), atol=1e-6)
        assert np.abs(answer - classifier.predict_proba(X)).max() > 1e-4


def test_order_and_copies_of_the_rows_to_predict():
    X, y = labelled_rows()
    classifier = tiny_classifier().fit(X, y)
    whole = classifier.predict_proba(X)
    order = np.random.RandomState(0).permutation(np.repeat(np.arange(60), 3))
    np.testing.assert_array_equal(classifier.predict_proba(X[order]), whole[order])
    for rows in (slice(0, 1), slice(10, 13), slice(0, 60, 7)):
        np.testing.assert_allclose(classifier.predict_proba(X[rows]), whole[rows], atol=1e-6)


def test_predicting_changes_nothing():
    X, y = labelled_rows()
    classifier = tiny_classifier().fit(X, y)
    before, X_before = weights_of(classifier), X.copy()
    first = classifier.predict_proba(X)
    np.testing.assert_array_equal(classifier.predict_proba(X), first)
    np.testing.assert_array_equal(X, X_before)
    for name, weights in weights_of(classifier).items():
        np.testing.assert_array_equal(weights, before[name])


# The embedding.


def vectors_of(classifier):
    return weights_of(classifier)["embedding.weight"]


def test_given_vectors_reach_their_tokens():
    X, y = labelled_rows()
    X = np.where(X == 5, 3, X)
    table = np.random.RandomState(0).rand(9, 3)
    classifier = tiny_classifier(embedding=table).fit(X, y)
    rows = [1, *classifier.vocabulary_]
    assert rows == [1, 2, 3, 4, 6, 7]
    np.testing.assert_array_equal(vectors_of(classifier)[1:], table[rows].astype(np.float32))
    np.testing.assert_array_equal(vectors_of(classifier)[0], 0)
    blosum = tiny_classifier(embedding="blosum62").fit(X, y)
    np.testing.assert_array_equal(vectors_of(blosum)[1:], blosum62_vectors()[rows])
    onehot = tiny_classifier(embedding="onehot").fit(X, y)
    np.testing.assert_array_equal(vectors_of(onehot)[1:], np.eye(6))


def test_width_of_learned_vectors():
    X, y = labelled_rows()
    assert vectors_of(tiny_classifier(embedding_dim=9).fit(X, y)).shape == (8, 9)


@pytest.mark.parametrize(
    ("embedding", "freeze", "moves"),
    [
        ("learned", None, True),
        ("learned", True, False),
        ("onehot", None, False),
        ("onehot", False, True),
        ("blosum62", None, False),
        ("blosum62", False, True),
        (np.ones((8, 3)), None, False),
        (np.ones((8, 3)), False, True),
        ([[float(i)] for i in range(8)], True, False),
    ],
)
def test_frozen_vectors_stay(embedding, freeze, moves):
    X, y = labelled_rows()
    short, long = (
        vectors_of(
            tiny_classifier(
                embedding=embedding,
                freeze_embedding=freeze,
                max_epochs=n_epochs,
                lr_schedule="constant",
            ).fit(X, y)
        )
        for n_epochs in (1, 2)
    )
    moved = (short != long).any(axis=1)
    assert not moved[0]
    assert moved[1:].all() if moves else not moved.any()


# Shape of the network.


def test_pooling():
    X, y = labelled_rows()
    answers = {}
    for pooling in ("last", "max", "mean", "attention", ("last", "mean"), ["last", "mean"]):
        classifier = tiny_classifier(pooling=pooling).fit(X, y)
        n_kinds = 1 if isinstance(pooling, str) else 2
        assert classifier.net_.module_.head.in_features == 2 * 5 * n_kinds
        answers[str(pooling)] = classifier.predict_proba(X)
    np.testing.assert_array_equal(answers["('last', 'mean')"], answers.pop("['last', 'mean']"))
    np.testing.assert_array_equal(
        tiny_classifier(pooling=("last",)).fit(X, y).predict_proba(X), answers["last"]
    )
    assert len({answer.tobytes() for answer in answers.values()}) == 5


def test_layers_and_directions():
    X, y = labelled_rows()

    def n_weights(**params):
        classifier = tiny_classifier(pooling="last", **params).fit(X, y)
        return sum(weights.size for weights in weights_of(classifier).values())

    # An LSTM of n units that reads d numbers has 4 n (d + n + 2) weights.
    embedding, head = 8 * 4, 3 * (5 + 1)
    assert n_weights(bidirectional=False) == embedding + 20 * (4 + 7) + head
    assert n_weights() == embedding + 2 * 20 * (4 + 7) + 3 * (10 + 1)
    deep = embedding + 20 * (4 + 7) + 20 * (5 + 7) + head
    assert n_weights(bidirectional=False, num_layers=2) == deep
    deep = embedding + 2 * 20 * (4 + 7) + 2 * 20 * (10 + 7) + 3 * (10 + 1)
    assert n_weights(num_layers=2) == deep


@pytest.mark.parametrize("schedule", ["onecycle", "cosine", "constant"])
def test_learning_rate_follows_its_schedule(schedule):
    X, y = labelled_rows()
    classifier = tiny_classifier(
        lr=0.02, lr_schedule=schedule, max_epochs=10, callbacks=[("recorder", Recorder())]
    ).fit(X, y)
    rates = np.array(callback_of(classifier, "recorder").rates)
    assert len(rates) == 10 * 4
    assert rates.max() == pytest.approx(0.02, rel=0.01)
    rises = np.diff(rates) > 0
    if schedule == "constant":
        np.testing.assert_array_equal(rates, 0.02)
    elif schedule == "cosine":
        assert not rises.any()
    else:
        peak = rates.argmax()
        assert 0 < peak < 20
        assert rates[0] < 0.002
        assert rises[:peak].all()
        assert not rises[peak:].any()
    if schedule != "constant":
        assert rates[-1] < 0.001


# What is shown, and what is handed on to skorch.


def test_silent_by_default(capsys):
    X, y = labelled_rows()
    tiny_classifier(early_stopping=True, max_epochs=30, patience=1, lr=0.5).fit(X, y).predict(X)
    assert capsys.readouterr() == ("", "")


def test_progress_bar(capsys):
    X, y = labelled_rows()
    tiny_classifier(verbose=1, max_epochs=4).fit(X, y)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "4/4" in shown.err
    assert "train_loss=" in shown.err


def test_line_for_each_epoch(capsys):
    X, y = labelled_rows()
    tiny_classifier(verbose=2, max_epochs=4, early_stopping=True).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert "train_loss" in lines[0]
    assert "valid_loss" in lines[0]
    assert [line.split()[0] for line in lines[2:]] == ["1", "2", "3", "4"]


def test_callbacks_are_copied_and_called():
    X, y = labelled_rows()
    recorder = Recorder()
    classifier = tiny_classifier(callbacks=[("recorder", recorder)]).fit(X, y)
    assert not hasattr(recorder, "n_rows")
    assert callback_of(classifier, "recorder").n_rows == [(60, 0)] * 3
    classifier.fit(X, y)
    assert callback_of(classifier, "recorder").n_rows == [(60, 0)] * 3


def test_callbacks_need_no_name():
    X, y = labelled_rows()
    classifier = tiny_classifier(callbacks=[Recorder(), EpochTimer()]).fit(X, y)
    assert callback_of(classifier, "Recorder").n_rows == [(60, 0)] * 3


def test_net_params_reach_the_net():
    X, y = labelled_rows()
    classifier = tiny_classifier(
        max_epochs=5,
        net_params={
            "optimizer": torch.optim.SGD,
            "optimizer__momentum": 0.75,
            "max_epochs": 2,
            "module__dropout": 0.9,
        },
    ).fit(X, y)
    assert type(classifier.net_.optimizer_) is torch.optim.SGD
    assert classifier.net_.optimizer_.param_groups[0]["momentum"] == 0.75
    assert classifier.n_iter_ == 2
    assert classifier.net_.module_.dropout == 0.9


def test_optimizer_parameters_reach_the_optimizer():
    X, y = labelled_rows()
    classifier = tiny_classifier(weight_decay=0.125, lr=0.25, lr_schedule="constant").fit(X, y)
    group = classifier.net_.optimizer_.param_groups[0]
    assert (group["weight_decay"], group["lr"]) == (0.125, 0.25)


def test_batch_size():
    X, y = labelled_rows()
    classifier = tiny_classifier(
        batch_size=25, max_epochs=1, callbacks=[("recorder", Recorder())]
    ).fit(X, y)
    assert len(callback_of(classifier, "recorder").rates) == 3


# Training again.


def test_refit_forgets():
    X, y = labelled_rows()
    other_X, other_y = labelled_rows(40, 2, seed=1)
    other_X = other_X[:, :9]
    classifier = tiny_classifier().fit(X, y).fit(other_X, other_y)
    assert classifier.classes_.tolist() == ["bird", "human"]
    assert classifier.n_features_in_ == 9
    assert classifier.n_iter_ == 3
    assert_same_bits(classifier, tiny_classifier().fit(other_X, other_y), other_X)


def test_fit_after_partial_fit_forgets():
    X, y = labelled_rows()
    classifier = tiny_classifier().partial_fit(X, y, classes=["a", "bird", "human", "pig"])
    assert_same_bits(classifier.fit(X, y), tiny_classifier().fit(X, y), X)


def test_data_of_the_readme_task():
    sequences = ["MNTQILVFIACVLIEAKGDKICL", "MNTQAKGDKICLILVFIACVLIE"]
    tokens = SequenceEncoder().fit_transform(sequences)
    classifier = ProtLSTMClassifier(random_state=0, device="cpu").fit(tokens, ["human", "dog"])
    assert classifier.predict(tokens).tolist() == ["human", "dog"]


def test_numpy_integers_are_whole_numbers():
    sizes = {"hidden_size": 5, "num_layers": 2, "embedding_dim": 4, "batch_size": 16}
    sizes |= {"max_epochs": 2, "patience": 3}
    X, y = labelled_rows()
    one = tiny_classifier(**sizes).fit(X, y)
    other = tiny_classifier(**{name: np.int64(size) for name, size in sizes.items()}).fit(X, y)
    assert_same_bits(one, other, X)
