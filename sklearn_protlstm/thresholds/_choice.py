"""Choose a threshold for the probability of each label, and score it."""

import numpy as np
from sklearn.metrics import precision_recall_curve, precision_recall_fscore_support

from sklearn_protlstm._labels.matrix import PRESENT, UNKNOWN

__all__ = ["choose_thresholds", "score_thresholds"]

# A stack gives no lower out-of-fold probability, but a member may predict 0.
_FLOOR = 1e-7

# Out-of-fold probabilities come from their logarithms, which rounds them.
_ROUNDING = 1e-9


def choose_thresholds(probabilities, codes, precision=None):
    """Choose the threshold of each label.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes), dtype float64
        Out-of-fold probabilities of the labels.
    codes : ndarray of shape (n_samples, n_classes), dtype uint8
        ABSENT, PRESENT or UNKNOWN. Unknown labels do not count.
    precision : float or None, default=None
        The lowest threshold with this precision is chosen. None chooses the highest F1.

    Returns
    -------
    thresholds : ndarray of shape (n_classes,), dtype float64
        Lowest probability that is predicted; infinity if no threshold has the precision.
    """
    chosen = np.array(
        [
            _choose(*_known(given, column), precision)
            for given, column in zip(probabilities.T, codes.T)
        ]
    )
    return np.where(chosen <= _FLOOR * (1 + _ROUNDING), 0, chosen * (1 - _ROUNDING))


def score_thresholds(probabilities, codes, thresholds):
    """Return the precision, recall and F1 of each label, and its number of positives.

    Scores are 0 if a label is never predicted.
    """
    scores = []
    for given, column, threshold in zip(probabilities.T, codes.T, thresholds):
        given, is_present = _known(given, column)
        precision, recall, f1, _ = precision_recall_fscore_support(
            is_present, given >= threshold, average="binary", zero_division=0
        )
        scores.append((precision, recall, f1, int(is_present.sum())))
    return dict(zip(("precision", "recall", "f1", "n_positive"), map(list, zip(*scores))))


def _known(probabilities, codes):
    """Return the probabilities of the samples whose label is known, and whether they have it."""
    known = codes != UNKNOWN
    return probabilities[known], codes[known] == PRESENT


def _choose(probabilities, is_present, precision):
    precisions, recalls, thresholds = precision_recall_curve(is_present, probabilities)
    # The last point of the curve predicts nothing and has no threshold.
    precisions, recalls = precisions[:-1], recalls[:-1]
    if precision is None:
        # The denominator is 0 only if no prediction is right.
        f1 = 2 * precisions * recalls / np.maximum(precisions + recalls, np.finfo(float).tiny)
        return thresholds[f1.argmax()]
    return thresholds[precisions >= precision].min(initial=np.inf)
