"""A fitted stack in a FrozenEstimator, whose out-of-fold predictions serve as they are."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm.stacking import GroupStackingClassifier

__all__ = ["read_frozen_stack"]


def read_frozen_stack(frozen, y, groups):
    """Return the stack, if it was fitted to these labels.

    Parameters
    ----------
    frozen : FrozenEstimator
        Holds a fitted GroupStackingClassifier.
    y : ndarray of shape (n_samples,), or (n_samples, n_classes), dtype uint8
        Classes, or codes of labels, of the training samples of the stack.
    groups : array-like of shape (n_samples,) or None
        Must be None, because the stack has its groups.

    Returns
    -------
    stack : GroupStackingClassifier
        The fitted stack.

    Raises
    ------
    ValueError
        If it is another estimator, was fitted to other labels, or `groups` are given.
    """
    check_is_fitted(frozen)
    stack = frozen.estimator
    if not isinstance(stack, GroupStackingClassifier):
        raise ValueError(
            f"The frozen estimator is a {type(stack).__name__}, which has seen every family and "
            "cannot be fitted without some of them. Pass the estimator without FrozenEstimator, "
            "or freeze a fitted GroupStackingClassifier, which has out-of-fold predictions"
        )
    known = stack.codes_ if stack.codes_.ndim == 2 else stack.classes_[stack.codes_]
    if len(y) != len(known):
        raise ValueError(
            f"The frozen stack was fitted to {len(known)} samples, but fit got {len(y)}. Pass the "
            "training data of the stack in the same order"
        )
    if not np.array_equal(y, known):
        raise ValueError(
            "The frozen stack was fitted to other labels, or to its samples in another order. Pass "
            "the training data of the stack in the same order"
        )
    if groups is not None:
        raise ValueError(
            "groups are given, but the frozen stack has the groups of its own fit. Do not pass "
            "groups"
        )
    return stack
