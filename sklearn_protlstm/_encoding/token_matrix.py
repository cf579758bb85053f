"""Token matrices: the lengths of their rows, their distinct rows, and the tokens in them.

Rows are right-padded with 0. Everything here takes NumPy arrays and loops over no single row.
"""

import numpy as np

from sklearn_protlstm.alphabets import FIRST_TOKEN, UNKNOWN

__all__ = ["occurring_tokens", "renumber_tokens", "residue_lengths", "unique_rows"]

# Rows compared at once, so that no copy of the whole matrix is needed.
_BLOCK_ROWS = 4096


def residue_lengths(tokens):
    """Count the tokens of each row up to its last one that is not padding.

    Parameters
    ----------
    tokens : ndarray of shape (n_samples, max_length)
        Right-padded with 0. A 0 before another token counts as a token.

    Returns
    -------
    lengths : ndarray of shape (n_samples,), dtype int64
        At least 1, since an LSTM must read something: a row of nothing but padding reads as one
        padding token.

    Examples
    --------
    >>> import numpy as np
    >>> residue_lengths(np.array([[5, 3, 0], [5, 0, 2], [0, 0, 0]]))
    array([2, 3, 1])
    """
    last = np.argmax(tokens[:, ::-1] != 0, axis=1)
    # argmax answers 0 for a row without any token, which looks like a full row.
    empty = tokens[np.arange(len(tokens)), -1 - last] == 0
    return np.where(empty, 1, tokens.shape[1] - last).astype(np.int64)


def unique_rows(matrix):
    """Find the distinct rows, in an order that depends on nothing but the rows.

    Parameters
    ----------
    matrix : ndarray of shape (n_samples, n_columns)
        Any dtype of fixed size.

    Returns
    -------
    first : ndarray of shape (n_unique,)
        Where each distinct row occurs first.
    inverse : ndarray of shape (n_samples,)
        The distinct row that each row equals.

    Examples
    --------
    >>> import numpy as np
    >>> first, inverse = unique_rows(np.array([[3, 1], [2, 0], [3, 1]]))
    >>> first, inverse
    (array([1, 0]), array([1, 0, 1]))
    """
    matrix = np.ascontiguousarray(matrix)
    # One opaque value a row makes NumPy sort by bytes. np.unique would do the rest too, but at
    # the price of two more copies of the matrix.
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
    """Find the tokens that a network can learn something about.

    Parameters
    ----------
    tokens : ndarray of shape (n_samples, max_length), any int dtype
        Right-padded with 0.

    Returns
    -------
    vocabulary : ndarray of shape (n_known,), dtype int64
        The distinct tokens from 2 on, sorted; padding and unknown are not among them.
    """
    distinct = np.unique(tokens)
    return distinct[distinct >= FIRST_TOKEN].astype(np.int64)


def renumber_tokens(tokens, vocabulary):
    """Number the tokens of a vocabulary without gaps, and read all others as unknown.

    Parameters
    ----------
    tokens : ndarray of shape (n_samples, max_length), any int dtype
        Not negative.
    vocabulary : ndarray of shape (n_known,), dtype int64
        As from :func:`occurring_tokens`.

    Returns
    -------
    tokens : ndarray of shape (n_samples, max_length), an unsigned dtype
        The smallest dtype that holds ``2 + n_known`` numbers, whatever the dtype given.

    Examples
    --------
    >>> import numpy as np
    >>> renumber_tokens(np.array([[9, 5, 1, 6, 0]]), np.array([5, 9]))
    array([[3, 2, 1, 1, 0]], dtype=uint8)
    """
    largest = vocabulary.max(initial=UNKNOWN)
    table = np.full(largest + 2, UNKNOWN, dtype=np.min_scalar_type(UNKNOWN + len(vocabulary)))
    table[0] = 0
    table[vocabulary] = np.arange(FIRST_TOKEN, FIRST_TOKEN + len(vocabulary))
    return table[np.minimum(tokens, largest + 1)]
