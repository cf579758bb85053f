"""Validation of sequences, tokens, weights, groups and parameters, and names in its messages.

Private names of scikit-learn are imported here and nowhere else.
"""

import warnings
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context as fit_context
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import _BaseComposition as BaseComposition
from sklearn.utils.validation import _check_method_params as check_method_params
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from sklearn_protlstm.alphabets import PADDING
from sklearn_protlstm.exceptions import EmptySequenceError

__all__ = [
    "BaseComposition",
    "HasMethods",
    "Interval",
    "SequenceInputMixin",
    "StrOptions",
    "check_groups",
    "check_method_params",
    "check_pooling",
    "check_sequences",
    "check_tokens",
    "check_weights",
    "fit_context",
    "join_names",
    "missing_entries",
    "positive_integer",
    "positive_real",
    "safe_indexing",
]

# With larger tokens, lookup tables indexed by token would need too much memory.
_LARGEST_TOKEN = 2**24 - 1

# Names in a message.
_MOST_NAMES = 5


def positive_integer(high=None):
    """Constraint for integers from 1 to `high`; None means no upper bound."""
    return Interval(Integral, 1, high, closed="left" if high is None else "both")


def positive_real():
    """Constraint for real numbers above 0."""
    return Interval(Real, 0, None, closed="neither")


class SequenceInputMixin:
    """Mixin for estimators that take a collection of strings."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags


def check_sequences(X):
    """Convert a collection of proteins to a list of non-empty strings.

    Parameters
    ----------
    X : iterable of str, bytes, Bio.Seq.Seq or Bio.SeqRecord.SeqRecord
        List, tuple, generator, string array, pandas or polars Series, pyarrow array, or
        SequenceTable. Two-dimensional arrays and DataFrames need exactly one column.

    Returns
    -------
    sequences : list of str
        One string per record, in the given order and case.

    Raises
    ------
    TypeError
        If `X` is a single sequence, a mapping or a set, or if an entry is not a sequence.
    ValueError
        If `X` is empty or has more than one column.
    EmptySequenceError
        If a record has no residues.
    """
    items = _as_list(X)
    if not items:
        raise ValueError("Found 0 sequences: pass at least one protein sequence")
    # set(map(type, ...)) runs in C, so plain strings, the common case, need no Python loop.
    if set(map(type, items)) != {str}:
        items = [_as_text(item, record) for record, item in enumerate(items)]
    if not all(items):
        record = next(record for record, item in enumerate(items) if not item)
        raise empty_sequence_error(record)
    return items


def empty_sequence_error(record):
    """Error for a record without residues; `record` counts from 0."""
    return EmptySequenceError(
        f"Sequence {record} is empty: a protein needs at least one residue. Drop the record "
        "(and its label) before fitting or predicting",
        record,
    )


def _as_list(X):
    if isinstance(X, (str, bytes, bytearray)) or _is_biopython_sequence(X):
        text = _as_text(X, 0)
        shown = text if len(text) <= 20 else text[:17] + "..."
        raise TypeError(
            f"Got one sequence ({shown!r}) where a collection of sequences was expected: "
            "did you mean [sequence]?"
        )
    if isinstance(X, (Mapping, Set)):
        raise TypeError(
            f"Got a {type(X).__name__}, expected a list of sequences in the order of the labels, "
            "such as list(records.values())"
        )
    if _is_own(X, "SequenceTable"):
        return list(X.sequences)
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) != 1:
        X = _single_column(X, shape)
    for to_list in ("tolist", "to_list", "to_pylist"):  # NumPy, polars, pyarrow
        if hasattr(X, to_list):
            return getattr(X, to_list)()
    if not isinstance(X, Iterable):
        raise TypeError(
            f"Expected a collection of protein sequences, got {X!r} of type {type(X).__name__}"
        )
    return list(X)


def _is_biopython_sequence(X):
    # Compare names: importing Biopython for this check would be slow.
    return type(X).__name__ in ("Seq", "MutableSeq", "SeqRecord")


def _is_own(item, name):
    # The readers are in a later room, so compare names here, too.
    return type(item).__name__ == name and type(item).__module__.startswith("sklearn_protlstm.")


def _single_column(X, shape):
    if len(shape) != 2 or shape[1] != 1:
        raise ValueError(
            f"Expected one column of sequences, got data of shape {tuple(shape)}. Select the "
            'column of the sequences, such as X["sequence"]'
        )
    if hasattr(X, "iloc"):
        return X.iloc[:, 0]
    if hasattr(X, "to_series"):
        return X.to_series()
    return np.asarray(X)[:, 0]


def _as_text(item, record):
    if isinstance(item, str):
        return str(item)
    if isinstance(item, (bytes, bytearray)):
        return item.decode("latin-1")
    if hasattr(item, "as_py"):  # a pyarrow scalar
        return _as_text(item.as_py(), record)
    if _is_own(item, "SequenceRecord"):
        return item.sequence
    sequence = getattr(item, "seq", item)  # a SeqRecord wraps its Seq
    if type(sequence).__module__.startswith("Bio."):
        return str(sequence)
    raise TypeError(
        f"Sequence {record} is {item!r} of type {type(item).__name__}: expected a str, bytes, "
        "Bio.Seq or SeqRecord. Drop records without a sequence (and their labels), and "
        "convert numbers back to letters"
    )


def check_tokens(estimator, X, *, reset):
    """Validate a token matrix and convert it to non-negative integers.

    Parameters
    ----------
    estimator : BaseEstimator
        Sets or checks its ``n_features_in_`` and ``feature_names_in_``. Messages give its name.
    X : array-like of shape (n_samples, max_length)
        Tokens. Negative numbers become padding, fractions are rounded.
    reset : bool
        True in ``fit``, to learn the number of columns; False to check it.

    Returns
    -------
    tokens : ndarray of shape (n_samples, max_length), dtype int32 or unsigned
        An array of unsigned integers is returned without a copy.

    Raises
    ------
    TypeError
        If `X` contains strings.
    ValueError
        If `X` is not a finite, numeric, two-dimensional matrix, has a different number of columns
        than in ``fit``, or contains a token above 16,777,215.

    Warns
    -----
    DataConversionWarning
        If fractions were rounded.
    """
    _reject_strings(estimator, X)
    X = validate_data(estimator, X, reset=reset, dtype="numeric")
    if X.dtype.kind == "u" or X.dtype.kind == "b":
        tokens = X
    else:
        tokens = np.maximum(_round_to_integers(estimator, X), PADDING)
    # Check this first: later code builds lookup tables of this size.
    largest = tokens.max(initial=0)
    if largest > _LARGEST_TOKEN:
        raise ValueError(
            f"{type(estimator).__name__} takes token numbers up to {_LARGEST_TOKEN}, got "
            f"{largest}. Number the tokens from 2 without large gaps, as SequenceEncoder does"
        )
    return tokens if X.dtype.kind == "u" else tokens.astype(np.int32)


def _round_to_integers(estimator, X):
    if X.dtype.kind != "f":
        return X
    rounded = np.rint(X)
    if not np.array_equal(rounded, X):
        warnings.warn(
            f"{type(estimator).__name__} takes token numbers; fractions in X were rounded to "
            "integers",
            DataConversionWarning,
            stacklevel=5,  # the caller of the public method
        )
    return rounded


def _reject_strings(estimator, X):
    first = X
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    contains_text = isinstance(first, (str, bytes)) or _is_own(X, "SequenceTable")
    # Arrays, Series and frames have a shape, arrays of pyarrow have none.
    if hasattr(first, "__array__") and getattr(first, "shape", None) != ():
        row = np.asarray(first[:1] if hasattr(first, "__getitem__") else first)
        contains_text = row.dtype.kind in "UST" or (
            row.dtype.kind == "O" and any(isinstance(cell, (str, bytes)) for cell in row.flat)
        )
    if contains_text:
        raise TypeError(
            f"{type(estimator).__name__} takes a matrix of token numbers, got strings. Put a "
            "SequenceEncoder before it: make_pipeline(SequenceEncoder(), "
            f"{type(estimator).__name__}())"
        )


def check_weights(sample_weight, X):
    """Validate sample weights; None means 1 for each sample, a number is repeated.

    Raises a ValueError if the weights are infinite, NaN, negative, all zero or do not match the
    length of `X`.
    """
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.isfinite(total):
        raise ValueError(
            "The sum of sample_weight is larger than the largest float. Only the ratios of the "
            "weights matter: divide them by their largest"
        )
    if not weights.any():
        raise ValueError("Every sample_weight is zero: no sequence is left to train on")
    return weights


def check_groups(groups, X):
    """Validate group labels; None stays None.

    Raises a ValueError if a group is missing or their number does not match the length of `X`.
    """
    if groups is None:
        return None
    groups = column_or_1d(groups)
    if len(groups) != X.shape[0]:
        raise ValueError(
            f"Found {X.shape[0]} sequences but {len(groups)} groups. Pass one group per sequence"
        )
    missing = missing_entries(groups)
    if missing:
        raise ValueError(
            f"The group of sequence {missing[0]} is missing; {len(missing)} group(s) in total. "
            "Give each sequence without relatives a group of its own"
        )
    return groups


def check_pooling(pooling, known):
    """Return the kinds of pooling as a tuple; raise a ValueError if one is unknown or repeated."""
    kinds = (pooling,) if isinstance(pooling, str) else tuple(pooling)
    if not kinds or any(kind not in known for kind in kinds) or len(set(kinds)) < len(kinds):
        raise ValueError(
            f"pooling={pooling!r} is not known: give one of {', '.join(map(repr, known))}, or a "
            "tuple of different ones to concatenate"
        )
    return kinds


def join_names(names):
    """Join names to a text for a message, which has at most five of them."""
    names = list(names)
    return ", ".join(names[:_MOST_NAMES]) + ", ..." * (len(names) > _MOST_NAMES)


def missing_entries(column):
    """Indices of None, NaN and pandas.NA."""
    if column.dtype.kind not in "Of":
        return []
    return [
        i
        for i, entry in enumerate(column.tolist())
        if entry is None or is_scalar_nan(entry) or is_pandas_na(entry)
    ]
