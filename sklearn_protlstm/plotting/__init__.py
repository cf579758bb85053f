"""Plots of predictions, for every classifier. Importing this module does not import matplotlib.

============================ =============================================================
plot_confusion_matrices      Which classes are mistaken for which?
plot_roc_curves              How well do the probabilities rank the sequences of a class?
plot_precision_recall_curves The same, for rare classes.
plot_reliability_curves      Are the probabilities true?
============================ =============================================================
"""

from sklearn_protlstm.plotting._confusion import plot_confusion_matrices
from sklearn_protlstm.plotting._curves import (
    plot_precision_recall_curves,
    plot_reliability_curves,
    plot_roc_curves,
)

__all__ = [
    "plot_confusion_matrices",
    "plot_precision_recall_curves",
    "plot_reliability_curves",
    "plot_roc_curves",
]
