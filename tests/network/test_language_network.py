"""The losses of the language network, against a loop over single residues."""

import numpy as np
import pytest
import torch

from sklearn_protlstm._network.language import LanguageLSTM
from sklearn_protlstm.alphabets import FIRST_TOKEN, UNKNOWN

N_TOKENS = 7


def make_network(dropout=0.0, token_dropout=0.0):
    torch.manual_seed(0)
    return LanguageLSTM(
        torch.randn(N_TOKENS, 3), hidden_size=4, dropout=dropout, token_dropout=token_dropout
    )


def make_rows():
    tokens = torch.tensor([[2, 3, 4, 5, 6], [6, 1, 2, 0, 0], [3, 3, 0, 0, 0]])
    return tokens, torch.tensor([5, 3, 2])


def log_likelihoods_one_by_one(network, row, way):
    """Log-likelihood of each residue but the first, from the residues read before it."""
    row = row[::-1] if way else row
    answers = []
    for place in range(1, len(row)):
        if row[place] < FIRST_TOKEN:
            continue
        vectors = network.embedding(torch.tensor([row[:place]]))
        states, _ = network.layers[0].lstms[way](vectors)
        logits = network.heads[way](states[0, -1])
        answers.append(torch.log_softmax(logits, 0)[row[place]].item())
    return answers


def test_log_likelihoods_equal_a_loop_over_residues():
    network = make_network().eval()
    tokens, lengths = make_rows()
    with torch.no_grad():
        sums = network.log_likelihoods(tokens, lengths)
        losses = network(tokens, lengths)
    for row, length, found, loss in zip(tokens.tolist(), lengths.tolist(), sums, losses):
        ways = [log_likelihoods_one_by_one(network, row[:length], way) for way in range(2)]
        expected = [sum(ways[0]), len(ways[0]), sum(ways[1]), len(ways[1])]
        np.testing.assert_allclose(found, expected, atol=1e-6)
        mean = -(sum(ways[0]) + sum(ways[1])) / (2 * (length - 1))
        np.testing.assert_allclose(loss, mean, atol=1e-6)


def test_unknown_residues_are_read_but_not_predicted():
    network = make_network().eval()
    row = torch.tensor([[2, UNKNOWN, 4]])
    sums = network.log_likelihoods(row, torch.tensor([3]))
    assert sums[0, [1, 3]].tolist() == [1.0, 1.0]
    other = network.log_likelihoods(torch.tensor([[2, 3, 4]]), torch.tensor([3]))
    # 4 is read after another residue, so its own likelihood differs.
    assert sums[0, 0] != other[0, 0]


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_gradients_of_two_threads_equal_those_of_one_graph(dropout):
    tokens, lengths = make_rows()
    network = make_network(dropout, token_dropout=dropout).train()
    weights = torch.tensor([0.5, 1.0, 2.0])
    learned = list(network.parameters())

    def compute_loss(losses):
        return losses @ weights

    loss = compute_loss(network(tokens, lengths, torch.Generator().manual_seed(3)))
    expected = torch.autograd.grad(loss, learned)
    found, losses, gradients = network.learn_two_ways(
        tokens,
        lengths,
        compute_loss,
        torch.Generator().manual_seed(3),
        lambda one, other: (one(), other()),
    )
    np.testing.assert_allclose(found, loss.detach(), rtol=1e-6)
    np.testing.assert_allclose(compute_loss(losses), found, rtol=1e-6)
    for parameter, gradient in zip(learned, expected):
        np.testing.assert_allclose(gradients[parameter], gradient, atol=1e-6)


def test_dropout_takes_units_for_a_whole_row():
    network = make_network(dropout=0.5).train()
    kept = network._draw_units(1000, torch.Generator().manual_seed(0))
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    assert kept.mean() == pytest.approx(1, abs=0.05)
    assert network.eval()._draw_units(3, None) is None


def test_hidden_residues_are_predicted_nevertheless():
    network = make_network(token_dropout=0.999).train()
    tokens, lengths = make_rows()
    losses = network(tokens, lengths, torch.Generator().manual_seed(0))
    blind = torch.where(tokens > 0, UNKNOWN, 0)
    expected, _ = network._losses(tokens, blind, lengths, 0, None)
    assert (expected[0] > 0).all()
    assert torch.isfinite(losses).all()


def test_pooled_states_are_those_of_the_last_residue_read():
    network = make_network().eval()
    tokens, lengths = make_rows()
    with torch.no_grad():
        pooled = network.pool(tokens, lengths, ("last",))
        for row, length, found in zip(tokens, lengths, pooled):
            vectors = network.embedding(row[None, :length])
            forward, _ = network.layers[0].forward_lstm(vectors)
            backward, _ = network.layers[0].backward_lstm(vectors.flip(1))
            expected = torch.cat([forward[0, -1], backward[0, -1]])
            np.testing.assert_allclose(found, expected, atol=1e-6)
