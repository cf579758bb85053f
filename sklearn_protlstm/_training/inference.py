"""Logits of many sequences, each distinct one computed once."""

import math

import numpy as np
import torch

from sklearn_protlstm._encoding.token_matrix import renumber_tokens, residue_lengths, unique_rows
from sklearn_protlstm._training.batches import budget_batches
from sklearn_protlstm._training.memory import OutOfMemory, halve_rows
from sklearn_protlstm._training.threads import worker_threads

__all__ = ["predict_logits"]

# Bounds on a batch: memory for the states of some 16,000 residues, and no more rows than pay;
# but fewer than 4 rows make the matrix products of the longest proteins too thin.
MAX_CELLS = 2**14
ROWS = (4, 512)


def predict_logits(module, tokens, vocabulary, device):
    """Run the network over token rows in batches of similar length.

    Parameters
    ----------
    module : SequenceLSTM
        On `device`; put into evaluation mode.
    tokens : ndarray of shape (n_samples, max_length)
        Whole numbers, right-padded with 0.
    vocabulary : ndarray of shape (n_known,), dtype int64
        Tokens that the module knows, in the order of its embedding.
    device : torch.device
        Where to compute.

    Returns
    -------
    logits : ndarray of shape (n_samples, n_classes), dtype float32
        Equal rows have equal logits to the bit, in whatever order they come.

    Raises
    ------
    DeviceMemoryError
        If not even one row fits into the memory of the device.

    Warns
    -----
    BatchMemoryWarning
        If batches were cut because they did not fit.
    """
    module.eval()
    first, inverse = unique_rows(tokens)
    lengths = residue_lengths(tokens)[first]
    logits = np.empty((len(first), module.head.out_features), dtype=np.float32)
    batches = budget_batches(lengths, MAX_CELLS, ROWS)

    def predict_whole(rows):
        # Renumbering a batch at a time spares a copy of the whole matrix.
        batch = renumber_tokens(tokens[first[rows], : lengths[rows].max()], vocabulary)
        # Inference mode belongs to a thread, not to the process.
        with torch.inference_mode():
            answer = module(
                torch.from_numpy(batch.astype(np.int32)).to(device),
                torch.from_numpy(lengths[rows]).to(device),
            )
        logits[rows] = answer.cpu().numpy()

    most_cells = math.inf

    def predict_batch(rows):
        nonlocal most_cells
        pieces = [rows]
        while pieces:
            piece = pieces.pop()
            n_steps = int(lengths[piece].max())
            if len(piece) > 1 and len(piece) * n_steps > most_cells:
                most = max(1, most_cells // n_steps)
                pieces += [piece[most:], piece[:most]]
                continue
            try:
                predict_whole(piece)
                continue
            except OutOfMemory:
                pass  # behind this block the failed attempt's tensors are freed
            most_cells = halve_rows(len(piece), n_steps, device) * n_steps
            pieces.append(piece)

    with worker_threads(device) as workers:
        # The longest batches come last and are the largest, so they are dealt out first.
        list(workers.map(predict_batch, reversed(batches)))
    return logits[inverse]
