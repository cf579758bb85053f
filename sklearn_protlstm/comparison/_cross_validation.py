"""Train and score models on folds. A failure costs one model, Ctrl-C the unfinished runs."""

import time
import warnings
from contextlib import closing
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from sklearn_protlstm.comparison._folds import Fold
from sklearn_protlstm.comparison._scores import METRICS
from sklearn_protlstm.comparison._table import TIMES, ScoreRecord
from sklearn_protlstm.exceptions import InvalidResidueError


class Run(NamedTuple):
    """One model to train and score on one fold, under one condition.

    `fold_index` counts all folds of all repeats. `label` names the run in messages.
    """

    model: str
    condition: object
    fold_index: int
    fold: Fold
    sequences: list
    label: str


class Outcome(NamedTuple):
    """Scores and seconds by name, predicted codes of the test part, and the error message.

    After a failure all scores are NaN and `predicted` is None; otherwise `failure` is None.
    """

    scores: dict
    predicted: np.ndarray | None
    failure: str | None


def cross_validate_models(models, runs, classes, codes, scoring, *, n_jobs, verbose):
    """Do the runs in their order and return pairs (Run, Outcome).

    The list is shorter than `runs` after Ctrl-C, which warns, or raises if no run has finished.
    """
    jobs = (
        delayed(_evaluate)(models[run.model], run.sequences, classes, codes, run.fold, scoring)
        for run in runs
    )
    finished = []
    try:
        with closing(Parallel(n_jobs=n_jobs, return_as="generator")(jobs)) as outcomes:
            for outcome, run in zip(outcomes, runs):
                finished.append((run, outcome))
                if verbose > 0:
                    print(f"[{len(finished)}/{len(runs)}] {_progress(run, outcome)}")
    except KeyboardInterrupt:
        if not finished:
            raise
        warnings.warn(
            f"Interrupted after {len(finished)} of {len(runs)} trainings. The finished ones are "
            "kept; means and tests use the folds that all models finished",
            stacklevel=3,
        )
    return finished


def list_records(finished):
    """Turn pairs (Run, Outcome) into one record per model, condition, fold and score."""
    return [
        ScoreRecord(run.model, run.condition, run.fold_index, metric, value)
        for run, outcome in finished
        for metric, value in outcome.scores.items()
    ]


def warn_of_failures(finished):
    """Warn once per model that failed; return its first error message by name of the model."""
    failures = {}
    for run, outcome in finished:
        if outcome.failure is not None:
            failures.setdefault(run.model, f"{run.label}: {outcome.failure}")
    for name, message in failures.items():
        warnings.warn(f"Model {name!r} has no scores. It failed in {message}", stacklevel=3)
    return failures


def _progress(run, outcome):
    if outcome.failure is not None:
        result = f"failed: {outcome.failure}"
    else:
        metric, score = next(iter(outcome.scores.items()))
        seconds = sum(outcome.scores[name] for name in TIMES)
        result = f"{metric} {score:.3f}, {seconds:.1f} s"
    return f"{run.model}, {run.label}: {result}"


def _evaluate(model, sequences, classes, codes, fold, scoring):
    train, test = ([sequences[i] for i in rows] for rows in (fold.train, fold.test))
    needs_probabilities = any(METRICS[name].from_probabilities for name in scoring)
    part = fold.train
    try:
        start = time.perf_counter()
        model = clone(model).fit(train, classes[codes[fold.train]])
        fitted = time.perf_counter()
        part = fold.test
        predicted = _encode_labels(model.predict(test), classes)
        predict_seconds = time.perf_counter() - fitted
        probabilities = _predict_proba(model, test, classes) if needs_probabilities else None
        scores = _score(codes[fold.test], predicted, probabilities, scoring)
    except Exception as error:
        # Whatever the failure of one model, the other models keep their results.
        no_scores = dict.fromkeys((*scoring, *TIMES), np.nan)
        return Outcome(no_scores, None, _failure_message(error, sequences, part))
    seconds = {"fit_seconds": fitted - start, "predict_seconds": predict_seconds}
    return Outcome(scores | seconds, predicted, None)


def _encode_labels(labels, classes):
    labels = np.asarray(labels)
    codes = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
    unknown = labels[classes[codes] != labels]
    if len(unknown):
        raise ValueError(f"the model predicted {unknown.tolist()[0]!r}, which is not a label in y")
    return codes


def _predict_proba(model, sequences, classes):
    """Probabilities with one column per class in `classes`, None without predict_proba."""
    if not hasattr(model, "predict_proba"):
        return None
    given = np.asarray(model.predict_proba(sequences))
    # Keep the dtype: log_loss derives from it how closely rows must add up to 1.
    probabilities = np.zeros((len(sequences), len(classes)), dtype=given.dtype)
    probabilities[:, _encode_labels(model.classes_, classes)] = given
    return probabilities


def _score(codes, predicted, probabilities, scoring):
    scores = {}
    for name in scoring:
        metric = METRICS[name]
        values = probabilities if metric.from_probabilities else predicted
        scores[name] = np.nan if values is None else float(metric.score(codes, values))
    return scores


def _failure_message(error, sequences, part):
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, InvalidResidueError) and error.record < len(part):
        # The error counts records within the part that the model saw, or within a subset of it
        # if the model split the part again. Only a symbol that is there confirms the position.
        record = part[error.record]
        if error.symbol in sequences[record]:
            message += f" (it is sequence {record} of X)"
    return message
