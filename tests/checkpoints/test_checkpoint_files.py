"""What goes into a checkpoint's file comes out of it, in types and bits."""

import math
from collections import OrderedDict

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sklearn_protlstm._checkpoints.file import read_facts, read_state, write_state
from sklearn_protlstm._checkpoints.state import is_plain
from sklearn_protlstm.exceptions import InvalidCheckpointError

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


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_plain_values(tmp_path, value):
    assert is_plain(value)
    write_state(tmp_path / "state", {"value": value}, {})
    assert_equal_in_type(read_state(tmp_path / "state")[1]["value"], value)


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


@pytest.mark.parametrize("kind", "?bhilBHILefd")
def test_numpy_values_of_every_kind(kind, tmp_path):
    state = {"scalar": np.ones(1, kind)[0], "array": np.ones((2, 3), kind)}
    write_state(tmp_path / "state", state, {})
    _, read = read_state(tmp_path / "state")
    assert type(read["scalar"]) is type(state["scalar"])
    np.testing.assert_array_equal(read["array"], state["array"], strict=True)


@pytest.mark.parametrize("value", [print, {1, 2}, object(), np.array([None]), {"a": [b"bytes"]}])
def test_other_objects_are_not_plain(value):
    assert not is_plain(value)


class Dangerous:
    def __reduce__(self):
        return print, ("code runs",)


def test_no_code_runs(tmp_path, capsys):
    # With a checksum that is right, as an attacker would make it.
    write_state(tmp_path / "state", {"value": Dangerous()}, {})
    with pytest.raises(InvalidCheckpointError, match="holds something else than data"):
        read_state(tmp_path / "state")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("where", ["facts", "state"])
def test_every_change_is_seen(tmp_path, where):
    path = tmp_path / "state"
    write_state(path, {"value": torch.zeros(3)}, {"subject": {"lr": 0.1}})
    header, _, content = path.read_bytes().partition(b"\n")
    if where == "facts":
        header = header.replace(b"0.1", b"0.2")
    else:
        content = content[:-1] + bytes([content[-1] ^ 1])
    path.write_bytes(header + b"\n" + content)
    with pytest.raises(InvalidCheckpointError, match="contents have changed since it was written"):
        read_state(path)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b"1\n", b"PK\x03\x04"]
)
def test_other_files(tmp_path, content):
    (tmp_path / "state").write_bytes(content)
    for read in (read_facts, read_state):
        with pytest.raises(InvalidCheckpointError, match="not a valid checkpoint of this version"):
            read(tmp_path / "state")
