"""Scores of residues add up, agree with a network solved by hand, and belong to their residues."""

import re

import numpy as np
import pandas
import pytest
import torch
from inspected_models import (
    fitted_pipeline,
    last_token_classifier,
    predicted_log_odds,
    random_proteins,
)
from tiny_models import labelled_rows, tiny_classifier

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm._encoding.tokens import token_spans
from sklearn_protlstm.inspection import residue_attribution, top_windows

METHODS = ["integrated_gradients", "occlusion", "gradient_x_input"]
POOLINGS = [
    "last",
    "max",
    "mean",
    "attention",
    "light_attention",
    ("last", "max", "mean", "attention", "light_attention"),
]


# Integrated gradients and baselines.


@pytest.mark.slow
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(
    "params",
    [{}, {"num_layers": 2, "bidirectional": False}],
    ids=["one layer", "two layers, unidirectional"],
)
def test_integrated_gradients_add_up_to_the_difference(pooling, params):
    model = fitted_pipeline(pooling=pooling, **params)
    X = random_proteins(12, seed=1)
    result = residue_attribution(model, X, target="human", baseline="unknown")
    sums = np.array([scores.sum() for scores in result.scores])
    np.testing.assert_allclose(sums, result.values - result.baselines, atol=1e-4)
    assert np.abs(sums).max() > 0.01
    assert [len(scores) for scores in result.scores] == [len(protein) for protein in X]
    np.testing.assert_allclose(result.values, predicted_log_odds(model, X, "human"), atol=1e-3)
    unknown = ["X" * len(protein) for protein in X]
    expected = predicted_log_odds(model, unknown, "human")
    np.testing.assert_allclose(result.baselines, expected, atol=1e-3)


@pytest.mark.parametrize("baseline", ["shuffled", "unknown"])
def test_more_steps_leave_smaller_residuals(baseline):
    # No max pooling: with a continuous gradient the raw scores converge to the full sum.
    model = fitted_pipeline(pooling=("last", "mean", "attention"))
    X = random_proteins(12, seed=1)
    largest = [
        np.abs(residue_attribution(model, X, baseline=baseline, n_steps=n).residuals).max()
        for n in (8, 128)
    ]
    assert largest[1] < largest[0]
    assert largest[1] < 1e-3


def test_shuffling_equal_residues_gives_zero_scores():
    result = residue_attribution(fitted_pipeline(), ["WWWWWW", "AAA"])
    np.testing.assert_allclose(np.concatenate(result.scores), 0, atol=1e-5)
    np.testing.assert_allclose(result.values, result.baselines, atol=1e-5)


def test_random_state_determines_the_shuffled_baseline():
    model = fitted_pipeline()
    X = random_proteins(6, seed=1)
    one, same, other = (
        np.concatenate(residue_attribution(model, X, target="human", random_state=seed).scores)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_shuffled_baseline_lies_between_the_orders_of_two_residues():
    model = fitted_pipeline()
    both = predicted_log_odds(model, ["AC", "CA"], "pig")
    [value] = residue_attribution(model, ["AC"], target="pig").baselines
    assert both.min() <= value <= both.max()


# All methods.


def test_default_target_is_the_predicted_class():
    model = fitted_pipeline()
    X = random_proteins(12, seed=1)
    result = residue_attribution(model, X)
    np.testing.assert_array_equal(result.targets, model.predict(X))


def test_scores_do_not_depend_on_other_proteins():
    model = fitted_pipeline()
    X = random_proteins(12, seed=1)
    together = residue_attribution(model, X, target="pig").scores
    shortest, middle, *_, longest = np.argsort([len(protein) for protein in X])[[0, 5, -1]]
    for i in (shortest, middle, longest):
        [alone] = residue_attribution(model, [X[i]], target="pig").scores
        np.testing.assert_allclose(alone, together[i], atol=1e-5)


def test_scores_agree_with_a_network_solved_by_hand():
    classifier = last_token_classifier()
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
    against = residue_attribution(classifier, X, target=0, baseline="unknown")
    np.testing.assert_allclose(against.scores[0], -result.scores[0], atol=1e-4)


def test_gradient_x_input_agrees_with_a_network_solved_by_hand():
    result = residue_attribution(
        last_token_classifier(),
        np.array([[2, 3, 0, 0]]),
        target=1,
        method="gradient_x_input",
        baseline="unknown",
    )
    value = np.tanh(-2.0)
    by_hand = -2 * 3 * (1 - np.tanh(value) ** 2) * (1 - value**2)
    assert result.scores[0][-1] == pytest.approx(by_hand, abs=1e-5)


@pytest.mark.parametrize("encoder", [{}, {"k": 3}, {"k": 2, "stride": 2}], ids=str)
def test_occlusion_equals_the_loss_when_a_residue_is_masked(encoder):
    model = fitted_pipeline(SequenceEncoder(**encoder))
    [protein] = random_proteins(1, seed=1, low=9, high=10)
    [scores] = residue_attribution(model, [protein], target="bird", method="occlusion").scores
    masked = [protein[:i] + "X" + protein[i + 1 :] for i in range(9)]
    original = predicted_log_odds(model, [protein], "bird")
    expected = original - predicted_log_odds(model, masked, "bird")
    # With a stride of 2, no token contains the last residue.
    read = np.arange(9) < (8 if encoder == {"k": 2, "stride": 2} else 9)
    np.testing.assert_allclose(scores[read], expected[read], atol=1e-3)
    assert np.isnan(scores[~read]).all()
    np.testing.assert_allclose(expected[~read], 0, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("k", "stride"), [(2, 1), (3, 2)])
def test_scores_of_kmer_tokens_are_mapped_to_residues(method, k, stride):
    model = fitted_pipeline(SequenceEncoder(k=k, stride=stride))
    X = random_proteins(8, seed=1)
    result = residue_attribution(model, X, method=method)
    assert [len(scores) for scores in result.scores] == [len(protein) for protein in X]
    if method == "integrated_gradients":
        sums = [np.nansum(scores) for scores in result.scores]
        np.testing.assert_allclose(sums, result.values - result.baselines, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("encoder", "unread"),
    [
        ({"max_length": 4}, [2, 3, 4, 5, 6, 7]),
        ({"max_length": 4, "truncation": "right"}, [4, 5, 6, 7, 8, 9]),
        ({"max_length": 4, "truncation": "left"}, [0, 1, 2, 3, 4, 5]),
        ({"max_length": 3, "k": 2}, [3, 4, 5, 6, 7]),
        ({"k": 2, "stride": 3}, [2, 5, 8, 9]),
        ({"k": 3, "stride": 2}, [9]),
        ({"k": 2}, []),
    ],
    ids=str,
)
def test_residues_that_are_not_read_have_no_score(method, encoder, unread):
    model = fitted_pipeline(SequenceEncoder(**encoder))
    result = residue_attribution(model, ["ACDEFGHIKL"], method=method)
    assert np.flatnonzero(np.isnan(result.scores[0])).tolist() == unread
    assert np.nanmax(np.abs(result.scores[0])) > 0
    assert np.flatnonzero(result.frame()["score"].isna()).tolist() == unread


def test_scores_of_a_truncated_protein_add_up_over_the_residues_that_are_read():
    model = fitted_pipeline(SequenceEncoder(max_length=4))
    result = residue_attribution(model, ["ACDEFGHIKL"])
    difference = result.values - result.baselines
    np.testing.assert_allclose(np.nansum(result.scores[0]), difference, atol=1e-4)


@pytest.mark.parametrize("n_residues", [1, 2, 5, 9, 30])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("truncation", ["middle", "right", "left"])
def test_token_spans_cover_the_residues_of_each_token(n_residues, k, stride, truncation):
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


def test_case_and_stop_codon_do_not_matter():
    model = fitted_pipeline()
    one = residue_attribution(model, ["acdef*"], target="pig")
    other = residue_attribution(model, ["ACDEF"], target="pig")
    assert one.sequences == ["ACDEF"]
    np.testing.assert_array_equal(one.scores[0], other.scores[0])


def test_masked_non_ascii_symbol_is_one_residue():
    model = fitted_pipeline(SequenceEncoder(handle_unknown="mask"))
    # The upper case of "ß" is "SS".
    result = residue_attribution(model, ["a-ß"], method="occlusion")
    assert [len(scores) for scores in result.scores] == [3]
    assert result.scores[0][0] != 0
    assert result.scores[0][1:].tolist() == [0, 0]


def test_frame_has_one_row_per_residue():
    frame = residue_attribution(fitted_pipeline(), ["ACD", "WY"], target="pig").frame()
    assert frame["residue"].tolist() == list("ACDWY")
    assert frame["position"].tolist() == [1, 2, 3, 1, 2]
    assert frame["sequence"].tolist() == [0, 0, 0, 1, 1]
    assert set(frame["target"]) == {"pig"}


def test_bare_classifier_scores_tokens():
    X, y = labelled_rows()
    result = residue_attribution(tiny_classifier().fit(X, y), X[:5])
    assert [len(scores) for scores in result.scores] == np.count_nonzero(X[:5], axis=1).tolist()
    with pytest.raises(TypeError, match="Cannot plot scores of a bare ProtLSTMClassifier"):
        result.plot()


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_attribution_works_where_gradients_are_disabled(mode):
    model = fitted_pipeline(max_epochs=1)
    [expected] = residue_attribution(model, ["ACD"]).scores
    with mode():
        [scores] = residue_attribution(model, ["ACD"]).scores
    np.testing.assert_array_equal(scores, expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"target": "cat"},
            "target='cat' is not a class of the model. Use one of ['bird', 'human', 'pig']",
        ),
        # A list of labels is not a label, whatever its length.
        ({"target": ["pig"]}, "target=['pig'] is not a class of the model. Use one of ['bird', 'h"),
        ({"target": ["pig", "a", "b"]}, "target=['pig', 'a', 'b'] is not a class of the model"),
        ({"target": pandas.NA}, "target=<NA> is not a class of the model"),
        ({"method": "magic"}, "method='magic' is not valid. Use one of ['integrated_gradi"),
        ({"baseline": "zero"}, "baseline='zero' is not valid. Use one of ['shuffled', 'unkn"),
        ({"n_steps": 0}, "n_steps=0 is not valid. Pass an integer of at least 1"),
        ({"n_steps": True}, "n_steps=True is not valid. Pass an integer of at least 1"),
        ({"random_state": "a"}, "'a' cannot be used to seed"),
    ],
)
def test_invalid_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        residue_attribution(fitted_pipeline(max_epochs=1), ["ACD"], **arguments)


# Top windows.


def test_windows_are_sorted_by_count_and_score():
    model = fitted_pipeline()
    # WW is the best window of two proteins. The last protein is too short for a window.
    X = ["WWWW", "WWW", "ACDE", "FGHI", "W"]
    params = {"target": "pig", "method": "occlusion"}
    found = {}
    for protein, scores in zip(X[:4], residue_attribution(model, X[:4], **params).scores):
        sums = [scores[i] + scores[i + 1] for i in range(len(protein) - 1)]
        start = int(np.argmax(sums))
        found.setdefault(protein[start : start + 2], []).append(sums[start])
    assert sorted(len(sums) for sums in found.values()) == [1, 1, 2]
    expected = sorted(found, key=lambda window: (-len(found[window]), -np.mean(found[window])))
    windows = top_windows(model, X, k=2, **params)
    assert windows.windows == expected
    assert windows.counts.tolist() == [len(found[window]) for window in expected]
    np.testing.assert_allclose(windows.scores, [np.mean(found[window]) for window in expected])


@pytest.mark.parametrize("method", METHODS)
def test_windows_consist_of_residues_that_are_read(method):
    # The network reads the first three and the last three residues.
    model = fitted_pipeline(SequenceEncoder(max_length=6))
    X = ["ACD" + "W" * 9 + "EFG", "HIK" + "W" * 9 + "LMN", "PQ"]
    windows = top_windows(model, X, k=3, target="pig", method=method)
    assert set(windows.windows) <= {"ACD", "EFG", "HIK", "LMN"}
    assert windows.counts.sum() == 2
    assert np.isfinite(windows.scores).all()


def test_windows_longer_than_what_is_read_are_refused():
    model = fitted_pipeline(SequenceEncoder(max_length=6))
    message = (
        "k=4 is too long: the network reads at most 3 residues in a row of these proteins, because "
        "the encoder leaves out the others. Decrease k, or fit a SequenceEncoder with a larger "
        "max_length or a smaller stride"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        top_windows(model, ["ACDEFGHIKL"], k=4)


def test_composition_is_that_of_all_proteins():
    windows = top_windows(fitted_pipeline(max_epochs=1), ["AACC", "A", "WWW"], k=2)
    assert windows.composition == {"A": 3 / 8, "C": 2 / 8, "W": 3 / 8}


@pytest.mark.parametrize(
    ("k", "message"),
    [
        (0, "k=0 is not valid. Pass an integer of at least 1"),
        (True, "k=True is not valid. Pass an integer of at least 1"),
        (4, "k=4 is longer than the longest protein, which has 3 residues"),
    ],
)
def test_invalid_window_lengths_are_refused(k, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        top_windows(fitted_pipeline(max_epochs=1), ["ACD"], k=k)
