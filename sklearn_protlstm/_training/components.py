"""Principal components of the states of a language model that stays as it is.

Light attention reads them instead of a projection that it learns. They are computed once, before
training, while a projection that changes needs the states of all residues at every step.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sklearn_protlstm._network.pooling import is_valid
from sklearn_protlstm._training.inference import compute_batches
from sklearn_protlstm._training.threads import worker_threads

__all__ = ["RaggedRows", "compute_components", "project_on_components"]

# They have some 100,000 residues, for a few hundred states.
_N_SAMPLED = 200

# 2 GB. Components of more residues are computed at every step.
_MOST_RESIDUES = 2**24


@dataclass(frozen=True)
class RaggedRows:
    """A vector for each residue of each row, without padding.

    Parameters
    ----------
    values : ndarray of shape (n_residues, n_columns), dtype float16
        The rows one after the other.
    starts : ndarray of shape (n_rows,), dtype int64
        Where each row starts.
    lengths : ndarray of shape (n_rows,), dtype int64
        Residues of each row.
    """

    values: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray

    def __len__(self):
        return len(self.lengths)

    def pad(self, rows):
        """Copy rows, a slice or numbers, into an array that is as wide as the longest of them.

        The padding has values of other rows.
        """
        steps = np.arange(self.lengths[rows].max())
        return self.values.take(self.starts[rows][:, None] + steps, axis=0, mode="clip")


def project_on_components(module, rows, device):
    """Let light attention read the principal components of the states of some rows.

    Components are scaled by the mean of their standard deviations. If there are fewer of them than
    columns, the last columns are 0.

    Parameters
    ----------
    module : SequenceLSTM
        Of one layer, with light attention, on `device`. Its projection is set.
    rows : TrainingSet
        The training data, of which a sample is read.
    device : torch.device
        Where to compute the states.
    """
    sample = rows.take(np.linspace(0, len(rows) - 1, min(len(rows), _N_SAMPLED)).astype(np.int64))
    moments = {}

    def add_up(tokens, lengths):
        states = module.states(tokens, lengths)
        # Some GPUs have no double precision.
        states = states[is_valid(lengths, states.shape[1])].cpu().double()
        return torch.cat([states.sum(0)[None], states.T @ states])

    def store(batch, sums):
        moments[batch[0]] = sums

    _compute(add_up, store, sample.tokens, sample.lengths, device)
    # The order of the sum decides its last bit.
    total = sum(moments[number] for number in sorted(moments)) / sample.lengths.sum()
    mean = total[0]
    with worker_threads(torch.device("cpu")):
        variances, axes = torch.linalg.eigh(total[1:] - mean[:, None] * mean)
    project = module.light_attention.project
    n_components = min(project.out_features, len(mean))
    scale = variances[-n_components:].clamp(min=0).sqrt().mean().clamp(min=1e-6)
    weight = axes.T.flip(0)[:n_components] / scale
    with torch.no_grad():
        project.weight.zero_()[:n_components].copy_(weight)
        project.bias.zero_()[:n_components].copy_(-weight @ mean)


def compute_components(module, tokens, lengths, device):
    """Compute the components of each residue once, or return None if there are too many residues.

    Parameters
    ----------
    module : SequenceLSTM
        Whose ``keeps_components`` is True, on `device`.
    tokens : ndarray of shape (n_rows, max_length), an unsigned dtype
        Right-padded with 0.
    lengths : ndarray of shape (n_rows,), dtype int64
        Tokens of each row.
    device : torch.device
        Where to compute.

    Returns
    -------
    components : RaggedRows or None
        On the CPU.
    """
    ends = np.cumsum(lengths)
    if ends[-1] > _MOST_RESIDUES:
        return None
    n_columns = module.light_attention.project.out_features
    components = RaggedRows(np.empty((ends[-1], n_columns), np.float16), ends - lengths, lengths)

    def store(batch, values):
        for row, padded in zip(batch, values.half().numpy()):
            start, length = components.starts[row], lengths[row]
            components.values[start : start + length] = padded[:length]

    _compute(module.components, store, tokens, lengths, device)
    return components


def _compute(compute, store, tokens, lengths, device):
    def take(batch, n_steps):
        return tokens[batch, :n_steps]

    compute_batches(compute, store, take, lengths, device)
