"""The network computes what an LSTM should, whatever stands beside or behind a sequence."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sklearn_protlstm import ProtLSTMClassifier
from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._network.pooling import POOLINGS
from sklearn_protlstm._network.recurrent import reversal_index
from sklearn_protlstm._training.inference import predict_logits

N_TOKENS = 7  # padding, unknown, and five residues
CPU = torch.device("cpu")
POOLINGS_OF_PREFIXES = ("last", "max", "mean", "attention")


def make_network(
    vectors=None,
    *,
    seed=0,
    n_classes=3,
    freeze_embedding=False,
    hidden_size=4,
    num_layers=1,
    bidirectional=True,
    pooling=("last",),
    dropout=0.0,
    token_dropout=0.0,
):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SequenceLSTM(
            torch.randn(N_TOKENS, 3) if vectors is None else torch.tensor(vectors),
            n_classes=n_classes,
            freeze_embedding=freeze_embedding,
            hidden_sizes=(hidden_size,) * num_layers,
            bidirectional=bidirectional,
            pooling=pooling,
            dropout=dropout,
            token_dropout=token_dropout,
        )


def lstm_of(network, layer=0, direction=0):
    """The one place in these tests that knows where the network keeps its LSTMs."""
    recurrent = network.layers[layer]
    return (recurrent.forward_lstm, recurrent.backward_lstm)[direction]


def to_matrix(sequences, width=None):
    matrix = np.zeros((len(sequences), width or max(map(len, sequences))), dtype=np.uint8)
    for row, sequence in zip(matrix, sequences):
        row[: len(sequence)] = sequence
    return matrix


def to_tensors(sequences, width=None):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return torch.from_numpy(to_matrix(sequences, width).astype(np.int64)), lengths


def probabilities(network, tokens):
    logits = predict_logits(network, tokens, np.arange(2, N_TOKENS), CPU)
    return torch.softmax(torch.from_numpy(logits), dim=1).numpy()


@pytest.fixture(params=["whole", "in pieces"])
def pieces(request, monkeypatch):
    """Long sequences are read piece by piece; here those of more than four residues are."""
    if request.param == "in pieces":
        monkeypatch.setattr("sklearn_protlstm._network.recurrent._PIECE_STATES", 1)
        monkeypatch.setattr("sklearn_protlstm._network.recurrent._FEWEST_STEPS", 4)


# Against torch's own packed LSTM.


def packed_twin(network, num_layers, bidirectional):
    """torch's nn.LSTM with the same weights, and the pairs of weights that correspond."""
    first = lstm_of(network)
    twin = torch.nn.LSTM(
        first.input_size,
        first.hidden_size,
        num_layers=num_layers,
        bidirectional=bidirectional,
        batch_first=True,
    )
    pairs = []
    for layer in range(num_layers):
        for direction in range(1 + bidirectional):
            ours = lstm_of(network, layer, direction)
            suffix = f"_l{layer}" + "_reverse" * direction
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                pairs.append((getattr(ours, f"{name}_l0"), getattr(twin, name + suffix)))
    with torch.no_grad():
        for ours, theirs in pairs:
            theirs.copy_(ours)
    return twin, pairs


def light_attention_by_hand(layer, states):
    """A weighted mean and the highest value of each feature, residue by residue."""
    weight, bias = layer.convolve.weight, layer.convolve.bias
    n_outputs, n_inputs, width = weight.shape
    outside = torch.zeros(width // 2, n_inputs)
    projected = torch.cat([outside, layer.project(states), outside])
    sums = torch.stack(
        [
            torch.einsum("oiw,wi->o", weight, projected[first : first + width]) + bias
            for first in range(len(states))
        ]
    )
    scores, values = sums[:, : n_outputs // 2], sums[:, n_outputs // 2 :]
    mean = (torch.softmax(scores, dim=0) * values).sum(0)
    return torch.cat([mean, values.max(0).values])


def pool_by_hand(kind, states, hidden_size, network):
    """Pool the states of one sequence, of shape (n_residues, n_directions * hidden_size)."""
    if kind == "last":
        return torch.cat([states[-1, :hidden_size], states[0, hidden_size:]])
    if kind == "max":
        return states.max(0).values
    if kind == "mean":
        return states.mean(0)
    if kind == "light_attention":
        return light_attention_by_hand(network.light_attention, states)
    attention = network.attention
    scores = torch.tanh(states @ attention.project.weight.T + attention.project.bias)
    weights = torch.softmax(scores @ attention.query.weight[0], dim=0)
    return weights @ states


def reference_logits(network, twin, tokens, lengths):
    packed = pack_padded_sequence(
        network.embedding.weight[tokens], lengths, batch_first=True, enforce_sorted=False
    )
    states, _ = pad_packed_sequence(twin(packed)[0], batch_first=True)
    pooled = [
        torch.cat(
            [
                pool_by_hand(kind, row[:length], twin.hidden_size, network)
                for kind in network.pooling
            ]
        )
        for row, length in zip(states, lengths.tolist())
    ]
    return torch.stack(pooled) @ network.head.weight.T + network.head.bias


@pytest.mark.parametrize("pooling", [*((kind,) for kind in POOLINGS), POOLINGS])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_equals_packed_lstm_of_torch(num_layers, bidirectional, pooling, pieces):
    network = make_network(num_layers=num_layers, bidirectional=bidirectional, pooling=pooling)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter *= 2.5  # start values are so small that attention is a mere mean
    twin, pairs = packed_twin(network, num_layers, bidirectional)
    rng = np.random.RandomState(1)
    tokens, lengths = to_tensors([rng.randint(1, N_TOKENS, size=n) for n in (5, 1, 9, 2, 9)])
    shared = [network.head.weight, network.head.bias, network.embedding.weight]
    for layer in (network.attention, network.light_attention):
        shared += list(layer.parameters()) if layer is not None else []
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    # No weight of the network is left out of the comparison.
    assert {id(p) for p in shared + ours} == {id(p) for p in network.parameters()}

    logits = network(tokens, lengths)
    expected = reference_logits(network, twin, tokens, lengths)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)

    labels = torch.tensor([0, 1, 2, 1, 0])
    loss = torch.nn.functional.cross_entropy
    gradients = torch.autograd.grad(loss(logits, labels), shared + ours)
    expected = torch.autograd.grad(loss(expected, labels), shared + theirs)
    for gradient, wanted in zip(gradients, expected):
        torch.testing.assert_close(gradient, wanted, rtol=0, atol=2e-6)
    # Zeros would be equal, too.
    assert all(gradient.abs().max() > 1e-4 for gradient in gradients)


def test_forget_gates_start_open():
    for direction in (0, 1):
        lstm = lstm_of(make_network(hidden_size=64), direction=direction)
        gates = (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach().reshape(4, 64).mean(1)
        # torch's order: input, forget, cell, output
        assert gates[1].item() == pytest.approx(1, abs=0.1)
        assert gates[[0, 2, 3]].abs().max() < 0.1


# A thread for each direction.


def in_turn(one, other):
    return one(), other()


def in_threads(one, other):
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(one), pool.submit(other)]
        return tuple(future.result() for future in futures)


@pytest.mark.parametrize("run_both", [in_turn, in_threads])
@pytest.mark.parametrize("pooling", [("last",), ("last", "max", "mean", "attention")])
@pytest.mark.parametrize(
    "frozen", [[], ["embedding"], ["layers.0.forward_lstm"], ["layers", "head"]]
)
def test_learning_two_ways_gives_autograds_gradients(run_both, pooling, frozen):
    network = make_network(pooling=pooling, dropout=0.3, token_dropout=0.3).train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.startswith(tuple(frozen)))
    tokens, lengths = to_tensors([[2, 3, 4, 5, 6, 2, 2], [6, 5], [3], [4, 4, 2, 1]])
    labels, weights = torch.tensor([0, 1, 0, 1]), torch.tensor([1.0, 2.0, 0.5, 3.0])

    def compute_loss(logits):
        return nn.functional.cross_entropy(logits, labels, reduction="none") @ weights

    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    expected = network(tokens, lengths, torch.Generator().manual_seed(3))
    slopes = torch.autograd.grad(compute_loss(expected), learned)
    loss, logits, gradients = network.learn_two_ways(
        tokens, lengths, compute_loss, torch.Generator().manual_seed(3), run_both
    )
    torch.testing.assert_close(logits, expected.detach())
    torch.testing.assert_close(loss, compute_loss(expected).detach())
    assert not loss.requires_grad
    for parameter, slope in zip(learned, slopes):
        torch.testing.assert_close(gradients[parameter], slope, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("params", "answer"),
    [({}, True), ({"num_layers": 2}, False), ({"bidirectional": False}, False)],
)
def test_which_networks_learn_two_ways(params, answer):
    assert make_network(**params).reads_two_ways == answer


# Padding, neighbours and order.


@st.composite
def networks_and_sequences(draw):
    network = make_network(
        seed=draw(st.integers(0, 100)),
        num_layers=draw(st.sampled_from([1, 2])),
        bidirectional=draw(st.booleans()),
        pooling=tuple(draw(st.lists(st.sampled_from(POOLINGS), min_size=1, unique=True))),
        dropout=0.5,
        token_dropout=0.5,
    )
    sequence = st.lists(st.integers(1, N_TOKENS - 1), min_size=1, max_size=12)
    return network, draw(st.lists(sequence, min_size=2, max_size=6))


@pytest.mark.slow
@given(networks_and_sequences(), st.integers(1, 20), st.randoms(use_true_random=False))
def test_prediction_depends_on_the_residues_alone(drawn, extra, random):
    network, sequences = drawn
    together = probabilities(network, to_matrix(sequences))
    width = max(map(len, sequences)) + extra
    np.testing.assert_allclose(
        probabilities(network, to_matrix(sequences, width)), together, rtol=0, atol=1e-6
    )
    alone = np.vstack([probabilities(network, to_matrix([s])) for s in sequences])
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-6)
    # Other neighbours: a longer one that no bucket hides, and a copy of each.
    order = random.sample(range(len(sequences)), len(sequences))
    others = [sequences[i] for i in order] + [[2, 3] * 9] + sequences
    shuffled = probabilities(network, to_matrix(others))
    np.testing.assert_allclose(shuffled[: len(order)], together[order], rtol=0, atol=1e-6)
    # Copies are level to the bit.
    np.testing.assert_array_equal(shuffled[: len(order)], shuffled[len(order) + 1 :][order])


@given(networks_and_sequences(), st.integers(1, 20))
def test_padding_of_one_batch_changes_nothing(drawn, extra):
    # The network itself, without the cutting of batches to their longest row.
    network, sequences = drawn
    network.eval()
    tokens, lengths = to_tensors(sequences)
    wider, _ = to_tensors(sequences, tokens.shape[1] + extra)
    with torch.no_grad():
        torch.testing.assert_close(
            network(wider, lengths), network(tokens, lengths), rtol=0, atol=1e-6
        )


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.RandomState(0)
    X = np.where(np.arange(15) < rng.randint(4, 16, size=40)[:, None], 1, 0)
    X = (X * rng.randint(2, N_TOKENS, size=X.shape)).astype(np.uint8)
    return ProtLSTMClassifier(
        hidden_size=4,
        embedding_dim=4,
        pooling=POOLINGS,
        max_epochs=3,
        lr=0.05,
        device="cpu",
        random_state=0,
    ).fit(X, X[:, 0] > 3)


@pytest.mark.slow
@given(
    st.lists(
        st.lists(st.integers(1, N_TOKENS + 2), min_size=1, max_size=15), min_size=1, max_size=8
    ),
    st.randoms(use_true_random=False),
)
def test_fitted_classifier_sees_the_residues_alone(fitted, sequences, random):
    X = to_matrix(sequences, 15)
    together = fitted.predict_proba(X)
    alone = np.vstack([fitted.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-6)
    rows = np.array([random.randrange(len(X)) for _ in range(2 * len(X))])
    others = np.vstack([X[rows], np.full((1, 15), 3, dtype=np.uint8)])
    np.testing.assert_allclose(fitted.predict_proba(others)[:-1], together[rows], atol=1e-6)


def test_long_matrices_are_predicted_in_batches():
    # Enough cells for several batches: each row must find its way back to its own place.
    network = make_network(hidden_size=2, pooling=("mean",), bidirectional=False)
    rng = np.random.RandomState(0)
    sequences = [rng.randint(1, N_TOKENS, size=n) for n in rng.randint(1, 150, size=700)]
    whole = probabilities(network, to_matrix(sequences))
    rows = [0, 13, 350, 699]
    parts = np.vstack([probabilities(network, to_matrix([sequences[row]])) for row in rows])
    np.testing.assert_allclose(whole[rows], parts, rtol=0, atol=1e-6)


# Solved by hand.

W_IN = (0.5, -0.3, 0.8, 0.2)  # gates in torch's order: input, forget, cell, output
W_BACK = (0.1, 0.4, -0.6, 0.7)
BIAS = (0.05, 1.0, -0.1, 0.3)
VALUES = (0.0, -1.0, 2.0, 0.5)  # of the tokens 0 to 3


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def states_by_hand(inputs):
    h = c = 0.0
    states = []
    for x in inputs:
        i, f, g, o = (w * x + u * h + b for w, u, b in zip(W_IN, W_BACK, BIAS))
        c = sigmoid(f) * c + sigmoid(i) * math.tanh(g)
        h = sigmoid(o) * math.tanh(c)
        states.append(h)
    return states


def one_unit_network(pooling, bidirectional=False):
    """One unit with the weights above, and a head that hands on 2 * state + 1."""
    network = make_network(
        [[value] for value in VALUES],
        n_classes=1,
        hidden_size=1,
        bidirectional=bidirectional,
        pooling=(pooling,),
    )
    with torch.no_grad():
        for direction in range(1 + bidirectional):
            lstm = lstm_of(network, direction=direction)
            lstm.weight_ih_l0[:, 0] = torch.tensor(W_IN)
            lstm.weight_hh_l0[:, 0] = torch.tensor(W_BACK)
            lstm.bias_ih_l0[:] = torch.tensor(BIAS)
            lstm.bias_hh_l0[:] = 0
        network.head.weight[:] = torch.tensor([[2.0, -3.0][: 1 + bidirectional]])
        network.head.bias[:] = 1
    return network.eval()


def logit(network, sequence, width=None):
    with torch.no_grad():
        return network(*to_tensors([sequence], width)).item()


def test_one_residue_by_hand():
    # h = o * tanh(i * g), written out for x = -1
    i, g, o = sigmoid(-0.5 + 0.05), math.tanh(-0.8 - 0.1), sigmoid(-0.2 + 0.3)
    state = o * math.tanh(i * g)
    assert logit(one_unit_network("last"), [1]) == pytest.approx(2 * state + 1, abs=1e-6)


def test_poolings_by_hand():
    sequence = [2, 1, 3]
    states = states_by_hand([VALUES[token] for token in sequence])
    assert states[0] == max(states) != states[-1]
    wanted = {"last": states[2], "max": states[0], "mean": sum(states) / 3}
    for pooling, state in wanted.items():
        for width in (3, 6):
            found = logit(one_unit_network(pooling), sequence, width)
            assert found == pytest.approx(2 * state + 1, abs=1e-6), pooling


def test_max_of_negative_states_is_not_the_padding():
    # All states are below zero, so a maximum that saw the zeros of the padding would be zero.
    states = states_by_hand([-1.0, -1.0])
    assert max(states) < -0.05
    found = logit(one_unit_network("max"), [1, 1], width=5)
    assert found == pytest.approx(2 * max(states) + 1, abs=1e-6)


def test_attention_by_hand():
    network = one_unit_network("attention")
    with torch.no_grad():
        network.attention.project.weight[:] = 1.5
        network.attention.project.bias[:] = -0.2
        network.attention.query.weight[:] = 4.0
    states = states_by_hand([2.0, -1.0, 0.5])
    scores = [math.exp(4.0 * math.tanh(1.5 * state - 0.2)) for state in states]
    pooled = sum(score * state for score, state in zip(scores, states)) / sum(scores)
    assert pooled != pytest.approx(sum(states) / 3, abs=1e-3)
    for width in (3, 7):
        assert logit(network, [2, 1, 3], width) == pytest.approx(2 * pooled + 1, abs=1e-6)


def test_backward_direction_by_hand():
    network = one_unit_network("last", bidirectional=True)
    forward = states_by_hand([2.0, -1.0, 0.5])[-1]
    backward = states_by_hand([0.5, -1.0, 2.0])[-1]
    wanted = 2 * forward - 3 * backward + 1
    for width in (3, 6):
        assert logit(network, [2, 1, 3], width) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS_OF_PREFIXES)
@pytest.mark.parametrize("num_layers", [1, 2])
def test_prefixes_are_read_as_each_by_itself(num_layers, pooling, pieces):
    network = make_network(num_layers=num_layers, bidirectional=False, pooling=(pooling, "last"))
    network.eval()
    tokens, _ = to_tensors([[2, 3, 4, 5, 6, 2, 1], [6, 6, 1, 3, 2, 5, 4]])
    with torch.no_grad():
        for parameter in network.parameters():
            parameter *= 2.5  # start values are so small that attention is a mere mean
        vectors = network.embed(tokens)
        logits = network.read_prefixes(vectors)
        for n in range(1, 8):
            alone = network.read(vectors[:, :n], torch.full((2,), n))
            torch.testing.assert_close(logits[:, n - 1], alone, rtol=0, atol=1e-5)


def test_attention_over_prefixes_takes_scores_of_any_size():
    network = make_network(bidirectional=False, pooling=("attention",)).eval()
    tokens, lengths = to_tensors([[2, 3, 4, 5]])
    with torch.no_grad():
        network.attention.project.bias[:] = 20  # where tanh is 1
        network.attention.query.weight[:] = 1000
        vectors = network.embed(tokens)
        last = network.read_prefixes(vectors)[:, -1]
        torch.testing.assert_close(last, network.read(vectors, lengths), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "params",
    [{"bidirectional": True}, {"bidirectional": False, "pooling": ("last", "light_attention")}],
    ids=str,
)
def test_prefixes_need_one_direction_and_no_neighbours(params):
    network = make_network(**params)
    assert not network.reads_prefixes
    message = (
        r"^A network that is bidirectional or has light attention must read each prefix "
        r"separately. read_prefixes\(\) works with bidirectional=False and other poolings$"
    )
    with pytest.raises(ValueError, match=message):
        network.read_prefixes(torch.zeros(1, 2, 3))


def test_reversal_index():
    index = reversal_index(torch.tensor([4, 2, 1]), 4)
    assert index.tolist() == [[3, 2, 1, 0], [1, 0, 2, 3], [0, 1, 2, 3]]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 4))
def test_reversal_twice_changes_nothing(lengths, extra):
    n_steps = max(lengths) + extra
    index = reversal_index(torch.tensor(lengths), n_steps)
    steps = torch.arange(n_steps).expand(len(lengths), -1)
    assert torch.equal(steps.gather(1, index).gather(1, index), steps)
    for row, length in zip(index.tolist(), lengths):
        assert row == [*reversed(range(length)), *range(length, n_steps)]


# Dropout and the embedding.


def test_token_dropout_hides_residues_in_training_only():
    network = make_network(token_dropout=0.3)
    tokens, _ = to_tensors([[2, 3, 4, 5] * 100, [6] * 250])
    plain = network.embedding(tokens)
    network.eval()
    assert torch.equal(network.embed(tokens), plain)

    network.train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        seen = network.embed(tokens)
    changed = (seen != plain).any(2)
    residues = tokens != 0
    assert not changed[~residues].any()
    assert changed[residues].float().mean().item() == pytest.approx(0.3, abs=0.06)
    unknown = network.embedding.weight[1]
    assert torch.equal(seen[changed], unknown.expand(int(changed.sum()), -1))


def test_token_dropout_leaves_padding_alone_even_if_it_hides_all():
    network = make_network(token_dropout=0.999999).train()
    tokens, _ = to_tensors([[2, 3], [4, 5, 6]])
    seen = network.embed(tokens)
    assert torch.equal(seen[0, 2], torch.zeros(3))
    assert torch.equal(seen[1, 2], network.embedding.weight[1])


@pytest.mark.parametrize("training", [False, True])
def test_dropout_between_layers_drops_units_of_a_row(training):
    network = make_network(dropout=0.25, num_layers=2, hidden_size=8).train(training)
    read = []
    lstm_of(network, layer=1).register_forward_pre_hook(lambda _, inputs: read.append(inputs[0]))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network(*to_tensors([[2, 3, 4, 5, 6]] * 250))
    dropped = read[0] == 0
    assert torch.equal(dropped.all(1), dropped.any(1))
    share = dropped.float().mean().item()
    assert share == (pytest.approx(0.25, abs=0.03) if training else 0)


def test_dropout_keeps_the_mean():
    network = make_network(dropout=0.25, bidirectional=False, hidden_size=8, n_classes=2)
    tokens, lengths = to_tensors([[2, 3, 4]] * 20000)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        noisy = network.train()(tokens, lengths)
        plain = network.eval()(tokens, lengths)
    assert noisy.std(0).min() > 0.01
    torch.testing.assert_close(noisy.mean(0), plain[0], rtol=0, atol=0.005)


def test_random_numbers_come_from_the_generator_alone():
    network = make_network(dropout=0.5, token_dropout=0.5, num_layers=2, pooling=POOLINGS).train()
    tokens, lengths = to_tensors([[2, 3, 4, 5, 6] * 4, [3, 4]])
    common = torch.get_rng_state()
    first, again, other = (
        network(tokens, lengths, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), common)


def test_no_random_number_is_drawn_without_dropout():
    network = make_network(num_layers=2).train()
    generator = torch.Generator().manual_seed(0)
    before = generator.get_state()
    network(*to_tensors([[2, 3, 4]]), generator)
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_everything_is_made_on_the_device_of_the_sequences(bidirectional):
    network = make_network(
        bidirectional=bidirectional, pooling=POOLINGS, dropout=0.5, token_dropout=0.5, num_layers=2
    ).train()
    tokens, lengths = to_tensors([[2, 3, 4], [5]])
    vectors = network.embed(tokens)
    # Tensors of torch's default device would not go together with those of the sequences.
    with torch.device("meta"):
        assert network(tokens, lengths).device == CPU
        assert reversal_index(lengths, 3).device == CPU
    network = make_network(bidirectional=False, pooling=POOLINGS_OF_PREFIXES)
    with torch.device("meta"):
        assert network.read_prefixes(vectors).device == CPU


@pytest.mark.parametrize("frozen", [False, True])
def test_training_moves_all_vectors_but_those_of_padding_or_frozen_ones(frozen):
    vectors = [[3.0, 3.0]] + [[0.1 * i, 1.0] for i in range(1, N_TOKENS)]
    network = make_network(vectors, freeze_embedding=frozen, pooling=("last", "attention"))
    before = network.embedding.weight.detach().clone()
    assert torch.equal(before[0], torch.zeros(2))
    tokens, lengths = to_tensors([[1, 2, 0, 3], [4, 5], [6]])
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        network(tokens, lengths).logsumexp(1).sum().backward()
        optimizer.step()
    after = network.embedding.weight.detach()
    assert torch.equal(after[0], torch.zeros(2))
    moved = (after != before).any(1)[1:]
    assert not moved.any() if frozen else moved.all()
