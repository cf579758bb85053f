"""Convert class labels to JSON, and back with the same dtype."""

import re
import reprlib

import numpy as np

from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._values import get_entry, is_scalar

__all__ = ["labels_from_data", "labels_to_data"]

_DTYPES = {"|b1", "|i1", "|u1", "|O"} | {
    f"{order}{kind}{size}" for order in "<>" for kind in "iuf" for size in (2, 4, 8)
}
_STRING_DTYPE = re.compile(r"[<>]U([1-9][0-9]{0,6})")
_MAX_BYTES = 2**24


def labels_to_data(classes, name):
    """Convert class labels to a dict with the entries "dtype" and "values"."""
    data = {"dtype": classes.dtype.str, "values": classes.tolist()}
    try:
        labels_from_data(data)
    except InvalidModelContentError as error:
        raise UnsavableModelError(
            f"{name} has dtype {classes.dtype}, which a model file cannot store: {error}. It can "
            "store strings, booleans, integers and floats. Fit with such labels, for example "
            "y.astype(str), or save the model with joblib.dump",
            name=name,
        ) from error
    return data


def labels_from_data(data):
    """Convert the output of `labels_to_data` back to class labels.

    Labels must be distinct and survive the conversion to their dtype unchanged.
    """
    dtype, values = get_entry(data, "dtype", str), get_entry(data, "values", list)
    string_dtype = _STRING_DTYPE.fullmatch(dtype)
    if not string_dtype and dtype not in _DTYPES:
        raise InvalidModelContentError(f"{reprlib.repr(dtype)} is not a supported dtype of labels")
    # NumPy stores each string at the full width of the dtype, 4 bytes per character.
    if string_dtype and 4 * int(string_dtype[1]) * len(values) > _MAX_BYTES:
        raise InvalidModelContentError(
            f"{len(values)} labels of dtype {dtype} would take more than {_MAX_BYTES} bytes"
        )
    are_scalars = values and all(is_scalar(value) and value is not None for value in values)
    if not are_scalars or len(set(values)) < len(values) or not _has_dtype(values, dtype):
        raise InvalidModelContentError(
            f"the labels {reprlib.repr(values)} are not distinct values of dtype {dtype}"
        )
    return np.array(values, dtype=dtype)


def _has_dtype(values, dtype):
    """Return whether values keep their value and their Python type as an array of this dtype."""
    try:
        converted = np.array(values, dtype=dtype).tolist()
    except (ValueError, TypeError, OverflowError):
        return False
    return converted == values and list(map(type, converted)) == list(map(type, values))
