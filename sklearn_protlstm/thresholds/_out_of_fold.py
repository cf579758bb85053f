"""Fit a classifier of labels, and predict its training samples as members of unseen families."""

from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._labels.classes import check_targets
from sklearn_protlstm._meta_estimators import count_samples
from sklearn_protlstm.stacking import GroupStackingClassifier

__all__ = ["OutOfFold", "fit_estimator", "fit_out_of_fold", "is_frozen", "read_out_of_fold"]


class OutOfFold(NamedTuple):
    """A fitted classifier, the stack that has the labels, and out-of-fold probabilities."""

    estimator: BaseEstimator
    stack: GroupStackingClassifier
    probabilities: np.ndarray


def fit_estimator(estimator, samples, y, groups, routed, fit_params):
    """Fit a clone of an estimator on all samples. The arguments are as below."""
    if isinstance(estimator, GroupStackingClassifier):
        return clone(estimator).fit(samples, y, groups=groups, **fit_params)
    return clone(estimator).fit(samples, y, **routed)


def fit_out_of_fold(estimator, samples, y, groups, routed, fit_params, options):
    """Fit an estimator on all samples, and predict each sample without its family.

    A stack makes its out-of-fold predictions itself. For another estimator, a stack of one member
    makes them.

    Parameters
    ----------
    estimator : estimator
        Unfitted classifier.
    samples : list of str or matrix of shape (n_samples, n_features)
        Training samples.
    y : array-like of shape (n_samples, n_classes), or list of label collections
        Label matrix or label lists.
    groups : array-like of shape (n_samples,) or None
        Families.
    routed : dict
        Arguments for ``fit`` of the estimator.
    fit_params : dict
        Arguments for ``fit`` before they are routed.
    options : dict
        Parameters of the stack of one member.

    Returns
    -------
    out_of_fold : OutOfFold
        The fitted estimator with its out-of-fold predictions.
    """
    # This comes first, because it fails early if the estimator does not take such labels.
    fitted = fit_estimator(estimator, samples, y, groups, routed, fit_params)
    if isinstance(fitted, GroupStackingClassifier):
        return OutOfFold(fitted, fitted, fitted.out_of_fold_)
    stack = GroupStackingClassifier([("estimator", estimator)], **options)
    stack.fit(samples, y, groups=groups, **fit_params)
    return OutOfFold(fitted, stack, np.exp(stack.member_log_proba_[0]))


def read_out_of_fold(frozen, samples, y, groups):
    """Take the predictions of a fitted stack in a FrozenEstimator as they are.

    Raises a ValueError if it is another estimator, was fitted to other labels, or `groups` are
    given.
    """
    check_is_fitted(frozen)
    stack = frozen.estimator
    if not isinstance(stack, GroupStackingClassifier):
        raise ValueError(
            f"The frozen estimator is a {type(stack).__name__}, which has seen every family and "
            "cannot be fitted without some of them. Pass the estimator without FrozenEstimator, "
            "or freeze a fitted GroupStackingClassifier, which has out-of-fold predictions"
        )
    _, codes = check_targets(np.empty((count_samples(samples), 0)), y)
    if not np.array_equal(codes, stack.codes_):
        raise ValueError(
            f"The frozen stack was fitted to {len(stack.codes_)} samples, but fit got {len(codes)} "
            "samples or other labels. Pass the training data of the stack in the same order"
        )
    if groups is not None:
        raise ValueError(
            "groups are given, but the frozen stack has the groups of its own fit. Do not pass "
            "groups"
        )
    return OutOfFold(stack, stack, stack.out_of_fold_)


def is_frozen(estimator):
    """Whether an estimator is already fitted and keeps its state."""
    return isinstance(estimator, FrozenEstimator)
