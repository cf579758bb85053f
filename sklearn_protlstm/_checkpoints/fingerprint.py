"""What distinguishes one training from another: its data and parameters, as plain facts."""

import hashlib
import json
import os
from numbers import Number

import numpy as np

from sklearn_protlstm._encoding.token_matrix import unique_rows

__all__ = ["data_facts", "describe", "differences", "digest"]

# Levels of objects inside objects. Below, only the class counts.
_DEPTH = 5


def digest(*arrays):
    """Hash the shapes, dtypes and values of arrays to 16 hexadecimal digits (SHA-256).

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
    """Describe the data of a training, before a validation part is held out.

    Equal data give equal facts, in any order of the rows.
    """
    # Padding behind the longest row carries no information.
    tokens = training_set.tokens[:, : training_set.lengths.max()]
    # Rows are sorted by label, but the facts about the sequences must not depend on the labels.
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
    """Describe the value of a parameter for JSON, equally in every process.

    It takes any object, and looks at most `depth` levels into it.

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
    """List where two sets of facts differ, in the order of `here`.

    Facts are dicts by subject, such as "data" and "parameters".

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
    # As text NaN equals NaN, and facts from a file equal facts from memory.
    return json.dumps(facts[name], ensure_ascii=False) if name in facts else "nothing"


def _shorten(text):
    return text if len(text) <= 60 else text[:57] + "..."
