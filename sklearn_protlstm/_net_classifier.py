"""What a classifier predicts with its trained net: logits, probabilities, classes and labels."""

from copy import copy

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._labels.accuracy import subset_accuracy
from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm._training.devices import resolve_device
from sklearn_protlstm._training.run import predict_net
from sklearn_protlstm._training.windows import choose_sizes
from sklearn_protlstm._validation import check_tokens

__all__ = ["NetClassifierMixin"]


class NetClassifierMixin(ClassifierMixin):
    """Predict with ``net_``, ``classes_``, ``multilabel_`` and ``vocabulary_``.

    Each method works on a copy, which keeps its attributes when another thread fits.
    """

    def predict_proba(self, X):
        """Predict the probability of each class or label.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix of the width seen in ``fit``.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), dtype float32
            Columns in the order of ``classes_``. Those of classes have a sum of 1 in each row,
            those of labels are independent. They are not calibrated; see
            :class:`sklearn.calibration.CalibratedClassifierCV`.
        """
        fitted = copy(self)
        logits = fitted._logits(X)
        return expit(logits) if fitted.multilabel_ else softmax(logits, axis=1)

    def predict(self, X):
        """Predict the most probable class of each sequence, or its labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix of the width seen in ``fit``.

        Returns
        -------
        y : ndarray of shape (n_samples,), or (n_samples, n_classes) with dtype int64
            Classes; or 1 for each label that is more probable than not.
        """
        fitted = copy(self)
        logits = fitted._logits(X)
        if fitted.multilabel_:
            return (logits > 0).astype(np.int64)
        return fitted.classes_[logits.argmax(axis=1)]

    def decision_function(self, X):
        """Compute the logits.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix of the width seen in ``fit``.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes), dtype float32
            In the order of ``classes_``. With two classes: the log-odds of ``classes_[1]``. With
            labels: the log-odds of each label.
        """
        fitted = copy(self)
        logits = fitted._logits(X)
        if not fitted.multilabel_ and logits.shape[1] == 2:
            return logits[:, 1] - logits[:, 0]
        return logits

    def score(self, X, y, sample_weight=None):
        """Compute the share of sequences whose class, or whose labels, are all predicted right.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix of the width seen in ``fit``.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), or list of label collections
            As for ``fit``. Labels that are NaN do not count.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Non-negative weights.

        Returns
        -------
        score : float
            Accuracy; for labels, subset accuracy.
        """
        fitted = copy(self)
        check_is_fitted(fitted, "net_")
        if not fitted.multilabel_:
            if is_multilabel(y):
                raise ValueError(
                    "The classifier has learned one class for each sequence, but y has any number "
                    "of labels. Pass a one-dimensional y"
                )
            return super().score(X, y, sample_weight)
        return subset_accuracy(fitted.predict(X), y, fitted.classes_, sample_weight)

    def __sklearn_tags__(self):
        """Declare that a sequence may have several labels."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _logits(self, X):
        check_is_fitted(self, "net_")
        tokens = check_tokens(self, X, reset=False)
        return predict_net(
            self.net_,
            tokens,
            self.vocabulary_,
            resolve_device(self.device),
            self._window_sizes(),
            multilabel=self.multilabel_,
        )

    def _window_sizes(self):
        return choose_sizes(self.window, self.window_step)
