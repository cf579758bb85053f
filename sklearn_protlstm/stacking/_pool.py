"""Log-linear pool: one probability from several, with weights fitted by maximum likelihood."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

__all__ = ["LogLinearPool", "clip_log", "cross_fit", "fit_pool"]

# A member that is certain and wrong would otherwise have an infinite loss.
FLOOR = 1e-7

# Precision of the normal prior of weights and biases: as strong as a few sequences.
_PRECISION = 1.0


@dataclass(frozen=True)
class LogLinearPool:
    """Weighted sum of log-probabilities plus a bias for each class, normalized.

    Parameters
    ----------
    weights : ndarray of shape (n_members,), dtype float64
        Non-negative weights.
    bias : ndarray of shape (n_classes,), dtype float64
        Biases, with a sum of 0.
    """

    weights: np.ndarray
    bias: np.ndarray

    def combine(self, log_probabilities):
        """Pool the members.

        Parameters
        ----------
        log_probabilities : ndarray of shape (n_members, n_samples, n_classes), dtype float64
            Finite log-probabilities of the members.

        Returns
        -------
        pooled : ndarray of shape (n_samples, n_classes), dtype float64
            Log-probabilities of the pool.
        """
        return log_softmax(np.tensordot(self.weights, log_probabilities, 1) + self.bias, axis=1)


def clip_log(probabilities):
    """Logarithm of probabilities that are at least `FLOOR`, in double precision."""
    return np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), FLOOR))


def fit_pool(log_probabilities, codes, known):
    """Fit weights and biases by maximum likelihood.

    A normal prior draws the weights to 1 / n_members and the biases to 0. The loss is convex.

    A sample counts only if its class was in the training part of its fold, and it is compared
    only with classes of that part. Members are not to blame for classes they never saw.

    Parameters
    ----------
    log_probabilities : ndarray of shape (n_members, n_samples, n_classes), dtype float64
        Out-of-fold log-probabilities of the members.
    codes : ndarray of shape (n_samples,), dtype int64
        True classes.
    known : ndarray of shape (n_samples, n_classes), dtype bool
        Whether the training part of the sample's fold has the class.

    Returns
    -------
    pool : LogLinearPool
        Weights and biases. A class without a sample that counts has the mean bias, 0.
    """
    counts = known[np.arange(len(codes)), codes]
    log_probabilities, codes, known = log_probabilities[:, counts], codes[counts], known[counts]
    n_members, _, n_classes = log_probabilities.shape
    known = known & (np.bincount(codes, minlength=n_classes) > 0)
    start = np.concatenate([np.full(n_members, 1 / n_members), np.zeros(n_classes)])
    result = minimize(
        penalized_loss,
        start,
        args=(log_probabilities, codes, known),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * n_members + [(None, None)] * n_classes,
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
    )
    weights, bias = np.split(result.x, [n_members])
    return LogLinearPool(weights, bias - bias.mean())


def penalized_loss(parameters, log_probabilities, codes, known):
    """Mean negative log-likelihood with the prior, and its gradient.

    `parameters` are the weights, followed by the biases.
    """
    n_members, n_samples, _ = log_probabilities.shape
    weights, bias = np.split(parameters, [n_members])
    logits = np.tensordot(weights, log_probabilities, 1) + bias
    logits[~known] = -np.inf
    rows = np.arange(n_samples)
    loss = -log_softmax(logits, axis=1)[rows, codes].sum()
    residuals = softmax(logits, axis=1)
    residuals[rows, codes] -= 1
    gradient = np.concatenate(
        [np.tensordot(log_probabilities, residuals, 2), residuals.sum(axis=0)]
    )
    offsets = parameters.copy()
    offsets[:n_members] -= 1 / n_members
    loss += _PRECISION / 2 * offsets @ offsets
    gradient += _PRECISION * offsets
    return loss / n_samples, gradient / n_samples


def cross_fit(log_probabilities, codes, known, folds):
    """Pool each fold with weights that are fitted on the other folds.

    Parameters
    ----------
    log_probabilities, codes, known : ndarray
        As in :func:`fit_pool`.
    folds : ndarray of shape (n_samples,), dtype int64
        Number of the fold that tests each sample.

    Returns
    -------
    pooled : ndarray of shape (n_samples, n_classes), dtype float64
        Log-probabilities of the pools.
    """
    pooled = np.empty(log_probabilities.shape[1:])
    for fold in np.unique(folds):
        test = folds == fold
        pool = fit_pool(log_probabilities[:, ~test], codes[~test], known[~test])
        pooled[test] = pool.combine(log_probabilities[:, test])
    return pooled
