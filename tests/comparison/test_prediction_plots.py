"""Probabilities that a comparison keeps, and plots of its predictions."""

import re

import numpy as np
import pytest
from sklearn.svm import LinearSVC
from tiny_comparisons import (
    GROUPS,
    MODELS,
    FailingClassifier,
    X,
    Y,
    compare_accuracy,
    composition_model,
)

from sklearn_protlstm import compare_models
from sklearn_protlstm.plotting import plot_roc_curves

CURVES = ["plot_roc", "plot_precision_recall", "plot_reliability"]


@pytest.fixture(scope="module")
def kept():
    return compare_accuracy(
        MODELS, X, Y, cv=3, groups=GROUPS, n_repeats=2, order_control=True, keep_probabilities=True
    )


def test_kept_probabilities_are_those_of_the_test_parts(kept):
    assert kept.probabilities.shape == (4, 2, 60, 3)
    np.testing.assert_allclose(kept.probabilities.sum(axis=-1), 1)
    np.testing.assert_array_equal(kept.probabilities[:2].argmax(axis=-1), kept.predicted[:2])
    fold = kept.folds[4]
    sequences = np.array(X, dtype=object)
    model = composition_model().fit(sequences[fold.train], Y[fold.train])
    np.testing.assert_allclose(
        kept.probabilities[1, fold.repeat, fold.test],
        model.predict_proba(sequences[fold.test]),
        atol=1e-6,
    )


def test_probabilities_are_not_kept_by_default(comparison):
    assert comparison.probabilities is None


def test_keeping_probabilities_changes_no_score(kept):
    plain = compare_accuracy(MODELS, X, Y, cv=3, groups=GROUPS, n_repeats=2)
    np.testing.assert_array_equal(plain.predicted, kept.predicted)
    np.testing.assert_array_equal(plain.table.scores["accuracy"], kept.table.scores["accuracy"])


def test_curves_join_all_folds_and_repeats(kept):
    figure = kept.plot_roc(["composition", "position"])
    expected = plot_roc_curves(
        np.tile(Y, 2),
        {name: kept.probabilities[kept.models.index(name)].reshape(120, 3) for name in MODELS},
    )
    for axes, other in zip(figure.axes, expected.axes):
        assert axes.get_title() == other.get_title()
        labels = [text.get_text() for text in axes.get_legend().get_texts()]
        others = [text.get_text() for text in other.get_legend().get_texts()]
        assert labels == [others[1], others[0]]
    assert figure.axes[0].get_title() == "bird (40 of 120)"


@pytest.mark.parametrize(("method", "value"), [*zip(CURVES, ("AUC", "AP", "ECE"))])
def test_curves_show_all_models_by_default(kept, method, value):
    figure = getattr(kept, method)()
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert [label.partition(f" ({value} ")[0] for label in labels] == kept.models


def test_number_of_bins_reaches_the_plot(kept):
    (_, line) = kept.plot_reliability("position", n_bins=4).axes[0].lines
    assert len(line.get_xdata()) == 4


@pytest.mark.parametrize("method", CURVES)
def test_curves_need_kept_probabilities(comparison, method):
    message = (
        f"{method} needs class probabilities, but this comparison did not keep them. Call "
        "compare_models with keep_probabilities=True"
    )
    with pytest.raises(ValueError, match=message):
        getattr(comparison, method)()


def test_curves_need_predict_proba():
    models = {"SVM": composition_model().set_params(logisticregression=LinearSVC()), **MODELS}
    comparison = compare_accuracy(models, X, Y, cv=2, keep_probabilities=True)
    message = (
        "plot_roc needs class probabilities, but model 'SVM' has no predict_proba. Leave it out, "
        "such as models=['position', 'composition', 'length only', 'majority'], or wrap the "
        "classifier in CalibratedClassifierCV"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        comparison.plot_roc()
    with pytest.raises(ValueError, match="model 'SVM' has no predict_proba"):
        comparison.plot_roc("SVM")
    assert comparison.plot_roc(["position", "majority"]).axes
    assert comparison.plot_confusion("SVM").axes


def test_curves_leave_out_a_model_that_failed():
    models = {"late": FailingClassifier(OSError("disk full"), start=2), **MODELS}
    with pytest.warns(UserWarning, match="disk full"):
        comparison = compare_accuracy(models, X, Y, cv=2, keep_probabilities=True)
    labels = comparison.plot_roc().axes[0].get_legend().get_texts()
    assert len(labels) == 4
    with pytest.raises(ValueError, match=r"Model 'late' has no scores\. It failed in fold 1 of"):
        comparison.plot_roc(["late"])


def test_curves_after_an_interruption_use_the_finished_folds():
    class Slow(FailingClassifier):
        def predict_proba(self, X):
            return np.full((len(X), 3), 1 / 3)

    models = {**MODELS, "slow": Slow(KeyboardInterrupt(), start=3)}
    with pytest.warns(UserWarning, match="Interrupted"):
        comparison = compare_accuracy(models, X, Y, cv=5, keep_probabilities=True)
    n_tested = sum(len(fold.test) for fold in comparison.folds[:2])
    assert comparison.plot_roc().axes[0].get_title().endswith(f"of {n_tested})")


def test_confusion_shows_the_models_that_are_asked_for(comparison):
    figure = comparison.plot_confusion(["majority", "position"])
    assert [axes.get_title() for axes in figure.axes[:-1]] == ["majority", "position"]
    assert [axes.get_title() for axes in comparison.plot_confusion("position").axes[:-1]] == [
        "position"
    ]
    texts = [text.get_text() for text in figure.axes[1].texts]
    assert texts == ["100 %\n20"] * 3


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (
            ["LSTM"],
            "Unknown model 'LSTM'. Choose one of 'position', 'composition', 'length only', 'maj",
        ),
        ([], r"no model to plot in models=\[\]. Models with predictions: 'position', 'compositio"),
    ],
)
def test_unknown_or_missing_names_raise(kept, models, message):
    for method in ("plot_confusion", *CURVES):
        with pytest.raises(ValueError, match=message):
            getattr(kept, method)(models)


def test_no_model_to_plot_if_all_failed():
    broken = FailingClassifier(OSError("disk full"))
    with pytest.warns(UserWarning, match="disk full"):
        comparison = compare_models(
            {"majority": broken, "length only": broken}, X, Y, cv=2, scoring="accuracy"
        )
    with pytest.raises(ValueError, match="Models with predictions: none, as all failed"):
        comparison.plot_confusion()
