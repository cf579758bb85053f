"""Choose the threshold of a confidence score, so that answers reach a precision."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv

__all__ = ["RiskCurve", "make_curve"]

# Each threshold answers this many times the families of the threshold before it.
_RATIO = 1.1


@dataclass(frozen=True)
class RiskCurve:
    """Answers to held-out families at several thresholds, from the highest to the lowest.

    A family counts as one answer. It is correct by the share of its answered proteins that are
    correct.

    Parameters
    ----------
    thresholds : ndarray of shape (n_thresholds,), dtype float64
        Lowest score that gets an answer. The last one is 0.
    coverage : ndarray of shape (n_thresholds,), dtype float64
        Share of the proteins that get an answer.
    n_families : ndarray of shape (n_thresholds,), dtype int64
        Number of families with an answer.
    n_correct : ndarray of shape (n_thresholds,), dtype float64
        Sum of the correct shares of these families.
    n_expected : ndarray of shape (n_thresholds,), dtype float64
        The same sum as the probabilities predict it, without the labels.
    """

    thresholds: np.ndarray
    coverage: np.ndarray
    n_families: np.ndarray
    n_correct: np.ndarray
    n_expected: np.ndarray

    @property
    def precision(self):
        """Share of correct answers, NaN if there are none."""
        return self.n_correct / np.where(self.n_families > 0, self.n_families, np.nan)

    def lower_bound(self, confidence):
        """Return the Clopper-Pearson lower bound of the precision at each threshold."""
        n, correct = self.n_families, self.n_correct
        bound = betaincinv(np.maximum(correct, 1e-9), n - correct + 1, 1 - confidence)
        return np.where(correct > 0, bound, 0.0)

    def choose(self, precision, confidence):
        """Return the index of the lowest threshold that reaches the precision, or None.

        Fixed sequence testing: start where the scores predict the strongest evidence, and lower
        the threshold until the labels do not confirm the precision. The start does not depend on
        the labels, and each test comes after a successful one, so the tests need no correction.
        """
        if precision == 0:
            return len(self.thresholds) - 1
        start = _p_values(self.n_families, self.n_expected, precision).argmin()
        p_values = _p_values(self.n_families[start:], self.n_correct[start:], precision)
        failed = np.append(p_values > 1 - confidence, True)
        n_passed = int(failed.argmax())
        return int(start) + n_passed - 1 if n_passed else None

    def best_precision(self, confidence):
        """Return the highest precision, in steps of 0.01, for which there is a threshold."""
        for percent in range(99, 0, -1):
            if self.choose(percent / 100, confidence) is not None:
                return percent / 100
        return 0.0


def make_curve(scores, correct, expected, is_barred, families):
    """Count the answers at each threshold.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,), dtype float64
        Out-of-fold confidence of the predicted class, from 0 to 1.
    correct : ndarray of shape (n_samples,), dtype bool
        Whether the predicted class is the label.
    expected : ndarray of shape (n_samples,), dtype float64
        Calibrated probability that it is.
    is_barred : ndarray of shape (n_samples,), dtype bool
        Samples that get no answer at any threshold.
    families : ndarray of shape (n_samples,), dtype int64
        Number of the family of each sample, from 0 on.

    Returns
    -------
    curve : RiskCurve
        One point for each threshold.
    """
    allowed = ~is_barred
    thresholds = _thresholds(scores[allowed], families[allowed])
    rows = [
        _count_answers(allowed & (scores >= threshold), correct, expected, families)
        for threshold in thresholds
    ]
    return RiskCurve(thresholds, *map(np.array, zip(*rows)))


def _thresholds(scores, families):
    """Return thresholds at which 1, 2, ... and all families get an answer."""
    best = np.full(families.max(initial=-1) + 1, -np.inf)
    np.maximum.at(best, families, scores)
    best = np.sort(best[np.isfinite(best)])[::-1]
    sizes = [len(best)]
    while sizes[-1] > 1:
        sizes.append(int(sizes[-1] / _RATIO))
    thresholds = np.unique(best[np.array(sizes[1:], dtype=np.int64) - 1])[::-1]
    return np.append(thresholds[thresholds > 0], 0.0)


def _count_answers(answered, correct, expected, families):
    sizes = np.bincount(families[answered])
    has_answer = sizes > 0
    sums = (
        np.bincount(families[answered], values[answered])[has_answer] / sizes[has_answer]
        for values in (correct, expected)
    )
    n_correct, n_expected = (shares.sum() for shares in sums)
    return answered.mean(), np.count_nonzero(has_answer), n_correct, n_expected


def _p_values(n, correct, precision):
    """Probability of so many correct answers or more if the precision is not reached.

    This is the tail of the binomial distribution. The incomplete beta function continues it to
    fractions, which families with both correct and wrong answers add.
    """
    tail = betainc(np.maximum(correct, 1e-9), n - correct + 1, precision)
    return np.where(correct > 0, tail, 1.0)
