"""ROC, precision-recall and reliability curves."""

from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm.plotting._grid import make_grid
from sklearn_protlstm.plotting._label_matrix import check_label_matrix

__all__ = ["plot_precision_recall_curves", "plot_reliability_curves", "plot_roc_curves"]

_STYLES = ("-", "--", "-.", ":")
_REFERENCE = {"color": "gray", "linewidth": 0.8, "linestyle": (0, (2, 3))}


def plot_roc_curves(y_true, probabilities, *, labels=None):
    """Plot ROC curves: one panel per class against the rest, one curve per model.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
        True classes, or a matrix with 1 where a sequence has a label, 0 where it does not, and NaN
        where that is unknown. Sequences for which a label is unknown are left out of its panel.
    probabilities : dict of str to array-like of shape (n_samples, n_classes)
        Class probabilities of each model. The keys are the names in the legends.
    labels : sequence of length n_classes or None, default=None
        Classes in the order of the columns, such as ``classes_`` of the models. None uses the
        classes in `y_true`, sorted, or the names or numbers of its columns.

    Returns
    -------
    figure : matplotlib.figure.Figure
        One panel per class in `y_true`, with the number of its sequences. Of two classes, only the
        second is shown, because the curve of the first is its mirror image. Legends show the area
        under each curve (AUC). Of a matrix, there is a panel for each label that some sequences
        have and some lack.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the shape of the probabilities does not fit, or `y_true` holds one class only. Of a
        matrix, if no label is present in some sequences and absent from others.

    Examples
    --------
    >>> from sklearn_protlstm.plotting import plot_roc_curves
    >>> figure = plot_roc_curves(
    ...     ["dog", "human", "human"], {"LSTM": [[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]}
    ... )
    >>> figure.axes[0].get_legend().get_texts()[0].get_text()
    'LSTM (AUC 1.00)'
    """
    panels = _one_against_rest(y_true, probabilities, labels, mirrored=True)
    return _plot_panels(
        panels,
        _roc,
        xlabel="false positive rate",
        ylabel="true positive rate (recall)",
    )


def plot_precision_recall_curves(y_true, probabilities, *, labels=None):
    """Plot precision-recall curves: one panel per class against the rest, one curve per model.

    For a rare class these curves say more than ROC curves, because they do not count the many
    easy rejections.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
        True classes, or a matrix with 1 where a sequence has a label, 0 where it does not, and NaN
        where that is unknown. Sequences for which a label is unknown are left out of its panel.
    probabilities : dict of str to array-like of shape (n_samples, n_classes)
        Class probabilities of each model. The keys are the names in the legends.
    labels : sequence of length n_classes or None, default=None
        Classes in the order of the columns, such as ``classes_`` of the models. None uses the
        classes in `y_true`, sorted, or the names or numbers of its columns.

    Returns
    -------
    figure : matplotlib.figure.Figure
        One panel per class in `y_true`, with the number of its sequences. The dotted line is the
        precision of a random guess. Legends show the average precision (AP). Of a matrix, the
        panels are those of :func:`plot_roc_curves`.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the shape of the probabilities does not fit, or `y_true` holds one class only. Of a
        matrix, if no label is present in some sequences and absent from others.

    Examples
    --------
    >>> from sklearn_protlstm.plotting import plot_precision_recall_curves
    >>> figure = plot_precision_recall_curves(
    ...     ["dog", "human", "human"], {"LSTM": [[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]}
    ... )
    >>> [axes.get_title() for axes in figure.axes]
    ['dog (1 of 3)', 'human (2 of 3)']
    """
    panels = _one_against_rest(y_true, probabilities, labels)
    return _plot_panels(
        panels,
        _precision_recall,
        xlabel="recall",
        ylabel="precision",
        diagonal=False,
        drawstyle="steps-post",
    )


def plot_reliability_curves(y_true, probabilities, *, labels=None, n_bins=10):
    """Plot reliability curves: predicted probabilities against observed frequencies.

    If probabilities are true, 80 % of the sequences with a probability of 80 % belong to the class.
    Sequences are sorted by probability and cut into bins of equal counts. Each bin is a dot: its
    mean probability against the observed frequency. Below the diagonal, a model is overconfident.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
        True classes, or a matrix with 1 where a sequence has a label, 0 where it does not, and NaN
        where that is unknown. Sequences for which a label is unknown are left out of its panel.
    probabilities : dict of str to array-like of shape (n_samples, n_classes)
        Class probabilities of each model. The keys are the names in the legends.
    labels : sequence of length n_classes or None, default=None
        Classes in the order of the columns, such as ``classes_`` of the models. None uses the
        classes in `y_true`, sorted, or the names or numbers of its columns.
    n_bins : int, default=10
        Number of bins. Equal probabilities share a bin, so there may be fewer. With few sequences,
        fewer bins give a steadier curve.

    Returns
    -------
    figure : matplotlib.figure.Figure
        One panel per class in `y_true`, with the number of its sequences. Of two classes, only the
        second is shown. With more than two, the first panel shows the probability of the predicted
        class. Legends show the expected calibration error (ECE): the mean distance of the
        bins from the diagonal, weighted by their counts. Of a matrix, the panels are those of
        :func:`plot_roc_curves`.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        As in :func:`plot_roc_curves`, or if `n_bins` is below 1.

    References
    ----------
    M. Pakdaman Naeini, G. F. Cooper and M. Hauskrecht. Obtaining well calibrated probabilities
    using Bayesian binning. Proceedings of the AAAI Conference on Artificial Intelligence 29 (2015).
    :doi:`10.1609/aaai.v29i1.9602`

    Examples
    --------
    >>> from sklearn_protlstm.plotting import plot_reliability_curves
    >>> figure = plot_reliability_curves(
    ...     ["dog", "human", "human"],
    ...     {"LSTM": [[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]},
    ...     n_bins=1,
    ... )
    >>> figure.axes[0].get_legend().get_texts()[0].get_text()
    'LSTM (ECE 0.067)'
    """
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1, got {n_bins!r}")
    panels = _one_against_rest(y_true, probabilities, labels, mirrored=True)
    if len(panels) > 1 and not is_multilabel(y_true):
        panels.insert(0, _predicted_class(y_true, probabilities, labels))
    return _plot_panels(
        panels,
        partial(_reliability, n_bins=n_bins),
        xlabel="mean predicted probability",
        ylabel="observed frequency",
        marker="o",
        markersize=4,
    )


class _Panel(NamedTuple):
    """A title, and the curves of one panel as tuples (name, positive, scores).

    `positive` says which samples belong to the class and `scores` has their probabilities.
    """

    title: str
    curves: list


def _one_against_rest(y_true, probabilities, labels, *, mirrored=False):
    """Return one panel per class in `y_true`, or only the last of two classes if `mirrored`."""
    if is_multilabel(y_true):
        return _list_label_panels(*check_label_matrix(y_true, labels), probabilities)
    y_true, labels, probabilities = _check_probabilities(y_true, probabilities, labels)
    shown = [column for column, label in enumerate(labels) if np.any(y_true == label)]
    if len(labels) == 2 and mirrored:
        shown = [1]
    panels = []
    for column in shown:
        positive = y_true == labels[column]
        title = f"{labels[column]} ({positive.sum()} of {len(y_true)})"
        curves = [(name, positive, given[:, column]) for name, given in probabilities.items()]
        panels.append(_Panel(title, curves))
    return panels


def _list_label_panels(y_true, labels, probabilities):
    """Return one panel per label that some sequences have and some lack."""
    probabilities = _check_shapes(y_true, labels, probabilities)
    panels = []
    for column, (label, true) in enumerate(zip(labels, y_true.T)):
        known = ~np.isnan(true)
        positive = true[known] == 1
        if positive.any() and not positive.all():
            title = f"{label} ({positive.sum()} of {known.sum()})"
            curves = [(name, positive, p[known, column]) for name, p in probabilities.items()]
            panels.append(_Panel(title, curves))
    if not panels:
        raise ValueError(
            "No label in y_true is present in some sequences and absent from others, so there is "
            "no curve to draw. Pass the labels of more sequences"
        )
    return panels


def _predicted_class(y_true, probabilities, labels):
    """Return the panel of all classes: is the predicted class right as often as promised?"""
    y_true, labels, probabilities = _check_probabilities(y_true, probabilities, labels)
    curves = [
        (name, labels[given.argmax(axis=1)] == y_true, given.max(axis=1))
        for name, given in probabilities.items()
    ]
    return _Panel("predicted class", curves)


def _check_probabilities(y_true, probabilities, labels):
    """Return all arguments as arrays of matching shapes."""
    y_true = np.asarray(y_true)
    present = np.unique(y_true)
    labels = present if labels is None else np.asarray(labels)
    if len(present) < 2:
        raise ValueError(
            f"y_true holds one class only ({present.tolist()[0]!r}), so there is no other class to "
            "tell it from. Pass the labels of at least two classes"
        )
    return y_true, labels, _check_shapes(y_true, labels, probabilities)


def _check_shapes(y_true, labels, probabilities):
    """Return the probabilities as arrays with a row for each sequence and a column per label."""
    probabilities = {name: np.asarray(given) for name, given in probabilities.items()}
    for name, given in probabilities.items():
        if given.shape != (len(y_true), len(labels)):
            raise ValueError(
                f"The probabilities of {name!r} have shape {given.shape}, expected "
                f"{(len(y_true), len(labels))} for {len(y_true)} samples and {len(labels)} "
                "classes. If y_true lacks a class, pass labels=model.classes_"
            )
    return probabilities


def _roc(positive, scores):
    false_positives, true_positives, _ = roc_curve(positive, scores)
    area = auc(false_positives, true_positives)
    return false_positives, true_positives, f"AUC {area:.2f}"


def _precision_recall(positive, scores):
    precision, recall, _ = precision_recall_curve(positive, scores, drop_intermediate=True)
    return recall, precision, f"AP {average_precision_score(positive, scores):.2f}"


def _reliability(positive, scores, *, n_bins):
    # calibration_curve makes the same bins, but does not return their sizes, which weight the ECE.
    edges = np.quantile(scores, np.linspace(0, 1, n_bins + 1)[1:-1])
    bins = np.searchsorted(edges, scores)
    sizes = np.bincount(bins)
    used = sizes > 0
    mean = np.bincount(bins, weights=scores)[used] / sizes[used]
    frequency = np.bincount(bins, weights=positive)[used] / sizes[used]
    error = np.average(np.abs(mean - frequency), weights=sizes[used])
    return mean, frequency, f"ECE {error:.3f}"


def _plot_panels(panels, curve, *, xlabel, ylabel, diagonal=True, **style):
    """Plot all panels. `curve` turns positives and scores into x, y and the text of the legend."""
    height = 3.1 + 0.14 * len(panels[0].curves)
    figure, grid = make_grid(len(panels), (3.1, height))
    for axes, panel in zip(grid, panels):
        base_rate = panel.curves[0][1].mean()
        limit = 0.1
        axes.plot([0, 1], [0, 1] if diagonal else [base_rate] * 2, **_REFERENCE)
        for number, (name, positive, scores) in enumerate(panel.curves):
            x, y, summary = curve(positive, scores)
            dashes = _STYLES[number % len(_STYLES)]
            axes.plot(x, y, linestyle=dashes, label=f"{name} ({summary})", **style)
            limit = max(limit, x.max(), y.max())
        # The probabilities of a rare class fill a corner only.
        axes.set(xlim=(-0.02 * limit, 1.02 * limit), ylim=(-0.02 * limit, 1.02 * limit))
        axes.set_aspect("equal")
        axes.set_title(panel.title, fontsize=10)
        axes.tick_params(labelsize=8)
        # Below the panel, the legend hides no curve.
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), fontsize=8, frameon=False)
    figure.supxlabel(xlabel)
    figure.supylabel(ylabel)
    return figure
