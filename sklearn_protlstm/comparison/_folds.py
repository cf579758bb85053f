"""Make the folds of a comparison, and reject unfair ones before any model is trained."""

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
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from sklearn_protlstm._labels.matrix import ABSENT, PRESENT, decode_targets
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold

__all__ = ["Fold"]

_GROUP_SPLITTERS = (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    LeavePGroupsOut,
    StratifiedGroupKFold,
)
_CLASS_SPLITTERS = (
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)


class _NamedColumns(np.ndarray):
    """A label matrix with the attribute `columns` of a data frame, for the splitter's warning."""


class Fold(NamedTuple):
    """One split of the sequences into a training part and a test part.

    Parameters
    ----------
    repeat : int
        Number of the repeat, counted from 0. The folds of one repeat test each sequence once.
    number : int
        Number of the fold within its repeat, counted from 0.
    train : ndarray of shape (n_train,), dtype int64
        Indices of the training sequences.
    test : ndarray of shape (n_test,), dtype int64
        Indices of the test sequences.
    """

    repeat: int
    number: int
    train: np.ndarray
    test: np.ndarray

    def __str__(self):
        return f"fold {self.number} of repeat {self.repeat} (counted from 0)"


def make_folds(cv, sequences, classes, codes, groups, *, n_repeats, rng):
    """Return the list of folds; see `compare_models` for `cv` and for what makes folds unfair."""
    multilabel = codes.ndim == 2
    splits = []
    for splitter in _splitters(cv, n_repeats, groups is not None, multilabel, rng):
        splits += _split(splitter, sequences, decode_targets(codes, classes), groups, classes)
    splits = [_check_split(*split, len(codes)) for split in splits]
    folds = _number_folds(splits, len(codes), multilabel)
    for fold in folds:
        _check_no_overlap(fold)
        if groups is not None:
            _check_groups_together(fold, groups, _name_splitter(multilabel))
        if multilabel:
            _check_all_labels(fold, classes, codes, groups)
        else:
            _check_all_classes(fold, classes, codes, groups)
    return folds


def _name_splitter(multilabel):
    return "MultilabelStratifiedGroupKFold" if multilabel else "StratifiedGroupKFold"


def _splitters(cv, n_repeats, grouped, multilabel, rng):
    """Return one splitter per repeat, with a new seed for each repeat after the first."""
    if not isinstance(n_repeats, Integral) or n_repeats < 1:
        raise ValueError(f"n_repeats must be an integer of at least 1, got {n_repeats!r}")
    if isinstance(cv, Integral):
        if cv < 2:
            raise ValueError(f"cv must be at least 2 folds, got cv={cv!r}. Pass cv=5, for example")
        splitter_class = StratifiedGroupKFold if grouped else StratifiedKFold
        if multilabel:
            splitter_class = MultilabelStratifiedGroupKFold
        cv = splitter_class(int(cv), shuffle=True, random_state=rng.randint(2**31 - 1))
    if n_repeats == 1:
        return [cv]
    if not (getattr(cv, "shuffle", False) and hasattr(cv, "random_state")):
        raise ValueError(
            f"n_repeats={n_repeats} needs a splitter that shuffles, got cv={cv!r}, which would "
            f"give the same folds in every repeat. Pass cv=5 or {_name_splitter(multilabel)}(5, "
            "shuffle=True), or leave n_repeats=1 if the splitter repeats by itself"
        )
    repeats = [cv]
    for _ in range(n_repeats - 1):
        repeats.append(copy.copy(cv))
        repeats[-1].random_state = rng.randint(2**31 - 1)
    return repeats


def _split(cv, sequences, labels, groups, classes):
    if isinstance(cv, str) or not hasattr(cv, "split"):
        if isinstance(cv, str) or not isinstance(cv, Iterable):
            raise TypeError(
                "cv must be a number of folds, a splitter such as StratifiedGroupKFold(5), or a "
                f"list of pairs (train, test) of indices, got {cv!r} of type {type(cv).__name__}"
            )
        return list(cv)
    is_ours = isinstance(cv, MultilabelStratifiedGroupKFold)
    if labels.ndim == 2 and is_ours:
        labels = labels.view(_NamedColumns)
        labels.columns = classes.tolist()
    elif labels.ndim == 2 and isinstance(cv, _CLASS_SPLITTERS):
        raise ValueError(
            f"cv={cv!r} takes one class for each sequence, but y has any number of labels. Pass "
            "cv=5 or MultilabelStratifiedGroupKFold(5)"
        )
    if groups is None and isinstance(cv, _GROUP_SPLITTERS) and not is_ours:
        raise ValueError(
            f"cv={cv!r} needs groups, but groups=None. Pass one group per sequence, such as those "
            "from cluster_sequences"
        )
    if groups is not None:
        _check_enough_groups(cv, groups)
    with warnings.catch_warnings():
        # The folds are checked later, so a splitter that ignores groups needs no warning.
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        return list(cv.split(sequences, labels, groups))


def _check_enough_groups(cv, groups):
    n_groups, n_splits = len(np.unique(groups)), getattr(cv, "n_splits", 0)
    if n_groups < n_splits:
        raise ValueError(
            f"Cannot make {n_splits} folds from {n_groups} group(s), because each fold tests at "
            "least one group. Use fewer folds, or make smaller groups with a higher identity in "
            "cluster_sequences"
        )


def _check_split(train, test, n_samples):
    """Return both parts of a split as int64 arrays of valid indices."""
    parts = []
    for indices in (train, test):
        indices = np.asarray(indices)
        if indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise TypeError(
                "Each split in cv must be a pair (train, test) of one-dimensional integer arrays, "
                f"got an array of shape {indices.shape} and dtype {indices.dtype}"
            )
        if indices.size and not (indices.min() >= 0 and indices.max() < n_samples):
            raise ValueError(
                f"A split in cv has indices from {indices.min()} to {indices.max()}, but the "
                f"{n_samples} sequences have indices from 0 to {n_samples - 1}. Make the splits "
                "from the same data"
            )
        parts.append(indices.astype(np.int64))
    return parts


def _number_folds(splits, n_samples, multilabel):
    """Number the folds by repeat. A repeat ends once every sequence has been tested once."""
    splitters = _name_splitter(multilabel)
    if not multilabel:
        splitters = f"StratifiedKFold or {splitters}"
    folds, repeat, number = [], 0, 0
    n_tested = np.zeros(n_samples, dtype=np.int64)
    for train, test in splits:
        fold = Fold(repeat, number, train, test)
        n_tested += np.bincount(test, minlength=n_samples)
        if n_tested.max() > 1:
            raise ValueError(
                f"Sequence {n_tested.argmax()} is tested a second time in {fold}, before every "
                "sequence has been tested once. All sequences must count equally. Use a splitter "
                f"such as {splitters}. Splitters that draw independent test parts, such as "
                "ShuffleSplit, do not work here"
            )
        folds.append(fold)
        number += 1
        if n_tested.all():
            repeat, number = repeat + 1, 0
            n_tested[:] = 0
    if n_tested.any() or not folds:
        raise ValueError(
            f"{np.sum(n_tested == 0)} of {n_samples} sequences are in no test part of repeat "
            f"{repeat}; the first is sequence {n_tested.argmin()}. All sequences must count "
            f"equally. Use a splitter such as {splitters}"
        )
    return folds


def _check_no_overlap(fold):
    both = np.intersect1d(fold.train, fold.test)
    if len(both):
        raise ValueError(
            f"Sequence {both[0]} is in both the training part and the test part of {fold}, so "
            "its score would only show memorization. Remove it from the training part"
        )


def _check_groups_together(fold, groups, splitter):
    divided = np.intersect1d(groups[fold.train], groups[fold.test])
    if len(divided):
        raise ValueError(
            f"Group {divided.tolist()[0]!r} is in both the training part and the test part of "
            f"{fold}. Use {splitter}, which keeps groups together, or do not pass groups"
        )


def _check_all_classes(fold, classes, codes, groups):
    n_train = np.bincount(codes[fold.train], minlength=len(classes))
    if n_train.all():
        return
    code = n_train.argmin()
    raise ValueError(
        f"Class {classes.tolist()[code]!r} is missing from the training part of {fold}, so no "
        f"model can learn it there. The class has {_describe_size(codes == code, groups)}. "
        "Collect more sequences, merge the class with a similar one, or leave it out. Stratified "
        "folds (StratifiedKFold or StratifiedGroupKFold), another number of folds or another "
        "random_state may help too"
    )


def _check_all_labels(fold, labels, codes, groups):
    for state, what, there in (
        (PRESENT, "has", "present in"),
        (ABSENT, "lacks", "absent from"),
    ):
        is_there = codes[fold.train] == state
        if is_there.any(axis=0).all():
            continue
        label = is_there.any(axis=0).argmin()
        raise ValueError(
            f"No sequence in the training part of {fold} {what} the label "
            f"{labels.tolist()[label]!r}, so no model can learn it there. The label is {there} "
            f"{_describe_size(codes[:, label] == state, groups)}. Collect more sequences, merge "
            "the label with a similar one, or leave it out. MultilabelStratifiedGroupKFold, "
            "another number of folds or another random_state may help too"
        )


def _describe_size(members, groups):
    size = f"{members.sum()} sequence(s)"
    if groups is not None:
        size += f" in {len(np.unique(groups[members]))} group(s)"
    return size
