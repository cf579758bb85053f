"""Valid input is converted; invalid input raises an error that says what to change."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator
from sklearn.exceptions import DataConversionWarning

from sklearn_protlstm._labels.classes import check_labels, check_targets_among
from sklearn_protlstm._validation import (
    check_groups,
    check_pooling,
    check_sequences,
    check_tokens,
    check_weights,
    fit_context,
    join_names,
    positive_integer,
    positive_real,
)
from sklearn_protlstm.readers import SequenceTable


class TokenReader(BaseEstimator):
    """Minimal classifier: `fit` learns the number of columns, `predict` checks it."""

    _parameter_constraints = {}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X):
        self.tokens_ = check_tokens(self, X, reset=True)
        return self

    def predict(self, X):
        return self._read(X)

    def _read(self, X):
        return check_tokens(self, X, reset=False)


def read(X):
    return TokenReader().fit(X).tokens_


# string_checks tests the collections of sequences that estimators accept.


def test_plain_list_of_strings_is_not_copied():
    X = ["MNTQ", "ac"]
    sequences = check_sequences(X)
    assert sequences == X
    assert all(a is b for a, b in zip(sequences, X))


def test_sequences_are_converted_to_str():
    assert list(map(type, check_sequences(np.array(["MNTQ", "A"])))) == [str, str]
    assert list(map(type, check_sequences([np.str_("MNTQ"), b"A"]))) == [str, str]


class OnlyArray:
    """An object with nothing but a conversion to NumPy."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype or self.values.dtype)


class ArrowScalar:
    """Minimal scalar of pyarrow, which is not a str."""

    def __init__(self, value):
        self._value = value

    def as_py(self):
        return self._value


class ArrowChunks:
    """Minimal ChunkedArray of pyarrow: a loop gives scalars."""

    def __init__(self, values):
        self._values = values

    def __len__(self):
        return len(self._values)

    def __iter__(self):
        return map(ArrowScalar, self._values)

    def to_pylist(self):
        return list(self._values)

    def __getitem__(self, key):
        return ArrowChunks(self._values[key])

    def __array__(self, dtype=None, copy=None):
        return np.array(self._values, dtype=object)


def test_arrow_columns_are_lists_of_strings():
    assert check_sequences(ArrowChunks(["MNTQ", "AC"])) == ["MNTQ", "AC"]
    assert check_sequences(list(ArrowChunks(["MNTQ", b"AC"]))) == ["MNTQ", "AC"]
    for given in (ArrowChunks(["MNTQ", None]), list(ArrowChunks(["MNTQ", None]))):
        with pytest.raises(TypeError, match="Sequence 1 is None of type NoneType: expected a str"):
            check_sequences(given)


def test_pyarrow_columns_are_lists_of_strings():
    pa = pytest.importorskip("pyarrow")
    sequences = ["MNTQ", "AC", "MNTQ"]
    array = pa.array(sequences)
    for X in (
        array,
        array.dictionary_encode(),
        pa.array(sequences, pa.large_string()),
        pa.array(sequences, pa.binary()),
        pa.chunked_array([sequences[:1], sequences[1:]]),
        pa.chunked_array([sequences]).dictionary_encode(),
        pa.table({"sequence": sequences}),
        list(array),
        pd.Series(sequences, dtype=pd.ArrowDtype(pa.string())),
        pd.Series(sequences, dtype="string[pyarrow]").array,
    ):
        assert check_sequences(X) == sequences
    with pytest.raises(TypeError, match="TokenReader takes a matrix of token numbers, got strings"):
        read(pa.chunked_array([sequences]))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64"])
def test_unsigned_tokens_are_not_copied(dtype):
    X = np.array([[2, 3, 0], [4, 0, 0]], dtype=dtype)
    tokens = read(X)
    assert np.shares_memory(tokens, X)
    assert tokens.dtype == dtype


@pytest.mark.parametrize(
    ("X", "expected"),
    [
        ([[2, 3], [4, 0]], [[2, 3], [4, 0]]),
        (np.array([[2.0, 3.0]]), [[2, 3]]),
        (np.array([[2, -1, 3, -7]], dtype=np.int8), [[2, 0, 3, 0]]),
        ([[-3.0, 5.0]], [[0, 5]]),
        (np.array([[True, False]]), [[1, 0]]),
        (np.array([[2, 3.0]], dtype=object), [[2, 3]]),
        (pd.DataFrame({"token_1": [2, 4], "token_2": [3, 0]}), [[2, 3], [4, 0]]),
        (pl.DataFrame({"token_1": [2, 4], "token_2": [3, 0]}), [[2, 3], [4, 0]]),
        ([[2**24 - 1, 0]], [[2**24 - 1, 0]]),
        pytest.param(OnlyArray([[2, 3]]), [[2, 3]], id="an object that converts to an array"),
    ],
)
def test_tokens_are_converted_to_non_negative_integers(X, expected):
    tokens = read(X)
    assert tokens.dtype.kind in "iu"
    assert tokens.tolist() == expected


def test_tokens_given_are_not_changed():
    X = np.array([[2.0, -1.0]])
    read(X)
    assert X.tolist() == [[2.0, -1.0]]


def test_fractions_are_rounded_with_a_warning():
    message = "TokenReader takes token numbers; fractions in X were rounded to integers"
    with pytest.warns(DataConversionWarning, match=message) as caught:
        reader = TokenReader().fit([[1.4, 1.6], [-0.4, -2.5]])
    assert reader.tokens_.tolist() == [[1, 2], [0, 0]]
    with pytest.warns(DataConversionWarning, match=message) as caught_later:
        assert reader.predict([[2.9, 3.0]]).tolist() == [[3, 3]]
    assert caught[0].filename == caught_later[0].filename == __file__


@pytest.mark.parametrize("number", [2**24, 2**40, 1e300, np.uint64(2**63)])
def test_too_large_tokens_are_rejected(number):
    message = "TokenReader takes token numbers up to 16777215, got .*Number the tokens from 2"
    with pytest.raises(ValueError, match=message):
        read(np.array([[2, 3], [0, number]], dtype=np.asarray(number).dtype))


@pytest.mark.parametrize(
    "X",
    [
        ["MNTQ", "AC"],
        ("MNTQ", "AC"),
        [["MNTQ"], ["AC"]],
        [b"MNTQ"],
        "MNTQ",
        np.array(["MNTQ", "AC"]),
        np.array(["MNTQ", "AC"], dtype=object),
        np.array([["MNTQ"], ["AC"]]),
        np.array([["MNTQ"]], dtype="S"),
        np.array([[b"MNTQ"]], dtype=object),
        np.array([[2, "MNTQ"]], dtype=object),
        np.array(["MNTQ"], dtype=np.dtypes.StringDType()),
        pd.Series(["MNTQ", "AC"]),
        pd.Series(["MNTQ", "AC"], dtype="string"),
        pd.DataFrame({"sequence": ["MNTQ", "AC"]}),
        pd.DataFrame({"length": [4, 2], "sequence": ["MNTQ", "AC"]}),
        pl.Series(["MNTQ", "AC"]),
        pl.DataFrame({"sequence": ["MNTQ", "AC"]}),
        ArrowChunks(["MNTQ", "AC"]),
        pytest.param(OnlyArray([["MNTQ"], ["AC"]]), id="an object that converts to an array"),
        SequenceTable(["a", "b"], ["MNTQ", "AC"]),
        list(SequenceTable(["a", "b"], ["MNTQ", "AC"])),
    ],
)
def test_strings_are_rejected_as_tokens(X):
    message = (
        "TokenReader takes a matrix of token numbers, got strings. Put a SequenceEncoder before "
        r"it: make_pipeline\(SequenceEncoder\(\), TokenReader\(\)\)"
    )
    with pytest.raises(TypeError, match=message):
        read(X)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([[2, np.nan]], ValueError, "Input X contains NaN"),
        ([[2, np.inf]], ValueError, "Input X contains infinity"),
        ([2, 3], ValueError, "Expected 2D array, got 1D array"),
        ([[[2, 3]]], ValueError, "Found array with dim 3"),
        ([], ValueError, "Expected 2D array|Found array with 0"),
        (np.empty((0, 3)), ValueError, r"Found array with 0 sample\(s\)"),
        (np.empty((3, 0)), ValueError, r"Found array with 0 feature\(s\)"),
        (csr_matrix([[2, 3]]), TypeError, "Sparse data was passed"),
        ([[2 + 1j]], ValueError, "Complex data not supported"),
    ],
)
def test_invalid_token_matrix_is_rejected(X, error, message):
    with pytest.raises(error, match=message):
        read(X)


def test_number_of_columns_is_learned_and_checked():
    reader = TokenReader().fit([[2, 3, 4]])
    assert reader.n_features_in_ == 3
    with pytest.raises(ValueError, match="X has 2 features, but TokenReader is expecting 3"):
        reader.predict([[2, 3]])


X3 = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("y", "classes", "codes"),
    [
        (["human", "dog", "human"], ["dog", "human"], [1, 0, 1]),
        ((7, 3, 5), [3, 5, 7], [2, 0, 1]),
        ([True, False, True], [False, True], [1, 0, 1]),
        ([1.0, 2.0, 1.0], [1.0, 2.0], [0, 1, 0]),
        (np.array(["b", "a", "b"], dtype=object), ["a", "b"], [1, 0, 1]),
        (pd.Series(["b", "a", "b"], index=[9, 8, 7]), ["a", "b"], [1, 0, 1]),
        (pd.Series(["b", "a", "b"], dtype="category"), ["a", "b"], [1, 0, 1]),
        (pd.Series(["b", "a", "b"], dtype="string"), ["a", "b"], [1, 0, 1]),
        (pl.Series(["b", "a", "b"]), ["a", "b"], [1, 0, 1]),
    ],
)
def test_labels_are_encoded(y, classes, codes):
    found, numbers = check_labels(X3, y)
    assert found.tolist() == classes
    assert numbers.dtype == np.int64
    assert numbers.tolist() == codes


def test_column_of_labels_is_flattened_with_a_warning():
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        _, codes = check_labels(X3, np.array([["b"], ["a"], ["b"]]))
    assert codes.tolist() == [1, 0, 1]


MISSING = r"The label of sequence 1 is missing \({}\); {} label\(s\) in total. Input y contains NaN"

INVALID_LABELS = [
    (None, "requires y to be passed, but the target y is None: give one class label for each"),
    (["a", "b"], "Found 3 sequences but 2 labels: inconsistent numbers of samples. Pass one label"),
    (["a", None, "b"], MISSING.format("None", 1)),
    (["a", None, None], MISSING.format("None", 2)),
    (np.array(["a", np.nan, "b"], dtype=object), MISSING.format("nan", 1)),
    ([0.0, np.nan, 1.0], MISSING.format("nan", 1)),
    (pd.Series(["a", pd.NA, "b"], dtype=object), MISSING.format("<NA>", 1)),
    (pd.Series(["a", pd.NA, "b"], dtype="string"), MISSING.format("<NA>", 1)),
    (pd.Series(["a", None, "b"]), MISSING.format("(None|nan)", 1)),
    (pd.Series([0, pd.NA, 1], dtype="Int64"), MISSING.format("(<NA>|nan)", 1)),
    (pl.Series(["a", None, "b"]), MISSING.format("None", 1)),
    ([0.0, np.inf, 1.0], "Input y contains infinity"),
    ([0.1, 0.2, 0.7], "Unknown label type: continuous"),
]


@pytest.mark.parametrize(("y", "message"), INVALID_LABELS)
def test_invalid_labels_are_rejected(y, message):
    with pytest.raises(ValueError, match=message):
        check_labels(X3, y)
    with pytest.raises(ValueError, match=message):
        check_targets_among(X3, y, classes=["a", "b"])


def test_label_matrix_is_not_one_class_each():
    with pytest.raises(
        ValueError,
        match=r"y has any number of labels for each sequence .* pass a one-dimensional y",
    ):
        check_labels(X3, [[1, 0], [0, 1], [1, 1]])


@pytest.mark.parametrize(("y", "shown"), [(["dog"] * 3, "'dog'"), ([4, 4, 4], "4")])
def test_single_class_is_rejected(y, shown):
    with pytest.raises(
        ValueError, match=rf"y holds one class only \({shown}\): a classifier needs at least two"
    ):
        check_labels(X3, y)


def test_batch_labels_are_encoded_by_all_classes():
    classes, codes = check_targets_among(X3, ["pig", "dog", "pig"], ["pig", "human", "dog", "dog"])
    assert classes.tolist() == ["dog", "human", "pig"]
    assert codes.tolist() == [2, 0, 2]
    # A batch may contain a single class.
    assert check_targets_among(X3, ["pig"] * 3, classes)[1].tolist() == [2, 2, 2]


def test_label_missing_from_classes_is_rejected():
    message = r"y holds 'cat', which is not among the classes \['dog', 'human'\] of the first call"
    with pytest.raises(ValueError, match=message):
        check_targets_among(X3, ["dog", "cat", "emu"], ["human", "dog"])


def test_first_partial_fit_needs_classes():
    with pytest.raises(
        ValueError, match=r"The first call of partial_fit needs classes: all labels"
    ):
        check_targets_among(X3, ["dog", "cat", "dog"], None)


@pytest.mark.parametrize(
    ("given", "weights"),
    [
        (None, [1, 1, 1]),
        (2, [2, 2, 2]),
        ([0, 1, 2.5], [0, 1, 2.5]),
        (pd.Series([1, 2, 3]), [1, 2, 3]),
    ],
)
def test_weights_become_an_array_of_floats(given, weights):
    checked = check_weights(given, X3)
    assert checked.dtype == np.float64
    assert checked.tolist() == weights


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"sample_weight.shape == \(2,\), expected \(3,\)"),
        ([1, -1, 1], "Negative values in data passed to `sample_weight`"),
        ([1, np.nan, 1], "Input sample_weight contains NaN"),
        ([1, np.inf, 1], "Input sample_weight contains infinity"),
        # Newer versions of scikit-learn raise their own error.
        ([0, 0, 0], "Every sample_weight is zero: no sequence|at least one non-zero number"),
    ],
)
def test_invalid_weights_are_rejected(weights, message):
    with pytest.raises(ValueError, match=message):
        check_weights(weights, X3)


def test_groups_become_an_array_or_stay_none():
    assert check_groups(None, X3) is None
    assert check_groups(["a", "b", "a"], X3).tolist() == ["a", "b", "a"]
    assert check_groups(pd.Series([5, 5, 1]), X3).tolist() == [5, 5, 1]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([1, 2], "Found 3 sequences but 2 groups. Pass one group per sequence"),
        ([[1, 2], [1, 2], [1, 2]], "should be a 1d array"),
        (
            np.array(["a", None, "b"], dtype=object),
            r"group of sequence 1 is missing; 1 group\(s\) in total. Give each sequence without",
        ),
    ],
)
def test_invalid_groups_are_rejected(groups, message):
    with pytest.raises(ValueError, match=message):
        check_groups(groups, X3)


@pytest.mark.parametrize(
    ("pooling", "kinds"),
    [("max", ("max",)), (("last", "max"), ("last", "max")), (["mean"], ("mean",))],
)
def test_pooling_becomes_a_tuple(pooling, kinds):
    assert check_pooling(pooling, ("last", "max", "mean")) == kinds


@pytest.mark.parametrize(
    "pooling", ["min", (), ("max", "max"), ("max", "min"), ["max", 3], [["max"]]]
)
def test_invalid_pooling_is_rejected(pooling):
    message = r"is not known: give one of 'last', 'max', 'mean', or a tuple of different ones"
    with pytest.raises(ValueError, match=message):
        check_pooling(pooling, ("last", "max", "mean"))


def test_intervals_contain_the_allowed_numbers():
    assert [number in positive_integer() for number in (0, 1, 10**9)] == [False, True, True]
    assert [number in positive_integer(5) for number in (0, 1, 5, 6)] == [False, True, True, False]
    assert [number in positive_real() for number in (0, 1e-9, 10**9)] == [False, True, True]
    assert not positive_integer().is_satisfied_by(1.0)
    assert positive_real().is_satisfied_by(1)


def test_messages_have_at_most_five_names():
    assert join_names(name for name in "abcde") == "a, b, c, d, e"
    assert join_names("abcdef") == "a, b, c, d, e, ..."
    assert join_names([]) == ""
