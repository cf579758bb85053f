"""Read and write the bytes of a model file.

A model file is a safetensors file: the length of the header (8 bytes, little-endian), the header,
and the arrays. The header is JSON. It gives the name, dtype, shape and position of each array, and
its ``__metadata__`` holds the description of the model, again as JSON. The description starts with
a SHA-256 checksum of the whole file, computed with 64 zeros where the checksum stands.
"""

import hashlib
import json
import math
import os
import re
import reprlib
import stat
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from sklearn_protlstm._atomic_write import atomic_write
from sklearn_protlstm.exceptions import (
    DamagedModelFileError,
    ForeignFileError,
    InvalidModelContentError,
    MissingModelFileError,
    NewerModelFileError,
    UnreadableModelFileError,
    UnsavableModelError,
)
from sklearn_protlstm.persistence._values import ARRAY_DTYPES

__all__ = ["FORMAT", "deserialize", "read_file", "serialize", "write_file"]

#: The format of the files that are written. Every format from 1 to this one can be read.
FORMAT = 3

# Limits the memory that a header can take: parsed JSON takes up to thirty times its length.
_MAX_HEADER_BYTES = 2**22
_LENGTH_BYTES = 8
_MAX_DIGITS = 20
# The limit of 64 dimensions in NumPy 2, and 32 before, is far above what a model uses.
_MAX_DIMS = 8
_METADATA_KEY = "sklearn_protlstm"
_ZEROS = "0" * 64
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HINT = "Save the model again with save_model, or download the file again"

# Formats that are often mistaken for a model file, by their first bytes.
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive, as written by torch.save and numpy.savez",
    b"\x80": "a Python pickle, as written by joblib.dump. Load it with joblib.load if you trust "
    "its source: a pickle can run any code",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file, as written by Keras",
}


def serialize(description, arrays):
    """Return the bytes of a model file. The same model gives the same bytes.

    The arrays must be little-endian and contiguous.
    """
    text = json.dumps({"sha256": _ZEROS, **description}, allow_nan=False, separators=(",", ":"))
    content = safetensors.numpy.save(arrays, metadata={_METADATA_KEY: text})
    end = _header_end(content)
    if end > _MAX_HEADER_BYTES:
        raise UnsavableModelError(
            f"The model without its arrays takes {end} bytes of text, but a model file can store "
            f"{_MAX_HEADER_BYTES}. The text holds class labels, column names and the history of "
            "the epochs. Save the model with joblib.dump",
            name="model",
        )
    # The first 64 zeros are those of the checksum: safetensors writes the metadata first.
    checksum = _checksum(content, end, _ZEROS)
    return content[:end].replace(_ZEROS.encode(), checksum.encode(), 1) + content[end:]


def deserialize(content):
    """Check the bytes of a model file, and return the description and the read-only arrays."""
    end = _find_header_end(content[: _LENGTH_BYTES + 1], len(content))
    description = _parse_description(content[:end], len(content))
    _check_checksum(content, end, description.pop("sha256", None))
    try:
        return description, safetensors.numpy.load(content)
    except (safetensors.SafetensorError, ValueError) as error:
        raise InvalidModelContentError(f"the arrays cannot be read: {error}") from error


def write_file(content, path):
    """Write a file, or raise an error that says what is wrong with the path."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"The folder {str(target.parent)!r} does not exist, so {target.name!r} cannot be saved "
            "in it. Create the folder first, or choose another one"
        )
    if target.is_dir():
        raise IsADirectoryError(
            f"{str(target)!r} is a folder. Give the name of a file, for example "
            f"{str(target / 'host.model')!r}"
        )
    with atomic_write(target) as file:
        file.write(content)


def read_file(path):
    """Return the bytes of a file that starts like a model file.

    The header is checked before the rest is read, so a large file of another format costs nothing.
    """
    with _open(path) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(_LENGTH_BYTES + 1)
        end = _find_header_end(start, size)
        header = start + file.read(end - len(start))
        _parse_description(header, size)
        return header + file.read(size - end)


def _open(path):
    try:
        # Check first: opening a named pipe blocks until another process writes to it.
        is_file = stat.S_ISREG(os.stat(path).st_mode)
        file = open(path, "rb") if is_file else None  # noqa: SIM115
    except FileNotFoundError as error:
        raise MissingModelFileError(
            "the file does not exist. Check its name and its folder. A relative path starts at the "
            f"current folder, which is {os.getcwd()!r}"
        ) from error
    except (OSError, ValueError) as error:
        raise UnreadableModelFileError(f"the file cannot be opened: {error}") from error
    if file is None:
        raise UnreadableModelFileError(
            "this is a folder or a device. Give the path of a file that save_model has written"
        )
    return file


def _header_end(content):
    return _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")


def _find_header_end(start, size):
    """Return the position after the header, from the first 9 bytes and the size of the file."""
    is_json = start[_LENGTH_BYTES:] == b"{"
    for signature, kind in _OTHER_FORMATS.items():
        # The length of a header may happen to start with such bytes. Then JSON follows.
        if start.startswith(signature) and not is_json:
            raise ForeignFileError(f"expected a file from save_model, but this is {kind}")
    if not start:
        raise ForeignFileError(f"expected a file from save_model, but the file is empty. {_HINT}")
    if not is_json:
        raise ForeignFileError(
            f"expected a file from save_model, but the file starts with {start!r}. Check the path"
        )
    end = _header_end(start)
    if end > _MAX_HEADER_BYTES:
        raise DamagedModelFileError(
            f"the header is {end} bytes long, but the maximum is {_MAX_HEADER_BYTES}. {_HINT}"
        )
    if end > size:
        raise DamagedModelFileError(
            f"the file has {size} bytes, but its header ends at byte {end}: the end of the file is "
            f"missing. {_HINT}"
        )
    return end


def _parse_description(header, size):
    """Return the description in the header, if format and size of the file match the header."""
    entries = _parse_json(header[_LENGTH_BYTES:], "header")
    metadata = entries.pop("__metadata__", None)
    text = metadata.get(_METADATA_KEY) if type(metadata) is dict else None
    if type(text) is not str:
        raise ForeignFileError(
            "this is a safetensors file, but save_model did not write it: it contains weights, but "
            "no estimator. Load it with the safetensors package"
        )
    description = _parse_json(text, "description")
    _check_format(description.get("format"))
    expected = len(header) + sum(_array_bytes(name, entry) for name, entry in entries.items())
    if expected != size:
        raise DamagedModelFileError(
            f"the file has {size} bytes, but its header describes {expected} bytes. {_HINT}"
        )
    return description


def _check_format(number):
    if type(number) is not int or number < 1:
        raise DamagedModelFileError(
            f"the format number is {reprlib.repr(number)}, expected 1 to {FORMAT}. {_HINT}"
        )
    if number > FORMAT:
        raise NewerModelFileError(
            f"the file has format {number}, but this version of sklearn_protlstm reads formats up "
            f"to {FORMAT}. Update sklearn_protlstm to the version that wrote the file, or later"
        )


def _check_checksum(content, header_end, stored):
    if type(stored) is not str or not _SHA256.fullmatch(stored):
        raise DamagedModelFileError(
            f"the checksum is {reprlib.repr(stored)}, expected 64 hexadecimal digits. {_HINT}"
        )
    computed = _checksum(content, header_end, stored)
    if computed != stored:
        raise DamagedModelFileError(
            f"the checksum is {computed[:12]}..., expected {stored[:12]}...: the file has changed "
            f"since it was saved. {_HINT}"
        )


def _checksum(content, header_end, stored):
    """Return the checksum of the file with zeros where the stored checksum stands."""
    header = content[:header_end].replace(stored.encode(), _ZEROS.encode(), 1)
    digest = hashlib.sha256(header)
    digest.update(memoryview(content)[header_end:])
    return digest.hexdigest()


def _array_bytes(name, entry):
    """Return the size of one array, computed from its dtype and shape."""
    if type(entry) is dict and entry.keys() == {"dtype", "shape", "data_offsets"}:
        dtype, shape = entry["dtype"], entry["shape"]
        is_shape = (
            type(shape) is list
            and len(shape) <= _MAX_DIMS
            and all(type(n) is int and n >= 0 for n in shape)
        )
        if is_shape and type(dtype) is str and dtype in ARRAY_DTYPES:
            return math.prod(shape) * np.dtype(ARRAY_DTYPES[dtype]).itemsize
    raise DamagedModelFileError(
        f"the array {reprlib.repr(name)} is described by {reprlib.repr(entry)}, expected dtype "
        f"(one of {', '.join(ARRAY_DTYPES)}), shape and data_offsets. {_HINT}"
    )


def _parse_json(text, what):
    """Parse a JSON object, without repeated keys and with finite numbers only."""
    try:
        data = json.loads(
            text if type(text) is str else text.decode("utf-8"),
            object_pairs_hook=_dict_of_distinct_keys,
            parse_constant=_reject_number,
            parse_float=_parse_float,
            parse_int=_parse_int,
        )
    except (ValueError, RecursionError) as error:
        raise DamagedModelFileError(f"the {what} is not valid JSON: {error}. {_HINT}") from error
    if type(data) is not dict:
        raise DamagedModelFileError(
            f"the {what} is {reprlib.repr(data)}, expected an object. {_HINT}"
        )
    return data


def _dict_of_distinct_keys(pairs):
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a key occurs twice")
    return data


def _reject_number(text):
    raise ValueError(f"{text} is not an allowed number")


def _parse_float(text):
    number = float(text)
    return number if math.isfinite(number) else _reject_number(reprlib.repr(text))


def _parse_int(text):
    return int(text) if len(text) <= _MAX_DIGITS else _reject_number(reprlib.repr(text))
