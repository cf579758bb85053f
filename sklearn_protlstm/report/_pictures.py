"""Plots of a comparison as SVG pictures inside the page."""

from base64 import b64encode
from io import BytesIO
from typing import NamedTuple

import numpy as np

from sklearn_protlstm._optional import import_pyplot

__all__ = ["Picture", "draw_comparison"]

# Without a date and with fixed ids, the same data give the same bytes. A dollar sign in a label is
# a dollar sign.
_SVG = {"svg.hashsalt": "sklearn_protlstm", "text.parse_math": False}
_NO_METADATA = {"Creator": None, "Date": None}


class Picture(NamedTuple):
    """A plot as a data URI, or the reason why there is none (`title`, with an empty `uri`)."""

    title: str
    uri: str = ""
    width: int = 0
    is_wide: bool = False


def draw_comparison(comparison):
    """Draw scores, confusion matrices and reliability, or say that this needs matplotlib."""
    try:
        import_pyplot()
    except ImportError as error:
        return [Picture(str(error))]
    names = [name for name, failed in zip(comparison.models, comparison.table.failed) if not failed]
    return [
        _take("Scores of each model on every fold", comparison.plot, is_wide=True),
        *(_draw_confusion(comparison, name) for name in names),
        _draw_reliability(comparison, names),
    ]


def _draw_confusion(comparison, name):
    if comparison.multilabel:
        title = f"Confusion of {name}: how sequences with and without each label are predicted"
    else:
        title = f"Confusion matrix of {name}: how each true class is predicted"
    return _take(title, lambda: comparison.plot_confusion([name]))


def _draw_reliability(comparison, names):
    usable = [name for name in names if _has_probabilities(comparison, name)]
    kind = "label" if comparison.multilabel else "class"
    return _take(
        f"Reliability: predicted probability and observed frequency of each {kind}",
        lambda: comparison.plot_reliability(usable or None),
        is_wide=True,
    )


def _has_probabilities(comparison, name):
    if comparison.probabilities is None:
        return False
    index = comparison.models.index(name)
    tested = comparison.predicted[index] >= 0
    return not np.isnan(comparison.probabilities[index][tested]).any()


def _take(title, plot, *, is_wide=False):
    """Plot in the default style and keep the picture, or the reason why it cannot be drawn."""
    plt = import_pyplot()
    content = BytesIO()
    with plt.style.context("default"), plt.rc_context(_SVG):
        try:
            figure = plot()
        except ValueError as error:
            return Picture(f"{title}: not drawn. {error}.")
        try:
            figure.savefig(content, format="svg", metadata=_NO_METADATA)
            width = round(96 * figure.get_size_inches()[0])
        finally:
            plt.close(figure)
    uri = f"data:image/svg+xml;base64,{b64encode(content.getvalue()).decode('ascii')}"
    return Picture(title, uri, width, is_wide)
