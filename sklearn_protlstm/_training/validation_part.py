"""The rows that early stopping holds out: whole groups, and no label is lost to training."""

import warnings

import numpy as np

from sklearn_protlstm._encoding.token_matrix import unique_rows
from sklearn_protlstm._labels.matrix import PRESENT
from sklearn_protlstm.exceptions import DataQualityWarning

__all__ = ["hold_out"]


def hold_out(rows, splitter, fraction, rng, classes):
    """Split off a validation part for early stopping.

    Rows of one sequence stay on one side whatever their labels, and so do rows of one group.

    Parameters
    ----------
    rows : TrainingSet
        All rows.
    splitter : cross-validation splitter or None
        Its first split is used. None holds out about `fraction` of each class.
    fraction : float
        Share of the rows to hold out if `splitter` is None.
    rng : numpy.random.RandomState
        Decides which rows are held out.
    classes : ndarray of shape (n_classes,)
        The labels, for messages.

    Returns
    -------
    train, valid : TrainingSet
        Disjoint parts.

    Raises
    ------
    ValueError
        If a part is empty, or training loses a class.
    """
    try:
        if splitter is None:
            choose = _choose_units if rows.labels.ndim == 1 else _choose_label_units
            valid = choose(rows, fraction, rng, classes)
            train = np.setdiff1d(np.arange(len(rows)), valid)
        else:
            train, valid = _first_split(rows, splitter)
            _check_classes(rows, train, splitter, classes)
    except ValueError as error:
        error.add_note(
            "while holding out sequences for early stopping: give more sequences (copies count "
            "once), or set early_stopping=False"
        )
        raise
    return rows.take(train), rows.take(valid)


def _choose_units(rows, fraction, rng, classes):
    """Hold out whole units so that the share of each class comes as near to `fraction` as it can.

    Units of several rows come first, the largest ones at the start, since single rows can fill
    any gap that they leave. A unit is taken if it brings the shares nearer to `fraction`.
    """
    units = _number_units(rows)
    n_rows = _count_rows(units, rows.labels, len(classes))
    total = n_rows.sum(axis=0)
    target, scale = fraction * total, np.where(total > 0, total, 1)

    def distance(held):
        """Misses of the share of each class and of all classes together."""
        by_class = (np.square(held - target) / scale).sum(axis=-1)
        return by_class + np.square((held - target).sum(axis=-1)) / len(rows)

    sizes = n_rows.sum(axis=1)
    order = rng.permutation(len(n_rows))
    largest_first = order[np.argsort(-sizes[order], kind="stable")]
    chosen, held = _take_nearer(largest_first[sizes[largest_first] > 1], n_rows, distance)
    wanted = _round_shares(target - held, total - held - 1)
    for label in np.flatnonzero(wanted):
        singles = order[(sizes[order] == 1) & (n_rows[order, label] == 1)]
        chosen[singles[: wanted[label]]] = True
    if not chosen.any():
        chosen[_nearest_unit(rows, n_rows, order, distance, classes)] = True
    valid = np.flatnonzero(chosen[units])
    _warn_of_share(len(valid), fraction, rows)
    return valid


def _choose_label_units(rows, fraction, rng, classes):
    """Hold out whole units as :func:`_choose_units` does, where a row has any number of labels.

    No unit fills the gap of one label alone, so single rows are judged like the others.
    """
    units = _number_units(rows)
    n_rows = np.zeros((units.max() + 1, len(classes) + 1))
    # The last column counts the rows, whatever their labels are.
    np.add.at(n_rows, units, np.column_stack([rows.labels == PRESENT, np.ones(len(rows))]))
    total = n_rows.sum(axis=0)
    target, scale = fraction * total, np.where(total > 0, total, 1)

    def distance(held):
        return (np.square(held - target) / scale).sum(axis=-1)

    order = rng.permutation(len(n_rows))
    order = order[np.argsort(-n_rows[order, -1], kind="stable")]
    chosen, _ = _take_nearer(order, n_rows, distance)
    if not chosen.any():
        chosen[_nearest_unit(rows, n_rows, order, distance, classes)] = True
    valid = np.flatnonzero(chosen[units])
    _warn_of_share(len(valid), fraction, rows)
    return valid


def _take_nearer(units, n_rows, distance):
    """Take each unit that lowers the distance and leaves rows of every label to training.

    Return which units are taken, and how many rows of each label.
    """
    total = n_rows.sum(axis=0)
    present = total > 0
    held = np.zeros(len(total))
    chosen = np.zeros(len(n_rows), dtype=bool)
    for unit in units:
        after = held + n_rows[unit]
        if (after < total)[present].all() and distance(after) < distance(held):
            chosen[unit], held = True, after
    return chosen, held


def _nearest_unit(rows, n_rows, order, distance, classes):
    """Choose a unit where none is near enough to a small share: the one that misses it least."""
    total = n_rows.sum(axis=0)
    allowed = ((n_rows < total) | (total == 0)).all(axis=1)
    if not allowed.any():
        raise _needed_error(rows, n_rows[:, : len(classes)], classes)
    candidates = order[allowed[order]]
    return candidates[np.argmin(distance(n_rows[candidates]))]


def _round_shares(wanted, most):
    """Round numbers of rows to integers from 0 to `most` whose sum is the rounded sum."""
    wanted = np.clip(wanted, 0, np.maximum(most, 0))
    whole = np.floor(wanted).astype(int)
    rest = wanted - whole
    n_missing = int(np.rint(wanted.sum())) - whole.sum()
    whole[np.argsort(-rest, kind="stable")[:n_missing]] += 1
    return whole


def _number_units(rows):
    """Number of the unit of each row: its group, or its sequence where there are no groups."""
    if rows.groups is None:
        return unique_rows(rows.tokens)[1]
    return np.unique(rows.groups, return_inverse=True)[1]


def _count_rows(units, labels, n_classes):
    counts = np.bincount(units * n_classes + labels, minlength=(units.max() + 1) * n_classes)
    return counts.reshape(-1, n_classes)


def _needed_error(rows, n_rows, classes):
    what = "distinct sequence" if rows.groups is None else "group"
    alone = classes[(n_rows > 0).sum(axis=0) == 1].tolist()
    return ValueError(
        f"No sequences can be held out: training needs the only {what} of the classes {alone}. "
        f"Give each class a second {what}, or hold out sequences of your own choice with "
        "validation_split"
    )


def _warn_of_share(n_valid, fraction, rows):
    wanted = fraction * len(rows)
    if rows.groups is None or abs(n_valid - wanted) <= max(1, wanted / 2):
        return
    warnings.warn(
        DataQualityWarning(
            f"Early stopping holds out {n_valid} of {len(rows)} distinct sequences, although "
            f"validation_fraction={fraction} asks for {wanted:.0f}: the groups do not allow a "
            "nearer number. Give smaller groups, another validation_fraction or a "
            "validation_split",
            kind="validation part",
        ),
        stacklevel=2,
    )


def _first_split(rows, splitter):
    placeholder = np.zeros((len(rows), 1))
    labels = rows.labels if rows.labels.ndim == 1 else (rows.labels == PRESENT).astype(np.int64)
    folds = iter(splitter.split(placeholder, labels, rows.groups))
    try:
        first = next(folds, ([], []))
    except ValueError as error:
        if labels.ndim == 1 or "Supported target types" not in str(error):
            raise
        raise ValueError(
            f"{splitter} takes one class for each sequence, but y has any number of labels. Use "
            "MultilabelStratifiedGroupKFold, or a splitter that does not look at y"
        ) from error
    train, valid = (np.asarray(part, dtype=np.int64) for part in first)
    sequences = unique_rows(rows.tokens)[1]
    # A sequence of two labels is two rows, which a splitter may separate.
    is_in_both = np.isin(sequences[valid], sequences[train])
    train, valid = np.append(train, valid[is_in_both]), valid[~is_in_both]
    if len(train) == 0 or len(valid) == 0:
        raise ValueError(
            f"{splitter} left {len(train)} sequences to train on and {len(valid)} to validate with"
        )
    return train, valid


def _check_classes(rows, train, splitter, classes):
    has_label = rows.labels == PRESENT
    if rows.labels.ndim == 1:
        has_label = rows.labels[:, np.newaxis] == np.arange(len(classes))
    lost = np.flatnonzero(has_label.any(axis=0) & ~has_label[train].any(axis=0))
    if len(lost) == 0:
        return
    parts = []
    for label in lost:
        groups = None if rows.groups is None else np.unique(rows.groups[has_label[:, label]])
        n_groups = "" if groups is None else f" ({len(groups)} group(s))"
        parts.append(f"{classes[label].item()!r}{n_groups}")
    raise ValueError(
        f"{splitter} holds out every sequence of the classes {', '.join(parts)}, so the network "
        "cannot learn them. Leave out validation_split: with groups alone, whole groups are held "
        "out and each class stays in training"
    )
