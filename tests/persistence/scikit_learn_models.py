"""The models that this package builds and recommends, and scikit-learn's ensembles over them."""

from functools import cache

import numpy as np
from saved_models import HOSTS, SEQUENCES
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from sklearn.svm import LinearSVC
from tiny_models import tiny_classifier

from sklearn_protlstm import (
    GroupStackingClassifier,
    KmerVectorizer,
    SequenceEncoder,
    make_kmer_baseline,
    make_length_baseline,
    make_majority_baseline,
    make_property_baseline,
)
from sklearn_protlstm.baselines import SequenceLength

TWO = np.array(HOSTS)
THREE = np.array(["bird", "dog", "human", "bird"] * 3)


def lstm():
    return make_pipeline(SequenceEncoder(max_length=12), tiny_classifier(max_epochs=1))


def pair():
    return [("kmers", make_kmer_baseline()), ("lstm", lstm())]


def unfitted_models():
    """Models and labels by name."""
    folds = StratifiedKFold(2, shuffle=True, random_state=0)
    scaled = make_pipeline(
        KmerVectorizer(),
        MaxAbsScaler(),
        StackingClassifier(
            [("linear", LogisticRegression()), ("svm", LinearSVC())],
            final_estimator=LogisticRegression(),
            cv=2,
            passthrough=True,
        ),
    )
    lengths = make_pipeline(SequenceLength(), StandardScaler(), LogisticRegression())
    lengths[0].set_output(transform="pandas")
    lengths[1].set_output(transform="pandas")
    return {
        "kmers": (make_kmer_baseline(), TWO),
        "kmers, three classes": (make_kmer_baseline(k=2), THREE),
        "length": (make_length_baseline(), THREE),
        "properties": (make_property_baseline(), THREE),
        "majority": (make_majority_baseline(), TWO),
        "constant": (DummyClassifier(strategy="constant", constant="dog"), TWO),
        "sigmoid": (CalibratedClassifierCV(lstm(), cv=folds), THREE),
        "isotonic": (CalibratedClassifierCV(lstm(), cv=2, method="isotonic"), TWO),
        "isotonic kmers": (
            CalibratedClassifierCV(make_kmer_baseline(), cv=2, method="isotonic"),
            THREE,
        ),
        "one calibrator": (CalibratedClassifierCV(lstm(), cv=2, ensemble=False), TWO),
        "frozen": (CalibratedClassifierCV(FrozenEstimator(lstm().fit(SEQUENCES, TWO))), TWO),
        "voting": (
            VotingClassifier([*pair(), ("none", "drop")], voting="soft", weights=[1, 2.5, 0]),
            THREE,
        ),
        "stacking": (
            StackingClassifier([*pair(), ("length", make_length_baseline())], cv=folds),
            TWO,
        ),
        "stacking of stacking": (StackingClassifier([("inner", scaled)], cv=2), TWO),
        "stacking of groups": (
            GroupStackingClassifier([*pair(), ("none", "drop")], cv=folds),
            THREE,
        ),
        "named columns": (lengths, TWO),
    }


@cache
def fitted_model(name):
    """A fitted model. Tests must not change it."""
    model, y = unfitted_models()[name]
    return model.fit(SEQUENCES, y)


def group_stack():
    """A stack whose folds keep groups together, which scikit-learn accepts as pairs of rows."""
    folds = StratifiedGroupKFold(2).split(SEQUENCES, HOSTS, np.arange(12) // 2)
    return StackingClassifier(pair(), cv=list(folds)).fit(SEQUENCES, HOSTS)
