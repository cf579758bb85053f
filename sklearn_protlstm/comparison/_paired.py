"""Test whether two models of a comparison differ, and state the result in a sentence."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm.comparison._scores import METRICS
from sklearn_protlstm.significance import (
    CorrectedTTest,
    McNemarTest,
    PosteriorProbabilities,
    bayesian_correlated_t_test,
    corrected_t_test,
    mcnemar_test,
)

__all__ = ["PairedComparison"]

_SIGNIFICANT_P = 0.05
_EQUAL_PROBABILITY = 0.95


@dataclass(frozen=True)
class PairedComparison:
    """Results of the tests of two models. Print it to read them.

    Parameters
    ----------
    first, second : str
        Names of the models.
    metric : str
        Name of the score.
    grouped : bool
        Whether the folds keep groups together.
    t_test : CorrectedTTest
        Corrected resampled t test of the scores. The difference is first minus second.
    posterior : PosteriorProbabilities
        Bayesian correlated t test of the scores.
    mcnemar : McNemarTest
        Exact McNemar test of the predictions in the first repeat. It counts correct predictions,
        whatever the `metric`.

    See Also
    --------
    sklearn_protlstm.significance : The tests, for scores from other sources.

    Examples
    --------
    >>> from sklearn_protlstm import compare_models, make_kmer_baseline
    >>> sequences = ["AAAC", "AACA", "ACAA", "CAAA", "WWWY", "WWYW", "WYWW", "YWWW"]
    >>> models = {"k-mers": make_kmer_baseline(k=1)}
    >>> comparison = compare_models(models, sequences, ["a"] * 4 + ["w"] * 4, cv=2)
    >>> result = comparison.test("k-mers", "majority")
    >>> result.t_test.difference
    0.5
    >>> result.mcnemar
    McNemarTest(only_first=4, only_second=0, p_value=0.125)
    """

    first: str
    second: str
    metric: str
    grouped: bool
    t_test: CorrectedTTest
    posterior: PosteriorProbabilities
    mcnemar: McNemarTest

    def verdict(self):
        """State the result in one sentence.

        "Better" and "worse" mean p < 0.05 in the corrected t test. "Practically equal" means that
        the difference is within the region of practical equivalence with a probability of at
        least 0.95.

        Returns
        -------
        sentence : str
            The relation of the models, the difference and its interval.
        """
        test = self.t_test
        low, high = (_format_difference(bound) for bound in test.interval)
        where = (
            "on unseen groups"
            if self.grouped
            else "on random folds, where near-copies may be on both sides"
        )
        return (
            f"{self.first} is {self._relation()} {self.second} {where} "
            f"({METRICS[self.metric].title} difference {_format_difference(test.difference)}, "
            f"{100 * test.confidence:.0f} % interval {low} to {high})"
        )

    def _relation(self):
        if self.posterior.equal >= _EQUAL_PROBABILITY:
            return "practically equal to"
        if not self.t_test.p_value < _SIGNIFICANT_P:
            return "not distinguishable from"
        higher = self.t_test.difference > 0
        return "better than" if higher == METRICS[self.metric].higher_is_better else "worse than"

    def __str__(self):
        test, posterior, mcnemar = self.t_test, self.posterior, self.mcnemar
        better = [posterior.first_higher, posterior.second_higher]
        if not METRICS[self.metric].higher_is_better:
            better.reverse()
        lines = [
            self.verdict(),
            f"  corrected t test   t({test.df}) = {test.statistic:.2f}, "
            f"{_format_p_value(test.p_value)}, effect size {test.effect_size:.2f}",
            f"  probability        {self.first} better {better[0]:.2f}, "
            f"within ±{posterior.rope:g} {posterior.equal:.2f}, "
            f"{self.second} better {better[1]:.2f}",
            f"  McNemar test       right only by {self.first} {mcnemar.only_first}, "
            f"only by {self.second} {mcnemar.only_second}, {_format_p_value(mcnemar.p_value)}",
        ]
        if self.grouped:
            lines.append(
                "                     (it treats relatives as independent, so p is too small)"
            )
        return "\n".join(lines)


def run_tests(names, metric, scores, n_train, n_test, labels, *, rope, grouped):
    """Run all tests on two models.

    `scores` of shape (2, n_folds) may hold NaN; these folds are left out. `labels` of shape
    (3, n_samples) holds the true labels and the predictions of both models.
    """
    known = ~np.isnan(scores).any(axis=0)
    if known.sum() < 2:
        raise ValueError(
            f"The tests need two or more folds, but only {known.sum()} have a score for "
            f"{METRICS[metric].title} from both {names[0]!r} and {names[1]!r}. Log-loss and ROC "
            "AUC need predict_proba, and ROC AUC needs two classes in the test part"
        )
    sizes = {"n_train": n_train[known].mean(), "n_test": n_test[known].mean()}
    first, second = scores[:, known]
    return PairedComparison(
        *names,
        metric,
        grouped,
        corrected_t_test(first, second, **sizes),
        bayesian_correlated_t_test(first, second, rope=rope, **sizes),
        mcnemar_test(*labels),
    )


def _format_difference(value):
    # Adding 0 turns "-0.000" into "0.000".
    return f"{round(value, 3) + 0.0:.3f}"


def _format_p_value(value):
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
