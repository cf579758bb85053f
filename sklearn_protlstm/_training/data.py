"""The rows that training sees: distinct, weighted, and in an order that only they decide."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sklearn_protlstm._encoding.token_matrix import residue_lengths, unique_rows
from sklearn_protlstm._labels.matrix import ABSENT, PRESENT, UNKNOWN

__all__ = ["TrainingSet", "drop_unlabelled", "make_training_set", "weigh_classes", "weigh_labels"]


@dataclass(frozen=True)
class TrainingSet:
    """Distinct (tokens, label) rows.

    Parameters
    ----------
    tokens : ndarray of shape (n_rows, max_length), an unsigned dtype
        Right-padded with 0.
    lengths : ndarray of shape (n_rows,), dtype int64
        Tokens of each row.
    labels : ndarray of shape (n_rows,), dtype int64, or (n_rows, n_classes), dtype uint8
        Class indices, or ABSENT, PRESENT or UNKNOWN for each label.
    weights : ndarray of shape (n_rows,), dtype float64
        Sum of the weights of the equal rows.
    groups : ndarray of shape (n_rows,) or None
        Groups that share a sequence are one, with the smallest of their labels.
    """

    tokens: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    groups: np.ndarray | None = None

    def __len__(self):
        return len(self.labels)

    def take(self, rows):
        """Select rows by their numbers, in the order given."""
        groups = None if self.groups is None else self.groups[rows]
        return TrainingSet(
            self.tokens[rows], self.lengths[rows], self.labels[rows], self.weights[rows], groups
        )


def make_training_set(tokens, labels, weights, groups=None):
    """Merge equal rows and add their weights.

    The result depends only on the distinct rows and the sums of their weights. The order of the
    rows does not matter, and a weight of 2 equals two copies. So a copy of a training row is never
    in the validation part.

    Parameters
    ----------
    tokens : ndarray of shape (n_samples, max_length), an unsigned dtype
        Right-padded with 0.
    labels : ndarray of shape (n_samples,), dtype int64, or (n_samples, n_classes), dtype uint8
        As in :class:`TrainingSet`.
    weights : ndarray of shape (n_samples,)
        Not negative and not all 0. Rows of weight 0 are left out.
    groups : ndarray of shape (n_samples,) or None, default=None
        Rows that belong together, such as relatives.

    Returns
    -------
    training_set : TrainingSet
        With weights of mean 1.
    """
    # The order decides the last bit of a sum of floats, and the group of a merged row.
    ranks = np.zeros(len(labels)) if groups is None else np.unique(groups, return_inverse=True)[1]
    kept = np.lexsort((weights, ranks))
    kept = kept[weights[kept] > 0]
    tokens, labels, weights = tokens[kept], labels[kept], weights[kept]
    if groups is not None:
        groups = _join_groups(tokens, np.asarray(groups)[kept])
    # The label becomes further columns of the tokens' dtype, so that rows compare as bytes. The
    # width of the matrix does not change the order, since all is zero behind the longest row.
    digits = labels
    if labels.ndim == 1:
        digits = np.stack([labels // 2**16, labels // 2**8 % 2**8, labels % 2**8], axis=1)
    first, inverse = unique_rows(np.hstack([digits.astype(tokens.dtype), tokens]))
    merged = np.bincount(inverse, weights=weights)
    return TrainingSet(
        tokens=tokens[first],
        lengths=residue_lengths(tokens[first]),
        labels=labels[first],
        weights=merged / merged.mean(),
        groups=None if groups is None else groups[first],
    )


def _join_groups(tokens, groups):
    """Give groups that share a sequence the smallest of their labels.

    Sequences and groups are the nodes of a graph, and each row is an edge between two of them.
    """
    sequences = unique_rows(tokens)[1]
    labels, ranks = np.unique(groups, return_inverse=True)
    n_sequences, n_nodes = sequences.max() + 1, sequences.max() + 1 + len(labels)
    edges = (np.ones(len(ranks)), (sequences, n_sequences + ranks))
    n_parts, parts = connected_components(
        coo_array(edges, shape=(n_nodes, n_nodes)), directed=False
    )
    smallest = np.full(n_parts, len(labels))
    np.minimum.at(smallest, parts[n_sequences:], np.arange(len(labels)))
    return labels[smallest[parts[sequences]]]


def drop_unlabelled(weights, labels):
    """Return weights that are 0 where no label of a row is known."""
    if labels.ndim == 1:
        return weights
    weights = weights * (labels != UNKNOWN).any(axis=1)
    if not weights.any():
        raise ValueError(
            "No sequence with a known label has a weight above 0: nothing is left to train on"
        )
    return weights


def weigh_classes(training_set, class_weight, classes):
    """Multiply the weights of the rows by those of their classes, and scale them to a mean of 1.

    `class_weight` is as in scikit-learn: "balanced" gives each class the same total weight. Rows
    with a label matrix stay as they are.
    """
    if class_weight is None or training_set.labels.ndim == 2:
        return training_set
    if isinstance(class_weight, dict):
        by_class = _given_class_weights(class_weight, classes.tolist())
    else:
        totals = np.bincount(training_set.labels, training_set.weights, len(classes))
        by_class = np.divide(1, totals, out=np.zeros(len(classes)), where=totals > 0)
    weights = training_set.weights * by_class[training_set.labels]
    if not _are_weights(by_class) or not weights.any():
        raise _class_weight_error(class_weight, "and not 0 for every class in y")
    return TrainingSet(
        training_set.tokens,
        training_set.lengths,
        training_set.labels,
        weights / weights.mean(),
        training_set.groups,
    )


def weigh_labels(training_set, class_weight, classes):
    """Compute the factors of the losses of each label, or None for rows with one class each.

    Parameters
    ----------
    training_set : TrainingSet
        All rows.
    class_weight : dict, "balanced" or None
        A dict has the weights of sequences that have the label; those without it weigh 1.
        "balanced" gives both the same total weight, with a mean of 1.
    classes : ndarray of shape (n_classes,)
        The labels.

    Returns
    -------
    factors : Tensor of shape (n_classes, 3), dtype float32, or None
        By code: ABSENT, PRESENT, UNKNOWN.
    """
    labels = training_set.labels
    if labels.ndim == 1:
        return None
    factors = np.ones((len(classes), 3))
    factors[:, UNKNOWN] = 0
    if isinstance(class_weight, dict):
        factors[:, PRESENT] = _given_class_weights(class_weight, classes.tolist())
        if not _are_weights(factors[:, PRESENT]):
            raise _class_weight_error(class_weight, "one for each label")
    elif class_weight == "balanced":
        totals = np.array([training_set.weights @ (labels == code) for code in (ABSENT, PRESENT)])
        # A label that all or no rows of a batch have keeps its factors.
        both = (totals > 0).all(axis=0)
        totals = totals[:, both]
        factors[both, :2] = (totals.mean(axis=0) / totals).T
    return torch.from_numpy(factors.astype(np.float32))


def _are_weights(values):
    return (np.isfinite(values) & (values >= 0)).all()


def _class_weight_error(class_weight, which):
    return ValueError(
        f"class_weight={class_weight!r}: expected finite weights that are not negative, {which}"
    )


def _given_class_weights(class_weight, classes):
    missing = [label for label in classes if label not in class_weight]
    unknown = [label for label in class_weight if label not in classes]
    if missing and unknown:
        raise ValueError(
            f"The classes {missing} are not in class_weight, which has {unknown} instead. A class "
            "that class_weight leaves out gets a weight of 1"
        )
    try:
        return np.array([class_weight.get(label, 1) for label in classes], dtype=np.float64)
    except (TypeError, ValueError):
        raise _class_weight_error(class_weight, "one for each class or label") from None
