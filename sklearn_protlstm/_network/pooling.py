"""Pooling: the states of all residues become one vector."""

import torch
from torch import nn

__all__ = ["POOL", "POOLINGS", "AttentionPooling", "is_valid"]

POOLINGS = ("last", "max", "mean", "attention")


class AttentionPooling(nn.Module):
    """Weighted mean of the states. The weights are learned and sum to 1 over the residues.

    After Bahdanau, Cho, Bengio, ICLR 2015, arXiv:1409.0473, with a learned query.
    """

    def __init__(self, width):
        super().__init__()
        self.project = nn.Linear(width, width)
        self.query = nn.Linear(width, 1, bias=False)

    def forward(self, states, valid):
        weights = torch.softmax(self.score(states).masked_fill(~valid, -torch.inf), dim=1)
        return torch.einsum("nt,ntd->nd", weights, states)

    def score(self, states):
        return self.query(torch.tanh(self.project(states))).squeeze(2)


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
