"""A file keeps the members of a group stack, and what its table and figure show."""

import numpy as np
import pytest
from model_files import change
from saved_models import SEQUENCES, load_bytes
from scikit_learn_models import fitted_model
from sklearn.dummy import DummyClassifier
from tiny_models import labelled_rows

from sklearn_protlstm import GroupStackingClassifier, save_model
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError


def test_table_is_kept(save_and_load):
    model = fitted_model("stacking of groups")
    loaded = save_and_load(model)
    assert loaded.frame().equals(model.frame())
    assert [len(folds) for folds in loaded.estimators_] == [2, 2]
    np.testing.assert_array_equal(loaded.predict_proba(SEQUENCES), model.predict_proba(SEQUENCES))


def test_groups_and_columns_of_a_matrix_are_kept(save_and_load):
    X, y = labelled_rows()
    model = GroupStackingClassifier(
        [("prior", DummyClassifier(strategy="prior"))], cv=2, random_state=0
    )
    model.fit(X, y, groups=np.repeat(["b", "a", "c", "d"], 15))
    loaded = save_and_load(model)
    assert vars(loaded).keys() == vars(model).keys()
    assert loaded.n_features_in_ == 12
    np.testing.assert_array_equal(loaded.groups_, np.repeat([1, 0, 2, 3], 15))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "stack.model"
    save_model(fitted_model("stacking of groups"), path)
    return path.read_bytes()


MEMBERS = ["learned", "estimators_"]


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        (MEMBERS, [], r"estimators_ of GroupStackingClassifier is \[\], expected a list"),
        ([*MEMBERS, 0], {"class": "SequenceLength"}, "expected a list"),
        ([*MEMBERS, 0, 0, "class"], "os.system", "the class 'os.system' is not one of"),
        (["learned", "codes_"], [0, 1], r"codes_ is \[0, 1\], expected array or transposed"),
        (["learned", "other_"], 1, "GroupStackingClassifier has no fitted attribute 'other_'"),
        (["learned", "weights_"], ..., "weights_ of GroupStackingClassifier is missing"),
        (["estimators", 2, 0], "cv", "the estimators are .*'cv'"),
        (["estimators", 2, 0], "lstm", "expected distinct names without '__'"),
        (["parameters", "min_identity"], 2.5, "The 'min_identity' parameter of GroupStacking"),
    ],
    ids=str,
)
def test_descriptions_are_checked(place, value, shown, content, path):
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(content, ["model", *place], value))


def spoil_weight(model):
    model.weights_ = -model.weights_ - 1


def spoil_number_of_weights(model):
    model.weights_ = np.ones(3)
    model.member_log_proba_ = np.zeros((3, 12, 3))


def spoil_codes(model):
    model.codes_ = model.codes_ + 1


def spoil_probabilities(model):
    model.out_of_fold_ = model.out_of_fold_ + 1


def spoil_classes(model):
    model.classes_ = np.array(["bird", "cat", "dog"])


def spoil_member(model):
    model.estimators_ = [[member[:1] for member in folds] for folds in model.estimators_]


@pytest.mark.parametrize(
    ("spoil", "shown"),
    [
        (spoil_weight, "a member has a negative weight"),
        (spoil_number_of_weights, "there are 2 fitted members and 3 weights, expected 2"),
        (spoil_codes, "codes_ has numbers without a class"),
        (spoil_probabilities, "out_of_fold_ has values that are not probabilities"),
        (spoil_classes, "a member has other classes than the model"),
        (spoil_member, "a member does not have the method predict_proba"),
    ],
)
def test_values_are_checked(spoil, shown, content, path):
    model = load_bytes(path, content)
    spoil(model)
    # save_model reads the content back as load_model does.
    with pytest.raises(UnsavableModelError, match=shown) as caught:
        save_model(model, path)
    assert isinstance(caught.value.__cause__, InvalidModelContentError)
