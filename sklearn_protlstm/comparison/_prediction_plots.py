"""Plots of the predictions of a comparison."""

import numpy as np

from sklearn_protlstm._labels.matrix import decode_targets
from sklearn_protlstm.plotting import (
    plot_confusion_matrices,
    plot_precision_recall_curves,
    plot_reliability_curves,
    plot_roc_curves,
)

__all__ = ["PredictionPlots"]


class PredictionPlots:
    """Plots of a ModelComparison that show the predictions for the test parts of all folds.

    With any number of labels, the curves treat each label as a class, and leave out sequences for
    which it is unknown.
    """

    def plot_confusion(self, models=None):
        """Plot the confusion matrix of each model, summed over all repeats.

        With any number of labels, each label has a row that shows how the sequences with it and
        without it are predicted.

        Parameters
        ----------
        models : str, iterable of str or None, default=None
            Names of the models to show, in this order. None shows all that did not fail.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One panel per model, as in
            :func:`~sklearn_protlstm.plotting.plot_confusion_matrices`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a model is unknown or failed, or Ctrl-C left no sequence with a prediction from
            every model shown.
        """
        rows = self._rows_of(models)
        y_true, known = self._select_tested(rows)
        predictions = {
            self.models[row]: decode_targets(self.predicted[row][known], self.classes)
            for row in rows
        }
        return plot_confusion_matrices(y_true, predictions, labels=self.classes)

    def plot_roc(self, models=None):
        """Plot the ROC curves of each class against the rest, over all folds and repeats.

        Parameters
        ----------
        models : str, iterable of str or None, default=None
            Names of the models to show, in this order. None shows all that did not fail.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One panel per class with one curve per model, as in
            :func:`~sklearn_protlstm.plotting.plot_roc_curves`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the comparison ran without ``keep_probabilities=True``, or a model is unknown, failed
            or has no ``predict_proba``. Also if Ctrl-C left fewer than two classes with
            predictions from every model shown.

        Notes
        -----
        A curve joins the predictions of all folds, and each fold has a model of its own. Its AUC
        can therefore differ from the mean AUC of the folds in the printed table.
        """
        return plot_roc_curves(*self._list_probabilities(models, "plot_roc"), labels=self.classes)

    def plot_precision_recall(self, models=None):
        """Plot the precision-recall curves of each class, over all folds and repeats.

        Parameters
        ----------
        models : str, iterable of str or None, default=None
            Names of the models to show, in this order. None shows all that did not fail.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One panel per class with one curve per model, as in
            :func:`~sklearn_protlstm.plotting.plot_precision_recall_curves`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            As in `plot_roc`.
        """
        return plot_precision_recall_curves(
            *self._list_probabilities(models, "plot_precision_recall"), labels=self.classes
        )

    def plot_reliability(self, models=None, *, n_bins=10):
        """Plot predicted probabilities against observed frequencies, over all folds and repeats.

        Parameters
        ----------
        models : str, iterable of str or None, default=None
            Names of the models to show, in this order. None shows all that did not fail.
        n_bins : int, default=10
            Number of bins of equal counts. With few sequences, fewer bins give a steadier curve.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One panel per class with one curve per model and its expected calibration error, as in
            :func:`~sklearn_protlstm.plotting.plot_reliability_curves`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            As in `plot_roc`, or if `n_bins` is below 1.
        """
        return plot_reliability_curves(
            *self._list_probabilities(models, "plot_reliability"),
            labels=self.classes,
            n_bins=n_bins,
        )

    def _rows_of(self, models):
        """Return the indices of the named models, or of all that did not fail."""
        usable = np.flatnonzero(~self.table.failed)
        if models is None:
            rows = usable
        else:
            names = [models] if isinstance(models, str) else models
            rows = np.array([self._index_of(name) for name in names], dtype=np.int64)
        if not len(rows):
            choice = ", ".join(repr(self.models[row]) for row in usable) or "none, as all failed"
            raise ValueError(
                f"There is no model to plot in models={models!r}. Models with predictions: {choice}"
            )
        return rows

    def _select_tested(self, rows):
        """Return the true labels of all predictions, and a mask of shape (n_repeats, n_samples).

        The mask selects the sequences with a prediction from every model in `rows`.
        """
        predicted = self.predicted[rows][..., 0] if self.multilabel else self.predicted[rows]
        known = (predicted >= 0).all(axis=0)
        if not known.any():
            raise ValueError(
                "No sequence has a prediction from every model, because the comparison was "
                "interrupted early. Run compare_models again"
            )
        codes = np.broadcast_to(self.codes, (len(known), *self.codes.shape))[known]
        return decode_targets(codes, self.classes), known

    def _list_probabilities(self, models, method):
        """Return the true labels, and a dict of the probabilities by model."""
        if self.probabilities is None:
            raise ValueError(
                f"{method} needs class probabilities, but this comparison did not keep them. Call "
                "compare_models with keep_probabilities=True"
            )
        rows = self._rows_of(models)
        y_true, known = self._select_tested(rows)
        probabilities = {self.models[row]: self.probabilities[row][known] for row in rows}
        lacking = [name for name, given in probabilities.items() if np.isnan(given).any()]
        if lacking:
            others = [name for name in probabilities if name not in lacking]
            raise ValueError(
                f"{method} needs class probabilities, but model {lacking[0]!r} has no "
                f"predict_proba. Leave it out, such as models={others}, or wrap the classifier in "
                "CalibratedClassifierCV"
            )
        return y_true, probabilities
