"""LabelThresholdClassifier: predicts each label from a probability of its own on."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._labels.accuracy import subset_accuracy
from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm._labels.models import label_probabilities
from sklearn_protlstm._meta_estimators import (
    RoutedEstimatorMixin,
    as_samples,
    copy_attributes,
    forget_fitted,
    is_frozen,
    refuse_without_routing,
)
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import HasMethods, Interval, fit_context, join_names
from sklearn_protlstm.thresholds._choice import choose_thresholds, score_thresholds
from sklearn_protlstm.thresholds._out_of_fold import (
    fit_estimator,
    fit_out_of_fold,
    read_out_of_fold,
)

__all__ = ["LabelThresholdClassifier"]

# Fitted attributes that it has from its estimator.
_COPIED = ("classes_", "n_features_in_", "feature_names_in_")


class LabelThresholdClassifier(
    RoutedEstimatorMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Predict each label from a threshold that is chosen on held-out families.

    A classifier of labels predicts those with a probability above 0.5. For a rare label, this is
    often too strict: most sequences that have it stay below. Each label gets the threshold with the
    highest F1, or the lowest one that reaches a precision.

    Parameters
    ----------
    estimator : estimator
        Classifier with ``predict_proba`` that learns any number of labels. It is cloned. A
        :class:`GroupStackingClassifier` brings its own out-of-fold predictions; another classifier
        is fitted `cv` times more. A fitted stack in a :class:`~sklearn.frozen.FrozenEstimator` is
        used without another fit.
    precision : float or None, default=None
        Share of the predicted labels that must be right, above 0 and at most 1. The lowest
        threshold that reaches it is chosen, so that the recall is high. None chooses the threshold
        with the highest F1 instead. Set it if a wrong label costs more than a missing one.
    cv : int, splitter or list of (train, test), default=5
        Folds as in :class:`GroupStackingClassifier`. If `estimator` is a stack, its own `cv` counts
        instead.
    n_jobs : int or None, default=None
        Number of fits to run in parallel. If `estimator` is a stack, its own `n_jobs` counts.
    random_state : int, RandomState instance or None, default=None
        Seeds the folds if `cv` is an int and `estimator` is not a stack.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, in the order of the columns of `y`.
    multilabel_ : bool
        True. It is False if `y` has one class for each sequence.
    estimator_ : estimator
        The fitted classifier.
    thresholds_ : ndarray of shape (n_classes,), dtype float64
        Lowest probability of each label that is predicted. Infinity if the label is never
        predicted, because no threshold reaches `precision`.
    out_of_fold_ : ndarray of shape (n_samples, n_classes), dtype float64
        Probabilities of the training samples from fits without their families.
    codes_ : ndarray of shape (n_samples, n_classes), dtype uint8
        0 if a training sample lacks the label, 1 if it has it, and 2 if that is unknown.
    n_features_in_ : int
        Number of columns of `X`. Only defined if `X` is a matrix.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns of `X`. Only defined if `X` is a data frame with names of type str.

    See Also
    --------
    SelectiveClassifier : Answers "unknown" where it is not sure of the one class of a sequence.
    sklearn.model_selection.TunedThresholdClassifierCV : Tunes the threshold of two classes.

    Notes
    -----
    If `y` has one class for each sequence, there is no threshold to choose. The classifier then
    predicts what `estimator` predicts, and has no attributes `thresholds_`, `out_of_fold_` and
    `codes_`.

    Labels that are unknown do not count. The scores of :meth:`frame` are slightly optimistic, the
    more so the fewer sequences have the label, because the thresholds were chosen for these
    sequences. For an estimate without this effect, pass the classifier to :func:`compare_models`.

    References
    ----------
    Z. C. Lipton, C. Elkan and B. Naryanaswamy. Optimal thresholding of classifiers to maximize F1
    measure. ECML PKDD 2014, 225-239. :doi:`10.1007/978-3-662-44851-9_15`

    Examples
    --------
    >>> from sklearn_protlstm import make_kmer_baseline
    >>> from sklearn_protlstm.thresholds import LabelThresholdClassifier
    >>> sequences = ["AAAC", "AACA", "WWWC", "WCWW", "AAWW", "WAWA"] * 2
    >>> hosts = [["ape"], ["ape"], ["pig"], ["pig"], ["ape", "pig"], ["ape", "pig"]] * 2
    >>> model = LabelThresholdClassifier(make_kmer_baseline(k=1), cv=3, random_state=0)
    >>> model = model.fit(sequences, hosts, groups=range(12))
    >>> model.classes_
    array(['ape', 'pig'], dtype='<U3')
    >>> model.predict(["AAAA", "WWWW", "AWAW"])
    array([[1, 0],
           [0, 1],
           [1, 1]])
    """

    # With metadata routing, a search or a comparison hands the groups on without being asked.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "precision": [Interval(Real, 0, 1, closed="right"), None],
        "cv": [
            Interval(Integral, 2, None, closed="left"),
            HasMethods(["split", "get_n_splits"]),
            list,
            tuple,
        ],
        "n_jobs": [None, Integral],
        "random_state": ["random_state"],
    }

    def __init__(self, estimator, *, precision=None, cv=5, n_jobs=None, random_state=None):
        self.estimator = estimator
        self.precision = precision
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None, **fit_params):
        """Fit the classifier and choose the thresholds.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Proteins, or numeric data for other classifiers.
        y : array-like of shape (n_samples, n_classes) or (n_samples,), or list of label collections
            1 where a sequence has the label, 0 where it does not and NaN where that is unknown; or
            the labels of each sequence, such as ``[["human", "pig"], ["bird"]]``; or classes.
        groups : array-like of shape (n_samples,) or None, default=None
            Protein families. None clusters sequences at 50% identity, as
            :class:`GroupStackingClassifier` does. Each row of a matrix is a family of its own.
        **fit_params : dict
            With metadata routing, arguments for the estimator.

        Returns
        -------
        self : LabelThresholdClassifier
            The fitted classifier.

        Raises
        ------
        TypeError, ValueError
            If the data, the groups, the folds or a parameter is not as described, if a fold cannot
            learn a label, or if a frozen estimator is not a stack that was fitted to these labels.

        Warns
        -----
        UserWarning
            If no threshold of some label reaches the precision.
        """
        forget_fitted(self)
        samples = as_samples(X)
        refuse_without_routing(fit_params, "the estimator")
        routed = self._route_fit(groups, fit_params)
        multilabel = is_multilabel(y)
        if multilabel:
            self._fit_labels(samples, y, groups, routed, fit_params)
            self._warn_of_unpredicted(stacklevel=4)  # the caller, outside of the decorator
        else:
            self.estimator_ = fit_estimator(self.estimator, samples, y, groups, routed, fit_params)
            copy_attributes(self.estimator_, self, *_COPIED)
        self.multilabel_ = multilabel
        return self

    def predict_proba(self, X):
        """Predict the probability of each label.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), dtype float
            Probabilities of `estimator_`, in the order of `classes_`.
        """
        check_is_fitted(self)
        if not self.multilabel_:
            return self.estimator_.predict_proba(X)
        return label_probabilities(self.estimator_, X)

    def predict(self, X):
        """Predict the labels whose probability reaches their threshold.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        y : ndarray of shape (n_samples, n_classes), dtype int64, or (n_samples,)
            1 for each predicted label; or the classes that `estimator_` predicts.
        """
        check_is_fitted(self)
        if not self.multilabel_:
            return self.estimator_.predict(X)
        return (self.predict_proba(X) >= self.thresholds_).astype(np.int64)

    def score(self, X, y, sample_weight=None):
        """Compute the share of samples whose labels are all predicted right.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.
        y : array-like of shape (n_samples, n_classes) or (n_samples,), or list of label collections
            As for `fit`. Labels that are NaN do not count.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Non-negative weights.

        Returns
        -------
        score : float
            Subset accuracy; accuracy if `y` of `fit` had one class for each sequence.
        """
        check_is_fitted(self)
        if not self.multilabel_:
            return super().score(X, y, sample_weight)
        return subset_accuracy(self.predict(X), y, self.classes_, sample_weight)

    def frame(self):
        """Score each label on the families that the classifier has not seen.

        Returns
        -------
        frame : pandas.DataFrame of shape (n_classes, 6)
            The columns are label, threshold, precision, recall, f1 and n_positive (number of
            training sequences with the label). Scores of a label that is never predicted are 0.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `y` of `fit` had one class for each sequence.
        """
        check_is_fitted(self)
        if not self.multilabel_:
            raise ValueError(
                "There are no thresholds, because y of fit had one class for each sequence. Pass a "
                "label matrix or label lists to fit. For two classes, use "
                "sklearn.model_selection.TunedThresholdClassifierCV"
            )
        columns = {
            "label": self.classes_,
            "threshold": self.thresholds_,
            **score_thresholds(self.out_of_fold_, self.codes_, self.thresholds_),
        }
        return make_frame(columns, "LabelThresholdClassifier.frame()")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "multilabel_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator).classifier_tags
        tags.classifier_tags.multi_label = inner is not None and inner.multi_label
        return tags

    def _fit_labels(self, samples, y, groups, routed, fit_params):
        if is_frozen(self.estimator):
            found = read_out_of_fold(self.estimator, samples, y, groups)
        else:
            options = {"cv": self.cv, "n_jobs": self.n_jobs, "random_state": self.random_state}
            found = fit_out_of_fold(self.estimator, samples, y, groups, routed, fit_params, options)
        self.estimator_ = found.estimator
        self.codes_ = found.stack.codes_
        self.out_of_fold_ = found.probabilities
        self.thresholds_ = choose_thresholds(found.probabilities, self.codes_, self.precision)
        copy_attributes(found.stack, self, *_COPIED)

    def _warn_of_unpredicted(self, stacklevel):
        never = self.classes_[np.isinf(self.thresholds_)].tolist()
        if never:
            warnings.warn(
                f"No threshold reaches precision={self.precision:g} on held-out families for the "
                f"label(s) {join_names(map(repr, never))}, so they are never predicted. Ask for a "
                "lower precision, or collect more sequences with these labels",
                stacklevel=stacklevel,
            )
