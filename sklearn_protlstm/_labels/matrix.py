"""Any number of labels for each sequence, as a matrix of codes with one column for each label."""

from itertools import chain

import numpy as np
from scipy.sparse import issparse

from sklearn_protlstm._labels.form import ROWS, has_label_lists, list_entries
from sklearn_protlstm._validation import join_names, missing_entries

__all__ = [
    "ABSENT",
    "PRESENT",
    "UNKNOWN",
    "check_each_label",
    "decode_targets",
    "encode_label_matrix",
    "to_indicator",
]

ABSENT, PRESENT, UNKNOWN = 0, 1, 2


def encode_label_matrix(X, y, classes=None):
    """Validate an indicator matrix or label lists, and encode them.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples; only their number matters.
    y : array-like of shape (n_samples, n_classes), or list of label collections
        1 where a sequence has a label, 0 where it does not, and NaN where that is unknown. The
        columns of a data frame are named. Or the labels of each sequence, as a list or a set.
    classes : ndarray of shape (n_classes,) or None, default=None
        All labels. None takes the names of the columns, their numbers, or the labels in the lists.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        The labels, in the order of the columns. Those of label lists are sorted.
    codes : ndarray of shape (n_samples, n_classes), dtype uint8
        ABSENT, PRESENT or UNKNOWN.

    Raises
    ------
    ValueError
        If `y` is not as described, has a different length than `X`, or lacks or repeats labels.
    """
    if has_label_lists(y):
        rows = [_check_label_list(entry, row) for row, entry in enumerate(list_entries(y))]
        _check_length(X, len(rows))
        classes = _sort_labels(rows) if classes is None else classes
        return classes, _encode_lists(rows, classes)
    names, codes = _encode_matrix(X, y)
    if classes is None:
        return names, codes
    if hasattr(y, "columns"):
        codes = codes[:, _find_columns(names, classes)]
    if len(classes) != codes.shape[1]:
        raise ValueError(
            f"y has {codes.shape[1]} columns, but there are {len(classes)} labels: "
            f"{_show(classes.tolist())}. Give y a column for each label, in this order"
        )
    return classes, codes


def check_each_label(classes, codes):
    """Raise a ValueError if a label is present in no sequence, or absent from none."""
    if (codes == UNKNOWN).all():
        raise ValueError("y holds NaN only: no label of any sequence is known")
    for value, word, way_out in (
        (PRESENT, "has", "collect sequences that have them"),
        (ABSENT, "lacks", "give 0 where sequences lack it"),
    ):
        without = classes[~(codes == value).any(axis=0)].tolist()
        if without:
            raise ValueError(
                f"No sequence {word} the label(s) {_show(without)}, so there is nothing to "
                f"tell apart. Leave these labels out of y, or {way_out}"
            )


def decode_targets(codes, classes):
    """Return the classes, or the label matrix, that a model learns from."""
    return classes[codes] if codes.ndim == 1 else to_indicator(codes)


def to_indicator(codes):
    """Return a matrix of 0 and 1, or of 0, 1 and NaN if a label is unknown.

    Parameters
    ----------
    codes : ndarray of shape (n_samples, n_classes), dtype uint8
        ABSENT, PRESENT or UNKNOWN.

    Returns
    -------
    indicator : ndarray of shape (n_samples, n_classes), dtype int64 or float64
        Float if it has NaN.
    """
    if not (codes == UNKNOWN).any():
        return codes.astype(np.int64)
    return np.where(codes == UNKNOWN, np.nan, codes)


def _check_label_list(entry, row):
    if not isinstance(entry, ROWS):
        shown = f"[{entry!r}]" if isinstance(entry, str) else "a list, empty if it has no label"
        raise ValueError(
            f"The labels of sequence {row} are {entry!r} of type {type(entry).__name__}, expected "
            f"a list as for the other sequences. Write {shown}"
        )
    labels = list(entry)
    _check_not_empty(labels, f" of sequence {row}")
    if len(missing_entries(np.array([*labels, None], dtype=object))) > 1:
        raise ValueError(
            f"The labels of sequence {row} include a missing one: {labels}. Leave it out. If it "
            "is unknown whether the sequence has a label, pass a matrix with NaN there"
        )
    return labels


def _check_not_empty(labels, place=""):
    if any(isinstance(label, str) and not label.strip() for label in labels):
        raise ValueError(
            f"A label{place} is an empty text: {labels}. Leave it out, or give it a name"
        )


def _sort_labels(rows):
    try:
        labels = sorted(set(chain.from_iterable(rows)))
    except TypeError:
        raise ValueError(
            "The labels in y cannot be sorted, because they are of different types or are lists "
            "themselves. Make them all strings"
        ) from None
    if not labels:
        raise ValueError("y has an empty list for every sequence: there is no label to learn")
    return np.array(labels)


def _encode_lists(rows, classes):
    columns = {label: column for column, label in enumerate(classes.tolist())}
    codes = np.full((len(rows), len(columns)), ABSENT, dtype=np.uint8)
    for row, labels in enumerate(rows):
        for label in labels:
            if label not in columns:
                raise ValueError(
                    f"Sequence {row} has the label {label!r}, which is not among the labels "
                    f"{_show(classes.tolist())}"
                )
            codes[row, columns[label]] = PRESENT
    return codes


def _encode_matrix(X, y):
    names = _column_names(y)
    y = _as_floats(y)
    _check_length(X, len(y))
    names = np.arange(y.shape[1]) if names is None else names
    unknown = np.isnan(y)
    wrong = ~(unknown | (y == ABSENT) | (y == PRESENT))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"y has the value {y[row, column]:g} in row {row}, column {column} "
            f"({names[column].item()!r}). A label matrix holds 1 where a sequence has the label, "
            "0 where it does not, and NaN where that is unknown. For one class per sequence, pass "
            "a one-dimensional y"
        )
    return names, np.where(unknown, UNKNOWN, y).astype(np.uint8)


def _column_names(y):
    if not hasattr(y, "columns"):
        return None
    names = list(y.columns)
    if any(isinstance(name, tuple) for name in names):
        raise ValueError(
            f"y has columns of several levels, such as {names[0]!r}. Give each column one name"
        )
    _check_not_empty(names)
    repeated = [name for number, name in enumerate(names) if name in names[:number]]
    if repeated:
        raise ValueError(f"y has several columns of the name {repeated[0]!r}. Rename or add them")
    return np.array(names)


def _find_columns(names, classes):
    """Number of the column of each label; a frame may have its columns in another order."""
    names, labels = names.tolist(), classes.tolist()
    if set(names) != set(labels):
        raise ValueError(
            f"y has the columns {_show(names)}, but the labels are {_show(labels)}. Give y "
            "a column for each label, with the same names"
        )
    return [names.index(label) for label in labels]


def _as_floats(y):
    if issparse(y):
        y = y.toarray()
    elif hasattr(y, "to_numpy"):
        y = y.to_numpy()
    try:
        y = np.array(y, dtype=object) if not isinstance(y, np.ndarray) else y
        if y.dtype == object and y.ndim == 2:
            y = y.copy()
            y.ravel()[missing_entries(y.ravel())] = np.nan
        y = y.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"y is not a matrix of numbers with as many columns in each row{_find_text(y)}. Pass "
            "0, 1 or NaN for each label, or the labels of each sequence, such as "
            '[["human", "pig"], ["bird"]]'
        ) from None
    if y.ndim != 2 or not y.shape[1]:
        raise ValueError(
            f"y has the shape {y.shape}, expected (n_samples,) for one class per sequence, or "
            "(n_samples, n_classes) for a column of 0 and 1 for each label"
        )
    return y


def _find_text(y):
    """Say where a matrix has its first text, for an error message."""
    if getattr(y, "ndim", 0) != 2:
        return ""
    for row, cells in enumerate(y.tolist()):
        for column, cell in enumerate(cells):
            if isinstance(cell, (str, bytes)):
                return f": row {row}, column {column} is {cell!r}"
    return ""


def _show(labels):
    return join_names(map(repr, labels))


def _check_length(X, n_labels):
    if n_labels != X.shape[0]:
        raise ValueError(
            f"Found {X.shape[0]} sequences but {n_labels} labels: inconsistent numbers of samples. "
            "Pass one row of labels per sequence"
        )
