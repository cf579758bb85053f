"""A small fitted pipeline, the places of its steps in a model file, and exact comparisons."""

import numpy as np
from sklearn.pipeline import make_pipeline
from tiny_models import tiny_classifier

from sklearn_protlstm import Alphabet, SequenceEncoder, load_model

SEQUENCES = ["MNTQILVF", "MNTQAKGDKI", "ACDEFGHIKLMN", "MKVLAAGIVG"] * 3
HOSTS = ["human", "dog", "dog", "human"] * 3
POLARITY = Alphabet("polarity", ("AVLIPFWMG", "STCYNQ", "DE", "KRH"), "BJ")

# Keys that lead to the two steps of the pipeline in the description of its file.
ENCODER = ["model", "steps", 0, 1]
CLASSIFIER = ["model", "steps", 1, 1]


def fitted_pipeline(**params):
    return make_pipeline(SequenceEncoder(), tiny_classifier(**params)).fit(SEQUENCES, HOSTS)


def load_bytes(path, content):
    path.write_bytes(content)
    return load_model(path, device="cpu")


def with_types(value):
    """Pair each part of a value with its type: equal results mean equal values and types."""
    if isinstance(value, dict):
        return {with_types(key): with_types(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), tuple(map(with_types, value))
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tolist()
    return type(value), value


def assert_same_parameters(one, other):
    left, right = one.get_params(deep=False), other.get_params(deep=False)
    left.pop("device", None)
    right.pop("device", None)
    assert with_types(left) == with_types(right)
    assert vars(one).keys() == vars(other).keys(), "the file lacks a fitted attribute"
