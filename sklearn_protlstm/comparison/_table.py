"""Score records, and the tables made from them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

__all__ = ["ScoreRecord", "ScoreTable"]

TIMES = ("fit_seconds", "predict_seconds")


class ScoreRecord(NamedTuple):
    """One score of one model on one fold.

    Parameters
    ----------
    model : str
        Name of the model.
    condition : str, int or float
        "intact" or "shuffled" residues in a comparison, the training size in a learning curve.
    fold : int
        Index into the list of folds.
    metric : str
        Name of the score, "fit_seconds" or "predict_seconds".
    value : float
        The score or the seconds. NaN if the model failed or has no such score.
    """

    model: str
    condition: object
    fold: int
    metric: str
    value: float


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Scores of several models under one condition.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (n_models, n_folds), dtype float64
        Scores and seconds by name. NaN if a model failed or has no such score.
    finished : ndarray of shape (n_models, n_folds), dtype bool
        Whether the run finished, even if the model failed. False for runs that Ctrl-C prevented.
    """

    scores: dict
    finished: np.ndarray

    @property
    def failed(self):
        """Which models failed on at least one fold: ndarray of shape (n_models,), dtype bool."""
        return (self.finished & np.isnan(self.scores["fit_seconds"])).any(axis=1)

    @property
    def shared(self):
        """Folds finished by all models that did not fail: ndarray of shape (n_folds,), bool."""
        return self.finished[~self.failed].all(axis=0)

    def mean_and_sd(self, name):
        """Average a score over the folds that all models share.

        Folds on which the score is undefined are left out. The test part alone decides whether a
        score is defined, so these folds are the same for all models.

        Parameters
        ----------
        name : str
            Name of the score.

        Returns
        -------
        mean : ndarray of shape (n_models,), dtype float64
            Means. NaN for models that failed.
        sd : ndarray of shape (n_models,), dtype float64
            Standard deviations between folds. NaN for fewer than two folds.
        """
        values = self.scores[name][:, self.shared]
        pairs = [_mean_and_sd(row[~np.isnan(row)]) for row in values]
        mean, sd = np.array(pairs).T
        return np.where(self.failed, np.nan, mean), np.where(self.failed, np.nan, sd)


def tabulate(records, condition, *, models, n_folds, scoring):
    """Make the table of one condition from the records of all conditions."""
    shape = (len(models), n_folds)
    scores = {metric: np.full(shape, np.nan) for metric in (*scoring, *TIMES)}
    finished = np.zeros(shape, dtype=bool)
    for record in records:
        if record.condition == condition:
            place = models.index(record.model), record.fold
            scores[record.metric][place] = record.value
            finished[place] = True
    return ScoreTable(scores, finished)


def _mean_and_sd(values):
    mean = values.mean() if len(values) else np.nan
    return mean, values.std(ddof=1) if len(values) > 1 else np.nan
