"""Traces agree with predictions for prefixes and suffixes, horizons with substitutions."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from inspected_models import (
    fitted_pipeline,
    last_token_classifier,
    predicted_log_odds,
    random_proteins,
)
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import Alphabet, SequenceEncoder
from sklearn_protlstm.inspection import memory_horizon, memory_trace


class FirstThenSecond(np.random.RandomState):
    """Draw 0, 1, 0, 1 and so on."""

    def randint(self, high):
        self.last = 1 - getattr(self, "last", 1)
        return self.last


@pytest.mark.parametrize(
    "params",
    [{}, {"bidirectional": False}, {"bidirectional": False, "pooling": "light_attention"}],
    ids=["bidirectional", "unidirectional", "unidirectional, light attention"],
)
@pytest.mark.parametrize(
    "encoder",
    [{}, {"k": 3}, {"k": 2, "stride": 2}, {"max_length": 5}],
    ids=["residues", "3-mers", "2-mers, stride 2", "truncated"],
)
def test_trace_equals_predictions_for_prefixes_and_suffixes(params, encoder):
    params = {"pooling": ("last", "max", "mean", "attention"), **params}
    model = fitted_pipeline(SequenceEncoder(**encoder), num_layers=2, **params)
    [protein] = random_proteins(1, seed=3, low=12, high=13)
    trace = memory_trace(model, protein.lower() + "*")
    prefixes = [protein[: i + 1] for i in range(12)]
    suffixes = [protein[i:] for i in range(12)]
    np.testing.assert_allclose(trace.forward, model.predict_proba(prefixes), atol=1e-6)
    np.testing.assert_allclose(trace.backward, model.predict_proba(suffixes), atol=1e-6)
    assert np.ptp(trace.forward, axis=0).max() > 1e-4
    frame = trace.frame()
    assert frame["residue"].tolist() == list(protein) * 2
    assert frame["direction"].tolist() == ["forward"] * 12 + ["backward"] * 12


def test_trace_holds_the_states_of_the_lstm():
    model = fitted_pipeline()
    protein = "ACDEFGHIK"
    trace = memory_trace(model, protein)
    tokens = torch.from_numpy(model[0].transform([protein])[:, :9].astype(np.int32))
    module = model[1].net_.module_.eval()
    with torch.no_grad():
        numbers = tokens.clone()
        for number, token in enumerate(model[1].vocabulary_, start=2):
            numbers[tokens == int(token)] = number
        vectors = module.embedding(numbers)
        forward = module.layers[0].forward_lstm(vectors)[0][0]
        backward, (_, cell) = module.layers[0].backward_lstm(vectors.flip(1))
    np.testing.assert_allclose(trace.hidden_norm[0], forward.norm(dim=1), atol=1e-5)
    np.testing.assert_allclose(trace.hidden_norm[1], backward[0].norm(dim=1).flip(0), atol=1e-5)
    assert trace.cell_norm[1][0] == pytest.approx(cell.norm().item(), abs=1e-5)


def test_trace_ignores_parameters_set_after_fit():
    model = deepcopy(fitted_pipeline(max_epochs=1))
    expected = memory_trace(model, "ACD").forward
    model.set_params(lstm__bidirectional=False)
    np.testing.assert_array_equal(memory_trace(model, "ACD").forward, expected)


@pytest.mark.parametrize(("end", "distance"), [("C-terminus", 0), ("N-terminus", 3)])
def test_horizon_of_a_network_that_uses_only_the_last_residue(end, distance):
    model = make_pipeline(SequenceEncoder().fit(["ACAC"]), last_token_classifier())
    horizon = memory_horizon(model, ["ACAC", "CACA"], end=end)
    assert horizon.end == end
    assert horizon.effects[distance] > 0.1
    np.testing.assert_allclose(np.delete(horizon.effects, distance), 0, atol=1e-6)
    assert horizon.n_proteins.tolist() == [2, 2, 2, 2]


def test_horizon_is_the_mean_change_of_the_log_odds():
    model = fitted_pipeline()
    horizon = memory_horizon(model, ["ACDE", "WY"], random_state=FirstThenSecond())
    expected = []
    for protein, variants in (
        ("ACDE", ["CCDE", "ADDE", "ACAE", "ACDC"]),
        ("WY", ["AY", "WC"]),
    ):
        [label] = model.predict([protein])
        original = predicted_log_odds(model, [protein], label)
        change = predicted_log_odds(model, variants, label) - original
        expected.append(np.abs(change)[::-1])
    by_distance = [*(np.add(expected[0][:2], expected[1]) / 2), *expected[0][2:]]
    np.testing.assert_allclose(horizon.effects, by_distance, atol=1e-4)
    assert horizon.n_proteins.tolist() == [2, 2, 1, 1]


def test_horizon_leaves_out_residues_that_are_not_read():
    # The network reads the first two and the last two residues of the long protein.
    model = fitted_pipeline(SequenceEncoder(max_length=4))
    horizon = memory_horizon(model, ["ACDEFGHI", "WYW"])
    assert horizon.n_proteins.tolist() == [2, 2, 1, 0, 0, 0, 1, 1]
    assert np.flatnonzero(np.isnan(horizon.effects)).tolist() == [3, 4, 5]
    assert np.nanmin(horizon.effects) > 0
    alone = memory_horizon(model, ["ACDEFGHI"]).effects
    np.testing.assert_array_equal(np.isnan(alone), [0, 0, 1, 1, 1, 1, 0, 0])
    assert horizon.frame()["n_proteins"].tolist() == horizon.n_proteins.tolist()


def test_random_state_determines_the_substitutes():
    one, same, other = (
        memory_horizon(fitted_pipeline(), ["ACDE"], random_state=seed).effects for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_substitutes_have_another_token():
    two_groups = Alphabet("two", groups=("ACDEF", "GHIKLMNPQRSTVWY"))
    model = fitted_pipeline(SequenceEncoder(alphabet=two_groups))
    assert (memory_horizon(model, ["CDF", "fdc"]).effects > 0).all()


def test_alphabet_of_one_group_has_no_effects():
    one_group = Alphabet("one", groups=("ACDEFGHIKLMNPQRSTVWY",))
    model = fitted_pipeline(SequenceEncoder(alphabet=one_group), max_epochs=1)
    assert memory_horizon(model, ["ACD"]).effects.tolist() == [0, 0, 0]


def test_unknown_terminus_is_refused():
    message = "end='middle' is not valid. Use 'C-terminus' or 'N-terminus'"
    with pytest.raises(ValueError, match=message):
        memory_horizon(fitted_pipeline(max_epochs=1), ["AC"], end="middle")
