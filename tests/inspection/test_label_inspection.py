"""Inspections of a multi-label model explain one label, whatever the other labels are."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from inspected_models import last_token_labels, random_proteins
from scipy.special import expit, logit
from sklearn.pipeline import make_pipeline
from tiny_models import HOSTS, tiny_classifier

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm.inspection import (
    MemoryTrace,
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)
from sklearn_protlstm.inspection._captions import describe_prediction

# State of the network that is solved by hand, after the residues A and C.
STATE = {"A": np.tanh(np.tanh(1.0)), "C": np.tanh(np.tanh(-2.0))}


def logits_of(residue):
    """Logits of bird, human and pig after this residue."""
    return np.array([3 * STATE[residue] + 0.5, -2 * STATE[residue], 1.0])


def hand_solved(**params):
    return make_pipeline(SequenceEncoder().fit(["ACAC"]), last_token_labels().set_params(**params))


def trained(**params):
    """A network that learned three labels, of which two can come together."""
    X = random_proteins(60)
    y = np.array([[ord(protein[i]) % 2 for i in (0, 1, 2)] for protein in X])
    return make_pipeline(SequenceEncoder(), tiny_classifier(**params)).fit(X, y)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


# Attribution.


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_scores_add_up_to_the_logit_of_the_label(method):
    X = ["AC", "CA", "A"]
    for column, label in enumerate(HOSTS):
        result = residue_attribution(
            hand_solved(), X, target=label, method=method, baseline="unknown", n_steps=200
        )
        values = np.array([logits_of(protein[-1])[column] for protein in X])
        bias = [0.5, 0, 1][column]
        np.testing.assert_allclose(result.values, values, atol=1e-5)
        np.testing.assert_allclose(result.baselines, bias, atol=1e-5)
        last = [scores[-1] for scores in result.scores]
        np.testing.assert_allclose(last, values - bias, atol=1e-4)
        np.testing.assert_allclose([scores[0] for scores in result.scores[:2]], 0, atol=1e-6)
        assert set(result.targets) == {label}


def test_gradient_x_input_is_that_of_the_logit():
    result = residue_attribution(
        hand_solved(), ["AC"], target="human", method="gradient_x_input", baseline="unknown"
    )
    value = np.tanh(-2.0)
    by_hand = -2 * -2 * (1 - np.tanh(value) ** 2) * (1 - value**2)
    assert result.scores[0][-1] == pytest.approx(by_hand, abs=1e-5)


def test_default_target_is_the_most_probable_label():
    result = residue_attribution(hand_solved(), ["CA", "AC"])
    assert result.targets.tolist() == ["bird", "human"]
    np.testing.assert_allclose(result.values, [logits_of("A")[0], logits_of("C")[1]], atol=1e-5)


@pytest.mark.parametrize("params", [{}, {"window": 4, "num_layers": 2}], ids=str)
def test_labels_of_a_matrix_are_named_by_their_columns(params):
    model = trained(**params)
    X = random_proteins(6, seed=1)
    result = residue_attribution(model, X, target=1, n_steps=8)
    sums = [scores.sum() for scores in result.scores]
    np.testing.assert_allclose(sums, result.values - result.baselines, atol=1e-4)
    expected = logit(model.predict_proba(X)[:, 1].astype(float))
    np.testing.assert_allclose(result.values, expected, atol=1e-4)


def test_windows_of_a_protein_have_the_mean_of_their_logits():
    model = hand_solved(window=2, window_step=1)
    # The windows of ACAA end in C, A and A.
    means = (logits_of("C") + 2 * logits_of("A")) / 3
    np.testing.assert_allclose(model.predict_proba(["ACAA"]), [expit(means)], atol=1e-6)
    result = residue_attribution(model, ["ACAA"], target="bird", baseline="unknown", n_steps=200)
    np.testing.assert_allclose(result.values, means[0], atol=1e-5)
    by_hand = np.array([0, STATE["C"], STATE["A"], STATE["A"]])
    np.testing.assert_allclose(result.scores[0], by_hand, atol=1e-4)
    occluded = residue_attribution(model, ["ACAA"], target="bird", method="occlusion")
    np.testing.assert_allclose(occluded.scores[0], by_hand, atol=1e-5)


@pytest.mark.parametrize("target", ["cat", ["bird"]], ids=repr)
@pytest.mark.parametrize("inspect", [residue_attribution, mutation_scan])
def test_other_targets_are_refused(inspect, target):
    X = ["AC"] if inspect is residue_attribution else "AC"
    message = (
        f"target={target!r} is not a label of the model. Use one of ['bird', 'human', 'pig'], or "
        "None for the most probable label"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        inspect(hand_solved(), X, target=target)


def test_top_windows_take_the_label():
    model = hand_solved()
    params = {"k": 1, "method": "occlusion"}
    assert top_windows(model, ["AC", "CC"], target="human", **params).windows == ["C"]
    scores = top_windows(model, ["AC", "CC"], target="human", **params).scores
    np.testing.assert_allclose(scores, -2 * STATE["C"], atol=1e-5)
    caption = top_windows(model, ["AC"], **params).caption
    assert caption.startswith("Best window of 1 protein for the most probable label\n")


# Scans, traces and horizons.


def test_mutation_scan_changes_the_probability_of_the_label():
    for column, label in enumerate(HOSTS):
        scan = mutation_scan(hand_solved(), "CA", target=label)
        before, after = expit(logits_of("A"))[column], expit(logits_of("C"))[column]
        assert scan.probability == pytest.approx(before, abs=1e-6)
        assert scan.effects[scan.residues.index("C"), 1] == pytest.approx(after - before, abs=1e-6)
        np.testing.assert_allclose(scan.effects[:, 0], 0, atol=1e-6)
    assert mutation_scan(hand_solved(), "AC").target == "human"


def test_position_scan_has_the_probabilities_of_all_labels():
    scan = position_scan(hand_solved(), "C", "AA")
    expected = expit([logits_of("A"), logits_of("A"), logits_of("C")])
    np.testing.assert_allclose(scan.probabilities, expected, atol=1e-6)
    assert [line.get_label() for line in scan.plot().axes[0].lines] == HOSTS.tolist()


def test_trace_follows_the_probability_of_each_label():
    trace = memory_trace(hand_solved(), "ACA")
    np.testing.assert_allclose(trace.forward, expit([*map(logits_of, "ACA")]), atol=1e-6)
    np.testing.assert_allclose(trace.backward, expit([logits_of("A")] * 3), atol=1e-6)
    assert repr(trace) == "MemoryTrace(3 residues, 3 labels)"
    assert list(trace.frame())[3:] == ["bird", "human", "pig"]
    assert len(trace.plot().axes[0].lines) == 3


@pytest.mark.parametrize("params", [{"bidirectional": False, "pooling": "mean"}, {}], ids=str)
def test_trace_of_a_trained_network_equals_its_predictions(params):
    model = trained(**params)
    trace = memory_trace(model, "ACDEFGH")
    prefixes = ["ACDEFGH"[: i + 1] for i in range(7)]
    np.testing.assert_allclose(trace.forward, model.predict_proba(prefixes), atol=1e-6)
    assert not np.allclose(trace.forward.sum(axis=1), 1)


def test_horizon_is_the_change_of_the_logit_of_the_most_probable_label():
    # The seed draws substitutes other than A and C. They read as unknown.
    model = make_pipeline(SequenceEncoder().fit(["ACAC"]), last_token_labels())
    horizon = memory_horizon(model, ["CA", "AC"], random_state=np.random.RandomState(1))
    assert horizon.effects[1] == pytest.approx(0, abs=1e-6)
    expected = (3 * STATE["A"] - 2 * STATE["C"]) / 2
    assert horizon.effects[0] == pytest.approx(expected, abs=1e-5)


# Captions and plots.


@pytest.mark.parametrize(
    ("probabilities", "text"),
    [
        ([0.2, 0.5, 0.004], "predicted no label (most probable: human, 0.50)"),
        ([0.2, 0.1, 0.7], "predicted label pig (0.70)"),
        ([0.6, 0.1, 0.999], "predicted labels pig (above 0.99), bird (0.60)"),
        (
            [0.6, 0.1, 0.9, 0.7, 0.8],
            "predicted labels pig (0.90), fly (0.80), dog (0.70), and 1 more",
        ),
    ],
)
def test_caption_lists_the_predicted_labels(probabilities, text):
    labels = np.array([*HOSTS, "dog", "fly"])
    assert describe_prediction(labels, np.array(probabilities), multilabel=True) == text


def test_captions_of_all_inspections_list_the_labels():
    model = hand_solved()
    p = expit(logits_of("A"))
    first = f"spike: predicted labels bird ({p[0]:.2f}), pig ({p[2]:.2f})"
    for caption in (
        memory_trace(model, "CA", name="spike").caption,
        mutation_scan(model, "CA", name="spike").caption,
        position_scan(model, "C", "CA", name="spike").caption,
        residue_attribution(model, ["CA"], names=["spike"]).captions[0],
    ):
        assert caption.splitlines()[0] == first


def trace_of_labels(forward):
    forward = np.array(forward)
    states = np.zeros((1, len(forward), 1))
    labels = np.array(["ape", "bat", "cat", "dog", "elk"])
    return MemoryTrace("ACD", labels, forward, forward, states, states, "", multilabel=True)


def test_plot_colours_all_predicted_labels():
    trace = trace_of_labels(
        [[0.9, 0.1, 0.1, 0.1, 0.6], [0.8, 0.1, 0.1, 0.1, 0.4], [0.7, 0.1, 0.8, 0.9, 0.4]]
    )
    [ax] = trace.plot().axes
    labels = [line.get_label() for line in ax.lines]
    assert labels[:4] == ["ape", "cat", "dog", "2 other labels"]
    # A label with a high probability is named, although another one has a higher probability.
    assert [text.get_text() for text in ax.texts] == ["elk"]


def test_plot_colours_two_labels_if_none_is_predicted():
    [ax] = trace_of_labels([[0.1, 0.2, 0.3, 0.4, 0.45]] * 3).plot().axes
    labels = [line.get_label() for line in ax.lines]
    assert labels[:3] == ["dog", "elk", "3 other labels"]
