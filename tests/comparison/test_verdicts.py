"""The sentences and numbers of a PairedComparison."""

import pytest

from sklearn_protlstm.comparison import PairedComparison
from sklearn_protlstm.significance import CorrectedTTest, McNemarTest, PosteriorProbabilities


def paired(*, difference=0.01, p_value=0.4, equal=0.3, metric="accuracy", grouped=True):
    return PairedComparison(
        "LSTM",
        "k-mers",
        metric,
        grouped,
        CorrectedTTest(difference, (-0.03, 0.05), 0.95, 0.62, 4, p_value, 0.31),
        PosteriorProbabilities(0.5, equal, 0.5 - equal, 0.01),
        McNemarTest(7, 3, 0.34375),
    )


def test_large_p_value_means_not_distinguishable():
    assert paired().verdict() == (
        "LSTM is not distinguishable from k-mers on unseen groups (accuracy difference 0.010, "
        "95 % interval -0.030 to 0.050)"
    )


@pytest.mark.parametrize(
    ("difference", "metric", "relation"),
    [
        (0.1, "accuracy", "better than"),
        (-0.1, "accuracy", "worse than"),
        (0.1, "log_loss", "worse than"),
        (-0.1, "log_loss", "better than"),
    ],
)
def test_better_depends_on_the_direction_of_the_score(difference, metric, relation):
    verdict = paired(difference=difference, metric=metric, p_value=0.01).verdict()
    assert f"LSTM is {relation} k-mers" in verdict


def test_practical_equality_outweighs_a_small_p_value():
    verdict = paired(equal=0.96, p_value=0.01).verdict()
    assert "LSTM is practically equal to k-mers" in verdict


def test_small_negative_difference_is_printed_without_sign():
    assert "difference 0.000" in paired(difference=-0.0001).verdict()


def test_text_lists_all_tests():
    lines = str(paired()).splitlines()
    assert lines[1:] == [
        "  corrected t test   t(4) = 0.62, p = 0.400, effect size 0.31",
        "  probability        LSTM better 0.50, within ±0.01 0.30, k-mers better 0.20",
        "  McNemar test       right only by LSTM 7, only by k-mers 3, p = 0.344",
        "                     (it treats relatives as independent, so p is too small)",
    ]
    assert len(str(paired(grouped=False)).splitlines()) == 4
    turned = str(paired(metric="log_loss", p_value=1e-9))
    assert "LSTM better 0.20, within ±0.01 0.30, k-mers better 0.50" in turned
    assert "p < 0.001" in turned
