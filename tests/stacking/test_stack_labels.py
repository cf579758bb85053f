"""GroupStackingClassifier with any number of labels for each sample."""

import pickle

import matplotlib
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, log_loss
from sklearn.model_selection import KFold, PredefinedSplit, ShuffleSplit
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from toy_families import make_families, sequence_stack, toy_stack

from sklearn_protlstm import _labelwise
from sklearn_protlstm.stacking._pool import FLOOR

matplotlib.use("Agg")

X, _, FAMILIES = make_families(40, seed=0, size=4)
NAMES = np.array(["bird", "human", "pig"])


def label(X, seed):
    """Labels of each sample, which depend on one coordinate each, with some noise."""
    noise = np.random.RandomState(seed).normal(scale=0.5, size=(len(X), 3))
    return (X[:, :3] + noise > [0, 0.3, 0.6]).astype(int)


Y = label(X, seed=0)
PARTLY = np.where(np.random.RandomState(1).uniform(size=Y.shape) < 0.2, np.nan, Y)


def label_stack(*members, **params):
    members = list(members) or [
        ("linear", _labelwise.LogisticRegression()),
        ("forest", _labelwise.ExtraTreesClassifier(n_estimators=10, random_state=0)),
    ]
    return toy_stack(*members, **params)


@pytest.fixture(scope="module")
def fitted():
    return label_stack().fit(X, PARTLY, groups=FAMILIES)


def test_attributes(fitted):
    assert fitted.multilabel_ is True
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert fitted.doubt_ == 0
    assert fitted.weights_.shape == (2,)
    assert fitted.bias_.shape == (3,)
    assert fitted.out_of_fold_.shape == (160, 3)
    assert fitted.member_log_proba_.shape == (2, 160, 3)
    np.testing.assert_array_equal(fitted.codes_, np.where(np.isnan(PARTLY), 2, PARTLY))
    for family in np.unique(FAMILIES):
        assert len(np.unique(fitted.folds_[family == FAMILIES])) == 1
    assert toy_stack().fit(X, Y[:, 0]).multilabel_ is False


def test_out_of_fold_predictions_are_those_of_members_that_did_not_see_the_fold(fitted):
    for fold, member in enumerate(fitted.estimators_[0]):
        test = fitted.folds_ == fold
        again = _labelwise.LogisticRegression().fit(X[~test], PARTLY[~test])
        np.testing.assert_allclose(member.predict_proba(X), again.predict_proba(X))
        np.testing.assert_allclose(
            np.exp(fitted.member_log_proba_[0, test]), again.predict_proba(X[test])
        )


def test_prediction_is_the_pool_of_the_members(fitted):
    means = [
        np.mean([logit(one.predict_proba(X).clip(FLOOR, 1 - FLOOR)) for one in folds], axis=0)
        for folds in fitted.estimators_
    ]
    logits = np.tensordot(fitted.weights_, means, axes=1) + fitted.bias_
    np.testing.assert_allclose(fitted.decision_function(X), logits)
    np.testing.assert_allclose(fitted.predict_proba(X), expit(logits))
    np.testing.assert_allclose(np.exp(fitted.predict_log_proba(X)), expit(logits))
    predicted = fitted.predict(X)
    assert predicted.dtype == np.int64
    np.testing.assert_array_equal(predicted, logits > 0)


def test_logits_need_labels():
    assert not hasattr(toy_stack(), "decision_function")
    assert not hasattr(toy_stack().fit(X, Y[:, 0]), "decision_function")


def test_it_predicts_unseen_families(fitted):
    new_X, _, _ = make_families(200, seed=1)
    new_y = label(new_X, seed=2)
    assert average_precision_score(new_y, fitted.predict_proba(new_X)) > 0.75
    error = fitted.predict_proba(new_X).mean(axis=0) - new_y.mean(axis=0)
    assert np.abs(error).max() < 0.1


@pytest.mark.parametrize(
    "y",
    [
        [NAMES[row == 1].tolist() for row in Y],
        [set(NAMES[row == 1]) for row in Y],
        pd.DataFrame(Y, columns=NAMES),
    ],
    ids=["lists", "sets", "frame"],
)
def test_forms_of_labels(y):
    stack = label_stack().fit(X, y, groups=FAMILIES)
    expected = label_stack().fit(X, Y, groups=FAMILIES)
    assert stack.classes_.tolist() == NAMES.tolist()
    np.testing.assert_array_equal(stack.predict_proba(X), expected.predict_proba(X))
    assert stack.score(X, y) == np.mean((stack.predict(X) == Y).all(axis=1))


def test_members_of_scikit_learn_may_give_a_list_of_matrices():
    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    one_vs_rest = OneVsRestClassifier(LogisticRegression())
    stack = label_stack(("forest", forest), ("linear", one_vs_rest)).fit(X, Y, groups=FAMILIES)
    test = stack.folds_ == 0
    expected = [matrix[:, 1] for matrix in stack.estimators_[0][0].predict_proba(X[test])]
    given = np.exp(stack.member_log_proba_[0, test])
    np.testing.assert_allclose(given, np.transpose(expected).clip(FLOOR, 1 - FLOOR))


def test_sequences_and_pipelines():
    sequences = ["AAAC", "AACA", "WWWC", "WCWW", "AAWW", "WAWA"] * 4
    hosts = [["ape"], ["ape"], ["pig"], ["pig"], ["ape", "pig"], ["ape", "pig"]] * 4
    stack = sequence_stack().fit(sequences, hosts, groups=np.arange(24))
    assert stack.predict(["AAAA", "WWWW", "AWAW"]).tolist() == [[1, 0], [0, 1], [1, 1]]


def test_pickle(fitted):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict_proba(X), fitted.predict_proba(X))


def test_another_fit_forgets_the_labels():
    stack = label_stack().fit(X, Y, groups=FAMILIES)
    stack.fit(X, NAMES[Y[:, 0]], groups=FAMILIES)
    assert stack.predict(X[:1]).shape == (1,)
    assert stack.codes_.shape == (160,)


def test_frame(fitted):
    frame = fitted.frame()
    assert frame.columns.tolist() == ["model", "weight", "log_loss", "average_precision", "f1"]
    assert frame["model"].tolist() == ["linear", "forest", "pool"]
    scores = []
    for column, given in zip(PARTLY.T, fitted.out_of_fold_.T):
        known = ~np.isnan(column)
        parts = column[known].astype(int), given[known]
        scores.append(
            (
                log_loss(*parts),
                average_precision_score(*parts),
                f1_score(parts[0], parts[1] > 0.5),
            )
        )
    np.testing.assert_allclose(frame.iloc[-1, 2:].astype(float), np.mean(scores, axis=0))
    assert frame["log_loss"].iloc[-1] < frame["log_loss"][1]


def test_plot(fitted):
    reliability, weights = fitted.plot().axes
    assert reliability.get_ylabel() == "share of sequences with the label"
    # The mean over the bins of about equal size is the frequency of the known labels.
    pool = reliability.lines[-1]
    assert len(pool.get_ydata()) == 10
    np.testing.assert_allclose(pool.get_ydata().mean(), np.nanmean(PARTLY), atol=0.01)
    np.testing.assert_allclose([bar.get_width() for bar in weights.patches], fitted.weights_)


def test_labels_that_a_fold_cannot_learn():
    y = Y.copy()
    y[:, 1] = FAMILIES == 0
    message = (
        r"The training part of at least one fold has no sequence with the label\(s\) 1\. A label "
        "needs sequences with it, and sequences without it, in at least two groups"
    )
    with pytest.raises(ValueError, match=message):
        label_stack().fit(X, y, groups=FAMILIES)
    y[:, 1:] = FAMILIES[:, np.newaxis] != 0
    with pytest.raises(ValueError, match=r"no sequence without the label\(s\) 1, 2\."):
        label_stack().fit(X, y, groups=FAMILIES)


def test_a_splitter_makes_the_folds():
    numbers = FAMILIES % 3
    stack = label_stack(cv=PredefinedSplit(numbers)).fit(X, PARTLY, groups=FAMILIES)
    np.testing.assert_array_equal(stack.folds_, numbers)


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (ShuffleSplit(3, random_state=0), "Use a splitter such as MultilabelStratifiedGroupKFold"),
        (KFold(7), "Use MultilabelStratifiedGroupKFold, which keeps groups together"),
    ],
)
def test_unusable_folds_of_labels(cv, message):
    with pytest.raises(ValueError, match=message):
        label_stack(cv=cv).fit(X, Y, groups=FAMILIES)


def test_a_label_in_few_groups_needs_no_warning():
    y = Y.copy()
    y[:, 1] = FAMILIES < 3
    stack = label_stack().fit(X, y, groups=FAMILIES)
    assert len(np.unique(stack.folds_[y[:, 1] == 1])) == 3


def test_member_that_learns_one_class_only():
    with pytest.raises(ValueError, match="y should be a 1d array") as caught:
        label_stack(("bayes", GaussianNB())).fit(X, Y, groups=FAMILIES)
    assert caught.value.__notes__ == ["Member 'bayes' failed in fold 0 (counted from 0)"]


class OneColumn(_labelwise.LogisticRegression):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, :1]


def test_member_with_too_few_columns():
    message = (
        r"OneColumn predicts probabilities of shape \(\d+, 1\) for 3 labels, expected "
        r"\(n_samples, 3\)"
    )
    with pytest.raises(ValueError, match=message):
        label_stack(("one", OneColumn())).fit(X, Y, groups=FAMILIES)
