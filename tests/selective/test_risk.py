"""Thresholds that reach a precision on new families, as often as promised."""

import numpy as np
import pytest
from scipy.stats import binomtest

from sklearn_protlstm.selective._risk import RiskCurve, make_curve


def curve_of(scores, correct, families=None, expected=None, is_barred=None):
    families = np.arange(len(scores)) if families is None else families
    return make_curve(
        np.asarray(scores, dtype=float),
        np.asarray(correct, dtype=bool),
        np.asarray(scores if expected is None else expected, dtype=float),
        np.zeros(len(scores), dtype=bool) if is_barred is None else is_barred,
        families,
    )


def test_points_of_a_curve():
    scores = [0.9, 0.8, 0.7, 0.6]
    curve = curve_of(scores, [True, False, True, True], families=np.array([0, 0, 1, 2]))
    np.testing.assert_array_equal(curve.thresholds, [0.9, 0.7, 0.0])
    np.testing.assert_array_equal(curve.coverage, [0.25, 0.75, 1])
    np.testing.assert_array_equal(curve.n_families, [1, 2, 3])
    # One of two proteins of family 0 is correct.
    np.testing.assert_allclose(curve.n_correct, [1, 1.5, 2.5])
    np.testing.assert_allclose(curve.n_expected, [0.9, 1.55, 2.15])
    np.testing.assert_allclose(curve.precision, [1, 0.75, 2.5 / 3])


def test_barred_samples_get_no_answer():
    curve = curve_of([0.9, 0.8], [True, False], is_barred=np.array([False, True]))
    assert curve.coverage[-1] == 0.5
    assert curve.precision[-1] == 1


def test_curve_without_any_answer():
    curve = curve_of([0.9, 0.8], [True, False], is_barred=np.ones(2, dtype=bool))
    assert curve.choose(0.1, 0.9) is None
    assert np.isnan(curve.precision).all()
    assert curve.best_precision(0.9) == 0


@pytest.mark.parametrize(("n_correct", "n"), [(0, 5), (3, 5), (5, 5), (70, 90)])
def test_lower_bound_is_that_of_clopper_and_pearson(n_correct, n):
    curve = RiskCurve(np.zeros(1), np.ones(1), np.array([n]), np.array([n_correct]), np.zeros(1))
    interval = binomtest(n_correct, n, alternative="greater").proportion_ci(0.9, "exact")
    np.testing.assert_allclose(curve.lower_bound(0.9), interval.low, atol=1e-12)


def test_everything_is_answered_if_the_precision_allows_it():
    scores, correct = np.linspace(0.6, 0.9, 100), np.arange(100) % 10 > 0
    curve = curve_of(scores, correct, expected=np.full(100, 0.9))
    assert curve.thresholds[curve.choose(0.8, 0.9)] == 0


def test_precision_of_zero_answers_everything():
    curve = curve_of([0.9, 0.8], [False, False])
    assert curve.thresholds[curve.choose(0, 0.9)] == 0


def test_threshold_separates_good_from_bad_scores():
    scores = np.linspace(0.99, 0.01, 300)
    curve = curve_of(scores, scores > 0.5)
    index = curve.choose(0.9, 0.9)
    assert 0.4 < curve.thresholds[index] < 0.55
    assert curve.lower_bound(0.9)[index] >= 0.9


def test_best_precision_can_be_chosen_and_the_next_step_cannot():
    scores = np.linspace(0.9, 0.5, 200)
    curve = curve_of(scores, np.random.RandomState(0).uniform(size=200) < scores)
    best = curve.best_precision(0.9)
    assert curve.choose(best, 0.9) is not None
    assert curve.choose(best + 0.01, 0.9) is None


def share_of_broken_promises(n_runs, size, asked, *, count_families, offset=0.0):
    """Draw families whose proteins are all correct or all wrong, and choose thresholds.

    The probability of a correct answer is the score. So the precision of a threshold is known.
    """
    rng = np.random.RandomState(0)
    n_broken = 0
    population = rng.uniform(0.3, 0.95, size=200_000)
    for _ in range(n_runs):
        scores = rng.uniform(0.3, 0.95, size=150)
        correct = rng.uniform(size=150) < scores
        families = np.repeat(np.arange(150), size)
        curve = curve_of(
            scores[families],
            correct[families],
            families if count_families else None,
            expected=np.clip(scores[families] + offset, 0, 1),
        )
        index = curve.choose(asked, 0.9)
        if index is not None:
            n_broken += population[population >= curve.thresholds[index]].mean() < asked
    return n_broken / n_runs


@pytest.mark.parametrize("offset", [0, 0.2, -0.2])
def test_promise_is_broken_in_one_of_ten_cases_at_most(offset):
    # The probabilities decide where the tests start, but need not be calibrated.
    shares = [
        share_of_broken_promises(150, 2, asked, count_families=True, offset=offset)
        for asked in (0.6, 0.7, 0.8)
    ]
    assert max(shares) <= 0.12


def test_proteins_of_a_family_are_not_independent():
    assert share_of_broken_promises(150, 12, 0.8, count_families=True) <= 0.12
    assert share_of_broken_promises(150, 12, 0.8, count_families=False) >= 0.2
