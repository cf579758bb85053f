"""True labels in a matrix: 1 where a sequence has a label, 0 where not, NaN where unknown."""

import numpy as np


def is_label_matrix(y_true):
    """Return whether there is a column for each of several labels, instead of one class each."""
    shape = y_true.shape if hasattr(y_true, "shape") else np.shape(y_true)
    return len(shape) == 2 and shape[1] > 1


def as_matrix(y):
    """Return a matrix as floats. It may be sparse."""
    return np.asarray(y.toarray() if hasattr(y, "toarray") else y, dtype=np.float64)


def check_label_matrix(y_true, labels):
    """Return the matrix as floats, and the labels; None takes the names or numbers of columns."""
    names = getattr(y_true, "columns", None) if labels is None else labels
    matrix = as_matrix(y_true)
    names = range(matrix.shape[1]) if names is None else names
    if len(names) != matrix.shape[1]:
        raise ValueError(
            f"y_true has {matrix.shape[1]} columns, but there are {len(names)} labels. Pass one "
            "label for each column"
        )
    return matrix, list(names)
