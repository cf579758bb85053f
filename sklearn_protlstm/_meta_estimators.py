"""What classifiers around other classifiers share: their samples, and a fit that may fail."""

from numbers import Number

import numpy as np
from scipy.sparse import issparse

from sklearn_protlstm._validation import check_sequences

__all__ = ["as_samples", "count_samples", "forget_fitted"]

_NUMBERS = (Number, np.bool_)


def as_samples(X):
    """Return sequences as a list of str; return matrices as they are, if they can be indexed."""
    if issparse(X):
        return X.tocsr()
    if isinstance(X, (list, tuple)):
        is_matrix = bool(X) and isinstance(X[0], (*_NUMBERS, list, tuple, np.ndarray))
        return _check_rows(np.asarray(X)) if is_matrix else check_sequences(X)
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) > 1 and shape[1] != 1:
        return _check_rows(X)
    # An array of pyarrow has no shape, and neither has what only converts to an array.
    if not hasattr(X, "__array__") or shape == ():
        return check_sequences(X)
    values = np.asarray(X)
    has_numbers = all(isinstance(value, _NUMBERS) for value in values[:1].flat)
    if values.size and has_numbers:
        return _check_rows(values if shape is None else X)
    return check_sequences(X)


def count_samples(samples):
    """Count what :func:`as_samples` returns. A sparse matrix has no len()."""
    return len(samples) if isinstance(samples, list) else samples.shape[0]


def forget_fitted(estimator):
    """Delete the fitted attributes, so that a fit that fails leaves an unfitted estimator."""
    for name in [name for name in vars(estimator) if name.endswith("_") and name[0] != "_"]:
        delattr(estimator, name)


def _check_rows(matrix):
    if len(matrix.shape) == 1:
        raise ValueError(
            "X is a one-dimensional array of numbers, expected sequences or a matrix with one row "
            "for each sample. Reshape your data with X.reshape(-1, 1) if it has one feature, or "
            "with X.reshape(1, -1) if it is one sample"
        )
    if not matrix.shape[0]:
        raise ValueError("Found 0 samples: X needs at least one row")
    return matrix
