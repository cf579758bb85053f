"""Scores of predictions on one test part."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    matthews_corrcoef,
    recall_score,
    roc_auc_score,
)

__all__ = ["METRICS", "Metric", "check_scoring"]


class Metric(NamedTuple):
    """A score of predictions.

    Parameters
    ----------
    title : str
        Its name in sentences.
    short_title : str
        Its name in tables.
    score : callable
        Takes true codes, predicted codes, or probabilities of shape (n_samples, n_classes).
    from_probabilities : bool
        Whether `score` takes the probabilities.
    higher_is_better : bool
        Whether models strive for high scores.
    """

    title: str
    short_title: str
    score: Callable
    from_probabilities: bool = False
    higher_is_better: bool = True


def check_scoring(scoring):
    """Check the names of scores.

    Parameters
    ----------
    scoring : str or iterable of str
        Names in `METRICS`.

    Returns
    -------
    scoring : tuple of str
        At least one name.

    Raises
    ------
    ValueError
        If there is no name, or one is unknown or comes twice.
    """
    names = (scoring,) if isinstance(scoring, str) else tuple(scoring)
    if not names or len(set(names)) < len(names) or any(name not in METRICS for name in names):
        raise ValueError(
            f"scoring={scoring!r} is not known: give one or several different ones of "
            f"{', '.join(map(repr, METRICS))}"
        )
    return names


# Folds of whole groups often test no sequence of a rare class. Recall, F1 and AUC do not exist
# there, and a mean with zeros in their places would punish every model for the split.


def _balanced_accuracy(codes, predicted):
    present = np.unique(codes)
    return recall_score(codes, predicted, labels=present, average="macro", zero_division=0)


def _macro_f1(codes, predicted):
    present = np.unique(codes)
    return f1_score(codes, predicted, labels=present, average="macro", zero_division=0)


def _log_loss(codes, probabilities):
    return log_loss(codes, probabilities, labels=np.arange(probabilities.shape[1]))


def _roc_auc(codes, probabilities):
    present = np.unique(codes)
    if len(present) < 2:
        return np.nan
    return np.mean([roc_auc_score(codes == code, probabilities[:, code]) for code in present])


METRICS = {
    "accuracy": Metric("accuracy", "accuracy", accuracy_score),
    "balanced_accuracy": Metric("balanced accuracy", "bal. acc.", _balanced_accuracy),
    "f1_macro": Metric("macro-F1", "macro-F1", _macro_f1),
    "matthews_corrcoef": Metric("Matthews correlation", "MCC", matthews_corrcoef),
    "log_loss": Metric("log-loss", "log-loss", _log_loss, True, higher_is_better=False),
    "roc_auc": Metric("ROC AUC", "ROC AUC", _roc_auc, True),
}
