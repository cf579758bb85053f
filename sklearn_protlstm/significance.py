"""Test whether two classifiers differ, given their scores on the same folds.

The folds of a cross-validation share most of their training sequences, so their scores are not
independent. An ordinary t test ignores this and too often finds differences between equal models.

========================== =====================================================
corrected_t_test           Is there a difference? Gives interval and effect size
bayesian_correlated_t_test How probable is it that the difference does not matter?
mcnemar_test               How many sequences does only one classifier get right?
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
        Mean difference of the scores, first minus second, in the unit of the scores.
    interval : (float, float)
        Confidence interval of the difference. NaN if the difference is the same on all folds.
    confidence : float
        Confidence level of the interval.
    statistic : float
        Corrected t statistic. NaN if the difference is the same on all folds.
    df : int
        Degrees of freedom.
    p_value : float
        Two-sided p value. NaN if the difference is the same on all folds.
    effect_size : float
        Mean difference divided by its standard deviation between folds (Cohen's d for paired
        samples). NaN if the difference is the same on all folds.
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
    """Result of `bayesian_correlated_t_test`. The three probabilities add up to 1.

    They are NaN if the difference is the same on all folds.

    Parameters
    ----------
    first_higher : float
        Probability that the first score is higher by more than `rope`.
    equal : float
        Probability that the scores differ by at most `rope`.
    second_higher : float
        Probability that the second score is higher by more than `rope`.
    rope : float
        Half the width of the region of practical equivalence, in the unit of the scores.
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
        Number of sequences that only the first classifier gets right.
    only_second : int
        Number of sequences that only the second classifier gets right.
    p_value : float
        Exact, two-sided p value.
    """

    only_first: int
    only_second: int
    p_value: float


def corrected_t_test(first, second, *, n_train, n_test, confidence=0.95):
    """Compare two classifiers on the same folds with the corrected resampled t test.

    Parameters
    ----------
    first, second : array-like of shape (n_folds,)
        Scores of each classifier, with the folds in the same order. For repeated
        cross-validation, pass the folds of all repeats together.
    n_train, n_test : float
        Number of sequences in the training and the test part of a fold. Pass means if folds
        differ in size.
    confidence : float, default=0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    result : CorrectedTTest
        Difference, interval, t, p and effect size.

    Raises
    ------
    ValueError
        If the scores differ in number, are fewer than two or not finite, `n_train` or `n_test` is
        not positive, or `confidence` is not between 0 and 1.

    See Also
    --------
    bayesian_correlated_t_test : Can also show that two classifiers are practically equal.

    Notes
    -----
    An ordinary paired t test estimates the variance of the mean of n differences as s² / n. Nadeau
    and Bengio use (1 / n + n_test / n_train) s². The second term accounts for the overlap of the
    training sets, and more repeats do not reduce it. The correction was derived for random
    subsampling, but is widely used for cross-validation. It is an approximation that tends to be
    conservative.

    If the difference is the same on all folds, its variance cannot be estimated, and the statistic,
    p value, interval and effect size are NaN. With few folds or few sequences, this happens by
    chance: on two folds of 8 sequences, the accuracies of two random guessers differ by the same
    nonzero amount in one case out of ten. `mcnemar_test` still works then.

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
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95, got {confidence!r}")
    differences = _paired_differences(first, second)
    mean, error, df = _correlated_mean(differences, n_train, n_test)
    statistic = mean / error
    margin = student.ppf((1 + confidence) / 2, df) * error
    return CorrectedTTest(
        difference=mean,
        interval=(float(mean - margin), float(mean + margin)),
        confidence=confidence,
        statistic=statistic,
        df=df,
        p_value=float(2 * student.sf(abs(statistic), df)),
        effect_size=mean / _standard_deviation(differences),
    )


def bayesian_correlated_t_test(first, second, *, n_train, n_test, rope=0.01):
    """Compute the probability that two classifiers are practically equal.

    A large p value does not show that two classifiers are equal. This test can.

    Parameters
    ----------
    first, second : array-like of shape (n_folds,)
        Scores of each classifier, with the folds in the same order.
    n_train, n_test : float
        Number of sequences in the training and the test part of a fold. Pass means if folds
        differ in size.
    rope : float, default=0.01
        Largest difference that does not matter in practice, in the unit of the scores: half the
        width of the region of practical equivalence. 0.01 is customary for accuracies. Choose it
        for your application.

    Returns
    -------
    result : PosteriorProbabilities
        Probabilities that the first score is higher, that both are practically equal, and that
        the second is higher.

    Raises
    ------
    ValueError
        If the scores differ in number, are fewer than two or not finite, `n_train` or `n_test` is
        not positive, or `rope` is negative.

    See Also
    --------
    corrected_t_test : Uses the same variance and gives an interval and a p value.

    Notes
    -----
    The posterior of the mean difference is a t distribution with n - 1 degrees of freedom and
    squared scale (1 / n + rho / (1 - rho)) s². The correlation rho between folds is assumed to be
    n_test / (n_train + n_test), so rho / (1 - rho) = n_test / n_train.

    If the difference is the same on all folds, s² says nothing, and the probabilities are NaN.

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
        raise ValueError(
            "rope is the largest difference that does not matter and must not be negative, got "
            f"{rope!r}"
        )
    differences = _paired_differences(first, second)
    mean, error, df = _correlated_mean(differences, n_train, n_test)
    first_higher = float(student.sf((rope - mean) / error, df))
    second_higher = float(student.cdf((-rope - mean) / error, df))
    return PosteriorProbabilities(
        first_higher=first_higher,
        equal=1 - first_higher - second_higher,
        second_higher=second_higher,
        rope=rope,
    )


def mcnemar_test(y_true, first, second):
    """Test whether two classifiers are equally accurate, with the exact McNemar test.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    first, second : array-like of shape (n_samples,)
        Predictions of each classifier, one per sequence, for sequences that it was not trained
        on.

    Returns
    -------
    result : McNemarTest
        Numbers of sequences that only one classifier gets right, and the p value.

    Raises
    ------
    ValueError
        If the labels and predictions differ in shape.

    See Also
    --------
    corrected_t_test : Accounts for the variation between training sets.

    Notes
    -----
    The test treats sequences as independent, so p is too small if many are relatives. It also
    ignores that the classifiers would differ with other training sequences.

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
            f"y_true has shape {y_true.shape}, but the predictions have shapes {first.shape} and "
            f"{second.shape}. Pass one prediction per sequence and classifier"
        )
    if y_true.ndim != 1:
        raise ValueError(
            f"y_true has shape {y_true.shape}, but the test counts sequences. For any number of "
            "labels, pass whether all labels of each sequence are right: y_true = "
            "np.ones(n_samples), first = (predicted == y).all(axis=1)"
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
            f"The scores have shapes {first.shape} and {second.shape}. Pass one score per fold and "
            "classifier, on the same folds"
        )
    if len(first) < 2:
        raise ValueError(
            f"The tests need scores on at least two folds to estimate their variance, got "
            f"{len(first)} fold(s)"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError(
            "Some scores are NaN or infinite. For both classifiers, leave out all folds on which "
            "either has no score"
        )
    return first - second


def _correlated_mean(differences, n_train, n_test):
    """Return the mean difference, its corrected standard error and the degrees of freedom."""
    if not (n_train > 0 and n_test > 0):
        raise ValueError(
            "n_train and n_test are the numbers of training and test sequences of a fold and must "
            f"be positive, got n_train={n_train!r} and n_test={n_test!r}"
        )
    n_folds = len(differences)
    error = _standard_deviation(differences) * np.sqrt(1 / n_folds + n_test / n_train)
    return float(differences.mean()), float(error), n_folds - 1


def _standard_deviation(differences):
    """Return the standard deviation, or NaN if all differences are the same."""
    # Rounding makes 0.9 - 0.8 and 0.8 - 0.7 differ in the last bit. This is not variation.
    if np.allclose(differences, differences[0], rtol=0, atol=1e-12):
        return np.nan
    return float(differences.std(ddof=1))
