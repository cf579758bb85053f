"""What fitted models say about labels, in the form that each of them has."""

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

__all__ = ["label_probabilities", "predicts_multilabel"]


def predicts_multilabel(model):
    """Return whether a fitted model of this package predicts any number of labels.

    It looks into pipelines, searches and frozen estimators.
    """
    while not hasattr(model, "multilabel_"):
        if isinstance(model, Pipeline):
            inner = model.steps[-1][1]
        else:
            # The parameter `estimator` of others than these may have been fitted to something else.
            name = "estimator" if isinstance(model, FrozenEstimator) else "best_estimator_"
            inner = getattr(model, name, None)
        if inner is None:
            return False
        model = inner
    return bool(model.multilabel_)


def label_probabilities(model, X):
    """Predict the probability of each label.

    Parameters
    ----------
    model : estimator
        Fitted to a label matrix. Forests of scikit-learn give a list of matrices, one for each
        label, with the probability of 1 in the last column; others give one matrix.
    X : sequences or matrix
        What the model takes.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        Probability that a sequence has the label.
    """
    given = model.predict_proba(X)
    if not isinstance(given, list):
        return np.asarray(given)
    return np.column_stack([matrix[:, 1] for matrix in given])
