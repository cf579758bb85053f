"""A classifier and data so small that a fit takes a blink of an eye."""

import numpy as np
from skorch.callbacks import Callback

from sklearn_protlstm import ProtLSTMClassifier

HOSTS = np.array(["bird", "human", "pig"])


def tiny_classifier(**params):
    small = {
        "hidden_size": 5,
        "embedding_dim": 4,
        "batch_size": 16,
        "max_epochs": 3,
        "lr": 0.03,
        "device": "cpu",
        "random_state": 0,
    }
    return ProtLSTMClassifier(**{**small, **params})


def labelled_rows(n_samples=60, n_classes=3, seed=0):
    """Token matrix of lengths 6 to 12, all rows distinct; the first residue tells the class."""
    rng = np.random.RandomState(seed)
    tokens = rng.randint(2, 8, size=(n_samples, 12))
    lengths = rng.randint(6, 13, size=n_samples)
    X = np.where(np.arange(12) < lengths[:, np.newaxis], tokens, 0).astype(np.uint8)
    assert len(np.unique(X, axis=0)) == n_samples
    return X, HOSTS[X[:, 0] % n_classes]


def weights_of(classifier):
    """Copies of all learned weights by name."""
    state = classifier.net_.module_.state_dict()
    return {name: value.cpu().numpy().copy() for name, value in state.items()}


def assert_same_bits(one, other, X):
    """Two fitted classifiers are equal to the last bit, in weights and in answers."""
    left, right = weights_of(one), weights_of(other)
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def callback_of(classifier, name):
    """The fitted classifier's own copy of a callback."""
    return dict(classifier.net_.callbacks_)[name]


class StopAt(Callback):
    """Raise an exception in the middle of an epoch."""

    def __init__(self, error, epoch=2):
        self.error = error
        self.epoch = epoch

    def on_batch_end(self, net, training=False, **kwargs):
        if training and len(net.history) == self.epoch:
            raise self.error


class Recorder(Callback):
    """Keep what skorch told: learning rates, and the parts of the data."""

    def initialize(self):
        self.rates = []
        self.n_rows = []
        return self

    def on_batch_begin(self, net, training=False, **kwargs):
        if training:
            self.rates.append(net.optimizer_.param_groups[0]["lr"])

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        self.lengths = dataset_train.X["lengths"]
        self.valid_lengths = None if dataset_valid is None else dataset_valid.X["lengths"]
        if dataset_valid is not None:
            self.valid_tokens = [row.tobytes() for row in dataset_valid.X["tokens"]]
        self.n_rows.append((len(dataset_train), 0 if dataset_valid is None else len(dataset_valid)))
