"""The folds of a comparison: made once for all models, and judged before any is trained."""

import copy
import warnings
from collections.abc import Iterable
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    LeavePGroupsOut,
    StratifiedGroupKFold,
    StratifiedKFold,
)

__all__ = ["Fold", "make_folds"]

_GROUP_SPLITTERS = (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    LeavePGroupsOut,
    StratifiedGroupKFold,
)


class Fold(NamedTuple):
    """One split of the sequences.

    Parameters
    ----------
    repeat : int
        Number of the repeat, counted from 0. All folds of a repeat test each sequence once.
    number : int
        Number of the fold in its repeat, counted from 0.
    train : ndarray of shape (n_train,), dtype int64
        Positions of the sequences to train on.
    test : ndarray of shape (n_test,), dtype int64
        Positions of the sequences to test on.
    """

    repeat: int
    number: int
    train: np.ndarray
    test: np.ndarray

    def __str__(self):
        return f"fold {self.number} of repeat {self.repeat} (counted from 0)"


def make_folds(cv, sequences, classes, codes, groups, *, n_repeats, rng):
    """Split the sequences, and refuse folds that make for an unfair comparison.

    Parameters
    ----------
    cv : int, cross-validation splitter or iterable of (train, test)
        As in `compare_models`.
    sequences : list of str
        Proteins, for splitters that look at them.
    classes : ndarray of shape (n_classes,)
        The class labels.
    codes : ndarray of shape (n_samples,), dtype int64
        Class of each sequence, as an index into `classes`.
    groups : ndarray of shape (n_samples,) or None
        Sequences that belong together.
    n_repeats : int
        How often a splitter splits.
    rng : RandomState
        Seeds the folds that an int stands for, and the repeats.

    Returns
    -------
    folds : list of Fold
        Each repeat tests each sequence once.

    Raises
    ------
    TypeError
        If `cv` is none of the above.
    ValueError
        If the folds cannot be made, or a sequence is tested more often than another or is in
        both parts, or a group is in both parts, or a training part lacks a class.
    """
    splits = []
    for splitter in _repeated(cv, n_repeats, groups is not None, rng):
        splits += _split(splitter, sequences, classes[codes], groups)
    folds = _number_folds([_checked(*split, len(codes)) for split in splits], len(codes))
    for fold in folds:
        _refuse_overlap(fold)
        if groups is not None:
            _refuse_divided_groups(fold, groups)
        _refuse_missing_classes(fold, classes, codes, groups)
    return folds


def _repeated(cv, n_repeats, grouped, rng):
    """Give the splitter once for each repeat, seeded anew from the second on."""
    if not isinstance(n_repeats, Integral) or n_repeats < 1:
        raise ValueError(f"n_repeats={n_repeats!r} must be an integer of 1 or more")
    if isinstance(cv, Integral):
        if cv < 2:
            raise ValueError(f"cv={cv!r} folds cannot be made: give 2 or more, such as cv=5")
        make = StratifiedGroupKFold if grouped else StratifiedKFold
        cv = make(int(cv), shuffle=True, random_state=rng.randint(2**31 - 1))
    if n_repeats == 1:
        return [cv]
    if not (getattr(cv, "shuffle", False) and hasattr(cv, "random_state")):
        raise ValueError(
            f"n_repeats={n_repeats} needs a splitter that shuffles, or each repeat would have the "
            f"same folds; got cv={cv!r}. Give cv=5, or StratifiedGroupKFold(5, shuffle=True), or "
            "leave n_repeats at 1 where cv repeats by itself"
        )
    repeats = [cv]
    for _ in range(n_repeats - 1):
        repeats.append(copy.copy(cv))
        repeats[-1].random_state = rng.randint(2**31 - 1)
    return repeats


def _split(cv, sequences, labels, groups):
    if isinstance(cv, str) or not hasattr(cv, "split"):
        if isinstance(cv, str) or not isinstance(cv, Iterable):
            raise TypeError(
                f"cv={cv!r} of type {type(cv).__name__} makes no folds: give a number of folds, a "
                "splitter such as StratifiedGroupKFold(5), or a list of (train, test) positions"
            )
        return list(cv)
    if groups is None and isinstance(cv, _GROUP_SPLITTERS):
        raise ValueError(
            f"cv={cv!r} keeps groups whole, but there are no groups: give groups=..., one for each "
            "sequence, such as cluster_sequences makes"
        )
    if groups is not None:
        _refuse_few_groups(cv, groups)
    with warnings.catch_warnings():
        # Whether a splitter that ignores groups has kept them whole is judged by its folds.
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        return list(cv.split(sequences, labels, groups))


def _refuse_few_groups(cv, groups):
    n_groups, n_splits = len(np.unique(groups)), getattr(cv, "n_splits", 0)
    if n_groups < n_splits:
        raise ValueError(
            f"{n_splits} folds were asked for, but there are {n_groups} group(s) only, and each "
            "fold tests at least one. Ask for fewer folds, or make smaller groups: a higher "
            "identity in cluster_sequences gives more of them"
        )


def _checked(train, test, n_samples):
    """Bring the two parts of a split to positions, and refuse what are none."""
    parts = []
    for rows in (train, test):
        rows = np.asarray(rows)
        if rows.ndim != 1 or rows.dtype.kind not in "iu":
            raise TypeError(
                "A split must be a pair (train, test) of one-dimensional integer arrays of "
                f"positions, got an array of shape {rows.shape} and dtype {rows.dtype}"
            )
        if rows.size and not (rows.min() >= 0 and rows.max() < n_samples):
            raise ValueError(
                f"A split holds the positions {rows.min()} to {rows.max()}, but there are "
                f"{n_samples} sequences, counted from 0. Make the splits from the same data"
            )
        parts.append(rows.astype(np.int64))
    return parts


def _number_folds(splits, n_samples):
    """Number the folds by repeat: one ends when every sequence was tested once."""
    folds, repeat, number = [], 0, 0
    tested = np.zeros(n_samples, dtype=np.int64)
    for train, test in splits:
        fold = Fold(repeat, number, train, test)
        tested += np.bincount(test, minlength=n_samples)
        if tested.max() > 1:
            raise ValueError(
                f"Sequence {tested.argmax()} is tested a second time in {fold}, before every "
                "sequence was tested once. All have to count alike: use a splitter such as "
                "StratifiedKFold or StratifiedGroupKFold, not one that draws each test part anew, "
                "such as ShuffleSplit"
            )
        folds.append(fold)
        number += 1
        if tested.all():
            repeat, number = repeat + 1, 0
            tested[:] = 0
    if tested.any() or not folds:
        raise ValueError(
            f"{np.sum(tested == 0)} of {n_samples} sequences are in no test part (of repeat "
            f"{repeat}), the first is sequence {tested.argmin()}. All have to count alike: use a "
            "splitter such as StratifiedKFold or StratifiedGroupKFold"
        )
    return folds


def _refuse_overlap(fold):
    both = np.intersect1d(fold.train, fold.test)
    if len(both):
        raise ValueError(
            f"Sequence {both[0]} is both in the training part and in the test part of {fold}: its "
            "score would be that of a memory. Leave it out of the training part"
        )


def _refuse_divided_groups(fold, groups):
    divided = np.intersect1d(groups[fold.train], groups[fold.test])
    if len(divided):
        raise ValueError(
            f"Group {divided.tolist()[0]!r} is both in the training part and in the test part of "
            f"{fold}. Use StratifiedGroupKFold, which keeps groups whole, or give no groups"
        )


def _refuse_missing_classes(fold, classes, codes, groups):
    n_train = np.bincount(codes[fold.train], minlength=len(classes))
    if n_train.all():
        return
    code = n_train.argmin()
    members = codes == code
    where = f"{members.sum()} sequence(s)"
    if groups is not None:
        where += f" in {len(np.unique(groups[members]))} group(s)"
    raise ValueError(
        f"Class {classes.tolist()[code]!r} is missing from the training part of {fold}, so no "
        f"model could learn it there. It has {where}: collect more, merge it with a class like "
        "it, or leave it out; or use another number of folds or another random_state, and "
        "StratifiedKFold or StratifiedGroupKFold"
    )
