"""Lengths, distinct rows and vocabulary of token matrices, which are padded with 0 on the right."""

import numpy as np

from sklearn_protlstm.alphabets import FIRST_TOKEN, PADDING, UNKNOWN

__all__ = ["occurring_tokens", "renumber_tokens", "residue_lengths", "unique_rows"]

# Rows compared at a time, to avoid a copy of the whole matrix.
_BLOCK_ROWS = 4096


def residue_lengths(tokens):
    """Count the tokens of each row up to the last one that is not padding.

    The result is at least 1, because an LSTM cannot read an empty sequence: a row of padding
    counts as one token. A 0 before another token counts, too.

    Examples
    --------
    >>> import numpy as np
    >>> residue_lengths(np.array([[5, 3, 0], [5, 0, 2], [0, 0, 0]]))
    array([2, 3, 1])
    """
    last = np.argmax(tokens[:, ::-1] != PADDING, axis=1)
    # argmax is 0 for a row of padding, as for a full row.
    empty = tokens[np.arange(len(tokens)), -1 - last] == PADDING
    return np.where(empty, 1, tokens.shape[1] - last).astype(np.int64)


def unique_rows(matrix):
    """Find the distinct rows, in an order that only depends on their content.

    Parameters
    ----------
    matrix : ndarray of shape (n_samples, n_columns)
        Matrix of any numeric dtype.

    Returns
    -------
    first : ndarray of shape (n_unique,)
        Index of the first occurrence of each distinct row.
    inverse : ndarray of shape (n_samples,)
        For each row, the index of its distinct row.

    Examples
    --------
    >>> import numpy as np
    >>> first, inverse = unique_rows(np.array([[3, 1], [2, 0], [3, 1]]))
    >>> first, inverse
    (array([1, 0]), array([1, 0, 1]))
    """
    matrix = np.ascontiguousarray(matrix)
    # Viewed as one void value per row, rows are sorted by their bytes. np.unique would need two
    # more copies of the matrix.
    row_type = np.dtype((np.void, matrix.dtype.itemsize * matrix.shape[1]))
    order = np.argsort(matrix.view(row_type).ravel(), kind="stable")
    starts = np.ones(len(matrix), dtype=bool)
    for begin in range(1, len(matrix), _BLOCK_ROWS):
        end = begin + _BLOCK_ROWS
        block = matrix[order[begin - 1 : end]]
        starts[begin:end] = np.any(block[1:] != block[:-1], axis=1)
    inverse = np.empty(len(matrix), dtype=np.int64)
    inverse[order] = np.cumsum(starts) - 1
    return order[starts], inverse


def occurring_tokens(tokens):
    """Return the sorted distinct tokens as int64, without padding and unknown."""
    distinct = np.unique(tokens)
    return distinct[distinct >= FIRST_TOKEN].astype(np.int64)


def renumber_tokens(tokens, vocabulary):
    """Number the tokens of a vocabulary consecutively; all others become unknown.

    The result has the smallest unsigned dtype that fits ``2 + len(vocabulary)`` tokens.

    Parameters
    ----------
    tokens : ndarray of shape (n_samples, max_length)
        Non-negative integers.
    vocabulary : ndarray of shape (n_known,), dtype int64
        Tokens to keep, as from :func:`occurring_tokens`.

    Returns
    -------
    tokens : ndarray of shape (n_samples, max_length)
        0 for padding, 1 for unknown, and from 2 on the tokens of the vocabulary.

    Examples
    --------
    >>> import numpy as np
    >>> renumber_tokens(np.array([[9, 5, 1, 6, 0]]), np.array([5, 9]))
    array([[3, 2, 1, 1, 0]], dtype=uint8)
    """
    largest = vocabulary.max(initial=UNKNOWN)
    table = np.full(largest + 2, UNKNOWN, dtype=np.min_scalar_type(UNKNOWN + len(vocabulary)))
    table[PADDING] = PADDING
    table[vocabulary] = np.arange(FIRST_TOKEN, FIRST_TOKEN + len(vocabulary))
    # NumPy computes with floats where it meets unsigned integers of 64 bits and Python's.
    limit = min(largest + 1, np.iinfo(tokens.dtype).max)
    return table[np.minimum(tokens, tokens.dtype.type(limit))]
