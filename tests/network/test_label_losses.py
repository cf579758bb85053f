"""Losses and gradients of several labels: by hand, and as of one classifier for each label."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from sklearn_protlstm._network.losses import LabelLosses
from sklearn_protlstm._network.module import SequenceLSTM

WEIGHTS = torch.tensor([[1.0, 1.0, 0.0]] * 4)


def softplus(x):
    return math.log1p(math.exp(x))


def test_loss_by_hand():
    losses = LabelLosses(torch.tensor([[2.0, 3.0, 0.0], [5.0, 7.0, 0.0]]))
    logits = torch.tensor([[0.5, -1.0], [2.0, 4.0], [1.0, 1.0]], requires_grad=True)
    codes = torch.tensor([[1, 0], [0, 2], [2, 2]], dtype=torch.uint8)
    rows = losses(logits, codes)
    expected = [3 * softplus(-0.5) + 5 * softplus(-1.0), 2 * softplus(2.0), 0]
    np.testing.assert_allclose(rows.tolist(), expected, rtol=1e-6)
    rows.sum().backward()

    def sigmoid(x):
        return 1 / (1 + math.exp(-x))

    slopes = [[3 * (sigmoid(0.5) - 1), 5 * sigmoid(-1.0)], [2 * sigmoid(2.0), 0], [0, 0]]
    np.testing.assert_allclose(logits.grad.tolist(), slopes, rtol=1e-6)


def test_unknown_labels_have_no_effect_even_if_their_logit_is_huge():
    logits = torch.tensor([[1e30, 0.0]], requires_grad=True)
    loss = LabelLosses(WEIGHTS[:2])(logits, torch.tensor([[2, 1]], dtype=torch.uint8)).sum()
    loss.backward()
    assert loss.item() == pytest.approx(math.log(2))
    assert logits.grad.tolist() == [[0.0, -0.5]]


def make_network(n_classes, seed=0):
    torch.manual_seed(seed)
    return SequenceLSTM(
        torch.randn(7, 5),
        n_classes,
        freeze_embedding=False,
        hidden_sizes=(4,),
        bidirectional=True,
        pooling=("last", "max", "mean"),
        dropout=0.0,
        token_dropout=0.0,
    )


def test_gradients_are_those_of_binary_classifiers_with_a_shared_body():
    """A binary classifier has two logits; only their difference counts, here the label's logit."""
    rng = np.random.RandomState(0)
    tokens = torch.from_numpy(rng.randint(2, 7, size=(6, 9)).astype(np.int32))
    lengths = torch.tensor([9, 9, 9, 9, 9, 9])
    codes = torch.from_numpy(rng.randint(0, 3, size=(6, 4)).astype(np.uint8))
    together = make_network(4)
    loss = LabelLosses(WEIGHTS)(together(tokens, lengths), codes).sum()
    loss.backward()

    body = {name: torch.zeros_like(p) for name, p in together.named_parameters()}
    total = 0.0
    for label in range(4):
        alone = make_network(2)
        state = {k: v for k, v in together.state_dict().items() if not k.startswith("head")}
        alone.load_state_dict(state, strict=False)
        with torch.no_grad():
            alone.head.weight[0], alone.head.bias[0] = 0, 0
            alone.head.weight[1] = together.head.weight[label]
            alone.head.bias[1] = together.head.bias[label]
        known = codes[:, label] != 2
        one = cross_entropy(
            alone(tokens, lengths)[known], codes[known, label].long(), reduction="sum"
        )
        one.backward()
        total += one.item()
        for name, parameter in alone.named_parameters():
            if name.startswith("head"):
                np.testing.assert_allclose(
                    together.get_parameter(name).grad[label], parameter.grad[1], atol=1e-6
                )
            else:
                body[name] += parameter.grad
    assert loss.item() == pytest.approx(total, abs=1e-5)
    for name, parameter in together.named_parameters():
        if not name.startswith("head"):
            np.testing.assert_allclose(parameter.grad, body[name], atol=1e-6, err_msg=name)
