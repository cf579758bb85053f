"""Models that take groups get those of their training part."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiny_comparisons import GROUPS, X, Y, compare_accuracy, composition_model, position_model

from sklearn_protlstm import GroupStackingClassifier, learning_curve

GROUP_OF = dict(zip(X, GROUPS))


class GroupChecker(ClassifierMixin, BaseEstimator):
    """Fail if the groups do not belong to the sequences; list the sizes of fits with groups."""

    sizes = []

    def fit(self, X, y, groups=None):
        if groups is not None:
            np.testing.assert_array_equal(groups, [GROUP_OF[sequence] for sequence in X])
            self.sizes.append(len(X))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))


class ProbabilityChecker(GroupChecker):
    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


@pytest.fixture(autouse=True)
def _clear_sizes():
    GroupChecker.sizes.clear()


def compare(model, **params):
    comparison = compare_accuracy({"model": model}, X, Y, cv=3, **params)
    assert comparison.failures_ == {}
    return comparison


def test_groups_are_those_of_the_training_part():
    comparison = compare(GroupChecker(), groups=GROUPS)
    assert GroupChecker.sizes == [len(fold.train) for fold in comparison.folds]


def test_without_groups_models_get_none():
    compare(GroupChecker())
    assert GroupChecker.sizes == []


def test_learning_curve_passes_the_groups_of_the_subset():
    curve = learning_curve(
        {"model": GroupChecker()},
        X,
        Y,
        cv=3,
        groups=GROUPS,
        train_sizes=[0.5, 1.0],
        scoring="accuracy",
    )
    assert curve.failures_ == {}
    assert sorted(GroupChecker.sizes) == sorted(curve.n_train.ravel().tolist())


@pytest.mark.parametrize("requested", [False, True])
def test_with_metadata_routing_models_request_groups(requested):
    with sklearn.config_context(enable_metadata_routing=True):
        checker = GroupChecker().set_fit_request(groups=requested)
        comparison = compare(make_pipeline(FunctionTransformer(), checker), groups=GROUPS)
    n_train = [len(fold.train) for fold in comparison.folds]
    assert GroupChecker.sizes == (n_train if requested else [])


def test_stack_hands_groups_on_to_its_members():
    with sklearn.config_context(enable_metadata_routing=True):
        checker = ProbabilityChecker().set_fit_request(groups=True)
        members = [("checker", checker)]
        compare(GroupStackingClassifier(members, cv=2, random_state=0), groups=GROUPS)
    assert len(GroupChecker.sizes) == 3 * 2


@pytest.mark.parametrize("groups", [GROUPS, None])
def test_stack_takes_part(groups):
    members = [("position", position_model()), ("composition", composition_model())]
    stack = GroupStackingClassifier(members, cv=2, min_identity=0.9, random_state=0)
    comparison = compare(stack, groups=groups)
    assert comparison.summary()["accuracy"][0] > 0.9
