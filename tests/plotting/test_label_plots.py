"""Plots of any number of labels for each sequence."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import average_precision_score, roc_auc_score

from sklearn_protlstm.plotting import (
    plot_confusion_matrices,
    plot_precision_recall_curves,
    plot_reliability_curves,
    plot_roc_curves,
)

NAN = np.nan
TRUE = np.array([[1, 0], [1, NAN], [0, 1], [NAN, 1], [0, 0], [1, 0]])
PREDICTED = np.array([[1, 1], [0, 1], [0, 1], [1, 0], [0, 0], [1, 0]])
PROBABILITIES = np.array([[0.9, 0.6], [0.3, 0.7], [0.4, 0.8], [0.6, 0.1], [0.1, 0.4], [0.8, 0.2]])
CURVES = [plot_roc_curves, plot_precision_recall_curves, plot_reliability_curves]


def cells(axes):
    return {
        (text.get_position()[1], text.get_position()[0]): text.get_text() for text in axes.texts
    }


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_confusion_by_hand():
    figure = plot_confusion_matrices(TRUE, {"LSTM": PREDICTED, "same": TRUE}, labels=["x", "y"])
    assert [axes.get_title() for axes in figure.axes[:2]] == ["LSTM", "same"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["x", "y"]
    # Of x, three sequences have it, two lack it and one is unknown.
    assert cells(figure.axes[0]) == {
        (0, 0): "67 %\n2",
        (0, 1): "33 %\n1",
        (0, 3): "100 %\n2",
        (1, 0): "50 %\n1",
        (1, 1): "50 %\n1",
        (1, 2): "33 %\n1",
        (1, 3): "67 %\n2",
    }
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "present:\nfound",
        "present:\nmissed",
        "absent:\npredicted",
        "absent:\nleft out",
    ]


@pytest.mark.parametrize(
    ("y_true", "names"),
    [
        (PREDICTED, ["0", "1"]),
        (PREDICTED.tolist(), ["0", "1"]),
        (csr_matrix(PREDICTED), ["0", "1"]),
        (pd.DataFrame(PREDICTED, columns=["bird", "human"]), ["bird", "human"]),
    ],
    ids=["array", "rows", "sparse", "frame"],
)
def test_forms_of_the_true_labels(y_true, names):
    figure = plot_confusion_matrices(y_true, {"LSTM": PREDICTED})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == names
    assert cells(figure.axes[0])[0, 0] == "100 %\n3"
    titles = [axes.get_title() for axes in plot_roc_curves(y_true, {"LSTM": PROBABILITIES}).axes]
    assert titles == [f"{name} (3 of 6)" for name in names]


def test_curves_leave_out_sequences_whose_label_is_unknown():
    known = [[0, 1, 2, 4, 5], [0, 2, 3, 4, 5]]
    for plot, score, name in (
        (plot_roc_curves, roc_auc_score, "AUC"),
        (plot_precision_recall_curves, average_precision_score, "AP"),
    ):
        figure = plot(TRUE, {"LSTM": PROBABILITIES}, labels=["x", "y"])
        assert [axes.get_title() for axes in figure.axes] == ["x (3 of 5)", "y (2 of 5)"]
        for column, (axes, rows) in enumerate(zip(figure.axes, known)):
            value = score(TRUE[rows, column], PROBABILITIES[rows, column])
            assert legend(axes) == [f"LSTM ({name} {value:.2f})"]


def test_reliability_has_no_panel_of_the_predicted_class():
    figure = plot_reliability_curves(TRUE, {"LSTM": PROBABILITIES}, labels=["x", "y"], n_bins=1)
    assert [axes.get_title() for axes in figure.axes] == ["x (3 of 5)", "y (2 of 5)"]
    # The mean of 0.9, 0.3, 0.4, 0.1 and 0.8 is 0.5, and three of five sequences have the label.
    assert legend(figure.axes[0]) == ["LSTM (ECE 0.100)"]


@pytest.mark.parametrize("plot", CURVES)
def test_label_on_all_or_no_sequences_has_no_panel(plot):
    y_true = np.column_stack([PREDICTED, np.ones(6), np.full(6, np.nan)])
    given = np.column_stack([PROBABILITIES, PROBABILITIES])
    assert len(plot(y_true, {"LSTM": given}).axes) == 2
    with pytest.raises(ValueError, match="No label in y_true is present in some sequences and abs"):
        plot(np.zeros((6, 2)), {"LSTM": PROBABILITIES})


def test_shapes_that_do_not_fit_raise():
    with pytest.raises(
        ValueError, match=r"'LSTM' have shape \(6, 1\), expected \(6, 2\) for 6 sam"
    ):
        plot_roc_curves(TRUE, {"LSTM": PROBABILITIES[:, :1]})
    message = (
        r"The predictions of 'LSTM' have shape \(5, 2\), expected \(6, 2\), the shape of y_true"
    )
    with pytest.raises(ValueError, match=message):
        plot_confusion_matrices(TRUE, {"LSTM": PREDICTED[1:]})
    message = r"The predictions of 'LSTM' have shape \(6, 1\), expected \(6, 2\), the shape of y_tr"
    with pytest.raises(ValueError, match=message):
        plot_confusion_matrices(TRUE, {"LSTM": PREDICTED[:, :1]}, labels=["x", "y"])
    message = r"y has 2 columns, but there are 3 labels: 'x', 'y', 'z'\. Give y a column for each"
    with pytest.raises(ValueError, match=message):
        plot_confusion_matrices(TRUE, {"LSTM": PREDICTED}, labels=["x", "y", "z"])


def test_columns_find_their_label_and_lists_are_taken():
    """Labels in another order move the columns with them."""
    frame = pd.DataFrame(TRUE, columns=["x", "y"])
    swapped = plot_roc_curves(frame, {"LSTM": PROBABILITIES[:, ::-1]}, labels=["y", "x"])
    plain = plot_roc_curves(frame, {"LSTM": PROBABILITIES})

    def curves(figure):
        return {axes.get_title(): axes.lines[0].get_xydata().tolist() for axes in figure.axes}

    assert curves(swapped) == curves(plain)
    lists = [[name for name, one in zip("xy", row) if one == 1] for row in np.nan_to_num(TRUE)]
    no_nan = pd.DataFrame(np.nan_to_num(TRUE), columns=["x", "y"])
    from_lists = plot_roc_curves(lists, {"LSTM": PROBABILITIES})
    assert curves(from_lists) == curves(plot_roc_curves(no_nan, {"LSTM": PROBABILITIES}))


@pytest.mark.parametrize("n_labels", [2, 12])
def test_texts_fit_into_their_cells(n_labels):
    y_true = np.random.RandomState(0).randint(0, 2, (2000, n_labels))
    figure = plot_confusion_matrices(y_true, {"flipped": 1 - y_true, "perfect": y_true})
    figure.canvas.draw()
    axes = figure.axes[0]
    box = axes.get_window_extent()
    assert len(axes.texts) == 2 * n_labels
    for text in axes.texts:
        extent = text.get_window_extent()
        assert extent.width < box.width / 4
        assert extent.height < box.height / n_labels
