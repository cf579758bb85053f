"""What the estimators accept, judged in one place.

This is also the only module that imports scikit-learn's private names.
"""

import warnings
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context as fit_context
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import assert_all_finite
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from sklearn_protlstm.alphabets import PADDING
from sklearn_protlstm.exceptions import EmptySequenceError

__all__ = [
    "HasMethods",
    "Interval",
    "StrOptions",
    "check_groups",
    "check_labels",
    "check_labels_among",
    "check_pooling",
    "check_sequences",
    "check_tokens",
    "check_weights",
    "fit_context",
    "positive_integer",
    "positive_real",
]

# Above this a look-up table over all token numbers would be larger than most data sets.
_LARGEST_TOKEN = 2**24 - 1


def positive_integer(high=None):
    """Constrain a parameter to the integers from 1 to `high`.

    Parameters
    ----------
    high : int or None, default=None
        Largest value allowed; None sets no bound.

    Returns
    -------
    interval : Interval
        An entry of scikit-learn's tables of parameter constraints.
    """
    return Interval(Integral, 1, high, closed="left" if high is None else "both")


def positive_real():
    """Constrain a parameter to the real numbers above 0.

    Returns
    -------
    interval : Interval
        An entry of scikit-learn's tables of parameter constraints.
    """
    return Interval(Real, 0, None, closed="neither")


def check_sequences(X):
    """Bring any accepted collection of proteins to a list of non-empty strings.

    Parameters
    ----------
    X : iterable of str, bytes, Bio.Seq.Seq or Bio.SeqRecord.SeqRecord
        Lists, tuples, generators, arrays of strings, pandas and polars Series, and frames or
        two-dimensional arrays of one column.

    Returns
    -------
    sequences : list of str
        One entry a record, in the order given, letters as they came.

    Raises
    ------
    TypeError
        If `X` is one string, a mapping or a set, or an entry is no sequence.
    ValueError
        If `X` is empty, or has several columns.
    EmptySequenceError
        If a record has no residue.
    """
    items = _as_list(X)
    if not items:
        raise ValueError("Found 0 sequences: give at least one protein sequence")
    # `set(map(type, ...))` runs in C, so the common case of plain strings costs no Python loop.
    if set(map(type, items)) != {str}:
        items = [_as_text(item, record) for record, item in enumerate(items)]
    if not all(items):
        record = next(record for record, item in enumerate(items) if not item)
        raise empty_sequence_error(record)
    return items


def empty_sequence_error(record):
    """Error for a record without residues, counted from 0."""
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
            f"Got a {type(X).__name__}, which has no order that could match the labels. Pass a "
            "list, such as list(records.values())"
        )
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) != 1:
        X = _single_column(X, shape)
    if hasattr(X, "tolist"):
        return X.tolist()
    if hasattr(X, "to_list"):
        return X.to_list()
    if not isinstance(X, Iterable):
        raise TypeError(
            f"Expected a collection of protein sequences, got {X!r} of type {type(X).__name__}"
        )
    return list(X)


def _is_biopython_sequence(X):
    # By name, so that nobody waits for Biopython who does not use it.
    return type(X).__name__ in ("Seq", "MutableSeq", "SeqRecord")


def _single_column(X, shape):
    if len(shape) != 2 or shape[1] != 1:
        raise ValueError(
            f"Expected one column of sequences, got data of shape {tuple(shape)}. Choose the "
            'column that holds the sequences, such as X["sequence"]'
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
    sequence = getattr(item, "seq", item)  # a SeqRecord wraps its Seq
    if type(sequence).__module__.startswith("Bio."):
        return str(sequence)
    raise TypeError(
        f"Sequence {record} is {item!r} of type {type(item).__name__}: expected a str, bytes, "
        "Bio.Seq or SeqRecord. Drop records without a sequence (and their labels) first, and "
        "turn numbers back into letters"
    )


def check_tokens(estimator, X, *, reset):
    """Check a token matrix against the estimator and bring it to whole, non-negative numbers.

    Parameters
    ----------
    estimator : BaseEstimator
        Named in messages; learns or compares ``n_features_in_`` and ``feature_names_in_``.
    X : array-like of shape (n_samples, max_length)
        Token numbers; negative numbers read as padding, fractions are rounded.
    reset : bool
        True in ``fit``, where the width is learned; False where it is compared.

    Returns
    -------
    tokens : ndarray of shape (n_samples, max_length), an integer dtype
        Not copied if it was an array of unsigned integers already.

    Raises
    ------
    TypeError
        If `X` holds strings.
    ValueError
        If `X` is not a finite, numeric, two-dimensional matrix of the width learned, or a token
        number is too large to be one.

    Warns
    -----
    DataConversionWarning
        If fractions were rounded.
    """
    _refuse_strings(estimator, X)
    X = validate_data(estimator, X, reset=reset, dtype="numeric")
    if X.dtype.kind == "u" or X.dtype.kind == "b":
        tokens = X
    else:
        tokens = np.maximum(_whole_numbers(estimator, X), PADDING)
    # The largest number decides the size of look-up tables, so it is judged before any is made.
    largest = tokens.max(initial=0)
    if largest > _LARGEST_TOKEN:
        raise ValueError(
            f"{type(estimator).__name__} takes token numbers up to {_LARGEST_TOKEN}, got "
            f"{largest}. Number the tokens from 2 without large gaps, as SequenceEncoder does"
        )
    return tokens if X.dtype.kind == "u" else tokens.astype(np.int32)


def _whole_numbers(estimator, X):
    if X.dtype.kind != "f":
        return X
    whole = np.rint(X)
    if not np.array_equal(whole, X):
        warnings.warn(
            f"{type(estimator).__name__} takes token numbers; the fractions in X were rounded to "
            "whole numbers",
            DataConversionWarning,
            stacklevel=5,  # the caller of the public method
        )
    return whole


def _refuse_strings(estimator, X):
    first = X
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    holds_text = isinstance(first, (str, bytes))
    if getattr(first, "shape", ()) and hasattr(first, "__array__"):  # arrays, Series and frames
        row = np.asarray(first[:1])
        holds_text = row.dtype.kind in "UST" or (
            row.dtype.kind == "O" and any(isinstance(cell, (str, bytes)) for cell in row.flat)
        )
    if holds_text:
        raise TypeError(
            f"{type(estimator).__name__} takes a matrix of token numbers, got strings. Put a "
            "SequenceEncoder before it: make_pipeline(SequenceEncoder(), "
            f"{type(estimator).__name__}())"
        )


def check_labels(X, y):
    """Check class labels and number them.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Compared with `y` in length.
    y : array-like of shape (n_samples,)
        Class labels of any kind that sorts.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        The distinct labels, sorted.
    codes : ndarray of shape (n_samples,), dtype int64
        Index of each label in `classes`.

    Raises
    ------
    ValueError
        If `y` has another length, is missing a value, is continuous, or holds one class only.
    """
    y = _label_column(X, y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"y holds one class only ({classes.tolist()[0]!r}): a classifier needs sequences of "
            "two or more classes to tell apart"
        )
    return classes, codes


def check_labels_among(X, y, classes):
    """Check labels of one batch against all classes that will ever come.

    Parameters
    ----------
    X : ndarray of shape (n_samples, ...)
        Compared with `y` in length.
    y : array-like of shape (n_samples,)
        Class labels.
    classes : array-like of shape (n_classes,) or None
        All labels.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Sorted.
    codes : ndarray of shape (n_samples,), dtype int64
        Index of each label in `classes`.

    Raises
    ------
    ValueError
        If `classes` is None, or a label is not among them, or `y` is not as in `check_labels`.
    """
    if classes is None:
        raise ValueError(
            "The first call of partial_fit needs classes: all labels that will ever come, such as "
            'classes=["dog", "human"]'
        )
    y = _label_column(X, y)
    classes = np.unique(classes)
    new = np.setdiff1d(y, classes)
    if len(new):
        raise ValueError(
            f"y holds {new.tolist()[0]!r}, which is not among the classes {classes.tolist()} of "
            "the first call of partial_fit. Give all classes there"
        )
    return classes, np.searchsorted(classes, y)


def check_weights(sample_weight, X):
    """Check sample weights.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,), number or None
        None means 1 each.
    X : ndarray of shape (n_samples, ...)
        Compared in length.

    Returns
    -------
    weights : ndarray of shape (n_samples,), dtype float64
        Not negative, not all zero.

    Raises
    ------
    ValueError
        If the weights are not finite, negative, of another length, or all zero.
    """
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weights.any():
        raise ValueError("Every sample_weight is zero: no sequence is left to train on")
    return weights


def check_groups(groups, X):
    """Check group labels.

    Parameters
    ----------
    groups : array-like of shape (n_samples,) or None
        Rows that belong together.
    X : ndarray of shape (n_samples, ...)
        Compared in length.

    Returns
    -------
    groups : ndarray of shape (n_samples,) or None
        As given.

    Raises
    ------
    ValueError
        If there is not one group for each row, or one is missing.
    """
    if groups is None:
        return None
    groups = column_or_1d(groups)
    if len(groups) != X.shape[0]:
        raise ValueError(
            f"Found {X.shape[0]} sequences but {len(groups)} groups. Give one group for each "
            "sequence"
        )
    missing = _missing_entries(groups)
    if missing:
        raise ValueError(
            f"The group of sequence {missing[0]} is missing; {len(missing)} group(s) in all. A "
            "sequence without relatives is a group of its own: give it a number of its own"
        )
    return groups


def check_pooling(pooling, known):
    """Check the parts of a pooling.

    Parameters
    ----------
    pooling : str or sequence of str
        One kind or several.
    known : tuple of str
        The kinds there are.

    Returns
    -------
    pooling : tuple of str
        At least one kind, none twice.

    Raises
    ------
    ValueError
        If a kind is not known or comes twice, or there is none.
    """
    kinds = (pooling,) if isinstance(pooling, str) else tuple(pooling)
    if not kinds or any(kind not in known for kind in kinds) or len(set(kinds)) < len(kinds):
        raise ValueError(
            f"pooling={pooling!r} is not known: give one of {', '.join(map(repr, known))}, or a "
            "tuple of several different ones, which are concatenated"
        )
    return kinds


def _label_column(X, y):
    if y is None:
        # scikit-learn's checks look for these words.
        raise ValueError(
            "requires y to be passed, but the target y is None: give one class label for each "
            "sequence"
        )
    y = column_or_1d(y, warn=True)
    if len(y) != X.shape[0]:
        raise ValueError(
            f"Found {X.shape[0]} sequences but {len(y)} labels: inconsistent numbers of samples. "
            "Give one label for each sequence"
        )
    _refuse_missing_labels(y)
    if y.dtype.kind == "f":
        assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    return y


def _refuse_missing_labels(y):
    missing = _missing_entries(y)
    if missing:
        raise ValueError(
            f"The label of sequence {missing[0]} is missing ({y.tolist()[missing[0]]!r}); "
            f"{len(missing)} label(s) in all. Input y contains NaN or None: drop these sequences"
        )


def _missing_entries(column):
    """Where None, NaN or pandas' NA stand."""
    if column.dtype.kind not in "Of":
        return []
    return [
        i
        for i, entry in enumerate(column.tolist())
        if entry is None or is_scalar_nan(entry) or is_pandas_na(entry)
    ]
