"""plot_confusion_matrices: shares, counts and a readable layout."""

import numpy as np
import pytest

from sklearn_protlstm.plotting import plot_confusion_matrices


def cells(axes):
    """Return the texts of a matrix by (row, column)."""
    return {
        (text.get_position()[1], text.get_position()[0]): text.get_text() for text in axes.texts
    }


def random_predictions(n_classes, n_models):
    rng = np.random.RandomState(0)
    y_true = np.arange(2000) % n_classes
    names = np.array([f"host {code}" for code in range(n_classes)])
    predictions = {f"model {i}": names[rng.permutation(y_true)] for i in range(n_models)}
    return names[y_true], predictions


def test_cells_show_share_and_count():
    y_true = ["dog", "dog", "dog", "human"]
    figure = plot_confusion_matrices(y_true, {"LSTM": ["dog", "dog", "human", "human"]})
    assert cells(figure.axes[0]) == {(0, 0): "67 %\n2", (0, 1): "33 %\n1", (1, 1): "100 %\n1"}


def test_small_shares_are_not_rounded_to_zero():
    y_true, y_pred = np.repeat("dog", 300), np.repeat("dog", 300)
    y_pred[0] = "cat"
    figure = plot_confusion_matrices(y_true, {"LSTM": y_pred}, labels=["dog", "cat"])
    assert cells(figure.axes[0]) == {(0, 0): "100 %\n299", (0, 1): "<1 %\n1"}


def test_class_that_is_only_predicted_is_shown():
    figure = plot_confusion_matrices(["dog", "dog"], {"LSTM": ["dog", "cat"]})
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["cat", "dog"]
    assert cells(figure.axes[0]) == {(1, 0): "50 %\n1", (1, 1): "50 %\n1"}


def test_diagonal_is_the_recall_even_if_labels_leave_out_a_class():
    y_true = ["dog", "dog", "human", "cat"]
    y_pred = ["dog", "cat", "human", "cat"]
    figure = plot_confusion_matrices(y_true, {"LSTM": y_pred}, labels=["dog", "human"])
    assert cells(figure.axes[0]) == {(0, 0): "50 %\n1", (1, 1): "100 %\n1"}


@pytest.mark.parametrize("n_classes", [2, 6, 12])
def test_texts_fit_into_their_cells(n_classes):
    y_true, _ = random_predictions(n_classes, 2)
    figure = plot_confusion_matrices(y_true, {"perfect": y_true, "equal": y_true})
    figure.canvas.draw()
    axes = figure.axes[0]
    side = axes.get_window_extent().width / n_classes
    assert len(axes.texts) == n_classes
    for text in axes.texts:
        extent = text.get_window_extent()
        assert extent.width < side
        assert extent.height < side


@pytest.mark.parametrize(("n_classes", "n_rows"), [(2, 1), (6, 2), (12, 2)])
def test_many_matrices_stand_in_several_rows(n_classes, n_rows):
    figure = plot_confusion_matrices(*random_predictions(n_classes, 4))
    assert len(figure.axes) == 4 + 1  # the colour bar
    assert figure.axes[0].get_subplotspec().get_gridspec().nrows == n_rows
    assert figure.get_size_inches()[0] <= 18


def test_unused_places_of_the_grid_stay_empty():
    figure = plot_confusion_matrices(*random_predictions(12, 3))
    assert [axes.get_title() for axes in figure.axes[:3]] == ["model 0", "model 1", "model 2"]
    assert len(figure.axes) == 3 + 1
