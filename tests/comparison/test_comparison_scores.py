"""Scores of compare_models: agreement with scikit-learn, rare classes, missing probabilities."""

import re

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    StratifiedKFold,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from tiny_comparisons import GROUPS, MODELS, X, Y, composition_model, position_model
from tiny_models import tiny_classifier

from sklearn_protlstm import KmerVectorizer, ModelComparison, SequenceEncoder, compare_models


def test_scores_agree_with_scikit_learn():
    cv = StratifiedKFold(4)
    model = make_pipeline(KmerVectorizer(k=2), LogisticRegression())
    names = {
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced_accuracy",
        "f1_macro": "f1_macro",
        "matthews_corrcoef": "matthews_corrcoef",
        "log_loss": "neg_log_loss",
        "roc_auc": "roc_auc_ovr",
    }
    ours = compare_models({"k-mers": model}, X, Y, cv=cv)
    theirs = cross_validate(model, X, Y, cv=cv, scoring=list(names.values()))
    frame = ours.frame().query("model == 'k-mers'")
    assert ours.scoring == tuple(names)
    for name, scorer in names.items():
        sign = -1 if scorer.startswith("neg_") else 1
        np.testing.assert_allclose(frame[name], sign * theirs[f"test_{scorer}"])
    predicted = ours.classes[ours.predicted[0, 0]]
    assert predicted.tolist() == cross_val_predict(model, X, Y, cv=cv).tolist()


def test_binary_roc_auc_agrees_with_scikit_learn():
    y = np.where(np.arange(60) % 4 == 0, "rare", "common")
    model = make_pipeline(KmerVectorizer(k=2), LogisticRegression())
    ours = compare_models([model], X, y, cv=3, scoring="roc_auc")
    theirs = [
        roc_auc_score(
            y[fold.test] == "rare",
            model.fit([X[i] for i in fold.train], y[fold.train]).predict_proba(
                [X[i] for i in fold.test]
            )[:, 1],
        )
        for fold in ours.folds
    ]
    np.testing.assert_allclose(ours.table.scores["roc_auc"][0], theirs)


def test_baselines_score_at_chance_level():
    comparison = compare_models({"position": position_model()}, X, Y, cv=3, groups=GROUPS)
    summary = comparison.summary().set_index("model")
    assert summary.loc["majority", "accuracy"] == pytest.approx(1 / 3, abs=0.1)
    assert summary.loc["majority", "matthews_corrcoef"] == 0
    assert summary.loc["majority", "log_loss"] == pytest.approx(np.log(3), abs=0.02)
    assert summary.loc["length only", "accuracy"] < 0.6
    assert summary.loc["position", "accuracy"] == 1


def test_model_without_predict_proba_gets_nan():
    model = make_pipeline(KmerVectorizer(k=1), LinearSVC())
    comparison = compare_models({"svm": model}, X, Y, cv=3)
    svm = comparison.frame().query("model == 'svm'")
    assert svm[["log_loss", "roc_auc"]].isna().all(axis=None)
    assert svm[["accuracy", "f1_macro"]].notna().all(axis=None)
    assert comparison.failures_ == {}
    assert re.search(r"svm .* - +- ", str(comparison))
    message = "only 0 have a score for ROC AUC from both 'svm' and 'majority'"
    with pytest.raises(ValueError, match=message):
        comparison.test("svm", "majority", metric="roc_auc")


def test_class_missing_from_a_test_part_is_left_out_of_averages():
    # The pigs are in two of the three groups, so one fold tests none.
    y = np.repeat(["bird", "human", "pig"], 20)
    groups = np.concatenate([np.arange(40) % 3, np.arange(20) % 2])
    comparison = compare_models(
        {"composition": composition_model()}, X, y, cv=GroupKFold(3), groups=groups
    )
    without_pigs = np.array(["pig" not in y[fold.test] for fold in comparison.folds])
    assert without_pigs.sum() == 1
    (fold,) = np.flatnonzero(without_pigs)
    test = comparison.folds[fold].test
    right = comparison.classes[comparison.predicted[0, 0, test]] == y[test]
    recalls = [right[y[test] == host].mean() for host in ("bird", "human")]
    score = comparison.table.scores["balanced_accuracy"][0, fold]
    assert score == pytest.approx(np.mean(recalls))
    assert np.isfinite(comparison.table.scores["roc_auc"]).all()
    assert "Class 'pig' is missing from the test part of 1 of 3 folds" in str(comparison)


def test_roc_auc_is_nan_if_a_test_part_has_one_class():
    y = np.repeat(["bird", "human"], 30)
    groups = np.concatenate([np.arange(30) % 2, [2, 3] * 15])
    comparison = compare_models([composition_model()], X, y, cv=GroupKFold(4), groups=groups)
    assert np.isnan(comparison.table.scores["roc_auc"]).all()
    assert np.isfinite(comparison.table.scores["balanced_accuracy"]).all()
    assert comparison.failures_ == {}


def test_only_requested_scores_are_computed():
    comparison = compare_models(MODELS, X, Y, cv=2, scoring=("f1_macro", "accuracy"))
    assert list(comparison.table.scores) == [
        "f1_macro",
        "accuracy",
        "fit_seconds",
        "predict_seconds",
    ]
    assert comparison.test("position", "majority").metric == "f1_macro"


@pytest.mark.parametrize("scoring", ["f1", (), ("accuracy", "f1"), ("accuracy", "accuracy")])
def test_unknown_or_repeated_score_raises(scoring):
    with pytest.raises(ValueError, match=r"Invalid scoring=.*\. Pass one or more different names"):
        compare_models(MODELS, X, Y, cv=2, scoring=scoring)


def test_network_can_be_compared():
    lstm = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=12))
    models = {"LSTM": lstm, "length only": DummyClassifier()}
    comparison = compare_models(
        models, X, Y, cv=2, scoring=("accuracy", "log_loss"), order_control=True
    )
    assert isinstance(comparison, ModelComparison)
    assert comparison.failures_ == {}
    assert np.isfinite(comparison.table.scores["log_loss"]).all()
    frame = comparison.order_frame().query("metric == 'accuracy'").set_index("model")
    assert frame.loc["LSTM", "difference"] > 0.2
