"""Errors keep their message and their facts, also on the way from another process."""

import copy
import pickle
import warnings

import pytest

from sklearn_protlstm import exceptions
from sklearn_protlstm.exceptions import (
    BatchMemoryWarning,
    CheckpointMismatchError,
    DataQualityWarning,
    DeviceMemoryError,
    DeviceUnavailableError,
    EmptySequenceError,
    InvalidCheckpointError,
    InvalidResidueError,
    InvalidSequenceError,
    NonFiniteLossError,
    TruncationWarning,
)

FACTS = {
    BatchMemoryWarning: {"device": "cuda:0", "n_rows": 16},
    CheckpointMismatchError: {"path": "runs/a", "differences": ["lr (0.1 there, 0.2 here)"]},
    DataQualityWarning: {"kind": "rare class"},
    DeviceMemoryError: {"device": "cuda:0", "n_residues": 4000},
    DeviceUnavailableError: {"device": "cuda:7"},
    EmptySequenceError: {"record": 3},
    InvalidCheckpointError: {"path": "runs/a"},
    InvalidResidueError: {"record": 3, "position": 17, "symbol": "-"},
    InvalidSequenceError: {"record": 0},
    NonFiniteLossError: {"epoch": 5},
    TruncationWarning: {"n_truncated": 12},
}


def facts_of(error):
    return {name: getattr(error, name) for name in FACTS[type(error)]}


def test_every_exception_is_tested():
    assert {kind.__name__ for kind in FACTS} == set(exceptions.__all__)


@pytest.mark.parametrize("kind", FACTS)
@pytest.mark.parametrize(
    "duplicate",
    [
        lambda error: error,
        copy.copy,
        copy.deepcopy,
        *(
            lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
def test_facts_survive(kind, duplicate):
    error = duplicate(kind("what went wrong", **FACTS[kind]))
    assert type(error) is kind
    assert str(error) == "what went wrong"
    assert error.args == ("what went wrong",)
    assert facts_of(error) == FACTS[kind]


@pytest.mark.parametrize("kind", FACTS)
def test_facts_in_order_and_by_position(kind):
    assert facts_of(kind("what went wrong", *FACTS[kind].values())) == FACTS[kind]


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (BatchMemoryWarning, UserWarning),
        (CheckpointMismatchError, ValueError),
        (DeviceMemoryError, MemoryError),
        (DeviceUnavailableError, ValueError),
        (EmptySequenceError, InvalidSequenceError),
        (InvalidCheckpointError, ValueError),
        (InvalidResidueError, InvalidSequenceError),
        (InvalidSequenceError, ValueError),
        (NonFiniteLossError, ArithmeticError),
        (TruncationWarning, UserWarning),
    ],
)
def test_caught_by_the_builtin_kind(kind, builtin):
    with pytest.raises(builtin, match="what went wrong"):
        raise kind("what went wrong", **FACTS[kind])


def test_warning_keeps_its_facts_when_it_is_shown():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn(TruncationWarning("3 were cut", n_truncated=3), stacklevel=1)
    assert caught[0].message.n_truncated == 3
