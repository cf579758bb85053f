"""Subset accuracy with unknown labels."""

import numpy as np

from sklearn_protlstm._labels.matrix import UNKNOWN, encode_label_matrix
from sklearn_protlstm._validation import check_weights

__all__ = ["find_right", "subset_accuracy"]


def find_right(codes, predicted):
    """Return for each sequence whether all of its known labels are predicted right."""
    return ((codes == predicted) | (codes == UNKNOWN)).all(axis=-1)


def subset_accuracy(predicted, y, classes, sample_weight=None):
    """Compute the share of samples for which all known labels are predicted right.

    Samples without a known label do not count.

    Parameters
    ----------
    predicted : ndarray of shape (n_samples, n_classes), dtype int64
        Predicted indicator matrix.
    y : array-like of shape (n_samples, n_classes), or list of label collections
        Label matrix, with NaN where a label is unknown, or label lists.
    classes : ndarray of shape (n_classes,)
        The labels, in the order of the columns.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Non-negative weights.

    Returns
    -------
    accuracy : float
        From 0 to 1.
    """
    _, codes = encode_label_matrix(predicted, y, classes)
    weights = check_weights(sample_weight, predicted) * (codes != UNKNOWN).any(axis=1)
    if not weights.any():
        raise ValueError(
            "No label is known of any sequence with a weight above 0, so there is nothing to "
            "score. Pass sequences with known labels"
        )
    return float(np.average(find_right(codes, predicted), weights=weights))
