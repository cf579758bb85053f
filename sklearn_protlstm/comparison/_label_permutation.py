"""Swaps of predicted label matrices for the permutation test."""

import numpy as np

from sklearn_protlstm.comparison._label_scores import (
    LABEL_METRICS,
    count_each_sequence,
    join_counts,
)

# Kinds of sequences whose swaps are drawn at once, which limits the memory.
_BLOCK = 1000


def swap_label_fold(metric, labels, n_draws, rng):
    """Differences of the score of one fold after random swaps, of shape (n_draws,).

    NaN if the score of this fold is undefined.

    The scores follow from sums over sequences. A swap moves the difference of both predictions
    from one sum to the other, so it suffices to draw how many sequences with the same difference
    are swapped.
    """
    codes, *predicted = labels
    first, second = (count_each_sequence(codes, prediction) for prediction in predicted)
    moved = second - first
    # The order of the models must not matter, so the first change of a sequence is always a gain.
    is_loss = moved[np.arange(len(moved)), (moved != 0).argmax(axis=1)] < 0
    lower = np.where(is_loss[:, np.newaxis], second, first).sum(axis=0)
    moved[is_loss] *= -1
    sums = lower + _draw_swaps(moved[moved.any(axis=1)], n_draws, rng)
    others = first.sum(axis=0) + second.sum(axis=0) - sums
    score = LABEL_METRICS[metric].from_counts
    difference = score(join_counts(codes, sums)) - score(join_counts(codes, others))
    return np.broadcast_to(difference, n_draws)


def _draw_swaps(moved, n_draws, rng):
    """Sum the changes of a random half of the sequences, n_draws times."""
    kinds, sizes = np.unique(moved, axis=0, return_counts=True)
    total = np.zeros((n_draws, moved.shape[1]), dtype=np.int64)
    for start in range(0, len(kinds), _BLOCK):
        block = slice(start, start + _BLOCK)
        n_swapped = rng.binomial(sizes[block], 0.5, size=(n_draws, len(sizes[block])))
        total += n_swapped @ kinds[block]
    return total
