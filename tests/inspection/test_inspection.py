"""What is shown of a network is what it does: sums that come out, prefixes that agree."""

import re
import sys
from copy import deepcopy

import matplotlib.pyplot as plt
import numpy as np
import pandas
import pytest
import torch
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiny_models import HOSTS, labelled_rows, tiny_classifier, weights_of

from sklearn_protlstm import Alphabet, ProtLSTMClassifier, SequenceEncoder, make_kmer_baseline
from sklearn_protlstm._encoding.tokens import token_spans
from sklearn_protlstm.datasets import make_motif_position
from sklearn_protlstm.exceptions import (
    EmptySequenceError,
    InvalidResidueError,
    TruncationWarning,
)
from sklearn_protlstm.inspection import (
    MemoryHorizonDisplay,
    MemoryTraceDisplay,
    MutationScanDisplay,
    PositionScanDisplay,
    ResidueAttributionDisplay,
    TopWindowsDisplay,
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)
from sklearn_protlstm.inspection._pictures import _information

METHODS = ["integrated_gradients", "occlusion", "gradient_x_input"]
POOLINGS = ["last", "max", "mean", "attention", ("last", "max", "mean", "attention")]
MOTIF = "AKGDKICL"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def random_proteins(n_sequences, seed=0, low=3, high=20):
    rng = np.random.RandomState(seed)
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    return ["".join(rng.choice(letters, size=rng.randint(low, high))) for _ in range(n_sequences)]


FITTED = {}


def fitted_pipeline(encoder=None, **params):
    """The same model again when it is asked for again: looking into it leaves it as it is."""
    steps = [("encoder", encoder or SequenceEncoder()), ("lstm", tiny_classifier(**params))]
    model = Pipeline(steps)
    if repr(model) not in FITTED:
        X = random_proteins(60)
        FITTED[repr(model)] = model.fit(X, HOSTS[[ord(protein[0]) % 3 for protein in X]])
    return FITTED[repr(model)]


@pytest.fixture(scope="module")
def motif_model():
    """Human with the motif at either end, dog with it in the middle, and proteins without it."""
    X, y = make_motif_position(600, random_state=1)
    X += random_proteins(300, seed=101, low=23, high=61)
    y = np.append(y, ["neither"] * 300)
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=0, hidden_size=32))
    return model.fit(X, y)


# Attribution.


def odds(model, X, label):
    p = model.predict_proba(X)[:, model.classes_.tolist().index(label)].astype(float)
    return np.log(p / (1 - p))


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(
    "params", [{}, {"num_layers": 2, "bidirectional": False}], ids=["one layer", "two, one way"]
)
def test_integrated_gradients_are_complete(pooling, params):
    model = fitted_pipeline(pooling=pooling, **params)
    X = random_proteins(12, seed=1)
    result = residue_attribution(model, X, target="human", baseline="unknown")
    sums = np.array([scores.sum() for scores in result.scores])
    np.testing.assert_allclose(sums, result.values - result.baselines, atol=1e-4)
    assert np.abs(sums).max() > 0.01
    assert [len(scores) for scores in result.scores] == [len(protein) for protein in X]
    np.testing.assert_allclose(result.values, odds(model, X, "human"), atol=1e-3)
    unknown = ["X" * len(protein) for protein in X]
    np.testing.assert_allclose(result.baselines, odds(model, unknown, "human"), atol=1e-3)


@pytest.mark.parametrize("baseline", ["shuffled", "unknown"])
def test_more_steps_miss_less(baseline):
    model = fitted_pipeline(pooling=("last", "mean", "attention"))
    X = random_proteins(12, seed=1)
    missed = [
        np.abs(residue_attribution(model, X, baseline=baseline, n_steps=n).residuals).max()
        for n in (8, 128)
    ]
    # Where the slope does not jump, the sum itself is complete; nothing is left to share out.
    assert missed[1] < missed[0]
    assert missed[1] < 1e-3


def test_baseline_of_shuffled_residues():
    model = fitted_pipeline()
    same = residue_attribution(model, ["WWWWWW", "AAA"])
    # Shuffled or not, it is the same protein.
    np.testing.assert_allclose(np.concatenate(same.scores), 0, atol=1e-5)
    np.testing.assert_allclose(same.values, same.baselines, atol=1e-5)
    X = random_proteins(6, seed=1)
    one, again, other = (
        residue_attribution(model, X, target="human", random_state=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(np.concatenate(one.scores), np.concatenate(again.scores))
    assert not np.allclose(np.concatenate(one.scores), np.concatenate(other.scores))
    # Two residues have two orders: the baseline lies between them.
    both = odds(model, ["AC", "CA"], "pig")
    [value] = residue_attribution(model, ["AC"], target="pig").baselines
    assert both.min() <= value <= both.max()


def test_default_target_is_the_predicted_class():
    model = fitted_pipeline()
    X = random_proteins(12, seed=1)
    result = residue_attribution(model, X)
    np.testing.assert_array_equal(result.targets, model.predict(X))


def test_padding_and_neighbours_change_nothing():
    model = fitted_pipeline()
    X = random_proteins(12, seed=1)
    together = residue_attribution(model, X, target="pig").scores
    # The longest and the shortest among them.
    order = np.argsort([*map(len, X)])[[0, 5, -1]]
    for protein, scores in [(X[i], together[i]) for i in order]:
        [alone] = residue_attribution(model, [protein], target="pig").scores
        np.testing.assert_allclose(alone, scores, atol=1e-5)


def network_solved_by_hand():
    """An LSTM whose only unit copies tanh(tanh(weight of the last token)) to the head.

    Gates: input and output open, forget shut, so that the state is that of the last token alone.
    """
    X = np.array([[2, 3, 0, 0], [3, 2, 0, 0], [2, 2, 0, 0], [3, 3, 0, 0]], dtype=np.uint8)
    classifier = tiny_classifier(
        hidden_size=1, embedding_dim=1, bidirectional=False, pooling="last", max_epochs=1
    ).fit(X, [0, 1, 0, 1])
    module = classifier.net_.module_
    lstm = module.layers[0].forward_lstm
    with torch.no_grad():
        module.embedding.weight[:] = torch.tensor([[0.0], [0.0], [1.0], [-2.0]])
        # Gates come in the order input, forget, cell, output.
        lstm.weight_ih_l0[:] = torch.tensor([[0.0], [0.0], [1.0], [0.0]])
        lstm.weight_hh_l0[:] = 0
        lstm.bias_ih_l0[:] = torch.tensor([30.0, -30.0, 0.0, 30.0])
        lstm.bias_hh_l0[:] = 0
        module.head.weight[:] = torch.tensor([[0.0], [3.0]])
        module.head.bias[:] = torch.tensor([0.0, 0.5])
    return classifier


def test_network_solved_by_hand():
    classifier = network_solved_by_hand()
    X = np.array([[2, 3, 0, 0], [3, 2, 0, 0], [2, 0, 0, 0]])
    by_hand = 3 * np.tanh(np.tanh([-2.0, 1.0, 1.0]))
    for method in ("integrated_gradients", "occlusion"):
        result = residue_attribution(
            classifier, X, target=1, method=method, baseline="unknown", n_steps=200
        )
        np.testing.assert_allclose(result.values, by_hand + 0.5, atol=1e-5)
        np.testing.assert_allclose(result.baselines, 0.5, atol=1e-5)
        last = [scores[-1] for scores in result.scores]
        np.testing.assert_allclose(last, by_hand, atol=1e-4)
        assert [len(scores) for scores in result.scores] == [2, 2, 1]
        np.testing.assert_allclose([scores[0] for scores in result.scores[:2]], 0, atol=1e-6)
    gradient = residue_attribution(
        classifier, X, target=1, method="gradient_x_input", baseline="unknown"
    )
    value = np.tanh(-2.0)
    by_hand = -2 * 3 * (1 - np.tanh(value) ** 2) * (1 - value**2)
    assert gradient.scores[0][-1] == pytest.approx(by_hand, abs=1e-5)
    against = residue_attribution(classifier, X, target=0, baseline="unknown")
    np.testing.assert_allclose(against.scores[0], -result.scores[0], atol=1e-4)


@pytest.mark.parametrize("encoder", [{}, {"k": 3}, {"k": 2, "stride": 2}], ids=str)
def test_occlusion_is_what_a_user_would_do(encoder):
    model = fitted_pipeline(SequenceEncoder(**encoder))
    [protein] = random_proteins(1, seed=1, low=9, high=10)
    [scores] = residue_attribution(model, [protein], target="bird", method="occlusion").scores
    masked = [protein[:i] + "X" + protein[i + 1 :] for i in range(9)]
    expected = odds(model, [protein], "bird") - odds(model, masked, "bird")
    np.testing.assert_allclose(scores, expected, atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("encoder", [(2, 1), (3, 2)], ids=["k=2", "k=3, stride=2"])
def test_kmer_tokens_are_mapped_to_residues(method, encoder):
    k, stride = encoder
    model = fitted_pipeline(SequenceEncoder(k=k, stride=stride))
    X = random_proteins(8, seed=1)
    result = residue_attribution(model, X, method=method)
    assert [len(scores) for scores in result.scores] == [len(protein) for protein in X]
    if method == "integrated_gradients":
        sums = [scores.sum() for scores in result.scores]
        np.testing.assert_allclose(sums, result.values - result.baselines, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_residues_that_were_cut_have_no_score(method):
    model = fitted_pipeline(SequenceEncoder(max_length=4))
    result = residue_attribution(model, ["ACDEFGHIKL"], method=method)
    assert result.scores[0][2:-2].tolist() == [0] * 6
    assert np.all(result.scores[0][[0, 1, -2, -1]] != 0)


@pytest.mark.parametrize("n_residues", [1, 2, 5, 9, 30])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("truncation", ["middle", "right", "left"])
def test_token_spans_point_at_the_residues(n_residues, k, stride, truncation):
    protein = ("ACDEFGHIKLMNPQRSTVWY" * 2)[:n_residues]
    encoder = SequenceEncoder(k=k, stride=stride, max_length=6, truncation=truncation).fit(
        [protein]
    )
    spans = token_spans(encoder, n_residues)
    tokens = encoder.transform([protein])[0]
    assert len(spans) == np.count_nonzero(tokens)
    if n_residues >= k:
        whole = SequenceEncoder(k=k).fit(["ACDEF"])
        pieces = [protein[start:stop] for start, stop in spans.tolist()]
        np.testing.assert_array_equal(whole.transform(pieces)[:, 0], tokens[: len(spans)])


def test_sequences_are_read_as_predict_reads_them():
    model = fitted_pipeline()
    one = residue_attribution(model, ["acdef*"], target="pig")
    other = residue_attribution(model, ["ACDEF"], target="pig")
    assert one.sequences == ["ACDEF"]
    np.testing.assert_array_equal(one.scores[0], other.scores[0])


def test_attribution_frame():
    model = fitted_pipeline()
    frame = residue_attribution(model, ["ACD", "WY"], target="pig").frame()
    assert frame["residue"].tolist() == list("ACDWY")
    assert frame["position"].tolist() == [1, 2, 3, 1, 2]
    assert frame["sequence"].tolist() == [0, 0, 0, 1, 1]
    assert set(frame["target"]) == {"pig"}


def test_bare_classifier_gives_scores_for_tokens():
    X, y = labelled_rows()
    classifier = tiny_classifier().fit(X, y)
    result = residue_attribution(classifier, X[:5])
    assert [len(scores) for scores in result.scores] == np.count_nonzero(X[:5], axis=1).tolist()
    with pytest.raises(TypeError, match="Only proteins can be drawn"):
        result.plot()


def mask(proteins, choose):
    """Make the chosen residues of each protein unknown."""
    masked = []
    for number, protein in enumerate(proteins):
        letters = np.array(list(protein))
        letters[choose(number)] = "X"
        masked.append("".join(letters))
    return masked


def test_masking_what_is_attributed_takes_the_answer_away(motif_model):
    X, y = make_motif_position(80, random_state=2)
    right = motif_model.predict(X) == y
    X, y = [protein for protein, is_right in zip(X, right) if is_right], y[right]
    assert len(X) > 72
    scores = residue_attribution(motif_model, X).scores
    rng = np.random.RandomState(0)
    lost = {}
    for name, choose in {
        "most attributed": lambda i: np.argsort(-scores[i])[:8],
        "random": lambda i: rng.permutation(len(scores[i]))[:8],
    }.items():
        probabilities = motif_model.predict_proba(mask(X, choose))
        codes = np.searchsorted(motif_model.classes_, y)
        lost[name] = np.mean(probabilities[np.arange(len(X)), codes] < 0.5)
    assert lost["most attributed"] >= 0.9
    assert lost["random"] <= 0.15


def test_attribution_finds_the_motif(motif_model):
    X, _ = make_motif_position(40, random_state=2)
    scores = residue_attribution(motif_model, X).scores
    starts = [int(np.convolve(values, np.ones(8), "valid").argmax()) for values in scores]
    found = [abs(start - protein.index(MOTIF)) <= 2 for start, protein in zip(starts, X)]
    assert np.mean(found) >= 0.9


def test_top_window_is_the_motif(motif_model):
    X, _ = make_motif_position(40, random_state=2)
    windows = top_windows(motif_model, X)
    best = windows.windows[0]
    assert any(MOTIF[i : i + n] in best for n in (6, 7, 8) for i in range(9 - n)), windows.frame()
    assert windows.counts.sum() == 40
    assert (np.diff(windows.counts) <= 0).all()


def test_windows_are_counted_and_ranked():
    model = fitted_pipeline()
    # Whatever the model finds: WW twice, and a window once in each of two others.
    X = ["WWWW", "WWW", "ACDE", "FGHI", "W"]
    how = {"target": "pig", "method": "occlusion"}
    found = {}
    for protein, scores in zip(X[:4], residue_attribution(model, X[:4], **how).scores):
        sums = [scores[i] + scores[i + 1] for i in range(len(protein) - 1)]
        start = int(np.argmax(sums))
        found.setdefault(protein[start : start + 2], []).append(sums[start])
    assert sorted(len(sums) for sums in found.values()) == [1, 1, 2]
    expected = sorted(found, key=lambda window: (-len(found[window]), -np.mean(found[window])))
    for windows in (
        top_windows(model, X, k=2, **how),
        TopWindowsDisplay.from_estimator(model, X, k=2, **how).top_windows,
    ):
        assert windows.windows == expected
        assert windows.counts.tolist() == [len(found[window]) for window in expected]
        np.testing.assert_allclose(windows.scores, [np.mean(found[window]) for window in expected])


# Scans.


def test_position_scan_answers_the_question(motif_model):
    background = random_proteins(1, seed=5, low=40, high=41)[0]
    scan = position_scan(motif_model, MOTIF, background)
    assert scan.positions.tolist() == list(range(1, 42))
    human = scan.probabilities[:, scan.classes.tolist().index("human")]
    assert human[0] > 0.9
    assert human[-1] > 0.9
    assert (human[16:26] < 0.1).all()
    np.testing.assert_allclose(
        scan.probabilities[[7]],
        motif_model.predict_proba([background[:7] + MOTIF + background[7:]]),
        atol=1e-6,
    )
    assert list(scan.frame()) == ["position", "dog", "human", "neither"]


def test_position_scan_at_chosen_positions():
    model = fitted_pipeline()
    scan = position_scan(model, "ww", "ACDEF", positions=[6, 1])
    expected = model.predict_proba(["ACDEFWW", "WWACDEF"])
    np.testing.assert_allclose(scan.probabilities, expected, atol=1e-6)
    with pytest.raises(ValueError, match="Position 7 is outside: the motif can begin at 1 to 6"):
        position_scan(model, "W", "ACDEF", positions=[3, 7])


def test_stop_codons_of_motif_and_background_are_dropped():
    model = fitted_pipeline(max_epochs=1)
    scan = position_scan(model, "ww*", "acd*")
    assert (scan.motif, scan.background) == ("WW", "ACD")
    expected = model.predict_proba(["WWACD", "AWWCD", "ACWWD", "ACDWW"])
    np.testing.assert_allclose(scan.probabilities, expected, atol=1e-6)


def test_mutation_scan():
    model = fitted_pipeline()
    scan = mutation_scan(model, "acDE*", target="pig")
    pig = model.classes_.tolist().index("pig")
    own = model.predict_proba(["ACDE"])[0, pig]
    assert scan.probability == pytest.approx(own)
    changed = model.predict_proba(["ACWE"])[0, pig]
    assert scan.effects[scan.residues.index("W"), 2] == pytest.approx(changed - own, abs=1e-6)
    for column, residue in enumerate("ACDE"):
        assert scan.effects[scan.residues.index(residue), column] == 0
    assert len(scan.frame()) == 4 * 19
    assert np.abs(scan.effects).max() > 0


# Memory.


@pytest.mark.parametrize("params", [{}, {"bidirectional": False}], ids=["two ways", "one way"])
@pytest.mark.parametrize(
    "encoder",
    [{}, {"k": 3}, {"k": 2, "stride": 2}, {"max_length": 5}],
    ids=["residues", "3-mers", "2-mers, stride 2", "cut"],
)
def test_trace_is_the_prediction_of_each_prefix_and_suffix(params, encoder):
    pooling = ("last", "max", "mean", "attention")
    model = fitted_pipeline(SequenceEncoder(**encoder), num_layers=2, pooling=pooling, **params)
    protein = random_proteins(1, seed=3, low=12, high=13)[0]
    trace = memory_trace(model, protein.lower() + "*")
    prefixes = [protein[: i + 1] for i in range(12)]
    suffixes = [protein[i:] for i in range(12)]
    np.testing.assert_allclose(trace.forward, model.predict_proba(prefixes), atol=1e-6)
    np.testing.assert_allclose(trace.backward, model.predict_proba(suffixes), atol=1e-6)
    assert np.ptp(trace.forward, axis=0).max() > 1e-4
    frame = trace.frame()
    assert frame["residue"].tolist() == list(protein) * 2
    assert frame["direction"].tolist() == ["forward"] * 12 + ["backward"] * 12


def test_norms_are_those_of_the_states():
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


def test_horizon_of_a_network_that_only_knows_the_last_residue():
    model = make_pipeline(SequenceEncoder().fit(["ACAC"]), network_solved_by_hand())
    for end, place in (("C-terminus", 0), ("N-terminus", 3)):
        horizon = memory_horizon(model, ["ACAC", "CACA"], end=end)
        others = np.delete(horizon.effects, place)
        assert horizon.effects[place] > 0.1
        np.testing.assert_allclose(others, 0, atol=1e-6)
        assert horizon.n_proteins.tolist() == [2, 2, 2, 2]
    with pytest.raises(ValueError, match="end='middle' must be 'C-terminus' or 'N-terminus'"):
        memory_horizon(model, ["AC"], end="middle")


class FirstAndSecond(np.random.RandomState):
    """Draws the first and the second of what there is, one after the other."""

    def randint(self, high):
        self.last = 1 - getattr(self, "last", 1)
        return self.last


def test_horizon_is_the_mean_change_of_the_log_odds():
    model = fitted_pipeline()
    horizon = memory_horizon(model, ["ACDE", "WY"], random_state=FirstAndSecond())
    expected = []
    for protein, variants in (
        ("ACDE", ["CCDE", "ADDE", "ACAE", "ACDC"]),
        ("WY", ["AY", "WC"]),
    ):
        [label] = model.predict([protein])
        change = odds(model, variants, label) - odds(model, [protein], label)
        expected.append(np.abs(change)[::-1])
    by_distance = [*(np.add(expected[0][:2], expected[1]) / 2), *expected[0][2:]]
    np.testing.assert_allclose(horizon.effects, by_distance, atol=1e-4)
    assert horizon.n_proteins.tolist() == [2, 2, 1, 1]


def test_a_substitute_has_another_token():
    two = Alphabet("two", groups=("ACDEF", "GHIKLMNPQRSTVWY"))
    model = fitted_pipeline(SequenceEncoder(alphabet=two))
    # C, D and F share the token of A, which stands for them all.
    assert (memory_horizon(model, ["CDF", "fdc"]).effects > 0).all()
    one = Alphabet("one", groups=("ACDEFGHIKLMNPQRSTVWY",))
    model = fitted_pipeline(SequenceEncoder(alphabet=one), max_epochs=1)
    assert memory_horizon(model, ["ACD"]).effects.tolist() == [0, 0, 0]


def test_trace_asks_the_network_whether_it_reads_one_way():
    model = deepcopy(fitted_pipeline(max_epochs=1))
    expected = memory_trace(model, "ACD").forward
    model.set_params(lstm__bidirectional=False)
    np.testing.assert_array_equal(memory_trace(model, "ACD").forward, expected)


# Pictures hold the numbers.


def test_curves():
    model = fitted_pipeline()
    trace = memory_trace(model, "ACDEFGHIKLM")
    ax = trace.plot().ax_
    for line, values in zip(ax.lines, trace.forward.T):
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["bird", "human", "pig"]
    assert [label.get_text() for label in ax.get_xticklabels()][8:10] == ["K", "L\n10"]
    assert trace.plot(direction="backward").ax_.xaxis_inverted()
    with pytest.raises(ValueError, match="direction='up' must be"):
        trace.plot(direction="up")
    ax = memory_horizon(model, ["ACD"]).plot().ax_
    assert ax.get_ylabel() == "mean change of the log-odds"
    assert ax.get_legend() is None


def test_curves_of_many_classes_and_of_one_point_can_be_seen():
    X = random_proteins(60)
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(X, [protein[0] for protein in X])
    lines = memory_trace(model, "ACD").plot().ax_.lines
    assert len(lines) > 8
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(lines)
    assert {line.get_marker() for line in lines} == {"None"}
    assert memory_trace(model, "A").plot().ax_.lines[0].get_marker() == "o"


def test_map_of_a_protein_without_known_residues():
    ax = mutation_scan(fitted_pipeline(max_epochs=1), "XB").plot().ax_
    assert not ax.lines
    assert ax.get_yticklabels()[0].get_text() == "A"


def test_pictures_of_residues():
    model = fitted_pipeline(SequenceEncoder(max_length=150))
    scan = mutation_scan(model, "ACDE")
    ax = scan.plot().ax_
    np.testing.assert_array_equal(ax.images[0].get_array(), scan.effects)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(scan.residues)
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3, 4]
    assert [scan.residues[int(row)] for row in ax.lines[0].get_ydata()] == list("ACDE")
    protein = random_proteins(1, low=130, high=131)[0]
    assert not mutation_scan(model, protein).plot().ax_.lines
    result = residue_attribution(model, ["AC", protein], target="pig")
    display = result.plot(1)
    image = display.ax_.images[0]
    np.testing.assert_allclose(np.ravel(image.get_array())[:130], result.scores[1])
    assert image.get_array().shape == (3, 60)
    assert "".join(text.get_text() for text in display.ax_.texts) == protein
    legend = display.figure_.axes[1].get_xlabel()
    assert legend == "log-odds: above 0 speaks for pig, below 0 against it"
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["1", "61", "121"]


def test_logo():
    windows = top_windows(fitted_pipeline(), ["WWAA", "WWCA", "AAWW"], k=2, target="pig")
    ax = windows.plot().ax_
    assert ax.get_ylabel() == "bits"
    # Four windows WA and four WC: a certain letter tells log2(20) bits, one of two a bit less.
    heights = _information(["WA", "WC"], np.array([4, 4]))
    np.testing.assert_allclose(heights["W"], [np.log2(20), 0])
    np.testing.assert_allclose(heights["A"], [0, (np.log2(20) - 1) / 2])
    np.testing.assert_allclose(heights["C"], heights["A"])
    assert len(ax.patches) == sum(len(set(column)) for column in zip(*windows.windows))


def test_logo_without_logomaker(monkeypatch):
    windows = top_windows(fitted_pipeline(max_epochs=1), ["WWAA"], k=2)
    monkeypatch.setitem(sys.modules, "logomaker", None)
    message = re.escape(
        'A logo needs logomaker. Install it with pip install "sklearn-protlstm[logo]"'
    )
    with pytest.raises(ImportError, match=message):
        windows.plot()


@pytest.mark.parametrize(
    ("display", "arguments"),
    [
        (MemoryTraceDisplay, ("ACD",)),
        (MemoryHorizonDisplay, (["ACD", "AC"],)),
        (PositionScanDisplay, ("W", "ACD")),
        (MutationScanDisplay, ("ACD",)),
        (ResidueAttributionDisplay, ("ACD",)),
        (TopWindowsDisplay, (["ACDEFGHIK"],)),
    ],
)
def test_displays_draw_where_they_are_told_to(display, arguments):
    _, ax = plt.subplots()
    drawn = display.from_estimator(fitted_pipeline(max_epochs=1), *arguments, ax=ax)
    assert isinstance(drawn, display)
    assert drawn.ax_ is ax
    assert drawn.figure_ is ax.figure
    assert ax.has_data()


def test_displays_hand_their_arguments_on():
    model = fitted_pipeline()
    horizon = MemoryHorizonDisplay.from_estimator(
        model, ["ACDE"], end="N-terminus", random_state=5
    ).horizon
    same = memory_horizon(model, ["ACDE"], end="N-terminus", random_state=5)
    np.testing.assert_array_equal(horizon.effects, same.effects)
    assert horizon.end == "N-terminus"
    assert MemoryTraceDisplay.from_estimator(
        model, "ACD", direction="backward"
    ).ax_.xaxis_inverted()
    scan = PositionScanDisplay.from_estimator(model, "W", "ACD", positions=[4, 2]).scan
    assert scan.positions.tolist() == [4, 2]
    targets = {"bird", "human", "pig"} - set(model.predict(["ACD"]))
    for target in targets:
        assert MutationScanDisplay.from_estimator(model, "ACD", target=target).scan.target == target
    attribution = ResidueAttributionDisplay.from_estimator(
        model, "ACD", target=target, method="occlusion"
    ).attribution
    assert (attribution.method, attribution.targets.tolist()) == ("occlusion", [target])


# Models and arguments that are refused.


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (make_kmer_baseline(), "KmerVectorizer -> TfidfTransformer -> LogisticRegression"),
        (
            make_pipeline(SequenceEncoder(), FunctionTransformer(), tiny_classifier()),
            "SequenceEncoder -> FunctionTransformer -> ProtLSTMClassifier",
        ),
        (make_pipeline(FunctionTransformer(), tiny_classifier()), "FunctionTransformer -> Prot"),
        (GridSearchCV(tiny_classifier(), {}), "GridSearchCV"),
        (SequenceEncoder(), "SequenceEncoder"),
        (Pipeline([("nothing", "passthrough")]), "Pipeline"),
    ],
)
def test_other_models_are_refused(model, names):
    with pytest.raises(TypeError, match=f"Cannot look into {names}") as error:
        residue_attribution(model, ["ACD"])
    assert "Of a search, give best_estimator_" in str(error.value)


def test_unfitted_models_are_refused():
    with pytest.raises(NotFittedError):
        residue_attribution(make_pipeline(SequenceEncoder(), tiny_classifier()), ["ACD"])
    classifier = fitted_pipeline(max_epochs=1)[-1]
    with pytest.raises(NotFittedError, match="This SequenceEncoder instance is not fitted yet"):
        mutation_scan(make_pipeline(SequenceEncoder(), classifier), "ACD")


def test_scans_need_an_encoder():
    X, y = labelled_rows()
    classifier = tiny_classifier().fit(X, y)
    for call in (
        lambda: memory_trace(classifier, "ACD"),
        lambda: memory_horizon(classifier, ["ACD"]),
        lambda: position_scan(classifier, "A", "ACD"),
        lambda: mutation_scan(classifier, "ACD"),
        lambda: top_windows(classifier, ["ACD"]),
    ):
        with pytest.raises(TypeError, match="a bare ProtLSTMClassifier reads token numbers"):
            call()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "cat"}, "target='cat' is no class of the model: ['bird', 'human', 'pig']"),
        # One target for each protein is not what is taken.
        ({"target": ["pig"]}, "target=['pig'] is no class of the model: ['bird', 'human', 'pig']"),
        ({"target": ["pig", "a", "b"]}, "target=['pig', 'a', 'b'] is no class of the model"),
        ({"target": pandas.NA}, "target=<NA> is no class of the model"),
        (
            {"method": "magic"},
            "method='magic' is not known. Choose one of ['integrated_gradi",
        ),
        (
            {"baseline": "zero"},
            "baseline='zero' is not known. Choose one of ['shuffled', 'unkn",
        ),
        ({"n_steps": 0}, "n_steps=0 must be a whole number of 1 or more"),
        ({"n_steps": True}, "n_steps=True must be a whole number of 1 or more"),
        ({"random_state": "a"}, "'a' cannot be used to seed"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        residue_attribution(fitted_pipeline(max_epochs=1), ["ACD"], **arguments)


@pytest.mark.parametrize(
    ("k", "message"),
    [
        (0, "k=0 must be a whole number"),
        (True, "k=True must be a whole number"),
        (4, "k=4 is longer than every protein; the longest has 3 residues"),
    ],
)
def test_bad_windows(k, message):
    with pytest.raises(ValueError, match=message):
        top_windows(fitted_pipeline(max_epochs=1), ["ACD"], k=k)


@pytest.mark.parametrize(
    "positions",
    [3, [], [1.0], ["1"], [True], [[1, 2]], [None], {1}, pytest.param(iter([1]), id="iterator")],
    ids=repr,
)
def test_positions_are_whole_numbers(positions):
    message = "must be a list or array of one or more whole numbers, such as [1, 4]"
    with pytest.raises(ValueError, match=re.escape(message)):
        position_scan(fitted_pipeline(max_epochs=1), "WW", "ACD", positions=positions)


def single_calls(model):
    return (
        lambda protein: memory_trace(model, protein),
        lambda protein: mutation_scan(model, protein),
        lambda protein: position_scan(model, protein, "ACD"),
        lambda protein: position_scan(model, "W", protein),
    )


def test_one_protein_is_wanted():
    for call, name in zip(
        single_calls(fitted_pipeline(max_epochs=1)),
        ("sequence", "sequence", "motif", "background"),
    ):
        message = f"{name}=['ACD'] of type list is not one protein: give a str, bytes"
        with pytest.raises(TypeError, match=re.escape(message)):
            call(["ACD"])
        with pytest.raises(InvalidResidueError, match="symbol '1' at residue 2") as error:
            call("A1C")
        assert error.value.__notes__ == [f"Sequence 0 is the argument {name!r}"]
        with pytest.raises(EmptySequenceError):
            call("*")


def test_errors_name_the_record():
    model = fitted_pipeline(max_epochs=1)
    for call in (memory_horizon, residue_attribution, top_windows):
        with pytest.raises(InvalidResidueError, match="Sequence 1: symbol '-' at residue 2"):
            call(model, ["ACD", "A-C"])
        with pytest.raises(EmptySequenceError, match="Sequence 1 is empty"):
            call(model, ["ACD", "*"])


def test_cut_proteins_are_counted_once():
    model = fitted_pipeline(max_epochs=1)
    long = random_proteins(2, low=30, high=31)
    many = (memory_horizon, residue_attribution, top_windows)
    calls = [(lambda call=call: call(model, long), 2) for call in many]
    calls += [(lambda call=call: call(long[0]), 1) for call in single_calls(model)[:2]]
    calls += [(lambda: position_scan(model, "W", long[0], positions=[1, 2, 3]), 3)]
    for call, n_truncated in calls:
        with pytest.warns(TruncationWarning) as caught:
            call()
        assert [warning.message.n_truncated for warning in caught] == [n_truncated]


def test_masked_symbols_outside_ascii_are_one_residue():
    model = fitted_pipeline(SequenceEncoder(handle_unknown="mask"))
    # Upper case of the sharp s has two letters.
    result = residue_attribution(model, ["a-ß"], method="occlusion")
    assert [len(scores) for scores in result.scores] == [3]
    assert result.scores[0][0] != 0
    assert result.scores[0][1:].tolist() == [0, 0]


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_attribution_where_gradients_are_switched_off(mode):
    model = fitted_pipeline(max_epochs=1)
    [expected] = residue_attribution(model, ["ACD"]).scores
    with mode():
        [scores] = residue_attribution(model, ["ACD"]).scores
    np.testing.assert_array_equal(scores, expected)


@pytest.fixture
def _four_threads(set_threads):
    set_threads(4)


# With several threads, which must not restore each other's switches.
@pytest.mark.usefixtures("_four_threads")
def test_looking_changes_nothing():
    model = fitted_pipeline(max_epochs=1)
    weights, mine = weights_of(model[-1]), torch.get_rng_state()
    numpy_state = np.random.get_state()[1].copy()
    enabled = torch.backends.cudnn.enabled
    X = random_proteins(400, seed=7)
    residue_attribution(model, X, n_steps=1, random_state=np.random.RandomState(3))
    memory_trace(model, "ACD")
    memory_horizon(model, ["ACD"])
    mutation_scan(model, "ACD")
    for name, values in weights_of(model[-1]).items():
        np.testing.assert_array_equal(values, weights[name])
    assert torch.equal(torch.get_rng_state(), mine)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)
    assert torch.backends.cudnn.enabled is enabled
