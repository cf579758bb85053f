"""Logits of many sequences, each distinct one computed once."""

import numpy as np
import torch

from sklearn_protlstm.batching import budget_batches, residue_lengths, unique_rows
from sklearn_protlstm.devices import worker_threads

__all__ = ["predict_logits"]

# Bounds on a batch: memory for the states of some 32,000 residues, and no more rows than pay.
_MAX_CELLS = 2**15
_MAX_ROWS = 512


def predict_logits(module, tokens, device):
    """Run the network over token rows in batches of similar length.

    Parameters
    ----------
    module : SequenceLSTM
        On `device`; put into evaluation mode.
    tokens : ndarray of shape (n_samples, max_length), an unsigned dtype
        Right-padded with 0.
    device : torch.device
        Where to compute.

    Returns
    -------
    logits : ndarray of shape (n_samples, n_classes), dtype float32
        Equal rows have equal logits to the bit, in whatever order they come.
    """
    module.eval()
    first, inverse = unique_rows(tokens)
    tokens = tokens[first]
    lengths = residue_lengths(tokens)
    logits = np.empty((len(tokens), module.head.out_features), dtype=np.float32)
    batches = budget_batches(lengths, _MAX_CELLS, _MAX_ROWS)

    def predict_batch(rows):
        batch = tokens[rows, : lengths[rows].max()].astype(np.int32)
        # Inference mode belongs to a thread, not to the process.
        with torch.inference_mode():
            answer = module(
                torch.from_numpy(batch).to(device), torch.from_numpy(lengths[rows]).to(device)
            )
        logits[rows] = answer.cpu().numpy()

    with worker_threads(device) as workers:
        # The longest batches come last and are the largest, so they are dealt out first.
        list(workers.map(predict_batch, reversed(batches)))
    return logits[inverse]
