"""Significance tests: values computed by hand, published formulas and false positive rates."""

import math

import numpy as np
import pytest
from scipy import stats

from sklearn_protlstm.significance import (
    bayesian_correlated_t_test,
    corrected_t_test,
    mcnemar_test,
)

SIZES = {"n_train": 60, "n_test": 30}


def test_corrected_t_test_gives_the_values_computed_by_hand():
    # Differences 0.2, 0.1, 0: mean 0.1, variance 0.01; (1/3 + 1/2) 0.01 = 1/120.
    test = corrected_t_test([0.9, 0.8, 0.9], [0.7, 0.7, 0.9], **SIZES)
    assert test.difference == pytest.approx(0.1)
    assert test.statistic == pytest.approx(0.1 * math.sqrt(120))
    assert test.df == 2
    # With 2 degrees of freedom, P(|T| > t) = 1 - t / sqrt(2 + t²); t² = 1.2 here.
    assert test.p_value == pytest.approx(1 - math.sqrt(1.2 / 3.2))
    assert test.effect_size == pytest.approx(1)
    # The 0.975 quantile with 2 degrees of freedom is 4.30265 in any table.
    margin = 4.30265 / math.sqrt(120)
    assert test.interval == pytest.approx((0.1 - margin, 0.1 + margin), abs=1e-6)


def test_corrected_t_test_follows_the_scikit_learn_example():
    # t of "Statistical comparison of models using grid search", for 10 x 10-fold
    rng = np.random.RandomState(0)
    first, second = 0.9 + 0.03 * rng.randn(2, 100)
    x = first - second
    t = x.mean() / math.sqrt((1 / 100 + 10 / 90) * x.var(ddof=1))
    test = corrected_t_test(first, second, n_train=90, n_test=10)
    assert test.statistic == pytest.approx(t)
    assert test.p_value == pytest.approx(2 * stats.t.sf(abs(t), 99))


def test_corrected_t_test_without_overlap_is_the_ordinary_paired_t_test():
    rng = np.random.RandomState(0)
    first, second = rng.rand(2, 8)
    test = corrected_t_test(first, second, n_train=1e9, n_test=1e-9)
    ordinary = stats.ttest_rel(first, second)
    assert test.statistic == pytest.approx(ordinary.statistic)
    assert test.p_value == pytest.approx(ordinary.pvalue)
    assert test.interval == pytest.approx(tuple(ordinary.confidence_interval(0.95)))


def test_swapping_classifiers_flips_signs_and_lower_confidence_narrows_the_interval():
    first, second = [0.9, 0.8, 0.9], [0.7, 0.7, 0.9]
    there, back = (corrected_t_test(*pair, **SIZES) for pair in [(first, second), (second, first)])
    assert back.difference == pytest.approx(-there.difference)
    assert back.p_value == pytest.approx(there.p_value)
    assert back.interval == pytest.approx((-there.interval[1], -there.interval[0]))
    narrow = corrected_t_test(first, second, **SIZES, confidence=0.5)
    assert there.interval[0] < narrow.interval[0] < narrow.interval[1] < there.interval[1]


def test_more_repeats_hardly_increase_the_statistic():
    rng = np.random.RandomState(0)
    x = rng.randn(10) + 0.5
    once = corrected_t_test(x, 0 * x, n_train=90, n_test=10)
    often = corrected_t_test(np.tile(x, 1000), np.zeros(10_000), n_train=90, n_test=10)
    assert abs(often.statistic) < abs(once.statistic) * 1.5


@pytest.mark.parametrize("gap", [0, 0.1, -0.1])
def test_same_difference_on_all_folds_leaves_the_t_test_undefined(gap):
    # Rounding makes 0.9 - 0.8 and 0.8 - 0.7 differ in the last bit.
    first = np.array([0.9, 0.8, 0.7])
    test = corrected_t_test(first, first - gap, **SIZES)
    assert test.difference == pytest.approx(gap)
    assert test.df == 2
    undefined = [test.statistic, test.effect_size, test.p_value, *test.interval]
    assert np.isnan(undefined).all()


def test_bayesian_test_gives_the_values_computed_by_hand():
    # t distribution with 2 degrees of freedom: F(x) = 1/2 + x / (2 sqrt(2 + x²))
    def cdf(x):
        return 0.5 + x / (2 * math.sqrt(2 + x * x))

    scale = 1 / math.sqrt(120)
    posterior = bayesian_correlated_t_test([0.9, 0.8, 0.9], [0.7, 0.7, 0.9], **SIZES, rope=0.05)
    assert posterior.first_higher == pytest.approx(1 - cdf((0.05 - 0.1) / scale))
    assert posterior.second_higher == pytest.approx(cdf((-0.05 - 0.1) / scale))
    total = posterior.first_higher + posterior.equal + posterior.second_higher
    assert total == pytest.approx(1)
    assert posterior.rope == 0.05


def test_bayesian_test_follows_the_paper():
    # squared scale (1/n + rho/(1 - rho)) s², where rho = n_test / (n_train + n_test)
    rng = np.random.RandomState(0)
    first, second = 0.9 + 0.01 * rng.randn(2, 100)
    x, rho = first - second, 10 / 100
    scale = math.sqrt((1 / 100 + rho / (1 - rho)) * x.var(ddof=1))
    distribution = stats.t(99, x.mean(), scale)
    posterior = bayesian_correlated_t_test(first, second, n_train=90, n_test=10)
    assert posterior.equal == pytest.approx(distribution.cdf(0.01) - distribution.cdf(-0.01))
    assert posterior.first_higher == pytest.approx(distribution.sf(0.01))


def test_bayesian_test_with_rope_0_agrees_with_the_corrected_t_test():
    rng = np.random.RandomState(0)
    first, second = rng.rand(2, 10)
    posterior = bayesian_correlated_t_test(first, second, **SIZES, rope=0)
    test = corrected_t_test(first, second, **SIZES)
    assert posterior.equal == pytest.approx(0)
    wrong_side = min(posterior.first_higher, posterior.second_higher)
    assert 2 * wrong_side == pytest.approx(test.p_value)


@pytest.mark.parametrize("gap", [0.005, 0.1])
def test_same_difference_on_all_folds_leaves_the_probabilities_undefined(gap):
    first = np.array([0.9, 0.8, 0.7])
    posterior = bayesian_correlated_t_test(first, first - gap, **SIZES)
    probabilities = [posterior.first_higher, posterior.equal, posterior.second_higher]
    assert np.isnan(probabilities).all()


@pytest.mark.parametrize(
    ("only_first", "only_second", "p_value"),
    [
        (0, 0, 1),
        (1, 0, 1),
        (5, 0, 2 / 2**5),
        (1, 5, 2 * (1 + 6) / 2**6),
        (3, 3, 1),
    ],
)
def test_mcnemar_gives_the_values_computed_by_hand(only_first, only_second, p_value):
    right = [(1, 0)] * only_first + [(0, 1)] * only_second + [(1, 1)] * 7 + [(0, 0)] * 4
    first, second = np.array(right).T
    test = mcnemar_test(np.ones(len(right), dtype=int), first, second)
    assert (test.only_first, test.only_second) == (only_first, only_second)
    assert test.p_value == pytest.approx(p_value)


def test_mcnemar_counts_any_wrong_label_alike():
    test = mcnemar_test(["a", "b", "c"], ["b", "b", "c"], ["c", "a", "c"])
    assert (test.only_first, test.only_second) == (1, 0)


def test_mcnemar_with_different_lengths_raises():
    with pytest.raises(
        ValueError, match=r"y_true has shape \(2,\), but the predictions have shapes \(1,\) and"
    ):
        mcnemar_test(["a", "b"], ["a"], ["a", "b"])


both_t_tests = pytest.mark.parametrize("test", [corrected_t_test, bayesian_correlated_t_test])


@both_t_tests
@pytest.mark.parametrize("second", [[1], [[1, 2]], 1])
def test_scores_of_different_shapes_raise(test, second):
    with pytest.raises(ValueError, match="Pass one score per fold and classifier"):
        test([1, 2], second, **SIZES)


@both_t_tests
def test_one_fold_raises(test):
    with pytest.raises(ValueError, match=r"scores on at least two folds .* got 1 fold\(s\)"):
        test([1], [2], **SIZES)


@both_t_tests
@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_scores_that_are_not_finite_raise(test, score):
    with pytest.raises(ValueError, match=r"NaN or infinite\. For both classifiers, leave out"):
        test([1, score], [2, 2], **SIZES)


@both_t_tests
@pytest.mark.parametrize(("n_train", "n_test"), [(0, 1), (1, 0), (np.nan, 1)])
def test_part_sizes_that_are_not_positive_raise(test, n_train, n_test):
    with pytest.raises(
        ValueError, match=f"must be positive, got n_train={n_train} and n_test={n_test}"
    ):
        test([1, 2], [2, 2], n_train=n_train, n_test=n_test)


@pytest.mark.parametrize("confidence", [0, 1, 95, np.nan])
def test_confidence_that_is_not_between_0_and_1_raises(confidence):
    with pytest.raises(
        ValueError, match=f"confidence must be between 0 and 1, .* got {confidence}"
    ):
        corrected_t_test([1, 2], [2, 2], **SIZES, confidence=confidence)


@pytest.mark.parametrize("rope", [-0.1, np.nan])
def test_negative_rope_raises(rope):
    with pytest.raises(ValueError, match=f"rope is .* must not be negative, got {rope}"):
        bayesian_correlated_t_test([1, 2], [2, 2], **SIZES, rope=rope)


def scores_on_random_splits(rng, n_samples=100, n_splits=15, n_test=20):
    """Return accuracies of two equally good nearest-mean classifiers on the same splits.

    Each classifier has two features of its own, and all features are equally informative.
    """
    y = np.arange(n_samples) % 2
    X = rng.randn(2, n_samples, 2) + y[:, np.newaxis]
    is_test = np.argsort(rng.rand(n_splits, n_samples), axis=1) < n_test
    distances = []
    for label in (0, 1):
        weights = ~is_test * (y == label)
        means = np.einsum("sn,mnd->msd", weights / weights.sum(axis=1, keepdims=True), X)
        distances.append(((X[:, np.newaxis] - means[:, :, np.newaxis]) ** 2).sum(axis=-1))
    right = (distances[1] < distances[0]) == y
    return (right & is_test).sum(axis=-1) / n_test


def test_only_the_ordinary_t_test_has_too_many_false_positives():
    # The classifiers are equal on all 1000 data sets, so about 5 % should have p < 0.05.
    rng = np.random.RandomState(0)
    corrected, ordinary = [], []
    for _ in range(1000):
        first, second = scores_on_random_splits(rng)
        corrected.append(corrected_t_test(first, second, n_train=80, n_test=20).p_value < 0.05)
        ordinary.append(corrected_t_test(first, second, n_train=1e9, n_test=1e-9).p_value < 0.05)
    assert np.mean(corrected) <= 0.07
    assert np.mean(ordinary) > 0.25


def test_mcnemar_refuses_label_matrices():
    y = np.array([[1, 0], [0, 1]])
    message = r"y_true has shape \(2, 2\), but the test counts sequences\. For any number of labels"
    with pytest.raises(ValueError, match=message):
        mcnemar_test(y, y, y)
