"""Training and scoring models on folds; a failure or Ctrl-C costs no more than it must."""

import time
import warnings
from contextlib import closing
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from sklearn_protlstm.comparison._folds import Fold
from sklearn_protlstm.comparison._scores import METRICS
from sklearn_protlstm.comparison._table import TIMES, ScoreTable
from sklearn_protlstm.exceptions import InvalidResidueError

__all__ = ["Outcome", "Run", "cross_validate_models", "tabulate", "warn_of_failures"]


class Run(NamedTuple):
    """A model to train and score on one fold.

    Parameters
    ----------
    model : int
        Its position among the models.
    column : int
        Position of its scores in the table of all runs of the model.
    sequences : list of str
        All sequences.
    fold : Fold
        Which of them to train on and which to test on.
    place : str
        Names the fold, and what is special about the run, in messages.
    """

    model: int
    column: int
    sequences: list
    fold: Fold
    place: str


class Outcome(NamedTuple):
    """What came of a run.

    Parameters
    ----------
    scores : dict of str to float
        Scores and seconds; NaN where there is none.
    predicted : ndarray of shape (n_test,), dtype int64, or None
        Predicted class of each sequence in the test part, None after a failure.
    failure : str or None
        What went wrong.
    """

    scores: dict
    predicted: np.ndarray | None
    failure: str | None


def cross_validate_models(named, runs, classes, codes, scoring, *, n_jobs, verbose):
    """Train and score models.

    Parameters
    ----------
    named : dict of str to estimator
        The models; they are cloned.
    runs : list of Run
        What to do, in this order.
    classes : ndarray of shape (n_classes,)
        The class labels.
    codes : ndarray of shape (n_samples,), dtype int64
        Class of each sequence.
    scoring : tuple of str
        Names in `METRICS`.
    n_jobs : int or None
        Runs at a time.
    verbose : int
        Above 0, a line is printed for each run.

    Returns
    -------
    outcomes : list of Outcome
        In the order of `runs`; fewer if Ctrl-C was pressed.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C was pressed before anything was finished.

    Warns
    -----
    UserWarning
        If Ctrl-C was pressed.
    """
    names, models = list(named), list(named.values())
    outcomes = []
    jobs = (
        delayed(_evaluate)(models[run.model], run.sequences, classes, codes, run.fold, scoring)
        for run in runs
    )
    try:
        with closing(Parallel(n_jobs=n_jobs, return_as="generator")(jobs)) as finished:
            for outcome, run in zip(finished, runs):
                outcomes.append(outcome)
                if verbose > 0:
                    print(_progress_line(names[run.model], run, outcome, len(outcomes), len(runs)))
    except KeyboardInterrupt:
        if not outcomes:
            raise
        warnings.warn(
            f"Interrupted after {len(outcomes)} of {len(runs)} trainings. What was finished is "
            "kept; means and tests take the folds that all models have finished",
            stacklevel=3,
        )
    return outcomes


def _progress_line(name, run, outcome, n_finished, n_runs):
    if outcome.failure is not None:
        result = f"failed: {outcome.failure}"
    else:
        title, score = next(iter(outcome.scores.items()))
        seconds = sum(outcome.scores[time_] for time_ in TIMES)
        result = f"{title} {score:.3f}, {seconds:.1f} s"
    return f"[{n_finished}/{n_runs}] {name}, {run.place}: {result}"


def _evaluate(model, sequences, classes, codes, fold, scoring):
    train, test = ([sequences[i] for i in rows] for rows in (fold.train, fold.test))
    needs_probabilities = any(METRICS[name].from_probabilities for name in scoring)
    part = fold.train
    try:
        start = time.perf_counter()
        model = clone(model).fit(train, classes[codes[fold.train]])
        fitted = time.perf_counter()
        part = fold.test
        predicted = _codes_of(model.predict(test), classes)
        predict_seconds = time.perf_counter() - fitted
        probabilities = _class_probabilities(model, test, classes) if needs_probabilities else None
        scores = _score(codes[fold.test], predicted, probabilities, scoring)
    except Exception as error:
        # One model's failure, whatever it is, must not cost the results of the others.
        return Outcome(
            dict.fromkeys((*scoring, *TIMES), np.nan), None, _describe(error, sequences, part)
        )
    seconds = {"fit_seconds": fitted - start, "predict_seconds": predict_seconds}
    return Outcome(scores | seconds, predicted, None)


def _codes_of(labels, classes):
    labels = np.asarray(labels)
    predicted = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
    unknown = labels[classes[predicted] != labels]
    if len(unknown):
        raise ValueError(f"predicted {unknown.tolist()[0]!r}, which is none of the labels in y")
    return predicted


def _class_probabilities(model, sequences, classes):
    """Probabilities with a column for each class, or None if the model has none."""
    if not hasattr(model, "predict_proba"):
        return None
    given = np.asarray(model.predict_proba(sequences))
    # The dtype stays: log-loss judges by it whether rows add up to 1.
    probabilities = np.zeros((len(sequences), len(classes)), dtype=given.dtype)
    probabilities[:, _codes_of(model.classes_, classes)] = given
    return probabilities


def _score(codes, predicted, probabilities, scoring):
    scores = {}
    for name in scoring:
        metric = METRICS[name]
        values = probabilities if metric.from_probabilities else predicted
        scores[name] = np.nan if values is None else float(metric.score(codes, values))
    return scores


def _describe(error, sequences, part):
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, InvalidResidueError) and error.record < len(part):
        # The model has counted within its part of the data, or within a part of that.
        record = part[error.record]
        if error.symbol in sequences[record]:
            message += f" (it is sequence {record} of X)"
    return message


def tabulate(runs, outcomes, shape, scoring):
    """Arrange scores by model and column.

    Parameters
    ----------
    runs : list of Run
        What was to be done.
    outcomes : list of Outcome
        What came of it.
    shape : (int, int)
        Number of models and of columns.
    scoring : tuple of str
        Names of the scores.

    Returns
    -------
    table : ScoreTable
        All scores and seconds.
    """
    scores = {name: np.full(shape, np.nan) for name in (*scoring, *TIMES)}
    finished = np.zeros(shape, dtype=bool)
    for run, outcome in zip(runs, outcomes):
        finished[run.model, run.column] = True
        for name, score in outcome.scores.items():
            scores[name][run.model, run.column] = score
    return ScoreTable(scores, finished)


def warn_of_failures(names, runs, outcomes):
    """Collect the failures, and warn of each model that has any.

    Parameters
    ----------
    names : list of str
        Names of the models.
    runs : list of Run
        What was to be done.
    outcomes : list of Outcome
        What came of it.

    Returns
    -------
    failures : dict of str to str
        Where and how each model that failed did so first.

    Warns
    -----
    UserWarning
        Once for each model that failed.
    """
    failures = {}
    for run, outcome in zip(runs, outcomes):
        if outcome.failure is not None:
            failures.setdefault(names[run.model], f"{run.place}: {outcome.failure}")
    for name, message in failures.items():
        warnings.warn(f"Model {name!r} has no scores. It failed in {message}", stacklevel=3)
    return failures
