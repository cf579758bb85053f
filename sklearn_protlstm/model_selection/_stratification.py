"""Iterative stratification of groups."""

import numpy as np

__all__ = ["assign_folds"]


def assign_folds(counts, sizes, n_folds, rng=None):
    """Assign groups to folds, so that labels and sizes are about the same in all folds.

    Parameters
    ----------
    counts : ndarray of shape (n_groups, n_labels), dtype int64
        Number of sequences of each group with each label.
    sizes : ndarray of shape (n_groups,), dtype int64
        Number of sequences of each group.
    n_folds : int
        Number of folds. Each gets a group if there are enough.
    rng : RandomState instance or None, default=None
        Decides the order of groups that have a label equally often. None orders them by their
        other labels.

    Returns
    -------
    folds : ndarray of shape (n_groups,), dtype int64
        Fold of each group.
    """
    # Being a sequence counts as a label that comes last.
    content = np.column_stack([counts, sizes])
    totals = content.sum(axis=0)
    # What each fold still lacks, times the number of folds, which keeps the numbers whole.
    lacking = np.tile(totals, (n_folds, 1))
    # To move a group to a fold changes the sum of squared errors, relative to the totals, by its
    # product with what the fold lacks. Rare labels therefore weigh most.
    weighted = content / totals.clip(min=1) ** 2
    folds = np.full(len(content), -1, dtype=np.int64)
    left = np.lexsort(-content.T) if rng is None else rng.permutation(len(content))
    while len(left):
        label = _find_rarest(content[left].sum(axis=0))
        for group in _sort_largest_first(left, content, label):
            folds[group] = fold = _find_neediest(lacking, weighted[group])
            lacking[fold] -= n_folds * content[group]
        left = left[folds[left] < 0]
    return folds


def _find_rarest(totals):
    """Return the label in the fewest sequences, or the last column if no label is left."""
    labels = totals[:-1]
    return np.where(labels > 0, labels, totals[-1] + 1).argmin() if labels.any() else len(labels)


def _sort_largest_first(groups, content, label):
    groups = groups[content[groups, label] > 0]
    return groups[np.argsort(-content[groups, label], kind="stable")]


def _find_neediest(lacking, weighted_group):
    """Return the fold that lacks most of what the group has, or of equal ones the smallest."""
    # Rounding hides the order of additions.
    need = (lacking * weighted_group).sum(axis=1).round(9)
    return np.lexsort((-lacking[:, -1], -need))[0]
