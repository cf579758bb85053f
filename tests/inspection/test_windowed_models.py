"""Inspections of a classifier with windows explain the prediction for the whole protein."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from inspected_models import fitted_pipeline, predicted_log_odds, random_proteins
from scipy.special import log_softmax

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm.inspection import (
    _gradients,
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)

METHODS = ["integrated_gradients", "occlusion", "gradient_x_input"]

# Shorter than the window, as long, and longer. The longest are truncated to 13 residues.
LENGTHS = [1, 3, 4, 5, 6, 11, 13, 19]
WINDOW = 4


def proteins_of(lengths=LENGTHS):
    return [random_proteins(1, seed=n, low=n, high=n + 1)[0] for n in lengths]


def windowed_pipeline(encoder=None, **params):
    """Starts are at most two tokens apart, unless the classifier gets a `window_step`."""
    encoder = encoder or SequenceEncoder(max_length=13)
    return fitted_pipeline(encoder, **{"window": WINDOW, **params})


def starts_of(length):
    """First tokens of the windows, for a step of half a window."""
    last = max(0, length - WINDOW)
    n_windows = 1 + -(-last // (WINDOW // 2))
    return [i * last // max(1, n_windows - 1) for i in range(n_windows)]


def whole_model(model):
    """The same fitted network, which reads proteins whole."""
    return deepcopy(model).set_params(lstm__window=None)


def embed(model, protein):
    """Module and vectors of the tokens of a protein."""
    classifier, module = model[1], model[1].net_.module_.eval()
    tokens = model[0].transform([protein])[0]
    known = classifier.vocabulary_.tolist()
    numbers = [2 + known.index(token) if token in known else 1 for token in tokens[tokens > 0]]
    return module, module.embedding(torch.tensor([numbers])).detach()


def pooled_logits(module, vectors):
    """Mean log-probabilities over the windows of one protein, read one after the other."""
    n_tokens = vectors.shape[1]
    length = torch.tensor([min(n_tokens, WINDOW)])
    logits = [module.read(vectors[:, i : i + WINDOW], length) for i in starts_of(n_tokens)]
    return torch.stack([torch.log_softmax(each[0], 0) for each in logits]).mean(0)


@pytest.mark.filterwarnings("ignore::sklearn_protlstm.exceptions.TruncationWarning")
@pytest.mark.parametrize("baseline", ["shuffled", "unknown"])
@pytest.mark.parametrize(
    "params",
    [{}, {"num_layers": 2, "pooling": "attention"}, {"bidirectional": False}, {"window_step": 1}],
    ids=str,
)
def test_integrated_gradients_add_up_to_the_difference(params, baseline):
    model = windowed_pipeline(**params)
    X = proteins_of()
    result = residue_attribution(model, X, target="human", baseline=baseline, n_steps=8)
    sums = np.array([np.nansum(scores) for scores in result.scores])
    np.testing.assert_allclose(sums, result.values - result.baselines, atol=1e-5)
    assert np.abs(sums).max() > 0.01
    np.testing.assert_allclose(result.values, predicted_log_odds(model, X, "human"), atol=1e-5)
    if baseline == "unknown":
        expected = predicted_log_odds(model, ["X" * len(protein) for protein in X], "human")
        np.testing.assert_allclose(result.baselines, expected, atol=1e-5)


def test_more_steps_leave_smaller_residuals():
    # No max pooling: with a continuous gradient the raw scores converge to the full sum.
    model = windowed_pipeline(pooling=("last", "mean", "attention"))
    X = proteins_of([3, 4, 11])
    largest = [np.abs(residue_attribution(model, X, n_steps=n).residuals).max() for n in (8, 128)]
    assert largest[1] < min(largest[0], 1e-3)


@pytest.mark.parametrize("length", [3, 4, 5, 11, 13])
def test_gradients_are_those_of_the_mean_over_windows(length):
    model = windowed_pipeline()
    [protein] = proteins_of([length])
    pig = model.classes_.tolist().index("pig")
    module, end = embed(model, protein)
    start = module.embedding(torch.ones(1, length, dtype=torch.long)).detach()
    vectors = end.clone().requires_grad_()
    values = pooled_logits(module, vectors)
    others = torch.cat([values[:pig], values[pig + 1 :]])
    (values[pig] - torch.logsumexp(others, 0)).backward()
    expected = (vectors.grad * (end - start)).sum(2)[0]
    [scores] = residue_attribution(
        model, [protein], target="pig", method="gradient_x_input", baseline="unknown"
    ).scores
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    assert np.abs(scores).min() > 0
    log_probabilities = log_softmax(values.detach().numpy())
    np.testing.assert_allclose(
        model.predict_proba([protein])[0], np.exp(log_probabilities), atol=1e-6
    )


@pytest.mark.filterwarnings("ignore::sklearn_protlstm.exceptions.TruncationWarning")
@pytest.mark.parametrize("length", [3, 4, 11, 19])
@pytest.mark.parametrize("encoder", [{"max_length": 13}, {"k": 2, "max_length": 30}], ids=str)
def test_occlusion_equals_the_loss_when_a_residue_is_masked(encoder, length):
    model = windowed_pipeline(SequenceEncoder(**encoder))
    [protein] = proteins_of([length])
    result = residue_attribution(model, [protein], target="bird", method="occlusion")
    masked = [protein[:i] + "X" + protein[i + 1 :] for i in range(length)]
    original = predicted_log_odds(model, [protein], "bird")
    expected = original - predicted_log_odds(model, masked, "bird")
    read = ~np.isnan(result.scores[0])
    assert np.count_nonzero(~read) == (6 if length == 19 and "k" not in encoder else 0)
    np.testing.assert_allclose(result.scores[0][read], expected[read], atol=1e-5)
    np.testing.assert_allclose(expected[~read], 0, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_proteins_that_fit_a_window_are_explained_as_without_windows(method):
    model = windowed_pipeline()
    X = proteins_of([1, 3, 4])
    one = residue_attribution(model, X, target="pig", method=method)
    other = residue_attribution(whole_model(model), X, target="pig", method=method)
    np.testing.assert_allclose(np.concatenate(one.scores), np.concatenate(other.scores), atol=1e-5)
    longer = proteins_of([11])
    one = residue_attribution(model, longer, target="pig", method=method)
    other = residue_attribution(whole_model(model), longer, target="pig", method=method)
    assert np.abs(one.scores[0] - other.scores[0]).max() > 1e-3


@pytest.mark.filterwarnings("ignore::sklearn_protlstm.exceptions.TruncationWarning")
def test_scores_do_not_depend_on_other_proteins():
    model = windowed_pipeline()
    X = proteins_of()
    together = residue_attribution(model, X, target="pig", n_steps=8).scores
    for protein, expected in zip(X, together):
        [alone] = residue_attribution(model, [protein], target="pig", n_steps=8).scores
        np.testing.assert_allclose(alone, expected, atol=1e-5)


def test_batches_are_limited_by_the_tokens_of_all_windows(monkeypatch):
    model = windowed_pipeline(SequenceEncoder(max_length=40), window_step=1)
    X = proteins_of([40, 40, 40, 40])
    expected = residue_attribution(model, X, target="pig", n_steps=8).scores
    # A protein of 40 residues has 37 windows of 4.
    monkeypatch.setattr(_gradients, "_MAX_CELLS", 300)
    sizes = []
    lstm = model[1].net_.module_.layers[0].forward_lstm
    hook = lstm.register_forward_pre_hook(
        lambda _, inputs: (
            sizes.append(inputs[0].shape[:2].numel()) if inputs[0].requires_grad else None
        )
    )
    scores = residue_attribution(model, X, target="pig", n_steps=8).scores
    hook.remove()
    assert set(sizes) == {2 * 37 * 4}
    np.testing.assert_allclose(scores, expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore::sklearn_protlstm.exceptions.TruncationWarning")
@pytest.mark.parametrize("length", [3, 4, 11, 19])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_trace_equals_predictions_for_prefixes_and_suffixes(bidirectional, length):
    model = windowed_pipeline(bidirectional=bidirectional)
    [protein] = proteins_of([length])
    trace = memory_trace(model, protein)
    prefixes = [protein[: i + 1] for i in range(length)]
    suffixes = [protein[i:] for i in range(length)]
    np.testing.assert_allclose(trace.forward, model.predict_proba(prefixes), atol=1e-6)
    np.testing.assert_allclose(trace.backward, model.predict_proba(suffixes), atol=1e-6)


@pytest.mark.parametrize("length", [3, 4, 5, 11])
def test_states_come_from_the_window_with_most_residues_before(length):
    model = windowed_pipeline()
    [protein] = proteins_of([length])
    trace = memory_trace(model, protein)
    module, vectors = embed(model, protein)
    lstms = module.layers[0].forward_lstm, module.layers[0].backward_lstm
    for position in range(length):
        inside = [i for i in starts_of(length) if i <= position < i + WINDOW]
        from_left = vectors[:, min(inside) : position + 1]
        from_right = vectors[:, position : max(inside) + WINDOW].flip(1)
        for direction, read in enumerate((from_left, from_right)):
            with torch.no_grad():
                _, (hidden, cell) = lstms[direction](read)
            np.testing.assert_allclose(trace.hidden[direction, position], hidden[0, 0], atol=1e-6)
            np.testing.assert_allclose(trace.cell[direction, position], cell[0, 0], atol=1e-6)


def test_scans_and_horizons_agree_with_predictions():
    model = windowed_pipeline()
    [protein] = proteins_of([11])
    pig = model.classes_.tolist().index("pig")
    scan = mutation_scan(model, protein, target="pig")
    variants = [protein[:i] + "W" + protein[i + 1 :] for i in range(11)]
    changes = model.predict_proba(variants)[:, pig] - model.predict_proba([protein])[0, pig]
    np.testing.assert_allclose(scan.effects[scan.residues.index("W")], changes, atol=1e-6)
    assert np.count_nonzero(changes) >= 10
    inserted = [protein[:i] + "WW" + protein[i:] for i in range(12)]
    np.testing.assert_allclose(
        position_scan(model, "WW", protein).probabilities,
        model.predict_proba(inserted),
        atol=1e-6,
    )
    rng = np.random.RandomState(0)
    residues = model[0].alphabet_.symbols
    others = [[letter for letter in residues if letter != residue] for residue in protein]
    substituted = [protein[:i] + others[i][rng.randint(19)] + protein[i + 1 :] for i in range(11)]
    [label] = model.predict([protein])
    effects = predicted_log_odds(model, substituted, label)
    effects = np.abs(effects - predicted_log_odds(model, [protein], label))
    horizon = memory_horizon(model, [protein], random_state=0)
    np.testing.assert_allclose(horizon.effects, effects[::-1], atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_top_windows_are_those_of_the_scores(method):
    model = windowed_pipeline()
    X = proteins_of([5, 11, 13])
    found = []
    for protein, scores in zip(
        X, residue_attribution(model, X, target="pig", method=method).scores
    ):
        sums = np.convolve(scores, np.ones(3), mode="valid")
        found.append((protein[sums.argmax() :][:3], sums.max()))
    windows = top_windows(model, X, k=3, target="pig", method=method)
    expected = dict(found)
    assert set(windows.windows) == set(expected)
    by_window = dict(zip(windows.windows, windows.scores))
    assert by_window == pytest.approx(expected, abs=1e-6)
