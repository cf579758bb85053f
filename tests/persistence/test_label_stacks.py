"""A file keeps models around models of labels, and the parts of such a model fit each other."""

import numpy as np
import pytest
from model_files import change
from saved_models import HOSTS, SEQUENCES, load_bytes
from scikit_learn_models import fitted_model
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from tiny_models import tiny_classifier

from sklearn_protlstm import (
    GroupStackingClassifier,
    SequenceEncoder,
    make_kmer_baseline,
    make_majority_baseline,
    save_model,
)
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold
from sklearn_protlstm.thresholds import LabelThresholdClassifier

LABELS = [["human", "pig"], ["bird"], [], ["pig"]] * 3


@pytest.fixture(scope="module")
def stack():
    lstm = make_pipeline(SequenceEncoder(max_length=12), tiny_classifier(max_epochs=1))
    model = GroupStackingClassifier(
        [("kmers", make_kmer_baseline(k=1)), ("none", "drop"), ("lstm", lstm)],
        cv=MultilabelStratifiedGroupKFold(2),
        random_state=0,
    )
    return model.fit(SEQUENCES, LABELS, groups=np.arange(12))


@pytest.fixture(scope="module")
def content(stack, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "labels.model"
    save_model(stack, path)
    return path.read_bytes()


def test_stack_of_labels_is_kept(stack, save_and_load):
    loaded = save_and_load(stack)
    assert vars(loaded).keys() == vars(stack).keys()
    assert loaded.classes_.tolist() == ["bird", "human", "pig"]
    assert loaded.multilabel_ is True
    assert loaded.codes_.dtype == np.uint8
    np.testing.assert_array_equal(loaded.codes_, stack.codes_)
    np.testing.assert_array_equal(loaded.predict(SEQUENCES), stack.predict(SEQUENCES))
    np.testing.assert_array_equal(loaded.predict_proba(SEQUENCES), stack.predict_proba(SEQUENCES))
    assert loaded.frame().equals(stack.frame())
    assert type(loaded.cv) is MultilabelStratifiedGroupKFold
    assert loaded.cv.n_splits == 2


def test_stack_of_classes_has_no_labels(save_and_load):
    model = GroupStackingClassifier(
        [("prior", make_majority_baseline())], cv=StratifiedKFold(2), random_state=0
    )
    loaded = save_and_load(model.fit(SEQUENCES, HOSTS))
    assert loaded.multilabel_ is False


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        (["multilabel_"], False, "codes_ of GroupStackingClassifier is uint8, expected an array"),
        (["multilabel_"], ..., "codes_ of GroupStackingClassifier is uint8, expected an array"),
        (
            ["doubt_"],
            0.5,
            "doubt_ of GroupStackingClassifier is 0.5, expected a number ",
        ),
        (["classes_", "values"], ["bird", "human"], r"codes_ .* has shape \(12, 3\), expected .*2"),
        (["estimators_", 1, 0, "steps", 1, 1, "learned", "multilabel"], ..., "a model of labels "),
    ],
    ids=str,
)
def test_descriptions_are_checked(place, value, shown, content, path):
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(content, ["model", "learned", *place], value))


def test_old_stack_without_the_attribute_predicts_classes(path):
    save_model(fitted_model("stacking of groups"), path)
    content = change(path.read_bytes(), ["model", "learned", "multilabel_"], ...)
    loaded = load_bytes(path, content)
    assert loaded.multilabel_ is False
    expected = fitted_model("stacking of groups").predict(SEQUENCES)
    np.testing.assert_array_equal(loaded.predict(SEQUENCES), expected)


def spoil_codes(model):
    model.codes_ = model.codes_ + np.uint8(2)


def spoil_order(model):
    model.estimators_[0][1][-1].classes_ = np.array([1, 0, 2])


def spoil_kind(model):
    model.estimators_[0][0] = make_kmer_baseline(k=1).fit(SEQUENCES, ["a", "b", "c"] * 4)


@pytest.mark.parametrize(
    ("spoil", "shown"),
    [
        (spoil_codes, "codes_ has other numbers than 0, 1 and 2"),
        (spoil_order, "a member has other classes than the model"),
        (spoil_kind, "a model of labels contains a model of classes"),
    ],
)
def test_values_are_checked(spoil, shown, content, path):
    model = load_bytes(path, content)
    spoil(model)
    # save_model reads the content back as load_model does.
    with pytest.raises(UnsavableModelError, match=shown):
        save_model(model, path)


# Thresholds.


def fitted_thresholds(y=LABELS):
    folds = MultilabelStratifiedGroupKFold(2)
    model = LabelThresholdClassifier(make_kmer_baseline(k=1), cv=folds, random_state=0)
    return model.fit(SEQUENCES, y, groups=np.arange(12))


@pytest.fixture(scope="module")
def thresholds_content(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "thresholds.model"
    save_model(fitted_thresholds(), path)
    return path.read_bytes()


def assert_same_thresholds(one, other):
    assert vars(one).keys() == vars(other).keys()
    np.testing.assert_array_equal(one.thresholds_, other.thresholds_)
    np.testing.assert_array_equal(one.predict(SEQUENCES), other.predict(SEQUENCES))
    np.testing.assert_array_equal(one.predict_proba(SEQUENCES), other.predict_proba(SEQUENCES))
    assert one.frame().equals(other.frame())


def test_thresholds_are_kept(save_and_load):
    model = fitted_thresholds()
    assert_same_thresholds(save_and_load(model), model)


def test_thresholds_of_a_frozen_stack_are_kept(stack, save_and_load):
    model = LabelThresholdClassifier(FrozenEstimator(stack)).fit(SEQUENCES, LABELS)
    assert_same_thresholds(save_and_load(model), model)


def test_infinite_threshold_is_kept(thresholds_content, path, save_and_load):
    model = load_bytes(path, thresholds_content)
    model.thresholds_ = np.array([0.5, np.inf, 1.0])
    loaded = save_and_load(model)
    assert_same_thresholds(loaded, model)
    assert not loaded.predict(SEQUENCES)[:, 1].any()


def test_classifier_of_classes_has_no_thresholds(save_and_load):
    model = fitted_thresholds(y=HOSTS)
    loaded = save_and_load(model)
    assert vars(loaded).keys() == vars(model).keys()
    np.testing.assert_array_equal(loaded.predict(SEQUENCES), model.predict(SEQUENCES))


def lower_thresholds(model):
    model.thresholds_ = model.thresholds_ - 1


def raise_thresholds(model):
    model.thresholds_ = model.thresholds_ + 1


def remove_thresholds(model):
    model.thresholds_ = np.full(3, np.nan)


def shorten_thresholds(model):
    model.thresholds_ = model.thresholds_[:2]


def spoil_probabilities(model):
    model.out_of_fold_ = model.out_of_fold_ + 1


def spoil_estimator(model):
    model.estimator_ = make_kmer_baseline(k=1).fit(SEQUENCES, [["a"], ["b"], ["c"]] * 4)


def spoil_method(model):
    model.estimator_ = SequenceEncoder().fit(SEQUENCES)


def spoil_labels(model):
    model.estimator_ = make_kmer_baseline(k=1).fit(SEQUENCES, HOSTS)


@pytest.mark.parametrize(
    ("spoil", "shown"),
    [
        (lower_thresholds, "thresholds_ has values that are not probabilities"),
        (raise_thresholds, "thresholds_ has values that are not probabilities"),
        (remove_thresholds, "thresholds_ of LabelThresholdClassifier has values that are NaN"),
        (shorten_thresholds, r"thresholds_ .* has shape \(2,\), expected \(3\)"),
        (spoil_codes, "codes_ has other numbers than 0, 1 and 2"),
        (spoil_probabilities, "out_of_fold_ has values that are not probabilities"),
        (spoil_estimator, "two parts of the model have different classes"),
        (spoil_method, "a model of labels contains a model of classes"),
        (spoil_labels, "a model of labels contains a model of classes"),
    ],
)
def test_thresholds_are_checked(spoil, shown, thresholds_content, path):
    model = load_bytes(path, thresholds_content)
    spoil(model)
    with pytest.raises(UnsavableModelError, match=shown):
        save_model(model, path)


# Models of scikit-learn.


@pytest.mark.parametrize("name", ["voting", "stacking", "one calibrator"])
def test_models_of_scikit_learn_have_no_parts_with_labels(name, path):
    save_model(fitted_model(name), path)
    parts = {
        "voting": ["estimators_", 1],
        "stacking": ["estimators_", 1],
        "one calibrator": ["calibrated_classifiers_", 0, "learned", "estimator"],
    }
    place = ["model", "learned", *parts[name], "steps", 1, 1, "learned", "multilabel"]
    with pytest.raises(
        InvalidModelContentError, match="a model of classes contains a model of labels"
    ):
        load_bytes(path, change(path.read_bytes(), place, True))
