"""What models predict, as codes of classes and labels."""

import numpy as np
from scipy.sparse import issparse

from sklearn_protlstm._labels.models import label_probabilities


def encode_predictions(predicted, codes, classes):
    """Return predictions as codes. `codes` has the true classes or labels of the same sequences."""
    if codes.ndim == 1:
        return _encode_classes(predicted, classes)
    return _check_indicator(predicted, codes.shape, classes)


def predict_probabilities(model, sequences, codes, classes):
    """Predict one probability for each class in `classes`; None without predict_proba."""
    if not hasattr(model, "predict_proba"):
        return None
    if codes.ndim == 2:
        return _check_shape(label_probabilities(model, sequences), codes.shape, classes)
    given = np.asarray(model.predict_proba(sequences))
    # Keep the dtype: log_loss derives from it how closely rows must add up to 1.
    probabilities = np.zeros((len(sequences), len(classes)), dtype=given.dtype)
    probabilities[:, _encode_classes(model.classes_, classes)] = given
    return probabilities


def _encode_classes(labels, classes):
    labels = np.asarray(labels)
    codes = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
    unknown = labels[classes[codes] != labels]
    if len(unknown):
        raise ValueError(f"the model predicted {unknown.tolist()[0]!r}, which is not a label in y")
    return codes


def _check_indicator(predicted, shape, classes):
    matrix = predicted.toarray() if issparse(predicted) else np.asarray(predicted)
    _check_shape(matrix, shape, classes)
    if not np.isin(matrix, (0, 1)).all():
        raise ValueError("the model predicted other values than 0 and 1 for labels")
    return matrix.astype(np.int8)


def _check_shape(matrix, shape, classes):
    if matrix.shape != shape:
        raise ValueError(
            f"the model predicted an array of shape {matrix.shape} for {shape[0]} sequences and "
            f"{len(classes)} labels, expected {shape}. Wrap a classifier of one class for each "
            "sequence in OneVsRestClassifier"
        )
    return matrix
