"""Kinds of fitted attributes: how a model file describes, checks and restores them.

A class is described by its parameters and a dict from fitted attributes to fields. A field has
three methods: `check` raises Mismatch if a value is not legal, `to_data` converts a legal value to
JSON and arrays with a Writer, and `from_data` converts it back with a Reader.
"""

import math
import re
import reprlib
from dataclasses import dataclass

import numpy as np

from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._labels import labels_from_data, labels_to_data
from sklearn_protlstm.persistence._values import is_scalar, pop_array

__all__ = [
    "FLOATS",
    "INTEGERS",
    "Array",
    "Each",
    "Labels",
    "Maybe",
    "Mismatch",
    "Names",
    "Nested",
    "Number",
    "Optional",
    "Sequences",
    "Text",
    "fitted_to_data",
    "restore_fitted",
]

FLOATS = ("float32", "float64")
INTEGERS = ("int32", "int64")


class Mismatch(Exception):
    """A value that is not legal. The message says what is legal."""


@dataclass(frozen=True)
class Array:
    """An array. A size is a number, None for any, or an attribute that gives or has this size."""

    dtypes: tuple
    shape: tuple
    may_be_infinite: bool = False

    def check(self, value, owner):
        expected = tuple(_size(owner, size) for size in self.shape)
        if type(value) is not np.ndarray or value.dtype.name not in self.dtypes:
            found = getattr(value, "dtype", None) or f"of type {type(value).__name__}"
            raise Mismatch(f"is {found}, expected an array of {' or '.join(self.dtypes)}")
        fits = len(value.shape) == len(expected) and all(
            wanted is None or wanted == size for wanted, size in zip(expected, value.shape)
        )
        if not fits:
            sizes = ", ".join("any" if size is None else str(size) for size in expected)
            raise Mismatch(f"has shape {value.shape}, expected ({sizes})")
        if value.dtype.kind == "f":
            self._check_floats(value)

    def _check_floats(self, value):
        if self.may_be_infinite:
            if np.isnan(value).any():
                raise Mismatch("has values that are NaN")
        elif not np.isfinite(value).all():
            raise Mismatch("has values that are not finite")

    def to_data(self, value, name, writer):
        # The order in memory decides how a matrix product rounds.
        is_transposed = value.flags.f_contiguous and not value.flags.c_contiguous
        rows = value.T if is_transposed else value
        writer.arrays[name] = np.ascontiguousarray(rows, dtype=value.dtype.newbyteorder("<"))
        return {"transposed" if is_transposed else "array": name}

    def from_data(self, data, name, reader):
        kind, array_name = _only_entry(data, name, ("array", "transposed"))
        array = pop_array(reader.arrays, array_name)
        return array.T if kind == "transposed" else array


@dataclass(frozen=True)
class Number:
    """A number of Python or NumPy, between two limits.

    The type matters: a NumPy float64 turns a product with a float32 array into float64.
    """

    types: tuple
    low: float = -math.inf
    high: float = math.inf

    def check(self, value, owner):
        if type(value).__name__ not in self.types:
            raise Mismatch(f"is {reprlib.repr(value)}, expected type {' or '.join(self.types)}")
        if not self.low <= value <= self.high or not math.isfinite(value):
            raise Mismatch(f"is {value}, expected a number from {self.low} to {self.high}")

    def to_data(self, value, name, writer):
        if not isinstance(value, np.generic):
            return value
        writer.arrays[name] = np.array(value)
        return {"array": name}

    def from_data(self, data, name, reader):
        if is_scalar(data):
            return data
        _, array_name = _only_entry(data, name, ("array",))
        array = pop_array(reader.arrays, array_name)
        if array.ndim:
            raise InvalidModelContentError(f"{name} has {array.ndim} dimensions, expected a number")
        return array[()]


class _AsInJson:
    """A field whose values JSON represents."""

    def to_data(self, value, name, writer):
        return value

    def from_data(self, data, name, reader):
        return data


@dataclass(frozen=True)
class Text(_AsInJson):
    """One of several strings."""

    choices: tuple

    def check(self, value, owner):
        if type(value) is not str or value not in self.choices:
            raise Mismatch(f"is {reprlib.repr(value)}, expected one of {', '.join(self.choices)}")


class Sequences:
    """Proteins as a list of strings of capital letters."""

    def check(self, value, owner):
        if type(value) is not list or not value or any(type(item) is not str for item in value):
            raise Mismatch(f"is {reprlib.repr(value)}, expected a list of sequences")
        broken = [item for item in value if not re.fullmatch("[A-Z]+", item)]
        if broken:
            raise Mismatch(f"has {reprlib.repr(broken[0])}, expected capital letters from A to Z")

    def to_data(self, value, name, writer):
        writer.arrays[name] = np.frombuffer("\n".join(value).encode("ascii"), dtype=np.uint8)
        return {"lines": name}

    def from_data(self, data, name, reader):
        _, array_name = _only_entry(data, name, ("lines",))
        letters = pop_array(reader.arrays, array_name, "uint8", 1)
        return letters.tobytes().decode("latin-1").split("\n")


class Labels:
    """Class labels, in an array of any dtype that labels may have."""

    def check(self, value, owner):
        if type(value) is not np.ndarray or value.ndim != 1:
            raise Mismatch(f"is {reprlib.repr(value)}, expected one array of class labels")

    def to_data(self, value, name, writer):
        return labels_to_data(value, name)

    def from_data(self, data, name, reader):
        if type(data) is not dict:
            raise InvalidModelContentError(f"{name} is {reprlib.repr(data)}, expected labels")
        return labels_from_data(data)


class Names:
    """Names of columns, in an array of strings of dtype object."""

    def check(self, value, owner):
        is_array = type(value) is np.ndarray and value.ndim == 1 and value.dtype == object
        if not is_array or any(type(name) is not str for name in value):
            raise Mismatch(f"is {reprlib.repr(value)}, expected an array of names")
        n_columns = _size(owner, "n_features_in_")
        if len(value) != n_columns:
            raise Mismatch(f"has {len(value)} names, expected {n_columns}")

    def to_data(self, value, name, writer):
        return value.tolist()

    def from_data(self, data, name, reader):
        if type(data) is not list or any(type(item) is not str for item in data):
            raise InvalidModelContentError(f"{name} is {reprlib.repr(data)}, expected names")
        return np.array(data, dtype=object)


@dataclass(frozen=True)
class Nested:
    """A fitted estimator. If no classes are given, any class that can be saved alone."""

    classes: tuple = ()

    def check(self, value, owner):
        if self.classes and type(value).__name__ not in self.classes:
            raise Mismatch(
                f"is of class {type(value).__name__}, expected {' or '.join(self.classes)}"
            )

    def to_data(self, value, name, writer):
        return writer.nested(value, name, self.classes)

    def from_data(self, data, name, reader):
        return reader.nested(data, name, self.classes)


@dataclass(frozen=True)
class Each:
    """A list whose items have the same field."""

    item: object

    def check(self, value, owner):
        if type(value) is not list or not value:
            raise Mismatch(f"is {reprlib.repr(value)}, expected a list")
        for item in value:
            self.item.check(item, owner)

    def to_data(self, value, name, writer):
        return [self.item.to_data(item, f"{name}[{i}]", writer) for i, item in enumerate(value)]

    def from_data(self, data, name, reader):
        if type(data) is not list:
            raise InvalidModelContentError(f"{name} is {reprlib.repr(data)}, expected a list")
        return [self.item.from_data(item, f"{name}[{i}]", reader) for i, item in enumerate(data)]


@dataclass(frozen=True)
class Maybe:
    """A value that may be None."""

    field: object

    def check(self, value, owner):
        if value is not None:
            self.field.check(value, owner)

    def to_data(self, value, name, writer):
        return None if value is None else self.field.to_data(value, name, writer)

    def from_data(self, data, name, reader):
        return None if data is None else self.field.from_data(data, name, reader)


class Optional(Maybe):
    """An attribute that some versions, parameters or data do not set."""


def fitted_to_data(estimator, fields, prefix, writer):
    """Convert the fitted attributes of an estimator to a dict."""
    data = {}
    for attribute, field in fields.items():
        name = prefix + attribute
        if attribute not in vars(estimator):
            if isinstance(field, Optional):
                continue
            raise _unknown_state(estimator, name, "is missing")
        value = vars(estimator)[attribute]
        try:
            field.check(value, estimator)
        except Mismatch as error:
            raise _unknown_state(estimator, name, str(error)) from error
        data[attribute] = field.to_data(value, name, writer)
    return data


def restore_fitted(estimator, fields, data, prefix, reader):
    """Set the fitted attributes from the output of `fitted_to_data`, and check them."""
    kind = type(estimator).__name__
    for attribute, field in fields.items():
        if attribute not in data:
            if isinstance(field, Optional):
                continue
            raise InvalidModelContentError(f"{attribute} of {kind} is missing")
        value = field.from_data(data[attribute], prefix + attribute, reader)
        setattr(estimator, attribute, value)
        try:
            field.check(value, estimator)
        except Mismatch as error:
            raise InvalidModelContentError(f"{attribute} of {kind} {error}") from error


def _unknown_state(estimator, name, reason):
    return UnsavableModelError(
        f"{name} of {type(estimator).__name__} {reason}. A model file cannot store this state. If "
        "a new version of scikit-learn has changed the class, update sklearn_protlstm. Otherwise "
        "save the model with joblib.dump",
        name=name,
    )


def _size(owner, size):
    if type(size) is not str:
        return size
    value = getattr(owner, size, None)
    return len(value) if isinstance(value, np.ndarray) else value


def _only_entry(data, name, kinds):
    """Return the key and the value of a dict with one entry, whose key is one of `kinds`."""
    if type(data) is not dict or len(data) != 1 or next(iter(data)) not in kinds:
        raise InvalidModelContentError(
            f"{name} is {reprlib.repr(data)}, expected {' or '.join(kinds)}"
        )
    return next(iter(data.items()))
