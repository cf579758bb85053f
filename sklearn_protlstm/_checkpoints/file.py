"""The checkpoint file: a header in JSON, and the state of a training as torch writes it.

The header is one line. It states the format, the facts that the training belongs to, and a
SHA-256 sum over the facts and the state. ``torch.load(weights_only=True)`` reads the state, which
runs no code.
"""

import hashlib
import io
import json

import numpy as np
import torch

from sklearn_protlstm._atomic_write import atomic_write
from sklearn_protlstm.exceptions import InvalidCheckpointError

__all__ = ["read_facts", "read_state", "write_state"]

_FORMAT = "sklearn_protlstm training checkpoint 2"

# Functions that make NumPy's arrays and scalars from data, and do nothing else.
_NUMPY = [
    bytes,
    np.ndarray,
    np.dtype,
    np.empty(0).__reduce__()[0],
    np.float64(0).__reduce__()[0],
    *{type(np.dtype(kind)) for kind in "?bhilqBHILQefd"},
]


def write_state(path, state, facts):
    """Write a checkpoint, whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        An existing file is kept until the new one is complete.
    state : dict
        Plain values, NumPy scalars and arrays, tensors, and lists, tuples and dicts of these.
    facts : dict
        What the training belongs to; for JSON.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getbuffer()
    header = {"format": _FORMAT, "facts": facts, "sha256": _checksum(facts, content)}
    try:
        with atomic_write(path) as file:
            file.write(json.dumps(header).encode() + b"\n")
            file.write(content)
    except OSError as error:
        error.add_note(f"while writing the checkpoint {path}; an earlier checkpoint is unchanged")
        raise


def read_facts(path):
    """Read what a checkpoint belongs to, without its state."""
    return _read(path, lambda file, header: None)[0]


def read_state(path):
    """Read the facts and the state of a checkpoint.

    Raises InvalidCheckpointError if the file is damaged or is not a checkpoint.
    """
    return _read(path, _load_state)


def _checksum(facts, content):
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    digest.update(content)
    return digest.hexdigest()


def _read(path, read_rest):
    try:
        with open(path, "rb") as file:
            header = json.loads(file.readline())
            if type(header) is not dict or header.get("format") != _FORMAT:
                found = header.get("format") if type(header) is dict else header
                raise ValueError(f"its format is {found!r}, not {_FORMAT!r}")
            facts = header["facts"]
            if type(facts) is not dict or not all(type(part) is dict for part in facts.values()):
                raise ValueError("its facts are not in the form of this version")
            return facts, read_rest(file, header)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidCheckpointError(
            f"{path} is not a valid checkpoint of this version, or it is damaged ({error}). Delete "
            "it and train from the start, or give another checkpoint_dir",
            path=str(path),
        ) from error


def _load_state(file, header):
    content = file.read()
    if _checksum(header["facts"], content) != header["sha256"]:
        raise ValueError("its contents have changed since it was written")
    try:
        with torch.serialization.safe_globals(_NUMPY):
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    # On a malformed file, torch raises whatever its code runs into. The file is in memory already.
    except Exception as error:
        # torch's own message explains at length how to load a file that runs code.
        raise ValueError("it holds something else than data") from error
