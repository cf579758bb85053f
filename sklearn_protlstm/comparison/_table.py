"""Scores by model and fold, and what may be said of them together."""

from dataclasses import dataclass

import numpy as np

__all__ = ["TIMES", "ScoreTable"]

TIMES = ("fit_seconds", "predict_seconds")


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Scores of models on folds.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (n_models, n_folds), dtype float64
        Scores and seconds; NaN where there is none.
    finished : ndarray of shape (n_models, n_folds), dtype bool
        Where a training came to its end, be it with a failure. False after Ctrl-C.
    """

    scores: dict
    finished: np.ndarray

    @property
    def failed(self):
        """Which models failed in at least one fold: ndarray of shape (n_models,), dtype bool."""
        return (self.finished & np.isnan(self.scores["fit_seconds"])).any(axis=1)

    @property
    def shared(self):
        """Which folds all models finished that did not fail: (n_folds,), dtype bool."""
        return self.finished[~self.failed].all(axis=0)

    def pick(self, folds):
        """Take some of the folds.

        Parameters
        ----------
        folds : slice
            Which.

        Returns
        -------
        table : ScoreTable
            A part of this one.
        """
        scores = {name: values[:, folds] for name, values in self.scores.items()}
        return ScoreTable(scores, self.finished[:, folds])

    def mean_and_sd(self, name):
        """Average a score over the folds that the models share.

        Parameters
        ----------
        name : str
            Name of the score.

        Returns
        -------
        mean : ndarray of shape (n_models,), dtype float64
            NaN for models that failed. Folds where the score does not exist are left out: it
            takes a test part to make it impossible, which is the same for all models.

        sd : ndarray of shape (n_models,), dtype float64
            Standard deviation between folds, NaN for fewer than two.
        """
        values = self.scores[name][:, self.shared]
        pairs = [_mean_and_sd(row[~np.isnan(row)]) for row in values]
        mean, sd = np.array(pairs).T
        return np.where(self.failed, np.nan, mean), np.where(self.failed, np.nan, sd)


def _mean_and_sd(values):
    mean = values.mean() if len(values) else np.nan
    return mean, values.std(ddof=1) if len(values) > 1 else np.nan
