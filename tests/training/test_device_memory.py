"""Memory that is too small for a batch makes smaller shares, and the same model."""

import itertools
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import assert_same_bits, labelled_rows, tiny_classifier

from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training import net as training
from sklearn_protlstm._training.memory import OutOfMemory, cut_rows, halve_rows
from sklearn_protlstm.exceptions import BatchMemoryWarning, DeviceMemoryError

X, Y = labelled_rows()


@pytest.fixture
def small_memory(monkeypatch):
    """Let the network fail as on a GPU for more rows than given, while training or while not."""
    compute_logits = SequenceLSTM._compute_logits

    def set_limit(most, while_training=True, while_not=True, after=0):
        calls = itertools.count(1)

        def limited(self, summaries, lengths, generator):
            # What a failed attempt has drawn must not matter.
            logits = compute_logits(self, summaries, lengths, generator)
            applies = while_training if self.training else while_not
            if applies and len(lengths) > most and next(calls) > after:
                raise OutOfMemory("CUDA out of memory. Tried to allocate 2.00 GiB")
            return logits

        monkeypatch.setattr(SequenceLSTM, "_compute_logits", limited)

    return set_limit


def shares_of(most):
    return lambda n_rows, *_: cut_rows(slice(0, n_rows), most)


# Parts.


@given(st.integers(0, 50), st.integers(1, 100), st.none() | st.integers(1, 120))
def test_parts_follow_each_other(start, n_rows, most):
    parts = cut_rows(slice(start, start + n_rows), most)
    rows = [row for part in parts for row in range(part.start, part.stop)]
    assert rows == list(range(start, start + n_rows))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) - min(sizes) <= 1
    if most is None:
        assert len(parts) == 1
    else:
        assert max(sizes) <= most
        assert len(parts) == -(-n_rows // most)


@pytest.mark.parametrize(("n_rows", "half"), [(2, 1), (3, 2), (32, 16)])
def test_half(n_rows, half):
    message = (
        rf"cuda:1 cannot hold {n_rows} sequences of 70 tokens at once\. From now on, {half} go"
    )
    with pytest.warns(BatchMemoryWarning, match=message) as caught:
        assert halve_rows(n_rows, 70, "cuda:1") == half
    assert caught[0].message.n_rows == half
    assert caught[0].message.device == "cuda:1"


def test_half_of_one():
    with pytest.raises(
        DeviceMemoryError, match=r"single sequence of 70 tokens.*max_length"
    ) as caught:
        halve_rows(1, 70, torch.device("cpu"))
    assert (caught.value.device, caught.value.n_residues) == ("cpu", 70)


# Training.


@pytest.mark.parametrize(
    ("params", "half"),
    [({}, 8), ({"dropout": 0.4, "token_dropout": 0.3, "num_layers": 2}, 4)],
    ids=["a batch is one share", "a batch is two shares"],
)
def test_training_in_halves(params, half, small_memory, monkeypatch):
    small_memory(half, while_not=False)
    weights = np.random.RandomState(0).rand(60)
    message = f"cpu cannot hold {2 * half} seq.*now on, {half} go"
    with pytest.warns(BatchMemoryWarning, match=message) as caught:
        halved = tiny_classifier(**params).fit(X, Y, weights)
    # One warning: the bound stays.
    assert len(caught) == 1
    assert caught[0].message.n_rows == half
    monkeypatch.setattr(training, "cut_shares", shares_of(half))
    assert_same_bits(halved, tiny_classifier(**params).fit(X, Y, weights), X)


def test_steps_are_those_of_whole_batches(small_memory):
    params = {"dropout": 0, "token_dropout": 0}
    whole = tiny_classifier(**params).fit(X, Y)
    small_memory(1, while_not=False)
    with pytest.warns(BatchMemoryWarning) as caught:
        halved = tiny_classifier(**params).fit(X, Y)
    assert [warning.message.n_rows for warning in caught] == [8, 4, 2, 1]
    np.testing.assert_allclose(halved.predict_proba(X), whole.predict_proba(X), atol=1e-4)
    batches = [
        [batch["train_batch_size"] for batch in classifier.history_[0]["batches"]]
        for classifier in (halved, whole)
    ]
    assert sorted(batches[0]) == sorted(batches[1]) == [12, 16, 16, 16]


def test_memory_that_runs_out_later(small_memory, monkeypatch):
    # The first eight batches are one share each; those behind have shares of 8 rows.
    small_memory(8, while_not=False, after=8)
    with pytest.warns(BatchMemoryWarning):
        halved = tiny_classifier(dropout=0.4).fit(X, Y)
    monkeypatch.undo()
    cuts = itertools.chain([training.cut_shares] * 8, itertools.repeat(shares_of(8)))
    monkeypatch.setattr(training, "cut_shares", lambda *batch: next(cuts)(*batch))
    assert_same_bits(halved, tiny_classifier(dropout=0.4).fit(X, Y), X)


def test_threads_all_come_back_before_the_next_try(small_memory, set_threads):
    params = {"dropout": 0.4, "batch_size": 48}
    set_threads(2)
    small_memory(3, while_not=False)
    with pytest.warns(BatchMemoryWarning):
        halved = tiny_classifier(**params).fit(X, Y)
    set_threads(1)
    with pytest.warns(BatchMemoryWarning):
        serial = tiny_classifier(**params).fit(X, Y)
    assert_same_bits(halved, serial, X)


def test_not_even_one_row(small_memory):
    small_memory(0, while_not=False)
    with (
        pytest.warns(BatchMemoryWarning) as caught,
        pytest.raises(DeviceMemoryError, match=r"cpu cannot hold a single sequence of \d+ tokens"),
    ):
        tiny_classifier().fit(X, Y)
    assert [warning.message.n_rows for warning in caught] == [8, 4, 2, 1]


def test_whole_batches_of_a_gpu_are_halved_too(small_memory, monkeypatch):
    # As on a GPU, where a batch is one share to begin with.
    monkeypatch.setattr(training, "cut_shares", lambda n_rows, *_: [slice(0, n_rows)])
    small_memory(10, while_not=False)
    with pytest.warns(BatchMemoryWarning, match="16 seq.*now on, 8 go"):
        halved = tiny_classifier().fit(X, Y)
    monkeypatch.setattr(training, "cut_shares", shares_of(8))
    assert_same_bits(halved, tiny_classifier().fit(X, Y), X)


def test_validation_in_halves(small_memory):
    params = {"early_stopping": True, "validation_fraction": 0.4, "dropout": 0, "token_dropout": 0}
    whole = tiny_classifier(**params).fit(X, Y)
    small_memory(5, while_training=False)
    with pytest.warns(BatchMemoryWarning) as caught:
        halved = tiny_classifier(**params).fit(X, Y)
    assert [warning.message.n_rows for warning in caught] == [8, 4]
    losses = [[epoch["valid_loss"] for epoch in c.history_] for c in (halved, whole)]
    np.testing.assert_allclose(*losses, rtol=1e-3)
    scores = [[epoch["valid_acc"] for epoch in c.history_] for c in (halved, whole)]
    np.testing.assert_allclose(*scores, atol=0.05)


@pytest.mark.filterwarnings("ignore::sklearn_protlstm.exceptions.BatchMemoryWarning")
def test_bound_goes_along(small_memory, tmp_path):
    small_memory(4, while_not=False)
    classifier = tiny_classifier(dropout=0.4, checkpoint_dir=tmp_path).fit(X, Y)
    copy = pickle.loads(pickle.dumps(classifier))
    again = tiny_classifier(dropout=0.4, checkpoint_dir=tmp_path, resume=True).fit(X, Y)
    assert copy.net_.most_rows == again.net_.most_rows == 4
    assert_same_bits(copy.partial_fit(X, Y), again.partial_fit(X, Y), X)


# Prediction.


def test_prediction_in_halves(small_memory):
    classifier = tiny_classifier().fit(X, Y)
    whole = classifier.predict_proba(X)
    small_memory(7)
    with pytest.warns(BatchMemoryWarning) as caught:
        halved = classifier.predict_proba(X)
    # Found once, the bound holds for all further parts.
    assert [warning.message.n_rows for warning in caught] == [30, 15, 8, 4]
    np.testing.assert_allclose(halved, whole, atol=1e-6)
    assert classifier.net_.most_rows is None


def test_prediction_of_not_even_one_row(small_memory):
    classifier = tiny_classifier().fit(X, Y)
    small_memory(0)
    with (
        pytest.warns(BatchMemoryWarning),
        pytest.raises(DeviceMemoryError, match=r"single sequence of \d+ tokens.*device=\"cpu\""),
    ):
        classifier.predict(X)
