"""Small data and fast models for comparisons."""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiny_models import HOSTS

from sklearn_protlstm import KmerVectorizer, compare_models


def make_sequences(n_samples=60, seed=0):
    """Make proteins with one A, one C and one D each. The N-terminal residue decides the host."""
    rng = np.random.RandomState(seed)
    codes = np.arange(n_samples) % 3
    sequences = []
    for code in codes:
        first = "ACD"[code]
        rest = [*"ACD".replace(first, ""), *rng.choice([*"EFGHIK"], rng.randint(4, 9))]
        sequences.append(first + "".join(rng.permutation(rest)))
    return sequences, HOSTS[codes]


def first_residue(sequences):
    return np.array([[sequence[0] == residue for residue in "ACDEFGHIK"] for sequence in sequences])


def position_model():
    return make_pipeline(FunctionTransformer(first_residue), LogisticRegression())


def composition_model():
    return make_pipeline(KmerVectorizer(k=1), LogisticRegression())


X, Y = make_sequences()
GROUPS = np.arange(60) // 4
MODELS = {
    "position": position_model(),
    "composition": composition_model(),
    # The boosting of the real length baseline would take most of the time.
    "length only": DummyClassifier(),
}

# All six scores together take longer than a training here.
compare_accuracy = partial(compare_models, scoring="accuracy")


class FailingClassifier(ClassifierMixin, BaseEstimator):
    """Raise an error in fit or predict, starting with the n-th fit of the class."""

    n_fits = 0

    def __init__(self, error=None, when="fit", start=1):
        self.error = error
        self.when = when
        self.start = start

    def fit(self, X, y):
        type(self).n_fits += 1
        self._raise_if_due("fit")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        self._raise_if_due("predict")
        return np.repeat(self.classes_[0], len(X))

    def _raise_if_due(self, method):
        if self.when == method and type(self).n_fits >= self.start:
            raise self.error
