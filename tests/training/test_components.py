"""A classifier on a language model that stays as it is reads components of its states."""

import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback
from tiny_language_models import random_rows, tiny_language_model
from tiny_models import HOSTS, assert_same_bits, labelled_rows, tiny_classifier, weights_of

from sklearn_protlstm import load_model, save_model
from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training import components as components_module
from sklearn_protlstm._training.components import RaggedRows, compute_components
from sklearn_protlstm._training.net import SequenceNet

X, Y = labelled_rows()
LENGTHS = (X > 0).sum(axis=1)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def language():
    """Fitted on tokens 2 to 7, which are also those of X."""
    return tiny_language_model().fit(random_rows(30, n_residues=6))


@pytest.fixture
def make_classifier(language):
    def make(**params):
        frozen = {"pooling": "light_attention", "pretrained_lr": 0, "token_dropout": 0}
        return tiny_classifier(pretrained=language, **{**frozen, **params})

    return make


@pytest.fixture
def n_read(monkeypatch):
    """Number of rows that the language model reads, call by call."""
    counts = []
    compute = SequenceLSTM.states

    def count(module, tokens, lengths):
        counts.append(len(tokens))
        return compute(module, tokens, lengths)

    monkeypatch.setattr(SequenceLSTM, "states", count)
    return counts


def states_of(classifier, row):
    """States of the residues of one row, computed alone."""
    tokens = torch.from_numpy(row[row > 0].astype(np.int64))[None]
    with torch.no_grad():
        return classifier.net_.module_.states(tokens, torch.tensor([tokens.shape[1]]))[0].numpy()


class Unfreeze(Callback):
    """Let the projection learn from the third epoch on."""

    def on_epoch_begin(self, net, **kwargs):
        if len(net.history) == 3:
            net.module_.light_attention.project.requires_grad_(True)


# The projection.


def test_light_attention_reads_principal_components(make_classifier):
    classifier = make_classifier().fit(X, Y)
    states = np.concatenate([states_of(classifier, row) for row in X]).astype(np.float64)
    weights = weights_of(classifier)
    projected = states @ weights["light_attention.project.weight"].T
    projected += weights["light_attention.project.bias"]
    n_states = states.shape[1]
    # There are fewer states than columns.
    assert n_states < projected.shape[1]
    assert np.all(projected[:, n_states:] == 0)
    components = projected[:, :n_states]
    np.testing.assert_allclose(components.mean(axis=0), 0, atol=1e-4)
    expected = np.linalg.svd(states - states.mean(axis=0))[1] / np.sqrt(len(states))
    np.testing.assert_allclose(components.std(axis=0), expected / expected.mean(), atol=1e-4)
    covariance = np.cov(components.T)
    np.testing.assert_allclose(covariance - np.diag(np.diag(covariance)), 0, atol=1e-3)


def test_only_some_rows_decide_the_components(make_classifier, n_read, monkeypatch):
    monkeypatch.setattr(components_module, "_N_SAMPLED", 7)
    make_classifier().fit(X, Y)
    # The sample first, then all rows once for all epochs.
    n_sampled = np.searchsorted(np.cumsum(n_read), 7) + 1
    assert sum(n_read[:n_sampled]) == 7
    assert sum(n_read[n_sampled:]) == len(X)


@pytest.mark.parametrize(
    ("params", "stays"),
    [
        ({}, True),
        ({"window": 4}, True),
        ({"early_stopping": True}, True),
        ({"pooling": ("last", "light_attention")}, False),
        ({"token_dropout": 0.2}, False),
        ({"pretrained_lr": 0.1}, False),
        ({"num_layers": 2}, False),
    ],
    ids=str,
)
def test_projection_stays_if_the_components_do(params, stays, make_classifier):
    classifier = make_classifier(**params)
    weights = [
        weights_of(classifier.set_params(max_epochs=n_epochs).fit(X, Y)) for n_epochs in (1, 3)
    ]
    one, other = (epoch["light_attention.project.weight"] for epoch in weights)
    assert np.array_equal(one, other) == stays
    moved = np.abs(weights[0]["head.weight"] - weights[1]["head.weight"]).max()
    assert moved > 1e-3


def test_partial_fit_keeps_the_components(make_classifier):
    classifier = make_classifier().partial_fit(X, Y, classes=HOSTS)
    before = weights_of(classifier)
    classifier.partial_fit(X[:10], Y[:10])
    after = weights_of(classifier)
    name = "light_attention.project.weight"
    np.testing.assert_array_equal(after[name], before[name])
    assert np.abs(after["head.weight"] - before["head.weight"]).max() > 1e-3
    classifier.set_params(pretrained_lr=0.5).partial_fit(X, Y)
    learned = weights_of(classifier)
    for name in ("light_attention.project.weight", "layers.0.forward_lstm.weight_hh_l0"):
        assert np.abs(learned[name] - after[name]).max() > 1e-4


# Training on components that are computed once.


def test_padded_rows():
    rows = RaggedRows(
        values=np.arange(6, dtype=np.float16)[:, np.newaxis],
        starts=np.array([0, 3, 4]),
        lengths=np.array([3, 1, 2]),
    )
    assert len(rows) == 3
    assert rows.pad(np.array([2, 1]))[..., 0].tolist() == [[4, 5], [3, 4]]
    # Behind the last value comes the last value again.
    assert rows.pad(slice(0, 3))[..., 0].tolist() == [[0, 1, 2], [3, 4, 5], [4, 5, 5]]


def test_components_of_each_row(make_classifier):
    classifier = make_classifier().fit(X, Y)
    module = classifier.net_.module_
    known = np.searchsorted(classifier.vocabulary_, X) + 2
    tokens = np.where(X > 0, known, 0).astype(np.uint8)
    rows = compute_components(module, tokens, LENGTHS, CPU)
    project = module.light_attention.project
    for number, row in enumerate(tokens):
        expected = project(torch.from_numpy(states_of(classifier, row))).detach().numpy()
        found = rows.pad(np.array([number]))[0]
        assert found.dtype == np.float16
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("params", [{}, {"early_stopping": True}, {"window": 5}], ids=str)
def test_training_is_the_same_up_to_rounding(params, make_classifier, monkeypatch):
    # With small steps a difference in rounding stays small.
    classifier = make_classifier(lr=0.003, **params).fit(X, Y)
    probabilities, losses = classifier.predict_proba(X), classifier.history_[:, "train_loss"]
    monkeypatch.setattr(components_module, "_MOST_RESIDUES", 10)
    other = make_classifier(lr=0.003, **params).fit(X, Y)
    np.testing.assert_allclose(other.history_[:, "train_loss"], losses, rtol=0.01)
    np.testing.assert_allclose(other.predict_proba(X), probabilities, atol=0.01)
    assert losses[-1] < 0.95 * losses[0]


@pytest.mark.parametrize(
    ("params", "once"),
    [
        ({}, True),
        ({"window": 5}, True),
        ({"pretrained_lr": 0.1}, False),
        ({"token_dropout": 0.1}, False),
        ({"pooling": ("max", "light_attention")}, False),
        ({"pooling": ("max",)}, False),
        ({"num_layers": 2}, False),
        ({"pretrained": None}, False),
    ],
    ids=str,
)
def test_when_components_are_computed_once(params, once, make_classifier, monkeypatch):
    given = []
    learn = SequenceNet._learn_share

    def note(net, share, *args):
        given.append("components" in share[0])
        return learn(net, share, *args)

    monkeypatch.setattr(SequenceNet, "_learn_share", note)
    make_classifier().set_params(**params).fit(X, Y)
    assert set(given) == {once}


def test_network_that_learns_again_reads_its_own_states(make_classifier):
    callbacks = [("unfreeze", Unfreeze())]
    frozen = weights_of(make_classifier(max_epochs=2, callbacks=callbacks).fit(X, Y))
    learned = weights_of(make_classifier(max_epochs=4, callbacks=callbacks).fit(X, Y))
    for name in ("light_attention.project.weight", "light_attention.project.bias"):
        assert np.abs(learned[name] - frozen[name]).max() > 1e-4


@pytest.mark.parametrize("n_threads", [1, 3])
def test_threads_do_not_change_a_bit(n_threads, set_threads, make_classifier):
    expected = make_classifier().fit(X, Y)
    set_threads(n_threads)
    assert_same_bits(make_classifier().fit(X[::-1], Y[::-1]), expected, X)


def test_models_are_saved_and_copied(make_classifier, tmp_path):
    classifier = make_classifier().fit(X, Y)
    save_model(classifier, tmp_path / "a.model")
    loaded = load_model(tmp_path / "a.model")
    assert_same_bits(loaded, classifier, X)
    assert_same_bits(pickle.loads(pickle.dumps(classifier)), classifier, X)
    name = "light_attention.project.weight"
    before = weights_of(loaded)[name]
    np.testing.assert_array_equal(weights_of(loaded.partial_fit(X, Y))[name], before)


def test_two_short_rows(make_classifier):
    rows = np.zeros((2, 12), np.uint8)
    rows[:, 0] = 2, 3
    classifier = make_classifier(max_epochs=30).fit(rows, HOSTS[:2])
    assert classifier.predict(rows).tolist() == HOSTS[:2].tolist()
