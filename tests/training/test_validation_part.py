"""Early stopping holds out whole units, near the share wanted, and no class is lost to training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedGroupKFold,
)

from sklearn_protlstm._training.data import make_training_set
from sklearn_protlstm._training.validation_part import hold_out
from sklearn_protlstm.exceptions import DataQualityWarning

CLASSES = np.array(["a", "b", "c", "d"])
NOTE = (
    "while holding out sequences for early stopping: give more sequences (copies count once), "
    "or set early_stopping=False"
)


def make_rows(labels, groups=None, tokens=None):
    """Rows of weight 1; without `tokens` all are distinct."""
    labels = np.asarray(labels)
    tokens = np.arange(2, 2 + len(labels)) if tokens is None else np.asarray(tokens)
    tokens = tokens.astype(np.uint16)[:, np.newaxis]
    return make_training_set(tokens, labels, np.ones(len(labels)), groups)


def split(rows, fraction=0.2, splitter=None, seed=0):
    return hold_out(rows, splitter, fraction, np.random.RandomState(seed), CLASSES)


def tokens_of(part):
    return part.tokens.ravel().tolist()


# The default split.


@pytest.mark.parametrize("groups", [None, np.arange(60) // 5])
def test_parts_are_disjoint_and_complete(groups):
    rows = make_rows(np.arange(60) % 2, groups)
    train, valid = split(rows)
    assert sorted(tokens_of(train) + tokens_of(valid)) == sorted(tokens_of(rows))
    assert not set(tokens_of(train)) & set(tokens_of(valid))
    assert tokens_of(split(rows)[0]) == tokens_of(train)
    assert tokens_of(split(rows, seed=1)[0]) != tokens_of(train)


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_each_class_gives_its_share(fraction):
    _, valid = split(make_rows(np.arange(120) % 3), fraction)
    assert np.bincount(valid.labels).tolist() == [40 * fraction] * 3


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8)), min_size=2, max_size=40),
    st.sampled_from([0.1, 0.3, 0.5, 0.9]),
    st.integers(0, 3),
)
@pytest.mark.filterwarnings("ignore::sklearn_protlstm.exceptions.DataQualityWarning")
def test_whole_groups_and_no_lost_class(table, fraction, seed):
    labels, groups = (np.array(column) for column in zip(*table))
    rows = make_rows(labels, groups)
    groups_of_classes = [set(groups[labels == label]) for label in set(labels)]
    needed = set().union(*(members for members in groups_of_classes if len(members) == 1))
    if needed == set(groups):
        with pytest.raises(ValueError, match="No sequences can be held out: training needs"):
            split(rows, fraction, seed=seed)
        return
    train, valid = split(rows, fraction, seed=seed)
    assert not set(train.groups) & set(valid.groups)
    assert len(train) + len(valid) == len(rows)
    assert len(valid) > 0
    assert set(train.labels) == set(labels)


def test_class_of_one_group_stays_in_training():
    # 90 sequences of two classes in small groups, and 20 of a class that is one group.
    labels = np.repeat([0, 1, 2], [90, 90, 20])
    groups = np.append(np.arange(180) // 6, np.full(20, 99))
    for seed in range(40):
        train, valid = split(make_rows(labels, groups), 0.1, seed=seed)
        assert np.bincount(train.labels, minlength=3)[2] == 20
        assert np.bincount(valid.labels).tolist() in ([6, 12], [12, 6])


def test_share_is_met_beside_one_large_group():
    # The large group alone would be more than half of all.
    groups = np.append(np.zeros(110, dtype=int), 1 + np.arange(90) // 5)
    for seed in range(40):
        _, valid = split(make_rows(np.arange(200) % 2, groups), 0.1, seed=seed)
        assert len(valid) == 20


def test_groups_that_equal_classes_cannot_be_split():
    rows = make_rows([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2])
    message = r"training needs the only group of the classes \['a', 'b', 'c'\]\. Give each class a"
    with pytest.raises(ValueError, match=message) as caught:
        split(rows)
    assert caught.value.__notes__ == [NOTE]


def test_classes_of_one_sequence_cannot_be_split():
    message = r"the only distinct sequence of the classes \['a', 'b'\].* with validation_split"
    with pytest.raises(ValueError, match=message):
        split(make_rows([0, 1]))


def test_at_least_one_row_is_held_out():
    _, valid = split(make_rows([0, 0, 0, 1, 1, 1]), 0.01)
    assert len(valid) == 1


def test_share_that_groups_do_not_allow_is_a_warning():
    rows = make_rows(np.arange(100) % 2, np.arange(100) // 50)
    message = (
        r"holds out 50 of 100 distinct sequences, although validation_fraction=0\.1 asks for 10"
    )
    with pytest.warns(DataQualityWarning, match=message):
        split(rows, 0.1)


# Sequences that occur more than once.


def test_sequence_with_two_labels_stays_on_one_side():
    tokens = np.repeat(np.arange(2, 42), 2)
    rows = make_rows(np.arange(80) % 2, tokens=tokens)
    for seed in range(8):
        for splitter in (None, ShuffleSplit(1, test_size=0.3, random_state=seed)):
            train, valid = split(rows, 0.2, splitter, seed=seed)
            assert not set(tokens_of(train)) & set(tokens_of(valid))
            assert len(train) + len(valid) == 80


def test_groups_that_share_a_sequence_become_one():
    # A copy of sequence 5 links groups 0 and 1, one of sequence 15 links groups 1 and 2.
    tokens = np.append(np.arange(2, 62), [2 + 5, 2 + 15])
    groups = np.append(np.arange(60) // 10, [1, 2])
    rows = make_rows(np.append(np.arange(60) % 2, [1, 1]), groups, tokens)
    assert np.unique(rows.groups).tolist() == [0, 3, 4, 5]
    for seed in range(30):
        train, valid = split(rows, 0.2, seed=seed)
        assert not set(train.groups) & set(valid.groups)
        assert not set(tokens_of(train)) & set(tokens_of(valid))


# Splitters of the user.


def test_first_split_of_the_splitter_is_used():
    rows = make_rows(np.arange(60) % 2)
    splitter = ShuffleSplit(5, test_size=7, random_state=3)
    _, valid = split(rows, splitter=splitter)
    first = next(splitter.split(rows.tokens))[1]
    assert tokens_of(valid) == rows.tokens[first].ravel().tolist()


@pytest.mark.parametrize(
    "splitter", [GroupShuffleSplit(1, random_state=0), StratifiedGroupKFold(5), GroupKFold(5)]
)
def test_splitter_gets_the_groups(splitter):
    rows = make_rows(np.arange(60) % 2, np.arange(60) // 6)
    train, valid = split(rows, splitter=splitter)
    assert not set(train.groups) & set(valid.groups)
    assert len(set(valid.groups)) == 2


class HoldOutLastGroup:
    def split(self, X, y=None, groups=None):
        yield np.flatnonzero(groups != groups.max()), np.flatnonzero(groups == groups.max())


def test_splitter_that_loses_a_class_is_refused():
    labels = np.repeat([0, 1, 2], [90, 90, 20])
    groups = np.append(np.arange(180) // 6, np.full(20, 99))
    rows = make_rows(labels, groups)
    message = r"holds out every sequence of the classes 'c' \(1 group\(s\)\), so .* groups alone"
    with pytest.raises(ValueError, match=message) as caught:
        split(rows, splitter=HoldOutLastGroup())
    assert caught.value.__notes__ == [NOTE]


class HoldNothingOut:
    def split(self, X, y=None, groups=None):
        yield np.arange(len(X)), np.array([], dtype=int)

    def __repr__(self):
        return "HoldNothingOut()"


@pytest.mark.parametrize(
    ("splitter", "message"),
    [
        (GroupShuffleSplit(1), "The 'groups' parameter should not be None"),
        (HoldNothingOut(), r"HoldNothingOut\(\) left 60 sequences to train on and 0 to validate"),
        (PredefinedSplit([-1] * 60), "left 0 sequences to train on and 0 to validate with"),
    ],
)
def test_splitter_that_makes_an_empty_part_is_refused(splitter, message):
    with pytest.raises(ValueError, match=message) as caught:
        split(make_rows(np.arange(60) % 2), splitter=splitter)
    assert caught.value.__notes__ == [NOTE]


def test_real_families_stay_together(proteins):
    labels = np.unique(proteins.labels, return_inverse=True)[1]
    rows = make_training_set(
        np.arange(2, 2 + len(labels), dtype=np.uint16)[:, np.newaxis],
        labels,
        np.ones(len(labels)),
        proteins.groups,
    )
    train, valid = hold_out(rows, None, 0.25, np.random.RandomState(0), np.unique(proteins.labels))
    assert not set(train.groups) & set(valid.groups)
    assert 0.2 < len(valid) / len(labels) < 0.3
    assert len(set(valid.labels)) == labels.max() + 1
