"""Sequences and matrices, and averages over folds."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from scipy.sparse import csr_array, dia_array
from sklearn.dummy import DummyClassifier

from sklearn_protlstm._meta_estimators import as_samples
from sklearn_protlstm.readers import SequenceTable
from sklearn_protlstm.stacking._members import average_folds, log_probabilities
from sklearn_protlstm.stacking._pool import FLOOR

SEQUENCES = ["MNTQ", "AKGD"]


@pytest.mark.parametrize(
    "X",
    [
        SEQUENCES,
        tuple(SEQUENCES),
        np.array(SEQUENCES),
        np.array(SEQUENCES, dtype=object),
        np.array(SEQUENCES)[:, np.newaxis],
        pd.Series(SEQUENCES, index=[7, 3]),
        pd.DataFrame({"sequence": SEQUENCES}),
        pl.Series(SEQUENCES),
        SequenceTable(["a", "b"], SEQUENCES),
        [SeqRecord(Seq(sequence)) for sequence in SEQUENCES],
        [sequence.encode() for sequence in SEQUENCES],
    ],
    ids=lambda X: type(X).__name__,
)
def test_sequences_become_a_list(X):
    assert as_samples(X) == SEQUENCES


def test_generator_becomes_a_list():
    assert as_samples(iter(SEQUENCES)) == SEQUENCES


@pytest.mark.parametrize(
    "X",
    [
        np.zeros((2, 3)),
        np.array([[2], [3]]),
        np.array([[1, "a"], [2, "b"]], dtype=object),
        pd.DataFrame({"length": [4, 4], "host": ["dog", "human"]}),
        pd.DataFrame({"length": [4, 4]}),
        csr_array(np.eye(2)),
    ],
    ids=lambda X: f"{type(X).__name__} {X.shape}",
)
def test_matrix_stays_as_it_is(X):
    given = as_samples(X)
    assert type(given) is type(X)
    assert given is X or (given != X).nnz == 0


def test_matrix_that_cannot_be_indexed_is_converted():
    assert as_samples(dia_array(np.eye(2))).format == "csr"
    np.testing.assert_array_equal(as_samples([[2, 3], [4, 0]]), [[2, 3], [4, 0]])


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("MNTQ", TypeError, r"did you mean \[sequence\]\?"),
        ([], ValueError, "Found 0 sequences"),
        (["MNTQ", None], TypeError, "Sequence 1 is None"),
        (np.array("MNTQ"), ValueError, "Expected one column of sequences"),
        ([3, 4], ValueError, "one-dimensional array of numbers, expected sequences or a matrix"),
        (np.arange(3.0), ValueError, r"X\.reshape\(1, -1\) if it is one sample"),
        (np.empty((0, 3)), ValueError, "Found 0 samples: X needs at least one row"),
    ],
    ids=["one sequence", "empty", "None", "scalar", "numbers", "vector", "no rows"],
)
def test_unusable_samples(X, error, message):
    with pytest.raises(error, match=message):
        as_samples(X)


CLASSES = np.array(["bird", "dog", "human"])


def frequencies(*labels):
    return DummyClassifier(strategy="prior").fit(np.zeros((len(labels), 1)), labels)


def test_class_that_a_member_does_not_know_has_the_floor():
    log_proba, known = log_probabilities(frequencies("bird", "human"), np.zeros((1, 1)), CLASSES)
    np.testing.assert_allclose(np.exp(log_proba), [[0.5, FLOOR, 0.5]])
    assert known.tolist() == [True, False, True]


def test_average_is_the_geometric_mean_of_the_folds_that_know_the_class():
    folds = [
        frequencies("bird", "bird", "bird", "human"),
        frequencies("bird", "dog", "dog", "human"),
    ]
    average = np.exp(average_folds(folds, np.zeros((2, 1)), CLASSES))
    expected = [np.sqrt(0.75 * 0.25), 0.5, 0.25]
    np.testing.assert_allclose(average, [expected, expected])


def test_class_that_no_fold_knows_has_the_floor():
    average = average_folds([frequencies("bird", "human")], np.zeros((1, 1)), CLASSES)
    np.testing.assert_allclose(np.exp(average), [[0.5, FLOOR, 0.5]])


def test_probabilities_that_are_not_finite():
    model = frequencies("bird", "human")
    model.class_prior_ = np.array([np.nan, 1])
    with pytest.raises(ValueError, match="DummyClassifier predicts probabilities that are NaN or"):
        log_probabilities(model, np.zeros((1, 1)), CLASSES)
