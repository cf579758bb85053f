"""Batches, schedules and steps of training, each on its own."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skorch.callbacks import Callback
from skorch.dataset import Dataset
from tiny_models import callback_of, labelled_rows, tiny_classifier, weights_of

from sklearn_protlstm._encoding.token_matrix import unique_rows
from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training.batches import OrderedBatches, ShuffledBatches
from sklearn_protlstm._training.callbacks import SCHEDULES, GradientClipping, LearningRateSchedule
from sklearn_protlstm._training.data import make_training_set
from sklearn_protlstm._training.net import move_net, net_data
from sklearn_protlstm.exceptions import NonFiniteLossError

# Schedules.


def test_schedule_values():
    assert {name: schedule(0) for name, schedule in SCHEDULES.items()} == pytest.approx(
        {"onecycle": 0.04, "cosine": 1, "constant": 1}
    )
    assert {name: schedule(1) for name, schedule in SCHEDULES.items()} == pytest.approx(
        {"onecycle": 0, "cosine": 0, "constant": 1}
    )
    assert SCHEDULES["cosine"](0.5) == pytest.approx(0.5)
    assert SCHEDULES["onecycle"](0.25) == pytest.approx(1)
    assert SCHEDULES["onecycle"](0.125) == pytest.approx(0.52)
    assert SCHEDULES["onecycle"](0.625) == pytest.approx(0.5)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_have_no_jumps(name):
    factors = [SCHEDULES[name](progress) for progress in np.linspace(0, 1, 1001)]
    assert max(factors) == pytest.approx(1)
    assert min(factors) >= 0
    assert np.abs(np.diff(factors)).max() < 0.01


def test_rate_is_set_before_every_training_batch():
    groups = [{"lr": None}, {"lr": None}]
    net = SimpleNamespace(lr=0.5, optimizer_=SimpleNamespace(param_groups=groups))
    callback = LearningRateSchedule("cosine", n_steps=4)
    callback.on_train_begin(net)
    rates = []
    for training in (True, False, True, True, False, True, True, True):
        callback.on_batch_begin(net, training=training)
        rates.append(groups[0]["lr"])
        assert groups[0] == groups[1]
    wanted = 0.5 * (1 + np.cos(np.pi * np.array([0, 0, 0.25, 0.5, 0.5, 0.75, 1, 1]))) / 2
    np.testing.assert_allclose(rates, wanted, atol=1e-12)
    callback.on_train_begin(net)
    callback.on_batch_begin(net, training=True)
    assert groups[0]["lr"] == 0.5


# Gradients.


def parameter_with_gradient(*values):
    parameter = torch.nn.Parameter(torch.zeros(len(values)))
    parameter.grad = torch.tensor(values)
    return parameter


def net_of(*parameters, **attributes):
    return SimpleNamespace(learned_parameters=lambda: list(parameters), **attributes)


def test_clipping_scales_the_whole_gradient_to_a_norm_of_one():
    one, other = parameter_with_gradient(3.0, 0.0), parameter_with_gradient(-4.0)
    GradientClipping().on_grad_computed(net_of(one, other))
    torch.testing.assert_close(one.grad, torch.tensor([0.6, 0.0]))
    torch.testing.assert_close(other.grad, torch.tensor([-0.8]))


def test_clipping_leaves_small_gradients():
    parameter = parameter_with_gradient(0.3, -0.4)
    GradientClipping().on_grad_computed(net_of(parameter))
    torch.testing.assert_close(parameter.grad, torch.tensor([0.3, -0.4]))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_gradient_that_is_no_number(value):
    net = net_of(parameter_with_gradient(1.0, value), history=[{}, {}, {}], lr=0.25)
    with pytest.raises(
        NonFiniteLossError, match=r"gradient became .* epoch 3.*now 0\.25"
    ) as caught:
        GradientClipping().on_grad_computed(net)
    assert caught.value.epoch == 3


class FreezeEmbedding(Callback):
    """Freeze the embedding from the second epoch on."""

    def on_epoch_begin(self, net, **kwargs):
        if len(net.history) == 2:
            net.module_.embedding.weight.requires_grad_(False)
            self.before = net.module_.embedding.weight.clone()


@pytest.mark.parametrize("num_layers", [1, 2])
def test_frozen_parameter_stays(num_layers):
    X, y = labelled_rows()
    classifier = tiny_classifier(num_layers=num_layers, callbacks=[("freeze", FreezeEmbedding())])
    classifier.fit(X, y)
    before = callback_of(classifier, "freeze").before
    assert torch.equal(classifier.net_.module_.embedding.weight, before)


@pytest.mark.parametrize(
    ("net_params", "fused"),
    [
        (None, True),
        ({"optimizer__betas": (0.8, 0.9)}, True),
        ({"optimizer__foreach": True}, None),
        ({"optimizer": torch.optim.Adagrad}, None),
        ({"optimizer__fused": False}, False),
    ],
)
def test_optimizer_takes_fused_steps_unless_told_otherwise(net_params, fused):
    X, y = labelled_rows()
    classifier = tiny_classifier(net_params=net_params, weight_decay=0).fit(X, y)
    assert classifier.net_.optimizer_.defaults["fused"] == fused


# Batches.


def make_dataset(n_rows, seed=0):
    X, y = labelled_rows(n_rows, seed=seed)
    numbers = np.unique(y, return_inverse=True)[1]
    weights = np.arange(1, n_rows + 1)
    return Dataset(*net_data(make_training_set(X, numbers, weights)))


@given(st.integers(1, 40), st.integers(1, 50), st.sampled_from(["shuffled", "ordered"]))
def test_batches_hold_every_row_once(n_rows, batch_size, kind):
    dataset = make_dataset(n_rows)
    if kind == "shuffled":
        batches = ShuffledBatches(dataset, batch_size, np.random.RandomState(0))
    else:
        batches = OrderedBatches(dataset, batch_size)
    rows, n_batches = [], 0
    for X, y in batches:
        n_batches += 1
        assert 1 <= len(y) <= batch_size
        # Cut to the longest row, and everything of a row stays together.
        assert X["tokens"].shape == (len(y), X["lengths"].max())
        padded = np.zeros((len(y), 12), dtype=int)
        padded[:, : X["tokens"].shape[1]] = X["tokens"]
        rows.extend(zip(padded.tolist(), X["lengths"].tolist(), X["weights"].tolist(), y.tolist()))
    assert n_batches == len(batches)
    parts = (dataset.X["tokens"], dataset.X["lengths"], dataset.X["weights"], dataset.y)
    wanted = list(zip(*(part.tolist() for part in parts)))
    assert sorted(rows) == sorted(wanted)
    if kind == "ordered":
        assert rows == wanted


def test_every_epoch_has_another_order():
    dataset = make_dataset(40)
    batches = ShuffledBatches(dataset, 8, np.random.RandomState(0))
    epochs = [[tuple(X["weights"].tolist()) for X, _ in batches] for _ in range(3)]
    assert len({tuple(epoch) for epoch in epochs}) == 3
    # Other neighbours, too, not only another order of the same batches.
    assert len({frozenset(map(frozenset, epoch)) for epoch in epochs}) == 3


def test_data_of_the_net():
    X, y = labelled_rows(30)
    training_set = make_training_set(X, np.unique(y, return_inverse=True)[1], np.ones(30))
    data, labels = net_data(training_set)
    assert data.keys() == {"tokens", "lengths", "weights"}
    assert data["weights"].dtype == np.float32
    assert {len(part) for part in data.values()} == {len(labels)} == {30}
    np.testing.assert_array_equal((data["tokens"] > 0).sum(axis=1), data["lengths"])


# Loss.


def test_loss_is_the_weighted_mean():
    X, y = labelled_rows()
    net = tiny_classifier().fit(X, y).net_
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.5, 0.5, 0.5]])
    labels, weights = torch.tensor([0, 2]), torch.tensor([0.5, 1.5])
    loss = net.get_loss(logits, labels, X={"weights": weights})
    first = -np.log(np.exp(2) / (np.exp(2) + 1 + np.exp(-1)))
    assert loss.item() == pytest.approx((0.5 * first + 1.5 * np.log(3)) / 2, rel=1e-5)


def test_moving_to_the_same_device_does_nothing():
    X, y = labelled_rows()
    classifier = tiny_classifier().fit(X, y)
    net, before = classifier.net_, weights_of(classifier)
    parameters, state = list(net.module_.parameters()), net.optimizer_.state
    move_net(net, torch.device("cpu"))
    assert all(a is b for a, b in zip(parameters, net.module_.parameters()))
    assert net.optimizer_.state is state
    np.testing.assert_equal(weights_of(classifier), before)


def test_network_reads_little_padding_in_an_epoch(monkeypatch):
    # 600 proteins as long as real ones are. Whole rows would be 6 times as many cells.
    rng = np.random.RandomState(0)
    lengths = np.maximum(5, rng.lognormal(mean=4, sigma=0.8, size=600).astype(int))
    X = np.where(np.arange(lengths.max()) < lengths[:, np.newaxis], 2, 0)
    X[:, :4] = rng.randint(2, 9, size=(600, 4))
    cells = []
    hide = SequenceLSTM._hide

    def count_and_hide(self, tokens, generator):
        cells.append(tokens.numel())
        return hide(self, tokens, generator)

    monkeypatch.setattr(SequenceLSTM, "_hide", count_and_hide)
    classifier = tiny_classifier(batch_size=32, max_epochs=1).fit(X, rng.randint(2, size=600))
    distinct, _ = unique_rows(X)
    n_residues = lengths[distinct].sum()
    assert n_residues <= sum(cells) < 1.1 * n_residues
    assert X[distinct].size > 5 * sum(cells)
    cells.clear()
    classifier.predict(X)
    assert n_residues <= sum(cells) < 1.5 * n_residues


@pytest.mark.parametrize(
    ("n_samples", "length", "n_batches"),
    [
        (64, 200, 4),  # few sequences are shared among the threads
        (8, 100, 1),  # too few for that
        (400, 200, 5),  # 2**14 residues at most
    ],
)
def test_number_of_prediction_batches(n_samples, length, n_batches, monkeypatch):
    rng = np.random.RandomState(0)
    X, y = rng.randint(2, 8, size=(n_samples, length)), np.arange(n_samples) % 2
    classifier = tiny_classifier(max_epochs=1).fit(X[:16, :8], y[:16])
    classifier.n_features_in_ = length
    calls = []
    hide = SequenceLSTM._hide
    monkeypatch.setattr(
        SequenceLSTM, "_hide", lambda self, *args: calls.append(1) or hide(self, *args)
    )
    classifier.predict(X)
    assert len(calls) == n_batches
