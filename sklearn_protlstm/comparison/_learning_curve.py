"""Score models with increasing numbers of training sequences."""

from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state

from sklearn_protlstm._labels.classes import check_targets
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import check_groups, check_sequences
from sklearn_protlstm.comparison._cross_validation import (
    Run,
    cross_validate_models,
    list_records,
    warn_of_failures,
)
from sklearn_protlstm.comparison._folds import make_folds
from sklearn_protlstm.comparison._models import name_models
from sklearn_protlstm.comparison._plots import plot_curves
from sklearn_protlstm.comparison._scoring import check_scoring, list_metrics
from sklearn_protlstm.comparison._subsets import count_needed, stratified_order
from sklearn_protlstm.comparison._table import tabulate

__all__ = ["LearningCurve", "learning_curve"]


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """Scores of several models at increasing numbers of training sequences.

    Parameters
    ----------
    models : list of str
        Names of the models.
    scoring : tuple of str
        Names of the scores.
    train_sizes : tuple of int or float
        The requested training sizes, in ascending order.
    n_train : ndarray of shape (n_sizes, n_folds), dtype int64
        Number of training sequences in each fold.
    records : list of ScoreRecord
        One record per model, condition, fold and score. The condition is the training size.
    failures_ : dict of str to str
        Fold and error message of the first failure, for each model that failed.
    multilabel : bool, default=False
        Whether each sequence has any number of labels instead of one class.

    See Also
    --------
    learning_curve : Compute a learning curve.

    Examples
    --------
    >>> from sklearn_protlstm import learning_curve, make_kmer_baseline
    >>> sequences = ["AAAC", "AACA", "ACAA", "CAAA", "WWWY", "WWYW", "WYWW", "YWWW"]
    >>> curve = learning_curve(
    ...     {"k-mers": make_kmer_baseline(k=1)},
    ...     sequences,
    ...     ["a"] * 4 + ["w"] * 4,
    ...     cv=2,
    ...     train_sizes=(2, 4),
    ... )
    >>> curve
    LearningCurve(3 models, 2 sizes, 2 folds)
    >>> curve.frame().query("model == 'k-mers'")[["fold", "n_train", "accuracy"]]
       fold  n_train  accuracy
    0     0        2       1.0
    1     1        2       1.0
    6     0        4       1.0
    7     1        4       1.0
    """

    models: list
    scoring: tuple
    train_sizes: tuple
    n_train: np.ndarray
    records: list
    failures_: dict
    multilabel: bool = False

    @cached_property
    def tables(self):
        """Scores by model and fold, as one ScoreTable per training size."""
        return [
            tabulate(
                self.records,
                size,
                models=self.models,
                n_folds=self.n_train.shape[1],
                scoring=self.scoring,
            )
            for size in self.train_sizes
        ]

    @property
    def complete(self):
        """Whether all trainings finished. False after Ctrl-C."""
        return all(bool(table.finished.all()) for table in self.tables)

    def frame(self):
        """Return one row per training size, model and fold.

        Returns
        -------
        DataFrame of shape (n_sizes * n_models * n_folds, n_columns)
            Columns model, fold (counted from 0), train_size (as requested), n_train, the scores,
            fit_seconds and predict_seconds. NaN if a model failed or has no such score. Trainings
            that Ctrl-C prevented have no row.
        """
        rows = [
            (size, model, fold)
            for size, table in enumerate(self.tables)
            for model, fold in np.argwhere(table.finished).tolist()
        ]
        columns = {
            "model": [self.models[model] for _, model, _ in rows],
            "fold": [fold for _, _, fold in rows],
            "train_size": [self.train_sizes[size] for size, _, _ in rows],
            "n_train": [self.n_train[size, fold] for size, _, fold in rows],
        }
        for name in self.tables[0].scores:
            columns[name] = np.concatenate(
                [table.scores[name][table.finished] for table in self.tables]
            )
        return make_frame(columns, "LearningCurve.frame()")

    def plot(self):
        """Plot each score against the number of training sequences.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One panel per score, with means and bands of one standard deviation between folds.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return plot_curves(
            self.models,
            self.n_train.mean(axis=1),
            self.tables,
            self.scoring,
            list_metrics(self.multilabel),
        )

    def __repr__(self):
        return (
            f"LearningCurve({len(self.models)} models, {len(self.train_sizes)} sizes, "
            f"{self.n_train.shape[1]} folds)"
        )


def learning_curve(
    models,
    X,
    y,
    *,
    cv,
    groups=None,
    train_sizes=(0.1, 0.25, 0.5, 1.0),
    scoring=None,
    n_jobs=None,
    random_state=0,
    verbose=0,
):
    """Cross-validate several models with increasing numbers of training sequences.

    A curve that still rises at its end suggests that more sequences would help. A flat curve
    suggests that the model or the kind of data is the limit.

    Parameters
    ----------
    models : dict of str to estimator, or iterable of estimators
        As in :func:`compare_models`. The baselines "majority" and "length only" take part too.
    X : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins.
    y : array-like of shape (n_samples,) or (n_samples, n_labels), or list of label collections
        Class labels, or any number of labels for each sequence, as in :func:`compare_models`.
    cv : int, cross-validation splitter or iterable of (train, test)
        The folds, as in :func:`compare_models`. The test parts are the same at all sizes.
    groups : array-like of shape (n_samples,) or None, default=None
        Protein families that must not appear in both parts of a fold. Subsets of a training part
        are drawn by sequence, not by group. Models get their groups as in :func:`compare_models`.
    train_sizes : iterable of float or int, default=(0.1, 0.25, 0.5, 1.0)
        Floats up to 1 are fractions of the training part, ints are numbers of sequences.
    scoring : str, iterable of str or None, default=None
        As in :func:`compare_models`.
    n_jobs : int or None, default=None
        Number of trainings to run in parallel. None means 1, -1 means all processors.
    random_state : int, RandomState instance or None, default=0
        Seeds the folds if `cv` is an int, and the subsets. It does not seed the models.
    verbose : int, default=0
        1 shows a progress bar over all trainings, 2 prints one line per training.

    Returns
    -------
    curve : LearningCurve
        Scores at each size, as a table or a plot.

    Raises
    ------
    TypeError
        As in :func:`compare_models`.
    ValueError
        As in :func:`compare_models`. Also if a training size is neither a fraction nor a count,
        exceeds the training part, or is smaller than the number of classes or twice the number of
        labels.
    KeyboardInterrupt
        On Ctrl-C before the first training has finished.

    Warns
    -----
    UserWarning
        If a model fails, or on Ctrl-C, as in :func:`compare_models`.

    See Also
    --------
    compare_models : Tests whether two models differ by more than chance.

    Notes
    -----
    The subsets are stratified and nested: each contains all smaller ones, and every class. All
    models train on the same subsets. With any number of labels, each subset has a sequence with
    every label and one without it, and the labels that are rarest in the training part grow in
    proportion.

    The number of trainings is models x sizes x folds, and the two baselines count as models.

    Examples
    --------
    >>> from sklearn_protlstm import learning_curve, make_kmer_baseline
    >>> sequences = ["AAAC", "AACA", "ACAA", "CAAA", "WWWY", "WWYW", "WYWW", "YWWW"]
    >>> models = {"k-mers": make_kmer_baseline(k=1)}
    >>> curve = learning_curve(
    ...     models, sequences, ["a"] * 4 + ["w"] * 4, cv=2, train_sizes=(0.5, 1.0)
    ... )
    >>> figure = curve.plot()
    """
    sequences = check_sequences(X)
    samples = np.array(sequences, dtype=object)
    classes, codes = check_targets(samples, y)
    groups = check_groups(groups, samples)
    models, scoring = name_models(models), check_scoring(scoring, codes.ndim == 2)
    train_sizes = _check_train_sizes(train_sizes)
    rng = check_random_state(random_state)
    folds = make_folds(cv, sequences, classes, codes, groups, n_repeats=1, rng=rng)
    n_train = np.array([[_count(size, fold, codes) for fold in folds] for size in train_sizes])

    runs = _list_runs(models, sequences, codes, folds, train_sizes, n_train, rng)
    finished = cross_validate_models(
        models, runs, classes, codes, groups, scoring, n_jobs=n_jobs, verbose=verbose
    )
    return LearningCurve(
        models=list(models),
        scoring=scoring,
        train_sizes=train_sizes,
        n_train=n_train,
        records=list_records(finished),
        failures_=warn_of_failures(finished),
        multilabel=codes.ndim == 2,
    )


def _list_runs(models, sequences, codes, folds, train_sizes, n_train, rng):
    """List all runs, fold by fold, so that Ctrl-C leaves folds that all models finished."""
    runs = []
    for fold_index, fold in enumerate(folds):
        rows = fold.train[stratified_order(codes[fold.train], rng)]
        for size, n_rows in zip(train_sizes, n_train[:, fold_index]):
            subset = fold._replace(train=np.sort(rows[:n_rows]))
            label = f"{fold}, {n_rows} training sequences"
            runs += [Run(model, size, fold_index, subset, sequences, label) for model in models]
    return runs


def _check_train_sizes(train_sizes):
    sizes = tuple(sorted(set(train_sizes)))
    for size in sizes:
        is_count = isinstance(size, Integral) and size >= 1
        if not is_count and not (isinstance(size, Real) and 0 < size <= 1):
            raise ValueError(
                f"Invalid size {size!r} in train_sizes={train_sizes!r}. Pass fractions of the "
                "training part as floats above 0 and up to 1, or numbers of sequences as ints"
            )
    if not sizes:
        raise ValueError("train_sizes is empty. Pass at least one size, such as (0.5, 1.0)")
    return sizes


def _count(size, fold, codes):
    """Return the number of training sequences that a size stands for in this fold."""
    n_rows = int(size) if isinstance(size, Integral) else round(size * len(fold.train))
    n_needed, reason = count_needed(codes)
    if not n_needed <= n_rows <= len(fold.train):
        raise ValueError(
            f"The training size {size!r} means {n_rows} sequence(s) in {fold}. It must be at least "
            f"{n_needed}, {reason}, and at most {len(fold.train)}, the size of the "
            "training part. Change train_sizes"
        )
    return n_rows
