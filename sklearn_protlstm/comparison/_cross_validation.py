"""Train and score models on folds. A failure costs one model, Ctrl-C the unfinished runs."""

import time
import warnings
from contextlib import closing
from typing import NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import has_fit_parameter
from tqdm.auto import tqdm

from sklearn_protlstm._labels.matrix import decode_targets
from sklearn_protlstm.comparison._folds import Fold
from sklearn_protlstm.comparison._outputs import (
    encode_predictions,
    predict_probabilities,
)
from sklearn_protlstm.comparison._scoring import list_metrics
from sklearn_protlstm.comparison._table import TIMES, ScoreRecord
from sklearn_protlstm.exceptions import InvalidResidueError


class Run(NamedTuple):
    """One model to train and score on one fold, under one condition.

    `fold_index` counts all folds of all repeats. `label` names the run in messages.
    `keep_probabilities` says whether the outcome has the probabilities of the test part.
    """

    model: str
    condition: object
    fold_index: int
    fold: Fold
    sequences: list
    label: str
    keep_probabilities: bool = False


class Outcome(NamedTuple):
    """Scores and seconds by name, predictions for the test part, and the error message.

    `predicted` has codes of classes or labels. `probabilities` is None if they are not kept or the
    model has none. After a failure all scores are NaN and there are no predictions; otherwise
    `failure` is None.
    """

    scores: dict
    predicted: np.ndarray | None
    failure: str | None
    probabilities: np.ndarray | None = None


def cross_validate_models(models, runs, classes, codes, groups, scoring, *, n_jobs, verbose):
    """Do the runs in their order and return pairs (Run, Outcome).

    Models that take groups get those of the training part, unless `groups` is None.
    The list is shorter than `runs` after Ctrl-C, which warns, or raises if no run has finished.
    """
    jobs = (
        delayed(_evaluate)(models[run.model], run, classes, codes, groups, scoring) for run in runs
    )
    finished = []
    try:
        with (
            tqdm(total=len(runs), unit="training", disable=verbose != 1) as bar,
            closing(Parallel(n_jobs=n_jobs, return_as="generator")(jobs)) as outcomes,
        ):
            for outcome, run in zip(outcomes, runs):
                finished.append((run, outcome))
                _advance(bar, run)
                if verbose > 1:
                    print(f"[{len(finished)}/{len(runs)}] {_describe(run, outcome)}")
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


def _advance(bar, run):
    last = {"model": run.model, "repeat": run.fold.repeat, "fold": run.fold.number}
    bar.set_postfix(last, refresh=False)
    bar.update()


def _describe(run, outcome):
    if outcome.failure is not None:
        result = f"failed: {outcome.failure}"
    else:
        metric, score = next(iter(outcome.scores.items()))
        seconds = sum(outcome.scores[name] for name in TIMES)
        result = f"{metric} {score:.3f}, {seconds:.1f} s"
    return f"{run.model}, {run.label}: {result}"


def _evaluate(model, run, classes, codes, groups, scoring):
    fold = run.fold
    train, test = ([run.sequences[i] for i in rows] for rows in (fold.train, fold.test))
    metrics = list_metrics(codes.ndim == 2)
    scores_need_them = any(metrics[name].from_probabilities for name in scoring)
    needs_probabilities = run.keep_probabilities or scores_need_them
    part = fold.train
    try:
        fit_params = {}
        if groups is not None and _takes_groups(model):
            fit_params["groups"] = groups[fold.train]
        start = time.perf_counter()
        model = clone(model).fit(train, decode_targets(codes[fold.train], classes), **fit_params)
        fitted = time.perf_counter()
        part = fold.test
        true = codes[fold.test]
        predicted = encode_predictions(model.predict(test), true, classes)
        predict_seconds = time.perf_counter() - fitted
        probabilities = (
            predict_probabilities(model, test, true, classes) if needs_probabilities else None
        )
        scores = _score(metrics, true, predicted, probabilities, scoring)
    except Exception as error:
        # Whatever the failure of one model, the other models keep their results.
        no_scores = dict.fromkeys((*scoring, *TIMES), np.nan)
        return Outcome(no_scores, None, _failure_message(error, run.sequences, part))
    seconds = {"fit_seconds": fitted - start, "predict_seconds": predict_seconds}
    kept = probabilities if run.keep_probabilities else None
    return Outcome(scores | seconds, predicted, None, kept)


def _takes_groups(model):
    """Return whether fit takes groups; with metadata routing, whether it requests them."""
    if get_config()["enable_metadata_routing"]:
        return "groups" in get_routing_for_object(model).consumes("fit", ["groups"])
    return has_fit_parameter(model, "groups")


def _score(metrics, codes, predicted, probabilities, scoring):
    scores = {}
    for name in scoring:
        metric = metrics[name]
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
