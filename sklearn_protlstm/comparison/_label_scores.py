"""Scores of predicted label matrices on one test part. Unknown labels count in none."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score, log_loss

from sklearn_protlstm._labels.accuracy import find_right
from sklearn_protlstm._labels.matrix import ABSENT, PRESENT, UNKNOWN
from sklearn_protlstm.comparison._scores import Metric

__all__ = ["LABEL_METRICS", "LabelCounts", "count_each_sequence", "join_counts"]


class LabelCounts(NamedTuple):
    """Sums over the sequences of a test part, from which the scores of predictions follow.

    Parameters
    ----------
    right, predicted : ndarray of shape (..., n_labels)
        Number of sequences that are predicted to have a label, and do; that are predicted to have
        it. Sequences for which it is unknown do not count.
    exact : ndarray of shape (...)
        Number of sequences whose known labels are all predicted right.
    true : ndarray of shape (n_labels,)
        Number of sequences that have a label.
    n_known, n_sequences : int
        Number of known entries of the label matrix, and of sequences with at least one.
    """

    right: np.ndarray
    predicted: np.ndarray
    exact: np.ndarray
    true: np.ndarray
    n_known: int
    n_sequences: int


def count_each_sequence(codes, predicted):
    """Return what each sequence adds to the counts, of shape (n_samples, 2 * n_labels + 1)."""
    known = codes != UNKNOWN
    right = (codes == PRESENT) & (predicted == PRESENT)
    exact = find_right(codes, predicted) & known.any(axis=1)
    return np.column_stack([right, known & (predicted == PRESENT), exact]).astype(np.int64)


def join_counts(codes, sums):
    """Join the counts of the true labels and the sums of `count_each_sequence`."""
    n_labels = codes.shape[1]
    known = codes != UNKNOWN
    return LabelCounts(
        right=sums[..., :n_labels],
        predicted=sums[..., n_labels:-1],
        exact=sums[..., -1],
        true=(codes == PRESENT).sum(axis=0),
        n_known=int(known.sum()),
        n_sequences=int(known.any(axis=1).sum()),
    )


# A score is NaN if no sequence of the test part defines it. This does not depend on the model.


def _macro_f1(counts):
    present = counts.true > 0
    if not present.any():
        return np.nan
    both = (counts.predicted + counts.true)[..., present]
    return (2 * counts.right[..., present] / both).mean(axis=-1)


def _micro_f1(counts):
    if not counts.true.any():
        return np.nan
    both = counts.predicted.sum(axis=-1) + counts.true.sum()
    return 2 * counts.right.sum(axis=-1) / both


def _subset_accuracy(counts):
    return counts.exact / counts.n_sequences if counts.n_sequences else np.nan


def _hamming_loss(counts):
    if not counts.n_known:
        return np.nan
    n_right = 2 * counts.right.sum(axis=-1)
    return (counts.predicted.sum(axis=-1) + counts.true.sum() - n_right) / counts.n_known


def _macro_average_precision(codes, probabilities):
    scores = [
        average_precision_score(codes[known, label], probabilities[known, label])
        for label, known in enumerate((codes != UNKNOWN).T)
        if {ABSENT, PRESENT} <= set(codes[:, label].tolist())
    ]
    return np.mean(scores) if scores else np.nan


def _ranking_loss(codes, probabilities):
    present, absent = codes == PRESENT, codes == ABSENT
    n_pairs = present.sum(axis=1) * absent.sum(axis=1)
    n_wrong = np.zeros(len(codes))
    for label in range(codes.shape[1]):
        # An absent label with the same probability is a mistake, as in scikit-learn.
        above = absent & (probabilities >= probabilities[:, [label]])
        n_wrong += present[:, label] * above.sum(axis=1)
    ranked = n_pairs > 0
    return np.mean(n_wrong[ranked] / n_pairs[ranked]) if ranked.any() else np.nan


def _macro_log_loss(codes, probabilities):
    losses = [
        log_loss(codes[known, label], probabilities[known, label], labels=[ABSENT, PRESENT])
        for label, known in enumerate((codes != UNKNOWN).T)
        if known.any()
    ]
    return np.mean(losses) if losses else np.nan


def _metric_of_counts(title, short_title, from_counts, **others):
    def score(codes, predicted):
        sums = count_each_sequence(codes, predicted).sum(axis=0)
        return from_counts(join_counts(codes, sums))

    return Metric(title, short_title, score, from_counts, **others)


LABEL_METRICS = {
    "f1_macro": _metric_of_counts("macro-F1", "macro-F1", _macro_f1),
    "f1_micro": _metric_of_counts("micro-F1", "micro-F1", _micro_f1),
    "average_precision": Metric(
        "macro average precision", "macro-AP", _macro_average_precision, from_probabilities=True
    ),
    "subset_accuracy": _metric_of_counts("subset accuracy", "subset acc.", _subset_accuracy),
    "hamming_loss": _metric_of_counts(
        "Hamming loss", "Hamming", _hamming_loss, higher_is_better=False
    ),
    "ranking_loss": Metric(
        "ranking loss", "ranking", _ranking_loss, from_probabilities=True, higher_is_better=False
    ),
    "log_loss": Metric(
        "log-loss", "log-loss", _macro_log_loss, from_probabilities=True, higher_is_better=False
    ),
}
