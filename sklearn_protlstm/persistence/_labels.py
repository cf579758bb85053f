"""Class labels as JSON, and back with their dtype."""

import re
import reprlib

import numpy as np

from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._values import is_scalar, take

__all__ = ["labels_from_data", "labels_to_data"]

_LABEL_TYPES = {"|b1", "|i1", "|u1", "|O"} | {
    f"{order}{kind}{size}" for order in "<>" for kind in "iuf" for size in (2, 4, 8)
}
_TEXT_LABELS = re.compile(r"[<>]U([1-9][0-9]{0,6})")
_LARGEST_LABELS = 2**24


def labels_to_data(classes, name):
    """Turn class labels into what JSON can hold.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Strings, booleans or numbers, or objects of these types.
    name : str
        For messages.

    Returns
    -------
    data : dict
        With "dtype" and "values".

    Raises
    ------
    UnsavableModelError
        If the labels are of another kind.
    """
    data = {"dtype": classes.dtype.str, "values": classes.tolist()}
    try:
        labels_from_data(data)
    except InvalidModelContentError as error:
        raise UnsavableModelError(
            f"{name} has dtype {classes.dtype}, and {error}: a model file holds labels that are "
            "strings, booleans, integers or floats. Fit with such labels, as from y.astype(str), "
            "or keep the model with joblib.dump",
            name=name,
        ) from error
    return data


def labels_from_data(data):
    """Turn what `labels_to_data` made back into labels.

    Parameters
    ----------
    data : dict
        With "dtype" and "values".

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Of the same dtype as when it was saved.

    Raises
    ------
    InvalidModelContentError
        If the dtype is not one for labels, or the values do not fit it, or one comes twice.
    """
    dtype, values = take(data, "dtype", str), take(data, "values", list)
    text = _TEXT_LABELS.fullmatch(dtype)
    if not text and dtype not in _LABEL_TYPES:
        raise InvalidModelContentError(f"the labels' dtype {reprlib.repr(dtype)} is not for labels")
    # A string dtype says by itself how much memory each label takes.
    if text and 4 * int(text[1]) * len(values) > _LARGEST_LABELS:
        raise InvalidModelContentError(
            f"{len(values)} labels of dtype {dtype} would take more than {_LARGEST_LABELS} bytes"
        )
    legal = values and all(is_scalar(value) and value is not None for value in values)
    if not legal or len(set(values)) < len(values) or not _fit(values, dtype):
        raise InvalidModelContentError(
            f"the labels {reprlib.repr(values)} are not distinct values of dtype {dtype}"
        )
    return np.array(values, dtype=dtype)


def _fit(values, dtype):
    try:
        back = np.array(values, dtype=dtype).tolist()
    except (ValueError, TypeError, OverflowError):
        return False
    return back == values and list(map(type, back)) == list(map(type, values))
