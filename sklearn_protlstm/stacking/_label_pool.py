"""Log-linear pool of labels: one probability of each label from several, by maximum likelihood."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from sklearn_protlstm._labels.matrix import PRESENT, UNKNOWN
from sklearn_protlstm.stacking._pool import FLOOR, PRECISION

__all__ = ["LabelPool", "clip_label_log", "fit_label_pool", "log_odds"]


@dataclass(frozen=True)
class LabelPool:
    """Weighted sum of log-odds plus a bias for each label.

    With two classes, a :class:`LogLinearPool` without doubt is the same. All labels share the
    weights, because many labels are too rare to weigh the members.

    Parameters
    ----------
    weights : ndarray of shape (n_members,), dtype float64
        Non-negative weights.
    bias : ndarray of shape (n_classes,), dtype float64
        Bias of each label.
    """

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, log_probabilities):
        """Pool the log-probabilities of the members, (n_members, n_samples, n_classes)."""
        return np.tensordot(self.weights, log_odds(log_probabilities), 1) + self.bias

    def combine(self, log_probabilities):
        """Return log-probabilities of the pool, of shape (n_samples, n_classes)."""
        return log_expit(self.logits(log_probabilities))


def clip_label_log(probabilities):
    """Logarithm of probabilities that are at least `FLOOR`, and at most 1 - `FLOOR`."""
    return np.log(np.clip(probabilities, FLOOR, 1 - FLOOR))


def log_odds(log_probabilities):
    """Return log(p / (1 - p)) from log(p), which is below 0."""
    return log_probabilities - np.log(-np.expm1(log_probabilities))


def fit_label_pool(log_probabilities, codes, sample_weight):
    """Fit weights and biases by maximum likelihood, with the priors of :func:`fit_pool`.

    Parameters
    ----------
    log_probabilities : ndarray of shape (n_members, n_samples, n_classes), dtype float64
        Out-of-fold log-probabilities of the members.
    codes : ndarray of shape (n_samples, n_classes), dtype uint8
        ABSENT, PRESENT or UNKNOWN. Unknown labels do not count.
    sample_weight : ndarray of shape (n_samples,), dtype float64
        How much each sample counts.

    Returns
    -------
    pool : LabelPool
        Weights and biases.
    """
    odds = log_odds(log_probabilities)
    n_members, _, n_classes = odds.shape
    start = np.concatenate([np.full(n_members, 1 / n_members), np.zeros(n_classes)])
    result = minimize(
        penalized_label_loss,
        start,
        args=(odds, codes, sample_weight),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * n_members + [(None, None)] * n_classes,
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
    )
    weights, bias = np.split(result.x, [n_members])
    return LabelPool(weights, bias)


def penalized_label_loss(parameters, odds, codes, sample_weight):
    """Weighted mean of the negative log-likelihood with the prior, and its gradient.

    Unknown labels do not count. `parameters` are the weights, followed by the biases. `odds` are
    log-odds.
    """
    n_members = len(odds)
    weights, bias = parameters[:n_members], parameters[n_members:]
    known = np.where(codes == UNKNOWN, 0, sample_weight[:, np.newaxis])
    present = codes == PRESENT
    logits = np.tensordot(weights, odds, 1) + bias
    residuals = known * (expit(logits) - present)
    offsets = np.concatenate([weights - 1 / n_members, bias])
    loss = -(known * log_expit(np.where(present, logits, -logits))).sum()
    loss += PRECISION / 2 * offsets @ offsets
    gradient = np.concatenate([np.tensordot(odds, residuals, 2), residuals.sum(axis=0)])
    gradient += PRECISION * offsets
    return loss / known.sum(), gradient / known.sum()
