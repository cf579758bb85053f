"""Errors and warnings keep their message and their attributes, also through pickling."""

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
    FileInUseError,
    ForeignFileError,
    InvalidCheckpointError,
    InvalidModelContentError,
    InvalidResidueError,
    InvalidSequenceError,
    MissingModelFileError,
    ModelFileError,
    ModelVersionWarning,
    NewerModelFileError,
    NonFiniteLossError,
    ResumeError,
    SequenceFileError,
    SequenceFileWarning,
    TruncationWarning,
    UnreadableModelFileError,
    UnsavableModelError,
)

ATTRIBUTES = {
    AlteredCacheWarning: {"path": "data/page_00001.gz"},
    BatchMemoryWarning: {"device": "cuda:0", "n_rows": 16},
    CheckpointMismatchError: {"path": "runs/a", "differences": ["lr (0.1 there, 0.2 here)"]},
    DamagedModelFileError: {"path": "host.model"},
    DataQualityWarning: {"kind": "rare class"},
    DeviceMemoryError: {"device": "cuda:0", "n_residues": 4000},
    DeviceUnavailableError: {"device": "cuda:7"},
    DownloadError: {"url": "https://example.org/search", "folder": "data"},
    EmptySequenceError: {"record": 3},
    FileInUseError: {"file": "predictions.tsv", "process": 4711},
    ForeignFileError: {"path": "host.model"},
    InvalidCheckpointError: {"path": "runs/a"},
    InvalidModelContentError: {"path": "host.model"},
    InvalidResidueError: {"record": 3, "position": 17, "symbol": "-"},
    InvalidSequenceError: {"record": 0},
    MissingModelFileError: {"path": "host.model"},
    ModelFileError: {"path": "host.model"},
    ModelVersionWarning: {"saved": "1.6.1", "installed": "1.9.0"},
    NewerModelFileError: {"path": "host.model"},
    NonFiniteLossError: {"epoch": 5},
    ResumeError: {"file": "predictions.tsv", "row": 2},
    SequenceFileError: {"file": "proteins.gb", "record": 3, "line": 45},
    SequenceFileWarning: {"file": "proteins.gb", "n_records": 2},
    TruncationWarning: {"n_truncated": 12},
    UnreadableModelFileError: {"path": "host.model"},
    UnsavableModelError: {"name": "protlstmclassifier__callbacks"},
}


def attributes_of(error):
    return {name: getattr(error, name) for name in ATTRIBUTES[type(error)]}


def test_attributes_cover_all_exceptions():
    assert {kind.__name__ for kind in ATTRIBUTES} == set(exceptions.__all__)


@pytest.mark.parametrize("kind", ATTRIBUTES)
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
def test_copies_and_pickles_keep_the_attributes(kind, duplicate):
    error = duplicate(kind("something failed", **ATTRIBUTES[kind]))
    assert type(error) is kind
    assert str(error) == "something failed"
    assert error.args == ("something failed",)
    assert attributes_of(error) == ATTRIBUTES[kind]


def test_notes_survive_pickling():
    error = EmptySequenceError("something failed", record=3)
    error.add_note("in fold 2")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["in fold 2"]


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_attributes_can_be_positional(kind):
    assert attributes_of(kind("something failed", *ATTRIBUTES[kind].values())) == ATTRIBUTES[kind]


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (AlteredCacheWarning, UserWarning),
        (BatchMemoryWarning, UserWarning),
        (CheckpointMismatchError, ValueError),
        (DeviceMemoryError, MemoryError),
        (DeviceUnavailableError, ValueError),
        (DownloadError, OSError),
        (EmptySequenceError, InvalidSequenceError),
        (FileInUseError, OSError),
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
        (ModelVersionWarning, UserWarning),
        (SequenceFileWarning, UserWarning),
        (TruncationWarning, UserWarning),
        (UnreadableModelFileError, OSError),
        (UnsavableModelError, TypeError),
    ],
)
def test_base_class_catches_it(kind, base):
    with pytest.raises(base, match="something failed"):
        raise kind("something failed", **ATTRIBUTES[kind])


def test_recorded_warning_keeps_its_attributes():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn(TruncationWarning("3 were truncated", n_truncated=3), stacklevel=1)
    assert caught[0].message.n_truncated == 3
