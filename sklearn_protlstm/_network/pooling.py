"""Pooling: the states of all residues become one vector."""

import torch
from torch import nn

__all__ = ["POOL", "POOLINGS", "AttentionPooling", "LightAttentionPooling", "is_valid"]

POOLINGS = ("last", "max", "mean", "attention", "light_attention")

# Light attention: features, and residues that decide the weight and the value of one.
_N_FEATURES = 64
_N_NEIGHBOURS = 9


class AttentionPooling(nn.Module):
    """Weighted mean of the states. The weights are learned and sum to 1 over the residues.

    After Bahdanau, Cho, Bengio, ICLR 2015, arXiv:1409.0473, with a learned query.
    """

    def __init__(self, width):
        super().__init__()
        self.width = width
        self.project = nn.Linear(width, width)
        self.query = nn.Linear(width, 1, bias=False)

    def forward(self, states, valid):
        weights = torch.softmax(self.score(states).masked_fill(~valid, -torch.inf), dim=1)
        return torch.einsum("nt,ntd->nd", weights, states)

    def score(self, states):
        return self.query(torch.tanh(self.project(states))).squeeze(2)


class LightAttentionPooling(nn.Module):
    """Weighted mean and maximum of features, each of which has weights of its own.

    Convolutions compute features and weights from the states of neighbouring residues. After
    Stärk, Dallago, Heinzinger, Rost, Bioinform Adv 2021, doi:10.1093/bioadv/vbab035. A projection
    of the states before the convolutions takes most of their time away.
    """

    def __init__(self, width):
        super().__init__()
        self.width = 2 * _N_FEATURES
        self.project = nn.Linear(width, _N_FEATURES)
        self.convolve = nn.Conv1d(
            _N_FEATURES, 2 * _N_FEATURES, _N_NEIGHBOURS, padding=_N_NEIGHBOURS // 2
        )

    def forward(self, states, valid):
        return self.pool(self.project(states), valid)

    def pool(self, projected, valid):
        """Pool states that are projected already."""
        # The neighbours of the last residue are zero, whatever the padding has.
        projected = projected.masked_fill(~valid[:, :, None], 0)
        scores, values = self.convolve(projected.transpose(1, 2)).chunk(2, dim=1)
        ignored = ~valid[:, None]
        weights = torch.softmax(scores.masked_fill(ignored, -torch.inf), dim=2)
        mean = (weights * values).sum(2)
        return torch.cat([mean, values.masked_fill(ignored, -torch.inf).amax(2)], 1)


def _final_state(states, lengths):
    return states[torch.arange(len(states), device=states.device), lengths - 1]


def _highest_state(states, lengths):
    valid = is_valid(lengths, states.shape[1])
    return states.masked_fill(~valid[:, :, None], -torch.inf).max(1).values


def _mean_state(states, lengths):
    weights = is_valid(lengths, states.shape[1]) / lengths[:, None]
    return torch.einsum("nt,ntd->nd", weights, states)


def is_valid(lengths, n_steps):
    return torch.arange(n_steps, device=lengths.device) < lengths[:, None]


#: Poolings that need no weights of their own, by name.
POOL = {"last": _final_state, "max": _highest_state, "mean": _mean_state}
