"""ModelComparison: the scores of all models on all folds, with tables, pictures and tests."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.comparison._paired import run_tests
from sklearn_protlstm.comparison._plots import plot_scores
from sklearn_protlstm.comparison._table import TIMES, ScoreTable
from sklearn_protlstm.comparison._text import describe
from sklearn_protlstm.plotting import plot_confusion_matrices
from sklearn_protlstm.significance import corrected_t_test

__all__ = ["ModelComparison"]


@dataclass(frozen=True, eq=False, repr=False)
class ModelComparison:
    """Scores of several models on the same folds. Print it for a table.

    Parameters
    ----------
    models : list of str
        Names of the models.
    scoring : tuple of str
        Names of the scores.
    table : ScoreTable
        Scores by model and fold.
    shuffled_table : ScoreTable or None
        Scores of the models with the residues of each sequence shuffled, if they were asked for.
    folds : list of Fold
        The folds, with the positions of the sequences in their parts.
    classes : ndarray of shape (n_classes,)
        The class labels.
    codes : ndarray of shape (n_samples,), dtype int64
        True class of each sequence, as an index into `classes`.
    predicted : ndarray of shape (n_models, n_repeats, n_samples), dtype int64
        Class that was predicted for each sequence by the model that had not seen it, as an index
        into `classes`; -1 where there is none.
    grouped : bool
        Whether the folds keep groups whole.
    failures_ : dict of str to str
        Where and how each model that failed did so first.

    See Also
    --------
    compare_models : Makes one.

    Examples
    --------
    >>> from sklearn_protlstm import compare_models, make_kmer_baseline
    >>> sequences = ["AAAC", "AACA", "ACAA", "CAAA", "WWWY", "WWYW", "WYWW", "YWWW"]
    >>> comparison = compare_models(
    ...     {"k-mers": make_kmer_baseline(k=1)},
    ...     sequences,
    ...     ["a"] * 4 + ["w"] * 4,
    ...     cv=2,
    ...     scoring="accuracy",
    ... )
    >>> comparison
    ModelComparison(3 models, 2 folds, 8 sequences)
    >>> print(comparison)
    3 models, 2 folds, 8 sequences of 2 classes
    <BLANKLINE>
    model          accuracy   fit s  predict s
    k-mers       1.00±0.00*  ...
    majority     0.50±0.00   ...
    length only  0.50±0.00   ...
    <BLANKLINE>
    Mean ± standard deviation between folds; * is the best mean.
    Folds are random: near-copies may be on both sides. Give groups, such as cluster_sequences
    makes, to score on unseen families.
    >>> comparison.summary()[["model", "accuracy"]]
             model  accuracy
    0       k-mers       1.0
    1     majority       0.5
    2  length only       0.5
    >>> comparison.test("k-mers", "majority").mcnemar.only_first
    4
    """

    models: list
    scoring: tuple
    table: ScoreTable
    shuffled_table: ScoreTable | None
    folds: list
    classes: np.ndarray
    codes: np.ndarray
    predicted: np.ndarray
    grouped: bool
    failures_: dict

    @property
    def complete(self):
        """Whether every training came to its end; False after Ctrl-C."""
        tables = [self.table, *([self.shuffled_table] if self.shuffled_table else [])]
        return all(bool(table.finished.all()) for table in tables)

    def frame(self):
        """Give a row for each model and fold.

        Returns
        -------
        DataFrame of shape (n_models * n_folds, n_columns)
            Columns model, repeat and fold (counted from 0), n_train, n_test, the scores,
            fit_seconds and predict_seconds. NaN where a model failed or has no such score; a
            training that Ctrl-C prevented has no row.
        """
        rows = [(model, fold) for model, fold in np.argwhere(self.table.finished)]
        folds = [self.folds[fold] for _, fold in rows]
        columns = {
            "model": [self.models[model] for model, _ in rows],
            "repeat": [fold.repeat for fold in folds],
            "fold": [fold.number for fold in folds],
            "n_train": [len(fold.train) for fold in folds],
            "n_test": [len(fold.test) for fold in folds],
        }
        for name, values in self.table.scores.items():
            columns[name] = values[self.table.finished]
        return make_frame(columns, "ModelComparison.frame()")

    def summary(self):
        """Give a row for each model.

        Returns
        -------
        DataFrame of shape (n_models, n_columns)
            Columns model, n_folds, and mean and standard deviation between folds of each score
            ("accuracy" and "accuracy_sd") and of the seconds. After Ctrl-C the means are over the
            folds that all models have finished. A model that failed in any fold has NaN.
        """
        columns = {
            "model": self.models,
            "n_folds": np.where(self.table.failed, 0, self.table.shared.sum()),
        }
        for name in (*self.scoring, *TIMES):
            columns[name], columns[f"{name}_sd"] = self.table.mean_and_sd(name)
        return make_frame(columns, "ModelComparison.summary()")

    def order_frame(self):
        """Tell how much of each score needed the order of the residues.

        Returns
        -------
        DataFrame of shape (n_models * n_scores, 8)
            Columns model, metric, intact and shuffled (mean scores), difference (intact minus
            shuffled), low and high (its 95 % interval) and p_value (corrected t test). NaN where
            there are fewer than two folds.

        Raises
        ------
        ValueError
            If the comparison was made without ``order_control=True``.
        """
        if self.shuffled_table is None:
            raise ValueError(
                "Nothing was trained on shuffled sequences. Call compare_models with "
                "order_control=True"
            )
        names = ("model", "metric", "intact", "shuffled", "difference", "low", "high", "p_value")
        rows = [
            (model, name, *self._order_of(number, name))
            for number, model in enumerate(self.models)
            for name in self.scoring
        ]
        return make_frame(dict(zip(names, zip(*rows))), "ModelComparison.order_frame()")

    def test(self, first, second, *, metric=None, rope=0.01):
        """Test whether two models differ.

        Parameters
        ----------
        first, second : str
            Names of the models.
        metric : str or None, default=None
            Name of the score; None takes the first of `scoring`.
        rope : float, default=0.01
            Largest difference that does not matter, in the unit of the score. Choose one that
            fits what the model is for; 0.01 is no good guess for a log-loss.

        Returns
        -------
        result : PairedComparison
            Corrected t test, Bayesian correlated t test and McNemar test; print it to read it.

        Raises
        ------
        ValueError
            If there is no such model or score, a model failed, or they share fewer than two
            folds.

        Notes
        -----
        Each test stands for itself. Who tries many pairs finds a difference by chance in one of
        twenty.
        """
        metric = self.scoring[0] if metric is None else metric
        rows = [self._row_of(first), self._row_of(second)]
        if rows[0] == rows[1]:
            raise ValueError(f"{first!r} was to be compared with itself: name two models")
        if metric not in self.scoring:
            raise ValueError(
                f"metric={metric!r} was not computed: choose one of {', '.join(self.scoring)}, or "
                "name it in scoring"
            )
        shared = self.table.finished[rows].all(axis=0)
        known = (self.predicted[rows, 0] >= 0).all(axis=0)
        return run_tests(
            (first, second),
            metric,
            self.table.scores[metric][rows][:, shared],
            self._sizes("train")[shared],
            self._sizes("test")[shared],
            np.vstack([self.codes, self.predicted[rows, 0]])[:, known],
            rope=rope,
            grouped=self.grouped,
        )

    def verdict(self, first, second, *, metric=None, rope=0.01):
        """Say in a sentence which of two models is better.

        Parameters
        ----------
        first, second : str
            Names of the models.
        metric : str or None, default=None
            Name of the score; None takes the first of `scoring`.
        rope : float, default=0.01
            Largest difference that does not matter, in the unit of the score.

        Returns
        -------
        sentence : str
            The difference with its interval, and whether it was measured on unseen groups.

        Raises
        ------
        ValueError
            As in `test`.
        """
        return self.test(first, second, metric=metric, rope=rope).verdict()

    def plot(self):
        """Draw each score of each model: a dot for a fold, a bar for the mean.

        Returns
        -------
        figure : matplotlib.figure.Figure
            A panel for each score.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return plot_scores(self.models, self.table, self.scoring)

    def plot_confusion(self):
        """Draw the confusion matrix of each model, over all repeats together.

        Returns
        -------
        figure : matplotlib.figure.Figure
            A panel for each model that did not fail.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If no sequence was predicted by all models.
        """
        rows = np.flatnonzero(~self.table.failed)
        known = (self.predicted[rows] >= 0).all(axis=0)
        if not known.any():
            raise ValueError(
                "There is no sequence that every model has predicted, since the comparison was "
                "interrupted early. Run it again"
            )
        y_true = self.classes[np.broadcast_to(self.codes, known.shape)[known]]
        predictions = {self.models[row]: self.classes[self.predicted[row][known]] for row in rows}
        return plot_confusion_matrices(y_true, predictions, labels=self.classes)

    def __repr__(self):
        return (
            f"ModelComparison({len(self.models)} models, {len(self.folds)} folds, "
            f"{len(self.codes)} sequences)"
        )

    def __str__(self):
        return describe(self)

    def _sizes(self, part):
        return np.array([len(getattr(fold, part)) for fold in self.folds])

    def _row_of(self, name):
        if name not in self.models:
            raise ValueError(
                f"There is no model {name!r}: choose among {', '.join(map(repr, self.models))}"
            )
        row = self.models.index(name)
        if self.table.failed[row]:
            raise ValueError(f"Model {name!r} has no scores. It failed in {self.failures_[name]}")
        return row

    def _order_of(self, row, name):
        scores = np.array([table.scores[name][row] for table in (self.table, self.shuffled_table)])
        known = ~np.isnan(scores).any(axis=0)
        failed = self.table.failed[row] or self.shuffled_table.failed[row]
        if failed or known.sum() < 2:
            return (np.nan,) * 6
        intact, shuffled = scores[:, known]
        test = corrected_t_test(
            intact,
            shuffled,
            n_train=self._sizes("train")[known].mean(),
            n_test=self._sizes("test")[known].mean(),
        )
        return intact.mean(), shuffled.mean(), test.difference, *test.interval, test.p_value
