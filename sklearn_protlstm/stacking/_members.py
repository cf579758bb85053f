"""Members of a stack: one clone of each estimator for each fold."""

from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
from scipy.special import log_expit
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import Parallel, delayed
from tqdm.auto import tqdm

from sklearn_protlstm._labels.models import label_probabilities
from sklearn_protlstm._validation import check_method_params, safe_indexing
from sklearn_protlstm.exceptions import InvalidResidueError
from sklearn_protlstm.stacking._frozen_steps import join_steps, split_steps
from sklearn_protlstm.stacking._label_pool import clip_label_log, log_odds
from sklearn_protlstm.stacking._pool import FLOOR, clip_log

__all__ = ["FoldFit", "average_folds", "average_label_folds", "fit_members"]


class FoldFit(NamedTuple):
    """A member fitted on the training part of a fold, and log-probabilities of the test part."""

    estimator: BaseEstimator
    log_proba: np.ndarray


def fit_members(members, samples, y, splits, classes, params, *, n_jobs, verbose):
    """Fit every member on every fold, and predict the test parts.

    Frozen steps at the start of a member, which are the same in all folds, run once.

    Parameters
    ----------
    members : list of (str, estimator)
        Names and unfitted estimators.
    samples : list of str or matrix of shape (n_samples, n_features)
        Training samples.
    y : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Classes, or an indicator matrix with NaN where a label is unknown.
    splits : list of (ndarray, ndarray)
        Training and test part of each fold.
    classes : ndarray of shape (n_classes,)
        The distinct classes, sorted, or the labels.
    params : dict of str to dict
        Arguments of ``fit`` by name of the member.
    n_jobs : int or None
        Number of fits to run in parallel.
    verbose : int
        If above 0, show a progress bar.

    Returns
    -------
    fits : list of list of FoldFit
        One list per member, with one entry per fold.
    """
    fits = []
    with tqdm(total=len(members) * len(splits), unit="fit", disable=not verbose) as bar:
        prepared = [_prepare(name, member, samples, params[name]) for name, member in members]
        jobs = [(member, number) for member in prepared for number in range(len(splits))]
        calls = (
            delayed(_fit_fold)(member, y, classes, number, splits[number])
            for member, number in jobs
        )
        with closing(Parallel(n_jobs=n_jobs, return_as="generator")(calls)) as results:
            for (member, number), fit in zip(jobs, results):
                fits.append(fit)
                bar.set_postfix({"member": member.name, "fold": number}, refresh=False)
                bar.update()
    return [fits[first : first + len(splits)] for first in range(0, len(fits), len(splits))]


class _Member(NamedTuple):
    """A classifier to fit on each fold, and the samples that its frozen steps have made of X."""

    name: str
    frozen: Pipeline | None
    classifier: BaseEstimator
    samples: Any
    params: dict


def _prepare(name, member, samples, params):
    # Frozen steps may need some of the params.
    frozen, classifier = (None, member) if params else split_steps(member)
    if frozen is not None:
        try:
            samples = frozen.transform(samples)
        except Exception as error:
            error.add_note(f"Member {name!r} failed in a frozen step")
            raise
    return _Member(name, frozen, classifier, samples, params)


def _fit_fold(member, y, classes, number, split):
    train, test = part = split
    try:
        fitted = clone(member.classifier)
        part = train
        fitted.fit(
            safe_indexing(member.samples, train),
            y[train],
            **check_method_params(member.samples, member.params, train),
        )
        part = test
        held_out = safe_indexing(member.samples, test)
        if y.ndim == 2:
            log_proba = label_log_probabilities(fitted, held_out, classes)
        else:
            log_proba, _ = log_probabilities(fitted, held_out, classes)
        return FoldFit(join_steps(member.frozen, fitted), log_proba)
    except Exception as error:
        error.add_note(
            f"Member {member.name!r} failed in fold {number} (counted from 0)"
            f"{_place_in_samples(error, member.samples, part)}"
        )
        raise


def _place_in_samples(error, samples, part):
    """Say which sample of X is meant, because the error counts within one part of a fold."""
    if isinstance(error, InvalidResidueError) and error.record < len(part):
        sample = part[error.record]
        # A member that splits its part again counts otherwise.
        if error.symbol in samples[sample]:
            return f". It is sequence {sample} of X"
    return ""


def log_probabilities(fitted, samples, classes):
    """Return log-probabilities with a column per class, and which classes the estimator knows."""
    given = _check_finite(fitted, fitted.predict_proba(samples))
    known = np.isin(classes, fitted.classes_)
    log_proba = np.full((len(given), len(classes)), np.log(FLOOR))
    log_proba[:, known] = clip_log(given)
    return log_proba, known


def label_log_probabilities(fitted, samples, classes):
    """Return the log-probability of each label."""
    given = _check_finite(fitted, label_probabilities(fitted, samples))
    if given.shape[1:] != classes.shape:
        raise ValueError(
            f"{type(fitted).__name__} predicts probabilities of shape {given.shape} for "
            f"{len(classes)} labels, expected (n_samples, {len(classes)}). Use a member that "
            "learns each label, such as OneVsRestClassifier"
        )
    return clip_label_log(given)


def _check_finite(fitted, probabilities):
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if not np.isfinite(probabilities).all():
        raise ValueError(
            f"{type(fitted).__name__} predicts probabilities that are NaN or infinite. Leave the "
            "member out, or scale its input"
        )
    return probabilities


def average_folds(estimators, samples, classes):
    """Average the log-probabilities of one member over its folds.

    A class is averaged over the folds that know it.
    """
    pairs = _predict_folds(log_probabilities, estimators, samples, classes)
    log_probas, known = map(np.array, zip(*pairs))
    n_known = known.sum(axis=0)
    total = np.einsum("fnk,fk->nk", log_probas, known.astype(np.float64))
    return np.where(n_known > 0, total / np.maximum(n_known, 1), np.log(FLOOR))


def average_label_folds(estimators, samples, classes):
    """Average the log-odds of one member over its folds, and return log-probabilities."""
    log_probas = _predict_folds(label_log_probabilities, estimators, samples, classes)
    return log_expit(np.mean(list(map(log_odds, log_probas)), axis=0))


def _predict_folds(predict, estimators, samples, classes):
    """List what each fold of a member predicts. Their frozen steps are the same, and run once."""
    frozen_steps, rests = zip(*map(split_steps, estimators))
    if frozen_steps[0] is not None:
        samples = frozen_steps[0].transform(samples)
    return [predict(rest, samples, classes) for rest in rests]
