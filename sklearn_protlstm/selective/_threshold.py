"""The threshold of a selective classifier: how it is chosen, changed and shown."""

import warnings

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.selective._plot import plot_curve
from sklearn_protlstm.selective._risk import make_curve

__all__ = ["ThresholdChoice"]


class ThresholdChoice:
    """Methods that need the out-of-fold scores of a fitted classifier only."""

    def set_precision(self, precision):
        """Choose the threshold for another precision, without another fit.

        Parameters
        ----------
        precision : float
            Share of the answers that must be right, from 0 up to, but not including, 1.

        Returns
        -------
        self : SelectiveClassifier
            The classifier with new `precision`, `threshold_`, `coverage_` and `precision_`.

        Raises
        ------
        ValueError
            If the precision is out of range. The classifier stays as it is.

        Warns
        -----
        UserWarning
            As in :meth:`fit`.
        """
        check_is_fitted(self)
        previous, self.precision = self.precision, precision
        try:
            self._validate_params()
        except ValueError:
            self.precision = previous
            raise
        self.choose_threshold()
        self._warn_without_answers(stacklevel=3)
        return self

    def frame(self):
        """Score the answers to held-out families at several thresholds.

        Returns
        -------
        frame : pandas.DataFrame of shape (n_thresholds, 5)
            The columns are threshold, coverage (share of the proteins with an answer), families
            (number of families with an answer), precision (each family counts once) and
            lower_bound (of the precision, at `confidence`). Thresholds decrease.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        curve = self._curve()
        columns = {
            "threshold": curve.thresholds,
            "coverage": curve.coverage,
            "families": curve.n_families,
            "precision": curve.precision,
            "lower_bound": curve.lower_bound(self.confidence),
        }
        return make_frame(columns, "SelectiveClassifier.frame()")

    def plot(self):
        """Plot the precision against the share of answers, with the chosen threshold.

        Returns
        -------
        figure : matplotlib.figure.Figure
            The precision on held-out families, its lower bound and the asked precision.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        curve = self._curve()
        chosen = curve.choose(self.precision, self.confidence)
        return plot_curve(curve, self.precision, self.confidence, chosen)

    def choose_threshold(self):
        """Set the threshold for the parameters `precision` and `confidence`.

        :meth:`fit` and :meth:`set_precision` do it. Call it after ``set_params``.

        Returns
        -------
        self : SelectiveClassifier
            The classifier with new `threshold_`, `coverage_` and `precision_`.
        """
        curve = self._curve()
        index = curve.choose(self.precision, self.confidence)
        if index is None:
            self.threshold_, self.coverage_, self.precision_ = np.inf, 0.0, np.nan
        else:
            self.threshold_ = float(curve.thresholds[index])
            self.coverage_ = float(curve.coverage[index])
            self.precision_ = float(curve.precision[index])
        return self

    def _curve(self):
        check_is_fitted(self)
        return make_curve(
            self.scores_, self.correct_, self.expected_, self.is_unusual_, self.families_
        )

    def _warn_without_answers(self, stacklevel):
        """Warn if the threshold is infinite."""
        if self.threshold_ < np.inf:
            return
        best = self._curve().best_precision(self.confidence)
        warnings.warn(
            f"No threshold reaches precision={self.precision:g} on held-out families with "
            f"confidence={self.confidence:g}, so every prediction is {self.unknown_!r}. The "
            f"highest precision within reach is {best:g}. Call set_precision({best:g}), or "
            "collect more families",
            stacklevel=stacklevel,
        )
