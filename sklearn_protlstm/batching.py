"""Batches of sequences of similar length.

The cost of an LSTM grows with the padded cells of a batch, so whole batches are cut from the
token matrix by length and trimmed to their own longest row. Everything here is NumPy and takes
arrays; nothing loops over single sequences.
"""

from itertools import pairwise

import numpy as np

from sklearn_protlstm.alphabets import FIRST_TOKEN, UNKNOWN

__all__ = [
    "bucket_batches",
    "budget_batches",
    "cut_shares",
    "occurring_tokens",
    "renumber_tokens",
    "residue_lengths",
    "unique_rows",
]

# Rows that are handled at once where a whole matrix would need a copy of itself.
_BLOCK_ROWS = 4096

# A share of some 4,000 residues keeps the states that its backward pass needs near the processor:
# larger ones cost up to a third more for each residue. Fewer than 4 rows leave the matrix products
# too thin, and a batch of 16 is worth two threads.
_SHARE_CELLS = 4096
_SHARE_ROWS = (8, 32)
_WORTH_TWO = 16


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


def bucket_batches(lengths, batch_size, rng, pool_batches=32):
    """Cut shuffled rows into batches of similar length, for one epoch of training.

    Rows are shuffled, sorted by length within pools of ``pool_batches * batch_size`` rows, and cut
    into batches, which come in random order. Sorting within pools rather than at large means that
    a row meets other neighbours every epoch.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Tokens of each row.
    batch_size : int
        Rows of a batch; the last batch may have fewer.
    rng : numpy.random.RandomState
        Decides the order.
    pool_batches : int, default=32
        Batches that are sorted together: more means less padding, fewer means more mixing.

    Returns
    -------
    batches : list of ndarray of int64
        Row numbers; each row is in one batch.

    Examples
    --------
    >>> import numpy as np
    >>> batches = bucket_batches(np.array([9, 2, 8, 1]), 2, np.random.RandomState(0))
    >>> sorted(sorted(batch.tolist()) for batch in batches)
    [[0, 2], [1, 3]]
    """
    order = rng.permutation(len(lengths))
    pool = np.arange(len(lengths)) // (pool_batches * batch_size)
    order = order[np.lexsort((lengths[order], pool))]
    batches = np.split(order, np.arange(batch_size, len(order), batch_size))
    return [batches[i] for i in rng.permutation(len(batches))]


def budget_batches(lengths, max_cells, rows):
    """Cut rows, sorted by length, into batches of a bounded number of padded cells.

    For prediction, where the order is free: long sequences come in small batches and short ones
    in large, so that memory is bounded whatever the lengths.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Tokens of each row.
    max_cells : int
        Bound on rows times longest row.
    rows : (int, int)
        Fewest rows of a batch, which may exceed `max_cells`, and most.

    Returns
    -------
    batches : list of ndarray of int64
        Row numbers; each row is in one batch.

    Examples
    --------
    >>> import numpy as np
    >>> [b.tolist() for b in budget_batches(np.array([5, 1, 2, 2]), 6, rows=(1, 10))]
    [[1, 2, 3], [0]]
    """
    fewest, most = rows
    order = np.argsort(lengths, kind="stable")
    ordered = lengths[order]
    batches, start = [], 0
    while start < len(order):
        # Padded cells grow with every row added, so the last row that fits is found by bisection.
        window = ordered[start : start + most]
        cells = window * np.arange(1, len(window) + 1)
        stop = start + max(fewest, int(np.searchsorted(cells, max_cells, side="right")))
        batches.append(order[start:stop])
        start = stop
    return batches


def cut_shares(n_rows, n_steps, two_ways=False):
    """Cut a training batch into parts that threads take through the network and back.

    The parts depend on the batch alone and not on the number of threads, and neither does what
    the network learns.

    Parameters
    ----------
    n_rows : int
        Rows of the batch, at least 1.
    n_steps : int
        Columns of the batch, at least 1.
    two_ways : bool, default=False
        Whether a share that is alone leaves a thread to each direction of the network. Small
        batches then stay whole, since thicker matrix products cost less for each row.

    Returns
    -------
    shares : list of slice
        One behind the other, of about equal numbers of rows.

    Examples
    --------
    >>> cut_shares(32, 500)
    [slice(0, 8, None), slice(8, 16, None), slice(16, 24, None), slice(24, 32, None)]
    """
    fewest, most = _SHARE_ROWS
    rows = min(most, max(fewest, _SHARE_CELLS // n_steps))
    fewest_shares = 2 if n_rows >= _WORTH_TWO and not two_ways else 1
    n_shares = max(-(-n_rows // rows), fewest_shares)
    ends = [n_rows * i // n_shares for i in range(n_shares + 1)]
    return [slice(start, end) for start, end in pairwise(ends)]


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
