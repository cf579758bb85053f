"""Rows, lengths and vocabularies of token matrices."""

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

shapes = st.tuples(st.integers(1, 12), st.integers(1, 8))
# Few distinct numbers, so that rows repeat and contain zeros.
matrices = st.sampled_from(["uint8", "uint16", "uint32", "int32"]).flatmap(
    lambda dtype: arrays(dtype, shapes, elements=st.sampled_from([0, 0, 1, 2, 200]))
)


@given(matrices)
def test_residue_lengths_end_at_the_last_token(tokens):
    expected = [
        max((i for i, token in enumerate(row, start=1) if token), default=1)
        for row in tokens.tolist()
    ]
    counted = residue_lengths(tokens)
    assert counted.dtype == np.int64
    assert counted.tolist() == expected


@given(matrices, st.sampled_from([1, 2, 3, 4096]))
def test_unique_rows_and_their_inverse_restore_the_matrix(matrix, block):
    with patch("sklearn_protlstm._encoding.token_matrix._BLOCK_ROWS", block):
        first, inverse = unique_rows(matrix)
    rows = list(map(tuple, matrix.tolist()))
    distinct = [rows[i] for i in first]
    assert len(set(distinct)) == len(distinct)
    assert [distinct[i] for i in inverse] == rows
    assert [rows.index(row) for row in distinct] == first.tolist()


@given(matrices, st.randoms(use_true_random=False))
def test_order_of_unique_rows_depends_on_their_content_only(matrix, random):
    expected = matrix[unique_rows(matrix)[0]]
    order = list(range(len(matrix)))
    random.shuffle(order)
    shuffled = matrix[order + order]
    np.testing.assert_array_equal(shuffled[unique_rows(shuffled)[0]], expected)
    # More padding or another memory layout does not change it.
    wider = np.asfortranarray(np.pad(matrix, [(0, 0), (0, 3)]))
    np.testing.assert_array_equal(wider[unique_rows(wider)[0], : matrix.shape[1]], expected)


@given(matrices)
def test_occurring_tokens_are_sorted_without_padding_and_unknown(tokens):
    vocabulary = occurring_tokens(tokens)
    assert vocabulary.dtype == np.int64
    assert vocabulary.tolist() == sorted(set(tokens.ravel().tolist()) - {0, 1})


@given(
    arrays("uint16", shapes, elements=st.integers(0, 40)),
    st.sets(st.integers(2, 40)).map(sorted),
    st.sampled_from(["uint8", "uint16", "int32", "int64"]),
)
def test_renumbered_tokens_are_consecutive(tokens, vocabulary, dtype):
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


def test_tokens_far_beyond_the_vocabulary_become_unknown():
    tokens = np.array([[5, 2**40, 0]])
    assert renumber_tokens(tokens, np.array([5])).tolist() == [[2, 1, 0]]
