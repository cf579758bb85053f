"""Batches contain every row once and little padding."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_protlstm._training.batches import bucket_batches, budget_batches, cut_shares

lengths = arrays(np.int64, st.integers(1, 80), elements=st.integers(1, 500))


def padded_cells(batches, lengths):
    return sum(len(batch) * lengths[batch].max() for batch in batches)


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
