"""Tests of whether two classifiers, scored on the same folds, differ.

The folds of a cross-validation share most of their training sequences, so their scores are not
independent, and an ordinary t test finds differences where there are none.

========================== =====================================================
corrected_t_test           Is there a difference? With interval and effect size
bayesian_correlated_t_test How probable is it that the difference does not matter?
mcnemar_test               Which sequences does only one of the two get right?
========================== =====================================================
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from scipy.stats import t as student

__all__ = [
    "CorrectedTTest",
    "McNemarTest",
    "PosteriorProbabilities",
    "bayesian_correlated_t_test",
    "corrected_t_test",
    "mcnemar_test",
]


@dataclass(frozen=True)
class CorrectedTTest:
    """Result of `corrected_t_test`.

    Parameters
    ----------
    difference : float
        Mean difference of the scores, first minus second, in their unit.
    interval : (float, float)
        Confidence interval of the difference.
    confidence : float
        Confidence level of the interval.
    statistic : float
        Corrected t.
    df : int
        Degrees of freedom.
    p_value : float
        Two-sided.
    effect_size : float
        Difference in standard deviations between folds (Cohen's d of paired samples).
    """

    difference: float
    interval: tuple
    confidence: float
    statistic: float
    df: int
    p_value: float
    effect_size: float


@dataclass(frozen=True)
class PosteriorProbabilities:
    """Result of `bayesian_correlated_t_test`; the three add up to 1.

    Parameters
    ----------
    first_higher : float
        Probability that the first score is higher by more than `rope`.
    equal : float
        Probability that the two are practically equal.
    second_higher : float
        Probability that the second score is higher by more than `rope`.
    rope : float
        Half of the width of the region of practical equivalence, in the unit of the scores.
    """

    first_higher: float
    equal: float
    second_higher: float
    rope: float


@dataclass(frozen=True)
class McNemarTest:
    """Result of `mcnemar_test`.

    Parameters
    ----------
    only_first : int
        Sequences that only the first classifier gets right.
    only_second : int
        Sequences that only the second classifier gets right.
    p_value : float
        Two-sided and exact.
    """

    only_first: int
    only_second: int
    p_value: float


def corrected_t_test(first, second, *, n_train, n_test, confidence=0.95):
    """Test scores of two classifiers on the same folds with the corrected resampled t test.

    Parameters
    ----------
    first, second : array-like of shape (n_folds,)
        A score of each classifier on each fold, in the same order. Folds of repeated
        cross-validation may be given all together.
    n_train, n_test : float
        Sequences in the training part and in the test part of a fold; means if folds differ.
    confidence : float, default=0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    result : CorrectedTTest
        Difference, interval, t, p and effect size.

    Raises
    ------
    ValueError
        If the scores differ in number, are fewer than two or not finite, or a size is not above
        zero, or `confidence` is not between 0 and 1.

    See Also
    --------
    bayesian_correlated_t_test : Can also find that two classifiers are equal.

    Notes
    -----
    An ordinary paired t test takes the variance of the mean of n differences to be s² / n. Nadeau
    and Bengio take (1 / n + n_test / n_train) s²: the second part stands for the overlap of the
    training sets, and more repeats do not make it smaller. The correction was derived for random
    subsampling and is in general use for cross-validation. It is a rule of thumb, somewhat
    cautious as a rule.

    References
    ----------
    C. Nadeau and Y. Bengio. Inference for the generalization error. Machine Learning 52 (2003)
    239-281. :doi:`10.1023/A:1024068626366`

    Examples
    --------
    >>> from sklearn_protlstm.significance import corrected_t_test
    >>> test = corrected_t_test([0.9, 0.8, 0.9], [0.7, 0.7, 0.9], n_train=60, n_test=30)
    >>> print(f"t = {test.statistic:.3f}, p = {test.p_value:.3f}")
    t = 1.095, p = 0.388
    >>> print("{:.2f} to {:.2f}".format(*test.interval))
    -0.29 to 0.49
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence!r} must lie between 0 and 1, such as 0.95")
    differences = _paired_differences(first, second)
    mean, error, df = _correlated_mean(differences, n_train, n_test)
    statistic = _ratio(mean, error)
    margin = student.ppf((1 + confidence) / 2, df) * error
    return CorrectedTTest(
        difference=mean,
        interval=(float(mean - margin), float(mean + margin)),
        confidence=confidence,
        statistic=statistic,
        df=df,
        p_value=float(2 * student.sf(abs(statistic), df)),
        effect_size=_ratio(mean, _spread(differences)),
    )


def bayesian_correlated_t_test(first, second, *, n_train, n_test, rope=0.01):
    """Find how probable it is that two classifiers are practically equal.

    A large p value does not say that two classifiers are equal; this test can.

    Parameters
    ----------
    first, second : array-like of shape (n_folds,)
        A score of each classifier on each fold, in the same order.
    n_train, n_test : float
        Sequences in the training part and in the test part of a fold; means if folds differ.
    rope : float, default=0.01
        Largest difference that does not matter, in the unit of the scores: the half width of the
        region of practical equivalence. 0.01 is customary for accuracies; choose one that fits
        what the classifier is for.

    Returns
    -------
    result : PosteriorProbabilities
        Probabilities that the first is higher, that the two are equal, that the second is higher.

    Raises
    ------
    ValueError
        If the scores differ in number, are fewer than two or not finite, or a size is not above
        zero, or `rope` is negative.

    See Also
    --------
    corrected_t_test : The same variance, with interval and p value.

    Notes
    -----
    The posterior of the mean difference is a t distribution with n - 1 degrees of freedom and
    variance (1 / n + rho / (1 - rho)) s², where the correlation rho between folds is taken as
    n_test / (n_train + n_test), so that rho / (1 - rho) = n_test / n_train.

    References
    ----------
    G. Corani and A. Benavoli. A Bayesian approach for comparing cross-validated algorithms on
    multiple data sets. Machine Learning 100 (2015) 285-304. :doi:`10.1007/s10994-015-5486-z`

    Examples
    --------
    >>> from sklearn_protlstm.significance import bayesian_correlated_t_test
    >>> first, second = [0.902, 0.899, 0.901], [0.900, 0.901, 0.899]
    >>> posterior = bayesian_correlated_t_test(first, second, n_train=60, n_test=30)
    >>> print(f"{posterior.equal:.3f}")
    0.958
    """
    if not rope >= 0:
        raise ValueError(f"rope={rope!r} must be 0 or more: the largest difference that is none")
    differences = _paired_differences(first, second)
    mean, error, df = _correlated_mean(differences, n_train, n_test)
    if error == 0:
        first_higher, second_higher = float(mean > rope), float(mean < -rope)
    else:
        first_higher = float(student.sf((rope - mean) / error, df))
        second_higher = float(student.cdf((-rope - mean) / error, df))
    return PosteriorProbabilities(
        first_higher=first_higher,
        equal=1 - first_higher - second_higher,
        second_higher=second_higher,
        rope=rope,
    )


def mcnemar_test(y_true, first, second):
    """Test with the exact McNemar test whether two classifiers are right equally often.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    first, second : array-like of shape (n_samples,)
        Labels that each classifier predicted for sequences it was not trained on, each sequence
        once.

    Returns
    -------
    result : McNemarTest
        Sequences that only one of the two got right, and p.

    Raises
    ------
    ValueError
        If the labels differ in number.

    See Also
    --------
    corrected_t_test : Takes the variation between training sets into account.

    Notes
    -----
    Sequences count as independent. Where many are relatives, p is too small. Nor does the test
    know that other training sequences would have made other classifiers.

    References
    ----------
    Q. McNemar. Note on the sampling error of the difference between correlated proportions or
    percentages. Psychometrika 12 (1947) 153-157. :doi:`10.1007/BF02295996`

    Examples
    --------
    >>> from sklearn_protlstm.significance import mcnemar_test
    >>> mcnemar_test(["a", "a", "b"], ["a", "a", "a"], ["b", "b", "a"])
    McNemarTest(only_first=2, only_second=0, p_value=0.5)
    """
    y_true, first, second = np.asarray(y_true), np.asarray(first), np.asarray(second)
    if not y_true.shape == first.shape == second.shape:
        raise ValueError(
            f"Got {y_true.shape} true labels, but predictions of shapes {first.shape} and "
            f"{second.shape}. Give one prediction of each classifier for each sequence"
        )
    only_first = int(np.sum((first == y_true) & (second != y_true)))
    only_second = int(np.sum((first != y_true) & (second == y_true)))
    n_differ = only_first + only_second
    p_value = binomtest(only_first, n_differ).pvalue if n_differ else 1.0
    return McNemarTest(only_first, only_second, float(p_value))


def _paired_differences(first, second):
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"Got scores of shapes {first.shape} and {second.shape}. Give one score of each "
            "classifier for each fold, of the same folds"
        )
    if len(first) < 2:
        raise ValueError(
            f"Got scores of {len(first)} fold(s): two or more are needed to see how much they vary"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError(
            "Some scores are not finite. Leave out the folds where a classifier has no score, for "
            "both classifiers"
        )
    return first - second


def _correlated_mean(differences, n_train, n_test):
    """Mean of the differences, its corrected standard error, and degrees of freedom."""
    if not (n_train > 0 and n_test > 0):
        raise ValueError(
            f"n_train={n_train!r} and n_test={n_test!r} must be above 0: the numbers of sequences "
            "that a fold trains on and tests on"
        )
    n_folds = len(differences)
    error = _spread(differences) * np.sqrt(1 / n_folds + n_test / n_train)
    return float(differences.mean()), float(error), n_folds - 1


def _spread(differences):
    # 0.9 - 0.8 and 0.8 - 0.7 differ in the last bit, which must not pass for variation.
    if np.allclose(differences, differences[0], rtol=0, atol=1e-12):
        return 0.0
    return float(differences.std(ddof=1))


def _ratio(mean, spread):
    """Mean over spread, where differences that do not vary are beyond doubt."""
    if spread > 0:
        return float(mean / spread)
    return 0.0 if abs(mean) < 1e-12 else float(np.copysign(np.inf, mean))
