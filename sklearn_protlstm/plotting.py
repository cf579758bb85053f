"""Plots of predictions. matplotlib is imported when the first plot is drawn."""

import numpy as np

from sklearn_protlstm._optional import import_pyplot

__all__ = ["plot_confusion_matrices"]


def plot_confusion_matrices(y_true, predictions, *, labels=None):
    """Plot the confusion matrices of several models side by side.

    Rows are true classes and are normalized: each cell shows the percentage of a class that is
    predicted as another. The diagonal shows the recall.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    predictions : dict of str to array-like of shape (n_samples,)
        Predicted labels of each model. The keys are the titles.
    labels : sequence or None, default=None
        Classes to show, in this order. None shows the classes in `y_true`, sorted.

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
    from sklearn.metrics import confusion_matrix

    plt = import_pyplot()
    labels = np.unique(y_true) if labels is None else np.asarray(labels)
    width = 1.2 + 0.5 * len(labels)
    figure, panels = plt.subplots(
        1,
        len(predictions),
        figsize=(1.2 + (width + 0.6) * len(predictions), width + 1.5),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axes, (title, y_pred) in zip(panels[0], predictions.items()):
        shares = confusion_matrix(y_true, y_pred, labels=labels, normalize="true")
        # Viridis is readable with color blindness and in grayscale.
        image = axes.imshow(shares, vmin=0, vmax=1, cmap="viridis")
        _write_shares(axes, shares)
        axes.set_title(title)
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xlabel("predicted")
    panels[0][0].set_ylabel("true")
    figure.colorbar(image, ax=panels[0].tolist(), label="share of the true class", shrink=0.8)
    return figure


def _write_shares(axes, shares):
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            color = "black" if share > 0.6 else "white"
            axes.text(
                column, row, f"{100 * share:.0f}", ha="center", va="center", color=color, size=8
            )
