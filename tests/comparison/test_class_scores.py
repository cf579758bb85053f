"""ModelComparison.frame(by="class"): precision, recall and F1 of each class."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import precision_recall_fscore_support
from tiny_comparisons import (
    GROUPS,
    MODELS,
    FailingClassifier,
    X,
    Y,
    compare_accuracy,
    composition_model,
)

from sklearn_protlstm.comparison._class_scores import score_classes

SCORES = ["precision", "recall", "f1"]


def test_there_is_one_row_per_model_and_class(comparison):
    frame = comparison.frame(by="class")
    assert list(frame) == ["model", "class", *SCORES, "support"]
    assert frame["model"].tolist() == np.repeat(comparison.models, 3).tolist()
    assert frame["class"].tolist() == comparison.classes.tolist() * 4
    assert (frame["support"] == 20).all()
    assert frame.query("model == 'position'")[SCORES].eq(1).all(axis=None)


def test_scores_are_those_of_scikit_learn_averaged_over_repeats():
    comparison = compare_accuracy(
        {"composition": composition_model()}, X, Y, cv=3, groups=GROUPS, n_repeats=2
    )
    first, second = (
        precision_recall_fscore_support(Y, comparison.classes[row])[:3]
        for row in comparison.predicted[0]
    )
    assert not np.allclose(first, second)
    frame = comparison.frame(by="class").query("model == 'composition'")
    np.testing.assert_allclose(frame[SCORES].T, (np.array(first) + second) / 2)


def test_class_that_is_never_predicted_stands_out():
    models = {"pigs": DummyClassifier(strategy="constant", constant="pig")}
    frame = compare_accuracy(models, X, Y, cv=2).frame(by="class").query("model == 'pigs'")
    frame = frame.set_index("class")
    assert frame.loc["pig", SCORES].tolist() == pytest.approx([1 / 3, 1, 1 / 2])
    assert frame.loc["bird", ["recall", "f1"]].tolist() == [0, 0]
    assert np.isnan(frame.loc["bird", "precision"])


def test_undefined_scores_of_a_repeat_do_not_count():
    codes = np.array([0, 0, 1, 1])
    predicted = np.array([[0, 0, 0, 0], [0, 0, 1, 0], [-1, -1, -1, -1]])
    precision, recall, f1 = score_classes(codes, predicted, 3)
    np.testing.assert_allclose(precision, [(1 / 2 + 2 / 3) / 2, 1, np.nan])
    np.testing.assert_allclose(recall, [1, 1 / 4, np.nan])
    np.testing.assert_allclose(f1, [(2 / 3 + 4 / 5) / 2, (0 + 2 / 3) / 2, np.nan])


def test_failed_model_has_no_scores():
    models = {"late": FailingClassifier(OSError("disk full"), start=3), **MODELS}
    with pytest.warns(UserWarning, match="disk full"):
        frame = compare_accuracy(models, X, Y, cv=4).frame(by="class")
    late = frame.query("model == 'late'")
    assert late[SCORES].isna().all(axis=None)
    assert (late["support"] == 0).all()
    others = frame.query("model != 'late'")
    assert (others["support"] == 20).all()
    assert others["recall"].notna().all()


def test_interruption_leaves_the_sequences_that_all_models_predicted():
    models = {**MODELS, "slow": FailingClassifier(KeyboardInterrupt(), start=3)}
    with pytest.warns(UserWarning, match="Interrupted"):
        comparison = compare_accuracy(models, X, Y, cv=5)
    frame = comparison.frame(by="class")
    tested = np.concatenate([fold.test for fold in comparison.folds[:2]])
    counts = [np.sum(Y[tested] == label) for label in comparison.classes]
    assert frame["support"].tolist() == counts * 5


def test_interruption_in_the_first_fold_leaves_no_scores():
    models = {**MODELS, "slow": FailingClassifier(KeyboardInterrupt())}
    with pytest.warns(UserWarning, match="Interrupted"):
        frame = compare_accuracy(models, X, Y, cv=2).frame(by="class")
    assert frame[SCORES].isna().all(axis=None)
    assert (frame["support"] == 0).all()


def test_frame_by_something_else_raises(comparison):
    with pytest.raises(ValueError, match="by must be 'fold' or 'class', got 'host'"):
        comparison.frame(by="host")
