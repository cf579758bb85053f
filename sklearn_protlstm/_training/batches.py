"""Batches of sequences of similar length.

The cost of an LSTM grows with the padded cells of a batch. So batches are cut from the token
matrix by length, and each is as wide as its own longest row. Nothing loops over single sequences.
"""

import math
from itertools import pairwise

import numpy as np
import torch

__all__ = [
    "OrderedBatches",
    "ShuffledBatches",
    "bucket_batches",
    "budget_batches",
    "cut_evenly",
    "cut_shares",
]

# Shares of some 4,000 residues keep the cores equally busy. Fewer than 8 rows make the matrix
# products too thin. A batch of 16 rows is worth two threads.
_SHARE_CELLS = 4096
_SHARE_ROWS = (8, 32)
_WORTH_TWO = 16


def bucket_batches(lengths, batch_size, rng, pool_batches=32):
    """Cut shuffled rows into batches of similar length, for one epoch of training.

    Rows are shuffled, sorted by length within pools of ``pool_batches * batch_size`` rows, and cut
    into batches, which come in random order. Since only pools are sorted, a row has other
    neighbours in every epoch.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Tokens of each row.
    batch_size : int
        Rows of a batch; the last batch may have fewer.
    rng : numpy.random.RandomState
        Decides the order.
    pool_batches : int, default=32
        Batches that are sorted together. More mean less padding, fewer mean more mixing.

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
    """Cut rows, sorted by length, into batches of a limited number of padded cells.

    This is for prediction, where the order is free. Long sequences come in small batches and short
    ones in large batches, which limits the memory for any lengths.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Tokens of each row.
    max_cells : int
        Limit of rows times longest row.
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
        # Padded cells grow with each row, so bisection finds the last row that fits.
        window = ordered[start : start + most]
        cells = window * np.arange(1, len(window) + 1)
        stop = start + max(fewest, int(np.searchsorted(cells, max_cells, side="right")))
        batches.append(order[start:stop])
        start = stop
    return batches


def cut_shares(n_rows, n_steps, two_ways=False):
    """Cut a training batch into parts that threads take through the network and back.

    The parts depend on the batch alone, not on the number of threads. So does what the network
    learns.

    Parameters
    ----------
    n_rows : int
        Rows of the batch, at least 1.
    n_steps : int
        Columns of the batch, at least 1.
    two_ways : bool, default=False
        Whether an idle thread can take one direction of a share of another thread. Small
        batches then stay whole, since thick matrix products cost less for each row.

    Returns
    -------
    shares : list of slice
        In order, without gaps, of about equal numbers of rows.

    Examples
    --------
    >>> cut_shares(32, 500)
    [slice(0, 8, None), slice(8, 16, None), slice(16, 24, None), slice(24, 32, None)]
    """
    fewest, most = _SHARE_ROWS
    rows = min(most, max(fewest, _SHARE_CELLS // n_steps))
    fewest_shares = 2 if n_rows >= _WORTH_TWO and not two_ways else 1
    n_shares = max(-(-n_rows // rows), fewest_shares)
    return cut_evenly(slice(0, n_rows), n_shares)


def cut_evenly(rows, n_parts):
    """Cut a slice of rows into slices of about equal size, in order and without gaps."""
    n_rows = rows.stop - rows.start
    ends = [rows.start + n_rows * i // n_parts for i in range(n_parts + 1)]
    return [slice(start, end) for start, end in pairwise(ends)]


class ShuffledBatches:
    """Batches of similar length, in another random order in each epoch.

    Parameters
    ----------
    dataset : skorch.dataset.Dataset
        Whose ``X`` has "tokens", "lengths" and "weights", and maybe "components".
    batch_size : int
        Rows of a batch.
    rng : numpy.random.RandomState
        Decides the order. It advances with every epoch.
    """

    def __init__(self, dataset, batch_size, rng):
        self.dataset = dataset
        self.batch_size = batch_size
        self.rng = rng

    def __iter__(self):
        rows = bucket_batches(self.dataset.X["lengths"], self.batch_size, self.rng)
        return (_cut_batch(self.dataset, batch) for batch in rows)

    def __len__(self):
        return math.ceil(len(self.dataset) / self.batch_size)


class OrderedBatches:
    """Batches in the order of the rows.

    Parameters
    ----------
    dataset : skorch.dataset.Dataset
        Whose ``X`` has "tokens", "lengths" and "weights", and maybe "components".
    batch_size : int
        Rows of a batch.
    """

    def __init__(self, dataset, batch_size):
        self.dataset = dataset
        self.batch_size = batch_size

    def __iter__(self):
        for start in range(0, len(self.dataset), self.batch_size):
            yield _cut_batch(self.dataset, slice(start, start + self.batch_size))

    def __len__(self):
        return math.ceil(len(self.dataset) / self.batch_size)


def _cut_batch(dataset, rows):
    lengths = dataset.X["lengths"][rows]
    batch = {
        "tokens": torch.from_numpy(dataset.X["tokens"][rows, : lengths.max()].astype(np.int32)),
        "lengths": torch.from_numpy(lengths),
        "weights": torch.from_numpy(dataset.X["weights"][rows]),
    }
    if "components" in dataset.X:
        batch["components"] = torch.from_numpy(dataset.X["components"].pad(rows))
    return batch, torch.from_numpy(dataset.y[rows])
