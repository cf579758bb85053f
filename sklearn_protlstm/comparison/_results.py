"""The result of compare_models: scores and predictions, with tables, plots and tests."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.comparison._calibration import list_notes_on_probabilities
from sklearn_protlstm.comparison._class_scores import list_scores
from sklearn_protlstm.comparison._html import render_comparison
from sklearn_protlstm.comparison._paired import choose_metric, run_tests
from sklearn_protlstm.comparison._plots import plot_scores
from sklearn_protlstm.comparison._prediction_plots import PredictionPlots
from sklearn_protlstm.comparison._scoring import list_metrics
from sklearn_protlstm.comparison._table import TIMES, tabulate
from sklearn_protlstm.comparison._text import format_comparison
from sklearn_protlstm.significance import corrected_t_test

__all__ = ["ModelComparison"]


@dataclass(frozen=True, eq=False, repr=False)
class ModelComparison(PredictionPlots):
    """Scores of several models on the same folds. Print it to see a table.

    Parameters
    ----------
    models : list of str
        Names of the models.
    scoring : tuple of str
        Names of the scores.
    records : list of ScoreRecord
        One record per model, condition, fold and score. The condition is "intact" or "shuffled".
    order_control : bool
        Whether the models also ran on sequences with shuffled residues.
    folds : list of Fold
        The folds, with the indices of the training and test sequences.
    classes : ndarray of shape (n_classes,)
        The class labels.
    codes : ndarray of shape (n_samples,), dtype int64, or (n_samples, n_classes), dtype uint8
        True class of each sequence, as an index into `classes`. For any number of labels: 1 if the
        sequence has the label, 0 if it does not, 2 if that is unknown.
    predicted : ndarray of shape (n_models, n_repeats, n_samples) or (..., n_classes), dtype int64
        Predicted class of each sequence when it was in the test part, as an index into `classes`,
        or 0 and 1 for each label. -1 if there is no prediction.
    grouped : bool
        Whether the folds keep groups together.
    failures_ : dict of str to str
        Fold and error message of the first failure, for each model that failed.
    probabilities : ndarray of shape (n_models, n_repeats, n_samples, n_classes) or None
        Class probabilities of each sequence when it was in the test part, as float64. NaN if there
        are none. None without ``keep_probabilities=True``.

    See Also
    --------
    compare_models : Run the comparison.

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
    Folds are random: near-copies may be on both sides. Pass groups, such as those from
    cluster_sequences, to score on unseen families.
    >>> comparison.summary()[["model", "accuracy"]]
             model  accuracy
    0       k-mers       1.0
    1     majority       0.5
    2  length only       0.5
    >>> comparison.frame(by="class").query("model == 'majority'")[["class", "recall", "support"]]
      class  recall  support
    2     a     1.0        4
    3     w     0.0        4
    >>> comparison.test("k-mers", "majority").mcnemar.only_first
    4
    """

    models: list
    scoring: tuple
    records: list
    order_control: bool
    folds: list
    classes: np.ndarray
    codes: np.ndarray
    predicted: np.ndarray
    grouped: bool
    failures_: dict
    probabilities: np.ndarray | None = None

    @property
    def multilabel(self):
        """Whether each sequence has any number of labels instead of one class."""
        return self.codes.ndim == 2

    @cached_property
    def table(self):
        """Scores by model and fold, as a ScoreTable."""
        return self._tabulate("intact")

    @cached_property
    def shuffled_table(self):
        """Scores on shuffled residues, as a ScoreTable, or None without ``order_control``."""
        return self._tabulate("shuffled") if self.order_control else None

    @property
    def complete(self):
        """Whether all trainings finished. False after Ctrl-C."""
        tables = [self.table, *([self.shuffled_table] if self.order_control else [])]
        return all(bool(table.finished.all()) for table in tables)

    def frame(self, by="fold"):
        """Return the scores on every fold, or of every class or label.

        Parameters
        ----------
        by : {"fold", "class", "label"}, default="fold"
            "class" shows which classes a model recognises. A good mean can hide a class that it
            never predicts. "label" does the same if each sequence has any number of labels.

        Returns
        -------
        DataFrame of shape (n_models * n_folds, n_columns) or (n_models * n_classes, 6)
            By fold: the columns model, repeat and fold (counted from 0), n_train, n_test, the
            scores, fit_seconds and predict_seconds. NaN if a model failed or has no such score.
            Trainings that Ctrl-C prevented have no row.

            By class: the columns model, class, precision, recall, f1 and support, the number of
            sequences of the class. Scores are computed over the test parts of all folds of a
            repeat, and averaged over repeats. Precision is NaN if a model never predicts the
            class. A model that failed has NaN and a support of 0. After Ctrl-C, the sequences
            count that all models have predicted.

            By label: the same with the column label. Unknown labels do not count.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `by` is neither "fold" nor "class", or "label" for any number of labels.
        """
        kind = "label" if self.multilabel else "class"
        if by not in ("fold", kind):
            raise ValueError(f"by must be 'fold' or {kind!r}, got {by!r}")
        columns = self._list_folds() if by == "fold" else list_scores(self)
        return make_frame(columns, "ModelComparison.frame()")

    def summary(self):
        """Return one row per model.

        Returns
        -------
        DataFrame of shape (n_models, n_columns)
            Columns model, n_folds, and mean and standard deviation between folds of each score
            ("accuracy" and "accuracy_sd") and of the seconds. Means cover the folds that all
            models finished. Models that failed on any fold have NaN.
        """
        columns = {
            "model": self.models,
            "n_folds": np.where(self.table.failed, 0, self.table.shared.sum()),
        }
        for name in (*self.scoring, *TIMES):
            columns[name], columns[f"{name}_sd"] = self.table.mean_and_sd(name)
        return make_frame(columns, "ModelComparison.summary()")

    def order_frame(self):
        """Show how much of each score depends on residue order.

        Returns
        -------
        DataFrame of shape (n_models * n_scores, 8)
            Columns model, metric, intact and shuffled (mean scores), difference (intact minus
            shuffled), low and high (its 95 % interval) and p_value (corrected t test). NaN if
            fewer than two folds have both scores. If the difference is the same on all folds, such
            as 0 for a model that ignores residue order, it has no interval and no p value (NaN).

        Raises
        ------
        ValueError
            If the comparison ran without ``order_control=True``.
        """
        if not self.order_control:
            raise ValueError(
                "order_frame needs scores on shuffled sequences, but this comparison has none. "
                "Call compare_models with order_control=True"
            )
        names = ("model", "metric", "intact", "shuffled", "difference", "low", "high", "p_value")
        rows = [
            (model, metric, *self._test_order(index, metric))
            for index, model in enumerate(self.models)
            for metric in self.scoring
        ]
        return make_frame(dict(zip(names, zip(*rows))), "ModelComparison.order_frame()")

    def test(self, first, second, *, metric=None, rope=0.01):
        """Test whether two models differ in a score.

        Parameters
        ----------
        first, second : str
            Names of the models.
        metric : str or None, default=None
            Name of the score. None uses "matthews_corrcoef" if it was scored, otherwise the first
            in `scoring`. The Matthews correlation does not reward guessing the most frequent class,
            as accuracy does.
        rope : float, default=0.01
            Largest difference that does not matter in practice, in the unit of the score. Choose
            it for your application. The default suits accuracies, but not the log-loss.

        Returns
        -------
        result : PairedComparison
            Corrected t test, Bayesian correlated t test, permutation test and McNemar test. Print
            it to read it.

        Raises
        ------
        ValueError
            If the model or score is unknown, both names are the same, a model failed, or fewer
            than two folds have a score for both models.

        Notes
        -----
        The p values are not corrected for multiple tests. Among equal models, up to one pair in
        twenty has p < 0.05 by chance.
        """
        metric = choose_metric(self.scoring) if metric is None else metric
        pair = [self._index_of(first), self._index_of(second)]
        if pair[0] == pair[1]:
            raise ValueError(f"Cannot compare {first!r} with itself. Name two different models")
        if metric not in self.scoring:
            raise ValueError(
                f"metric={metric!r} was not computed. Choose one of {', '.join(self.scoring)}, or "
                "add it to scoring in compare_models"
            )
        shared = self.table.finished[pair].all(axis=0)
        folds = [fold for fold, is_shared in zip(self.folds, shared) if is_shared]
        return run_tests(
            (first, second),
            metric,
            self.table.scores[metric][pair][:, shared],
            self._sizes("train")[shared],
            self._sizes("test")[shared],
            np.concatenate([self.codes[np.newaxis], self.predicted[pair, 0]]),
            [fold.test for fold in folds if fold.repeat == 0],
            rope=rope,
            grouped=self.grouped,
            note=". ".join(list_notes_on_probabilities(self, (first, second))),
        )

    def verdict(self, first, second, *, metric=None, rope=0.01):
        """State in one sentence which of two models is better.

        A second sentence warns if the probabilities of a model are worse than the class
        frequencies.

        Parameters
        ----------
        first, second : str
            Names of the models.
        metric : str or None, default=None
            Name of the score. None uses "matthews_corrcoef" if it was scored, otherwise the first
            in `scoring`. The Matthews correlation does not reward guessing the most frequent class,
            as accuracy does.
        rope : float, default=0.01
            Largest difference that does not matter in practice, in the unit of the score.

        Returns
        -------
        sentence : str
            The difference, its interval, and whether the groups were unseen. See
            :meth:`PairedComparison.verdict`.

        Raises
        ------
        ValueError
            As in `test`.
        """
        return self.test(first, second, metric=metric, rope=rope).verdict()

    def plot(self):
        """Plot every score: one dot per fold and a bar at the mean of each model.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One panel per score.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return plot_scores(self.models, self.table, self.scoring, list_metrics(self.multilabel))

    def __repr__(self):
        return (
            f"ModelComparison({len(self.models)} models, {len(self.folds)} folds, "
            f"{len(self.codes)} sequences)"
        )

    def __str__(self):
        return format_comparison(self)

    def _repr_html_(self, max_rows=20):
        return render_comparison(self, max_rows)

    def _list_folds(self):
        rows = np.argwhere(self.table.finished)
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
        return columns

    def _tabulate(self, condition):
        return tabulate(
            self.records,
            condition,
            models=self.models,
            n_folds=len(self.folds),
            scoring=self.scoring,
        )

    def _sizes(self, part):
        return np.array([len(getattr(fold, part)) for fold in self.folds])

    def _index_of(self, name):
        if name not in self.models:
            raise ValueError(
                f"Unknown model {name!r}. Choose one of {', '.join(map(repr, self.models))}"
            )
        index = self.models.index(name)
        if self.table.failed[index]:
            raise ValueError(f"Model {name!r} has no scores. It failed in {self.failures_[name]}")
        return index

    def _test_order(self, index, metric):
        """Compare a model's intact and shuffled scores: means, difference, interval and p."""
        tables = (self.table, self.shuffled_table)
        scores = np.array([table.scores[metric][index] for table in tables])
        known = ~np.isnan(scores).any(axis=0)
        if any(table.failed[index] for table in tables) or known.sum() < 2:
            return (np.nan,) * 6
        intact, shuffled = scores[:, known]
        test = corrected_t_test(
            intact,
            shuffled,
            n_train=self._sizes("train")[known].mean(),
            n_test=self._sizes("test")[known].mean(),
        )
        return intact.mean(), shuffled.mean(), test.difference, *test.interval, test.p_value
