"""Classifiers of scikit-learn with one fit for each label."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csr_array
from sklearn import dummy, ensemble, linear_model
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from sklearn_protlstm import _labelwise

TREES = {"n_estimators": 5, "min_samples_leaf": 3, "random_state": 0}
PAIRS = {
    "linear": (_labelwise.LogisticRegression(), linear_model.LogisticRegression()),
    "trees": (
        _labelwise.ExtraTreesClassifier(**TREES),
        ensemble.ExtraTreesClassifier(**TREES),
    ),
    "most frequent": (
        _labelwise.DummyClassifier(strategy="most_frequent"),
        dummy.DummyClassifier(strategy="most_frequent"),
    ),
    "prior": (_labelwise.DummyClassifier(), dummy.DummyClassifier()),
}
MODELS = {name: own for name, (own, _) in PAIRS.items()}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with threadpool_limits(1):
        yield


RNG = np.random.RandomState(0)
X = RNG.normal(size=(60, 4))
WEIGHTS = RNG.uniform(0.5, 2, size=60)
CLASSES = np.array(["bird", "human", "pig"])[np.digitize(X[:, 0], [-0.4, 0.4])]
LABELS = np.column_stack([X[:, 0] > 0, X[:, 1] + X[:, 2] > 0.5, X[:, 3] > 1]).astype(int)


def with_unknown():
    y = LABELS.astype(float)
    y[::3, 1] = np.nan
    y[:10, 2] = np.nan
    return y


@pytest.mark.parametrize(("own", "parent"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["equal", "weights"])
def test_one_class_for_each_sample_comes_from_the_parent(own, parent, weights):
    own, parent = clone(own).fit(X, CLASSES, weights), clone(parent).fit(X, CLASSES, weights)
    assert own.multilabel_ is False
    assert own.classes_.tolist() == ["bird", "human", "pig"]
    for method in ("predict", "predict_proba"):
        np.testing.assert_array_equal(getattr(own, method)(X), getattr(parent, method)(X))
    assert own.score(X, CLASSES) == parent.score(X, CLASSES)
    assert set(vars(own)) == {*vars(parent), "multilabel_"}
    assert repr(own) == repr(parent)


def test_logits_of_classes_come_from_the_parent():
    own, parent = (model.fit(X, CLASSES) for model in map(clone, PAIRS["linear"]))
    np.testing.assert_array_equal(own.decision_function(X), parent.decision_function(X))
    np.testing.assert_array_equal(own.predict_log_proba(X), parent.predict_log_proba(X))


@pytest.mark.parametrize(("own", "parent"), PAIRS.values(), ids=PAIRS)
def test_each_label_has_a_fit_to_the_samples_where_it_is_known(own, parent):
    y = with_unknown()
    own = clone(own).fit(X, y, WEIGHTS)
    assert own.multilabel_ is True
    assert own.classes_.tolist() == [0, 1, 2]
    assert own.n_features_in_ == 4
    probabilities, predicted = own.predict_proba(X), own.predict(X)
    assert probabilities.shape == predicted.shape == (60, 3)
    assert predicted.dtype == np.int64
    for label, column in enumerate(y.T):
        known = ~np.isnan(column)
        alone = clone(parent).fit(X[known], column[known].astype(int), WEIGHTS[known])
        expected = alone.predict_proba(X)[:, 1]
        np.testing.assert_allclose(probabilities[:, label], expected, rtol=0, atol=1e-15)
        np.testing.assert_array_equal(predicted[:, label], alone.predict(X))
    np.testing.assert_array_equal(own.predict_log_proba(X), np.log(probabilities))


def test_logits_of_labels():
    model = clone(MODELS["linear"]).fit(X, LABELS)
    logits = model.decision_function(X)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), model.predict_proba(X))
    np.testing.assert_array_equal(logits > 0, model.predict(X) == 1)
    assert not hasattr(MODELS["trees"], "decision_function")


def test_certain_probabilities_have_finite_log_odds():
    model = clone(MODELS["most frequent"]).fit(X, LABELS)
    probabilities = model.predict_proba(X)
    assert np.isfinite(np.log(probabilities) - np.log1p(-probabilities)).all()
    assert 0 < probabilities.min() <= probabilities.max() < 1
    np.testing.assert_allclose(probabilities, model.predict(X), atol=1e-15)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_forms_of_labels(model):
    expected = clone(model).fit(X, LABELS).predict_proba(X)
    names = np.array(["bird", "human", "pig"])
    lists = [names[row == 1].tolist() for row in LABELS]
    forms = [lists, pd.Series(map(set, lists)), pd.DataFrame(LABELS, columns=names)]
    for y in forms:
        fitted = clone(model).fit(X, y)
        np.testing.assert_array_equal(fitted.predict_proba(X), expected)
        assert fitted.classes_.tolist() == ["bird", "human", "pig"]
        assert fitted.score(X, y) == np.mean((fitted.predict(X) == LABELS).all(axis=1))
    for y in [csr_array(LABELS), LABELS.tolist()]:
        fitted = clone(model).fit(X, y)
        np.testing.assert_array_equal(fitted.predict_proba(X), expected)
        assert fitted.classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_sparse_matrices_and_frames(model):
    y = with_unknown()
    expected = clone(model).fit(X, y).predict_proba(X)
    sparse = clone(model).fit(coo_array(X), y)
    np.testing.assert_allclose(sparse.predict_proba(csr_array(X)), expected, atol=1e-3)
    frame = pd.DataFrame(X, columns=list("abcd"))
    fitted = clone(model).fit(frame, y)
    np.testing.assert_allclose(fitted.predict_proba(frame), expected, atol=1e-6)
    assert fitted.feature_names_in_.tolist() == list("abcd")


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_another_fit_forgets_the_first(model):
    model = clone(model)
    of_classes = set(vars(model.fit(X, CLASSES)))
    of_labels = set(vars(model.fit(X, LABELS)))
    assert "coef_" not in of_labels
    assert set(vars(model.fit(X, CLASSES))) == of_classes
    assert set(vars(model.fit(X, LABELS))) == of_labels


def test_pickle_and_clone():
    model = clone(MODELS["trees"]).fit(X, LABELS)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    with pytest.raises(NotFittedError):
        clone(model).predict_proba(X)


def test_label_that_no_sample_has():
    y = LABELS.copy()
    y[:, 1] = 0
    with pytest.raises(ValueError, match=r"No sequence has the label\(s\) 1, so there is nothing"):
        clone(MODELS["linear"]).fit(X, y)


def test_wrong_number_of_labels():
    with pytest.raises(ValueError, match="Found 60 sequences but 59 labels"):
        clone(MODELS["linear"]).fit(X, LABELS[1:])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
@pytest.mark.parametrize(
    "estimator",
    [
        _labelwise.LogisticRegression(),
        _labelwise.ExtraTreesClassifier(n_estimators=5, random_state=0),
        _labelwise.DummyClassifier(strategy="most_frequent"),
        _labelwise.DummyClassifier(),
    ],
    ids=MODELS,
)
def test_every_check_passes(estimator):
    results = check_estimator(estimator, on_skip=None, on_fail=None)
    failures = {
        (result["check_name"], repr(result["exception"]))
        for result in results
        if result["status"] not in ("passed", "skipped")
    }
    assert failures == set()
    assert {result["check_name"] for result in results if result["status"] == "passed"} >= {
        "check_classifiers_multilabel_representation_invariance",
        "check_classifiers_multilabel_output_format_predict",
        "check_classifiers_multilabel_output_format_predict_proba",
    }
