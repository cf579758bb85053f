"""Nested Python values with tensors in them as one file, which cannot run code when it is read.

A file is in the safetensors format: tensors by number, and beside them the structure that holds
them as JSON. Its header states what it belongs to, and can be read without the rest.
"""

import hashlib
import json
import os
import time
import uuid
from collections import OrderedDict

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from sklearn_protlstm.exceptions import InvalidCheckpointError

__all__ = [
    "is_packable",
    "pack",
    "read_facts",
    "read_state",
    "remove_leftovers",
    "unpack",
    "write_state",
]

_FORMAT = "sklearn_protlstm training checkpoint 1"

# What a dict needs to be a JSON object as it is; any other is written as a list of pairs.
_KIND = "kind"

# Nobody writes a checkpoint for that long: a part of one that is older was left by a killed run.
_LEFTOVER_SECONDS = 3600


def is_packable(value):
    """Tell whether `pack` takes a value.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    answer : bool
        Whether all of it is of the kinds that `pack` knows.

    Examples
    --------
    >>> is_packable([1, {"a": None}]), is_packable({"a": print})
    (True, False)
    """
    if type(value) in (list, tuple):
        return all(map(is_packable, value))
    if type(value) in (dict, OrderedDict):
        return all(map(is_packable, value.keys())) and all(map(is_packable, value.values()))
    if isinstance(value, (np.generic, np.ndarray)):
        return value.dtype.kind in "biuf"
    return (
        value is None or type(value) in (bool, int, float, str) or isinstance(value, torch.Tensor)
    )


def pack(value, tensors):
    """Turn a nested value into one for JSON, and put its tensors aside.

    Parameters
    ----------
    value : object
        None, bool, int, float, str, NumPy scalar or array, tensor, or list, tuple or dict of such.
    tensors : dict of str to Tensor
        Takes copies of the tensors, on the CPU.

    Returns
    -------
    plain : None, bool, int, float, str, list or dict
        For `unpack`.

    Raises
    ------
    TypeError
        If there is something of another kind in it.

    Examples
    --------
    >>> pack({"epoch": 3, "betas": (0.9, 0.99)}, {})
    {'epoch': 3, 'betas': {'kind': 'tuple', 'items': [0.9, 0.99]}}
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is list:
        return [pack(item, tensors) for item in value]
    if kind is tuple:
        return {_KIND: "tuple", "items": [pack(item, tensors) for item in value]}
    if kind in (dict, OrderedDict):
        if _KIND not in value and all(type(key) is str for key in value):
            return {key: pack(item, tensors) for key, item in value.items()}
        pairs = [[pack(key, tensors), pack(item, tensors)] for key, item in value.items()]
        return {_KIND: "dict", "items": pairs}
    if isinstance(value, torch.Tensor):
        return {_KIND: "tensor", "name": _put_aside(value, tensors)}
    if not is_packable(value):
        raise TypeError(f"A checkpoint does not hold objects of type {kind.__qualname__}")
    if isinstance(value, np.generic):
        return {_KIND: "scalar", "dtype": value.dtype.str, "value": value.item()}
    # torch refuses to make a tensor of no bytes.
    data = torch.frombuffer(bytearray(value.tobytes()) or bytearray(1), dtype=torch.uint8)
    name = _put_aside(data, tensors)
    return {_KIND: "array", "dtype": value.dtype.str, "shape": list(value.shape), "name": name}


def _put_aside(tensor, tensors):
    name = str(len(tensors))
    tensors[name] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
    return name


def unpack(plain, tensors):
    """Undo `pack`.

    Parameters
    ----------
    plain : None, bool, int, float, str, list or dict
        What `pack` made.
    tensors : dict of str to Tensor
        What it put aside.

    Returns
    -------
    value : object
        Equal to the one packed, in types and bits.

    Examples
    --------
    >>> tensors = {}
    >>> unpack(pack({1: (True, None)}, tensors), tensors)
    {1: (True, None)}
    """
    if isinstance(plain, list):
        return [unpack(item, tensors) for item in plain]
    if not isinstance(plain, dict):
        return plain
    kind = plain.get(_KIND)
    if kind is None:
        return {key: unpack(item, tensors) for key, item in plain.items()}
    if kind == "tuple":
        return tuple(unpack(item, tensors) for item in plain["items"])
    if kind == "dict":
        return {unpack(key, tensors): unpack(item, tensors) for key, item in plain["items"]}
    if kind == "tensor":
        return tensors[plain["name"]]
    if kind == "scalar":
        return np.dtype(plain["dtype"]).type(plain["value"])
    if kind == "array":
        shape = tuple(plain["shape"])
        data = tensors[plain["name"]].numpy().tobytes()
        return np.frombuffer(data, plain["dtype"], count=int(np.prod(shape))).reshape(shape).copy()
    raise ValueError(f"A checkpoint holds no value of kind {kind!r}")


def write_state(path, state, facts):
    """Write a file that is at its place either whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        A file there is replaced, and kept until the new one is whole.
    state : dict
        Anything that `pack` takes.
    facts : dict
        What the file belongs to; for JSON.

    Raises
    ------
    OSError
        If it cannot be written. The former file is whole then.
    """
    tensors = {}
    structure = json.dumps(pack(state, tensors)).encode()
    tensors["structure"] = torch.frombuffer(bytearray(structure), dtype=torch.uint8)
    metadata = {"format": _FORMAT, "facts": json.dumps(facts), "checksum": _checksum(tensors)}
    content = save(tensors, metadata)
    # A name of its own: two processes may write the same checkpoint.
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.add_note(f"while writing the checkpoint {path}; the one before, if any, is whole")
        raise


def _checksum(tensors):
    state = hashlib.sha256()
    for name in sorted(tensors):
        state.update(tensors[name].reshape(-1).view(torch.uint8).numpy())
    return state.hexdigest()


def remove_leftovers(path):
    """Remove what killed runs have left unfinished.

    Parameters
    ----------
    path : pathlib.Path
        The file that they were about to write.
    """
    for part in path.parent.glob(f".{path.name}.*.part"):
        try:
            if time.time() - part.stat().st_mtime > _LEFTOVER_SECONDS:
                part.unlink()
        except FileNotFoundError:
            pass  # another process was faster


def read_facts(path):
    """Read what a file belongs to.

    Parameters
    ----------
    path : pathlib.Path
        Of `write_state`.

    Returns
    -------
    facts : dict
        As they were written.

    Raises
    ------
    InvalidCheckpointError
        If the file is damaged, or was written by something else.
    """
    return _read(path, lambda file, metadata: None)[0]


def read_state(path):
    """Read a file.

    Parameters
    ----------
    path : pathlib.Path
        Of `write_state`.

    Returns
    -------
    facts : dict
        What the file belongs to.
    state : dict
        As it was written.

    Raises
    ------
    InvalidCheckpointError
        If the file is damaged, or was written by something else.
    """
    return _read(path, _read_structure)


def _read(path, read_rest):
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != _FORMAT:
                raise ValueError(f"its format is {metadata.get('format')!r}, not {_FORMAT!r}")
            return json.loads(metadata["facts"]), read_rest(file, metadata)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise InvalidCheckpointError(
            f"{path} is no checkpoint of this version, or is damaged ({error}). Delete it and "
            "train afresh, or give another checkpoint_dir",
            path=str(path),
        ) from error


def _read_structure(file, metadata):
    # Copies, for the file may be replaced while they are in use.
    names = file.keys()
    tensors = {name: file.get_tensor(name).clone() for name in names}
    if _checksum(tensors) != metadata["checksum"]:
        raise ValueError("its contents have changed since it was written")
    structure = tensors.pop("structure").numpy().tobytes()
    return unpack(json.loads(structure), tensors)
