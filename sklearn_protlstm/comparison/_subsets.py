"""Nested, stratified subsets of a training part."""

import numpy as np

from sklearn_protlstm._labels.matrix import ABSENT, PRESENT


def count_needed(codes):
    """Return the smallest size of a subset from which every class can be learned, and why."""
    if codes.ndim == 2:
        return 2 * codes.shape[1], "two for each label, one with it and one without"
    return int(codes.max()) + 1, "one for each class"


def stratified_order(codes, rng):
    """Order rows so that the first n rows are a stratified sample for every n.

    One row of each class comes first. After that, all classes grow in proportion. Of a label
    matrix, one row with each label and one without it come first. After that, the rows whose
    rarest label is the same grow in proportion.
    """
    if codes.ndim == 2:
        return _order_labels(codes, rng)
    progress = np.empty(len(codes))
    for code in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == code))
        progress[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
        progress[rows[0]] = 0
    return np.argsort(progress, kind="stable")


def _order_labels(codes, rng):
    order = stratified_order(_find_rarest_label(codes), rng)
    first = _cover_labels(codes, order)
    return np.concatenate([first, order[~np.isin(order, first)]])


def _find_rarest_label(codes):
    """Return the rarest label of each row, or the number of labels if it has none."""
    n_with = (codes == PRESENT).sum(axis=0)
    frequency = np.where(codes == PRESENT, n_with, len(codes) + 1)
    return np.where((codes == PRESENT).any(axis=1), frequency.argmin(axis=1), codes.shape[1])


def _cover_labels(codes, order):
    """Return rows in which each label is present and absent, the first in the order."""
    rows = []
    for state in (PRESENT, ABSENT):
        for label in (codes == state).sum(axis=0).argsort(kind="stable"):
            candidates = order[codes[order, label] == state]
            if not np.isin(candidates, rows).any():
                rows.append(candidates[0])
    return np.array(rows)
