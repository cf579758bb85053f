"""Label matrices and label lists become the same codes, and bad ones a clear error."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from sklearn_protlstm._labels.classes import check_targets, check_targets_among
from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm._labels.matrix import (
    check_each_label,
    encode_label_matrix,
    to_indicator,
)

NAN = float("nan")
LISTS = [["pig", "human"], ["bird"], [], ["bird", "bird", "pig"]]
MATRIX = [[0, 1, 1], [1, 0, 0], [0, 0, 0], [1, 0, 1]]
X4 = np.zeros((4, 1))


@pytest.mark.parametrize(
    "y",
    [
        LISTS,
        [tuple(labels) for labels in LISTS],
        [set(labels) for labels in LISTS],
        [np.array(labels) for labels in LISTS],
        pd.Series(LISTS),
        pl.Series(LISTS),
        np.array(LISTS, dtype=object),
    ],
)
def test_label_lists(y):
    assert is_multilabel(y)
    classes, codes = encode_label_matrix(X4, y)
    assert classes.tolist() == ["bird", "human", "pig"]
    assert codes.tolist() == MATRIX
    assert codes.dtype == np.uint8


@pytest.mark.parametrize(
    "y",
    [
        MATRIX,
        [np.array(row) for row in MATRIX],
        np.array(MATRIX, dtype=bool),
        np.array(MATRIX, dtype=float),
        np.array(MATRIX, dtype=object),
        csr_array(MATRIX),
    ],
)
def test_columns_of_a_matrix_are_numbered(y):
    assert is_multilabel(y)
    classes, codes = encode_label_matrix(X4, y)
    assert classes.tolist() == [0, 1, 2]
    assert codes.tolist() == MATRIX


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_columns_of_a_frame_are_named(frame):
    columns = dict(zip(["pig", "emu", "cat"], np.transpose(MATRIX).tolist()))
    classes, codes = encode_label_matrix(X4, frame(columns))
    assert classes.tolist() == ["pig", "emu", "cat"]
    assert codes.tolist() == MATRIX


def test_columns_of_a_frame_find_their_label():
    frame = pd.DataFrame(MATRIX, columns=["pig", "emu", "cat"])
    classes, codes = encode_label_matrix(X4, frame, np.array(["cat", "emu", "pig"]))
    assert classes.tolist() == ["cat", "emu", "pig"]
    assert codes.tolist() == np.array(MATRIX)[:, ::-1].tolist()


@pytest.mark.parametrize(
    "y",
    [
        [[NAN, 1], [0, 1], [1, 0], [0, 0]],
        [[None, 1], [0, 1], [1, 0], [0, 0]],
        pd.DataFrame({"a": pd.array([None, 0, 1, 0], dtype="Int64"), "b": [1, 1, 0, 0]}),
    ],
)
def test_missing_values_are_unknown(y):
    _, codes = encode_label_matrix(X4, y)
    assert codes.tolist() == [[2, 1], [0, 1], [1, 0], [0, 0]]


@pytest.mark.parametrize(
    "y",
    [
        ["human", "pig"],
        np.array([0, 1]),
        np.array(["a", "b"], dtype=object),
        np.array([["a"], ["b"]]),
        np.array([[0], [1]]),
        [[0], [1]],
        pd.DataFrame({"host": ["a", "b"]}),
        pd.Series(["a", "b"]),
        csr_array([[0], [1]]),
        "human",
        None,
    ],
)
def test_one_class_for_each_sequence_is_not_a_matrix(y):
    assert not is_multilabel(y)


def test_iterators_are_left_alone():
    y = iter(LISTS)
    assert not is_multilabel(y)
    assert len(list(y)) == len(LISTS)


@given(st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=20).filter(any))
def test_lists_survive_the_way_to_codes_and_back(rows):
    classes, codes = encode_label_matrix(np.zeros((len(rows), 1)), rows)
    assert [set(classes[row == 1].tolist()) for row in codes] == rows
    assert classes.tolist() == sorted(set().union(*rows))


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=3, max_size=3), min_size=1))
def test_matrices_survive_the_way_to_codes_and_back(rows):
    _, codes = encode_label_matrix(np.zeros((len(rows), 1)), np.array(rows))
    indicator = to_indicator(codes)
    np.testing.assert_array_equal(indicator, rows)
    assert indicator.dtype == (float if np.isnan(rows).any() else int)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            ["human", ["pig"], [], []],
            "The labels of sequence 0 are 'human' of type str, expected a list as for the other "
            "sequences. Write ['human']",
        ),
        (
            [["a"], None, ["b"], []],
            "The labels of sequence 1 are None of type NoneType, expected a list as for the other "
            "sequences. Write a list, empty if it has no label",
        ),
        (
            [["a"], ["b", None], [], []],
            "The labels of sequence 1 include a missing one: ['b', None]. Leave it out",
        ),
        ([["a"], ["b", 1], [], []], "of different types or are lists themselves. Make them all"),
        ([["a"], [["b"]], [], []], "of different types or are lists themselves. Make them all"),
        ([[], [], [], []], "y has an empty list for every sequence: there is no label to learn"),
        ([["a"], ["b"]], "Found 4 sequences but 2 labels"),
        ([[0, 1], [1, 0]], "Found 4 sequences but 2 labels"),
        ([["a"], [""], [], []], "A label of sequence 1 is an empty text: ['']. Leave it out"),
        (
            pd.DataFrame([["p0", 1, 0]] * 4, columns=["id", "a", "b"]),
            "with as many columns in each row: row 0, column 0 is 'p0'. Pass 0, 1 or NaN for each",
        ),
        (
            pd.DataFrame(np.eye(4), columns=pd.MultiIndex.from_product([["a", "b"], ["x", "y"]])),
            "y has columns of several levels, such as ('a', 'x'). Give each column one name",
        ),
        (
            pd.DataFrame(MATRIX, columns=["a", " ", "b"]),
            "A label is an empty text: ['a', ' ', 'b']",
        ),
        ([["a"], [], [], ["a"]], "y has one label only ('a'). Pass one class for each sequence"),
        ([[0, 1], [1], [1, 1], [0, 0]], "not a matrix of numbers with as many columns in each row"),
        (np.array([["a", "b"]] * 4), 'such as [["human", "pig"], ["bird"]]'),
        (np.zeros((4, 2, 2)), "y has the shape (4, 2, 2), expected (n_samples,) for one class"),
        ([[0, 1], [1, 3], [1, 0], [0, 0]], "y has the value 3 in row 1, column 1 (1)"),
        (
            pd.DataFrame({"pig": [0.5, 1, 0, 1], "emu": [0, 1, 0, 1]}),
            "y has the value 0.5 in row 0, column 0 ('pig'). A label matrix holds 1 where",
        ),
        (
            pd.DataFrame(MATRIX, columns=["pig", "emu", "pig"]),
            "y has several columns of the name 'pig'. Rename or add them",
        ),
        ([[NAN, NAN]] * 4, "y holds NaN only: no label of any sequence is known"),
        (
            [[0, 1], [0, 0], [0, 1], [NAN, 0]],
            "No sequence has the label(s) 0, so there is nothing to tell apart. Leave these labels "
            "out of y, or collect sequences that have them",
        ),
        (
            pd.DataFrame({"pig": [1, 1, 1, NAN], "emu": [0, 1, 0, 1]}),
            "No sequence lacks the label(s) 'pig', so there is nothing to tell apart. Leave these "
            "labels out of y, or give 0 where sequences lack it",
        ),
    ],
)
def test_bad_labels_are_named(y, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        check_targets(X4, y)


def test_errors_show_a_few_labels():
    codes = np.zeros((2, 9), dtype=np.uint8)
    with pytest.raises(ValueError, match=re.escape("the label(s) 0, 1, 2, 3, 4, ..., so there")):
        check_each_label(np.arange(9), codes)


# Batches.


def test_a_batch_may_lack_a_label():
    classes, codes = check_targets_among(X4, [["pig"]] * 4, ["pig", "emu"])
    assert classes.tolist() == ["pig", "emu"]
    assert codes.tolist() == [[1, 0]] * 4


@pytest.mark.parametrize(
    ("y", "classes", "known", "message"),
    [
        (LISTS, None, None, "The first call of partial_fit needs classes"),
        (
            LISTS,
            ["bird", "human"],
            None,
            "Sequence 0 has the label 'pig', which is not among the labels 'bird', 'human'",
        ),
        (MATRIX, ["bird", "human"], None, "y has 3 columns, but there are 2 labels: 'bird'"),
        (
            pd.DataFrame(MATRIX, columns=["a", "b", "c"]),
            ["a", "b", "x"],
            None,
            "y has the columns 'a', 'b', 'c', but the labels are 'a', 'b', 'x'",
        ),
        (
            LISTS,
            ["pig", "human", "bird", "pig"],
            None,
            "repeats a label. Name each column of y once",
        ),
        (
            MATRIX,
            ["b", "a", "c"],
            (np.array(["a", "b", "c"]), True),
            "classes=['b', 'a', 'c'] differs from the classes ['a', 'b', 'c'] of the first call",
        ),
        (
            MATRIX,
            None,
            (np.array(["a", "b", "c"]), False),
            "y has any number of labels for each sequence, but it had one class for each sequence "
            "before",
        ),
        (
            ["a", "b", "a", "a"],
            None,
            (np.array(["a", "b"]), True),
            "y has one class for each sequence, but it had any number of labels",
        ),
    ],
)
def test_batches_agree_with_the_first_one(y, classes, known, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        check_targets_among(X4, y, classes, *(known or ()))
