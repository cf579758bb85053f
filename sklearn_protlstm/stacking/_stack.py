"""GroupStackingClassifier: several classifiers, pooled with weights from held-out groups."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn import get_config
from sklearn.base import ClassifierMixin, MetaEstimatorMixin
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_protlstm._labels.classes import check_labels
from sklearn_protlstm._meta_estimators import as_samples, count_samples, forget_fitted
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import (
    HasMethods,
    Interval,
    check_groups,
    fit_context,
)
from sklearn_protlstm.homology import cluster_sequences
from sklearn_protlstm.stacking._folds import (
    find_missing_classes,
    make_splits,
    number_folds,
    wants_groups,
)
from sklearn_protlstm.stacking._members import average_folds, fit_members
from sklearn_protlstm.stacking._named_members import NamedMembers
from sklearn_protlstm.stacking._pool import LogLinearPool, cross_fit, fit_pool
from sklearn_protlstm.stacking._report import plot_stack, score_members

__all__ = ["GroupStackingClassifier"]


class GroupStackingClassifier(ClassifierMixin, MetaEstimatorMixin, NamedMembers):
    """Combine classifiers into one whose probabilities hold for unseen protein families.

    Each member is fitted on each fold, without the groups that the fold tests. Their predictions
    for these unseen groups decide how much each member counts, and how certain the result may be.
    A member that memorizes families gets a small weight. Members that agree share their weight.

    The pool of class `c` is proportional to ``exp(bias[c]) * prod(p[m, c] ** weight[m])``, with
    weights that are not negative. Its probability is ``(1 - doubt) * pool + doubt / n_classes``:
    the doubt is the share of sequences about which the members know nothing. With a single member,
    all this calibrates it for unseen groups.

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
        The distinct labels, sorted.
    estimators_ : list of list of estimator
        Fitted members, one list per member with one entry per fold. Dropped members are left out.
    weights_ : ndarray of shape (n_members,), dtype float64
        Weight of each member. The sum is below 1 if the members are overconfident, and above 1 if
        they are too cautious, apart from the doubt.
    bias_ : ndarray of shape (n_classes,), dtype float64
        Bias of each class. Their sum is 0.
    doubt_ : float
        Share of the probability that all classes have alike.
    out_of_fold_ : ndarray of shape (n_samples, n_classes), dtype float64
        Pooled probabilities of the training samples, each with members and weights that were
        fitted on the other folds.
    member_log_proba_ : ndarray of shape (n_members, n_samples, n_classes), dtype float64
        Out-of-fold log-probabilities of the members, not below log(1e-7).
    codes_ : ndarray of shape (n_samples,), dtype int64
        Index of each training label in `classes_`.
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
    The number of trainings is members x folds. For a new sequence, the log-probabilities of a
    member are averaged over its folds, then the members are pooled. On held-out clusters of
    :func:`~sklearn_protlstm.datasets.load_virus_hosts`, the log-loss is as low as with members that
    are fitted once more on all sequences.

    Priors draw the weights to 1 / n_members (normal, with standard deviation 1), the biases to 0
    (likewise) and the doubt to 0 (as two more sequences would). They matter only if there are few
    sequences.

    If all sequences of a class are in one group, the fold that tests this group cannot learn the
    class. `fit` warns, and these sequences do not count for the weights. In `out_of_fold_` and in
    the scores of :meth:`frame` they do count.

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
        y : array-like of shape (n_samples,)
            Class labels.
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
            part of a fold has one class only. Errors of a member have a note with its name and the
            fold.
        KeyboardInterrupt
            On Ctrl-C. The classifier is not fitted then.

        Warns
        -----
        UserWarning
            If the training part of a fold lacks a class.
        """
        forget_fitted(self)
        members = self.check_members()
        samples = self._check_samples(X, reset=True)
        rows = np.empty((count_samples(samples), 0))
        classes, codes = check_labels(rows, y)
        groups = check_groups(groups, rows)
        params = self._route(members, groups, fit_params)
        groups = self._make_groups(samples) if groups is None else groups
        splits = make_splits(self.cv, classes, codes, groups, self.random_state)
        _warn_of_missing_classes(splits, classes, codes, groups)
        fits = fit_members(
            members,
            samples,
            classes[codes],
            splits,
            classes,
            params,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        self._fit_weights(fits, splits, classes, codes)
        self.groups_ = None if groups is None else np.unique(groups, return_inverse=True)[1]
        return self

    def predict_log_proba(self, X):
        """Predict log-probabilities.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        log_proba : ndarray of shape (n_samples, n_classes), dtype float64
            Finite logarithms of the class probabilities, in the order of `classes_`.
        """
        check_is_fitted(self)
        samples = self._check_samples(X, reset=False)
        log_probas = np.array(
            [average_folds(folds, samples, self.classes_) for folds in self.estimators_]
        )
        return LogLinearPool(self.weights_, self.bias_, self.doubt_).combine(log_probas)

    def predict_proba(self, X):
        """Predict class probabilities.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), dtype float64
            Class probabilities, in the order of `classes_`.
        """
        return np.exp(self.predict_log_proba(X))

    def predict(self, X):
        """Predict class labels.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The most probable class of each sample.
        """
        codes = self.predict_log_proba(X).argmax(axis=1)
        return self.classes_[codes]

    def frame(self):
        """Score the members and the pool on the groups that they have not seen.

        Returns
        -------
        frame : pandas.DataFrame of shape (n_members + 1, 5)
            The columns are model, weight, log_loss, accuracy and matthews_corrcoef. The last row
            is the pool, without a weight.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        check_is_fitted(self)
        columns = {
            "model": [*self.member_names(), "pool"],
            "weight": [*self.weights_, np.nan],
            **score_members(self._log_probas(), self.codes_),
        }
        return make_frame(columns, "GroupStackingClassifier.frame()")

    def plot(self):
        """Plot how reliable the out-of-fold probabilities are, and the weights.

        Reliability is the share of right predictions among those with a similar probability. For
        curves of each class, pass ``classes_[codes_]`` and `out_of_fold_` to
        :func:`~sklearn_protlstm.plotting.plot_reliability_curves`.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Two panels. Below the diagonal of the first, a member is overconfident.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_is_fitted(self)
        return plot_stack(self.member_names(), self.weights_, self._log_probas(), self.codes_)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weights_")

    def _check_samples(self, X, *, reset):
        samples = as_samples(X)
        if not isinstance(samples, list):
            # The members check the values, because some accept NaN, strings or sparse matrices.
            validate_data(self, samples, reset=reset, skip_check_array=True)
        return samples

    def _route(self, members, groups, fit_params):
        """Return the arguments of fit for each member."""
        if not get_config()["enable_metadata_routing"]:
            if fit_params:
                raise ValueError(
                    f"fit got {', '.join(fit_params)}, which goes to the members with metadata "
                    "routing only. Call sklearn.set_config(enable_metadata_routing=True) and "
                    "set_fit_request of the members"
                )
            return {name: {} for name, _ in members}
        if groups is not None:
            fit_params = {**fit_params, "groups": groups}
        routed = process_routing(self, "fit", **fit_params)
        return {name: dict(routed[name]["fit"]) for name, _ in members}

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

    def _fit_weights(self, fits, splits, classes, codes):
        folds = number_folds(splits)
        log_probas = np.empty((len(fits), len(codes), len(classes)))
        known = np.empty(log_probas.shape[1:], dtype=bool)
        for number, (train, test) in enumerate(splits):
            known[test] = np.isin(np.arange(len(classes)), codes[train])
            for member, fitted in enumerate(fits):
                log_probas[member, test] = fitted[number].log_proba
        pool = fit_pool(log_probas, codes, known)
        self.classes_ = classes
        self.codes_ = codes
        self.folds_ = folds
        self.estimators_ = [[fold.estimator for fold in member] for member in fits]
        self.member_log_proba_ = log_probas
        self.out_of_fold_ = np.exp(cross_fit(log_probas, codes, known, folds))
        self.bias_ = pool.bias
        self.doubt_ = pool.doubt
        self.weights_ = pool.weights

    def _log_probas(self):
        """Out-of-fold log-probabilities of the members, then of the pool."""
        # A probability below the smallest float is 0.
        pooled = np.log(np.maximum(self.out_of_fold_, np.finfo(np.float64).tiny))
        return [*self.member_log_proba_, pooled]


def _warn_of_missing_classes(splits, classes, codes, groups):
    for number, labels in find_missing_classes(splits, classes, codes).items():
        kind = "sample" if groups is None else "group"
        names = ", ".join(map(repr, labels))
        warnings.warn(
            f"The training part of fold {number} (counted from 0) lacks class {names}. Its members "
            "give the class the lowest probability, and the samples of the class do not count for "
            f"the weights. Collect more {kind}s of the class, or use more folds",
            stacklevel=4,  # the caller of fit
        )
