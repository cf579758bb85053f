"""Scores against the number of training sequences."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import check_groups, check_labels, check_sequences
from sklearn_protlstm.comparison._cross_validation import (
    Run,
    cross_validate_models,
    tabulate,
    warn_of_failures,
)
from sklearn_protlstm.comparison._folds import make_folds
from sklearn_protlstm.comparison._models import name_models
from sklearn_protlstm.comparison._plots import plot_curves
from sklearn_protlstm.comparison._scores import METRICS, check_scoring

__all__ = ["LearningCurve", "learning_curve"]


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """Scores of several models by the number of training sequences.

    Parameters
    ----------
    models : list of str
        Names of the models.
    scoring : tuple of str
        Names of the scores.
    train_sizes : tuple of int or float
        Sizes that were asked for, in ascending order.
    n_train : ndarray of shape (n_sizes, n_folds), dtype int64
        Training sequences in each fold.
    tables : list of ScoreTable, of length n_sizes
        Scores by model and fold at each size.
    failures_ : dict of str to str
        Where and how each model that failed did so first.

    See Also
    --------
    learning_curve : Makes one.

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
    tables: list
    failures_: dict

    @property
    def complete(self):
        """Whether every training came to its end; False after Ctrl-C."""
        return all(bool(table.finished.all()) for table in self.tables)

    def frame(self):
        """Give a row for each size, model and fold.

        Returns
        -------
        DataFrame of shape (n_sizes * n_models * n_folds, n_columns)
            Columns model, fold (counted from 0), train_size (as asked for), n_train, the scores,
            fit_seconds and predict_seconds. NaN where a model failed or has no such score; a
            training that Ctrl-C prevented has no row.
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
        """Draw each score against the number of training sequences.

        Returns
        -------
        figure : matplotlib.figure.Figure
            A panel for each score: means, with bands of one standard deviation between folds.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return plot_curves(self.models, self.n_train.mean(axis=1), self.tables, self.scoring)

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
    scoring=tuple(METRICS),
    n_jobs=None,
    random_state=0,
):
    """Cross-validate several models with more and more training sequences.

    A curve that still rises at its end says that more sequences would help. One that is flat says
    that another model or other data are needed.

    Parameters
    ----------
    models : dict of str to estimator, or iterable of estimators
        As in :func:`compare_models`; "majority" and "length only" join them here too.
    X : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins.
    y : array-like of shape (n_samples,)
        Class labels.
    cv : int, cross-validation splitter or iterable of (train, test)
        The folds, as in :func:`compare_models`. Test parts stay whole at all sizes.
    groups : array-like of shape (n_samples,) or None, default=None
        Families that must not be on both sides of a split. Subsets of a training part take single
        sequences, not whole groups.
    train_sizes : iterable of float or int, default=(0.1, 0.25, 0.5, 1.0)
        Floats up to 1 are shares of the training part, ints numbers of sequences.
    scoring : str or iterable of str, default=all
        As in :func:`compare_models`.
    n_jobs : int or None, default=None
        Trainings at a time. None means 1, -1 all processors.
    random_state : int, RandomState instance or None, default=0
        Seeds the folds made for an int and the subsets. Models have seeds of their own.

    Returns
    -------
    curve : LearningCurve
        It makes a frame and a picture.

    Raises
    ------
    TypeError
        As in :func:`compare_models`.
    ValueError
        As in :func:`compare_models`; or if a size is no share or number, is larger than a
        training part, or has no room for every class.
    KeyboardInterrupt
        On Ctrl-C before the first training was finished.

    Warns
    -----
    UserWarning
        If a model fails or Ctrl-C is pressed, as in :func:`compare_models`.

    See Also
    --------
    compare_models : Tells whether two models differ by more than chance.

    Notes
    -----
    Subsets are stratified and nested: a larger one contains the smaller, and each holds every
    class. All models get the same.

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
    records = np.array(sequences, dtype=object)
    classes, codes = check_labels(records, y)
    groups = check_groups(groups, records)
    named, scoring = name_models(models), check_scoring(scoring)
    train_sizes = _check_train_sizes(train_sizes)
    rng = check_random_state(random_state)
    folds = make_folds(cv, sequences, classes, codes, groups, n_repeats=1, rng=rng)
    n_train = np.array(
        [[_count(size, fold, len(classes)) for fold in folds] for size in train_sizes]
    )

    runs = []
    for number, fold in enumerate(folds):
        rows = fold.train[stratified_order(codes[fold.train], rng)]
        for size, n_rows in enumerate(n_train[:, number]):
            subset = fold._replace(train=np.sort(rows[:n_rows]))
            column = size * len(folds) + number
            place = f"{fold}, {n_rows} training sequences"
            runs += [Run(model, column, sequences, subset, place) for model in range(len(named))]
    outcomes = cross_validate_models(named, runs, classes, codes, scoring, n_jobs=n_jobs, verbose=0)
    table = tabulate(runs, outcomes, (len(named), n_train.size), scoring)
    return LearningCurve(
        models=list(named),
        scoring=scoring,
        train_sizes=train_sizes,
        n_train=n_train,
        tables=[
            table.pick(slice(size * len(folds), (size + 1) * len(folds)))
            for size in range(len(train_sizes))
        ],
        failures_=warn_of_failures(list(named), runs, outcomes),
    )


def stratified_order(codes, rng):
    """Put rows in an order of which every beginning is stratified.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), dtype int64
        Class of each row.
    rng : RandomState
        Decides the order within a class.

    Returns
    -------
    order : ndarray of shape (n_samples,), dtype int64
        Positions of the rows. One row of each class comes first, then all classes grow in step.
    """
    progress = np.empty(len(codes))
    for code in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == code))
        progress[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
        progress[rows[0]] = 0
    return np.argsort(progress, kind="stable")


def _check_train_sizes(train_sizes):
    sizes = tuple(sorted(set(train_sizes)))
    for size in sizes:
        is_count = isinstance(size, Integral) and size >= 1
        if not is_count and not (isinstance(size, Real) and 0 < size <= 1):
            raise ValueError(
                f"train_sizes={train_sizes!r} holds {size!r}: give shares of the training part as "
                "floats above 0 and up to 1, or numbers of sequences as ints"
            )
    if not sizes:
        raise ValueError("train_sizes is empty: give at least one, such as (0.5, 1.0)")
    return sizes


def _count(size, fold, n_classes):
    n_rows = int(size) if isinstance(size, Integral) else round(size * len(fold.train))
    if not n_classes <= n_rows <= len(fold.train):
        raise ValueError(
            f"train_sizes: {size!r} is {n_rows} sequence(s) in {fold}, where there are "
            f"{len(fold.train)} to train on and {n_classes} classes that each need one. Ask for "
            "sizes in between"
        )
    return n_rows
