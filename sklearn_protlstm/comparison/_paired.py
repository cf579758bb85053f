"""Two models of a comparison side by side, in numbers and in a sentence."""

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

__all__ = ["PairedComparison", "run_tests"]

_SIGNIFICANT, _PROBABLE = 0.05, 0.95


@dataclass(frozen=True)
class PairedComparison:
    """What the tests say of two models. Print it to read it.

    Parameters
    ----------
    first, second : str
        Names of the models.
    metric : str
        Name of the score.
    grouped : bool
        Whether the folds kept groups whole.
    t_test : CorrectedTTest
        Corrected resampled t test of the scores. The difference is first minus second.
    posterior : PosteriorProbabilities
        Bayesian correlated t test of the scores.
    mcnemar : McNemarTest
        Exact McNemar test of the predictions in the first repeat; about right and wrong, whatever
        `metric` is.

    See Also
    --------
    sklearn_protlstm.significance : The tests, for scores from elsewhere.
    """

    first: str
    second: str
    metric: str
    grouped: bool
    t_test: CorrectedTTest
    posterior: PosteriorProbabilities
    mcnemar: McNemarTest

    def verdict(self):
        """Put the outcome into a sentence.

        Returns
        -------
        sentence : str
            "Better" and "worse" take p < 0.05 in the corrected t test, "practically equal" a
            probability of 0.95 or more of a difference within the region of equivalence.
        """
        test = self.t_test
        low, high = (_rounded(bound) for bound in test.interval)
        where = (
            "on unseen groups"
            if self.grouped
            else "on random folds, where near-copies may be on both sides"
        )
        return (
            f"{self.first} is {self._relation()} {self.second} {where} "
            f"({METRICS[self.metric].title} difference {_rounded(test.difference)}, "
            f"{100 * test.confidence:.0f} % interval {low} to {high})"
        )

    def _relation(self):
        if self.posterior.equal >= _PROBABLE:
            return "practically equal to"
        if not self.t_test.p_value < _SIGNIFICANT:
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
            f"  corrected t test   t({test.df}) = {test.statistic:.2f}, {_p(test.p_value)}, "
            f"effect size {test.effect_size:.2f}",
            f"  probability        {self.first} better {better[0]:.2f}, "
            f"within ±{posterior.rope:g} {posterior.equal:.2f}, "
            f"{self.second} better {better[1]:.2f}",
            f"  McNemar test       right only by {self.first} {mcnemar.only_first}, "
            f"only by {self.second} {mcnemar.only_second}, {_p(mcnemar.p_value)}",
        ]
        if self.grouped:
            lines.append("                     (relatives count singly there, so p is too small)")
        return "\n".join(lines)


def run_tests(names, metric, scores, n_train, n_test, labels, *, rope, grouped):
    """Test two models.

    Parameters
    ----------
    names : (str, str)
        Names of the models.
    metric : str
        Name of the score.
    scores : ndarray of shape (2, n_folds), dtype float64
        Their scores on the same folds; folds with a NaN are left out.
    n_train, n_test : ndarray of shape (n_folds,)
        Sequences in the parts of each fold.
    labels : ndarray of shape (3, n_samples)
        True labels, and those that each model predicted.
    rope : float
        Largest difference that does not matter.
    grouped : bool
        Whether the folds kept groups whole.

    Returns
    -------
    result : PairedComparison
        The tests.

    Raises
    ------
    ValueError
        If fewer than two folds have a score of both models.
    """
    known = ~np.isnan(scores).any(axis=0)
    if known.sum() < 2:
        raise ValueError(
            f"{names[0]!r} and {names[1]!r} have {known.sum()} fold(s) in common with a score for "
            f"{METRICS[metric].title}, and a test needs two or more. A score from probabilities "
            "needs models with predict_proba, and ROC AUC two classes in each test part"
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


def _rounded(value):
    # Adding 0 turns "-0.000" into "0.000".
    return f"{round(value, 3) + 0.0:.3f}"


def _p(value):
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
