"""Fit a classifier of labels, and predict its training samples as members of unseen families."""

from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, clone

from sklearn_protlstm._frozen_stack import read_frozen_stack
from sklearn_protlstm._labels.classes import check_targets
from sklearn_protlstm._labels.matrix import encode_label_matrix
from sklearn_protlstm._labels.models import predicts_multilabel
from sklearn_protlstm._meta_estimators import count_samples, is_frozen
from sklearn_protlstm.stacking import GroupStackingClassifier

__all__ = ["OutOfFold", "fit_estimator", "fit_out_of_fold", "read_out_of_fold"]


class OutOfFold(NamedTuple):
    """A fitted classifier, the stack that has the labels, and out-of-fold probabilities."""

    estimator: BaseEstimator
    stack: GroupStackingClassifier
    probabilities: np.ndarray


def fit_estimator(estimator, samples, y, groups, routed, fit_params):
    """Fit a clone of an estimator to one class for each sample. The arguments are as below."""
    if is_frozen(estimator) and predicts_multilabel(estimator):
        raise ValueError(
            "The frozen estimator predicts any number of labels for each sequence, but y has one "
            "class for each. Pass the label matrix or label lists that it was fitted to"
        )
    return _fit(estimator, samples, y, groups, routed, fit_params)


def _fit(estimator, samples, y, groups, routed, fit_params):
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
    fitted = _fit(estimator, samples, y, groups, routed, fit_params)
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
    rows = np.empty((count_samples(samples), 0))
    _, codes = check_targets(rows, y)
    fitted = frozen.estimator
    if getattr(fitted, "multilabel_", False) and len(fitted.classes_) == codes.shape[1]:
        # The columns of a data frame may come in another order, or have other names.
        _, codes = encode_label_matrix(rows, y, fitted.classes_)
    stack = read_frozen_stack(frozen, codes, groups)
    return OutOfFold(stack, stack, stack.out_of_fold_)
