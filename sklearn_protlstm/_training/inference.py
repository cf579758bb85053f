"""What a network computes for many sequences. Equal sequences are computed once."""

import math

import numpy as np
import torch

from sklearn_protlstm._encoding.token_matrix import renumber_tokens, residue_lengths, unique_rows
from sklearn_protlstm._training.batches import budget_batches
from sklearn_protlstm._training.memory import compute_in_parts, halve_rows
from sklearn_protlstm._training.threads import worker_threads

__all__ = ["MAX_CELLS", "ROWS", "compute_batches", "compute_rows", "predict_logits"]

# A batch holds the states of up to 2**14 residues. More than 512 rows gain nothing. Fewer than 4
# make the matrix products of the longest proteins too thin.
MAX_CELLS = 2**14
ROWS = (4, 512)

# Few sequences make at least four batches, so that all threads have work, but not of fewer than
# 2**10 residues.
_FEWEST_BATCHES = 4
_FEWEST_CELLS = 2**10


def predict_logits(module, tokens, vocabulary, device):
    """Run the network over token rows in batches of similar length.

    Parameters
    ----------
    module : SequenceLSTM
        On `device`; set to evaluation mode.
    tokens : ndarray of shape (n_samples, max_length), an int dtype
        Right-padded with 0.
    vocabulary : ndarray of shape (n_known,), dtype int64
        Tokens that the module knows, in the order of its embedding.
    device : torch.device
        Where to compute.

    Returns
    -------
    logits : ndarray of shape (n_samples, n_classes), dtype float32
        As from :func:`compute_rows`.
    """
    module.eval()
    return compute_rows(module, module.head.out_features, tokens, vocabulary, device)


def compute_rows(compute, n_columns, tokens, vocabulary, device):
    """Compute a vector for each token row, in batches of similar length.

    Parameters
    ----------
    compute : callable
        Takes tokens and lengths as tensors, and returns a tensor of shape (n_rows, n_columns).
        Without gradients.
    n_columns : int
        Length of a vector.
    tokens : ndarray of shape (n_samples, max_length), an int dtype
        Right-padded with 0.
    vocabulary : ndarray of shape (n_known,), dtype int64
        Tokens to tell apart. The others read as unknown.
    device : torch.device
        Where to compute.

    Returns
    -------
    values : ndarray of shape (n_samples, n_columns), dtype float32
        Equal rows have exactly equal values, in whatever order they come.

    Raises
    ------
    DeviceMemoryError
        If the device cannot hold a single sequence.

    Warns
    -----
    BatchMemoryWarning
        If batches were cut because the device could not hold them.
    """
    first, inverse = unique_rows(tokens)
    values = np.empty((len(first), n_columns), dtype=np.float32)

    def take(rows, n_steps):
        # Batches are renumbered one at a time, which saves a copy of the whole matrix.
        return renumber_tokens(tokens[first[rows], :n_steps], vocabulary)

    def store(rows, answer):
        values[rows] = answer.numpy()

    compute_batches(compute, store, take, residue_lengths(tokens)[first], device)
    return values[inverse]


def compute_batches(compute, store, take, lengths, device):
    """Compute something for rows in batches of similar length, in threads.

    Parameters
    ----------
    compute : callable
        Takes tokens and lengths as tensors and returns a tensor. Without gradients.
    store : callable
        Takes row numbers and what `compute` returned for them, on the CPU.
    take : callable
        Takes row numbers and the length of the longest row. Returns the tokens of these rows,
        right-padded with 0.
    lengths : ndarray of shape (n_rows,), dtype int64
        Tokens of each row.
    device : torch.device
        Where to compute.

    Raises
    ------
    DeviceMemoryError
        If the device cannot hold a single sequence.

    Warns
    -----
    BatchMemoryWarning
        If batches were cut because the device could not hold them.
    """
    # The longest batches come last and are the largest, so the threads get them first.
    batches = budget_batches(lengths, _batch_cells(lengths), ROWS)[::-1]
    done = np.zeros(len(lengths), dtype=bool)
    most_cells = math.inf

    def shape_of(rows):
        return len(rows), int(lengths[rows].max())

    def compute_batch(rows):
        n_rows, n_steps = shape_of(rows)
        # Inference mode belongs to a thread.
        with torch.inference_mode():
            answer = compute(
                torch.from_numpy(take(rows, n_steps).astype(np.int32)).to(device),
                torch.from_numpy(lengths[rows]).to(device),
            )
            store(rows, answer.cpu())
        done[rows] = True
        return n_rows

    def cut_pending():
        pending = [rows[~done[rows]] for rows in batches]
        return [
            part
            for rows in pending
            if len(rows)
            for part in _split_rows(rows, *shape_of(rows), most_cells)
        ]

    def shrink(n_rows, n_steps):
        nonlocal most_cells
        most_cells = halve_rows(n_rows, n_steps, device) * n_steps

    with worker_threads(device) as workers:
        compute_in_parts(workers, compute_batch, cut_pending, shape_of, shrink)


def _batch_cells(lengths):
    return min(MAX_CELLS, max(_FEWEST_CELLS, int(lengths.sum()) // _FEWEST_BATCHES))


def _split_rows(rows, n_rows, n_steps, most_cells):
    if n_rows * n_steps <= most_cells:
        return [rows]
    step = max(1, int(most_cells // n_steps))
    return [rows[start : start + step] for start in range(0, n_rows, step)]
