"""GroupStackingClassifier: several classifiers, pooled with weights from held-out groups."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_protlstm._labels.accuracy import subset_accuracy
from sklearn_protlstm._labels.classes import check_targets
from sklearn_protlstm._labels.matrix import decode_targets
from sklearn_protlstm._meta_estimators import as_samples, count_samples, forget_fitted
from sklearn_protlstm._validation import (
    HasMethods,
    Interval,
    check_groups,
    fit_context,
)
from sklearn_protlstm.homology import cluster_sequences
from sklearn_protlstm.stacking._folds import make_splits, wants_groups, warn_of_missing_classes
from sklearn_protlstm.stacking._label_pool import LabelPool
from sklearn_protlstm.stacking._members import average_folds, average_label_folds, fit_members
from sklearn_protlstm.stacking._named_members import NamedMembers, warn_of_frozen_members
from sklearn_protlstm.stacking._pool import LogLinearPool
from sklearn_protlstm.stacking._report import StackReport
from sklearn_protlstm.stacking._weights import fit_weights

__all__ = ["GroupStackingClassifier"]


def _is_multilabel(stack):
    return getattr(stack, "multilabel_", False)


class GroupStackingClassifier(StackReport, ClassifierMixin, MetaEstimatorMixin, NamedMembers):
    """Combine classifiers into one whose probabilities hold for unseen protein families.

    Each member is fitted on each fold, without the groups that the fold tests. Their predictions
    for these unseen groups decide how much each member counts, and how certain the result may be.
    A member that memorizes families gets a small weight. Members that agree share their weight.

    The pool of class `c` is proportional to ``exp(bias[c]) * prod(p[m, c] ** weight[m])``, with
    weights that are not negative. Its probability is ``(1 - doubt) * pool + doubt / n_classes``:
    the doubt is the share of sequences about which the members know nothing. With a single member,
    all this calibrates it for unseen groups.

    A sequence may have any number of labels instead of one class, if the members learn them. The
    log-odds of label `c` are then ``bias[c] + sum(weight[m] * log_odds[m, c])``.

    Parameters
    ----------
    estimators : list of (str, estimator)
        Names and classifiers with ``predict_proba``, such as pipelines that start with
        :class:`SequenceEncoder`. They are cloned and stay unchanged. "drop" instead of a
        classifier leaves a member out.
    cv : int, splitter or list of (train, test), default=5
        The folds. An int makes stratified, shuffled folds that keep groups together. More folds
        train each member on more sequences, and take longer. A splitter or pairs of index arrays
        must test every sample once.
    min_identity : float, default=0.5
        Minimum identity of the groups that :func:`cluster_sequences` makes if `fit` gets sequences
        without groups. Above 0 and at most 1.
    n_jobs : int or None, default=None
        Number of members to fit in parallel, and of processes for clustering. None means 1, -1 all
        processors. An LSTM already uses all processors.
    random_state : int, RandomState instance or None, default=None
        Seeds the folds if `cv` is an int. It does not seed the members.
    verbose : int, default=0
        If above 0, print the number of groups if `fit` makes them, and show a progress bar over
        all members and folds.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The distinct classes, sorted. Labels have the order of the columns of `y`.
    multilabel_ : bool
        Whether a sequence has any number of labels, instead of one class.
    estimators_ : list of list of estimator
        Fitted members, one list per member with one entry per fold. Dropped members are left out.
    weights_ : ndarray of shape (n_members,), dtype float64
        Weight of each member. The sum is below 1 if the members are overconfident, and above 1 if
        they are too cautious, apart from the doubt.
    bias_ : ndarray of shape (n_classes,), dtype float64
        Bias of each class or label. Those of classes have a sum of 0.
    doubt_ : float
        Share of the probability that all classes have alike. 0 for labels.
    out_of_fold_ : ndarray of shape (n_samples, n_classes), dtype float64
        Pooled probabilities of the training samples, each with members and weights that were
        fitted on the other folds.
    member_log_proba_ : ndarray of shape (n_members, n_samples, n_classes), dtype float64
        Out-of-fold log-probabilities of the members, not below log(1e-7).
    codes_ : ndarray of shape (n_samples,), dtype int64, or (n_samples, n_classes), dtype uint8
        Index of each training class in `classes_`. For labels: 0 if the sequence lacks the label,
        1 if it has it, and 2 if that is unknown.
    groups_ : ndarray of shape (n_samples,), dtype int64, or None
        Number of the group of each training sample, given or made from the sequences. Given groups
        are numbered in sorted order.
    folds_ : ndarray of shape (n_samples,), dtype int64
        Number of the fold that tests each training sample, counted from 0.
    n_features_in_ : int
        Number of columns of `X`. Only defined if `X` is a matrix.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns of `X`. Only defined if `X` is a data frame with names of type str.

    See Also
    --------
    sklearn.ensemble.StackingClassifier : Random folds, and a classifier that combines the members.
    compare_models : Shows whether the result is better than its best member.

    Notes
    -----
    The number of trainings is members x folds. Steps at the start of a pipeline that are in a
    :class:`~sklearn.frozen.FrozenEstimator`, such as a language model, are the same in all folds
    and run once.

    For a new sequence, the log-probabilities of a member are averaged over its folds, then the
    members are pooled. On held-out clusters of
    :func:`~sklearn_protlstm.datasets.load_virus_hosts`, the log-loss is as low as with members that
    are fitted once more on all sequences.

    A group counts for the weights as much as the square root of its size, because its samples are
    alike: a hundred strains of one virus tell more than one, but less than a hundred viruses.

    Priors draw the weights to 1 / n_members (normal, with standard deviation 1), the biases to 0
    (likewise) and the doubt to 0 (as two more sequences would). They matter only if there are few
    sequences.

    If all sequences of a class are in one group, the fold that tests this group cannot learn the
    class. `fit` warns, and these sequences do not count for the weights. In `out_of_fold_` and in
    the scores of :meth:`frame` they do count. A label must be learnable in every fold.

    Members get an indicator matrix of labels, with the columns in the order of `classes_`. The
    probabilities of the pool agree with the frequencies of the labels, also if members balance
    them. A rare label is then seldom more probable than not:
    :class:`~sklearn_protlstm.thresholds.LabelThresholdClassifier` chooses a threshold for each.

    `out_of_fold_` is slightly optimistic: the weights for a fold come from predictions of members
    that were trained on it. For an estimate without this effect, pass the classifier to
    :func:`compare_models`.

    References
    ----------
    D. H. Wolpert. Stacked generalization. Neural Networks 5 (1992) 241-259.
    :doi:`10.1016/S0893-6080(05)80023-1`

    L. Breiman. Stacked regressions. Machine Learning 24 (1996) 49-64. :doi:`10.1007/BF00117832`

    C. Genest and J. V. Zidek. Combining probability distributions: a critique and an annotated
    bibliography. Statistical Science 1 (1986) 114-135. :doi:`10.1214/ss/1177013825`

    Examples
    --------
    >>> from sklearn_protlstm import GroupStackingClassifier, make_kmer_baseline
    >>> from sklearn_protlstm import make_length_baseline
    >>> human = ["AAAC", "AACA", "ACAA", "CAAA", "AACC", "ACCA", "CCAA", "CAAC"]
    >>> dog = [sequence.replace("A", "W") for sequence in human]
    >>> families = [number // 2 for number in range(16)]
    >>> model = GroupStackingClassifier(
    ...     [("k-mers", make_kmer_baseline(k=1)), ("length", make_length_baseline())],
    ...     cv=2,
    ...     random_state=0,
    ... )
    >>> model = model.fit(human + dog, ["human"] * 8 + ["dog"] * 8, groups=families)
    >>> model.predict(["AAAA", "WWWW"])
    array(['human', 'dog'], dtype='<U5')
    >>> bool(model.weights_[0] > model.weights_[1])
    True
    """

    # With metadata routing, a search or a comparison hands the groups on without being asked.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "estimators": [list],
        "cv": [
            Interval(Integral, 2, None, closed="left"),
            HasMethods(["split", "get_n_splits"]),
            list,
            tuple,
        ],
        "min_identity": [Interval(Real, 0, 1, closed="right")],
        "n_jobs": [None, Integral],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimators,
        *,
        cv=5,
        min_identity=0.5,
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
        self.estimators = estimators
        self.cv = cv
        self.min_identity = min_identity
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None, **fit_params):
        """Fit every member on every fold, then the weights.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Proteins, or numeric data for other classifiers.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), or list of label collections
            Classes. For several labels: 1 where a sequence has the label, 0 where it does not and
            NaN where that is unknown; or the labels of each sequence, such as
            ``[["human", "pig"], ["bird"]]``.
        groups : array-like of shape (n_samples,) or None, default=None
            Protein families, which must not appear in both parts of a fold. None clusters
            sequences at `min_identity`, which takes long for many proteins: cluster them once and
            pass the groups. Matrices without groups get random folds.
        **fit_params : dict
            With metadata routing, arguments for the members that request them. Members that
            request `groups` get those that are passed here.

        Returns
        -------
        self : GroupStackingClassifier
            The fitted classifier.

        Raises
        ------
        TypeError, ValueError
            If the data, the groups, the folds or a parameter is not as described, or the training
            part of a fold has one class only, or no sequence with or without some label. Errors of
            a member have a note with its name and the fold.
        KeyboardInterrupt
            On Ctrl-C. The classifier is not fitted then.

        Warns
        -----
        UserWarning
            If the training part of a fold lacks a class, or a member is a FrozenEstimator.
        """
        forget_fitted(self)
        members = self.check_members()
        warn_of_frozen_members(members)
        samples = self._check_samples(X, reset=True)
        rows = np.empty((count_samples(samples), 0))
        classes, codes = check_targets(rows, y)
        groups = check_groups(groups, rows)
        params = self._route_fit(members, groups, fit_params)
        groups = self._make_groups(samples) if groups is None else groups
        splits = make_splits(self.cv, classes, codes, groups, self.random_state)
        multilabel = codes.ndim == 2
        if not multilabel:
            warn_of_missing_classes(splits, classes, codes, groups)
        fits = fit_members(
            members,
            samples,
            decode_targets(codes, classes),
            splits,
            classes,
            params,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        self.classes_, self.codes_, self.multilabel_ = classes, codes, multilabel
        self.groups_ = None if groups is None else np.unique(groups, return_inverse=True)[1]
        self.estimators_ = [[fold.estimator for fold in member] for member in fits]
        self._keep(fit_weights(fits, splits, len(classes), codes, groups))
        return self

    @available_if(_is_multilabel)
    def decision_function(self, X):
        """Compute the log-odds of each label. Only if `y` of `fit` had labels.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        logits : ndarray of shape (n_samples, n_classes), dtype float64
            Log-odds, in the order of `classes_`.
        """
        return self._pool().logits(self._predict_members(X))

    def predict_log_proba(self, X):
        """Predict log-probabilities.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        log_proba : ndarray of shape (n_samples, n_classes), dtype float64
            Finite logarithms of the probabilities, in the order of `classes_`.
        """
        log_probas = self._predict_members(X)
        return self._pool().combine(log_probas)

    def predict_proba(self, X):
        """Predict the probability of each class or label.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), dtype float64
            In the order of `classes_`. Those of labels do not sum to 1.
        """
        return np.exp(self.predict_log_proba(X))

    def predict(self, X):
        """Predict the most probable class of each sample, or its labels.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        y : ndarray of shape (n_samples,), or (n_samples, n_classes) with dtype int64
            Classes; or 1 for each label that is more probable than not.
        """
        if _is_multilabel(self):
            return (self.decision_function(X) > 0).astype(np.int64)
        codes = self.predict_log_proba(X).argmax(axis=1)
        return self.classes_[codes]

    def score(self, X, y, sample_weight=None):
        """Compute the share of samples whose class, or whose labels, are all predicted right.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), or list of label collections
            As for `fit`. Labels that are NaN do not count.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Non-negative weights.

        Returns
        -------
        score : float
            Accuracy; for labels, subset accuracy.
        """
        if _is_multilabel(self):
            return subset_accuracy(self.predict(X), y, self.classes_, sample_weight)
        return super().score(X, y, sample_weight)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weights_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        members = [get_tags(member).classifier_tags for _, member in self.active_members()]
        tags.classifier_tags.multi_label = all(tag and tag.multi_label for tag in members)
        return tags

    def _check_samples(self, X, *, reset):
        samples = as_samples(X)
        if not isinstance(samples, list):
            # The members check the values, because some accept NaN, strings or sparse matrices.
            validate_data(self, samples, reset=reset, skip_check_array=True)
        return samples

    def _make_groups(self, samples):
        if not isinstance(samples, list) or not wants_groups(self.cv):
            return None
        groups = cluster_sequences(
            samples, self.min_identity, n_jobs=self.n_jobs, verbose=self.verbose
        )
        if self.verbose:
            print(
                f"fit got no groups: clustered {len(samples)} sequences into {groups.max() + 1} "
                f"groups of at least {self.min_identity:g} identity"
            )
        return groups

    def _keep(self, weighting):
        pool = weighting.pool
        self.member_log_proba_ = weighting.log_probas
        self.out_of_fold_ = np.exp(weighting.pooled)
        self.folds_ = weighting.folds
        self.bias_ = pool.bias
        self.doubt_ = 0.0 if self.multilabel_ else pool.doubt
        self.weights_ = pool.weights

    def _pool(self):
        if self.multilabel_:
            return LabelPool(self.weights_, self.bias_)
        return LogLinearPool(self.weights_, self.bias_, self.doubt_)

    def _predict_members(self, X):
        """Log-probabilities of each member, averaged over its folds."""
        check_is_fitted(self)
        samples = self._check_samples(X, reset=False)
        average = average_label_folds if self.multilabel_ else average_folds
        return np.array([average(folds, samples, self.classes_) for folds in self.estimators_])
