"""Scores of the predicted classes on one test part."""

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


class Metric(NamedTuple):
    """A score function with its names in sentences (`title`) and in tables (`short_title`).

    `score` takes the true codes and the predicted codes. If `from_probabilities` is True, it takes
    probabilities of shape (n_samples, n_classes) as the second argument. `from_counts` computes
    many scores at once, see below; None for scores of probabilities. `span` is the distance
    between the score of a model that is always right and one that is always wrong.
    """

    title: str
    short_title: str
    score: Callable
    from_counts: Callable | None = None
    from_probabilities: bool = False
    higher_is_better: bool = True
    span: float = 1


# If folds keep groups together, a rare class is often missing from a test part. Its recall, F1 and
# AUC are then undefined. Counting them as zero would penalize every model for the split.


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


# The same scores from the numbers of right predictions, predictions and sequences of each class.
# The first two have shape (..., n_classes), the last (n_classes,). The scores have shape (...).


def _accuracy_from_counts(right, predicted, true):
    return right.sum(axis=-1) / true.sum()


def _balanced_accuracy_from_counts(right, predicted, true):
    present = true > 0
    return (right[..., present] / true[present]).mean(axis=-1)


def _macro_f1_from_counts(right, predicted, true):
    present = true > 0
    return (2 * right[..., present] / (predicted + true)[..., present]).mean(axis=-1)


def _mcc_from_counts(right, predicted, true):
    n_samples = true.sum()
    covariance = right.sum(axis=-1) * n_samples - predicted @ true
    squares = (n_samples**2 - (predicted**2).sum(axis=-1)) * (n_samples**2 - true @ true)
    # Where all predictions or all labels are the same, the covariance is 0 too.
    return covariance / np.sqrt(np.maximum(squares, 1))


METRICS = {
    "accuracy": Metric("accuracy", "accuracy", accuracy_score, _accuracy_from_counts),
    "balanced_accuracy": Metric(
        "balanced accuracy", "bal. acc.", _balanced_accuracy, _balanced_accuracy_from_counts
    ),
    "f1_macro": Metric("macro-F1", "macro-F1", _macro_f1, _macro_f1_from_counts),
    "matthews_corrcoef": Metric(
        "Matthews correlation", "MCC", matthews_corrcoef, _mcc_from_counts, span=2
    ),
    "log_loss": Metric(
        "log-loss", "log-loss", _log_loss, from_probabilities=True, higher_is_better=False
    ),
    "roc_auc": Metric("ROC AUC", "ROC AUC", _roc_auc, from_probabilities=True),
}
