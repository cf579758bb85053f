"""With `window`, the classifier learns from windows and predicts from the mean over windows."""

import pickle
from copy import deepcopy

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GroupShuffleSplit
from sklearn.utils.estimator_checks import check_estimator
from skorch.callbacks import Callback
from tiny_models import (
    HOSTS,
    StopAt,
    assert_same_bits,
    callback_of,
    labelled_rows,
    tiny_classifier,
    weights_of,
)

from sklearn_protlstm import ProtLSTMClassifier, load_model, save_model
from sklearn_protlstm._checkpoints.resume import TrainingCheckpoint
from sklearn_protlstm.exceptions import CheckpointMismatchError

X, Y = labelled_rows()


class Parts(Callback):
    """Keep the windows that each part of the training holds."""

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        self.train, self.valid = (
            None if part is None else {**part.X, "labels": part.y}
            for part in (dataset_train, dataset_valid)
        )


def fit_and_record(X, y, *, sample_weight=None, groups=None, **params):
    params = {"max_epochs": 1, "callbacks": [("parts", Parts())], **params}
    classifier = tiny_classifier(**params).fit(X, y, sample_weight, groups)
    return callback_of(classifier, "parts")


def windows_by_hand(row, window, step):
    """Slices of a row: evenly spaced, at most `step` apart, from its first to its last token."""
    residues = row[row > 0]
    last = max(0, len(residues) - window)
    n_steps = -(-last // step)
    starts = [i * last // n_steps for i in range(n_steps + 1)] if n_steps else [0]
    return [residues[start : start + window] for start in starts]


def pad(rows, width):
    return np.array([np.pad(row, (0, width - len(row))) for row in rows])


def families(n_families=12, n_members=3):
    """Rows of 9 tokens, labels and groups. No two families share a token."""
    rng = np.random.RandomState(0)
    groups = np.repeat(np.arange(n_families), n_members)
    residues = rng.randint(0, 4, size=(len(groups), 9))
    residues[:, :4] = [0, 1, 2, 3]
    return 2 + 4 * groups[:, np.newaxis] + residues, HOSTS[groups % 2], groups


# Predictions.


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    ("window", "window_step"), [(4, None), (5, 5), (3, 1), (1, None), (12, None), (50, None)]
)
def test_prediction_is_the_geometric_mean_over_windows(window, window_step, n_classes):
    X, y = labelled_rows(n_classes=n_classes)
    classifier = tiny_classifier(window=window, window_step=window_step).fit(X, y)
    whole = deepcopy(classifier).set_params(window=None)
    expected = []
    for row in X[:20]:
        slices = windows_by_hand(row, window, window_step or max(1, window // 2))
        logs = np.log(whole.predict_proba(pad(slices, 12)).astype(np.float64)).mean(axis=0)
        expected.append(np.exp(logs) / np.exp(logs).sum())
    probabilities = classifier.predict_proba(X[:20])
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    labels = classifier.classes_[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(classifier.predict(X[:20]), labels)
    logs = np.log(expected)
    scores = logs[:, 1] - logs[:, 0] if n_classes == 2 else logs
    np.testing.assert_allclose(classifier.decision_function(X[:20]), scores, atol=1e-5)


def test_rows_that_fit_a_window_are_read_whole():
    classifier = tiny_classifier(window=8).fit(X, Y)
    whole = deepcopy(classifier).set_params(window=None)
    short = np.count_nonzero(X, axis=1) <= 8
    one, other = classifier.predict_proba(X), whole.predict_proba(X)
    np.testing.assert_allclose(one[short], other[short], atol=1e-6)
    assert np.abs(one[~short] - other[~short]).max(axis=1).min() > 1e-5


def test_prediction_does_not_depend_on_the_other_rows_or_the_padding():
    classifier = tiny_classifier(window=4).fit(X, Y)
    together = classifier.predict_proba(X)
    for row in (0, 7, 31):
        alone = classifier.predict_proba(X[[row]])
        np.testing.assert_allclose(alone, together[[row]], atol=1e-6)
    wide = tiny_classifier(window=4).fit(np.pad(X, ((0, 0), (0, 30))), Y)
    np.testing.assert_array_equal(
        wide.predict_proba(np.pad(X, ((0, 0), (0, 30)))), classifier.predict_proba(X)
    )


# Training.


def test_training_rows_are_the_windows():
    parts = fit_and_record(X, Y, window=5)
    # All residues of 2 to 7 occur, so the network numbers them as they are.
    expected = {
        (*window.tolist(), label)
        for row, label in zip(X, Y)
        for window in windows_by_hand(row, 5, 2)
    }
    labels = HOSTS[parts.train["labels"]]
    found = {(*row[row > 0].tolist(), label) for row, label in zip(parts.train["tokens"], labels)}
    assert found == expected
    assert parts.train["lengths"].max() == 5


def test_long_proteins_do_not_outweigh_short_ones():
    X, y, _ = families()
    X[::2, 4:] = 0
    parts = fit_and_record(X, y, window=3, window_step=1)
    family = (parts.train["tokens"].max(axis=1) - 2) // 4
    totals = np.bincount(family, weights=parts.train["weights"])
    # Each family has three rows. Rows of 4 tokens have 2 windows, rows of 9 tokens have 7.
    np.testing.assert_allclose(totals / totals.mean(), 1)
    counts = np.bincount(family)
    assert counts.min() < counts.max()


def test_class_weights_refer_to_proteins():
    X, y, _ = families()
    X[y == "bird", 4:] = 0
    few = np.flatnonzero(y == "human")[3:]
    X, y = np.delete(X, few, axis=0), np.delete(y, few)
    parts = fit_and_record(X, y, window=3, class_weight="balanced")
    totals = np.bincount(parts.train["labels"], weights=parts.train["weights"])
    assert totals[0] == pytest.approx(totals[1])


def test_a_weight_of_two_is_two_copies():
    weights = 1 + np.arange(60) % 2
    weighted = tiny_classifier(window=4).fit(X, Y, weights)
    repeated = tiny_classifier(window=4).fit(np.repeat(X, weights, axis=0), np.repeat(Y, weights))
    assert_same_bits(weighted, repeated, X)
    order = np.random.RandomState(0).permutation(60)
    assert_same_bits(weighted, tiny_classifier(window=4).fit(X[order], Y[order], weights[order]), X)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("splitter", [None, GroupShuffleSplit(1, test_size=0.3, random_state=0)])
def test_early_stopping_keeps_the_windows_of_a_protein_together(splitter, grouped):
    X, y, groups = families(n_members=3 if grouped else 1)
    if splitter is not None:
        grouped = True
    parts = fit_and_record(
        X,
        y,
        groups=groups if grouped else None,
        window=3,
        early_stopping=True,
        validation_fraction=0.3,
        validation_split=splitter,
    )
    # The tokens tell the family.
    train, valid = (
        {*((part["tokens"].max(axis=1) - 2) // 4)} for part in (parts.train, parts.valid)
    )
    assert not train & valid
    assert train | valid == set(range(12))
    assert len(parts.valid["labels"]) > len(valid)
    assert parts.valid["lengths"].max() == 3


def test_early_stopping_restores_the_epoch_with_the_smallest_loss_of_windows():
    y = np.random.RandomState(1).choice(HOSTS, size=60)
    classifier = tiny_classifier(
        window=4,
        early_stopping=True,
        validation_fraction=0.3,
        patience=3,
        max_epochs=60,
        lr=0.1,
        callbacks=[("parts", Parts())],
    ).fit(X, y)
    losses = [epoch["valid_loss"] for epoch in classifier.history_]
    assert classifier.n_iter_ < 60
    valid = callback_of(classifier, "parts").valid
    whole = deepcopy(classifier).set_params(window=None)
    probabilities = whole.predict_proba(np.pad(valid["tokens"], ((0, 0), (0, 8))))
    by_window = -np.log(probabilities[np.arange(len(probabilities)), valid["labels"]])
    loss = np.average(by_window, weights=valid["weights"])
    # skorch takes a fall of less than 0.01 % for none.
    assert loss == pytest.approx(min(losses), rel=2e-4)
    assert losses[-1] > 1.01 * loss


def test_partial_fit_trains_on_windows():
    params = {"window": 4, "callbacks": [("parts", Parts())]}
    classifier = tiny_classifier(**params)
    for _ in range(2):
        classifier.partial_fit(X, Y, classes=HOSTS)
    assert classifier.n_iter_ == 2
    assert callback_of(classifier, "parts").train["lengths"].max() == 4
    again = tiny_classifier(**params).partial_fit(X, Y, classes=HOSTS).partial_fit(X[::-1], Y[::-1])
    assert_same_bits(classifier, again, X)


@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict_proba"])
def test_steps_that_skip_residues_are_refused(method):
    classifier = tiny_classifier(window=4, window_step=4, max_epochs=1).fit(X, Y)
    classifier.set_params(window_step=5)
    message = (
        "window_step=5 is larger than window=4, so the network would not read the residues between "
        "two windows. Choose a step of at most the window"
    )
    with pytest.raises(ValueError, match=message):
        getattr(classifier, method)(*((X,) if method == "predict_proba" else (X, Y)))


@pytest.mark.parametrize("name", ["window", "window_step"])
@pytest.mark.parametrize("value", [0, -1, 2.0, "4"])
def test_sizes_other_than_positive_integers_are_refused(name, value):
    message = (
        f"The '{name}' parameter of ProtLSTMClassifier must be an int in the range \\[1, inf\\)"
    )
    with pytest.raises(ValueError, match=message):
        tiny_classifier(**{"window": 4, name: value}).fit(X, Y)


# Checkpoints, copies and files.


def stop_after(monkeypatch, epoch):
    """Break off the training when the checkpoint of an epoch is written."""
    write = TrainingCheckpoint.on_epoch_end

    def write_and_stop(checkpoint, net, **kwargs):
        write(checkpoint, net, **kwargs)
        if len(net.history) == epoch:
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingCheckpoint, "on_epoch_end", write_and_stop)


@pytest.mark.parametrize("params", [{}, {"early_stopping": True, "validation_fraction": 0.3}])
def test_interrupted_training_resumes_to_the_same_bits(params, tmp_path, monkeypatch):
    params = {"window": 4, "max_epochs": 4, "dropout": 0.4, **params}
    through = tiny_classifier(**params).fit(X, Y)
    kept = tiny_classifier(checkpoint_dir=tmp_path, resume=True, **params)
    with monkeypatch.context() as patch:
        stop_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            clone(kept).fit(X, Y)
    resumed = kept.fit(X, Y)
    assert resumed.n_iter_ == 4
    assert_same_bits(resumed, through, X)


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"window": 5}, "window (4 there, 5 here)"),
        ({"window": None}, "window (4 there, null here)"),
        ({"window_step": 1}, "window_step (null there, 1 here)"),
    ],
)
def test_checkpoints_of_other_windows_are_refused(changed, difference, tmp_path):
    params = {"window": 4, "max_epochs": 1, "checkpoint_dir": tmp_path}
    tiny_classifier(**params).fit(X, Y)
    with pytest.raises(CheckpointMismatchError, match="are of other data or parameters") as error:
        tiny_classifier(**{**params, **changed}, resume=True).fit(X, Y)
    assert error.value.differences == [difference]
    assert difference in str(error.value)


def test_copies_and_files_predict_the_same_bits(tmp_path):
    classifier = tiny_classifier(window=4, window_step=3).fit(X, Y)
    save_model(classifier, tmp_path / "windows.model")
    loaded = load_model(tmp_path / "windows.model")
    assert (loaded.window, loaded.window_step) == (4, 3)
    for other in (loaded, pickle.loads(pickle.dumps(classifier)), deepcopy(classifier)):
        assert_same_bits(classifier, other, X)
    assert_same_bits(classifier, clone(classifier).fit(X, Y), X)


def test_an_interrupted_fit_can_predict():
    classifier = tiny_classifier(window=4, callbacks=[("stop", StopAt(KeyboardInterrupt()))])
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X, Y)
    assert classifier.predict(X).shape == (60,)


def test_windows_change_what_is_learned_and_none_changes_nothing():
    plain, none = tiny_classifier().fit(X, Y), tiny_classifier(window=None, window_step=3).fit(X, Y)
    assert_same_bits(plain, none, X)
    wide = tiny_classifier(window=12).fit(X, Y)
    for name, values in weights_of(plain).items():
        np.testing.assert_array_equal(values, weights_of(wide)[name])
    narrow = weights_of(tiny_classifier(window=4).fit(X, Y))
    assert np.abs(narrow["head.weight"] - weights_of(plain)["head.weight"]).max() > 0.01


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fractions in X were rounded")
def test_every_scikit_learn_check_passes():
    classifier = ProtLSTMClassifier(
        embedding_dim=8, hidden_size=8, max_epochs=20, lr=0.05, window=2
    )
    results = check_estimator(classifier, on_skip=None, on_fail=None)
    failures = {
        (result["check_name"], repr(result["exception"]))
        for result in results
        if result["status"] not in ("passed", "skipped")
    }
    assert failures == set()


# When windows help, and when they do not.


def motif_rows(n_rows, seed, n_copies=3, length=120):
    """One of two motifs, once at random in each third of a row."""
    rng = np.random.RandomState(seed)
    X, y = rng.randint(2, 10, (n_rows, length)), np.arange(n_rows) % 2
    part = length // n_copies
    for row, label in zip(X, y):
        for start in range(0, length, part):
            place = start + rng.randint(0, part - 3)
            row[place : place + 4] = [[2, 5, 3, 7], [7, 3, 5, 2]][label]
    return X, y


def distance_rows(n_rows, seed, length=40):
    """Token 2, and token 3 in a distance of 10 or 25."""
    rng = np.random.RandomState(seed)
    X, y = rng.randint(4, 10, (n_rows, length)), np.arange(n_rows) % 2
    for row, label in zip(X, y):
        distance = [10, 25][label]
        place = rng.randint(0, length - distance)
        row[place], row[place + distance] = 2, 3
    return X, y


def accuracy(train, test, **params):
    return tiny_classifier(**params).fit(*train).score(*test)


@pytest.mark.slow
def test_windows_help_with_few_proteins_whose_every_part_tells_the_class():
    data = motif_rows(30, seed=0), motif_rows(200, seed=1)
    params = {"hidden_size": 8, "max_epochs": 30}
    assert accuracy(*data, **params, window=20) > 0.8
    assert accuracy(*data, **params) < 0.65


@pytest.mark.slow
def test_windows_miss_a_distance_that_exceeds_them():
    data = distance_rows(200, seed=0), distance_rows(200, seed=1)
    params = {"hidden_size": 12, "max_epochs": 20}
    assert accuracy(*data, **params) > 0.9
    assert accuracy(*data, **{**params, "max_epochs": 3}, window=8) < 0.65
