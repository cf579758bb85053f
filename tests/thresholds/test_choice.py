"""Thresholds small enough to work out by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from sklearn_protlstm._labels.matrix import UNKNOWN
from sklearn_protlstm.thresholds._choice import choose_thresholds, score_thresholds

# Present, absent, present, present, absent: of the three most probable, two have the label.
PROBABILITIES = np.array([[0.9, 0.8, 0.6, 0.4, 0.1]]).T
CODES = np.array([[1, 0, 1, 1, 0]], dtype=np.uint8).T


@pytest.mark.parametrize(
    ("precision", "threshold"),
    [(None, 0.4), (0.6, 0.1), (0.7, 0.4), (0.75, 0.4), (0.8, 0.9), (1.0, 0.9)],
)
def test_threshold_by_hand(precision, threshold):
    [chosen] = choose_thresholds(PROBABILITIES, CODES, precision)
    assert chosen == pytest.approx(threshold, rel=1e-6)
    # Rounding in the last bit must not change what is predicted.
    assert chosen < threshold


def test_threshold_at_the_floor_is_zero():
    """A stack clips out-of-fold probabilities at 1e-7, but its members predict 0."""
    probabilities, codes = np.full((4, 1), 1e-7), np.array([[1], [1], [1], [0]], dtype=np.uint8)
    assert choose_thresholds(probabilities, codes).tolist() == [0]


def test_precision_that_no_threshold_reaches():
    assert choose_thresholds(PROBABILITIES, 1 - CODES, 0.7).tolist() == [np.inf]


def test_each_label_has_its_own_threshold():
    probabilities = np.column_stack([PROBABILITIES[:, 0], PROBABILITIES[:, 0] / 10])
    codes = np.column_stack([CODES[:, 0], [1, 0, 0, 0, 0]])
    np.testing.assert_allclose(choose_thresholds(probabilities, codes), [0.4, 0.09])


@pytest.mark.parametrize("precision", [None, 0.5, 0.8])
def test_unknown_labels_do_not_count(precision):
    rng = np.random.RandomState(0)
    probabilities, codes = rng.uniform(size=(80, 1)), rng.randint(3, size=(80, 1))
    known = codes[:, 0] != UNKNOWN
    with_unknown, without = (
        choose_thresholds(probabilities[rows], codes[rows], precision)
        for rows in (slice(None), known)
    )
    assert with_unknown == without
    every, known_only = (
        score_thresholds(probabilities[rows], codes[rows], without) for rows in (slice(None), known)
    )
    assert every == known_only


def test_no_threshold_has_a_higher_f1():
    rng = np.random.RandomState(0)
    codes = rng.randint(2, size=(50, 1))
    probabilities = (codes + rng.uniform(size=(50, 1)).round(1) * 2) / 3
    (best,) = choose_thresholds(probabilities, codes)
    scores = [f1_score(codes, probabilities >= threshold) for threshold in probabilities[:, 0]]
    assert f1_score(codes, probabilities >= best) == max(scores)
    assert min(scores) < max(scores)


def test_scores_by_hand():
    probabilities = np.repeat(PROBABILITIES, 2, axis=1)
    codes = np.repeat(CODES, 2, axis=1)
    scores = score_thresholds(probabilities, codes, [0.6, np.inf])
    assert scores["precision"] == pytest.approx([2 / 3, 0])
    assert scores["recall"] == pytest.approx([2 / 3, 0])
    assert scores["f1"] == pytest.approx([2 / 3, 0])
    assert scores["n_positive"] == [3, 3]
