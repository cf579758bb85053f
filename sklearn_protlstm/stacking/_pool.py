"""Log-linear pool with doubt: one probability from several, fitted by maximum likelihood."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

__all__ = ["FLOOR", "PRECISION", "LogLinearPool", "clip_log", "cross_fit", "fit_pool"]

# A member that is certain and wrong would otherwise have an infinite loss.
FLOOR = 1e-7

# Precision of the normal prior of weights and biases: as strong as a few sequences.
PRECISION = 1.0

# The prior of the doubt, as a number of sequences that the members know something about.
_KNOWN_SEQUENCES = 2.0

# Doubt at which the search starts, and its limits. Without any doubt, a member that is certain and
# wrong would have a likelihood of 0.
_FIRST_DOUBT = 0.05
_DOUBTS = 1e-6, 0.99


@dataclass(frozen=True)
class LogLinearPool:
    """Weighted sum of log-probabilities plus a bias for each class, normalized, with doubt.

    A share of the samples, the doubt, has a class that the members cannot know. Without it, a few
    confident errors would make the pool too cautious about all other samples.

    Parameters
    ----------
    weights : ndarray of shape (n_members,), dtype float64
        Non-negative weights.
    bias : ndarray of shape (n_classes,), dtype float64
        Biases, with a sum of 0.
    doubt : float, default=0.0
        Share of probability that all classes have alike, from 0 to below 1.
    """

    weights: np.ndarray
    bias: np.ndarray
    doubt: float = 0.0

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
        sure = log_softmax(np.tensordot(self.weights, log_probabilities, 1) + self.bias, axis=1)
        share = self.doubt / len(self.bias)
        return np.log((1 - self.doubt) * np.exp(sure) + share) if self.doubt else sure


def clip_log(probabilities):
    """Logarithm of probabilities that are at least `FLOOR`, in double precision."""
    return np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), FLOOR))


def fit_pool(log_probabilities, codes, known, sample_weight):
    """Fit weights, biases and doubt by maximum likelihood.

    A normal prior draws the weights to 1 / n_members and the biases to 0, and a beta prior the
    doubt to 0. The loss is convex in the weights and biases if the doubt is 0.

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
    sample_weight : ndarray of shape (n_samples,), dtype float64
        How much each sample counts. The priors count as whole samples.

    Returns
    -------
    pool : LogLinearPool
        Weights, biases and doubt. A class without a sample that counts has the mean bias, 0.
    """
    counts = known[np.arange(len(codes)), codes]
    log_probabilities, sample_weight = log_probabilities[:, counts], sample_weight[counts]
    codes, known = codes[counts], known[counts]
    n_members, _, n_classes = log_probabilities.shape
    known = known & (np.bincount(codes, minlength=n_classes) > 0)
    start = np.concatenate([np.full(n_members, 1 / n_members), np.zeros(n_classes), [_FIRST_DOUBT]])
    result = minimize(
        penalized_loss,
        start,
        args=(log_probabilities, codes, known, sample_weight),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * n_members + [(None, None)] * n_classes + [_DOUBTS],
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
    )
    weights, bias, doubt = np.split(result.x, [n_members, n_members + n_classes])
    return LogLinearPool(weights, bias - bias.mean(), float(doubt[0]))


def penalized_loss(parameters, log_probabilities, codes, known, sample_weight):
    """Weighted mean of the negative log-likelihood with the prior, and its gradient.

    `parameters` are the weights, followed by the biases and the doubt.
    """
    n_members, n_samples, _ = log_probabilities.shape
    weights, bias, doubt = parameters[:n_members], parameters[n_members:-1], parameters[-1]
    logits = np.tensordot(weights, log_probabilities, 1) + bias
    logits[~known] = -np.inf
    sure = softmax(logits, axis=1)
    of_class = sure[np.arange(n_samples), codes]
    unsure = 1 / known.sum(axis=1)
    likelihoods = (1 - doubt) * of_class + doubt * unsure
    # A sample whose probability comes from the doubt says little about the weights.
    counts = sample_weight * (1 - doubt) * of_class / likelihoods
    residuals = sure
    residuals[np.arange(n_samples), codes] -= 1
    residuals *= counts[:, np.newaxis]
    offsets = np.concatenate([weights - 1 / n_members, bias])
    loss = (
        -(sample_weight * np.log(likelihoods)).sum()
        + PRECISION / 2 * offsets @ offsets
        - _KNOWN_SEQUENCES * np.log1p(-doubt)
    )
    gradient = np.concatenate(
        [np.tensordot(log_probabilities, residuals, 2), residuals.sum(axis=0), [0]]
    )
    gradient[:-1] += PRECISION * offsets
    gradient[-1] = (sample_weight * (of_class - unsure) / likelihoods).sum()
    gradient[-1] += _KNOWN_SEQUENCES / (1 - doubt)
    return loss / sample_weight.sum(), gradient / sample_weight.sum()


def cross_fit(fit, log_probabilities, folds, *columns):
    """Pool each fold with weights that are fitted on the other folds.

    Parameters
    ----------
    fit : callable
        :func:`fit_pool` or the like for labels. Takes `log_probabilities` and the `columns`.
    log_probabilities : ndarray of shape (n_members, n_samples, n_classes), dtype float64
        Out-of-fold log-probabilities of the members.
    folds : ndarray of shape (n_samples,), dtype int64
        Number of the fold that tests each sample.
    *columns : ndarray of shape (n_samples, ...)
        Codes, and what else `fit` takes for each sample.

    Returns
    -------
    pooled : ndarray of shape (n_samples, n_classes), dtype float64
        Log-probabilities of the pools.
    """
    pooled = np.empty(log_probabilities.shape[1:])
    for fold in np.unique(folds):
        test = folds == fold
        pool = fit(log_probabilities[:, ~test], *(column[~test] for column in columns))
        pooled[test] = pool.combine(log_probabilities[:, test])
    return pooled
