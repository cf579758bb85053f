"""Weights of a stack from the predictions of its members for the folds that they have not seen."""

from typing import NamedTuple

import numpy as np

from sklearn_protlstm.stacking._folds import number_folds
from sklearn_protlstm.stacking._label_pool import LabelPool, fit_label_pool
from sklearn_protlstm.stacking._pool import LogLinearPool, cross_fit, fit_pool

__all__ = ["Weighting", "fit_weights"]


class Weighting(NamedTuple):
    """A pool, and the predictions that it was fitted to.

    ``log_probas`` are out-of-fold log-probabilities of the members, ``pooled`` those of pools that
    were fitted on the other folds. ``folds`` has the number of the fold that tests each sample.
    """

    pool: LogLinearPool | LabelPool
    log_probas: np.ndarray
    pooled: np.ndarray
    folds: np.ndarray


def fit_weights(fits, splits, n_classes, codes, groups):
    """Fit the pool of all samples, and a pool for each fold.

    Samples of a group are alike, and tell less than as many samples of different groups. So a group
    counts as much as the square root of its size: it neither counts once, however large it is, nor
    does a large one decide alone.

    Parameters
    ----------
    fits : list of list of FoldFit
        One list per member, with one entry per fold.
    splits : list of (ndarray, ndarray)
        Training and test part of each fold.
    n_classes : int
        Number of classes or labels.
    codes : ndarray of shape (n_samples,), dtype int64, or (n_samples, n_classes), dtype uint8
        Index of each class; or ABSENT, PRESENT or UNKNOWN for each label.
    groups : ndarray of shape (n_samples,) or None
        Groups of similar samples. None if there are none.

    Returns
    -------
    weighting : Weighting
        The pool and the out-of-fold predictions.
    """
    folds = number_folds(splits)
    log_probas = np.empty((len(fits), len(codes), n_classes))
    for number, (_, test) in enumerate(splits):
        for member, fitted in enumerate(fits):
            log_probas[member, test] = fitted[number].log_proba
    sample_weight = _weigh_groups(groups, len(codes))
    if codes.ndim == 2:
        fit, columns = fit_label_pool, (codes, sample_weight)
    else:
        fit, columns = fit_pool, (codes, _find_known(splits, n_classes, codes), sample_weight)
    pooled = cross_fit(fit, log_probas, folds, *columns)
    return Weighting(fit(log_probas, *columns), log_probas, pooled, folds)


def _weigh_groups(groups, n_samples):
    if groups is None:
        return np.ones(n_samples)
    _, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return 1 / np.sqrt(sizes[numbers])


def _find_known(splits, n_classes, codes):
    """Return which classes the members that predict each sample have seen."""
    known = np.empty((len(codes), n_classes), dtype=bool)
    for train, test in splits:
        known[test] = np.isin(np.arange(n_classes), codes[train])
    return known
