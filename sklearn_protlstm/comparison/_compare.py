"""Comparing models: every one on the same folds."""

import numpy as np
from sklearn.utils import check_random_state

from sklearn_protlstm._validation import check_groups, check_labels, check_sequences
from sklearn_protlstm.comparison._cross_validation import (
    Run,
    cross_validate_models,
    tabulate,
    warn_of_failures,
)
from sklearn_protlstm.comparison._folds import make_folds
from sklearn_protlstm.comparison._models import name_models
from sklearn_protlstm.comparison._results import ModelComparison
from sklearn_protlstm.comparison._scores import METRICS, check_scoring

__all__ = ["compare_models", "shuffle_residues"]


def compare_models(
    models,
    X,
    y,
    *,
    cv,
    groups=None,
    scoring=tuple(METRICS),
    n_jobs=None,
    n_repeats=1,
    order_control=False,
    random_state=0,
    verbose=0,
):
    """Cross-validate several models on the same folds, beside two that know nothing.

    The folds are made once and judged before anything is trained. "majority" (the most frequent
    class, with the frequencies of the classes as probabilities) and "length only" are always
    among the models: who does not beat them has learned nothing of the sequences.

    Parameters
    ----------
    models : dict of str to estimator, or iterable of estimators
        Classifiers of sequences, such as pipelines that begin with :class:`SequenceEncoder`. They
        are cloned, and left as they are. Those of a list are named by the class of their last
        step. Models named "majority" or "length only" take the places of the two.
    X : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins.
    y : array-like of shape (n_samples,)
        Class labels.
    cv : int, cross-validation splitter or iterable of (train, test)
        The folds. An int makes stratified, shuffled folds, which keep groups whole if there are
        any. A splitter, such as ``StratifiedGroupKFold(5)``, or pairs of positions must test
        every sequence equally often.
    groups : array-like of shape (n_samples,) or None, default=None
        Families that must not be on both sides of a split, such as :func:`cluster_sequences`
        makes. Without them, scores on proteins with relatives in the data say little about new
        families.
    scoring : str or iterable of str, default=all
        Any of "accuracy", "balanced_accuracy", "f1_macro", "matthews_corrcoef", "log_loss" and
        "roc_auc" (one class against the rest, averaged over classes). The first is what tests
        take by default. The last two need ``predict_proba``; a model without it has NaN.
    n_jobs : int or None, default=None
        Trainings at a time. None means 1, -1 all processors.
    n_repeats : int, default=1
        How often to split. More repeats make means steadier; the tests know that they add less
        than new sequences would. It takes an int or a shuffling splitter as `cv`.
    order_control : bool, default=False
        Whether to cross-validate every model a second time with the residues of each sequence
        shuffled, in training and test alike. That keeps length and composition; what a score loses
        needed the order. See :meth:`ModelComparison.order_frame`.
    random_state : int, RandomState instance or None, default=0
        Seeds the folds made for an int, the repeats and the shuffled sequences. Models have seeds
        of their own.
    verbose : int, default=0
        Above 0, a line is printed for each training.

    Returns
    -------
    comparison : ModelComparison
        Print it for a table; it makes frames, pictures, tests and verdicts.

    Raises
    ------
    TypeError
        If `X` holds no sequences, a model is no classifier, or `cv` makes no folds.
    EmptySequenceError
        If a protein has no residue.
    ValueError
        If lengths differ, labels or groups are missing, a score is unknown, or the folds are
        unfair: a sequence tested more often than another or in both parts, a group in both
        parts, a training part without one of the classes.
    KeyboardInterrupt
        On Ctrl-C before the first training was finished.

    Warns
    -----
    UserWarning
        If a model fails: the others go on, and ``failures_`` has the message. If Ctrl-C is
        pressed: what is finished is returned, and ``complete`` is False. The first fold is
        finished for all models before the second begins, so means and tests are fair even then.

    See Also
    --------
    learning_curve : Tells whether more sequences would help.
    sklearn_protlstm.splitting.check_data : Finds what would make scores untrue.

    Notes
    -----
    A fold may test no sequence of some class, as folds of whole groups often do. Balanced
    accuracy, macro-F1 and ROC AUC are then averaged over the classes that are there, and with a
    single class there is no ROC AUC for this fold (NaN).

    Identical sequences stay identical when they are shuffled, so that remembered copies do not
    pass for a use of the order. Near-copies do not stay alike: give groups.

    References
    ----------
    C. Nadeau and Y. Bengio. Inference for the generalization error. Machine Learning 52 (2003)
    239-281. :doi:`10.1023/A:1024068626366`

    Examples
    --------
    >>> from sklearn_protlstm import compare_models, make_kmer_baseline
    >>> sequences = ["AAAC", "AACA", "ACAA", "CAAA", "WWWY", "WWYW", "WYWW", "YWWW"]
    >>> hosts = ["human"] * 4 + ["dog"] * 4
    >>> families = [0, 0, 1, 1, 2, 2, 3, 3]
    >>> comparison = compare_models(
    ...     {"k-mers": make_kmer_baseline(k=1)}, sequences, hosts, cv=2, groups=families
    ... )
    >>> comparison.verdict("k-mers", "majority")
    'k-mers is better than majority on unseen groups (accuracy difference 0.500, 95 % interval
    0.500 to 0.500)'
    """
    sequences = check_sequences(X)
    records = np.array(sequences, dtype=object)
    classes, codes = check_labels(records, y)
    groups = check_groups(groups, records)
    named, scoring = name_models(models), check_scoring(scoring)
    rng = check_random_state(random_state)
    folds = make_folds(cv, sequences, classes, codes, groups, n_repeats=n_repeats, rng=rng)
    conditions = [sequences, *([shuffle_residues(sequences, rng)] if order_control else [])]

    runs = _list_runs(len(named), conditions, folds)
    outcomes = cross_validate_models(
        named, runs, classes, codes, scoring, n_jobs=n_jobs, verbose=verbose
    )
    n_folds, n_intact = len(folds), len(folds) * len(named)
    table = tabulate(runs, outcomes, (len(named), len(conditions) * n_folds), scoring)
    return ModelComparison(
        models=list(named),
        scoring=scoring,
        table=table.pick(slice(n_folds)),
        shuffled_table=table.pick(slice(n_folds, None)) if order_control else None,
        folds=folds,
        classes=classes,
        codes=codes,
        predicted=_gather_predictions(
            runs[:n_intact], outcomes, (len(named), folds[-1].repeat + 1, len(codes))
        ),
        grouped=groups is not None,
        failures_=warn_of_failures(list(named), runs, outcomes),
    )


def shuffle_residues(sequences, rng):
    """Shuffle the residues of each sequence.

    Parameters
    ----------
    sequences : list of str
        Proteins.
    rng : RandomState
        Decides the order.

    Returns
    -------
    shuffled : list of str
        As long, and of the same residues. One trailing ``*`` stays where it is, and copies stay
        copies.
    """
    shuffled = {}
    for sequence in sequences:
        if sequence not in shuffled:
            residues = list(sequence.removesuffix("*"))
            rng.shuffle(residues)
            shuffled[sequence] = "".join(residues) + "*" * sequence.endswith("*")
    return [shuffled[sequence] for sequence in sequences]


def _list_runs(n_models, conditions, folds):
    """Put one fold after the other, so that Ctrl-C leaves folds that all models share."""
    runs = []
    for condition, sequences in enumerate(conditions):
        for number, fold in enumerate(folds):
            column = condition * len(folds) + number
            place = f"{fold}, residues shuffled" if condition else str(fold)
            runs += [Run(model, column, sequences, fold, place) for model in range(n_models)]
    return runs


def _gather_predictions(runs, outcomes, shape):
    predicted = np.full(shape, -1)
    for run, outcome in zip(runs, outcomes):
        if outcome.predicted is not None:
            predicted[run.model, run.fold.repeat, run.fold.test] = outcome.predicted
    return predicted
