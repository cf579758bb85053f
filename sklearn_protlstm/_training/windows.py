"""Overlapping windows of token rows, and the prediction of a row from those of its windows."""

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax

from sklearn_protlstm._training.data import make_training_set

__all__ = [
    "Windows",
    "choose_sizes",
    "choose_step",
    "cut_training_set",
    "cut_windows",
    "pool_windows",
    "take_windows",
]


class Windows(NamedTuple):
    """Where windows lie, in the order of the rows and, within a row, from left to right.

    Parameters
    ----------
    rows : ndarray of shape (n_windows,), dtype int64
        Row number of each window.
    starts : ndarray of shape (n_windows,), dtype int64
        First column of each window.
    width : int
        Columns of a window. A shorter row has one window, which is padded.
    """

    rows: np.ndarray
    starts: np.ndarray
    width: int

    def __len__(self):
        return len(self.rows)


def choose_sizes(window, window_step):
    """Return the window and the largest step as int, or None to read rows whole."""
    return None if window is None else (int(window), choose_step(window, window_step))


def choose_step(window, window_step):
    """Return the largest distance between the starts of windows: by default half a window."""
    if window_step is None:
        return max(1, window // 2)
    if window_step > window:
        raise ValueError(
            f"window_step={window_step} is larger than window={window}, so the network would not "
            "read the residues between two windows. Choose a step of at most the window"
        )
    return int(window_step)


def cut_windows(lengths, window, step):
    """Lay windows over rows so that they cover each row from its first to its last token.

    The starts are evenly spaced and at most `step` apart, so about as many windows read a token
    near an end as in the middle. With a fixed distance, the last window would lie at random.

    Parameters
    ----------
    lengths : ndarray of shape (n_rows,), dtype int64
        Tokens of each row, at least 1.
    window : int
        Tokens of a window, at least 1.
    step : int
        Largest distance between the starts of neighbours, at least 1.

    Returns
    -------
    windows : Windows
        At least one for each row.

    Examples
    --------
    >>> import numpy as np
    >>> windows = cut_windows(np.array([3, 9]), window=4, step=3)
    >>> windows.rows, windows.starts
    (array([0, 1, 1, 1]), array([0, 0, 2, 5]))
    """
    last_starts = np.maximum(lengths - window, 0)
    counts = 1 + -(-last_starts // step)
    rows = np.repeat(np.arange(len(lengths)), counts)
    numbers = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = numbers * last_starts[rows] // np.maximum(counts[rows] - 1, 1)
    return Windows(rows, starts, window)


def take_windows(tokens, windows):
    """Copy windows out of a token matrix.

    Parameters
    ----------
    tokens : ndarray of shape (n_rows, n_columns)
        Right-padded with 0.
    windows : Windows
        As from :func:`cut_windows` with the lengths of the rows.

    Returns
    -------
    tokens : ndarray of shape (n_windows, width)
        Of the same dtype, right-padded with 0. Not wider than the matrix.

    Examples
    --------
    >>> import numpy as np
    >>> tokens = np.array([[2, 3, 4, 5, 6], [7, 8, 0, 0, 0]])
    >>> take_windows(tokens, cut_windows(np.array([5, 2]), window=3, step=2))
    array([[2, 3, 4],
           [4, 5, 6],
           [7, 8, 0]])
    """
    width = min(windows.width, tokens.shape[1])
    # A view of every window of every row: nothing is copied before the windows are chosen.
    views = np.lib.stride_tricks.sliding_window_view(tokens, width, axis=1)
    return views[windows.rows, windows.starts]


def cut_training_set(rows, window, step):
    """Cut the rows of a training set into windows that carry the label of their row.

    The windows of a row share its weight, so a long protein counts as much as a short one.

    Parameters
    ----------
    rows : TrainingSet
        The proteins.
    window, step : int
        As for :func:`cut_windows`.

    Returns
    -------
    windows : TrainingSet
        Distinct windows. It has no groups.
    """
    windows = cut_windows(rows.lengths, window, step)
    counts = np.bincount(windows.rows)
    return make_training_set(
        take_windows(rows.tokens, windows),
        rows.labels[windows.rows],
        (rows.weights / counts)[windows.rows],
    )


def pool_windows(logits, windows, *, multilabel=False):
    """Compute the log-probabilities of rows: the mean over windows, scaled to a sum of 1.

    This is the normalized geometric mean of the probabilities of the windows. For each of several
    labels, it is the mean of the log-odds.

    Parameters
    ----------
    logits : ndarray of shape (n_windows, n_classes)
        Logits of each window.
    windows : Windows
        From which rows they come.
    multilabel : bool, default=False
        Whether the logits are the log-odds of labels.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes), of the dtype of `logits`
        Log-probabilities of each row, or log-odds of the labels.

    Examples
    --------
    >>> import numpy as np
    >>> windows = Windows(np.array([0, 0]), np.array([0, 3]), 4)
    >>> np.exp(pool_windows(np.log([[0.9, 0.1], [0.1, 0.9]]), windows))
    array([[0.5, 0.5]])
    """
    values = logits.astype(np.float64)
    if not multilabel:
        values = log_softmax(values, axis=1)
    first = np.flatnonzero(np.diff(windows.rows, prepend=-1))
    sums = np.add.reduceat(values, first, axis=0)
    means = sums / np.bincount(windows.rows)[:, np.newaxis]
    return (means if multilabel else log_softmax(means, axis=1)).astype(logits.dtype)
