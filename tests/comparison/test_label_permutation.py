"""The permutation test of label matrices: whole sequences are swapped."""

import itertools

import numpy as np
import pytest

from sklearn_protlstm.comparison._label_permutation import swap_label_fold
from sklearn_protlstm.comparison._label_scores import LABEL_METRICS
from sklearn_protlstm.comparison._permutation import run_permutation_test
from sklearn_protlstm.significance import mcnemar_test

OF_LABELS = [name for name, metric in LABEL_METRICS.items() if metric.from_counts is not None]


def random_labels(n_samples, n_labels=3, seed=0):
    """Draw true codes with some unknown ones, and two predictions."""
    rng = np.random.RandomState(seed)
    codes = rng.choice(3, size=(1, n_samples, n_labels), p=[0.5, 0.4, 0.1])
    return np.concatenate([codes, rng.randint(0, 2, (2, n_samples, n_labels))])


@pytest.mark.parametrize("name", OF_LABELS)
def test_swaps_have_the_differences_of_all_possible_swaps(name):
    codes, first, second = random_labels(4)
    score = LABEL_METRICS[name].score
    possible = set()
    for swap in itertools.product([False, True], repeat=4):
        mask = np.array(swap)[:, np.newaxis]
        there, here = np.where(mask, second, first), np.where(mask, first, second)
        possible.add(round(abs(score(codes, there) - score(codes, here)), 9))
    labels = np.array([codes, first, second])
    drawn = swap_label_fold(name, labels, 400, np.random.RandomState(0))
    assert {round(value, 9) for value in np.abs(drawn)} == possible


@pytest.mark.parametrize("name", OF_LABELS)
def test_order_of_the_models_does_not_matter(name):
    labels, parts = random_labels(40), np.split(np.arange(40), 4)
    there = run_permutation_test(name, labels, parts, 0.1)
    assert there == run_permutation_test(name, labels[[0, 2, 1]], parts, -0.1)


def test_subset_accuracy_agrees_with_the_mcnemar_test():
    # The first model has all labels right on 12 sequences, the second on 3 others.
    codes = np.tile([1, 0], (40, 1))
    first, second = codes.copy(), codes.copy()
    first[12:15], second[:12] = 0, 1
    labels = np.array([codes, first, second])
    test = run_permutation_test("subset_accuracy", labels, [np.arange(40)], 9 / 40)
    right = [(model == codes).all(axis=1) for model in (first, second)]
    exact = mcnemar_test(np.ones(40, dtype=bool), *right).p_value
    assert test.p_value == pytest.approx(exact, abs=0.015)


def test_many_kinds_of_sequences_are_drawn_in_blocks():
    labels = random_labels(4000, n_labels=8)
    swapped = swap_label_fold("hamming_loss", labels, 300, np.random.RandomState(0))
    codes, first, second = labels
    # Each of the sequences moves the difference of the losses by its own, with a random sign.
    wrong = [((model != codes) & (codes != 2)).sum(axis=1) for model in (first, second)]
    expected = np.sqrt(np.sum((wrong[0] - wrong[1]) ** 2)) / np.sum(codes != 2)
    assert swapped.std() == pytest.approx(expected, rel=0.15)


def test_models_that_agree_have_the_error_of_one_sequence():
    labels = random_labels(50)[[0, 1, 1]]
    test = run_permutation_test("f1_macro", labels, [np.arange(25), np.arange(25, 50)], 0)
    assert test.p_value == 1
    assert test.standard_error == 1 / 50


def test_undefined_folds_are_left_out():
    labels = random_labels(40)
    parts = [np.arange(20), np.arange(20, 40)]
    alone = run_permutation_test("f1_micro", labels, parts[:1], 0.1)
    labels[0, 20:] = 0
    test = run_permutation_test("f1_micro", labels, parts, 0.1)
    assert test.p_value == alone.p_value


@pytest.mark.parametrize("name", ["log_loss", "average_precision", "ranking_loss"])
def test_scores_of_probabilities_have_no_permutation_test(name):
    test = run_permutation_test(name, random_labels(10), [np.arange(10)], 0.3)
    assert np.isnan([test.p_value, test.margin]).all()
    assert test.standard_error == 0.1
