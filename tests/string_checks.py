"""Checks for estimators that take protein sequences as strings.

scikit-learn runs most of its estimator checks only if the input is a matrix. `string_checks` yields
similar checks for strings.
"""

import inspect
import pickle
import re
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from Bio.Seq import MutableSeq, Seq
from Bio.SeqRecord import SeqRecord
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import estimator_checks, get_tags
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_protlstm.exceptions import EmptySequenceError, InvalidResidueError

SEQUENCES = [
    "MNTQILVFIACVLIEAKGDKICL",
    "mntqakgdkiclilvfiac",
    "ACDEFGHIKLMNPQRSTVWY",
    "WYWACDWYW*",
    "AXBZJUO",
    "M",
]
LABELS = ["human", "dog", "dog", "human", "pig", "pig"]

INPUT_TYPES = {
    "tuple": tuple,
    "generator": lambda X: (sequence for sequence in X),
    "dict values": lambda X: dict(enumerate(X)).values(),
    "object array": lambda X: np.array(X, dtype=object),
    "U array": np.array,
    "S array": lambda X: np.array(X, dtype="S"),
    "StringDType array": lambda X: np.array(X, dtype=np.dtypes.StringDType()),
    "reversed view of an array": lambda X: np.array(X[::-1])[::-1],
    "2-D array of one column": lambda X: np.array(X)[:, np.newaxis],
    "2-D object array of one column": lambda X: np.array(X, dtype=object).reshape(-1, 1),
    "list of str_": lambda X: list(np.array(X)),
    "list of bytes": lambda X: [sequence.encode() for sequence in X],
    "list of bytearray": lambda X: [bytearray(sequence.encode()) for sequence in X],
    "list of Seq": lambda X: [Seq(sequence) for sequence in X],
    "list of MutableSeq": lambda X: [MutableSeq(sequence) for sequence in X],
    "list of SeqRecord": lambda X: [SeqRecord(Seq(sequence), id="p") for sequence in X],
    "list of mixed types": lambda X: [X[0], X[1].encode(), Seq(X[2]), *X[3:]],
    "Series": pd.Series,
    "Series of objects": lambda X: pd.Series(X, dtype=object),
    "Series of strings": lambda X: pd.Series(X, dtype="string"),
    "Series with an index": lambda X: pd.Series(X, index=range(len(X), 0, -1)),
    "Series of categories": lambda X: pd.Series(X, dtype="category"),
    "DataFrame of one column": lambda X: pd.DataFrame({"sequence": X}),
    "polars Series": pl.Series,
    "polars DataFrame of one column": lambda X: pl.DataFrame({"sequence": X}),
}

ONE_SEQUENCE = r"Got one sequence \('MNTQ'\) where a collection of sequences was expected: did you "
ONE_SEQUENCE += r"mean \[sequence\]\?"
NO_ORDER = r"expected a list of sequences in the order of the labels, such as list\("
NOT_A_SEQUENCE = "expected a str, bytes, Bio.Seq or SeqRecord. Drop records without a sequence"

# Input, error and message
INVALID_INPUTS = {
    "str": ("MNTQ", TypeError, ONE_SEQUENCE),
    "long str": ("MNTQILVFIACVLIEAKGDKICL", TypeError, r"\('MNTQILVFIACVLIEAK\.\.\.'\)"),
    "str_": (np.str_("MNTQ"), TypeError, ONE_SEQUENCE),
    "bytes": (b"MNTQ", TypeError, ONE_SEQUENCE),
    "bytearray": (bytearray(b"MNTQ"), TypeError, ONE_SEQUENCE),
    "Seq": (Seq("MNTQ"), TypeError, ONE_SEQUENCE),
    "MutableSeq": (MutableSeq("MNTQ"), TypeError, ONE_SEQUENCE),
    "SeqRecord": (SeqRecord(Seq("MNTQ")), TypeError, ONE_SEQUENCE),
    "dict": ({"p1": "MNTQ"}, TypeError, f"Got a dict, {NO_ORDER}"),
    "set": ({"MNTQ"}, TypeError, f"Got a set, {NO_ORDER}"),
    "None": (None, TypeError, "Expected a collection .* got None of type NoneType"),
    "number": (5, TypeError, "Expected a collection of protein sequences, got 5 of type int"),
    "empty list": ([], ValueError, "Found 0 sequences: pass at least one protein sequence"),
    "empty Series": (pd.Series([], dtype=object), ValueError, "Found 0 sequences"),
    "empty iterator": (iter(()), ValueError, "Found 0 sequences"),
    "list of None": (["MNTQ", None], TypeError, f"Sequence 1 is None .*: {NOT_A_SEQUENCE}"),
    "list of NaN": (["MNTQ", np.nan], TypeError, f"Sequence 1 is nan .*float: {NOT_A_SEQUENCE}"),
    "list of NA": (["M", "N", pd.NA], TypeError, f"Sequence 2 is <NA> .*: {NOT_A_SEQUENCE}"),
    "Series of None": (pd.Series(["MNTQ", None]), TypeError, "Sequence 1 is (None|nan)"),
    "Series of NA": (pd.Series([pd.NA, "M"], dtype="string"), TypeError, "Sequence 0 is <NA>"),
    "polars null": (pl.Series(["MNTQ", None]), TypeError, "Sequence 1 is None"),
    "record without a sequence": ([SeqRecord(None)], TypeError, "Sequence 0 is SeqRecord"),
    "numbers": (
        [12, 7],
        TypeError,
        "Sequence 0 is 12 of type int.*convert numbers back to letters",
    ),
    "array of numbers": (np.arange(3.0), TypeError, r"Sequence 0 is 0\.0 of type float"),
    "nested lists": ([["MNTQ"], ["AC"]], TypeError, r"Sequence 0 is \['MNTQ'\] of type list"),
    "scalar array": (np.array("MNTQ"), ValueError, r"Expected one column .* of shape \(\)"),
    "2-D array": (
        np.array([["MNTQ", "human"]]),
        ValueError,
        r'Expected one column of sequences, got data of shape \(1, 2\)\. .* X\["sequence"\]',
    ),
    "3-D array": (np.array([[["MNTQ"]]]), ValueError, r"Expected one .* shape \(1, 1, 1\)"),
    "DataFrame": (
        pd.DataFrame({"sequence": ["MNTQ", "AC"], "host": ["human", "dog"]}),
        ValueError,
        r"Expected one column of sequences, got data of shape \(2, 2\)",
    ),
    "polars DataFrame": (
        pl.DataFrame({"sequence": ["MNTQ", "AC"], "host": ["human", "dog"]}),
        ValueError,
        r"Expected one column of sequences, got data of shape \(2, 2\)",
    ),
}

# Records, and the index of the first one without residues
EMPTY_RECORDS = {
    "empty str": (["MNTQ", ""], 1),
    "empty bytes": ([b"", b"MNTQ"], 0),
    "empty Seq": ([Seq("MNTQ"), Seq(""), Seq("")], 1),
    "nothing but a stop": (["MNTQ*", "AC", "*"], 2),
}

# Records, index of the invalid record (from 0), position of the residue (from 1) and symbol
INVALID_RESIDUES = {
    "gap": (["MNTQ", "AC-D"], 1, 3, "-"),
    "digit": (["1MNTQ"], 0, 1, "1"),
    "stop inside": (["MN*TQ"], 0, 3, "*"),
    "stop before the trailing one": (["MNTQ", "MN**"], 1, 3, "*"),
    # Removed stops of earlier records must not shift the position.
    "after trailing stops": (["MN*", "AC*", "M*", "ACD7E*", "8"], 3, 4, "7"),
    "first residue of a later record": (["MN*", "AC", "-CD"], 2, 1, "-"),
    "last residue before a trailing stop": (["MN*", "ACD.*"], 1, 4, "."),
    "line break": (["MNTQ\n"], 0, 5, "\n"),
    "blank": (["MNTQ", "AC DE"], 1, 3, " "),
    "accent": (["MNTQ*", "MÑTQ"], 1, 2, "Ñ"),
    "character outside the Basic Multilingual Plane": (
        ["A\N{DNA DOUBLE HELIX}C9"],
        0,
        2,
        "\N{DNA DOUBLE HELIX}",
    ),
    "byte order mark": (["\ufeffMNTQ"], 0, 1, "\ufeff"),
    "byte beyond ASCII": ([b"MN", b"AC\xe9"], 1, 3, "é"),
}

# Checks of scikit-learn that also work without a matrix
SCIKIT_LEARN_CHECKS = [
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
]
SCIKIT_LEARN_CHECKS_OF_FIT = [
    "check_get_feature_names_out_error",
    "check_transformers_unfitted",
]


def string_checks(estimator):
    """Yield the name of each check and a function that runs it on a clone of the estimator."""
    checks = [
        check_clone,
        check_parameters_round_trip,
        check_repr,
        check_tags,
        check_fit_returns_self_and_keeps_parameters,
        check_unfitted_estimator_raises,
        check_failed_fit_leaves_estimator_unfitted,
        check_refit_is_idempotent,
        check_refit_resets_the_estimator,
        check_fit_ignores_y,
        check_fit_transform,
        check_input_is_not_changed,
        check_row_order_is_kept,
        check_rows_are_independent,
        check_case_and_trailing_stop_are_ignored,
        check_pickle,
        check_feature_names,
        check_output_in_pandas,
        check_pipeline,
    ]
    for check in checks:
        yield check.__name__.removeprefix("check_"), partial(check, clone(estimator))
    for name, convert in INPUT_TYPES.items():
        yield f"accepts {name}", partial(check_input_type, clone(estimator), convert)
    for name, case in INVALID_INPUTS.items():
        yield f"rejects {name}", partial(check_invalid_input, clone(estimator), *case)
    for name, case in EMPTY_RECORDS.items():
        yield f"rejects {name}", partial(check_empty_record, clone(estimator), *case)
    for name in estimator.get_params():
        yield f"validates {name}", partial(check_parameter_is_validated, clone(estimator), name)
    if "handle_unknown" in estimator.get_params():
        for name, case in INVALID_RESIDUES.items():
            yield f"reports {name}", partial(check_invalid_residue, clone(estimator), *case)
    names = list(SCIKIT_LEARN_CHECKS)
    if get_tags(estimator).requires_fit:
        names += SCIKIT_LEARN_CHECKS_OF_FIT
    for name in names:
        check = getattr(estimator_checks, name)
        yield name, partial(check, type(estimator).__name__, clone(estimator))


def assert_same(result, expected):
    """Check that two matrices have the same type, dtype and values."""
    assert type(result) is type(expected)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(as_dense(result), as_dense(expected))


def as_dense(matrix):
    return matrix.toarray() if issparse(matrix) else matrix


def check_clone(estimator):
    fitted = clone(estimator).fit(SEQUENCES)
    copy = clone(fitted)
    assert copy.get_params() == estimator.get_params()
    assert vars(copy).keys() == vars(estimator).keys()


def check_parameters_round_trip(estimator):
    parameters = estimator.get_params()
    assert set(parameters) == set(inspect.signature(type(estimator)).parameters)
    assert type(estimator)().set_params(**parameters).get_params() == parameters
    assert type(estimator)(**parameters).get_params() == parameters


def check_repr(estimator):
    name = type(estimator).__name__
    assert repr(type(estimator)()) == f"{name}()"
    assert repr(estimator).startswith(f"{name}(")
    assert repr(clone(estimator).fit(SEQUENCES)) == repr(estimator)


def check_tags(estimator):
    tags = get_tags(estimator).input_tags
    assert tags.string
    assert tags.one_d_array
    assert not tags.two_d_array


def check_fit_returns_self_and_keeps_parameters(estimator):
    before = estimator.get_params()
    assert estimator.fit(SEQUENCES) is estimator
    assert estimator.get_params() == before


def check_unfitted_estimator_raises(estimator):
    if not get_tags(estimator).requires_fit:
        assert_same(estimator.transform(SEQUENCES), clone(estimator).fit_transform(SEQUENCES))
        return
    for method in (estimator.get_feature_names_out, partial(estimator.transform, SEQUENCES)):
        with pytest.raises(NotFittedError, match=r"is not fitted yet\. Call 'fit'"):
            method()


def check_failed_fit_leaves_estimator_unfitted(estimator):
    with pytest.raises(TypeError, match="Sequence 1 is None"):
        estimator.fit(["MNTQ", None])
    check_unfitted_estimator_raises(estimator)


def check_refit_is_idempotent(estimator):
    once = estimator.fit(SEQUENCES).transform(SEQUENCES)
    assert_same(estimator.fit(SEQUENCES).transform(SEQUENCES), once)


def check_refit_resets_the_estimator(estimator):
    fresh = clone(estimator).fit(SEQUENCES[3:])
    estimator.fit(SEQUENCES).fit(SEQUENCES[3:])
    assert_same(estimator.transform(SEQUENCES[3:]), fresh.transform(SEQUENCES[3:]))
    assert estimator.get_feature_names_out().tolist() == fresh.get_feature_names_out().tolist()


def check_fit_ignores_y(estimator):
    expected = clone(estimator).fit(SEQUENCES).transform(SEQUENCES)
    assert_same(clone(estimator).fit(SEQUENCES, LABELS).transform(SEQUENCES), expected)
    assert_same(clone(estimator).fit_transform(SEQUENCES, LABELS), expected)


def check_fit_transform(estimator):
    expected = clone(estimator).fit(SEQUENCES).transform(SEQUENCES)
    assert_same(estimator.fit_transform(SEQUENCES), expected)
    assert_same(estimator.transform(SEQUENCES), expected)


def check_input_is_not_changed(estimator):
    as_list = list(SEQUENCES)
    as_array = np.array(SEQUENCES, dtype=object)
    as_frame = pd.DataFrame({"sequence": SEQUENCES})
    for X in (as_list, as_array, as_frame):
        estimator.fit(X).transform(X)
    assert as_list == SEQUENCES
    assert as_array.tolist() == SEQUENCES
    pd.testing.assert_frame_equal(as_frame, pd.DataFrame({"sequence": SEQUENCES}))


def check_row_order_is_kept(estimator):
    matrix = estimator.fit(SEQUENCES).transform(SEQUENCES)
    order = [4, 0, 3, 5, 2, 1]
    shuffled = [SEQUENCES[i] for i in order]
    assert_same(estimator.transform(shuffled), matrix[order])
    # The order of the training sequences does not matter.
    assert_same(clone(estimator).fit(shuffled).transform(SEQUENCES), matrix)


def check_rows_are_independent(estimator):
    matrix = estimator.fit(SEQUENCES).transform(SEQUENCES)
    for i, sequence in enumerate(SEQUENCES):
        assert_same(estimator.transform([sequence]), matrix[i : i + 1])
    assert_same(estimator.transform(SEQUENCES[2:5]), matrix[2:5])
    assert_same(estimator.transform(SEQUENCES * 2)[len(SEQUENCES) :], matrix)


def check_case_and_trailing_stop_are_ignored(estimator):
    expected = estimator.fit(SEQUENCES).transform(SEQUENCES)
    bare = [sequence.removesuffix("*") for sequence in SEQUENCES]
    stopped = [sequence + "*" for sequence in bare]
    lower = [sequence.lower() for sequence in SEQUENCES]
    upper = [sequence.upper() for sequence in SEQUENCES]
    for X in (bare, stopped, lower, upper):
        assert_same(estimator.transform(X), expected)
        assert_same(clone(estimator).fit(X).transform(X), expected)


def check_pickle(estimator):
    estimator.fit(SEQUENCES)
    copy = pickle.loads(pickle.dumps(estimator))
    assert_same(copy.transform(SEQUENCES), estimator.transform(SEQUENCES))
    assert copy.get_feature_names_out().tolist() == estimator.get_feature_names_out().tolist()


def check_feature_names(estimator):
    matrix = estimator.fit_transform(SEQUENCES)
    names = estimator.get_feature_names_out()
    assert names.dtype == object
    assert all(isinstance(name, str) for name in names)
    assert len(set(names)) == len(names) == matrix.shape[1]


def check_output_in_pandas(estimator):
    expected = clone(estimator).fit_transform(SEQUENCES)
    X = pd.Series(SEQUENCES, index=list("uvwxyz"))
    estimator.set_output(transform="pandas")
    if issparse(expected):
        with pytest.raises(ValueError, match="outputs a scipy sparse matrix"):
            estimator.fit_transform(X)
        return
    for frame in (estimator.fit_transform(X), estimator.fit(X).transform(X)):
        assert frame.columns.tolist() == estimator.get_feature_names_out().tolist()
        assert frame.index.tolist() == list("uvwxyz")
        assert_same(frame.to_numpy(), expected)


def check_pipeline(estimator):
    model = make_pipeline(estimator, DecisionTreeClassifier(random_state=0))
    assert model.fit(SEQUENCES, LABELS).predict(SEQUENCES).tolist() == LABELS
    names = model[:-1].get_feature_names_out()
    assert names.tolist() == estimator.get_feature_names_out().tolist()
    assert clone(model).fit(SEQUENCES, LABELS).predict(SEQUENCES[:1]).tolist() == LABELS[:1]


def check_input_type(estimator, convert):
    expected = clone(estimator).fit(SEQUENCES)
    assert_same(estimator.fit_transform(convert(SEQUENCES)), expected.transform(SEQUENCES))
    assert_same(estimator.transform(convert(SEQUENCES)), expected.transform(SEQUENCES))
    assert estimator.get_feature_names_out().tolist() == expected.get_feature_names_out().tolist()


def check_invalid_input(estimator, X, error, message):
    fitted = clone(estimator).fit(SEQUENCES)
    for method in (estimator.fit, estimator.fit_transform, fitted.transform):
        with pytest.raises(error, match=message):
            method(X)


def check_empty_record(estimator, X, record):
    fitted = clone(estimator).fit(SEQUENCES)
    message = f"^Sequence {record} is empty: a protein needs at least one residue. Drop the record"
    for method in (estimator.fit, estimator.fit_transform, fitted.transform):
        with pytest.raises(EmptySequenceError, match=message) as caught:
            method(X)
        assert caught.value.record == record


def check_invalid_residue(estimator, X, record, position, symbol):
    fitted = clone(estimator).fit(SEQUENCES)
    alphabet = getattr(estimator, "alphabet", "protein")
    alphabet = alphabet if isinstance(alphabet, str) else alphabet.name
    message = f"Sequence {record}: symbol {symbol!r} at residue {position} is not in the "
    message = re.escape(f"{message}{alphabet!r} alphabet (") + '.*handle_unknown="mask"'
    for method in (estimator.fit, estimator.fit_transform, fitted.transform):
        with pytest.raises(InvalidResidueError, match=message) as caught:
            method(X)
        facts = caught.value.record, caught.value.position, caught.value.symbol
        assert facts == (record, position, symbol)
    estimator.set_params(handle_unknown="mask").fit(SEQUENCES + list(X)).transform(X)


def check_parameter_is_validated(estimator, name):
    estimator.set_params(**{name: object()})  # fails in fit, not here
    message = f"The '{name}' parameter of {type(estimator).__name__} must be"
    for method in (estimator.fit, estimator.fit_transform):
        with pytest.raises(InvalidParameterError, match=message):
            method(SEQUENCES)
