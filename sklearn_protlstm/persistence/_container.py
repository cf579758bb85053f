"""The file itself: a safetensors file with a description in JSON and a checksum over all of it.

A safetensors file is a length (8 bytes, little-endian), a header in JSON that names the arrays
and where they lie, and their bytes. The header's ``__metadata__`` holds one string, the
description. It starts with a SHA-256 sum over the whole file, taken with zeros in its own place.
"""

import hashlib
import json
import math
import os
import re
import reprlib
import secrets
import stat
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from sklearn_protlstm.exceptions import (
    DamagedModelFileError,
    ForeignFileError,
    InvalidModelContentError,
    MissingModelFileError,
    NewerModelFileError,
    UnreadableModelFileError,
    UnsavableModelError,
)
from sklearn_protlstm.persistence._values import ARRAY_TYPES

__all__ = ["FORMAT", "pack", "read", "unpack", "write"]

#: Number of the format that is written. All from 1 on can be read, now and later.
FORMAT = 1

# Bytes in front of the arrays. JSON takes up to some thirty times its length in memory, and this
# much may be asked of anyone.
_LARGEST_HEADER = 2**22
_LENGTH_BYTES = 8
_MOST_DIGITS = 20
_MARK = "sklearn_protlstm"
_BLANK = "0" * 64
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WAY_OUT = "Save the model again with save_model, or fetch the file again"

# What people take for a model file, by its first bytes.
_KINDS = {
    b"PK\x03\x04": "a zip archive, as torch.save and numpy.savez write",
    b"\x80": "a Python pickle, as joblib.dump writes. Load your own with joblib.load, and no "
    "stranger's: it can run any code",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file, as Keras writes",
}


def pack(description, arrays):
    """Make the bytes of a file.

    Parameters
    ----------
    description : dict
        What JSON can hold.
    arrays : dict of str to ndarray
        Little-endian and contiguous.

    Returns
    -------
    content : bytes
        The same for the same model.

    Raises
    ------
    UnsavableModelError
        If the description is too long.
    """
    text = json.dumps({"sha256": _BLANK, **description}, allow_nan=False, separators=(",", ":"))
    content = safetensors.numpy.save(arrays, metadata={_MARK: text})
    end = _header_end(content)
    if end > _LARGEST_HEADER:
        raise UnsavableModelError(
            f"Everything but the weights takes {end} bytes of text, more than the "
            f"{_LARGEST_HEADER} that a model file may have: labels, column names and the history "
            "of the epochs are there. Keep the model with joblib.dump",
            name="model",
        )
    # The description comes first in the header and the checksum first in the description.
    header = content[:end].replace(_BLANK.encode(), _checksum(content, end, _BLANK).encode(), 1)
    return header + content[end:]


def _header_end(content):
    return _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")


def _checksum(content, end, written):
    digest = hashlib.sha256(content[:end].replace(written.encode(), _BLANK.encode(), 1))
    digest.update(memoryview(content)[end:])
    return digest.hexdigest()


def write(content, path):
    """Write a file whole or not at all.

    Parameters
    ----------
    content : bytes
        All of it.
    path : str or path-like
        Where to. A file that is there is replaced.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    IsADirectoryError
        If the path is a folder.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"The folder {str(target.parent)!r} does not exist, so no model can be saved as "
            f"{target.name!r} in it. Create it first, or choose another"
        )
    if target.is_dir():
        raise IsADirectoryError(
            f"{str(target)!r} is a folder. Give the model file a name in it, such as "
            f"{str(target / 'host.model')!r}"
        )
    # In the same folder, since only within one file system a file can be replaced in one step.
    draft = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def read(path):
    """Read a file if its beginning is that of a model file.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    content : bytes
        All of it.

    Raises
    ------
    MissingModelFileError
        If there is nothing.
    UnreadableModelFileError
        If it is a folder, a device, or may not be read.
    ForeignFileError, DamagedModelFileError, NewerModelFileError
        As from `unpack`.
    """
    with _open(path) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(_LENGTH_BYTES + 1)
        end = _check_start(start, size)
        start += file.read(end - len(start))
        _check_header(start, size)
        return start + file.read(size - end)


def _open(path):
    try:
        # Asked before it is opened, as to open a pipe can take for ever.
        regular = stat.S_ISREG(os.stat(path).st_mode)
        file = open(path, "rb") if regular else None  # noqa: SIM115
    except FileNotFoundError as error:
        raise MissingModelFileError(
            "there is no such file. Check the name and the folder, which is "
            f"{os.getcwd()!r} for a name without one"
        ) from error
    except (OSError, ValueError) as error:
        raise UnreadableModelFileError(f"the file cannot be opened: {error}") from error
    if file is None:
        raise UnreadableModelFileError(
            "this is a folder or a device. Give the path of the file that save_model wrote"
        )
    return file


def unpack(content):
    """Take the bytes of a file apart.

    Parameters
    ----------
    content : bytes
        From `pack`, or from anyone.

    Returns
    -------
    description : dict
        As given to `pack`.
    arrays : dict of str to ndarray
        As given to `pack`, not writable.

    Raises
    ------
    ForeignFileError
        If it was never a model file.
    DamagedModelFileError
        If a byte was changed, added or lost.
    NewerModelFileError
        If the format is one of the future.
    InvalidModelContentError
        If the checksum is right but the arrays are no arrays.
    """
    end = _check_start(content[: _LENGTH_BYTES + 1], len(content))
    description = _check_header(content[:end], len(content))
    written = description.pop("sha256", None)
    if type(written) is not str or not _SHA256.fullmatch(written):
        raise DamagedModelFileError(
            f"the checksum is {reprlib.repr(written)}, expected 64 hexadecimal digits. {_WAY_OUT}"
        )
    found = _checksum(content, end, written)
    if found != written:
        raise DamagedModelFileError(
            f"the checksum is {found[:12]}..., expected {written[:12]}...: the file was altered "
            f"after it was saved. {_WAY_OUT}"
        )
    try:
        return description, safetensors.numpy.load(content)
    except (safetensors.SafetensorError, ValueError) as error:
        raise InvalidModelContentError(f"the arrays are not sound: {error}") from error


def _check_start(start, size):
    """Position where the header ends."""
    for mark, kind in _KINDS.items():
        # A length that begins like another kind is told by the brace behind it.
        if start.startswith(mark) and start[_LENGTH_BYTES:] != b"{":
            raise ForeignFileError(f"this is {kind}; expected a file from save_model")
    if not start:
        raise ForeignFileError(f"the file is empty; expected a file from save_model. {_WAY_OUT}")
    if start[_LENGTH_BYTES:] != b"{":
        raise ForeignFileError(
            f"the file starts with {start!r}, which no file from save_model does"
        )
    end = _header_end(start)
    if end > _LARGEST_HEADER:
        raise DamagedModelFileError(
            f"the header claims {end} bytes, more than the {_LARGEST_HEADER} that it may have. "
            f"{_WAY_OUT}"
        )
    if end > size:
        raise DamagedModelFileError(
            f"the file has {size} bytes, but its header alone claims {end}: the end is missing. "
            f"{_WAY_OUT}"
        )
    return end


def _check_header(start, size):
    """Description in the header, after a look at the format and at the sizes of the arrays."""
    header = _parse(start[_LENGTH_BYTES:], "header")
    metadata = header.pop("__metadata__", None)
    text = metadata.get(_MARK) if type(metadata) is dict else None
    if type(text) is not str:
        raise ForeignFileError(
            "this is a safetensors file, but not from save_model: it holds weights without the "
            "estimator that they belong to"
        )
    description = _parse(text, "description")
    number = description.get("format")
    if type(number) is not int or number < 1:
        raise DamagedModelFileError(
            f"the format number is {reprlib.repr(number)}, expected 1 to {FORMAT}. {_WAY_OUT}"
        )
    if number > FORMAT:
        raise NewerModelFileError(
            f"the file has format {number}, and this version of sklearn_protlstm reads 1 to "
            f"{FORMAT}. Update sklearn_protlstm to the version that wrote the file, or later"
        )
    n_bytes = sum(_n_bytes(name, entry) for name, entry in header.items())
    if len(start) + n_bytes != size:
        raise DamagedModelFileError(
            f"the file has {size} bytes, expected {len(start) + n_bytes} by its header. {_WAY_OUT}"
        )
    return description


def _n_bytes(name, entry):
    """Size of one array by its dtype and shape."""
    if type(entry) is dict and entry.keys() == {"dtype", "shape", "data_offsets"}:
        dtype, shape = entry["dtype"], entry["shape"]
        # NumPy has at most 32 or 64 dimensions, depending on its version.
        sizes = type(shape) is list and len(shape) <= 8 and all(type(n) is int for n in shape)
        if sizes and type(dtype) is str and dtype in ARRAY_TYPES and min(shape, default=0) >= 0:
            return math.prod(shape) * np.dtype(ARRAY_TYPES[dtype]).itemsize
    raise DamagedModelFileError(
        f"the array {reprlib.repr(name)} is described as {reprlib.repr(entry)}, expected dtype "
        f"(one of {', '.join(ARRAY_TYPES)}), shape and data_offsets. {_WAY_OUT}"
    )


def _parse(text, what):
    """Object in JSON without repeated keys and without numbers that are none."""
    try:
        data = json.loads(
            text if type(text) is str else text.decode("utf-8"),
            object_pairs_hook=_distinct,
            parse_constant=_refuse_number,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except (ValueError, RecursionError) as error:
        raise DamagedModelFileError(f"the {what} is not sound: {error}. {_WAY_OUT}") from error
    if type(data) is not dict:
        raise DamagedModelFileError(f"the {what} is {reprlib.repr(data)}, expected an object")
    return data


def _distinct(pairs):
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("one key comes twice")
    return data


def _refuse_number(text):
    raise ValueError(f"{text} is no number that a model has")


def _finite(text):
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(reprlib.repr(text))


def _bounded(text):
    return int(text) if len(text) <= _MOST_DIGITS else _refuse_number(reprlib.repr(text))
