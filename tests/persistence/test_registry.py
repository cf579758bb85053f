"""A class is added to model files with one entry: its parameters and a field per attribute."""

import inspect

import numpy as np
import pytest
from model_files import change
from saved_models import HOSTS, SEQUENCES, load_bytes
from scikit_learn_models import lstm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import LabelEncoder

from sklearn_protlstm import make_kmer_baseline, save_model
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._consistency import is_fitted
from sklearn_protlstm.persistence._fields import FLOATS, Array, Each, Labels, Nested, Optional, Text
from sklearn_protlstm.persistence._registry import REGISTRY, Entry


class FoldAverage(ClassifierMixin, BaseEstimator):
    """Average over members that were fitted on different folds."""

    def __init__(self, estimators=None, rule="mean"):
        self.estimators = estimators
        self.rule = rule

    def fit(self, X, y):
        self.encoder_ = LabelEncoder().fit(y)
        self.classes_ = self.encoder_.classes_
        self.members_ = [[estimator.fit(X, y)] * 2 for _, estimator in self.estimators]
        self.weights_ = np.full(len(self.members_), 1 / len(self.members_))
        self.rule_ = self.rule
        return self

    def predict_proba(self, X):
        means = [np.mean([one.predict_proba(X) for one in some], axis=0) for some in self.members_]
        return np.tensordot(self.weights_, means, axes=1)


def check_members(model):
    if len(model.members_) != len(model.estimators):
        raise InvalidModelContentError("the members do not match the estimators")


ENTRY = Entry(
    __name__,
    {
        "encoder_": Nested(("LabelEncoder",)),
        "classes_": Labels(),
        "members_": Each(Each(Nested())),
        "weights_": Array(FLOATS, (None,)),
        "rule_": Text(("mean", "max")),
        "note_": Optional(Text(("x",))),
    },
    finish=check_members,
    named="estimators",
)


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setitem(REGISTRY, "FoldAverage", ENTRY)
    pairs = [("lstm", lstm()), ("kmers", make_kmer_baseline())]
    return FoldAverage(pairs).fit(SEQUENCES, HOSTS)


def test_new_class_is_restored(model, save_and_load):
    loaded = save_and_load(model)
    np.testing.assert_array_equal(loaded.predict_proba(SEQUENCES), model.predict_proba(SEQUENCES))
    assert vars(loaded).keys() == vars(model).keys()


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        (["learned", "members_"], 3, "members_ is 3, expected a list"),
        (["learned", "members_", 0], [3], "is 3, expected an estimator"),
        (["learned", "rule_"], "exec", "rule_ of FoldAverage is 'exec', expected one of mean, max"),
        (["learned", "note_"], "y", "note_ of FoldAverage is 'y', expected one of x"),
        (["learned", "weights_"], [1, 2], r"weights_ is \[1, 2\], expected array or transposed"),
        (["learned", "other_"], 1, "FoldAverage has no fitted attribute 'other_'"),
        (["estimators", 1], ["kmers", "drop"], "is not used|used twice"),
    ],
    ids=str,
)
def test_fields_of_a_new_class_are_checked(place, value, shown, model, path):
    save_model(model, path)
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(path.read_bytes(), ["model", *place], value))


def test_attribute_that_does_not_fit_its_field_raises(model, path):
    model.weights_ = np.array(["a"], dtype=object)
    with pytest.raises(UnsavableModelError, match="weights_ of FoldAverage is object, expected"):
        save_model(model, path)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_entry_names_a_class(name):
    entry = REGISTRY[name]
    kind = entry.load_class(name)
    assert kind.__name__ == (entry.class_name or name)
    assert entry.named is None or entry.named in inspect.signature(kind).parameters


def test_classes_without_fit_are_only_parts():
    for name, entry in REGISTRY.items():
        assert hasattr(entry.load_class(name), "fit") or entry.is_part


def test_is_fitted():
    assert not is_fitted(LabelEncoder())
    assert is_fitted(LabelEncoder().fit(["a"]))
