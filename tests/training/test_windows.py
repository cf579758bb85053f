"""Windows cover each row, carry its label and weight, and their predictions become one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_protlstm._training.data import make_training_set
from sklearn_protlstm._training.windows import (
    Windows,
    choose_step,
    cut_training_set,
    cut_windows,
    pool_windows,
    take_windows,
)

lengths = arrays(np.int64, st.integers(1, 8), elements=st.integers(1, 60))


@st.composite
def window_and_step(draw):
    window = draw(st.integers(1, 40))
    return window, draw(st.integers(1, window))


@given(lengths, window_and_step())
def test_windows_cover_each_row_from_its_first_to_its_last_token(lengths, sizes):
    window, step = sizes
    windows = cut_windows(lengths, window, step)
    for row, length in enumerate(lengths):
        starts = windows.starts[windows.rows == row]
        assert starts[0] == 0
        assert starts[-1] == max(0, length - window)
        gaps = np.diff(starts)
        if len(gaps):
            assert 1 <= gaps.min() <= gaps.max() <= step
            # Whole numbers cannot be spaced more evenly.
            assert gaps.max() - gaps.min() <= 1


@given(lengths, window_and_step())
def test_no_window_could_be_left_out(lengths, sizes):
    window, step = sizes
    counts = np.bincount(cut_windows(lengths, window, step).rows)
    for count, length in zip(counts, lengths):
        assert count == 1 or (count - 2) * step < length - window


@given(lengths, window_and_step())
def test_windows_hold_the_tokens_of_their_row(lengths, sizes):
    columns = np.arange(lengths.max() + 3)
    # The token tells row and column.
    tokens = np.where(columns < lengths[:, np.newaxis], 1 + columns, 0)
    tokens[tokens > 0] += 1000 * np.repeat(np.arange(len(lengths)), lengths)
    windows = cut_windows(lengths, *sizes)
    taken = take_windows(tokens, windows)
    for row, start, cells in zip(windows.rows, windows.starts, taken):
        held = cells[cells > 0]
        first = 1000 * row + start + 1
        expected = np.arange(first, first + min(sizes[0], lengths[row] - start))
        np.testing.assert_array_equal(held, expected)


def test_step_is_half_a_window_unless_given():
    assert choose_step(128, None) == 64
    assert choose_step(1, None) == 1
    assert choose_step(10, 10) == 10
    with pytest.raises(ValueError, match=r"window_step=11 is larger than window=10, so the net"):
        choose_step(10, 11)


def test_windows_share_the_label_and_the_weight_of_their_row():
    tokens = np.array([[2, 3, 4, 5, 6], [7, 8, 0, 0, 0]], dtype=np.uint8)
    rows = make_training_set(tokens, np.array([1, 0]), np.array([3.0, 1.0]))
    windows = cut_training_set(rows, window=3, step=1)
    by_tokens = {
        tuple(row): (label, weight)
        for row, label, weight in zip(windows.tokens.tolist(), windows.labels, windows.weights)
    }
    # The weights have mean 1: 4 windows of weights 3 / 3 and 1.
    assert by_tokens == {
        (2, 3, 4): (1, 1.0),
        (3, 4, 5): (1, 1.0),
        (4, 5, 6): (1, 1.0),
        (7, 8, 0): (0, 1.0),
    }
    assert windows.lengths.tolist() == [2, 3, 3, 3]


def test_a_repeated_window_becomes_one_of_the_summed_weight():
    tokens = np.array([[2, 2, 2, 2], [3, 3, 3, 0]], dtype=np.uint8)
    rows = make_training_set(tokens, np.array([0, 1]), np.array([1.0, 1.0]))
    windows = cut_training_set(rows, window=3, step=1)
    assert windows.tokens.tolist() == [[2, 2, 2], [3, 3, 3]]
    assert windows.weights.tolist() == [1.0, 1.0]


def test_pooled_prediction_is_the_geometric_mean_of_the_windows():
    windows = Windows(np.array([0, 1, 1]), np.array([0, 0, 4]), 4)
    probabilities = np.array([[0.7, 0.2, 0.1], [0.8, 0.1, 0.1], [0.2, 0.4, 0.4]])
    # Logits may lie anywhere: a constant for a window changes nothing.
    logits = np.log(probabilities) + np.array([[0.0], [5.0], [-3.0]])
    pooled = np.exp(pool_windows(logits, windows))
    np.testing.assert_allclose(pooled[0], probabilities[0])
    expected = np.sqrt(probabilities[1] * probabilities[2])
    np.testing.assert_allclose(pooled[1], expected / expected.sum())
