"""Pools small enough to work out by hand."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from sklearn_protlstm.stacking._pool import (
    FLOOR,
    LogLinearPool,
    clip_log,
    cross_fit,
    fit_pool,
    penalized_loss,
)


def member(right, wrong, codes, is_right):
    """Log-probabilities of two classes: `right` for the true class where it is right."""
    truth = np.where(is_right, right, wrong)
    columns = np.where(codes == 1, truth, 1 - truth)
    return np.log(np.column_stack([1 - columns, columns]))


def fit(log_probas, codes, known=None):
    log_probas = np.array(log_probas)
    known = np.ones(log_probas.shape[1:], dtype=bool) if known is None else known
    return fit_pool(log_probas, codes, known, np.ones(len(codes)))


CODES = np.tile([0, 0, 1, 1], 250)
ALWAYS = np.ones(1000, dtype=bool)
HALF = np.tile([True, False], 500)


def test_random_member_has_no_weight():
    # The second member is right in half of the cases, and always nearly certain.
    good = member(0.8, 0.2, CODES, np.arange(1000) < 900)
    random = member(0.95, 0.05, CODES, HALF)
    pool = fit([good, random], CODES)
    assert pool.weights[0] > 1
    assert pool.weights[1] < 0.002
    np.testing.assert_allclose(pool.bias, 0, atol=1e-6)
    misleading = member(0.95, 0.05, CODES, HALF & (np.arange(1000) < 960))
    assert fit([good, misleading], CODES).weights[1] == 0


def test_equal_members_have_equal_weights():
    is_right = np.arange(1000) % 10 < 8
    one = member(0.8, 0.2, CODES, is_right)
    pool = fit([one, one], CODES)
    np.testing.assert_allclose(pool.weights[0], pool.weights[1], rtol=1e-6)
    # Together they say what one of them says: 80 % are right.
    np.testing.assert_allclose(pool.weights.sum(), 1, atol=0.01)


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_single_weight_is_the_inverse_temperature(share):
    is_right = np.arange(1000) % 10 < 10 * share
    pool = fit([member(0.8, 0.2, CODES, is_right)], CODES)
    expected = np.log(share / (1 - share)) / np.log(0.8 / 0.2)
    np.testing.assert_allclose(pool.weights, expected, atol=0.01)
    pooled = np.exp(pool.combine(member(0.8, 0.2, CODES, ALWAYS)[np.newaxis]))
    np.testing.assert_allclose(pooled.max(axis=1), share, atol=0.01)


def test_bias_recovers_the_class_frequencies():
    codes = np.repeat([0, 1, 2], [6000, 3000, 1000])
    uniform = np.full((1, len(codes), 3), -np.log(3))
    pool = fit(uniform, codes)
    pooled = np.exp(pool.combine(uniform[:, :1]))
    np.testing.assert_allclose(pooled, [[0.6, 0.3, 0.1]], atol=0.001)
    assert abs(pool.bias.sum()) < 1e-12


def test_without_evidence_every_member_counts_the_same():
    uniform = np.full((4, 10, 2), np.log(0.5))
    pool = fit(uniform, np.tile([0, 1], 5))
    np.testing.assert_allclose(pool.weights, 0.25, atol=1e-6)
    np.testing.assert_allclose(pool.bias, 0, atol=1e-6)


def test_weights_are_not_negative():
    always_wrong = member(0.9, 0.1, CODES, ~ALWAYS)
    assert fit([always_wrong], CODES).weights == 0


def random_pool(seed=0):
    rng = np.random.RandomState(seed)
    log_probas = np.log(rng.dirichlet(np.ones(4), size=(3, 30)))
    return log_probas, rng.randint(4, size=30), rng


def test_gradient_equals_finite_differences():
    log_probas, codes, rng = random_pool()
    known = rng.uniform(size=(30, 4)) < 0.8
    known[np.arange(30), codes] = True
    parts = log_probas, codes, known, rng.uniform(size=30)
    error = check_grad(
        lambda parameters: penalized_loss(parameters, *parts)[0],
        lambda parameters: penalized_loss(parameters, *parts)[1],
        rng.uniform(size=8),
    )
    assert error < 1e-6


def test_solution_is_the_minimum():
    log_probas, codes, rng = random_pool()
    known = np.ones((30, 4), dtype=bool)
    pool = fit_pool(log_probas, codes, known, np.ones(30))
    best = np.concatenate([pool.weights, pool.bias, [pool.doubt]])
    loss, _ = penalized_loss(best, log_probas, codes, known, np.ones(30))
    for _ in range(20):
        other = best + rng.normal(scale=0.1, size=8)
        other[:3] = other[:3].clip(min=0)
        other[7] = other[7].clip(1e-6, 0.99)
        assert penalized_loss(other, log_probas, codes, known, np.ones(30))[0] > loss


def test_a_shift_of_the_log_probabilities_changes_nothing():
    log_probas, codes, _ = random_pool()
    pool, shifted = (fit(given, codes) for given in (log_probas, log_probas - 2))
    np.testing.assert_allclose(shifted.weights, pool.weights, atol=1e-5)


def test_samples_of_a_class_that_the_fold_lacks_do_not_count():
    log_probas, codes, _ = random_pool()
    rare = codes == 3
    known = np.ones((30, 4), dtype=bool)
    known[rare, 3] = False
    pool = fit_pool(log_probas, codes, known, np.ones(30))
    without = fit(log_probas[:, ~rare, :3], codes[~rare])
    np.testing.assert_allclose(pool.weights, without.weights, atol=1e-6)
    np.testing.assert_allclose(pool.bias, [*without.bias, 0], atol=1e-6)


def test_labels_of_a_fold_do_not_change_its_weights():
    log_probas, codes, _ = random_pool()
    known = np.ones((30, 4), dtype=bool)
    folds = np.arange(30) % 3
    other = np.where(folds == 1, (codes + 1) % 4, codes)
    before, after = (
        cross_fit(fit_pool, log_probas, folds, labels, known, np.ones(30))
        for labels in (codes, other)
    )
    np.testing.assert_array_equal(before[folds == 1], after[folds == 1])
    assert (before[folds != 1] != after[folds != 1]).all()


def test_cross_fit_pools_a_fold_with_the_weights_of_the_others():
    log_probas, codes, _ = random_pool()
    known = np.ones((30, 4), dtype=bool)
    folds = np.arange(30) % 3
    sample_weight = np.linspace(0.1, 1, 30)
    pooled = cross_fit(fit_pool, log_probas, folds, codes, known, sample_weight)
    rest = folds != 2
    pool = fit_pool(log_probas[:, rest], codes[rest], known[rest], sample_weight[rest])
    np.testing.assert_array_equal(pooled[~rest], pool.combine(log_probas[:, ~rest]))


def test_weight_of_two_is_the_same_sample_twice():
    log_probas, codes, rng = random_pool()
    times = rng.randint(1, 4, size=30)
    known = np.ones((30, 4), dtype=bool)
    weighted = fit_pool(log_probas, codes, known, times.astype(float))
    repeated = fit(np.repeat(log_probas, times, axis=1), np.repeat(codes, times))
    np.testing.assert_allclose(weighted.weights, repeated.weights, atol=1e-5)
    np.testing.assert_allclose(weighted.bias, repeated.bias, atol=1e-5)
    np.testing.assert_allclose(weighted.doubt, repeated.doubt, atol=1e-5)


def test_doubt_is_the_share_of_which_members_know_nothing():
    # Four of five are recognized with certainty, the others are drawn at random.
    codes = np.tile([0, 0, 1, 1], 500)
    is_right = (np.arange(2000) < 1600) | (np.arange(2000) % 2 == 0)
    pool = fit([member(0.999, 0.001, codes, is_right)], codes)
    assert pool.doubt == pytest.approx(0.2, abs=0.01)
    pooled = np.exp(pool.combine(member(0.999, 0.001, codes, is_right)[np.newaxis]))
    np.testing.assert_allclose(pooled.max(axis=1), 0.9, atol=0.01)


def test_doubt_is_shared_by_all_classes():
    pool = LogLinearPool(np.ones(1), np.zeros(4), doubt=0.2)
    pooled = np.exp(pool.combine(np.log([[[0.7, 0.1, 0.1, 0.1]]])))
    np.testing.assert_allclose(pooled, [[0.61, 0.13, 0.13, 0.13]])


def test_doubt_needs_evidence():
    codes = np.tile([0, 1], 10)
    assert fit([member(0.9, 0.1, codes, np.ones(20, dtype=bool))], codes).doubt < 1e-3


def test_pool_is_a_weighted_geometric_mean():
    pool = LogLinearPool(np.array([0.5, 0.5]), np.zeros(2))
    pooled = np.exp(pool.combine(np.log([[[0.9, 0.1]], [[0.5, 0.5]]])))
    np.testing.assert_allclose(pooled, [[0.75, 0.25]])


def test_certain_members_stay_finite():
    np.testing.assert_allclose(clip_log(np.float32([0, 1])), [np.log(FLOOR), 0])
    certain = clip_log([[[0.0, 1.0]], [[1.0, 0.0]]])
    pool = LogLinearPool(np.array([1.0, 1.0]), np.zeros(2))
    np.testing.assert_allclose(np.exp(pool.combine(certain)), [[0.5, 0.5]])
