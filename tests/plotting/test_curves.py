"""ROC, precision-recall and reliability curves."""

import re

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from sklearn_protlstm.plotting import (
    plot_precision_recall_curves,
    plot_reliability_curves,
    plot_roc_curves,
)

PLOTS = [plot_roc_curves, plot_precision_recall_curves, plot_reliability_curves]
HOSTS = np.array(["bird", "human", "pig"])


@pytest.fixture(scope="module")
def data():
    """Labels of 90 sequences, and the probabilities of a good and a bad model."""
    rng = np.random.RandomState(0)
    codes = np.arange(90) % 3
    probabilities = {}
    for name, hint in (("good", 2), ("bad", 0)):
        weights = rng.uniform(size=(90, 3))
        weights[np.arange(90), codes] += hint
        probabilities[name] = weights / weights.sum(axis=1, keepdims=True)
    return HOSTS[codes], probabilities


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def curves(axes):
    """Return x and y of the lines that have a place in the legend."""
    return [line.get_xydata().T for line in axes.lines if not line.get_label().startswith("_")]


def test_roc_has_one_panel_per_class_and_one_curve_per_model(data):
    y_true, probabilities = data
    figure = plot_roc_curves(y_true, probabilities)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["bird (30 of 90)", "human (30 of 90)", "pig (30 of 90)"]
    for column, axes in enumerate(figure.axes):
        positive = y_true == HOSTS[column]
        areas = {
            name: roc_auc_score(positive, given[:, column]) for name, given in probabilities.items()
        }
        assert legend(axes) == [f"{name} (AUC {area:.2f})" for name, area in areas.items()]
        x, y, _ = roc_curve(positive, probabilities["bad"][:, column])
        np.testing.assert_allclose(curves(axes)[1], [x, y])


def test_precision_recall_shows_the_precision_of_a_random_guess(data):
    y_true, probabilities = data
    few = np.r_[0:90:3, 1, 2]
    given = {"good": probabilities["good"][few]}
    figure = plot_precision_recall_curves(y_true[few], given)
    assert [axes.get_title() for axes in figure.axes][1] == "human (1 of 32)"
    for column, axes in enumerate(figure.axes):
        positive = y_true[few] == HOSTS[column]
        area = average_precision_score(positive, given["good"][:, column])
        assert legend(axes) == [f"good (AP {area:.2f})"]
        assert axes.lines[0].get_ydata() == pytest.approx([positive.mean()] * 2)


def test_reliability_of_five_sequences_by_hand():
    y_true = np.array(["dog", "human", "dog", "human", "dog"])
    human = np.array([0.1, 0.3, 0.2, 0.6, 0.8])
    figure = plot_reliability_curves(y_true, {"LSTM": np.c_[1 - human, human]}, n_bins=2)
    (axes,) = figure.axes
    assert axes.get_title() == "human (2 of 5)"
    np.testing.assert_allclose(curves(axes), [[[0.2, 0.7], [1 / 3, 1 / 2]]])
    # Three sequences are off by 1/3 - 0.2, two by 0.7 - 1/2.
    assert legend(axes) == ["LSTM (ECE 0.160)"]


def test_reliability_has_the_bins_of_scikit_learn(data):
    y_true, probabilities = data
    figure = plot_reliability_curves(y_true, probabilities, n_bins=7)
    assert len(figure.axes) == 4
    for column, axes in enumerate(figure.axes[1:]):
        for curve, given in zip(curves(axes), probabilities.values()):
            frequency, mean = calibration_curve(
                y_true == HOSTS[column], given[:, column], n_bins=7, strategy="quantile"
            )
            np.testing.assert_allclose(curve, [mean, frequency])


def test_reliability_of_the_predicted_class(data):
    y_true, probabilities = data
    figure = plot_reliability_curves(y_true, probabilities, n_bins=1)
    axes = figure.axes[0]
    assert axes.get_title() == "predicted class"
    for (mean, frequency), given in zip(curves(axes), probabilities.values()):
        assert mean == pytest.approx(given.max(axis=1).mean())
        assert frequency == pytest.approx(np.mean(HOSTS[given.argmax(axis=1)] == y_true))


def test_equal_probabilities_share_a_bin_whatever_their_order():
    y_true = np.array(["dog"] * 3 + ["human"] * 7)
    frequencies = {"majority": np.tile([0.3, 0.7], (10, 1))}
    figure = plot_reliability_curves(y_true, frequencies)
    np.testing.assert_allclose(curves(figure.axes[0]), [[[0.7], [0.7]]])
    assert legend(figure.axes[0]) == ["majority (ECE 0.000)"]


def test_panels_of_rare_classes_zoom_in_on_the_bins():
    y_true = np.array(["bird"] + ["human"] * 49 + ["pig"] * 50)
    given = np.tile([0.02, 0.49, 0.49], (100, 1))
    figure = plot_reliability_curves(y_true, {"LSTM": given})
    limits = [axes.get_xlim()[1] for axes in figure.axes]
    assert limits[1] == pytest.approx(0.102)
    assert limits[2] > 0.49


@pytest.mark.parametrize("plot", [plot_roc_curves, plot_reliability_curves])
def test_two_classes_need_one_panel(plot):
    given = {"LSTM": [[0.8, 0.2], [0.3, 0.7]]}
    (axes,) = plot(["dog", "human"], given).axes
    assert axes.get_title() == "human (1 of 2)"


@pytest.mark.parametrize("plot", PLOTS)
def test_class_without_sequences_has_no_panel(plot, data):
    y_true, probabilities = data
    rows = y_true != "human"
    given = {name: values[rows] for name, values in probabilities.items()}
    titles = [axes.get_title() for axes in plot(y_true[rows], given, labels=HOSTS).axes]
    assert titles[-2:] == ["bird (30 of 60)", "pig (30 of 60)"]
    message = (
        r"The probabilities of 'good' have shape \(60, 3\), expected \(60, 2\) for 60 samples and "
        r"2 classes. If y_true lacks a class, pass labels=model.classes_"
    )
    with pytest.raises(ValueError, match=message):
        plot(y_true[rows], given)


@pytest.mark.parametrize("plot", PLOTS)
def test_one_class_raises(plot):
    message = r"y_true holds one class only ('dog'), so there is no other class to tell it from."
    with pytest.raises(ValueError, match=re.escape(message)):
        plot(["dog", "dog"], {"LSTM": [[0.8, 0.2], [0.3, 0.7]]}, labels=["dog", "human"])


def test_number_of_bins_must_be_positive(data):
    with pytest.raises(ValueError, match="n_bins must be at least 1, got 0"):
        plot_reliability_curves(*data, n_bins=0)


def test_twelve_classes_fit_on_a_page():
    labels = [f"host {i:02d}" for i in range(12)]
    given = np.random.RandomState(0).dirichlet(np.ones(12), size=24)
    figure = plot_reliability_curves(np.repeat(labels, 2), {"LSTM": given})
    assert len(figure.axes) == 13
    assert figure.get_size_inches()[0] <= 18


def test_legends_hide_no_curve(data):
    figure = plot_roc_curves(*data)
    figure.canvas.draw()
    for axes in figure.axes:
        assert axes.get_legend().get_window_extent().y1 < axes.get_window_extent().y0
