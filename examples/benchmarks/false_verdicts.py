"""How often does a verdict name a better model, although both models only guess?

python examples/benchmarks/false_verdicts.py --runs 2000 --seed 0

Two models predict two equally frequent classes. Each is right with a given probability, whatever
the sequence, and predicts the same in every repeat. Nothing is trained. The columns are the rates
of "better than" or "worse than" and of "practically equal to", each for the scores of the folds
alone and for the verdict, which also asks the permutation test. Two thousand runs of every setting
take about two minutes on one core.
"""

import argparse
from itertools import product

import numpy as np
from scipy.stats import t as student

from sklearn_protlstm.comparison._paired import run_tests
from sklearn_protlstm.comparison._scores import METRICS

SCORES = ["matthews_corrcoef", "accuracy", "balanced_accuracy"]
FOLDS = {"2": (2, 1), "3": (3, 1), "5": (5, 1), "5x2": (2, 5)}
SIZES = [8, 16, 30, 60, 100, 200]
ROPE = 0.01


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(f"Two random guessers, {arguments.runs} runs, seed {arguments.seed}")
    print_table((0.5, 0.5), SIZES, arguments.runs, arguments.seed)
    for accuracies in [(0.8, 0.8), (0.9, 0.7), (0.9, 0.6)]:
        n_runs = max(1, arguments.runs // 10)
        print(f"\nAccuracies {accuracies}, {n_runs} runs, seed {arguments.seed}")
        print_table(accuracies, [100, 200], n_runs, arguments.seed)


def print_table(accuracies, sizes, n_runs, seed):
    print("| score | folds | sequences | folds differ | verdict | folds equal | verdict |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for metric, folds, n_samples in product(SCORES, FOLDS, sizes):
        rates = simulate(metric, *FOLDS[folds], n_samples, accuracies, n_runs, seed)
        cells = " | ".join(f"{rate:.2%}" for rate in rates)
        print(f"| {metric} | {folds} | {n_samples} | {cells} |", flush=True)


def simulate(metric, n_folds, n_repeats, n_samples, accuracies, n_runs, seed):
    """Return four rates: different and equal, each by the folds alone and by the verdict."""
    rng = np.random.RandomState(seed)
    y = np.arange(n_samples) % 2
    is_right = rng.rand(n_runs, 2, n_samples) < np.reshape(accuracies, (2, 1))
    predicted = np.where(is_right, y, 1 - y)
    tests = [part for _ in range(n_repeats) for part in make_test_parts(n_samples, n_folds, rng)]
    scores = np.stack([score(metric, y[part], predicted[..., part]) for part in tests], axis=-1)
    n_test = np.array([len(part) for part in tests])
    sizes = n_samples - n_test, n_test
    differ, equal = judge_by_folds(scores[:, 0] - scores[:, 1], n_test.mean(), n_samples)
    # The permutation test can only take back what the folds say, so it need not run elsewhere.
    words = [
        run_tests(
            ("first", "second"),
            metric,
            scores[run],
            *sizes,
            np.vstack([y, predicted[run]]),
            tests[:n_folds],
            rope=ROPE,
            grouped=False,
        ).verdict()
        for run in np.flatnonzero(differ | equal)
    ]
    n_differ = sum("is better than" in word or "is worse than" in word for word in words)
    n_equal = sum("is practically equal to" in word for word in words)
    return differ.mean(), n_differ / n_runs, equal.mean(), n_equal / n_runs


def make_test_parts(n_samples, n_folds, rng):
    """Deal the shuffled sequences of one class to the folds, then those of the other."""
    order = rng.permutation(n_samples)
    order = order[np.argsort(order % 2, kind="stable")]
    return [order[fold::n_folds] for fold in range(n_folds)]


def score(metric, y, predicted):
    one_hot = np.eye(2)
    right = one_hot[predicted] * one_hot[y]
    return METRICS[metric].from_counts(
        right.sum(axis=-2), one_hot[predicted].sum(axis=-2), one_hot[y].sum(axis=-2)
    )


def judge_by_folds(differences, n_test, n_samples):
    """Say by the t tests alone which runs differ and which are practically equal."""
    n_folds = differences.shape[-1]
    mean = differences.mean(axis=-1)
    error = differences.std(axis=-1, ddof=1) * np.sqrt(1 / n_folds + n_test / (n_samples - n_test))
    error = np.maximum(error, 1e-12)
    t = student(n_folds - 1)
    equal = t.cdf((ROPE - mean) / error) - t.cdf((-ROPE - mean) / error) >= 0.95
    differ = 2 * t.sf(np.abs(mean) / error) < 0.05
    return differ & ~equal & (np.abs(mean) > 1e-12), equal


if __name__ == "__main__":
    main()
