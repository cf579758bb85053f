"""Parameters and class labels survive the conversion to JSON and back."""

import re

import numpy as np
import pytest

from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._labels import labels_from_data, labels_to_data
from sklearn_protlstm.persistence._values import from_data, is_strictly_increasing, to_data

MAX_LABEL_BYTES = 2**24
WRAPPERS = {
    "list": (lambda inner: [0, inner], lambda inner: [0, inner]),
    "tuple": (lambda inner: (0, inner), lambda inner: {"tuple": [0, inner]}),
    "dict": (lambda inner: {"a": inner}, lambda inner: {"dict": [["a", inner]]}),
}


def nest(wrap, depth):
    value = 1
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize("kind", WRAPPERS)
def test_eight_levels_are_restored(kind):
    value, data = (nest(wrap, 8) for wrap in WRAPPERS[kind])
    assert to_data(value, "x", {}) == data
    assert from_data(data, "x", {}) == value
    assert type(from_data(data, "x", {})) is type(value)


@pytest.mark.parametrize("kind", WRAPPERS)
def test_nine_levels_raise(kind):
    value, data = (nest(wrap, 9) for wrap in WRAPPERS[kind])
    with pytest.raises(UnsavableModelError, match=r"^x\["):
        to_data(value, "x", {})
    with pytest.raises(InvalidModelContentError, match=r"^x is nested deeper than 8 levels$"):
        from_data(data, "x", {})


def test_message_names_the_place_of_the_object():
    with pytest.raises(UnsavableModelError, match=r"^x\[1\]\['a'\]\[0\] is <object"):
        to_data([0, {"a": (object(),)}], "x", {})


@pytest.mark.parametrize("number", [2**64 - 1, 1 - 2**64])
def test_integers_are_limited_to_64_bits(number):
    assert from_data(to_data(number, "x", {}), "x", {}) == number
    too_large = number + (1 if number > 0 else -1)
    with pytest.raises(UnsavableModelError, match=r"of type int\. A model file can store numbers"):
        to_data(too_large, "x", {})
    with pytest.raises(InvalidModelContentError, match=r"^x is .*, expected one of tuple, dict"):
        from_data(too_large, "x", {})


@pytest.mark.parametrize("kind", ["tuple", "dict", "alphabet"])
def test_content_of_another_type_raises(kind):
    with pytest.raises(InvalidModelContentError, match="expected one of tuple, dict, alphabet and"):
        from_data({kind: 3}, "x", {})


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], True),
        ([2], True),
        ([2, 9], True),
        ([1, 9], False),
        ([2, 3, 10], False),
        ([2, 2, 9], False),
        ([3, 2, 9], False),
        ([2, 4, 3], False),
    ],
)
def test_is_strictly_increasing(numbers, expected):
    assert is_strictly_increasing(np.array(numbers, dtype=np.int64), 2, 9) is expected


@pytest.mark.parametrize(
    "dtype",
    ["?", "b", "B", "U5", ">U5", "O"]
    + [f"{order}{kind}{size}" for order in "<>" for kind in "iuf" for size in (2, 4, 8)],
)
def test_labels_of_supported_dtype_are_restored(dtype):
    classes = np.array([0, 1], dtype=dtype)
    restored = labels_from_data(labels_to_data(classes, "classes_"))
    assert restored.dtype == classes.dtype
    assert restored.tolist() == classes.tolist()


@pytest.mark.parametrize("dtype", ["c8", "M8[s]", "S3"])
def test_labels_of_other_dtypes_raise(dtype):
    classes = np.array([0, 1]).astype(dtype)
    message = f"^classes_ has dtype {re.escape(str(classes.dtype))}, which a model file cannot sto"
    with pytest.raises(UnsavableModelError, match=message):
        labels_to_data(classes, "classes_")


def test_memory_of_string_labels_is_limited():
    n_letters = MAX_LABEL_BYTES // 8  # two labels of 4 bytes per letter
    data = {"dtype": f"<U{n_letters}", "values": ["a", "b"]}
    assert labels_from_data(data).tolist() == ["a", "b"]
    message = f"^2 labels of dtype <U{n_letters + 1} would take more than {MAX_LABEL_BYTES} bytes"
    with pytest.raises(InvalidModelContentError, match=message):
        labels_from_data({**data, "dtype": f"<U{n_letters + 1}"})
