"""Folds of a stack: every sample is tested once, and groups stay together."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.utils.metadata_routing import get_routing_for_object

__all__ = ["find_missing_classes", "make_splits", "number_folds", "wants_groups"]


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
        The labels.
    codes : ndarray of shape (n_samples,), dtype int64
        Index of each label in `classes`.
    groups : ndarray of shape (n_samples,) or None
        Groups.
    random_state : int, RandomState instance or None
        Seeds the folds if `cv` is an int.

    Returns
    -------
    splits : list of (ndarray, ndarray)
        Training and test part of each fold. Every sample is in one test part.
    """
    if isinstance(cv, Integral):
        splitter_class = StratifiedKFold if groups is None else StratifiedGroupKFold
        cv = splitter_class(cv, shuffle=True, random_state=random_state)
    if groups is not None:
        _check_enough_groups(cv, groups)
    n_samples = len(codes)
    rows = np.arange(n_samples)
    with warnings.catch_warnings():
        # The folds are checked below, so a splitter that ignores groups needs no warning.
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        splits = list(check_cv(cv).split(rows[:, np.newaxis], classes[codes], groups))
    # A splitter leaves a test part empty if a few groups hold nearly all samples.
    splits = [(rows[train], rows[test]) for train, test in splits if len(test)]
    _check_partition(splits, n_samples)
    for number, (train, test) in enumerate(splits):
        _check_apart(number, train, test, groups)
        _check_two_classes(number, classes[np.unique(codes[train])])
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


def _check_enough_groups(cv, groups):
    n_groups, n_splits = len(np.unique(groups)), getattr(cv, "n_splits", 0)
    if n_groups < n_splits:
        raise ValueError(
            f"Cannot make {n_splits} folds from {n_groups} group(s), because each fold tests at "
            "least one group. Use a smaller cv, or smaller groups"
        )


def _check_partition(splits, n_samples):
    n_tested = np.bincount(np.concatenate([test for _, test in splits]), minlength=n_samples)
    if (n_tested != 1).any():
        sample = (n_tested != 1).argmax()
        raise ValueError(
            f"cv tests sample {sample} {n_tested[sample]} times, but must test each of the "
            f"{n_samples} samples once. Use a splitter such as StratifiedGroupKFold"
        )


def _check_apart(number, train, test, groups):
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
            "(counted from 0). Use StratifiedGroupKFold, which keeps groups together, or do not "
            "pass groups"
        )


def _check_two_classes(number, labels):
    if len(labels) < 2:
        raise ValueError(
            f"The training part of fold {number} (counted from 0) has one class only "
            f"({labels.tolist()[0]!r}). A class needs samples in at least two groups. Use smaller "
            "groups, or collect more sequences"
        )
