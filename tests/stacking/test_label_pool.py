"""Pools of labels, small enough to work out by hand."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit, log_expit, logit

from sklearn_protlstm._labels.matrix import UNKNOWN
from sklearn_protlstm.stacking._label_pool import (
    LabelPool,
    clip_label_log,
    fit_label_pool,
    log_odds,
    penalized_label_loss,
)
from sklearn_protlstm.stacking._pool import FLOOR, cross_fit, fit_pool


def random_labels(seed=0, n_samples=60, n_labels=3):
    """Log-probabilities of two members, of which the first knows more, and the labels."""
    rng = np.random.RandomState(seed)
    truth = rng.normal(size=(n_samples, n_labels))
    odds = np.array([truth, rng.normal(size=truth.shape)]) * 1.5
    codes = (truth + rng.logistic(size=truth.shape) > 0.5).astype(np.uint8)
    return log_expit(odds), codes, rng


def fit(log_probas, codes):
    return fit_label_pool(log_probas, codes, np.ones(len(codes)))


def test_log_odds_of_certain_probabilities():
    probabilities = np.array([0.0, 1e-9, 0.5, 0.9, 1.0])
    expected = logit([FLOOR, FLOOR, 0.5, 0.9, 1 - FLOOR])
    np.testing.assert_allclose(log_odds(clip_label_log(probabilities)), expected, atol=1e-12)


def test_pool_is_the_weighted_sum_of_log_odds():
    pool = LabelPool(np.array([2.0, 0.5]), np.array([0.0, 1.0]))
    members = clip_label_log([[[0.5, 0.5]], [[0.8, 0.2]]])
    expected = [[0.5 * np.log(4), 1 - 0.5 * np.log(4)]]
    np.testing.assert_allclose(pool.logits(members), expected)
    np.testing.assert_allclose(np.exp(pool.combine(members)), expit(expected))


def test_a_label_is_pooled_like_two_classes():
    log_probas, codes, _ = random_labels(n_labels=1)
    pool = fit(log_probas, codes)
    of_two = np.stack([np.log1p(-np.exp(log_probas[..., 0])), log_probas[..., 0]], axis=-1)
    classes = fit_pool(of_two, codes[:, 0].astype(int), np.ones((60, 2), dtype=bool), np.ones(60))
    assert classes.doubt < 1e-4
    np.testing.assert_allclose(pool.weights, classes.weights, atol=0.05)
    np.testing.assert_allclose(pool.bias, classes.bias[1] - classes.bias[0], atol=0.05)


def test_random_member_has_no_weight():
    log_probas, codes, _ = random_labels(n_samples=3000)
    pool = fit(log_probas, codes)
    # Labels are drawn with the log-odds truth - 0.5, and the member predicts 1.5 * truth.
    np.testing.assert_allclose(pool.weights, [1 / 1.5, 0], atol=0.05)
    np.testing.assert_allclose(pool.bias, -0.5, atol=0.15)


def test_bias_recovers_the_frequency_of_each_label():
    codes = (np.arange(10_000) % 10 < np.array([[9], [5], [1]])).T.astype(np.uint8)
    uniform = np.full((1, 10_000, 3), np.log(0.5))
    pool = fit(uniform, codes)
    np.testing.assert_allclose(np.exp(pool.combine(uniform[:, :1])), [[0.9, 0.5, 0.1]], atol=0.001)


def test_unknown_labels_do_not_count():
    log_probas, codes, rng = random_labels(n_labels=1)
    unknown = rng.uniform(size=60) < 0.3
    without = fit(log_probas[:, ~unknown], codes[~unknown])
    codes[unknown] = UNKNOWN
    pool = fit(log_probas, codes)
    np.testing.assert_allclose(pool.weights, without.weights, atol=1e-6)
    np.testing.assert_allclose(pool.bias, without.bias, atol=1e-6)


def test_weight_of_two_is_the_same_sample_twice():
    log_probas, codes, rng = random_labels()
    codes[rng.uniform(size=codes.shape) < 0.2] = UNKNOWN
    times = rng.randint(1, 4, size=60)
    weighted = fit_label_pool(log_probas, codes, times.astype(float))
    repeated = fit(np.repeat(log_probas, times, axis=1), np.repeat(codes, times, axis=0))
    np.testing.assert_allclose(weighted.weights, repeated.weights, atol=1e-5)
    np.testing.assert_allclose(weighted.bias, repeated.bias, atol=1e-5)


def test_without_evidence_every_member_counts_the_same():
    uniform = np.full((4, 10, 2), np.log(0.5))
    pool = fit(uniform, np.tile([[0, 1], [1, 0]], (5, 1)).astype(np.uint8))
    np.testing.assert_allclose(pool.weights, 0.25, atol=1e-6)
    np.testing.assert_allclose(pool.bias, 0, atol=1e-6)


def test_weights_are_not_negative():
    log_probas, codes, _ = random_labels()
    assert (fit(np.log1p(-np.exp(log_probas[:1])), codes).weights == 0).all()


def test_gradient_equals_finite_differences():
    log_probas, codes, rng = random_labels()
    codes[rng.uniform(size=codes.shape) < 0.2] = UNKNOWN
    parts = log_odds(log_probas), codes, rng.uniform(size=60)
    error = check_grad(
        lambda parameters: penalized_label_loss(parameters, *parts)[0],
        lambda parameters: penalized_label_loss(parameters, *parts)[1],
        rng.uniform(size=5),
    )
    assert error < 1e-6


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_cross_fit_pools_a_fold_with_the_weights_of_the_others(fold):
    log_probas, codes, _ = random_labels()
    test = np.arange(60) % 3 == fold
    sample_weight = np.linspace(0.1, 1, 60)
    pooled = cross_fit(fit_label_pool, log_probas, np.arange(60) % 3, codes, sample_weight)
    pool = fit_label_pool(log_probas[:, ~test], codes[~test], sample_weight[~test])
    np.testing.assert_array_equal(pooled[test], pool.combine(log_probas[:, test]))
