"""The bytes of a model file hold a description and arrays, and headers have a maximum size."""

import numpy as np
import pytest
from model_files import join_file, split_file

from sklearn_protlstm.exceptions import DamagedModelFileError, UnsavableModelError
from sklearn_protlstm.persistence._container import deserialize, serialize

MAX_HEADER_BYTES = 2**22
# Length of a note that makes the header as long as possible. Headers are padded to 8 bytes.
MAX_NOTE = MAX_HEADER_BYTES - len(serialize({"format": 1, "note": ""}, {}))


def test_arrays_without_elements_are_restored():
    arrays = {"none": np.empty((0, 3), dtype=np.float32), "one": np.array([7], dtype=np.int8)}
    description, restored = deserialize(serialize({"format": 1}, arrays))
    assert description == {"format": 1}
    assert {name: array.shape for name, array in restored.items()} == {"none": (0, 3), "one": (1,)}
    assert restored["none"].dtype == np.float32


def test_zeros_in_the_description_are_not_taken_for_the_checksum():
    zeros = "0" * 64
    description, _ = deserialize(serialize({"format": 1, "note": [zeros, zeros]}, {}))
    assert description == {"format": 1, "note": [zeros, zeros]}


def test_header_of_maximum_size_can_be_read():
    content = serialize({"format": 1, "note": "x" * MAX_NOTE}, {})
    assert len(content) == MAX_HEADER_BYTES
    assert len(deserialize(content)[0]["note"]) == MAX_NOTE


def test_larger_header_is_not_written():
    with pytest.raises(UnsavableModelError, match=f"takes {MAX_HEADER_BYTES + 8} bytes of text"):
        serialize({"format": 1, "note": "x" * (MAX_NOTE + 8)}, {})


def test_larger_header_is_not_read():
    header, description, data = split_file(serialize({"format": 1, "note": "x" * MAX_NOTE}, {}))
    content = join_file(header, {**description, "note": "x" * (MAX_NOTE + 8)}, data)
    message = rf"the header is 41943\d\d bytes long, but the maximum is {MAX_HEADER_BYTES}\."
    with pytest.raises(DamagedModelFileError, match=message):
        deserialize(content)
