"""Convert parameters to JSON and arrays, and back."""

import math
import reprlib

import numpy as np

from sklearn_protlstm.alphabets import Alphabet
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError

__all__ = [
    "ARRAY_DTYPES",
    "MAX_COLUMNS",
    "from_data",
    "get_entry",
    "is_scalar",
    "is_strictly_increasing",
    "pop_array",
    "to_data",
    "truncate",
]

#: NumPy dtypes of the arrays in a file, by the names that safetensors gives them.
ARRAY_DTYPES = {
    "BOOL": "bool",
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{f"F{bits}": f"float{bits}" for bits in (16, 32, 64)},
}

#: The most columns of a matrix that a model may expect or return. A matrix has a row per sequence,
#: so larger numbers in a file would exhaust the memory. The longest protein has 36,000 residues.
MAX_COLUMNS = 2**24

_MAX_INTEGER = 2**64 - 1
_MAX_DEPTH = 8
_MAX_LETTERS = 26


def to_data(value, name, arrays, depth=0, convert=None):
    """Convert a parameter to data that JSON can represent.

    JSON has fewer types than Python. A scalar stays as it is and a list stays a list. A tuple, a
    dict, an array and an Alphabet become a dict whose single key is the type. Arrays are added to
    `arrays` under their name. `convert` returns the data of other objects, or None.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if is_scalar(value):
        return value
    if depth < _MAX_DEPTH:
        if type(value) in (list, tuple):
            items = [
                to_data(item, f"{name}[{i}]", arrays, depth + 1, convert)
                for i, item in enumerate(value)
            ]
            return items if type(value) is list else {"tuple": items}
        if type(value) is dict:
            pairs = [
                [
                    to_data(key, name, arrays, _MAX_DEPTH),
                    to_data(item, f"{name}[{key!r}]", arrays, depth + 1, convert),
                ]
                for key, item in value.items()
            ]
            return {"dict": pairs}
        if type(value) is Alphabet:
            groups, ambiguous = list(value.groups), value.ambiguous
            return {"alphabet": {"name": value.name, "groups": groups, "ambiguous": ambiguous}}
        if type(value) is np.ndarray and value.dtype.name in ARRAY_DTYPES.values():
            arrays[name] = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
            return {"array": name}
        data = convert(value, name) if convert else None
        if data is not None:
            return data
    raise UnsavableModelError(
        f"{name} is {reprlib.repr(value)} of type {type(value).__name__}. A model file can store "
        "numbers, strings, lists, tuples, dicts, arrays of numbers and Alphabets, but no other "
        "objects. Set the parameter to one of these, or to None if it accepts None: "
        f"model.set_params({_parameter_name(name)}=...). The predictions of a fitted model do not "
        "change. To keep the object, save the model with joblib.dump",
        name=_parameter_name(name),
    )


def is_scalar(value):
    """Return whether JSON represents the value exactly."""
    if type(value) is int:
        return abs(value) <= _MAX_INTEGER
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in (bool, str)


def _parameter_name(name):
    return name.partition("[")[0]


def from_data(data, name, arrays, depth=0, convert=None):
    """Convert the output of `to_data` back to the parameter.

    Each array is removed from `arrays` when it is used. A file that refers to one array many times
    therefore cannot multiply the memory it takes.
    """
    if is_scalar(data):
        return data
    if depth >= _MAX_DEPTH:
        raise InvalidModelContentError(f"{name} is nested deeper than {_MAX_DEPTH} levels")
    if type(data) is list:
        return [from_data(item, name, arrays, depth + 1, convert) for item in data]
    has_one_key = type(data) is dict and len(data) == 1
    kind, content = next(iter(data.items())) if has_one_key else (None, None)
    if kind == "tuple" and type(content) is list:
        return tuple(from_data(item, name, arrays, depth + 1, convert) for item in content)
    if kind == "dict" and type(content) is list:
        return _dict_from_pairs(content, name, arrays, depth, convert)
    if kind == "alphabet" and type(content) is dict:
        return _alphabet_from_data(content, name)
    if kind == "array":
        return pop_array(arrays, content)
    if convert and kind in ("estimator", "splitter") and type(content) is dict:
        return convert(kind, content, name)
    raise InvalidModelContentError(
        f"{name} is {reprlib.repr(data)}, expected one of tuple, dict, alphabet and array"
    )


def _dict_from_pairs(pairs, name, arrays, depth, convert):
    result = {}
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2 or not is_scalar(pair[0]):
            raise InvalidModelContentError(
                f"{name} has {reprlib.repr(pair)}, expected a key and a value"
            )
        result[pair[0]] = from_data(pair[1], name, arrays, depth + 1, convert)
    if len(result) < len(pairs):
        raise InvalidModelContentError(f"{name} has the same key twice")
    return result


def _alphabet_from_data(data, name):
    groups = get_entry(data, "groups", list)
    ambiguous = get_entry(data, "ambiguous", str)
    parts = [*groups, ambiguous]
    if any(type(part) is not str for part in parts) or sum(map(len, parts)) > _MAX_LETTERS:
        raise InvalidModelContentError(
            f"{name} has {reprlib.repr(groups)}, expected strings of at most {_MAX_LETTERS} "
            "letters in total"
        )
    try:
        return Alphabet(get_entry(data, "name", str), tuple(groups), ambiguous)
    except ValueError as error:
        raise InvalidModelContentError(str(error)) from error


def get_entry(data, key, expected_type):
    """Return an entry of a dict, which must have exactly this type."""
    value = data.get(key)
    if type(value) is not expected_type:
        found = reprlib.repr(value) if key in data else "missing"
        raise InvalidModelContentError(
            f"{key!r} is {found}, expected type {expected_type.__name__}"
        )
    return value


def pop_array(arrays, name, dtype=None, n_dims=None):
    """Remove an array and return a writable copy; None accepts any dtype or number of dimensions.

    An array that is used twice is an error, as `from_data` explains.
    """
    if type(name) is not str or name not in arrays:
        raise InvalidModelContentError(
            f"the array {reprlib.repr(name)} is missing or is used twice"
        )
    array = arrays.pop(name)
    if (dtype or array.dtype) != array.dtype or (n_dims or array.ndim) != array.ndim:
        raise InvalidModelContentError(
            f"the array {name!r} has dtype {array.dtype} and {array.ndim} dimensions, expected "
            f"{dtype} and {n_dims}"
        )
    return array.copy()


def is_strictly_increasing(numbers, low, high):
    """Return whether numbers increase strictly and lie between low and high, both included."""
    return len(numbers) == 0 or bool(
        numbers[0] >= low and numbers[-1] <= high and np.all(numbers[1:] > numbers[:-1])
    )


def truncate(error, max_length=300):
    """Return the message of an error, truncated: a file may decide how long it is."""
    text = str(error)
    return text if len(text) <= max_length else text[: max_length - 3] + "..."
