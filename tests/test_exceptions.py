"""Errors keep their message and their facts, also on the way from another process."""

import copy
import pickle
import warnings

import pytest

from sklearn_protlstm import exceptions
from sklearn_protlstm.exceptions import (
    AlteredCacheWarning,
    BatchMemoryWarning,
    CheckpointMismatchError,
    DamagedModelFileError,
    DataQualityWarning,
    DeviceMemoryError,
    DeviceUnavailableError,
    DownloadError,
    EmptySequenceError,
    ForeignFileError,
    InvalidCheckpointError,
    InvalidModelContentError,
    InvalidResidueError,
    InvalidSequenceError,
    MissingModelFileError,
    ModelFileError,
    NewerModelFileError,
    NonFiniteLossError,
    ResumeError,
    SequenceFileError,
    SequenceFileWarning,
    TruncationWarning,
    UnreadableModelFileError,
    UnsavableModelError,
)

FACTS = {
    AlteredCacheWarning: {"path": "data/page_00001.gz"},
    BatchMemoryWarning: {"device": "cuda:0", "n_rows": 16},
    CheckpointMismatchError: {"path": "runs/a", "differences": ["lr (0.1 there, 0.2 here)"]},
    DamagedModelFileError: {"path": "host.model"},
    DataQualityWarning: {"kind": "rare class"},
    DeviceMemoryError: {"device": "cuda:0", "n_residues": 4000},
    DeviceUnavailableError: {"device": "cuda:7"},
    DownloadError: {"url": "https://example.org/search", "folder": "data"},
    EmptySequenceError: {"record": 3},
    ForeignFileError: {"path": "host.model"},
    InvalidCheckpointError: {"path": "runs/a"},
    InvalidModelContentError: {"path": "host.model"},
    InvalidResidueError: {"record": 3, "position": 17, "symbol": "-"},
    InvalidSequenceError: {"record": 0},
    MissingModelFileError: {"path": "host.model"},
    ModelFileError: {"path": "host.model"},
    NewerModelFileError: {"path": "host.model"},
    NonFiniteLossError: {"epoch": 5},
    ResumeError: {"file": "predictions.tsv", "row": 2},
    SequenceFileError: {"file": "proteins.gb", "record": 3, "line": 45},
    SequenceFileWarning: {"file": "proteins.gb", "n_records": 2},
    TruncationWarning: {"n_truncated": 12},
    UnreadableModelFileError: {"path": "host.model"},
    UnsavableModelError: {"name": "protlstmclassifier__callbacks"},
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
        (AlteredCacheWarning, UserWarning),
        (BatchMemoryWarning, UserWarning),
        (CheckpointMismatchError, ValueError),
        (DeviceMemoryError, MemoryError),
        (DeviceUnavailableError, ValueError),
        (DownloadError, OSError),
        (EmptySequenceError, InvalidSequenceError),
        (InvalidCheckpointError, ValueError),
        (InvalidResidueError, InvalidSequenceError),
        (InvalidSequenceError, ValueError),
        (DamagedModelFileError, ModelFileError),
        (ForeignFileError, ModelFileError),
        (InvalidModelContentError, ModelFileError),
        (MissingModelFileError, FileNotFoundError),
        (ModelFileError, ValueError),
        (NewerModelFileError, ModelFileError),
        (NonFiniteLossError, ArithmeticError),
        (ResumeError, ValueError),
        (SequenceFileError, ValueError),
        (SequenceFileWarning, UserWarning),
        (TruncationWarning, UserWarning),
        (UnreadableModelFileError, OSError),
        (UnsavableModelError, TypeError),
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
