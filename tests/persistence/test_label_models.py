"""A file keeps models that predict any number of labels, and its labels must fit its outputs."""

import numpy as np
import pandas as pd
import pytest
from model_files import change
from saved_models import HOSTS, SEQUENCES, assert_same_parameters, load_bytes, with_types
from sklearn.pipeline import make_pipeline
from tiny_models import assert_same_bits, labelled_rows, tiny_classifier

from sklearn_protlstm import (
    SequenceEncoder,
    make_kmer_baseline,
    make_length_baseline,
    make_majority_baseline,
    make_property_baseline,
    save_model,
)
from sklearn_protlstm._labels.matrix import UNKNOWN
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError

LABELS = [["human", "pig"], ["bird"], [], ["pig"]] * 3
BASELINES = {
    "kmers": make_kmer_baseline,
    "length": make_length_baseline,
    "majority": make_majority_baseline,
    "properties": make_property_baseline,
}


def known_labels(n_samples):
    """A matrix of three labels with an unknown entry."""
    y = (np.arange(n_samples)[:, np.newaxis] // [1, 2, 3] % 2).astype(float)
    y[0, 0] = np.nan
    return y


# The network.


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"window": 4, "pooling": "light_attention"},
        {"class_weight": "balanced", "early_stopping": True, "validation_fraction": 0.3},
        {"class_weight": {0: 2, 1: 0.5, 2: 1}, "num_layers": 2},
    ],
    ids=str,
)
def test_network_keeps_weights_and_labels(params, save_and_load):
    X, _ = labelled_rows()
    model = tiny_classifier(**params).fit(X, known_labels(len(X)))
    loaded = save_and_load(model)
    assert loaded.multilabel_ is True
    assert_same_bits(model, loaded, X)
    assert_same_parameters(model, loaded)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.predict(X).shape == (60, 3)
    np.testing.assert_array_equal(loaded.decision_function(X), model.decision_function(X))


@pytest.mark.parametrize(
    "y",
    [
        LABELS,
        pd.DataFrame(known_labels(12), columns=["sea", "soil", "air"]),
        known_labels(12),
    ],
    ids=["label lists", "named columns", "numbered columns"],
)
def test_labels_keep_their_names(y, save_and_load):
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1)).fit(SEQUENCES, y)
    loaded = save_and_load(model)
    assert with_types(loaded.classes_) == with_types(model.classes_)
    np.testing.assert_array_equal(loaded.predict_proba(SEQUENCES), model.predict_proba(SEQUENCES))


def test_loaded_network_learns_from_labels(save_and_load):
    X, _ = labelled_rows()
    y = known_labels(len(X))
    loaded = save_and_load(tiny_classifier(class_weight={0: 2, 1: 0.5, 2: 1}).fit(X, y))
    before = loaded.predict_proba(X)
    loaded.partial_fit(X, y)
    factors = loaded.net_.criterion_.weights.numpy()
    assert factors.tolist() == [[1, 2, 0], [1, 0.5, 0], [1, 1, 0]]
    assert UNKNOWN == 2
    assert loaded.n_iter_ == 4
    assert not np.allclose(loaded.predict_proba(X), before)
    with pytest.raises(ValueError, match="y has one class for each sequence, but it had any"):
        loaded.partial_fit(X, y[:, 1])


def test_network_of_classes_has_no_labels(save_and_load):
    X, y = labelled_rows()
    assert save_and_load(tiny_classifier(max_epochs=1).fit(X, y)).multilabel_ is False


# Baselines.


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_of_labels_is_kept(name, save_and_load):
    model = BASELINES[name]().fit(SEQUENCES, LABELS)
    loaded = save_and_load(model)
    np.testing.assert_array_equal(loaded.predict_proba(SEQUENCES), model.predict_proba(SEQUENCES))
    np.testing.assert_array_equal(loaded.predict(SEQUENCES), model.predict(SEQUENCES))
    one, other = (each[-1] if hasattr(each, "steps") else each for each in (model, loaded))
    assert type(other) is type(one)
    assert_same_parameters(one, other)
    assert other.classes_.tolist() == ["bird", "human", "pig"]
    assert [type(each) for each in other.estimators_] == [type(each) for each in one.estimators_]


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_of_classes_can_learn_labels_after_loading(name, save_and_load):
    model = BASELINES[name]().fit(SEQUENCES, HOSTS)
    loaded = save_and_load(model)
    np.testing.assert_array_equal(loaded.predict(SEQUENCES), model.predict(SEQUENCES))
    one, other = (each[-1] if hasattr(each, "steps") else each for each in (model, loaded))
    assert type(other) is type(one)
    assert other.multilabel_ is False
    assert loaded.fit(SEQUENCES, LABELS).predict(SEQUENCES).shape == (12, 3)


@pytest.mark.parametrize("y", [LABELS, HOSTS], ids=["labels", "classes"])
def test_attributes_that_a_file_does_not_know_raise(y, save_and_load):
    model = make_kmer_baseline().fit(SEQUENCES, y)
    model[-1].new_ = 1
    with pytest.raises(UnsavableModelError, match="LogisticRegression has the attribute 'new_'"):
        save_and_load(model)


# Hostile files.


@pytest.fixture(scope="module")
def content_of(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "labels.model"

    def content_of(model, y=LABELS):
        save_model(model.fit(SEQUENCES, y), path)
        return path.read_bytes()

    return content_of


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        (["multilabel"], 1, "'multilabel' is 1, expected type bool"),
        (["multilabel"], None, "'multilabel' is None, expected type bool"),
        (
            ["classes", "values"],
            ["bird", "human"],
            r"\(3, 30\), but .* require \(2, 30\)",
        ),
        (["classes", "values"], ["bird", "human", "human"], "are not distinct values"),
    ],
    ids=str,
)
def test_labels_of_a_network_are_checked(place, value, shown, content_of, path):
    content = content_of(make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1)))
    place = ["model", "steps", 1, 1, "learned", *place]
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(content, place, value))


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        (["classes_", "values"], ["bird", "human"], "there are 3 classifiers for 2 labels"),
        (["estimators_"], [], r"estimators_ of LogisticRegression is \[\], expected a list"),
        (
            ["estimators_", 0, "class"],
            "LabelwiseLogisticRegression",
            "is of class LabelwiseLogisticRegression, expected LogisticRegression",
        ),
        (["estimators_", 0, "class"], "LinearSVC", "is of class LinearSVC, expected Logistic"),
        (
            ["estimators_", 0, "learned", "classes_", "values"],
            [1, 0],
            r"the classifier of a label has the classes \[1, 0\], expected \[0, 1\]",
        ),
        (["n_features_in_"], 2, "the classifier of a label has n_features_in_=15, expected 2"),
        (["n_features_in_"], ..., "the classifier of a label has n_features_in_=15, expected None"),
        (["multilabel_"], False, "has no fitted attribute 'estimators_'"),
        (["multilabel_"], ..., "has no fitted attribute 'estimators_'"),
        (["multilabel_"], 1, "has no fitted attribute 'estimators_'"),
        (["coef_"], 1, "has no fitted attribute 'coef_'"),
    ],
    ids=str,
)
def test_classifiers_of_labels_are_checked(place, value, shown, content_of, path):
    content = content_of(make_kmer_baseline(k=1))
    place = ["model", "steps", 2, 1, "learned", *place]
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(content, place, value))


def test_number_of_classes_of_a_forest_is_checked(content_of, path):
    content = content_of(make_length_baseline())
    place = ["model", "steps", 1, 1, "learned", "estimators_", 0, "learned", "classes_", "values"]
    with pytest.raises(InvalidModelContentError, match="n_classes_ is 2, but there are 3 classes"):
        load_bytes(path, change(content, place, [0, 1, 2]))


def test_classes_cannot_become_labels(content_of, path):
    content = content_of(make_kmer_baseline(k=1), HOSTS)
    place = ["model", "steps", 2, 1, "learned", "multilabel_"]
    with pytest.raises(InvalidModelContentError, match="has no fitted attribute 'coef_'"):
        load_bytes(path, change(content, place, True))
