"""Confusion matrices."""

import numpy as np
from sklearn.metrics import confusion_matrix

from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm.plotting._grid import make_grid
from sklearn_protlstm.plotting._label_matrix import as_matrix, check_label_matrix

__all__ = ["plot_confusion_matrices"]


def plot_confusion_matrices(y_true, predictions, *, labels=None):
    """Plot the confusion matrices of several models side by side.

    Rows are true classes. Each cell shows the percentage of the true class that is predicted as
    another, above the number of predictions. The diagonal shows the recall.

    If there are any number of labels for each sequence, rows are labels. The first two columns show
    how the sequences with a label are predicted, the last two those without it.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_labels)
        True classes, or a matrix with 1 where a sequence has a label, 0 where it does not, and NaN
        where that is unknown. Unknown labels do not count.
    predictions : dict of str to array-like of the shape of `y_true`
        Predictions of each model. The keys are the titles.
    labels : sequence or None, default=None
        Classes to show, in this order. None shows all classes that are true or predicted, sorted.
        For a matrix, the names of the columns; None takes those of a data frame, or numbers.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Figure with one matrix per model.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the shapes of matrices differ, or `labels` does not fit.

    Examples
    --------
    >>> from sklearn_protlstm.plotting import plot_confusion_matrices
    >>> figure = plot_confusion_matrices(
    ...     ["dog", "human"], {"LSTM": ["dog", "human"], "k-mers": ["dog", "dog"]}
    ... )
    >>> [axes.get_title() for axes in figure.axes[:2]]
    ['LSTM', 'k-mers']
    """
    if is_multilabel(y_true):
        return _plot_label_outcomes(*check_label_matrix(y_true, labels), predictions)
    y_true = np.asarray(y_true)
    if labels is None:
        labels = np.unique(np.concatenate([y_true, *map(np.asarray, predictions.values())]))
    side = 1.4 + 0.55 * len(labels)
    figure, panels = make_grid(len(predictions), (side, side + 0.5), sharey=True)
    totals = np.array([np.sum(y_true == label) for label in labels])
    for axes, (title, y_pred) in zip(panels, predictions.items()):
        counts = confusion_matrix(y_true, y_pred, labels=labels)
        shares = counts / totals.clip(min=1)[:, np.newaxis]
        image = _draw_matrix(axes, title, shares, counts, labels, labels)
        axes.set_xlabel("predicted")
        if axes.get_subplotspec().is_first_col():
            axes.set_ylabel("true")
    figure.colorbar(image, ax=panels, label="share of the true class", shrink=0.8)
    return figure


# What may happen to a label of a sequence.
_OUTCOMES = ("present:\nfound", "present:\nmissed", "absent:\npredicted", "absent:\nleft out")


def _plot_label_outcomes(y_true, labels, predictions):
    """Plot one row per label: the cells of its confusion matrix side by side."""
    size = 1.4 + 0.55 * len(_OUTCOMES), 1.9 + 0.55 * len(labels)
    figure, panels = make_grid(len(predictions), size, sharey=True)
    for axes, (title, predicted) in zip(panels, predictions.items()):
        counts = _count_outcomes(y_true, as_matrix(predicted), title)
        # Found and missed add up to the sequences with the label, the others to those without.
        totals = counts.reshape(-1, 2, 2).sum(axis=2).repeat(2, axis=1)
        image = _draw_matrix(axes, title, counts / totals.clip(min=1), counts, _OUTCOMES, labels)
        if axes.get_subplotspec().is_first_col():
            axes.set_ylabel("label")
    figure.colorbar(image, ax=panels, label="share of sequences with or without it", shrink=0.8)
    return figure


def _count_outcomes(y_true, predicted, title):
    if predicted.shape != y_true.shape:
        raise ValueError(
            f"The predictions of {title!r} have shape {predicted.shape}, expected {y_true.shape}, "
            "the shape of y_true"
        )
    return np.column_stack(
        [
            ((y_true == state) & (predicted == outcome)).sum(axis=0)
            for state in (1, 0)
            for outcome in (1, 0)
        ]
    )


def _draw_matrix(axes, title, shares, counts, columns, rows):
    # Viridis is readable with color blindness and in grayscale.
    image = axes.imshow(shares, vmin=0, vmax=1, cmap="viridis")
    _write_cells(axes, shares, counts)
    axes.set_title(title)
    axes.set_xticks(range(len(columns)), columns, rotation=45, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    return image


def _write_cells(axes, shares, counts):
    for (row, column), count in np.ndenumerate(counts):
        if count:
            share = shares[row, column]
            percentage = f"{100 * share:.0f} %" if share >= 0.005 else "<1 %"
            color = "black" if share > 0.6 else "white"
            axes.text(
                column,
                row,
                f"{percentage}\n{count}",
                ha="center",
                va="center",
                color=color,
                size=8,
            )
