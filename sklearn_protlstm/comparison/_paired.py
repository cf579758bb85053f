"""Test whether two models of a comparison differ, and state the result in a sentence."""

from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from sklearn_protlstm._html.fragments import Column, Note, Table, render_fragment
from sklearn_protlstm._labels.accuracy import find_right
from sklearn_protlstm._labels.matrix import UNKNOWN
from sklearn_protlstm.comparison._permutation import PermutationTest, run_permutation_test
from sklearn_protlstm.comparison._scoring import list_metrics
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

_ON_RELATIVES = "the last two treat relatives as independent, so p is too small"


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
    permutation : PermutationTest
        Paired permutation test of the predictions in the first repeat.
    mcnemar : McNemarTest
        Exact McNemar test of the predictions in the first repeat. It counts correct predictions,
        whatever the `metric`. With any number of labels for each sequence, a prediction is correct
        if all known labels are.
    note : str, default=""
        What is wrong with the probabilities of the models. Empty if nothing is, or if the log-loss
        was not scored.
    multilabel : bool, default=False
        Whether the models predict any number of labels for each sequence.

    See Also
    --------
    sklearn_protlstm.significance : The tests, for scores from other sources.

    Notes
    -----
    A difference can be due to chance in two ways: other folds would give other scores, and other
    sequences would give other predictions. The t tests see the first, the permutation test the
    second. With few folds, the scores may differ almost equally on all of them by chance, and the
    t test then takes two random guessers for different. This class therefore asks both: `p_value`
    is the larger p value and `interval` the wider interval. Such an intersection of two tests is
    wrong at most as often as either of them. On simulated random guessers, fewer than 5 % of the
    verdicts name a better model (``examples/benchmarks/false_verdicts.py``).

    If the scores differ equally on all folds, the t test is undefined and the permutation test
    decides alone. It does not exist for scores of probabilities, such as the log-loss and ROC AUC,
    for which the t test decides alone.

    The McNemar and permutation tests treat sequences as independent. If many are relatives, their p
    values are too small and their intervals too narrow, with groups too.

    References
    ----------
    R. L. Berger. Multiparameter hypothesis testing and acceptance sampling. Technometrics 24 (1982)
    295-300. :doi:`10.1080/00401706.1982.10487790`

    Examples
    --------
    >>> from sklearn_protlstm import compare_models, make_kmer_baseline
    >>> sequences = ["AAAC", "AACA", "ACAA", "CAAA", "WWWY", "WWYW", "WYWW", "YWWW"]
    >>> models = {"k-mers": make_kmer_baseline(k=1)}
    >>> comparison = compare_models(models, sequences, ["a"] * 4 + ["w"] * 4, cv=2)
    >>> result = comparison.test("k-mers", "majority", metric="accuracy")
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
    permutation: PermutationTest
    mcnemar: McNemarTest
    note: str = ""
    multilabel: bool = field(default=False, repr=False)

    @property
    def p_value(self):
        """Larger p value of the t test and the permutation test. NaN if both are undefined."""
        return float(np.fmax(self.t_test.p_value, self.permutation.p_value))

    @property
    def interval(self):
        """Wider 95 % interval of the difference: (float, float). NaN if both are undefined."""
        low, high = self.t_test.interval
        margin = np.fmax((high - low) / 2, self.permutation.margin)
        return float(self.t_test.difference - margin), float(self.t_test.difference + margin)

    def verdict(self):
        """State the result in one sentence, and warn of poor probabilities in another.

        "Better" and "worse" mean p < 0.05 in the corrected t test and in the permutation test.
        "Practically equal" means that the difference is within the region of practical equivalence
        with a probability of at least 0.95, given the scores of the folds and given the number of
        sequences on which the models differ. For a region of ±0.01, this takes at least 196
        sequences, or 392 for the Matthews correlation, even if the models never differ.

        Returns
        -------
        sentence : str
            The relation of the models, the difference and its interval.
        """
        where = (
            "on unseen groups"
            if self.grouped
            else "on random folds, where near-copies may be on both sides"
        )
        sentence = (
            f"{self.first} is {self._relation()} {self.second} {where} "
            f"({self._metric.title} difference "
            f"{_format_difference(self.t_test.difference)}, {_format_interval(self.interval)})"
        )
        return f"{sentence}. {self.note}" if self.note else sentence

    @property
    def _metric(self):
        return list_metrics(self.multilabel)[self.metric]

    def _relation(self):
        if self._probability_of_equality() >= _EQUAL_PROBABILITY:
            return "practically equal to"
        if not self.p_value < _SIGNIFICANT_P:
            return "not distinguishable from"
        higher = self.t_test.difference > 0
        return "better than" if higher == self._metric.higher_is_better else "worse than"

    def _probability_of_equality(self):
        """Smaller probability of the folds and of the sequences."""
        rope = self.posterior.rope
        error = self.permutation.standard_error
        low, high = norm.cdf(np.array([-rope, rope]), self.t_test.difference, error)
        return np.fmin(self.posterior.equal, high - low)

    def __str__(self):
        lines = [
            self.verdict(),
            *(f"  {name:<19}{result}" for name, result in self._describe_tests().items()),
        ]
        if self.grouped:
            lines.append(f"                     ({_ON_RELATIVES})")
        return "\n".join(lines)

    def _repr_html_(self):
        tests = self._describe_tests()
        columns = [Column("test", [*tests]), Column("result", [*tests.values()])]
        notes = [Note(f"Of these tests, {_ON_RELATIVES}.", "note")] if self.grouped else []
        return render_fragment(self.verdict(), [Table.of("Tests", columns)], notes)

    def _describe_tests(self):
        return {
            "corrected t test": self._describe_t_test(),
            "probability": self._describe_posterior(),
            "permutation test": self._describe_permutation(),
            "McNemar test": self._describe_mcnemar(),
        }

    def _describe_t_test(self):
        test = self.t_test
        if np.isnan(test.p_value):
            return "undefined, since the scores differ equally on all folds"
        return (
            f"t({test.df}) = {test.statistic:.2f}, {_format_p_value(test.p_value)}, effect size "
            f"{test.effect_size:.2f}"
        )

    def _describe_posterior(self):
        posterior = self.posterior
        if np.isnan(posterior.equal):
            return "undefined, since the scores differ equally on all folds"
        better = [posterior.first_higher, posterior.second_higher]
        if not self._metric.higher_is_better:
            better.reverse()
        return (
            f"{self.first} better {better[0]:.2f}, within ±{posterior.rope:g} "
            f"{posterior.equal:.2f}, {self.second} better {better[1]:.2f}"
        )

    def _describe_permutation(self):
        if np.isnan(self.permutation.p_value):
            kind = "labels" if self.multilabel else "classes"
            return f"needs predicted {kind}, but {self._metric.title} has probabilities"
        margin = _format_difference(self.permutation.margin)
        return f"{_format_p_value(self.permutation.p_value)}, 95 % interval ±{margin}"

    def _describe_mcnemar(self):
        test = self.mcnemar
        right = "all labels right" if self.multilabel else "right"
        return (
            f"{right} only by {self.first} {test.only_first}, only by {self.second} "
            f"{test.only_second}, {_format_p_value(test.p_value)}"
        )


def choose_metric(scoring):
    """Return the default score of a test: the Matthews correlation if it was scored."""
    return "matthews_corrcoef" if "matthews_corrcoef" in scoring else scoring[0]


def run_tests(
    names, metric, scores, n_train, n_test, labels, test_parts, *, rope, grouped, note=""
):
    """Run all tests on two models.

    `scores` of shape (2, n_folds) may hold NaN; these folds are left out. `labels` of shape
    (3, n_samples) or (3, n_samples, n_labels) holds the true labels and the predictions of both
    models. `test_parts` holds the indices of the test sequences of each fold in the first repeat.
    """
    multilabel = labels.ndim == 3
    known = ~np.isnan(scores).any(axis=0)
    if known.sum() < 2:
        raise ValueError(
            f"The tests need two or more folds, but only {known.sum()} have a score for "
            f"{list_metrics(multilabel)[metric].title} from both {names[0]!r} and {names[1]!r}. "
            f"{_ON_MISSING_SCORES[multilabel]}"
        )
    sizes = {"n_train": n_train[known].mean(), "n_test": n_test[known].mean()}
    if multilabel:
        test_parts = _select_labelled(test_parts, labels[0])
    first, second = scores[:, known]
    t_test = corrected_t_test(first, second, **sizes)
    return PairedComparison(
        *names,
        metric,
        grouped,
        t_test,
        bayesian_correlated_t_test(first, second, rope=rope, **sizes),
        run_permutation_test(metric, labels, test_parts, t_test.difference),
        _run_mcnemar_test(labels[:, np.concatenate(test_parts)]),
        note,
        multilabel,
    )


_ON_MISSING_SCORES = {
    False: (
        "Log-loss and ROC AUC need predict_proba, and ROC AUC needs two classes in the test part"
    ),
    True: (
        "Scores of probabilities need predict_proba, and most scores need a sequence with a label "
        "in the test part"
    ),
}


def _select_labelled(test_parts, codes):
    """Leave out sequences of which no label is known."""
    is_labelled = (codes != UNKNOWN).any(axis=1)
    return [part[is_labelled[part]] for part in test_parts]


def _run_mcnemar_test(labels):
    if labels.ndim == 2:
        return mcnemar_test(*labels)
    right = [find_right(labels[0], predicted) for predicted in labels[1:]]
    return mcnemar_test(np.ones(labels.shape[1], dtype=bool), *right)


def list_pair_columns(results):
    """Return the columns of a table of verdicts, one row per PairedComparison."""
    columns = {
        "difference": [_format_difference(pair.t_test.difference) for pair in results],
        "95 % interval": [_format_bounds(pair.interval) for pair in results],
        "p": [_format_p_value(pair.p_value)[2:].removeprefix("= ") for pair in results],
    }
    verdicts = [f"{pair.first} is {pair._relation()} {pair.second}" for pair in results]
    numbers = [Column(title, cells, is_number=True) for title, cells in columns.items()]
    return [Column("verdict", verdicts), *numbers]


def _format_difference(value):
    # Adding 0 turns "-0.000" into "0.000".
    return f"{round(value, 3) + 0.0:.3f}"


def _format_interval(interval):
    return f"95 % interval {_format_bounds(interval)}"


def _format_bounds(interval):
    if np.isnan(interval).any():
        return "unknown"
    low, high = map(_format_difference, interval)
    return f"{low} to {high}"


def _format_p_value(value):
    if np.isnan(value):
        return "p unknown"
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
