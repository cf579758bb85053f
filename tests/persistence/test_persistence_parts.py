"""The parts of a model file by themselves: parameters as JSON, and the bytes around them."""

import re

import numpy as np
import pytest
from model_files import join_file, split_file

from sklearn_protlstm.exceptions import (
    DamagedModelFileError,
    InvalidModelContentError,
    UnsavableModelError,
)
from sklearn_protlstm.persistence._container import pack, unpack
from sklearn_protlstm.persistence._labels import labels_from_data, labels_to_data
from sklearn_protlstm.persistence._values import from_data, is_rising, to_data

LARGEST_HEADER = 2**22
LARGEST_LABELS = 2**24
# Letters that a note may surely have; headers are padded to multiples of 8 bytes.
ROOM = LARGEST_HEADER - len(pack({"format": 1, "note": ""}, {}))
NESTS = {
    "list": (lambda inner: [0, inner], lambda inner: [0, inner]),
    "tuple": (lambda inner: (0, inner), lambda inner: {"tuple": [0, inner]}),
    "dict": (lambda inner: {"a": inner}, lambda inner: {"dict": [["a", inner]]}),
}


def nest(wrap, depth):
    value = 1
    for _ in range(depth):
        value = wrap(value)
    return value


class TestNesting:
    @pytest.mark.parametrize("kind", NESTS)
    def test_eight_levels_come_back(self, kind):
        value, data = (nest(wrap, 8) for wrap in NESTS[kind])
        assert to_data(value, "x", {}) == data
        assert from_data(data, "x", {}) == value
        assert type(from_data(data, "x", {})) is type(value)

    @pytest.mark.parametrize("kind", NESTS)
    def test_nine_levels_are_refused(self, kind):
        value, data = (nest(wrap, 9) for wrap in NESTS[kind])
        with pytest.raises(UnsavableModelError, match=r"^x\["):
            to_data(value, "x", {})
        with pytest.raises(InvalidModelContentError, match=r"^x is nested deeper than 8 levels$"):
            from_data(data, "x", {})

    def test_message_says_where(self):
        with pytest.raises(UnsavableModelError, match=r"^x\[1\]\['a'\]\[0\] is <object"):
            to_data([0, {"a": (object(),)}], "x", {})


@pytest.mark.parametrize("number", [2**64 - 1, 1 - 2**64])
def test_large_numbers(number):
    assert from_data(to_data(number, "x", {}), "x", {}) == number
    beyond = number + (1 if number > 0 else -1)
    with pytest.raises(UnsavableModelError, match="of type int: a model file holds numbers"):
        to_data(beyond, "x", {})
    with pytest.raises(InvalidModelContentError, match=r"^x is .*, expected one of tuple, dict"):
        from_data(beyond, "x", {})


@pytest.mark.parametrize("kind", ["tuple", "dict", "alphabet"])
def test_content_of_another_type(kind):
    with pytest.raises(InvalidModelContentError, match="expected one of tuple, dict, alphabet and"):
        from_data({kind: 3}, "x", {})


@pytest.mark.parametrize(
    ("numbers", "rising"),
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
def test_is_rising(numbers, rising):
    assert is_rising(np.array(numbers, dtype=np.int64), 2, 9) is rising


class TestLabels:
    @pytest.mark.parametrize(
        "dtype",
        ["?", "b", "B", "U5", ">U5", "O"]
        + [f"{order}{kind}{size}" for order in "<>" for kind in "iuf" for size in (2, 4, 8)],
    )
    def test_every_type(self, dtype):
        classes = np.array([0, 1], dtype=dtype)
        again = labels_from_data(labels_to_data(classes, "classes_"))
        assert again.dtype == classes.dtype
        assert again.tolist() == classes.tolist()

    @pytest.mark.parametrize("dtype", ["c8", "M8[s]", "S3"])
    def test_other_types(self, dtype):
        classes = np.array([0, 1]).astype(dtype)
        message = f"^classes_ has dtype {re.escape(str(classes.dtype))}, and the labels' dtype"
        with pytest.raises(UnsavableModelError, match=message):
            labels_to_data(classes, "classes_")

    def test_memory_of_long_strings(self):
        # 4 bytes a letter, two labels
        n_letters = LARGEST_LABELS // 8
        fits = {"dtype": f"<U{n_letters}", "values": ["a", "b"]}
        assert labels_from_data(fits).tolist() == ["a", "b"]
        message = f"^2 labels of dtype <U{n_letters + 1} would take more than {LARGEST_LABELS} byte"
        with pytest.raises(InvalidModelContentError, match=message):
            labels_from_data({**fits, "dtype": f"<U{n_letters + 1}"})


class TestBytes:
    def test_arrays_without_elements(self):
        arrays = {"none": np.empty((0, 3), dtype=np.float32), "one": np.array([7], dtype=np.int8)}
        description, again = unpack(pack({"format": 1}, arrays))
        assert description == {"format": 1}
        assert {name: array.shape for name, array in again.items()} == {"none": (0, 3), "one": (1,)}
        assert again["none"].dtype == np.float32

    def test_a_checksum_elsewhere_stays(self):
        zeros = "0" * 64
        description, _ = unpack(pack({"format": 1, "note": [zeros, zeros]}, {}))
        assert description == {"format": 1, "note": [zeros, zeros]}

    def test_the_largest_header_can_be_read(self):
        content = pack({"format": 1, "note": "x" * ROOM}, {})
        assert len(content) == LARGEST_HEADER
        assert len(unpack(content)[0]["note"]) == ROOM

    def test_a_larger_header_is_neither_written_nor_read(self):
        with pytest.raises(UnsavableModelError, match=f"takes {LARGEST_HEADER + 8} bytes of text"):
            pack({"format": 1, "note": "x" * (ROOM + 8)}, {})
        header, description, data = split_file(pack({"format": 1, "note": "x" * ROOM}, {}))
        content = join_file(header, {**description, "note": "x" * (ROOM + 8)}, data)
        message = rf"the header claims 41943\d\d bytes, more than the {LARGEST_HEADER} that"
        with pytest.raises(DamagedModelFileError, match=message):
            unpack(content)
