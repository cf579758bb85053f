"""SelectiveClassifier: answers where it is sure enough, and says "unknown" elsewhere."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._encoding.kmer_sets import residue_letters
from sklearn_protlstm._encoding.tokens import encode_residues
from sklearn_protlstm._labels.classes import check_labels
from sklearn_protlstm._meta_estimators import (
    RoutedEstimatorMixin,
    as_samples,
    copy_attributes,
    count_samples,
    forget_fitted,
    is_frozen,
)
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import HasMethods, Interval, fit_context
from sklearn_protlstm.alphabets import get_alphabet
from sklearn_protlstm.exceptions import DataQualityWarning
from sklearn_protlstm.homology import nearest_proteins
from sklearn_protlstm.selective._alarm import ProteinAlarm
from sklearn_protlstm.selective._answers import Decisions, find_unknown, label_answers
from sklearn_protlstm.selective._evidence import (
    fit_with_evidence,
    read_evidence,
    refuse_labels,
)
from sklearn_protlstm.selective._threshold import ThresholdChoice

__all__ = ["SelectiveClassifier"]


class SelectiveClassifier(
    ThresholdChoice, RoutedEstimatorMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Answer only where a classifier is right often enough for unseen families.

    A sample gets the label "unknown" instead of a class

    - if the probability of its most probable class is below a threshold. The threshold is chosen
      on held-out families, so that at least `precision` of the answers are right; or
    - if it is a sequence that is unlike every training protein: DNA, a repeat, or a protein with an
      unusual length or composition. Its probabilities mean nothing, however high they are.

    Parameters
    ----------
    estimator : estimator
        Classifier with ``predict_proba``. It is cloned. Best is a
        :class:`GroupStackingClassifier`, whose out-of-fold predictions serve as they are; another
        classifier is fitted `cv` times more. A fitted stack in a
        :class:`~sklearn.frozen.FrozenEstimator` is used without another fit.
    precision : float, default=0.8
        Share of the answers that must be right, from 0 up to, but not including, 1. Increase it if
        a wrong answer costs more than none. 0 answers everything but sequences that are unlike
        every training protein. :meth:`set_precision` changes it after `fit`.
    confidence : float, default=0.9
        Probability that the threshold reaches the precision, above 0 and below 1. Decrease it to
        get more answers from few families.
    unknown : str, int or float, default="auto"
        Label of samples without an answer. "auto" means "unknown" for classes that are strings,
        and -1 for numbers; if a class is negative, it is the number before the smallest class.
    cv : int, splitter or list of (train, test), default=5
        Folds as in :class:`GroupStackingClassifier`. If `estimator` is a stack, its own `cv` counts
        instead.
    n_jobs : int or None, default=None
        Number of fits to run in parallel. If `estimator` is a stack, its own `n_jobs` counts.
    random_state : int, RandomState instance or None, default=None
        Seeds the folds if `cv` is an int and `estimator` is not a stack.
    verbose : int, default=0
        If above 0, show a progress bar over the folds, unless `estimator` is a stack.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The distinct labels, sorted. The label of unknown samples is not among them.
    unknown_ : str, int or float
        Label of unknown samples.
    threshold_ : float
        Lowest probability that gets an answer; infinity if there is no answer at all.
    coverage_ : float
        Share of the training samples that get an answer when their family is held out.
    precision_ : float
        Share of these answers that are right, where each family counts once; NaN without answers.
    estimator_ : estimator
        The fitted classifier.
    alarm_ : ProteinAlarm or None
        What is usual for a training protein. None if `X` was a matrix.
    scores_ : ndarray of shape (n_samples,), dtype float64
        Out-of-fold probability of the predicted class of each training sample.
    expected_ : ndarray of shape (n_samples,), dtype float64
        The same after calibration on held-out families; the scores themselves for a stack.
    correct_ : ndarray of shape (n_samples,), dtype bool
        Whether this class is the label.
    is_unusual_ : ndarray of shape (n_samples,), dtype bool
        Whether the sample is unlike all training proteins of other folds.
    codes_ : ndarray of shape (n_samples,), dtype int64
        Index of each training label in `classes_`.
    families_ : ndarray of shape (n_samples,), dtype int64
        Number of the family of each training sample.
    sequences_ : list of str or None
        The training proteins in capital letters, for :meth:`report`. X replaces symbols other than
        the 20 residues. None if `X` was a matrix. A model file contains them.
    n_features_in_ : int
        Number of columns of `X`. Only defined if `X` is a matrix.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns of `X`. Only defined if `X` is a data frame with names of type str.

    See Also
    --------
    GroupStackingClassifier : Probabilities that hold for unseen families.
    sklearn_protlstm.thresholds.LabelThresholdClassifier : Chooses a threshold for each label.
    sklearn.model_selection.TunedThresholdClassifierCV : Tunes the threshold of two classes.

    Notes
    -----
    The guarantee: with probability `confidence` over the choice of the training families, an answer
    for a protein of a new family is right with probability `precision` or more. One family is one
    observation, because its proteins are not independent; it is right by the share of its answered
    proteins that are right. The binomial tail (Clopper-Pearson) tests a threshold. This is exact
    if all answers within a family are right or all are wrong, and otherwise an approximation.

    Several thresholds are tested without a correction, one after the other, from a high to a low
    one, until a test fails (fixed sequence testing, as in Learn then Test). The first threshold is
    the one for which the calibrated probabilities predict the strongest evidence. Labels do not
    take part in this choice.

    What is not guaranteed: new families must come from the same source as the training families;
    for hosts or organisms that were sampled differently, nothing holds. The members that predict
    new proteins have seen all families, those in the test only the other folds; the test assumes
    that the former are not worse. The precision is that of all answers, not of each class.

    The false alarms are 1 to 2% of unseen proteins. A shuffled protein has the composition of a
    protein and no repeats, so it raises no alarm.

    ``predict_proba`` returns the probabilities of `estimator_` unchanged, also for unknown samples.
    ``score`` counts an unknown sample as wrong. :func:`compare_models` takes the estimator without
    SelectiveClassifier, because it has no score for unknown samples.

    References
    ----------
    Y. Geifman and R. El-Yaniv. Selective classification for deep neural networks. Advances in
    Neural Information Processing Systems 30 (2017). :doi:`10.48550/arXiv.1705.08500`

    A. N. Angelopoulos, S. Bates, E. J. Candes, M. I. Jordan and L. Lei. Learn then test:
    calibrating predictive algorithms to achieve risk control. Annals of Applied Statistics 19
    (2025) 1641-1662. :doi:`10.1214/24-AOAS1998`

    C. J. Clopper and E. S. Pearson. The use of confidence or fiducial limits illustrated in the
    case of the binomial. Biometrika 26 (1934) 404-413. :doi:`10.1093/biomet/26.4.404`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_protlstm import SelectiveClassifier, make_kmer_baseline
    >>> rng = np.random.RandomState(0)
    >>> human = ["".join(rng.choice(list("AADEGKLRST"), size=60)) for _ in range(40)]
    >>> dog = ["".join(rng.choice(list("ACDEGKLPPW"), size=60)) for _ in range(40)]
    >>> model = SelectiveClassifier(make_kmer_baseline(k=1), cv=2, random_state=0)
    >>> model = model.fit(human + dog, ["human"] * 40 + ["dog"] * 40, groups=range(80))
    >>> model.predict([human[0], dog[0], "A" * 60])
    array(['human', 'dog', 'unknown'], dtype='<U7')
    >>> model.decide(["A" * 60, "ACGT" * 15]).reasons.tolist()
    ['composition', 'composition']
    """

    # With metadata routing, a search or a comparison hands the groups on without being asked.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "precision": [Interval(Real, 0, 1, closed="left")],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "unknown": [str, Real],
        "cv": [
            Interval(Integral, 2, None, closed="left"),
            HasMethods(["split", "get_n_splits"]),
            list,
            tuple,
        ],
        "n_jobs": [None, Integral],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator,
        *,
        precision=0.8,
        confidence=0.9,
        unknown="auto",
        cv=5,
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.precision = precision
        self.confidence = confidence
        self.unknown = unknown
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None, **fit_params):
        """Fit the classifier, choose the threshold and learn what is usual.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Proteins, or numeric data for other classifiers.
        y : array-like of shape (n_samples,)
            Class labels.
        groups : array-like of shape (n_samples,) or None, default=None
            Protein families. None clusters sequences at 50% identity, as
            :class:`GroupStackingClassifier` does. Each row of a matrix is a family of its own.
        **fit_params : dict
            With metadata routing, arguments for the estimator.

        Returns
        -------
        self : SelectiveClassifier
            The fitted classifier.

        Raises
        ------
        TypeError, ValueError
            If the data, the groups, the folds or a parameter is not as described, if `unknown` is
            a class or of another type than the classes, if `y` has any number of labels for each
            sequence, or if a frozen estimator is not a stack that was fitted to these classes.

        Warns
        -----
        UserWarning
            If no threshold reaches the precision, so that every answer is unknown. The message has
            the highest precision that can be reached.
        """
        forget_fitted(self)
        refuse_labels(self.estimator, y)
        samples = as_samples(X)
        classes, codes = check_labels(np.empty((count_samples(samples), 0)), y)
        find_unknown(classes, self.unknown)
        if is_frozen(self.estimator):
            evidence = read_evidence(self.estimator, classes[codes], groups)
        else:
            evidence = self._fit_estimator(samples, classes[codes], groups, fit_params)
        self._keep(evidence)
        self._learn_usual(evidence, samples)
        self.choose_threshold()
        self._warn_without_answers(stacklevel=4)  # the caller, outside of the decorator
        return self

    @property
    def classes_(self):
        """The distinct labels, sorted."""
        return self.estimator_.classes_

    @property
    def unknown_(self):
        """Label of unknown samples."""
        return find_unknown(self.classes_, self.unknown)

    def predict_proba(self, X):
        """Predict class probabilities, also for unknown samples.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), dtype float64
            Probabilities of `estimator_`, in the order of `classes_`.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    def predict(self, X):
        """Predict class labels, or the label of unknown samples.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Classes, and `unknown_` for samples without an answer.
        """
        return self.decide(X).predictions

    def decide(self, X):
        """Predict labels, and say why a sample has no answer.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        decisions : Decisions
            Named tuple of `predictions`, `reasons` and `probabilities`. A reason is "" if there is
            an answer, "probability" if the highest probability is below the threshold, or what is
            unlike the training proteins: "unknown residues" (fewer than half are known), "length"
            (below half of the shortest or above twice the longest), "composition", or "repeats".
        """
        check_is_fitted(self)
        samples = as_samples(X)
        with warnings.catch_warnings():
            # The reasons say more than a warning of DNA or of repeated letters.
            warnings.simplefilter("ignore", DataQualityWarning)
            probabilities = np.asarray(self.estimator_.predict_proba(samples))
        alarms = [""] * len(probabilities) if self.alarm_ is None else self.alarm_.reasons(samples)
        reasons = np.array(alarms, dtype=object)
        is_low = probabilities.max(axis=1) < self.threshold_
        reasons[is_low & (reasons == "")] = "probability"
        codes = probabilities.argmax(axis=1)
        predictions = label_answers(self.classes_, codes, reasons == "", self.unknown_)
        return Decisions(predictions, reasons, probabilities)

    def report(self, X):
        """Show each answer beside the training protein that is most similar.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord, or matrix (n_samples, n_features)
            Samples of the same kind as in `fit`.

        Returns
        -------
        report : pandas.DataFrame of shape (n_samples, 8)
            The columns are

            - prediction and reason, as in :meth:`decide`,
            - most_probable, the class with the highest probability, and probability,
            - nearest, the index of the most similar training protein, counted from 0; -1 if none
              has a significant alignment,
            - nearest_label, its label; None if there is none,
            - percent_identity, the identical residues in percent of the aligned columns,
            - percent_coverage, the aligned residues in percent of the sequence.

            If `X` is a matrix, there are only the first four.

        Raises
        ------
        ImportError
            If pandas is not installed.

        See Also
        --------
        sklearn_protlstm.homology.nearest_proteins : Finds the most similar protein.
        """
        samples = as_samples(X)
        predictions, reasons, probabilities = self.decide(samples)
        columns = {
            "prediction": predictions,
            "reason": reasons,
            "most_probable": self.classes_[probabilities.argmax(axis=1)],
            "probability": probabilities.max(axis=1),
        }
        if self.sequences_ is not None:
            columns |= self._describe_nearest(samples)
        return make_frame(columns, "SelectiveClassifier.report()")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "scores_")

    def _fit_estimator(self, samples, y, groups, fit_params):
        options = {
            "cv": self.cv,
            "n_jobs": self.n_jobs,
            "random_state": self.random_state,
            "verbose": self.verbose,
        }
        return fit_with_evidence(
            self.estimator,
            samples,
            y,
            groups,
            routed=self._route_fit(groups, fit_params),
            fit_params=fit_params,
            options=options,
        )

    def _keep(self, evidence):
        self.estimator_ = evidence.estimator
        copy_attributes(evidence.stack, self, "n_features_in_", "feature_names_in_")
        self.codes_ = evidence.stack.codes_
        self.families_ = evidence.families
        self.scores_, self.correct_, self.expected_ = evidence.scores()

    def _learn_usual(self, evidence, samples):
        """Learn the composition and the lengths of the training proteins, and keep them."""
        self.alarm_ = self.sequences_ = None
        self.is_unusual_ = np.zeros(len(self.codes_), dtype=bool)
        if isinstance(samples, list):
            self.alarm_ = ProteinAlarm()
            self.is_unusual_ = self.alarm_.fit(samples, self.families_, evidence.stack.folds_)
            residues, lengths = encode_residues(samples, get_alphabet("protein"), "mask")
            parts = np.split(residues, np.cumsum(lengths)[:-1])
            self.sequences_ = [residue_letters(part).decode("ascii") for part in parts]

    def _describe_nearest(self, samples):
        indices, identity, coverage = nearest_proteins(samples, self.sequences_)
        labels = self.classes_[self.codes_[indices]].astype(object)
        labels[indices < 0] = None
        return {
            "nearest": indices,
            "nearest_label": labels,
            "percent_identity": 100 * identity,
            "percent_coverage": 100 * coverage,
        }
