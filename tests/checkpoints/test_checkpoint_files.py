"""What goes into a checkpoint's file comes out of it, in types and bits."""

import math
from collections import OrderedDict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sklearn_protlstm._checkpoints.file import (
    is_packable,
    pack,
    read_facts,
    read_state,
    unpack,
    write_state,
)

NUMBERS = st.floats(allow_nan=False) | st.integers() | st.booleans() | st.none() | st.text()
VALUES = st.recursive(
    NUMBERS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.dictionaries(st.just("kind") | st.integers(), inner)
    ),
)


def assert_equal_in_type(one, other):
    assert type(one) is type(other)
    if isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for left, right in zip(one, other):
            assert_equal_in_type(left, right)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_equal_in_type(one[key], other[key])
    else:
        assert one == other


@given(VALUES)
def test_plain_values(value):
    assert is_packable(value)
    assert_equal_in_type(unpack(pack(value, {}), {}), value)


def test_through_a_file(tmp_path):
    state = {
        "bits": np.float64(0.1),
        "flag": np.bool_(True),
        "seed": np.arange(4, dtype=np.uint32),
        "empty": np.zeros((0, 3)),
        "scalar": torch.tensor(3.5, dtype=torch.float64),
        "bytes": torch.Generator().get_state(),
        "view": torch.arange(6.0).reshape(2, 3).T,
        "half": torch.tensor([0.1], dtype=torch.bfloat16),
        "infinite": [math.inf, -math.inf],
        "ordered": OrderedDict(a=torch.zeros(0)),
    }
    path = tmp_path / "state"
    write_state(path, state, {"subject": {"lr": 0.1}})
    facts, read = read_state(path)
    assert facts == read_facts(path) == {"subject": {"lr": 0.1}}
    assert read.keys() == state.keys()
    for name in ("bits", "flag", "infinite"):
        assert_equal_in_type(read[name], state[name])
    for name in ("seed", "empty"):
        np.testing.assert_array_equal(read[name], state[name], strict=True)
    for name in ("scalar", "bytes", "view", "half"):
        assert read[name].dtype == state[name].dtype
        assert torch.equal(read[name], state[name])
    assert torch.equal(read["ordered"]["a"], torch.zeros(0))


def test_tensors_are_copies():
    tensor, tensors = torch.zeros(2), {}
    plain = pack([tensor, tensor], tensors)
    tensor += 1
    assert [value.tolist() for value in unpack(plain, tensors)] == [[0, 0], [0, 0]]


@pytest.mark.parametrize("value", [print, {1, 2}, object(), np.array([None]), {"a": [b"bytes"]}])
def test_other_objects_are_refused(value):
    assert not is_packable(value)
    with pytest.raises(TypeError, match="A checkpoint does not hold objects of type"):
        pack(value, {})


def test_unknown_kind():
    with pytest.raises(ValueError, match="no value of kind 'function'"):
        unpack({"kind": "function", "name": "os.system"}, {})
