"""Scores of label matrices: by hand with unknown labels, otherwise those of scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from sklearn_protlstm.comparison._class_scores import list_label_scores
from sklearn_protlstm.comparison._label_scores import (
    LABEL_METRICS,
    count_each_sequence,
    join_counts,
)

# 2 is unknown. The third label is on no sequence.
CODES = np.array([[1, 0, 0], [1, 2, 0], [0, 1, 2], [2, 2, 2], [0, 1, 0]], dtype=np.uint8)
PREDICTED = np.array([[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 1, 1], [0, 1, 0]])
PROBABILITIES = np.array(
    [[0.9, 0.6, 0.1], [0.3, 0.8, 0.3], [0.4, 0.7, 0.8], [0.9, 0.9, 0.9], [0.2, 0.5, 0.1]]
)


def score(name, codes, values):
    return LABEL_METRICS[name].score(codes, values)


def test_scores_of_predictions_by_hand():
    # Label 0: right 1, predicted 1, true 2, so F1 = 2/3. Label 1: right 2, predicted 3, true 2, so
    # F1 = 4/5. Label 2 has no positive.
    assert score("f1_macro", CODES, PREDICTED) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert score("f1_micro", CODES, PREDICTED) == pytest.approx(2 * 3 / (4 + 4))
    # Of the four sequences with a known label, the last two are right.
    assert score("subset_accuracy", CODES, PREDICTED) == 1 / 2
    # 15 entries less 5 unknown ones, two of them wrong.
    assert score("hamming_loss", CODES, PREDICTED) == pytest.approx(2 / 10)


def test_scores_of_probabilities_by_hand():
    # Label 0: ranks of the positives 1 and 3 of four: (1 + 2/3) / 2. Label 1: 0.7 right, 0.6 wrong,
    # 0.5 right: (1 + 2/3) / 2.
    assert score("average_precision", CODES, PROBABILITIES) == pytest.approx(5 / 6)
    # Sequence 1 has a tie of a present and an absent label, the others have no mistake.
    assert score("ranking_loss", CODES, PROBABILITIES) == pytest.approx(1 / 4)
    losses = [
        -np.log([0.9, 0.3, 0.6, 0.8]).mean(),
        -np.log([0.4, 0.7, 0.5]).mean(),
        -np.log([0.9, 0.7, 0.9]).mean(),
    ]
    assert score("log_loss", CODES, PROBABILITIES) == pytest.approx(np.mean(losses))


def test_unknown_labels_count_in_no_score():
    unknown = CODES == 2
    other_predicted = np.where(unknown, 1 - PREDICTED, PREDICTED)
    other_probabilities = np.where(unknown, 1 - PROBABILITIES, PROBABILITIES)
    for name, metric in LABEL_METRICS.items():
        values, others = (
            (PROBABILITIES, other_probabilities)
            if metric.from_probabilities
            else (PREDICTED, other_predicted)
        )
        assert score(name, CODES, values) == score(name, CODES, others)


def ranking_loss(codes, probabilities):
    # scikit-learn counts sequences with all labels or none as without mistakes.
    some = ~np.isin(codes.sum(axis=1), [0, codes.shape[1]])
    return metrics.label_ranking_loss(codes[some], probabilities[some])


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("f1_macro", lambda y, p: metrics.f1_score(y, p, average="macro")),
        ("f1_micro", lambda y, p: metrics.f1_score(y, p, average="micro")),
        ("average_precision", lambda y, p: metrics.average_precision_score(y, p, average="macro")),
        ("subset_accuracy", metrics.accuracy_score),
        ("hamming_loss", metrics.hamming_loss),
        ("ranking_loss", ranking_loss),
        (
            "log_loss",
            lambda y, p: np.mean([metrics.log_loss(y[:, k], p[:, k]) for k in range(y.shape[1])]),
        ),
    ],
)
def test_known_labels_have_the_scores_of_scikit_learn(name, theirs):
    rng = np.random.RandomState(0)
    codes = (rng.uniform(size=(50, 4)) < [0.2, 0.4, 0.5, 0.8]).astype(np.uint8)
    # Steps of 0.1 make ties.
    probabilities = rng.randint(1, 10, codes.shape) / 10
    if not LABEL_METRICS[name].from_probabilities:
        probabilities = (probabilities > 0.5).astype(int)
    assert score(name, codes, probabilities) == pytest.approx(theirs(codes, probabilities))


def test_test_part_alone_decides_what_is_undefined():
    nothing, everything = np.zeros((3, 2), dtype=np.uint8), np.ones((3, 2), dtype=np.uint8)
    for predicted in (nothing, everything):
        assert np.isnan(score("f1_macro", nothing, predicted))
        assert np.isnan(score("f1_micro", nothing, predicted))
        assert np.isnan(score("average_precision", nothing, predicted / 2))
        assert np.isnan(score("average_precision", everything, predicted / 2))
        assert np.isnan(score("ranking_loss", everything, predicted / 2))
    for name in LABEL_METRICS:
        assert np.isnan(score(name, np.full((3, 2), 2, dtype=np.uint8), everything / 2))


def test_scores_from_sums_agree_with_scores_of_labels():
    rng = np.random.RandomState(0)
    codes = rng.randint(0, 3, (30, 4)).astype(np.uint8)
    predicted = rng.randint(0, 2, (5, 30, 4))
    sums = np.array([count_each_sequence(codes, row).sum(axis=0) for row in predicted])
    for name, metric in LABEL_METRICS.items():
        if metric.from_counts is not None:
            together = metric.from_counts(join_counts(codes, sums))
            assert together == pytest.approx([score(name, codes, row) for row in predicted])


def test_scores_of_each_label():
    predicted = np.stack([PREDICTED, np.full(PREDICTED.shape, -1)])[:, np.newaxis]
    columns = list_label_scores(
        ["one", "broken"], np.array(["x", "y", "z"]), CODES, predicted, np.array([False, True])
    )
    assert columns["model"].tolist() == ["one"] * 3 + ["broken"] * 3
    assert columns["label"].tolist() == ["x", "y", "z"] * 2
    np.testing.assert_allclose(columns["precision"][:3], [1, 2 / 3, np.nan])
    np.testing.assert_allclose(columns["recall"][:3], [1 / 2, 1, np.nan])
    np.testing.assert_allclose(columns["f1"][:3], [2 / 3, 4 / 5, np.nan])
    assert columns["support"].tolist() == [2, 2, 0, 0, 0, 0]
    assert np.isnan(columns["f1"][3:]).all()
