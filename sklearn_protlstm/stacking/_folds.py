"""Folds of a stack: every sample is tested once, and groups stay together."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.utils.metadata_routing import get_routing_for_object

from sklearn_protlstm._labels.matrix import ABSENT, PRESENT, decode_targets
from sklearn_protlstm._validation import join_names
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold

__all__ = [
    "find_missing_classes",
    "make_splits",
    "number_folds",
    "wants_groups",
    "warn_of_missing_classes",
]


def wants_groups(cv):
    """Return whether the folds need groups: a number of folds, or a splitter that asks for them."""
    if isinstance(cv, Integral):
        return True
    return "groups" in get_routing_for_object(cv).consumes("split", ["groups"])


def make_splits(cv, classes, codes, groups, random_state):
    """Return pairs (train, test) of index arrays; raise a ValueError if they are not usable.

    Parameters
    ----------
    cv : int, splitter or list of pairs
        An int makes stratified, shuffled folds, which keep groups together.
    classes : ndarray of shape (n_classes,)
        The classes or labels.
    codes : ndarray of shape (n_samples,), dtype int64, or (n_samples, n_classes), dtype uint8
        Index of each class in `classes`; or ABSENT, PRESENT or UNKNOWN for each label.
    groups : ndarray of shape (n_samples,) or None
        Groups.
    random_state : int, RandomState instance or None
        Seeds the folds if `cv` is an int.

    Returns
    -------
    splits : list of (ndarray, ndarray)
        Training and test part of each fold. Every sample is in one test part.
    """
    multilabel = codes.ndim == 2
    if isinstance(cv, Integral):
        splitter_class = _choose_splitter(multilabel, groups)
        cv = splitter_class(cv, shuffle=True, random_state=random_state)
    if groups is not None:
        _check_enough_groups(cv, groups)
    n_samples = len(codes)
    rows = np.arange(n_samples)
    y = decode_targets(codes, classes)
    with warnings.catch_warnings():
        # The folds are checked below, so a splitter that ignores groups needs no warning. Test
        # parts may lack a label.
        for message in ("The groups parameter is ignored", r"\d+ label\(s\) are in fewer than"):
            warnings.filterwarnings("ignore", message, UserWarning)
        splits = list(check_cv(cv).split(rows[:, np.newaxis], y, groups))
    # A splitter leaves a test part empty if a few groups hold nearly all samples.
    splits = [(rows[train], rows[test]) for train, test in splits if len(test)]
    advised = "MultilabelStratifiedGroupKFold" if multilabel else "StratifiedGroupKFold"
    _check_partition(splits, n_samples, advised)
    for number, (train, test) in enumerate(splits):
        _check_apart(number, train, test, groups, advised)
        if not multilabel:
            _check_two_classes(number, classes[np.unique(codes[train])])
    if multilabel:
        _check_every_label(splits, classes, codes)
    return splits


def number_folds(splits):
    """Return the number of the fold that tests each sample."""
    folds = np.empty(sum(len(test) for _, test in splits), dtype=np.int64)
    for number, (_, test) in enumerate(splits):
        folds[test] = number
    return folds


def find_missing_classes(splits, classes, codes):
    """Map the number of each fold to the classes that its training part lacks, if there are any."""
    missing = {
        number: np.delete(classes, np.unique(codes[train])).tolist()
        for number, (train, _) in enumerate(splits)
    }
    return {number: labels for number, labels in missing.items() if labels}


def warn_of_missing_classes(splits, classes, codes, groups):
    """Warn of each fold whose training part lacks a class. The caller is ``fit``."""
    for number, labels in find_missing_classes(splits, classes, codes).items():
        kind = "sample" if groups is None else "group"
        names = ", ".join(map(repr, labels))
        warnings.warn(
            f"The training part of fold {number} (counted from 0) lacks class {names}. Its members "
            "give the class the lowest probability, and the samples of the class do not count for "
            f"the weights. Collect more {kind}s of the class, or use more folds",
            stacklevel=4,  # the caller of fit
        )


def _choose_splitter(multilabel, groups):
    if multilabel:
        return MultilabelStratifiedGroupKFold
    return StratifiedKFold if groups is None else StratifiedGroupKFold


def _check_enough_groups(cv, groups):
    n_groups, n_splits = len(np.unique(groups)), getattr(cv, "n_splits", 0)
    if n_groups < n_splits:
        raise ValueError(
            f"Cannot make {n_splits} folds from {n_groups} group(s), because each fold tests at "
            "least one group. Use a smaller cv, or smaller groups"
        )


def _check_partition(splits, n_samples, advised):
    n_tested = np.bincount(np.concatenate([test for _, test in splits]), minlength=n_samples)
    if (n_tested != 1).any():
        sample = (n_tested != 1).argmax()
        raise ValueError(
            f"cv tests sample {sample} {n_tested[sample]} times, but must test each of the "
            f"{n_samples} samples once. Use a splitter such as {advised}"
        )


def _check_apart(number, train, test, groups, advised):
    both = np.intersect1d(train, test)
    if len(both):
        raise ValueError(
            f"Sample {both[0]} is in both the training part and the test part of fold {number} "
            "(counted from 0). Remove it from the training part"
        )
    divided = [] if groups is None else np.intersect1d(groups[train], groups[test]).tolist()
    if divided:
        raise ValueError(
            f"Group {divided[0]!r} is in both the training part and the test part of fold {number} "
            f"(counted from 0). Use {advised}, which keeps groups together, or do not pass groups"
        )


def _check_two_classes(number, labels):
    if len(labels) < 2:
        raise ValueError(
            f"The training part of fold {number} (counted from 0) has one class only "
            f"({labels.tolist()[0]!r}). A class needs samples in at least two groups. Use smaller "
            "groups, or collect more sequences"
        )


def _check_every_label(splits, classes, codes):
    """Raise a ValueError if a member could not learn a label in some fold."""
    for value, word in ((PRESENT, "with"), (ABSENT, "without")):
        learned = [(codes[train] == value).any(axis=0) for train, _ in splits]
        labels = classes[~np.all(learned, axis=0)].tolist()
        if labels:
            raise ValueError(
                f"The training part of at least one fold has no sequence {word} the label(s) "
                f"{join_names(map(repr, labels))}. A label needs sequences with it, and sequences "
                "without it, in at least two groups. Leave these labels out of y, use smaller "
                "groups, or collect more sequences"
            )
