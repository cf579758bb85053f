"""Batches hold every row once and little padding; rows and lengths are what they seem."""

from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_protlstm._encoding.token_matrix import (
    occurring_tokens,
    renumber_tokens,
    residue_lengths,
    unique_rows,
)
from sklearn_protlstm._training.batches import bucket_batches, budget_batches, cut_shares

lengths = arrays(np.int64, st.integers(1, 80), elements=st.integers(1, 500))
shapes = st.tuples(st.integers(1, 12), st.integers(1, 8))
# Few different numbers, so that rows and zeros come back.
matrices = st.sampled_from(["uint8", "uint16", "uint32", "int32"]).flatmap(
    lambda dtype: arrays(dtype, shapes, elements=st.sampled_from([0, 0, 1, 2, 200]))
)


def padded_cells(batches, lengths):
    return sum(len(batch) * lengths[batch].max() for batch in batches)


@given(matrices)
def test_residue_lengths(tokens):
    expected = [
        max((i for i, token in enumerate(row, start=1) if token), default=1)
        for row in tokens.tolist()
    ]
    counted = residue_lengths(tokens)
    assert counted.dtype == np.int64
    assert counted.tolist() == expected


@given(lengths, st.integers(1, 20), st.integers(1, 5), st.integers(0, 9))
def test_buckets_hold_every_row_once(lengths, batch_size, pool_batches, seed):
    batches = bucket_batches(lengths, batch_size, np.random.RandomState(seed), pool_batches)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    full, rest = divmod(len(lengths), batch_size)
    assert sorted(map(len, batches)) == [rest] * bool(rest) + [batch_size] * full


@given(lengths, st.integers(1, 20), st.integers(0, 9))
def test_one_pool_is_sorted_at_large(lengths, batch_size, seed):
    batches = bucket_batches(lengths, batch_size, np.random.RandomState(seed), len(lengths))
    batches.sort(key=lambda batch: (lengths[batch].min(), lengths[batch].max()))
    in_order = [lengths[batch] for batch in batches]
    for shorter, longer in pairwise(in_order):
        assert shorter.max() <= longer.min()


def test_buckets_save_most_of_the_padding():
    rng = np.random.RandomState(0)
    lengths = np.maximum(1, rng.lognormal(mean=5.5, sigma=0.8, size=5000).astype(int))
    unsorted = np.array_split(rng.permutation(5000), 5000 // 32)
    padding = padded_cells(bucket_batches(lengths, 32, rng), lengths) - lengths.sum()
    assert padding < 0.1 * (padded_cells(unsorted, lengths) - lengths.sum())


def test_buckets_differ_between_epochs_and_depend_on_the_seed_alone():
    lengths = np.random.RandomState(0).randint(1, 100, 300)
    rng = np.random.RandomState(5)
    first, second = (bucket_batches(lengths, 16, rng, pool_batches=2) for _ in range(2))
    again = bucket_batches(lengths, 16, np.random.RandomState(5), pool_batches=2)
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in again]
    # A row meets other neighbours, whatever the order of the batches.
    neighbours = {frozenset(batch.tolist()) for batch in first}
    assert not neighbours & {frozenset(batch.tolist()) for batch in second}


def test_short_batches_do_not_come_first():
    lengths = np.arange(1, 641)
    batches = bucket_batches(lengths, 32, np.random.RandomState(0))
    longest = [lengths[batch].max() for batch in batches]
    assert longest != sorted(longest)


@given(lengths, st.integers(1, 2000), st.integers(1, 5), st.integers(5, 30))
def test_budgets_are_kept(lengths, max_cells, fewest, most):
    batches = budget_batches(lengths, max_cells, (fewest, most))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert all(len(batch) >= fewest for batch in batches[:-1])
    for batch in batches:
        assert len(batch) <= most
        assert len(batch) <= fewest or padded_cells([batch], lengths) <= max_cells


@given(lengths, st.integers(1, 2000), st.integers(1, 5), st.integers(5, 30))
def test_budgets_are_used(lengths, max_cells, fewest, most):
    batches = budget_batches(lengths, max_cells, (fewest, most))
    for batch, following in pairwise(batches):
        assert lengths[batch].max() <= lengths[following].min()
        one_more = np.append(batch, following[0])
        assert len(one_more) > most or padded_cells([one_more], lengths) > max_cells


def test_budget_is_used_to_the_last_cell():
    batches = budget_batches(np.array([2, 2, 2, 2]), 4, (1, 10))
    assert [batch.tolist() for batch in batches] == [[0, 1], [2, 3]]


def test_rows_of_one_length_keep_their_order():
    # Sorting that is not stable differs between processors, and so would the batches.
    lengths = np.random.RandomState(0).randint(1, 4, 500)
    order = np.concatenate(budget_batches(lengths, 64, (1, 32)))
    assert order.tolist() == sorted(range(500), key=lambda row: (lengths[row], row))


@given(st.integers(1, 600), st.integers(1, 9000))
def test_shares_hold_every_row_once_and_are_about_equal(n_rows, n_steps):
    shares = cut_shares(n_rows, n_steps)
    sizes = [len(range(n_rows)[share]) for share in shares]
    assert [row for share in shares for row in range(n_rows)[share]] == list(range(n_rows))
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= 32


@pytest.mark.parametrize(
    ("n_rows", "n_steps", "n_shares"),
    [
        (1, 10, 1),
        (15, 100, 1),  # not worth a second thread
        (16, 100, 2),
        (32, 100, 2),
        (32, 512, 4),  # 8 rows of 512 are 4,096 cells
        (32, 9000, 4),  # never fewer than 8 rows
        (128, 30, 4),  # never more than 32
    ],
)
def test_number_of_shares(n_rows, n_steps, n_shares):
    assert len(cut_shares(n_rows, n_steps)) == n_shares


@pytest.mark.parametrize(("n_rows", "n_steps", "n_shares"), [(32, 100, 1), (33, 100, 2)])
def test_a_thread_for_each_direction_spares_cutting(n_rows, n_steps, n_shares):
    assert len(cut_shares(n_rows, n_steps, two_ways=True)) == n_shares


@given(matrices, st.sampled_from([1, 2, 3, 4096]))
def test_unique_rows(matrix, block):
    with patch("sklearn_protlstm._encoding.token_matrix._BLOCK_ROWS", block):
        first, inverse = unique_rows(matrix)
    rows = list(map(tuple, matrix.tolist()))
    distinct = [rows[i] for i in first]
    assert len(set(distinct)) == len(distinct)
    assert [distinct[i] for i in inverse] == rows
    assert [rows.index(row) for row in distinct] == first.tolist()


@given(matrices, st.randoms(use_true_random=False))
def test_unique_rows_come_in_an_order_of_their_own(matrix, random):
    expected = matrix[unique_rows(matrix)[0]]
    order = list(range(len(matrix)))
    random.shuffle(order)
    shuffled = matrix[order + order]
    np.testing.assert_array_equal(shuffled[unique_rows(shuffled)[0]], expected)
    # Neither the width of the padding nor the layout in memory changes it.
    wider = np.asfortranarray(np.pad(matrix, [(0, 0), (0, 3)]))
    np.testing.assert_array_equal(wider[unique_rows(wider)[0], : matrix.shape[1]], expected)


@given(matrices)
def test_occurring_tokens(tokens):
    vocabulary = occurring_tokens(tokens)
    assert vocabulary.dtype == np.int64
    assert vocabulary.tolist() == sorted(set(tokens.ravel().tolist()) - {0, 1})


@given(
    arrays("uint16", shapes, elements=st.integers(0, 40)),
    st.sets(st.integers(2, 40)).map(sorted),
    st.sampled_from(["uint8", "uint16", "int32", "int64"]),
)
def test_renumber_tokens(tokens, vocabulary, dtype):
    numbers = {0: 0} | {token: i for i, token in enumerate(vocabulary, start=2)}
    expected = [[numbers.get(token, 1) for token in row] for row in tokens.tolist()]
    renumbered = renumber_tokens(tokens.astype(dtype), np.array(vocabulary, dtype=np.int64))
    assert renumbered.dtype == np.uint8
    assert renumbered.tolist() == expected


@pytest.mark.parametrize(("n_known", "dtype"), [(0, "uint8"), (254, "uint8"), (255, "uint16")])
def test_renumbered_tokens_have_the_smallest_dtype(n_known, dtype):
    vocabulary = np.arange(2, 2 + n_known)
    tokens = np.arange(2 + n_known, dtype=np.int64)[np.newaxis]
    renumbered = renumber_tokens(tokens, vocabulary)
    assert renumbered.dtype == dtype
    np.testing.assert_array_equal(renumbered, tokens)


def test_tokens_far_beyond_the_vocabulary_cost_nothing():
    tokens = np.array([[5, 2**40, 0]])
    assert renumber_tokens(tokens, np.array([5])).tolist() == [[2, 1, 0]]
