"""Parameters as JSON and arrays, and back: data only, never objects."""

import math
import reprlib

import numpy as np

from sklearn_protlstm.alphabets import Alphabet
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError

__all__ = [
    "ARRAY_TYPES",
    "from_data",
    "is_rising",
    "is_scalar",
    "shorten",
    "take",
    "take_array",
    "to_data",
]

#: What arrays in a file may hold, by safetensors' names.
ARRAY_TYPES = {
    "BOOL": "bool",
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{f"F{bits}": f"float{bits}" for bits in (16, 32, 64)},
}

_LARGEST_INTEGER = 2**64 - 1
_DEEPEST = 8
_N_LETTERS = 26


def to_data(value, name, arrays, depth=0):
    """Turn a parameter into what JSON can hold.

    Parameters
    ----------
    value : object
        None, numbers, strings, lists, tuples, dicts, arrays of numbers, or an Alphabet. NumPy's
        scalars become Python's.
    name : str
        Of the parameter, for messages and for the array.
    arrays : dict of str to ndarray
        Takes up the arrays.
    depth : int, default=0
        Of `value` within the parameter.

    Returns
    -------
    data : object
        Lists stay lists; a tuple, a dict, an array or an Alphabet becomes a dict of one key.

    Raises
    ------
    UnsavableModelError
        If the value is an object of another kind.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if is_scalar(value):
        return value
    if depth < _DEEPEST:
        if type(value) in (list, tuple):
            items = [
                to_data(item, f"{name}[{i}]", arrays, depth + 1) for i, item in enumerate(value)
            ]
            return items if type(value) is list else {"tuple": items}
        if type(value) is dict:
            pairs = [
                [
                    to_data(key, name, arrays, _DEEPEST),
                    to_data(item, f"{name}[{key!r}]", arrays, depth + 1),
                ]
                for key, item in value.items()
            ]
            return {"dict": pairs}
        if type(value) is Alphabet:
            groups, ambiguous = list(value.groups), value.ambiguous
            return {"alphabet": {"name": value.name, "groups": groups, "ambiguous": ambiguous}}
        if type(value) is np.ndarray and value.dtype.name in ARRAY_TYPES.values():
            arrays[name] = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
            return {"array": name}
    raise UnsavableModelError(
        f"{name} is {reprlib.repr(value)} of type {type(value).__name__}: a model file holds "
        "numbers, strings, lists, tuples, dicts, arrays of numbers and Alphabets, and no other "
        "objects. Set the parameter to such a value first, or to None where it may be None (a "
        f"fitted model predicts as before): model.set_params({_parameter(name)}=...). Or keep the "
        "whole with joblib.dump",
        name=_parameter(name),
    )


def is_scalar(value):
    """Tell whether JSON holds a value as it is.

    Parameters
    ----------
    value : object
        Any.

    Returns
    -------
    scalar : bool
        True for None, booleans, strings, finite floats, and integers of at most 64 bits.
    """
    if type(value) is int:
        return abs(value) <= _LARGEST_INTEGER
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in (bool, str)


def _parameter(name):
    return name.partition("[")[0]


def from_data(data, name, arrays, depth=0):
    """Turn what `to_data` made back into the parameter.

    Parameters
    ----------
    data : object
        From JSON.
    name : str
        Of the parameter, for messages.
    arrays : dict of str to ndarray
        Those used are removed, so that none can be multiplied by naming it often.
    depth : int, default=0
        Of `data` within the parameter.

    Returns
    -------
    value : object
        Of the same types as when it was saved.

    Raises
    ------
    InvalidModelContentError
        If the data are not as `to_data` makes them.
    """
    if is_scalar(data):
        return data
    if depth >= _DEEPEST:
        raise InvalidModelContentError(f"{name} is nested deeper than {_DEEPEST} levels")
    if type(data) is list:
        return [from_data(item, name, arrays, depth + 1) for item in data]
    single = type(data) is dict and len(data) == 1
    kind, content = next(iter(data.items())) if single else (None, None)
    if kind == "tuple" and type(content) is list:
        return tuple(from_data(item, name, arrays, depth + 1) for item in content)
    if kind == "dict" and type(content) is list:
        return _dict_from_pairs(content, name, arrays, depth)
    if kind == "alphabet" and type(content) is dict:
        return _alphabet_from_data(content, name)
    if kind == "array":
        return take_array(arrays, content)
    raise InvalidModelContentError(
        f"{name} is {reprlib.repr(data)}, expected one of tuple, dict, alphabet and array"
    )


def _dict_from_pairs(pairs, name, arrays, depth):
    result = {}
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2 or not is_scalar(pair[0]):
            raise InvalidModelContentError(
                f"{name} has {reprlib.repr(pair)}, expected a key and a value"
            )
        result[pair[0]] = from_data(pair[1], name, arrays, depth + 1)
    if len(result) < len(pairs):
        raise InvalidModelContentError(f"{name} has one key twice")
    return result


def _alphabet_from_data(data, name):
    groups = take(data, "groups", list)
    ambiguous = take(data, "ambiguous", str)
    letters = [*groups, ambiguous]
    if any(type(part) is not str for part in letters) or sum(map(len, letters)) > _N_LETTERS:
        raise InvalidModelContentError(
            f"{name} has {reprlib.repr(groups)}, expected strings of at most {_N_LETTERS} letters "
            "together"
        )
    try:
        return Alphabet(take(data, "name", str), tuple(groups), ambiguous)
    except ValueError as error:
        raise InvalidModelContentError(str(error)) from error


def take(mapping, key, kind):
    """Look up what must be there and of one type.

    Parameters
    ----------
    mapping : dict
        From JSON.
    key : str
        What is looked for.
    kind : type
        Exact type of the value.

    Returns
    -------
    value : object
        Of that type.

    Raises
    ------
    InvalidModelContentError
        If it is missing or of another type.
    """
    value = mapping.get(key)
    if type(value) is not kind:
        found = reprlib.repr(value) if key in mapping else "missing"
        raise InvalidModelContentError(f"{key!r} is {found}, expected a {kind.__name__}")
    return value


def take_array(arrays, name, dtype=None, n_dims=None):
    """Remove one array from those of the file.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Changed in place.
    name : str
        Which one.
    dtype : str or None, default=None
        Wanted dtype; None takes any.
    n_dims : int or None, default=None
        Wanted number of dimensions; None takes any.

    Returns
    -------
    array : ndarray
        Writable.

    Raises
    ------
    InvalidModelContentError
        If there is no such array, or it was used already, or it is of another kind.
    """
    if type(name) is not str or name not in arrays:
        raise InvalidModelContentError(
            f"the array {reprlib.repr(name)} is missing or used for two things"
        )
    array = arrays.pop(name)
    if (dtype or array.dtype) != array.dtype or (n_dims or array.ndim) != array.ndim:
        raise InvalidModelContentError(
            f"the array {name!r} has dtype {array.dtype} and {array.ndim} dimensions, expected "
            f"{dtype} and {n_dims}"
        )
    return array.copy()


def is_rising(numbers, low, high):
    """Tell whether numbers rise strictly within bounds.

    Parameters
    ----------
    numbers : ndarray of shape (n_numbers,)
        May be empty.
    low, high : int
        Smallest and largest number allowed.

    Returns
    -------
    rising : bool
        True if there are no numbers.
    """
    return len(numbers) == 0 or bool(
        numbers[0] >= low and numbers[-1] <= high and np.all(numbers[1:] > numbers[:-1])
    )


def shorten(error, longest=300):
    """Text of an error whose length a file may have decided.

    Parameters
    ----------
    error : Exception
        Any.
    longest : int, default=300
        Characters.

    Returns
    -------
    text : str
        Cut if it is longer.
    """
    text = str(error)
    return text if len(text) <= longest else text[: longest - 3] + "..."
