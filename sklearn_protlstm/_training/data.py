"""The rows that training sees: distinct, weighted, and in an order that only they decide."""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit

from sklearn_protlstm._encoding.token_matrix import residue_lengths, unique_rows
from sklearn_protlstm._training.devices import draw_seed

__all__ = ["TrainingSet", "hold_out", "make_training_set", "weigh_classes"]


@dataclass(frozen=True)
class TrainingSet:
    """Distinct (tokens, label) rows.

    Parameters
    ----------
    tokens : ndarray of shape (n_rows, max_length), an unsigned dtype
        Right-padded with 0.
    lengths : ndarray of shape (n_rows,), dtype int64
        Tokens of each row.
    labels : ndarray of shape (n_rows,), dtype int64
        Class indices.
    weights : ndarray of shape (n_rows,), dtype float64
        Sum of the weights of the equal rows.
    groups : ndarray of shape (n_rows,) or None
        Smallest group label among the equal rows.
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
    labels : ndarray of shape (n_samples,), dtype int64
        Class indices.
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
    # The label becomes further columns of the tokens' dtype, so that rows compare as bytes. The
    # width of the matrix does not change the order, since all is zero behind the longest row.
    digits = np.stack([labels // 2**16, labels // 2**8 % 2**8, labels % 2**8], axis=1)
    first, inverse = unique_rows(np.hstack([digits.astype(tokens.dtype), tokens]))
    merged = np.bincount(inverse, weights=weights)
    return TrainingSet(
        tokens=tokens[first],
        lengths=residue_lengths(tokens[first]),
        labels=labels[first],
        weights=merged / merged.mean(),
        groups=None if groups is None else np.asarray(groups)[kept][first],
    )


def weigh_classes(training_set, class_weight, classes):
    """Multiply the weights of the rows by those of their classes, and scale them to a mean of 1.

    `class_weight` is as in scikit-learn: "balanced" gives each class the same total weight.
    """
    if class_weight is None:
        return training_set
    if isinstance(class_weight, dict):
        by_class = _given_class_weights(class_weight, classes.tolist())
    else:
        totals = np.bincount(training_set.labels, training_set.weights, len(classes))
        by_class = np.divide(1, totals, out=np.zeros(len(classes)), where=totals > 0)
    weights = training_set.weights * by_class[training_set.labels]
    if not (np.isfinite(by_class) & (by_class >= 0)).all() or not weights.any():
        raise ValueError(
            f"class_weight={class_weight!r}: expected finite weights that are not negative, and "
            "not 0 for every class in y"
        )
    return TrainingSet(
        training_set.tokens,
        training_set.lengths,
        training_set.labels,
        weights / weights.mean(),
        training_set.groups,
    )


def _given_class_weights(class_weight, classes):
    missing = [label for label in classes if label not in class_weight]
    unknown = [label for label in class_weight if label not in classes]
    if missing and unknown:
        raise ValueError(
            f"The classes {missing} are not in class_weight, which has {unknown} instead. A class "
            "that class_weight leaves out gets a weight of 1"
        )
    return np.array([class_weight.get(label, 1) for label in classes], dtype=np.float64)


def hold_out(training_set, splitter, fraction, rng):
    """Split off a validation part for early stopping.

    Parameters
    ----------
    training_set : TrainingSet
        All rows.
    splitter : cross-validation splitter or None
        Its first split is used. None holds out `fraction` of each class, or whole groups if the
        training set has groups.
    fraction : float
        Share of the rows to hold out if `splitter` is None.
    rng : numpy.random.RandomState
        Decides which rows are held out.

    Returns
    -------
    train, valid : TrainingSet
        Disjoint parts.

    Raises
    ------
    ValueError
        If a part is empty, or a class has too few members.
    """
    if splitter is None:
        splitter = _default_splitter(training_set, fraction, rng)
    placeholder = np.zeros((len(training_set), 1))
    try:
        folds = iter(splitter.split(placeholder, training_set.labels, training_set.groups))
        train, valid = next(folds, ([], []))
        if len(train) == 0 or len(valid) == 0:
            raise ValueError(
                f"{splitter} left {len(train)} sequences to train on and {len(valid)} to validate "
                "with"
            )
    except ValueError as error:
        error.add_note(
            "while holding out sequences for early stopping: give more sequences (copies count "
            "once), or set early_stopping=False"
        )
        raise
    return training_set.take(train), training_set.take(valid)


def _default_splitter(training_set, fraction, rng):
    seed = draw_seed(rng)
    if training_set.groups is not None:
        # No more folds than groups, or some would be empty.
        n_splits = max(2, min(round(1 / fraction), len(np.unique(training_set.groups))))
        return StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed)
    return StratifiedShuffleSplit(1, test_size=fraction, random_state=seed)
