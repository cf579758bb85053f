"""The form of y: one class for each sequence, a label matrix or label lists.

It needs no scikit-learn, whose import takes ten times as long as that of the readers.
"""

from collections.abc import Iterator, Set
from numbers import Number

import numpy as np

__all__ = ["ROWS", "has_label_lists", "is_multilabel", "list_entries"]

#: Types of a collection of labels, or of a row of a matrix.
ROWS = (list, tuple, set, frozenset, np.ndarray)
_NUMBERS = (Number, np.bool_)


def is_multilabel(y):
    """Return whether `y` has any number of labels for each sequence, instead of one class.

    That is a matrix of at least two columns, or a collection of label collections. A matrix of one
    column is a column of classes, as everywhere in scikit-learn.
    """
    shape = getattr(y, "shape", None)
    if shape is not None and len(shape) > 1:
        return len(shape) > 2 or shape[1] > 1
    if getattr(y, "dtype", None) is not None and getattr(y.dtype, "kind", "O") != "O":
        return False  # looks at no entry of a large array
    is_collection = hasattr(y, "__iter__") or hasattr(y, "__array__")
    if not is_collection or isinstance(y, (str, bytes, Iterator)):
        return False
    entries = list_entries(y)
    rows = [entry for entry in entries if isinstance(entry, ROWS)]
    if not rows:
        return False
    return not (len(rows) == len(entries) and all(map(_is_single_number, rows)))


def list_entries(y):
    """Return the entries of any collection as a list."""
    for to_list in ("tolist", "to_list"):
        if hasattr(y, to_list) and not isinstance(y, ROWS[:4]):
            return getattr(y, to_list)()
    return list(y) if hasattr(y, "__iter__") else np.asarray(y).tolist()


def _is_single_number(row):
    return len(row) == 1 and not isinstance(row, Set) and isinstance(next(iter(row)), _NUMBERS)


def has_label_lists(y):
    """Tell label lists from the rows of a matrix, which hold numbers."""
    if len(getattr(y, "shape", (0,))) > 1:
        return False
    rows = [entry for entry in list_entries(y) if isinstance(entry, ROWS)]
    if any(isinstance(row, Set) for row in rows):
        return True
    first = next((row[0] for row in rows if len(row)), "")
    return not (first is None or isinstance(first, _NUMBERS))
