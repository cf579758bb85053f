"""Compare two models sequence by sequence, by swapping their predictions at random."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm.comparison._label_permutation import swap_label_fold
from sklearn_protlstm.comparison._scores import METRICS
from sklearn_protlstm.comparison._scoring import list_metrics

__all__ = ["PermutationTest"]

_N_DRAWS = 1999
_LEVEL = 0.05
_NORMAL_QUANTILE = 1.96


@dataclass(frozen=True)
class PermutationTest:
    """Result of the paired permutation test in a comparison of two models.

    Parameters
    ----------
    p_value : float
        Two-sided p value. NaN for scores of probabilities, such as the log-loss.
    margin : float
        Half the width of the 95 % confidence interval, in the unit of the score. NaN for scores of
        probabilities.
    standard_error : float
        Standard error of the difference that the sequences alone imply, in the unit of the score.

    See Also
    --------
    PairedComparison : Holds this result as ``permutation``.

    Notes
    -----
    If two models are equally good, it does not matter which of them made which prediction. The test
    swaps the predictions of both models for a random half of the test sequences, 1999 times. p is
    the share of swaps with at least the observed difference in the mean score of the folds. The
    folds of the first repeat serve for this, since other repeats have the same sequences.

    The interval is as wide as the swaps scatter, which is too wide for models that differ much.

    The test treats sequences as independent, so p is too small if many are relatives.

    The standard error is that of the swaps, plus one sequence: even if two models agree on all n
    sequences, they may differ on the next. One sequence in n changes the accuracy by 1 / n, and the
    Matthews correlation, which goes from -1 to 1, by about 2 / n. For scores of probabilities, the
    standard error is 1 / n, which is only a lower bound.

    References
    ----------
    A. Yeh. More accurate tests for the statistical significance of result differences. COLING 2000,
    947-953. :doi:`10.3115/992730.992783`
    """

    p_value: float
    margin: float
    standard_error: float


def run_permutation_test(metric, labels, test_parts, difference):
    """Test a difference of mean scores by swapping the predictions of the models.

    `labels` of shape (3, n_samples) or (3, n_samples, n_labels) holds the true codes and the
    predicted codes of both models, `test_parts` the indices of each fold.
    """
    n_sequences = sum(map(len, test_parts))
    described = list_metrics(labels.ndim == 3)[metric]
    one_sequence = described.span / n_sequences
    if described.from_counts is None:
        return PermutationTest(np.nan, np.nan, one_sequence)
    swapped = _swapped_differences(metric, [labels[:, part] for part in test_parts])
    # Sums in another order differ in the last bits. Such a difference counts as equal.
    n_as_large = np.sum(swapped >= abs(difference) - 1e-9)
    return PermutationTest(
        p_value=float((n_as_large + 1) / (_N_DRAWS + 1)),
        margin=float(max(_smallest_insignificant(swapped), _NORMAL_QUANTILE * one_sequence)),
        standard_error=float(np.hypot(np.sqrt(np.mean(swapped**2)), one_sequence)),
    )


def _swapped_differences(metric, folds):
    """Absolute differences of the mean score after random swaps, of shape (_N_DRAWS,)."""
    rng = np.random.RandomState(0)
    if folds[0].ndim == 3:
        swapped = [swap_label_fold(metric, fold, _N_DRAWS, rng) for fold in folds]
        return np.abs(np.nanmean(swapped, axis=0))
    n_classes = max(fold.max() for fold in folds) + 1
    return np.abs(np.mean([_swap_fold(metric, fold, n_classes, rng) for fold in folds], axis=0))


def _swap_fold(metric, labels, n_classes, rng):
    """Differences of the score of one fold after random swaps.

    Sequences with the same true class and the same pair of predictions are interchangeable, so it
    suffices to draw how many of them are swapped.
    """
    pairs = np.vstack([labels[0], np.sort(labels[1:], axis=0)])
    (true, *predicted), sizes = np.unique(pairs, axis=1, return_counts=True)
    differ = predicted[0] != predicted[1]
    n_swapped = rng.binomial(sizes, 0.5 * differ, size=(_N_DRAWS, len(sizes)))
    n_kept = sizes - n_swapped
    one_hot = np.eye(n_classes)
    n_true = sizes @ one_hot[true]
    n_predicted = [one_hot[codes] for codes in predicted]
    n_right = [codes * one_hot[true] for codes in n_predicted]
    first, second = (
        METRICS[metric].from_counts(
            here @ n_right[0] + there @ n_right[1],
            here @ n_predicted[0] + there @ n_predicted[1],
            n_true,
        )
        for here, there in [(n_kept, n_swapped), (n_swapped, n_kept)]
    )
    return first - second


def _smallest_insignificant(swapped):
    """Largest difference that would have p >= 0.05."""
    n_allowed = int(np.ceil(_LEVEL * (_N_DRAWS + 1))) - 1
    return np.sort(swapped)[-n_allowed]
