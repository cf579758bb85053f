"""Compare models on the same folds."""

import numpy as np
from sklearn.utils import check_random_state

from sklearn_protlstm._labels.classes import check_targets
from sklearn_protlstm._validation import check_groups, check_sequences
from sklearn_protlstm.comparison._cross_validation import (
    Run,
    cross_validate_models,
    list_records,
    warn_of_failures,
)
from sklearn_protlstm.comparison._folds import make_folds
from sklearn_protlstm.comparison._models import name_models
from sklearn_protlstm.comparison._results import ModelComparison
from sklearn_protlstm.comparison._scoring import check_scoring

__all__ = ["compare_models"]


def compare_models(
    models,
    X,
    y,
    *,
    cv,
    groups=None,
    scoring=None,
    n_jobs=None,
    n_repeats=1,
    order_control=False,
    keep_probabilities=False,
    random_state=0,
    verbose=0,
):
    """Cross-validate several models on the same folds, next to two baselines.

    The folds are made once, and checked before the first model is trained. Two baselines that
    ignore the residues always take part: "majority" predicts the most frequent class, with the
    class frequencies as probabilities, and "length only" sees the sequence length. A model that
    does not beat them has learned nothing from the sequences.

    Parameters
    ----------
    models : dict of str to estimator, or iterable of estimators
        Sequence classifiers, such as pipelines that start with :class:`SequenceEncoder`. They are
        cloned and stay unchanged. Models in a list are named after the class of their last
        step. A model named "majority" or "length only" replaces that baseline.
    X : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins.
    y : array-like of shape (n_samples,) or (n_samples, n_labels), or list of label collections
        Class labels. Or any number of labels for each sequence: a matrix of 0 and 1, with NaN where
        it is unknown whether a sequence has a label, or the labels of each sequence as a list.
        Models then learn from the matrix.
    cv : int, cross-validation splitter or iterable of (train, test)
        The folds. An int makes stratified, shuffled folds that keep groups together, for any number
        of labels by
        :class:`~sklearn_protlstm.model_selection.MultilabelStratifiedGroupKFold`. A splitter,
        such as ``StratifiedGroupKFold(5)``, or pairs of index arrays must test every sequence
        equally often.
    groups : array-like of shape (n_samples,) or None, default=None
        Protein families, such as those from :func:`cluster_sequences`, which must not appear in
        both parts of a fold. Without groups, relatives in the training part inflate the scores,
        which then say little about new families. Models get the groups of the training part if
        their ``fit`` has an argument `groups`, as that of :class:`GroupStackingClassifier`, or,
        with metadata routing, if they request `groups`.
    scoring : str, iterable of str or None, default=None
        Any of "accuracy", "balanced_accuracy", "f1_macro", "matthews_corrcoef", "log_loss" and
        "roc_auc" (one class against the rest, averaged over classes). For any number of labels,
        any of "f1_macro", "f1_micro", "average_precision" and "log_loss" (both averaged over
        labels), "subset_accuracy" (all labels of a sequence are right), "hamming_loss" (share of
        wrong labels) and "ranking_loss" (share of pairs of a present and an absent label in the
        wrong order). None computes all. Tests use "matthews_corrcoef" by default, or the first if
        it is not among them. Log-loss, ROC AUC, average precision and ranking loss need
        ``predict_proba``; models without it get NaN.
    n_jobs : int or None, default=None
        Number of trainings to run in parallel. None means 1, -1 means all processors.
    n_repeats : int, default=1
        How often to split the data. More repeats give steadier means. The tests account for the
        fact that repeats add less than new sequences would. Values above 1 need an int or a
        shuffling splitter as `cv`.
    order_control : bool, default=False
        Whether to cross-validate every model again on sequences with shuffled residues, in the
        training and the test part. Shuffling keeps length and composition, so the drop of a score
        shows how much of it depends on residue order. See :meth:`ModelComparison.order_frame`.
    keep_probabilities : bool, default=False
        Whether to keep the class probabilities of every test sequence, which the plots of ROC,
        precision-recall and reliability curves need. They take 8 bytes per model, repeat, sequence
        and class.
    random_state : int, RandomState instance or None, default=0
        Seeds the folds if `cv` is an int, the repeats and the shuffling of residues. It does not
        seed the models.
    verbose : int, default=0
        1 shows one progress bar over all trainings, with the model, repeat and fold of the last
        finished one. 2 prints one line per training, with its first score and its time.

    Returns
    -------
    comparison : ModelComparison
        Scores and predictions. Print it to see a table.

    Raises
    ------
    TypeError
        If `X` does not contain sequences, a model is not a classifier, or `cv` has the wrong type.
    EmptySequenceError
        If a protein has no residues.
    ValueError
        If lengths differ, labels or groups are missing, a score is unknown, or the folds are
        unfair. Folds are unfair if some sequences are tested more often than others, a sequence or
        a group is in both parts of a fold, or a training part lacks a class, a sequence with a
        label, or one without it.
    KeyboardInterrupt
        On Ctrl-C before the first training has finished.

    Warns
    -----
    UserWarning
        If a model fails. The other models continue, and ``failures_`` holds the message. Also on
        Ctrl-C: the finished trainings are returned, and ``complete`` is False. All models finish
        one fold before the next fold starts, so means and tests stay fair.

    See Also
    --------
    learning_curve : Shows whether more sequences would help.
    sklearn_protlstm.data_checks.check_data : Finds flaws in the data that distort scores.

    Notes
    -----
    The number of trainings is models x folds x repeats, and twice that with `order_control`. The
    two baselines count as models.

    The test part of a fold may lack a class, especially if folds keep groups together. Balanced
    accuracy, macro-F1 and ROC AUC are then averaged over the classes that are present. With only
    one class, ROC AUC is undefined for this fold (NaN). Likewise, macro-F1 of labels is averaged
    over those that some test sequence has, and average precision over those that some have and some
    lack. Unknown labels count in no score. The ranking loss leaves out sequences without a present
    and an absent label.

    The estimators and baselines of this package learn from a label matrix, and leave out unknown
    labels. Wrap a classifier that takes one class for each sequence in
    :class:`~sklearn.multiclass.OneVsRestClassifier`. Most classifiers of scikit-learn refuse
    unknown labels.

    Identical sequences stay identical after shuffling. A model that memorizes copies therefore
    scores as well as before, and does not seem to use residue order. Near-copies do not stay
    similar; pass `groups` to keep them in one part.

    References
    ----------
    C. Nadeau and Y. Bengio. Inference for the generalization error. Machine Learning 52 (2003)
    239-281. :doi:`10.1023/A:1024068626366`

    Examples
    --------
    >>> from sklearn_protlstm import compare_models, make_kmer_baseline
    >>> human = ["AAAC", "AACA", "ACAA", "CAAA", "AACC", "ACCA", "CCAA", "CAAC"]
    >>> dog = [sequence.replace("A", "W") for sequence in human]
    >>> sequences, hosts = human + dog, ["human"] * 8 + ["dog"] * 8
    >>> families = [number // 2 for number in range(16)]
    >>> comparison = compare_models(
    ...     {"k-mers": make_kmer_baseline(k=1)}, sequences, hosts, cv=2, groups=families
    ... )
    >>> comparison.verdict("k-mers", "majority")
    'k-mers is better than majority on unseen groups (Matthews correlation difference 1.000, 95 %
    interval 0.302 to 1.698)'
    """
    sequences = check_sequences(X)
    samples = np.array(sequences, dtype=object)
    classes, codes = check_targets(samples, y)
    groups = check_groups(groups, samples)
    models, scoring = name_models(models), check_scoring(scoring, codes.ndim == 2)
    rng = check_random_state(random_state)
    folds = make_folds(cv, sequences, classes, codes, groups, n_repeats=n_repeats, rng=rng)
    conditions = {"intact": sequences}
    if order_control:
        conditions["shuffled"] = shuffle_residues(sequences, rng)

    runs = _list_runs(models, conditions, folds, keep_probabilities)
    finished = cross_validate_models(
        models, runs, classes, codes, groups, scoring, n_jobs=n_jobs, verbose=verbose
    )
    n_repeats = folds[-1].repeat + 1
    return ModelComparison(
        models=list(models),
        scoring=scoring,
        records=list_records(finished),
        order_control=order_control,
        folds=folds,
        classes=classes,
        codes=codes,
        predicted=_gather_predictions(finished, list(models), n_repeats, codes.shape),
        grouped=groups is not None,
        failures_=warn_of_failures(finished),
        probabilities=(
            _gather_probabilities(finished, list(models), n_repeats, (len(codes), len(classes)))
            if keep_probabilities
            else None
        ),
    )


def shuffle_residues(sequences, rng):
    """Shuffle the residues of each sequence.

    Copies stay copies, and one trailing ``*`` (the stop codon) stays at the end.
    """
    shuffled = {}
    for sequence in sequences:
        if sequence not in shuffled:
            residues = list(sequence.removesuffix("*"))
            rng.shuffle(residues)
            shuffled[sequence] = "".join(residues) + "*" * sequence.endswith("*")
    return [shuffled[sequence] for sequence in sequences]


def _list_runs(models, conditions, folds, keep_probabilities):
    """List all runs, fold by fold, so that Ctrl-C leaves folds that all models finished."""
    return [
        Run(
            model,
            condition,
            fold_index,
            fold,
            sequences,
            f"{fold}, residues shuffled" if condition == "shuffled" else str(fold),
            keep_probabilities=keep_probabilities and condition == "intact",
        )
        for condition, sequences in conditions.items()
        for fold_index, fold in enumerate(folds)
        for model in models
    ]


def _gather_predictions(finished, models, n_repeats, shape):
    predicted = np.full((len(models), n_repeats, *shape), -1)
    for run, outcome in finished:
        if run.condition == "intact" and outcome.predicted is not None:
            model = models.index(run.model)
            predicted[model, run.fold.repeat, run.fold.test] = outcome.predicted
    return predicted


def _gather_probabilities(finished, models, n_repeats, shape):
    probabilities = np.full((len(models), n_repeats, *shape), np.nan)
    for run, outcome in finished:
        if outcome.probabilities is not None:
            model = models.index(run.model)
            probabilities[model, run.fold.repeat, run.fold.test] = outcome.probabilities
    return probabilities
