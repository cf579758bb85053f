"""The sentences and numbers of a PairedComparison."""

import numpy as np
import pytest
from tiny_comparisons import MODELS, X, Y

from sklearn_protlstm import compare_models
from sklearn_protlstm.comparison import PairedComparison, PermutationTest
from sklearn_protlstm.comparison._paired import run_tests
from sklearn_protlstm.significance import CorrectedTTest, McNemarTest, PosteriorProbabilities

UNDEFINED = CorrectedTTest(0.01, (np.nan, np.nan), 0.95, np.nan, 4, np.nan, np.nan)
NO_POSTERIOR = PosteriorProbabilities(np.nan, np.nan, np.nan, 0.01)
NO_PERMUTATION = PermutationTest(np.nan, np.nan, 0.001)


def paired(*, difference=0.01, p_value=0.4, equal=0.3, metric="accuracy", grouped=True, **changes):
    parts = {
        "t_test": CorrectedTTest(
            difference, (difference - 0.04, difference + 0.04), 0.95, 0.62, 4, p_value, 0.31
        ),
        "posterior": PosteriorProbabilities(0.5, equal, 0.5 - equal, 0.01),
        "permutation": PermutationTest(0.001, 0.02, 0.001),
        "mcnemar": McNemarTest(7, 3, 0.34375),
    }
    return PairedComparison("LSTM", "k-mers", metric, grouped, **(parts | changes))


def compare_predictions(y, first, second, *, n_folds=2, metric="accuracy"):
    """Test two models that always predict the same, on folds of every n_folds-th sequence."""
    labels = np.array([y, first, second])
    parts = [np.arange(fold, len(y), n_folds) for fold in range(n_folds)]
    scores = [[(labels[0] == row)[part].mean() for part in parts] for row in labels[1:]]
    n_test = np.array([len(part) for part in parts])
    return run_tests(
        ("LSTM", "k-mers"),
        metric,
        np.array(scores),
        len(y) - n_test,
        n_test,
        labels,
        parts,
        rope=0.01,
        grouped=False,
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


@pytest.mark.parametrize(
    ("folds", "sequences", "relation"),
    [
        (0.01, 0.01, "better than"),
        (0.01, 0.2, "not distinguishable from"),
        (0.2, 0.01, "not distinguishable from"),
        (0.01, np.nan, "better than"),
    ],
)
def test_better_needs_the_folds_and_the_sequences(folds, sequences, relation):
    permutation = PermutationTest(sequences, 0.02, 0.01)
    test = paired(difference=0.1, p_value=folds, permutation=permutation)
    assert f"LSTM is {relation} k-mers" in test.verdict()
    assert test.p_value == np.nanmax([folds, sequences])


@pytest.mark.parametrize(("margin", "expected"), [(0.02, 0.04), (0.07, 0.07), (np.nan, 0.04)])
def test_interval_is_the_wider_one(margin, expected):
    test = paired(difference=0.1, permutation=PermutationTest(0.2, margin, 0.01))
    assert test.interval == pytest.approx((0.1 - expected, 0.1 + expected))


def test_sequences_decide_alone_if_the_t_test_is_undefined():
    test = paired(t_test=UNDEFINED, posterior=NO_POSTERIOR, permutation=PermutationTest(0, 0.02, 1))
    assert "LSTM is better than k-mers" in test.verdict()
    assert "(accuracy difference 0.010, 95 % interval -0.010 to 0.030)" in test.verdict()
    lines = str(test).splitlines()
    assert lines[1:3] == [
        "  corrected t test   undefined, since the scores differ equally on all folds",
        "  probability        undefined, since the scores differ equally on all folds",
    ]


def test_interval_is_unknown_if_no_test_is_defined():
    test = paired(
        t_test=UNDEFINED, posterior=NO_POSTERIOR, permutation=NO_PERMUTATION, metric="roc_auc"
    )
    assert "LSTM is practically equal to k-mers" not in test.verdict()
    assert "LSTM is not distinguishable from k-mers" in test.verdict()
    assert "(ROC AUC difference 0.010, 95 % interval unknown)" in test.verdict()
    assert np.isnan(test.p_value)
    assert "  permutation test   needs predicted classes, but ROC AUC has probabilities" in str(
        test
    )


def test_same_difference_on_two_small_folds_is_no_proof():
    # The first model gets one more sequence right on each fold.
    y = np.arange(16) % 2
    first, second = y.copy(), y.copy()
    first[:4] = 1 - y[:4]
    second[:6] = 1 - y[:6]
    test = compare_predictions(y, first, second)
    assert test.t_test.difference == 0.125
    assert test.mcnemar == McNemarTest(2, 0, 0.5)
    assert "LSTM is not distinguishable from k-mers" in test.verdict()
    assert test.interval == pytest.approx((0, 0.25))


def test_same_difference_on_two_large_folds_is_a_difference():
    y = np.arange(60) % 2
    test = compare_predictions(y, y, np.where(np.arange(60) < 20, 1 - y, y))
    assert np.isnan(test.t_test.p_value)
    assert "LSTM is better than k-mers" in test.verdict()
    assert test.interval[0] > 0


@pytest.mark.parametrize(
    ("metric", "n_samples", "relation"),
    [
        ("accuracy", 8, "not distinguishable from"),
        ("accuracy", 195, "not distinguishable from"),
        ("accuracy", 196, "practically equal to"),
        ("matthews_corrcoef", 391, "not distinguishable from"),
        ("matthews_corrcoef", 392, "practically equal to"),
    ],
)
def test_few_sequences_never_make_models_practically_equal(metric, n_samples, relation):
    y = np.arange(n_samples) % 2
    test = compare_predictions(y, y, y, metric=metric)
    assert test.permutation.p_value == 1
    assert f"LSTM is {relation} k-mers" in test.verdict()


def test_practical_equality_outweighs_a_small_p_value():
    verdict = paired(difference=0.001, equal=0.96, p_value=0.01).verdict()
    assert "LSTM is practically equal to k-mers" in verdict


def test_practical_equality_needs_sequences_that_resolve_it():
    permutation = PermutationTest(0.8, 0.1, 0.05)
    verdict = paired(difference=0, equal=0.96, permutation=permutation).verdict()
    assert "LSTM is not distinguishable from k-mers" in verdict


def test_small_negative_difference_is_printed_without_sign():
    assert "difference 0.000" in paired(difference=-0.0001).verdict()


def test_text_lists_all_tests():
    lines = str(paired()).splitlines()
    assert lines[1:] == [
        "  corrected t test   t(4) = 0.62, p = 0.400, effect size 0.31",
        "  probability        LSTM better 0.50, within ±0.01 0.30, k-mers better 0.20",
        "  permutation test   p = 0.001, 95 % interval ±0.020",
        "  McNemar test       right only by LSTM 7, only by k-mers 3, p = 0.344",
        "                     (the last two treat relatives as independent, so p is too small)",
    ]
    assert len(str(paired(grouped=False)).splitlines()) == 5
    turned = str(paired(metric="log_loss", p_value=1e-9))
    assert "LSTM better 0.20, within ±0.01 0.30, k-mers better 0.50" in turned
    assert "p < 0.001" in turned


def test_note_follows_the_verdict():
    verdict = paired(note="Calibrate the LSTM").verdict()
    assert verdict == f"{paired().verdict()}. Calibrate the LSTM"


@pytest.mark.parametrize(
    ("scoring", "metric"),
    [
        (("accuracy", "matthews_corrcoef"), "matthews_corrcoef"),
        (("f1_macro", "accuracy"), "f1_macro"),
    ],
)
def test_default_score_is_the_matthews_correlation_or_the_first(scoring, metric):
    comparison = compare_models(MODELS, X, Y, cv=2, scoring=scoring)
    assert comparison.scoring == scoring
    assert comparison.test("position", "majority").metric == metric
    assert comparison.verdict("position", "majority") == comparison.verdict(
        "position", "majority", metric=metric
    )
