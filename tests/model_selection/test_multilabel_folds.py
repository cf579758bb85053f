"""Folds keep groups together and spread the labels."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, cross_val_score

from sklearn_protlstm.datasets import load_localization
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold


def list_tests(splitter, y, groups=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        splits = list(splitter.split(np.empty(len(y)), y, groups))
    for train, test in splits:
        assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(len(y)))
    return [test.tolist() for _, test in splits]


@st.composite
def labelled_groups(draw):
    """Draw a label matrix, groups and a number of folds that the groups suffice for."""
    n_splits = draw(st.integers(2, 4))
    groups = draw(st.lists(st.integers(0, 9), min_size=n_splits, max_size=40))
    groups = np.array([*groups, *range(10, 10 + n_splits)])
    n_labels = draw(st.integers(2, 4))
    row = st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=n_labels, max_size=n_labels)
    y = draw(st.lists(row, min_size=len(groups), max_size=len(groups)))
    return np.array(y), groups, n_splits


@given(labelled_groups(), st.booleans())
def test_folds_divide_the_groups(data, shuffle):
    y, groups, n_splits = data
    splitter = MultilabelStratifiedGroupKFold(
        n_splits, shuffle=shuffle, random_state=0 if shuffle else None
    )
    tests = list_tests(splitter, y, groups)
    assert len(tests) == n_splits
    assert sorted(row for test in tests for row in test) == list(range(len(y)))
    tested_groups = [set(groups[test]) for test in tests]
    assert all(tested_groups)
    assert sum(map(len, tested_groups)) == len(set(groups))
    assert tests == list_tests(splitter, y, groups)


@given(labelled_groups(), st.randoms(use_true_random=False))
def test_order_of_sequences_does_not_matter(data, random):
    y, groups, n_splits = data
    order = list(range(len(y)))
    random.shuffle(order)
    splitter = MultilabelStratifiedGroupKFold(n_splits)
    expected = [set(groups[test]) for test in list_tests(splitter, y, groups)]
    tests = list_tests(splitter, y[order], groups[order])
    assert [set(groups[order][test]) for test in tests] == expected


@given(labelled_groups(), st.permutations(range(14)))
def test_names_of_groups_change_no_share(data, names):
    y, groups, n_splits = data
    splitter = MultilabelStratifiedGroupKFold(n_splits)
    expected, renamed = (
        [[len(test), *(y[test] == 1).sum(axis=0)] for test in list_tests(splitter, y, names)]
        for names in (groups, np.array(names)[groups])
    )
    assert renamed == expected


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=5, max_size=60))
def test_shares_of_single_sequences_are_even(rows):
    y = np.array(rows, dtype=int)
    tests = list_tests(MultilabelStratifiedGroupKFold(5), y)
    rarest = y.sum(axis=0).argmin() if y.any(axis=0).all() else y.any(axis=0).argmax()
    counts = [y[test, rarest].sum() for test in tests]
    assert max(counts) - min(counts) <= 1


def test_by_hand():
    # Label 1 is as frequent as label 0, and comes first in groups "b" (2 sequences) and "a" (1).
    # Then "c" of label 0 goes to "b", which lacks it, and "d", without labels, to the smaller fold.
    y = [[1, 1], [0, 1], [0, 1], [1, 0], [1, 0], [0, 0], [0, 0], [0, 0]]
    groups = ["a", "b", "b", "c", "c", "d", "d", "d"]
    assert list_tests(MultilabelStratifiedGroupKFold(2), y, groups) == [
        [1, 2, 3, 4],
        [0, 5, 6, 7],
    ]


def test_groups_with_many_labels_are_spread():
    rng = np.random.RandomState(0)
    groups = np.unique(rng.choice(100, 1000, p=rng.dirichlet(np.ones(100))), return_inverse=True)[1]
    has_label = rng.uniform(size=(100, 10)) < 0.25
    y = np.where(rng.uniform(size=(1000, 10)) < 0.6, has_label[groups], 0).astype(int)
    largest = [
        max(
            abs(5 * y[test].sum(axis=0) / y.sum(axis=0) - 1).max()
            for _, test in splitter.split(y, y, groups)
        )
        for splitter in (MultilabelStratifiedGroupKFold(5), GroupKFold(5))
    ]
    # With the fold chosen by the rarest label alone, it is 0.99.
    assert largest[0] < 0.5 < 0.9 < largest[1]


def test_large_group_does_not_unbalance_the_other_labels():
    rng = np.random.RandomState(0)
    groups = np.concatenate([np.zeros(20, dtype=int), np.arange(1, 101)])
    y = (rng.rand(120, 3) < [0.5, 0.3, 0.2]).astype(int)
    y[:20, 0] = 1
    tests = list_tests(MultilabelStratifiedGroupKFold(5), y, groups)
    counts = np.array([y[test].sum(axis=0) for test in tests])
    assert counts[:, 0].max() == 20
    assert np.ptp(np.sort(counts[:, 0])[:4]) <= 1
    assert np.ptp(counts[:, 1:], axis=0).max() <= 1
    assert {len(test) for test in tests} == {24}


def test_as_even_as_splitter_for_one_class():
    places = load_localization()
    classes, codes = np.unique(places.target, return_inverse=True)
    expected = np.bincount(codes) / 5
    ours, theirs = (
        max(
            abs(np.bincount(codes[test], minlength=len(classes)) / expected - 1).max()
            for _, test in splitter.split(codes, codes, places.groups)
        )
        for splitter in (MultilabelStratifiedGroupKFold(5), StratifiedGroupKFold(5))
    )
    assert ours <= theirs < 0.06


LISTS = [["human", "pig"], {"human"}, ("pig",), [], ["bird", "pig"], ["human"], ["bird"], []]
MATRIX = np.array(
    [[0, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 0]]
)


@pytest.mark.parametrize(
    "y",
    [
        MATRIX,
        MATRIX.astype(bool),
        csr_matrix(MATRIX),
        pd.DataFrame(MATRIX, columns=["bird", "human", "pig"]),
        pd.Series([list(labels) for labels in LISTS]),
        np.where(MATRIX == 0, np.nan, MATRIX),
    ],
    ids=["array", "bool", "sparse", "frame", "series", "nan"],
)
def test_forms_of_y(y):
    splitter, groups = MultilabelStratifiedGroupKFold(2), [0, 0, 1, 1, 2, 3, 4, 5]
    expected = list_tests(splitter, LISTS, groups)
    assert [test.tolist() for _, test in splitter.split(np.empty(8), y, groups)] == expected


def test_one_class_each_is_a_label_each():
    y = ["dog", "cat", "dog", "cat", "cow", "dog"]
    one_hot = pd.get_dummies(y)
    splitter = MultilabelStratifiedGroupKFold(2)
    with pytest.warns(UserWarning, match=r"'cow' \(1\)"):
        tests = [test.tolist() for _, test in splitter.split(y, y)]
    assert tests == list_tests(splitter, one_hot)


def test_shuffle_gives_other_folds():
    y = MATRIX.repeat(5, axis=0)
    splitters = [
        MultilabelStratifiedGroupKFold(2, shuffle=True, random_state=seed) for seed in (0, 0, 1)
    ]
    first, same, other = (list_tests(splitter, y) for splitter in splitters)
    assert first == same
    assert first != other
    for tests in (first, other):
        counts = np.array([y[test].sum(axis=0) for test in tests])
        assert np.ptp(counts, axis=0).max() <= 1


def test_conventions_of_scikit_learn():
    splitter = MultilabelStratifiedGroupKFold(3)
    assert splitter.get_n_splits() == 3
    assert repr(splitter) == (
        "MultilabelStratifiedGroupKFold(n_splits=3, random_state=None, shuffle=False)"
    )
    assert splitter.get_metadata_routing().split.requests == {"groups": True}
    with pytest.raises(TypeError, match="positional argument"):
        MultilabelStratifiedGroupKFold(3, True)


@pytest.mark.parametrize("routing", [False, True])
def test_cross_val_score(routing):
    rng = np.random.RandomState(0)
    X, groups = rng.rand(40, 3), np.arange(40) // 4
    y = (X[:, 0] > 0.5).astype(int)
    arguments = {"params": {"groups": groups}} if routing else {"groups": groups}
    with config_context(enable_metadata_routing=routing):
        scores = cross_val_score(
            LogisticRegression(C=100), X, y, cv=MultilabelStratifiedGroupKFold(4), **arguments
        )
    assert scores.mean() > 0.9


def test_too_few_groups():
    splitter = MultilabelStratifiedGroupKFold(3)
    message = (
        r"Cannot make 3 folds from 2 group\(s\), because each fold tests at least one group\. Use "
        "fewer folds or collect more groups"
    )
    with pytest.raises(ValueError, match=message):
        next(splitter.split(np.empty(8), LISTS, [0, 0, 0, 0, 1, 1, 1, 1]))
    with pytest.raises(ValueError, match="n_splits=9 greater than the number of samples"):
        next(MultilabelStratifiedGroupKFold(9).split(np.empty(8), LISTS))


def test_rare_label_warns():
    splitter = MultilabelStratifiedGroupKFold(2)
    groups = [0, 0, 1, 1, 2, 2, 2, 2]
    message = (
        r"1 label\(s\) are in fewer than n_splits=2 groups, so some test parts lack them: "
        r"'bird' \(1\)"
    )
    with pytest.warns(UserWarning, match=message):
        next(splitter.split(np.empty(8), LISTS, groups))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        next(splitter.split(np.empty(8), LISTS))


def test_invalid_labels_and_groups():
    splitter = MultilabelStratifiedGroupKFold(2)
    with pytest.raises(ValueError, match="value 2 in row 0, column 0"):
        next(splitter.split(np.empty(2), [[2, 0], [0, 1]]))
    with pytest.raises(ValueError, match="The group of sequence 1 is missing"):
        next(splitter.split(np.empty(8), LISTS, [0, np.nan, 1, 1, 2, 2, 2, 2]))
