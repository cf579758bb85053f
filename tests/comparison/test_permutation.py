"""The permutation test of a comparison: known values, agreement with McNemar, false verdicts."""

from pathlib import Path

import numpy as np
import pytest
from scripts import load_script

from sklearn_protlstm.comparison._permutation import run_permutation_test
from sklearn_protlstm.comparison._scores import METRICS
from sklearn_protlstm.significance import mcnemar_test

CLASS_SCORES = [name for name, metric in METRICS.items() if metric.from_counts is not None]
BENCHMARKS = Path(__file__).parents[2] / "examples" / "benchmarks"


@pytest.fixture(scope="module")
def false_verdicts():
    return load_script(BENCHMARKS / "false_verdicts.py")


def predict_one_class(n_only_first, n_only_second, n_both):
    """Labels of one class, right predictions 0: so many are right for one model or both."""
    first = [0] * n_only_first + [1] * n_only_second + [0] * n_both
    second = [1] * n_only_first + [0] * n_only_second + [0] * n_both
    return np.array([[0] * len(first), first, second])


def run_on_accuracy(labels, n_folds):
    # Folds of equal size, so that the mean accuracy of the folds is that of all sequences.
    parts = np.arange(labels.shape[1]).reshape(-1, n_folds).T
    difference = np.mean((labels[1] == labels[0]) * 1.0 - (labels[2] == labels[0]))
    return run_permutation_test("accuracy", labels, list(parts), difference)


@pytest.mark.filterwarnings("ignore:A single label was found")
@pytest.mark.parametrize("name", CLASS_SCORES)
@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("n_samples", [1, 4, 50])
def test_scores_from_counts_agree_with_scores_of_labels(name, n_classes, n_samples):
    rng = np.random.RandomState(0)
    predictions = [*rng.randint(0, n_classes, (10, n_samples)), np.zeros(n_samples, dtype=int)]
    one_hot = np.eye(n_classes)
    for predicted in predictions:
        # Some classes are missing from the labels, as they may be from a test part.
        y = rng.randint(0, rng.randint(1, n_classes + 1), n_samples)
        right = (one_hot[y] * one_hot[predicted]).sum(axis=0)
        score = METRICS[name].from_counts(right, one_hot[predicted].sum(0), one_hot[y].sum(0))
        assert score == pytest.approx(METRICS[name].score(y, predicted))


@pytest.mark.parametrize("n_folds", [1, 2, 5])
@pytest.mark.parametrize(("only_first", "only_second"), [(6, 0), (5, 0), (9, 2), (30, 12), (4, 4)])
def test_accuracy_agrees_with_the_mcnemar_test(only_first, only_second, n_folds):
    n_both = -(only_first + only_second) % n_folds + 4 * n_folds
    labels = predict_one_class(only_first, only_second, n_both)
    exact = mcnemar_test(*labels).p_value
    # 1999 draws miss a p value of 0.05 by 0.005 (standard deviation).
    assert run_on_accuracy(labels, n_folds).p_value == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("name", CLASS_SCORES)
def test_order_of_the_models_does_not_matter(name):
    rng = np.random.RandomState(0)
    labels = rng.randint(0, 3, (3, 40))
    parts = np.split(rng.permutation(40), 4)
    there = run_permutation_test(name, labels, parts, 0.1)
    assert there == run_permutation_test(name, labels[[0, 2, 1]], parts, -0.1)


@pytest.mark.parametrize("name", CLASS_SCORES)
def test_p_value_is_small_exactly_where_the_interval_excludes_zero(name):
    rng = np.random.RandomState(0)
    labels = rng.randint(0, 2, (3, 60))
    parts = np.split(np.arange(60), 3)
    margin = run_permutation_test(name, labels, parts, 0).margin
    assert run_permutation_test(name, labels, parts, margin).p_value >= 0.05
    assert run_permutation_test(name, labels, parts, margin + 1e-6).p_value < 0.05


def test_standard_error_is_that_of_the_mcnemar_test_plus_one_sequence():
    # A swap changes the accuracy of 100 sequences by ±1/100 for each of 21 sequences.
    test = run_on_accuracy(predict_one_class(14, 7, 79), 5)
    assert test.standard_error == pytest.approx(np.sqrt(21 + 1) / 100, rel=0.05)


def test_models_that_agree_have_the_error_of_one_sequence():
    test = run_on_accuracy(predict_one_class(0, 0, 50), 2)
    assert test.p_value == 1
    assert test.standard_error == 1 / 50
    assert test.margin == pytest.approx(1.96 / 50)


@pytest.mark.parametrize("name", ["log_loss", "roc_auc"])
def test_scores_of_probabilities_have_no_permutation_test(name):
    test = run_permutation_test(name, predict_one_class(6, 0, 4), [np.arange(10)], 0.3)
    assert np.isnan([test.p_value, test.margin]).all()
    assert test.standard_error == 0.1


@pytest.mark.parametrize("n_samples", [8, 16, 30, 60, 200])
@pytest.mark.parametrize("folds", [(2, 1), (3, 1), (5, 1), (2, 5)], ids=str)
@pytest.mark.parametrize("name", ["matthews_corrcoef", "accuracy"])
def test_less_than_5_percent_of_verdicts_on_random_guessers_are_false(
    false_verdicts, name, folds, n_samples
):
    rates = false_verdicts.simulate(name, *folds, n_samples, (0.5, 0.5), n_runs=200, seed=0)
    _, differ, _, equal = rates
    assert differ < 0.05
    assert equal == 0


def test_folds_alone_give_more_false_verdicts(false_verdicts):
    rates = false_verdicts.simulate("accuracy", 2, 1, 16, (0.5, 0.5), n_runs=500, seed=0)
    folds_differ, differ, folds_equal, _ = rates
    assert folds_differ > 0.06
    assert folds_equal > 0.02
    assert differ < 0.02


@pytest.mark.parametrize(("n_folds", "n_repeats"), [(5, 1), (2, 5)])
@pytest.mark.parametrize("name", ["matthews_corrcoef", "accuracy"])
def test_clearly_different_models_are_told_apart(false_verdicts, name, n_folds, n_repeats):
    rates = false_verdicts.simulate(name, n_folds, n_repeats, 200, (0.9, 0.6), n_runs=40, seed=0)
    folds_differ, differ, _, equal = rates
    assert differ == folds_differ > 0.9
    assert equal == 0
