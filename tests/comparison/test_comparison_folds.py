"""Folds of a comparison: shared by all models, repeated on request, checked for fairness."""

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)
from tiny_comparisons import GROUPS, MODELS, X, Y, compare_accuracy, composition_model


def parts_of(comparison):
    return [fold.test for fold in comparison.folds]


def test_all_models_get_the_same_folds():
    cv = StratifiedKFold(3, shuffle=True, random_state=None)
    models = {"one": composition_model(), "other": composition_model()}
    comparison = compare_accuracy(models, X, Y, cv=cv)
    np.testing.assert_array_equal(*comparison.predicted[:2])


def test_folds_depend_only_on_the_random_state():
    comparison = compare_accuracy(MODELS, X, Y, cv=3)
    assert [len(fold.test) for fold in comparison.folds] == [20] * 3
    again = compare_accuracy(MODELS, X, Y, cv=3)
    other = compare_accuracy(MODELS, X, Y, cv=3, random_state=1)
    assert all(map(np.array_equal, parts_of(comparison), parts_of(again)))
    assert not any(map(np.array_equal, parts_of(comparison), parts_of(other)))


def test_integer_cv_keeps_groups_together(comparison):
    for fold in comparison.folds:
        assert not np.intersect1d(GROUPS[fold.train], GROUPS[fold.test]).size


@pytest.mark.parametrize(
    ("cv", "groups"),
    [
        (3, None),
        (3, GROUPS),
        (StratifiedKFold(3, shuffle=True, random_state=5), None),
        (StratifiedGroupKFold(3, shuffle=True, random_state=5), GROUPS),
    ],
)
def test_repeats_have_different_but_reproducible_folds(cv, groups):
    comparison = compare_accuracy(MODELS, X, Y, cv=cv, groups=groups, n_repeats=2)
    again = compare_accuracy(MODELS, X, Y, cv=cv, groups=groups, n_repeats=2)
    once = compare_accuracy(MODELS, X, Y, cv=cv, groups=groups)
    assert [fold.repeat for fold in comparison.folds] == [0, 0, 0, 1, 1, 1]
    assert [fold.number for fold in comparison.folds] == [0, 1, 2, 0, 1, 2]
    tests = parts_of(comparison)
    assert not any(map(np.array_equal, tests[:3], tests[3:]))
    assert all(map(np.array_equal, tests, parts_of(again)))
    assert all(map(np.array_equal, tests[:3], parts_of(once)))
    assert comparison.predicted.shape == (4, 2, 60)
    assert comparison.predicted.min() == 0


def test_splitter_may_repeat_by_itself():
    cv = RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0)
    comparison = compare_accuracy(MODELS, X, Y, cv=cv)
    assert [fold.repeat for fold in comparison.folds] == [0, 0, 1, 1, 2, 2]


def test_cv_may_be_pairs_of_indices():
    rows = np.arange(60)
    splits = ((rows[rows % 2 == side], rows[rows % 2 != side].tolist()) for side in (0, 1))
    comparison = compare_accuracy(MODELS, X, Y, cv=splits)
    assert [len(fold.test) for fold in comparison.folds] == [30, 30]


@pytest.mark.parametrize(
    ("cv", "error", "message"),
    [
        (1, ValueError, "cv must be at least 2 folds, got cv=1"),
        (None, TypeError, "cv must be a number of folds, .* got None of type NoneType"),
        ("5", TypeError, "cv must be a number of folds, .* got '5' of type str"),
        (ShuffleSplit(3, random_state=0), ValueError, "is tested a second time in fold 1 of"),
        (TimeSeriesSplit(3), ValueError, r"15 of 60 sequences are in no test part .* sequenc"),
        (PredefinedSplit([-1] * 6 + [0, 1] * 27), ValueError, "the first is sequence 0. All"),
        (GroupKFold(3), ValueError, r"GroupKFold.* needs groups, but groups=None"),
        ([], ValueError, "60 of 60 sequences are in no test part"),
        ([([0, 1], [1, 2])] * 2, ValueError, "Sequence 1 is tested a second time in fold 1 o"),
        ([([0], [2, 2])], ValueError, "Sequence 2 is tested a second time in fold 0 of repeat"),
        ([([0], [60])], ValueError, "from 60 to 60, but the 60 sequences have indices from 0 to"),
        ([([-1], [0])], ValueError, "from -1 to -1, but the 60 sequences have indices from 0 to"),
        ([([0.5], [0])], TypeError, r"integer arrays, got .* dtype float64"),
        ([(range(60), range(60))], ValueError, "Sequence 0 is in both the training part and the"),
    ],
)
def test_unfair_folds_raise(cv, error, message):
    with pytest.raises(error, match=message):
        compare_accuracy(MODELS, X, Y, cv=cv)


@pytest.mark.parametrize(
    ("cv", "n_repeats", "message"),
    [
        (StratifiedKFold(3), 2, r"n_repeats=2 needs a splitter that shuffles, got cv=StratifiedK"),
        (RepeatedStratifiedKFold(n_splits=2), 3, "or leave n_repeats=1 if the splitter repeats"),
        ([([0], [1])], 2, "n_repeats=2 needs a splitter that shuffles"),
        (3, 0, "n_repeats must be an integer of at least 1, got 0"),
        (3, 1.5, "n_repeats must be an integer of at least 1, got 1.5"),
    ],
)
def test_impossible_repeats_raise(cv, n_repeats, message):
    with pytest.raises(ValueError, match=message):
        compare_accuracy(MODELS, X, Y, cv=cv, n_repeats=n_repeats)


def test_group_in_both_parts_raises():
    message = r"Group 0 is in both .* part of fold 0 of .*\. Use StratifiedGroupKFold"
    with pytest.raises(ValueError, match=message):
        compare_accuracy(
            MODELS, X, Y, cv=StratifiedKFold(3, shuffle=True, random_state=0), groups=GROUPS
        )


@pytest.mark.parametrize("cv", [5, GroupKFold(5), StratifiedGroupKFold(5)])
def test_fewer_groups_than_folds_raises(cv):
    with pytest.raises(ValueError, match=r"Cannot make 5 folds from 3 group\(s\)"):
        compare_accuracy(MODELS, X, Y, cv=cv, groups=np.arange(60) // 20)


def test_wrong_number_of_groups_raises():
    with pytest.raises(ValueError, match="Found 60 sequences but 59 groups"):
        compare_accuracy(MODELS, X, Y, cv=3, groups=GROUPS[1:])


def test_class_missing_from_a_training_part_raises():
    y, groups = Y.copy(), np.arange(60) // 2
    y[4:6] = "bat"
    message = (
        r"Class 'bat' is missing from the training part of fold \d of repeat 0 \(counted from "
        r"0\), so no model can learn it there. The class has 2 sequence\(s\) in 1 group\(s\)\. Coll"
    )
    with pytest.raises(ValueError, match=message):
        compare_accuracy(MODELS, X, y, cv=GroupKFold(3), groups=groups)


def test_class_missing_without_groups_raises():
    y = np.sort(Y)
    message = r"Class 'bird' .* The class has 20 sequence\(s\)\. Collect"
    with pytest.raises(ValueError, match=message):
        compare_accuracy(MODELS, X, y, cv=KFold(3))
