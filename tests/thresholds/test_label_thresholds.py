"""LabelThresholdClassifier: thresholds from held-out families."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, PredefinedSplit
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_protlstm import (
    GroupStackingClassifier,
    make_kmer_baseline,
    make_majority_baseline,
)
from sklearn_protlstm._labelwise import ExtraTreesClassifier
from sklearn_protlstm._labelwise import LogisticRegression as LabelLogisticRegression
from sklearn_protlstm.homology import cluster_sequences
from sklearn_protlstm.thresholds import LabelThresholdClassifier

NAMES = np.array(["bird", "human", "pig"])


def make_samples(n_families, seed):
    """Families of five; the third label is rare. Labels depend on the family."""
    rng = np.random.RandomState(seed)
    families = np.repeat(np.arange(n_families), 5)
    X = rng.normal(size=(n_families, 4))[families] + rng.normal(scale=0.1, size=(len(families), 4))
    noise = rng.normal(scale=0.7, size=(n_families, 3))[families]
    return X, (X[:, :3] + noise > [0, 0.5, 1.8]).astype(int), families


X, Y, FAMILIES = make_samples(60, seed=0)
PARTLY = np.where(np.random.RandomState(1).uniform(size=Y.shape) < 0.2, np.nan, Y)
LINEAR = LabelLogisticRegression()


def fit(estimator=LINEAR, y=Y, **params):
    model = LabelThresholdClassifier(estimator, **{"cv": 4, "random_state": 0, **params})
    return model.fit(X, y, groups=FAMILIES)


@pytest.fixture(scope="module")
def fitted():
    return fit(y=PARTLY)


def test_attributes(fitted):
    assert fitted.multilabel_ is True
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert fitted.n_features_in_ == 4
    assert fitted.thresholds_.shape == (3,)
    np.testing.assert_array_equal(fitted.codes_, np.where(np.isnan(PARTLY), 2, PARTLY))


def test_probabilities_come_from_an_estimator_that_is_fitted_to_all_samples(fitted):
    expected = clone(LINEAR).fit(X, PARTLY).predict_proba(X)
    np.testing.assert_array_equal(fitted.predict_proba(X), expected)
    predicted = fitted.predict(X)
    assert predicted.dtype == np.int64
    np.testing.assert_array_equal(predicted, expected >= fitted.thresholds_)


def test_out_of_fold_probabilities_come_from_fits_without_the_family():
    folds = FAMILIES % 3
    model = fit(y=PARTLY, cv=PredefinedSplit(folds))
    for fold in range(3):
        test = folds == fold
        expected = clone(LINEAR).fit(X[~test], PARTLY[~test]).predict_proba(X[test])
        np.testing.assert_allclose(model.out_of_fold_[test], expected)


def test_thresholds_raise_the_f1_of_a_rare_label():
    model = fit()
    assert (model.thresholds_[2] < 0.5).all()
    new_X, new_y, _ = make_samples(400, seed=1)
    before, after = (one.predict(new_X)[:, 2] for one in (model.estimator_, model))
    assert f1_score(new_y[:, 2], after) > f1_score(new_y[:, 2], before) + 0.05


def test_precision_is_reached_out_of_fold():
    model = fit(y=Y[:, :2], precision=0.9)
    frame = model.frame()
    assert (frame["precision"] >= 0.9).all()
    # The threshold before the lowest one has a lower precision.
    for label, threshold in enumerate(model.thresholds_):
        lower = model.out_of_fold_[:, label][model.out_of_fold_[:, label] < threshold].max()
        predicted = model.out_of_fold_[:, label] >= lower
        assert Y[predicted, label].mean() < 0.9
    recall = fit(y=Y[:, :2], precision=0.8).frame()["recall"]
    assert (recall >= frame["recall"]).all()
    assert recall[0] > frame["recall"][0]


def test_precision_out_of_reach():
    y = Y.copy()
    y[:, 1] = np.random.RandomState(0).uniform(size=len(Y)) < 0.5
    with pytest.warns(UserWarning, match="No threshold reaches") as caught:
        model = fit(y=pd.DataFrame(y, columns=NAMES), precision=0.95)
    assert str(caught[0].message) == (
        "No threshold reaches precision=0.95 on held-out families for the label(s) 'human', so "
        "they are never predicted. Ask for a lower precision, or collect more sequences with these "
        "labels"
    )
    assert model.thresholds_[1] == np.inf
    assert model.predict(X)[:, 1].sum() == 0
    assert model.predict(X)[:, 0].sum() > 0
    assert model.frame().iloc[1, 2:].tolist() == [0, 0, 0, y[:, 1].sum()]


def test_frame(fitted):
    frame = fitted.frame()
    names = ["label", "threshold", "precision", "recall", "f1", "n_positive"]
    assert frame.columns.tolist() == names
    assert frame["label"].tolist() == [0, 1, 2]
    assert frame["threshold"].tolist() == fitted.thresholds_.tolist()
    assert frame["n_positive"].tolist() == np.nansum(PARTLY, axis=0).tolist()
    known = ~np.isnan(PARTLY[:, 0])
    predicted = fitted.out_of_fold_[known, 0] >= fitted.thresholds_[0]
    np.testing.assert_allclose(frame["f1"][0], f1_score(Y[known, 0], predicted))


def test_stack_brings_its_own_predictions():
    members = [("linear", LINEAR), ("trees", ExtraTreesClassifier(5, random_state=0))]
    stack = GroupStackingClassifier(members, cv=3, random_state=0)
    model = fit(stack)
    alone = clone(stack).fit(X, Y, groups=FAMILIES)
    np.testing.assert_array_equal(model.out_of_fold_, alone.out_of_fold_)
    np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    frozen = fit_frozen(alone, Y)
    assert frozen.estimator_ is alone
    np.testing.assert_array_equal(frozen.thresholds_, model.thresholds_)


def fit_frozen(estimator, y, groups=None):
    return LabelThresholdClassifier(FrozenEstimator(estimator)).fit(X, y, groups=groups)


def test_frozen_estimators_that_are_not_usable():
    stack = GroupStackingClassifier([("linear", LINEAR)], cv=3).fit(X, Y, groups=FAMILIES)
    with pytest.raises(ValueError, match="was fitted to other labels, or to its samples in"):
        fit_frozen(stack, PARTLY)
    with pytest.raises(ValueError, match=r"was fitted to 300 samples, but fit got 299\. Pass the"):
        LabelThresholdClassifier(FrozenEstimator(stack)).fit(X[1:], Y[1:])
    with pytest.raises(ValueError, match="predicts any number of labels for each sequence, but y"):
        LabelThresholdClassifier(FrozenEstimator(stack)).fit(X, Y[:, 0])
    with pytest.raises(ValueError, match=r"has the groups of its own fit\. Do not pass groups"):
        fit_frozen(stack, Y, FAMILIES)
    with pytest.raises(ValueError, match="is a LogisticRegression, which has seen every family"):
        fit_frozen(clone(LINEAR).fit(X, Y), Y)


def test_label_lists_and_names():
    lists = [NAMES[row == 1].tolist() for row in Y]
    model = fit(y=lists)
    assert model.classes_.tolist() == model.estimator_.classes_.tolist() == NAMES.tolist()
    np.testing.assert_array_equal(model.thresholds_, fit().thresholds_)
    assert model.score(X, lists) == np.mean((model.predict(X) == Y).all(axis=1))
    assert model.score(X, PARTLY) > model.score(X, Y)


def test_sequences_without_groups_are_clustered():
    rng = np.random.RandomState(0)
    sequences = ["".join(rng.choice(list("ACDEFGHIKL"), size=30)) for _ in range(12)] * 2
    hosts = [["ape"], ["pig"], ["ape", "pig"], []] * 6
    model = LabelThresholdClassifier(make_kmer_baseline(k=1), cv=2, random_state=0)
    without = clone(model).fit(sequences, hosts)
    groups = cluster_sequences(sequences, 0.5)
    assert groups.tolist() == [*range(12)] * 2
    given = clone(model).fit(sequences, hosts, groups=groups)
    np.testing.assert_array_equal(without.out_of_fold_, given.out_of_fold_)


def test_forest_of_scikit_learn_gives_one_matrix():
    model = fit(RandomForestClassifier(n_estimators=5, random_state=0))
    expected = [matrix[:, 1] for matrix in model.estimator_.predict_proba(X)]
    np.testing.assert_array_equal(model.predict_proba(X), np.transpose(expected))


def test_one_class_for_each_sample():
    y = NAMES[np.digitize(X[:, 0], [-0.4, 0.4])]
    model = fit(LogisticRegression(), y=y)
    alone = LogisticRegression().fit(X, y)
    assert model.multilabel_ is False
    assert not hasattr(model, "thresholds_")
    np.testing.assert_array_equal(model.predict(X), alone.predict(X))
    np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    assert model.score(X, y) == alone.score(X, y)
    with pytest.raises(ValueError, match=r"no thresholds, because y of fit had one class for each"):
        model.frame()


def test_stack_of_one_class_gets_the_groups():
    stack = GroupStackingClassifier([("linear", LINEAR)], cv=3, random_state=0)
    model = fit(stack, y=Y[:, 0])
    np.testing.assert_array_equal(model.estimator_.groups_, FAMILIES)


def test_another_fit_forgets_the_thresholds():
    model = LabelThresholdClassifier(LINEAR, cv=2, random_state=0).fit(X, Y)
    assert not hasattr(model.fit(X, Y[:, 0]), "thresholds_")


def test_pickle(fitted):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict(X), fitted.predict(X))
    with pytest.raises(NotFittedError):
        clone(fitted).predict(X)


@pytest.mark.parametrize(
    ("name", "value"), [("precision", 0), ("precision", 1.1), ("cv", 1), ("estimator", None)]
)
def test_parameters_out_of_range(name, value):
    model = LabelThresholdClassifier(LINEAR).set_params(**{name: value})
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of LabelThreshold"):
        model.fit(X, Y)


class Recorder(LabelLogisticRegression):
    def fit(self, X, y, groups=None, sample_weight=None):
        self.given = groups, sample_weight
        return super().fit(X, y, sample_weight)


def test_fit_params_need_routing():
    weights = np.arange(len(X)) + 1.0
    model = LabelThresholdClassifier(Recorder(), cv=GroupKFold(3))
    with pytest.raises(ValueError, match="fit got sample_weight, which goes to the estimator with"):
        model.fit(X, Y, groups=FAMILIES, sample_weight=weights)
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_params(estimator=Recorder().set_fit_request(sample_weight=True, groups=True))
        model.fit(X, Y, groups=FAMILIES, sample_weight=weights)
    np.testing.assert_array_equal(model.estimator_.given, [FAMILIES, weights])


def test_columns_of_a_frozen_stack_find_their_label():
    frame = pd.DataFrame(Y, columns=NAMES)
    stack = GroupStackingClassifier([("linear", LINEAR)], cv=3).fit(X, frame, groups=FAMILIES)
    thresholds = [
        LabelThresholdClassifier(FrozenEstimator(stack)).fit(X, given).thresholds_
        for given in (frame, frame[NAMES[::-1]])
    ]
    np.testing.assert_array_equal(*thresholds)
    other = frame.set_axis([*NAMES[:-1], "emu"], axis=1)
    with pytest.raises(ValueError, match=r"y has the columns .*'emu', but the labels are"):
        LabelThresholdClassifier(FrozenEstimator(stack)).fit(X, other)


def test_a_model_that_predicts_zero_keeps_its_thresholds():
    """Out-of-fold probabilities are clipped, predictions are not."""
    model = fit(make_majority_baseline())
    frame = model.frame()
    assert frame["recall"].tolist() == [1] * len(NAMES)
    assert model.predict(X).all()
