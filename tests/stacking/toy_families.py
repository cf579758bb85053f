"""Families of similar samples, and classifiers that are easy to see through."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from sklearn_protlstm import GroupStackingClassifier, make_kmer_baseline, make_length_baseline


def make_families(n_families, seed, size=8):
    """Samples near the center of their family, whose first coordinate hints at the class."""
    rng = np.random.RandomState(seed)
    centers = rng.normal(size=(n_families, 5))
    labels = np.where(centers[:, 0] + rng.normal(size=n_families) > 0, "human", "dog")
    families = np.repeat(np.arange(n_families), size)
    X = centers[families] + rng.normal(scale=0.05, size=(len(families), 5))
    return X, labels[families], families


def toy_stack(*estimators, **params):
    """Stack of a tree, which memorizes families, and a linear model."""
    estimators = list(estimators) or [
        ("tree", DecisionTreeClassifier(random_state=0)),
        ("linear", LogisticRegression()),
    ]
    return GroupStackingClassifier(estimators, **{"cv": 4, "random_state": 0, **params})


def sequence_stack(**params):
    members = [("k-mers", make_kmer_baseline(k=1)), ("length", make_length_baseline())]
    return GroupStackingClassifier(members, **{"cv": 3, "random_state": 0, **params})


class Memory(ClassifierMixin, BaseEstimator):
    """Knows the labels of training rows for certain, and guesses those of other rows."""

    def fit(self, X, y):
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.codes_ = dict(zip(map(bytes, X), codes))
        return self

    def predict_proba(self, X):
        known = np.array([self.codes_.get(bytes(row), -1) for row in X])
        columns = known[:, np.newaxis] == np.arange(len(self.classes_))
        return np.where(known[:, np.newaxis] < 0, 1 / len(self.classes_), columns)


class Recorder(LogisticRegression):
    """Remembers the groups and weights that its fit got."""

    def fit(self, X, y, groups=None, sample_weight=None):
        self.groups_, self.sample_weight_ = groups, sample_weight
        return super().fit(X, y, sample_weight)
