"""Checks labels and encodes them as numbers."""

from collections.abc import Set

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm._labels.matrix import check_each_label, encode_label_matrix
from sklearn_protlstm._validation import missing_entries

__all__ = ["check_labels", "check_targets", "check_targets_among"]


def check_targets(X, y):
    """Validate classes or a label matrix, and encode them.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples; only their number matters.
    y : array-like of shape (n_samples,) or (n_samples, n_classes), or list of label collections
        As for :func:`check_labels` if there is one class for each sequence, otherwise as for
        :func:`~sklearn_protlstm._labels.matrix.encode_label_matrix`.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        The distinct labels.
    codes : ndarray of shape (n_samples,), dtype int64, or (n_samples, n_classes), dtype uint8
        Index of each class; or ABSENT, PRESENT or UNKNOWN for each label.

    Raises
    ------
    ValueError
        If `y` is invalid, or a class or label cannot be learned from it.
    """
    if not is_multilabel(y):
        return _encode_classes(X, y)
    classes, codes = encode_label_matrix(X, y)
    if len(classes) < 2:
        raise ValueError(
            f"y has one label only ({classes.tolist()[0]!r}). Pass one class for each sequence "
            "instead: 1 if it has the label, and 0 otherwise"
        )
    check_each_label(classes, codes)
    return classes, codes


def check_labels(X, y):
    """Validate class labels and encode them as integers.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples; only their number matters.
    y : array-like of shape (n_samples,)
        Class labels of any sortable type.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        The distinct labels, sorted.
    codes : ndarray of shape (n_samples,), dtype int64
        Index of each label in `classes`.

    Raises
    ------
    ValueError
        If `y` has a different length than `X`, has missing values, is continuous or has only one
        class.
    """
    if is_multilabel(y):
        raise ValueError(
            "y has any number of labels for each sequence (a matrix or label lists), but one class "
            "each is expected here: pass a one-dimensional y"
        )
    return _encode_classes(X, y)


def check_targets_among(X, y, classes, known=None, multilabel=None):
    """Validate the classes or the label matrix of one batch against the labels of all batches.

    Parameters
    ----------
    X, y : array-like
        As in :func:`check_targets`, but a class or label may be missing.
    classes : array-like of shape (n_classes,) or None
        All labels, in the order of the columns of a label matrix.
    known : ndarray of shape (n_classes,) or None, default=None
        All labels of the first batch, which `classes` of a later batch must equal.
    multilabel : bool or None, default=None
        Whether the first batch had a label matrix.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        The distinct classes, sorted. The columns of a label matrix keep their order.
    codes : ndarray of shape (n_samples,), dtype int64, or (n_samples, n_classes), dtype uint8
        As from :func:`check_targets`.

    Raises
    ------
    ValueError
        If `classes` is None, differs from `known` or lacks a label, `y` is invalid as in
        :func:`check_targets`, or its kind is not that of the first batch.
    """
    has_matrix = is_multilabel(y)
    if multilabel is not None and has_matrix != multilabel:
        kinds = ["one class for each sequence", "any number of labels for each sequence"]
        raise ValueError(
            f"y has {kinds[has_matrix]}, but it had {kinds[multilabel]} before. Give y the same "
            "form in every call, or fit a new classifier"
        )
    if has_matrix:
        given = _check_classes(classes, known, lambda labels: np.asarray(labels).tolist())
        if len(np.unique(given)) < len(given):
            raise ValueError(
                f"classes={given.tolist()} repeats a label. Name each column of y once"
            )
        return encode_label_matrix(X, y, given)
    given = _check_classes(classes, known, lambda labels: np.unique(labels).tolist())
    y = _label_column(X, y)
    classes = np.unique(given)
    new = np.setdiff1d(y, classes)
    if len(new):
        raise ValueError(
            f"y holds {new.tolist()[0]!r}, which is not among the classes {classes.tolist()} of "
            "the first call of partial_fit. List all classes in that call"
        )
    return classes, np.searchsorted(classes, y)


def _encode_classes(X, y):
    y = _label_column(X, y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"y holds one class only ({classes.tolist()[0]!r}): a classifier needs at least two "
            "classes"
        )
    return classes, codes


def _check_classes(classes, known, put_in_order):
    """Return the labels of all batches, those of the first batch if there was one."""
    if known is not None:
        if classes is not None and put_in_order(classes) != known.tolist():
            raise ValueError(
                f"classes={put_in_order(classes)} differs from the classes {known.tolist()} of "
                "the first call of partial_fit, or of fit. Fit a new classifier for other classes"
            )
        return known
    if classes is None:
        raise ValueError(
            "The first call of partial_fit needs classes: all labels of all batches, such as "
            'classes=["dog", "human"]'
        )
    given = np.asarray(list(classes) if isinstance(classes, Set) else classes)
    if given.ndim != 1 or len(missing_entries(given)) or len(np.unique(given)) < 2:
        raise ValueError(
            f"classes={given.tolist()}: partial_fit needs a list of at least two labels, none of "
            "them missing"
        )
    return given


def _label_column(X, y):
    if y is None:
        # The checks of scikit-learn expect the first words of this message.
        raise ValueError(
            "requires y to be passed, but the target y is None: give one class label for each "
            "sequence"
        )
    y = column_or_1d(y, warn=True)
    if len(y) != X.shape[0]:
        raise ValueError(
            f"Found {X.shape[0]} sequences but {len(y)} labels: inconsistent numbers of samples. "
            "Pass one label per sequence"
        )
    _reject_missing_labels(y)
    if y.dtype.kind == "f":
        assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    return y


def _reject_missing_labels(y):
    missing = missing_entries(y)
    if missing:
        raise ValueError(
            f"The label of sequence {missing[0]} is missing ({y.tolist()[missing[0]]!r}); "
            f"{len(missing)} label(s) in total. Input y contains NaN or None: drop these sequences"
        )
