"""What tells one training from another: its data and its parameters, as plain facts."""

import hashlib
import json
import os
from numbers import Number

import numpy as np

from sklearn_protlstm._encoding.token_matrix import unique_rows

__all__ = ["data_facts", "describe", "differences", "digest"]

# Objects within objects within objects; deeper than that, the class must do.
_DEPTH = 5


def digest(*arrays):
    """Condense arrays to a short text.

    Parameters
    ----------
    *arrays : ndarray
        Of any dtype but object.

    Returns
    -------
    text : str
        16 hexadecimal digits of their SHA-256, of shapes and dtypes as well as values.

    Examples
    --------
    >>> import numpy as np
    >>> digest(np.array([1, 2])) == digest(np.array([1, 2]))
    True
    >>> digest(np.array([1, 2])) == digest(np.array([[1, 2]]))
    False
    """
    state = hashlib.sha256()
    for array in arrays:
        array = np.ascontiguousarray(array)
        state.update(f"{array.dtype.str}{array.shape}".encode())
        state.update(array)
    return state.hexdigest()[:16]


def data_facts(training_set, classes, vocabulary):
    """State what a training reads.

    Parameters
    ----------
    training_set : TrainingSet
        Before any validation part is held out.
    classes : ndarray of shape (n_classes,)
        Labels of the class numbers.
    vocabulary : ndarray of shape (n_known,)
        Tokens of the token numbers.

    Returns
    -------
    facts : dict of str to int or str
        Equal for equal data, in whatever order the rows were given.
    """
    # Padding beyond the longest row says nothing.
    tokens = training_set.tokens[:, : training_set.lengths.max()]
    # Rows come sorted by label; what is said of the sequences must not depend on the labels.
    first, sequence_of_row = unique_rows(tokens)
    groups = training_set.groups
    ranks = np.zeros(0) if groups is None else np.unique(groups, return_inverse=True)[1]
    return {
        "number of distinct sequences": len(first),
        "sequences": digest(tokens[first], vocabulary),
        "labels": digest(sequence_of_row, training_set.labels),
        "classes": describe(np.asarray(classes).tolist()),
        "sample weights": digest(training_set.weights),
        "groups": digest(ranks),
    }


def describe(value, depth=_DEPTH):
    """State a parameter's value in words that are the same in every process.

    Parameters
    ----------
    value : object
        A number, text, array, collection, class, function or object of any kind.
    depth : int, default=5
        How many levels of objects to look into; below, the class alone counts.

    Returns
    -------
    description : None, bool, int, float, str, list or dict
        Ready for JSON.

    Examples
    --------
    >>> describe({"lr": 0.1, "pooling": ("last", "max")})
    {'lr': 0.1, 'pooling': ['last', 'max']}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Number):
        return str(value)
    if hasattr(value, "__qualname__"):  # classes and functions
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, np.random.RandomState):
        _, keys, position, *_ = value.get_state()
        return f"RandomState {digest(keys, np.array(position))}"
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        if array.dtype != object:
            return f"array of shape {array.shape}, {array.dtype} {digest(array)}"
        value = array.tolist()
    if depth == 0:
        return _class_name(value)
    if not isinstance(value, (dict, list, tuple, set, frozenset)):
        value = {"class": _class_name(value), **getattr(value, "__dict__", {})}
    if isinstance(value, dict):
        return {str(key): describe(item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [describe(item, depth - 1) for item in value]
    return sorted(json.dumps(describe(item, depth - 1)) for item in value)


def _class_name(value):
    return f"{type(value).__module__}.{type(value).__qualname__}"


def differences(there, here):
    """List where two sets of facts differ.

    Parameters
    ----------
    there, here : dict of str to dict of str to object
        Facts by subject, such as "data" and "parameters".

    Returns
    -------
    lines : list of str
        One for each difference, in the order of `here`.

    Examples
    --------
    >>> differences({"parameters": {"lr": 0.1}}, {"parameters": {"lr": 0.2}})
    ['lr (0.1 there, 0.2 here)']
    """
    lines = []
    for subject in here:
        old, new = there.get(subject, {}), here[subject]
        lines += [
            f"{name} ({_shorten(_as_text(old, name))} there, {_shorten(_as_text(new, name))} here)"
            for name in [*new, *(name for name in old if name not in new)]
            if _as_text(old, name) != _as_text(new, name)
        ]
    return lines


def _as_text(facts, name):
    # As text NaN equals NaN, and what has been through a file equals what has not.
    return json.dumps(facts[name], ensure_ascii=False) if name in facts else "nothing"


def _shorten(text):
    return text if len(text) <= 60 else text[:57] + "..."
