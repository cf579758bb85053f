"""Classifiers of scikit-learn that also learn any number of labels for each sequence.

They keep the names of their parents, because they are the same models: with one class for each
sequence, everything comes from the parent.
"""

import numpy as np
from sklearn import dummy, ensemble, linear_model
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._labels.accuracy import subset_accuracy
from sklearn_protlstm._labels.classes import check_targets
from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm._labels.matrix import UNKNOWN
from sklearn_protlstm._meta_estimators import (
    as_samples,
    copy_attributes,
    count_samples,
    forget_fitted,
)
from sklearn_protlstm._validation import check_weights, safe_indexing

__all__ = ["DummyClassifier", "ExtraTreesClassifier", "LabelwiseMixin", "LogisticRegression"]

# Keeps probabilities above 0 and below 1, so that their log-odds are finite.
_MARGIN = np.finfo(np.float64).eps


class LabelwiseMixin:
    """Fits one clone of the parent class for each label, on the sequences whose label is known.

    A subclass names its parent in ``_parent``. With a label matrix or label lists, it has these
    attributes instead of those of the parent.

    Attributes
    ----------
    estimators_ : list of estimator
        The fitted clones, one for each label. Their classes are 0 and 1.
    classes_ : ndarray of shape (n_classes,)
        The labels.
    multilabel_ : bool
        True. It is False if `y` has one class for each sequence.
    """

    def fit(self, X, y, sample_weight=None):
        """Fit the parent to classes, or one clone of it to each label.

        Parameters
        ----------
        X : list of str or matrix of shape (n_samples, n_features)
            What the parent takes.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), or list of label collections
            Classes, a label matrix or label lists.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Sample weights.

        Returns
        -------
        self : estimator
            The fitted classifier.

        Raises
        ------
        ValueError
            If no sequence has a label, or every sequence has it; or as in the parent.
        """
        multilabel = is_multilabel(y)
        if multilabel or self._is_multilabel():
            forget_fitted(self)
        if multilabel:
            self._fit_labels(as_samples(X), y, sample_weight)
        else:
            super().fit(X, y, sample_weight)
        self.multilabel_ = multilabel
        return self

    def predict(self, X):
        """Predict classes, or an indicator matrix of shape (n_samples, n_classes)."""
        if not self._is_multilabel():
            return super().predict(X)
        return self._predict_labels("predict", X).astype(np.int64)

    def predict_proba(self, X):
        """Predict probabilities, shape (n_samples, n_classes). Those of labels do not sum to 1."""
        if not self._is_multilabel():
            return super().predict_proba(X)
        return self._predict_labels("predict_proba", X).clip(_MARGIN, 1 - _MARGIN)

    def predict_log_proba(self, X):
        """Predict the logarithms of the probabilities."""
        if not self._is_multilabel():
            return super().predict_log_proba(X)
        return np.log(self.predict_proba(X))

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy; with labels, the subset accuracy of those that are known."""
        if not self._is_multilabel():
            return super().score(X, y, sample_weight)
        return subset_accuracy(self.predict(X), y, self.classes_, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _is_multilabel(self):
        return getattr(self, "multilabel_", False)

    def _fit_labels(self, samples, y, sample_weight):
        rows = np.empty((count_samples(samples), 0))
        self.classes_, codes = check_targets(rows, y)
        weights = None if sample_weight is None else check_weights(sample_weight, rows)
        self.estimators_ = [self._fit_label(samples, column, weights) for column in codes.T]
        copy_attributes(self.estimators_[0], self, "n_features_in_", "feature_names_in_")

    def _fit_label(self, samples, codes, weights):
        known = np.flatnonzero(codes != UNKNOWN)
        return self._parent(**self.get_params()).fit(
            safe_indexing(samples, known),
            codes[known].astype(np.int64),
            sample_weight=None if weights is None else weights[known],
        )

    def _predict_labels(self, method, X):
        """Join what a method of the clones predicts for each label."""
        check_is_fitted(self)
        samples = as_samples(X)
        predictions = [getattr(estimator, method)(samples) for estimator in self.estimators_]
        # Of two probabilities, the second is that of the label.
        return np.column_stack([np.c_[prediction][:, -1] for prediction in predictions])


class LogisticRegression(LabelwiseMixin, linear_model.LogisticRegression):
    """Logistic regression, one for each label if there are any number of them."""

    _parent = linear_model.LogisticRegression

    def decision_function(self, X):
        """Compute the logits: one for each sequence of two classes, otherwise one per class."""
        if not self._is_multilabel():
            return super().decision_function(X)
        return self._predict_labels("decision_function", X)


class ExtraTreesClassifier(LabelwiseMixin, ensemble.ExtraTreesClassifier):
    """Extremely randomized trees, one forest for each label if there are any number of them."""

    _parent = ensemble.ExtraTreesClassifier


class DummyClassifier(LabelwiseMixin, dummy.DummyClassifier):
    """Predicts without the sequences, each label by itself if there are any number of them."""

    _parent = dummy.DummyClassifier
