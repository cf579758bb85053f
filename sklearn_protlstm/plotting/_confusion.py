"""Confusion matrices."""

import numpy as np
from sklearn.metrics import confusion_matrix

from sklearn_protlstm.plotting._grid import make_grid

__all__ = ["plot_confusion_matrices"]


def plot_confusion_matrices(y_true, predictions, *, labels=None):
    """Plot the confusion matrices of several models side by side.

    Rows are true classes. Each cell shows the percentage of the true class that is predicted as
    another, above the number of predictions. The diagonal shows the recall.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    predictions : dict of str to array-like of shape (n_samples,)
        Predicted labels of each model. The keys are the titles.
    labels : sequence or None, default=None
        Classes to show, in this order. None shows all classes that are true or predicted, sorted.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Figure with one matrix per model.

    Raises
    ------
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> from sklearn_protlstm.plotting import plot_confusion_matrices
    >>> figure = plot_confusion_matrices(
    ...     ["dog", "human"], {"LSTM": ["dog", "human"], "k-mers": ["dog", "dog"]}
    ... )
    >>> [axes.get_title() for axes in figure.axes[:2]]
    ['LSTM', 'k-mers']
    """
    y_true = np.asarray(y_true)
    if labels is None:
        labels = np.unique(np.concatenate([y_true, *map(np.asarray, predictions.values())]))
    side = 1.4 + 0.55 * len(labels)
    figure, panels = make_grid(len(predictions), (side, side + 0.5), sharey=True)
    totals = np.array([np.sum(y_true == label) for label in labels])
    for axes, (title, y_pred) in zip(panels, predictions.items()):
        counts = confusion_matrix(y_true, y_pred, labels=labels)
        shares = counts / totals.clip(min=1)[:, np.newaxis]
        # Viridis is readable with color blindness and in grayscale.
        image = axes.imshow(shares, vmin=0, vmax=1, cmap="viridis")
        _write_cells(axes, shares, counts)
        axes.set_title(title)
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xlabel("predicted")
        if axes.get_subplotspec().is_first_col():
            axes.set_ylabel("true")
    figure.colorbar(image, ax=panels, label="share of the true class", shrink=0.8)
    return figure


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
