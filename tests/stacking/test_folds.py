"""The folds test every sample once and keep groups together."""

import re

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from sklearn_protlstm.stacking._folds import (
    find_missing_classes,
    make_splits,
    number_folds,
    wants_groups,
)

CLASSES = np.array(["dog", "human"])
CODES = np.tile([0, 1], 20)
GROUPS = np.arange(40) // 4


def splits_of(cv, codes=CODES, groups=GROUPS, seed=0):
    return make_splits(cv, CLASSES, codes, groups, seed)


@pytest.mark.parametrize("cv", [2, 5, GroupKFold(3), StratifiedGroupKFold(4)])
def test_groups_stay_together(cv):
    splits = splits_of(cv)
    folds = number_folds(splits)
    assert len(splits) == len(np.unique(folds))
    for number, (train, test) in enumerate(splits):
        assert not set(GROUPS[train]) & set(GROUPS[test])
        assert sorted([*train, *test]) == list(range(40))
        assert (folds[test] == number).all()


@pytest.mark.parametrize("groups", [GROUPS, None])
def test_same_seed_gives_the_same_folds(groups):
    first, second = (number_folds(splits_of(5, groups=groups)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_another_seed_gives_other_folds():
    first, second = (number_folds(splits_of(5, groups=None, seed=seed)) for seed in (0, 1))
    assert (first != second).any()


def test_without_groups_folds_are_stratified():
    for _, test in splits_of(5, groups=None):
        assert np.bincount(CODES[test]).tolist() == [4, 4]


@pytest.mark.parametrize(
    ("cv", "wanted"),
    [
        (5, True),
        (GroupKFold(3), True),
        (StratifiedGroupKFold(3), True),
        (StratifiedKFold(3), False),
        (PredefinedSplit(CODES), False),
        ([(np.arange(20), np.arange(20, 40))], False),
    ],
)
def test_which_folds_want_groups(cv, wanted):
    assert wants_groups(cv) == wanted


def test_pairs_may_hold_masks():
    mask = np.arange(40) < 20
    assert number_folds(splits_of([(mask, ~mask), (~mask, mask)])).tolist() == [1] * 20 + [0] * 20


def test_missing_classes_are_found():
    classes = np.array(["cat", "dog", "human"])
    codes = np.array([0, 1, 2, 1, 2, 1, 2])
    splits = make_splits(PredefinedSplit([1, 0, 0, 1, 1, 2, 2]), classes, codes, None, 0)
    assert find_missing_classes(splits, classes, codes) == {1: ["cat"]}


@pytest.mark.parametrize(
    ("cv", "groups", "message"),
    [
        (
            3,
            np.repeat([0, 1], 20),
            "Cannot make 3 folds from 2 group(s), because each fold tests at least one group. Use "
            "a smaller cv, or smaller groups",
        ),
        (
            ShuffleSplit(5, random_state=0),
            None,
            "but must test each of the 40 samples once. Use a splitter such as "
            "StratifiedGroupKFold",
        ),
        ([(np.arange(20), np.arange(20, 40))], None, "cv tests sample 0 0 times"),
        ([(np.arange(40), np.arange(40))], None, "Sample 0 is in both the training part and"),
        (
            KFold(8),
            GROUPS + 2,
            "Group 3 is in both the training part and the test part of fold 0 (counted from 0). "
            "Use StratifiedGroupKFold, which keeps groups together, or do not pass groups",
        ),
    ],
)
def test_unusable_folds(cv, groups, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        splits_of(cv, groups=groups)


def test_training_part_of_one_class():
    codes = np.repeat([0, 1], 20)
    message = (
        r"The training part of fold 0 \(counted from 0\) has one class only \('(dog|human)'\)\. A "
        "class needs samples in at least two groups"
    )
    with pytest.raises(ValueError, match=message):
        splits_of(2, codes=codes, groups=codes)
