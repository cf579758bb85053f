"""True labels of any number for each sequence, as a matrix."""

import numpy as np

from sklearn_protlstm._labels.matrix import encode_label_matrix, to_indicator

__all__ = ["as_matrix", "check_label_matrix"]


def as_matrix(y):
    """Return a matrix as floats. It may be sparse."""
    return np.asarray(y.toarray() if hasattr(y, "toarray") else y, dtype=np.float64)


def check_label_matrix(y_true, labels):
    """Return a matrix of 0, 1 and NaN, and its labels.

    None takes the labels of the lists, or the names or numbers of the columns.
    """
    n_samples = y_true.shape[0] if hasattr(y_true, "shape") else len(y_true)
    labels = None if labels is None else np.asarray(labels)
    labels, codes = encode_label_matrix(np.empty((n_samples, 0)), y_true, labels)
    return to_indicator(codes).astype(np.float64), labels.tolist()
