"""make_motif_labels generates labels that only the order of motifs reveals."""

import re

import numpy as np
import pytest
from sklearn.metrics import f1_score

from sklearn_protlstm import make_kmer_baseline
from sklearn_protlstm.datasets import make_motif_labels
from sklearn_protlstm.datasets._motif_labels import _MOTIFS

ALL_MOTIFS = [motif for motifs in _MOTIFS for motif in motifs]


def starts_of(sequence, motif):
    return [found.start() for found in re.finditer(f"(?={motif})", sequence)]


def test_random_state_determines_sequences_and_labels():
    sequences, y = make_motif_labels(50, random_state=7)
    np.random.seed(0)
    again, y_again = make_motif_labels(50, random_state=np.random.RandomState(7))
    assert again == sequences
    np.testing.assert_array_equal(y_again, y)
    assert make_motif_labels(50, random_state=8)[0] != sequences


def test_sequences_are_strings_and_labels_an_indicator_matrix():
    sequences, y = make_motif_labels(301, n_labels=3, length=(50, 60), random_state=0)
    assert all(type(sequence) is str for sequence in sequences)
    assert set("".join(sequences)) == set("ACDEFGHIKLMNPQRSTVWY")
    lengths = [len(sequence) for sequence in sequences]
    assert (min(lengths), max(lengths)) == (50, 60)
    assert (y.shape, y.dtype) == ((301, 3), np.int64)
    assert y.sum(axis=0).tolist() == [150, 150, 150]


@pytest.mark.parametrize("n_labels", [2, 4, 10])
def test_label_states_which_of_its_motifs_comes_first(n_labels):
    sequences, y = make_motif_labels(100, n_labels=n_labels, length=150, random_state=0)
    for sequence, labels in zip(sequences, y.tolist()):
        for (a, b), label in zip(_MOTIFS[:n_labels], labels):
            [start_a], [start_b] = starts_of(sequence, a), starts_of(sequence, b)
            assert label == (start_a < start_b)


def test_labels_are_independent_of_each_other():
    _, y = make_motif_labels(4000, random_state=0)
    of_labels = np.corrcoef(y.T)[np.triu_indices(4, 1)]
    assert np.abs(of_labels).max() < 4 / np.sqrt(4000)
    assert len(np.unique(y, axis=0)) == 16


def test_margins_separate_motifs_from_each_other_and_from_the_ends():
    sequences, _ = make_motif_labels(300, random_state=0)
    parts = [re.split("|".join(ALL_MOTIFS[:8]), sequence) for sequence in sequences]
    gaps = np.array([[len(part) for part in of_sequence] for of_sequence in parts])
    assert gaps.shape == (300, 9)
    assert gaps.min(axis=0).tolist() == [3] * 9
    assert gaps.max(axis=0).min() > 8


def test_motifs_have_no_neighbouring_residues_in_common():
    pairs = [motif[start : start + 2] for motif in ALL_MOTIFS for start in range(3)]
    assert len(ALL_MOTIFS) == 20
    assert len(set(pairs)) == len(pairs) == 60


def test_position_of_one_motif_predicts_its_label_as_documented():
    sequences, y = make_motif_labels(4000, random_state=0)
    starts = np.array([sequence.index(_MOTIFS[0][0]) for sequence in sequences])
    best = max(np.mean((starts < limit) == y[:, 0]) for limit in range(80))
    assert best == pytest.approx(0.78, abs=0.02)


def test_kmers_do_not_reveal_the_labels():
    sequences, y = make_motif_labels(1200, random_state=0)
    scores = []
    for label in y.T:
        model = make_kmer_baseline().fit(sequences[:800], label[:800])
        scores.append(f1_score(label[800:], model.predict(sequences[800:]), average="macro"))
    assert max(scores) < 0.6


def test_error_names_the_shortest_length_that_works():
    message = (
        r"length=\(58, 80\) is too short for 8 motifs of 4 residues, with 3 residues around each\. "
        r"Use a length of at least 59 or fewer labels\."
    )
    with pytest.raises(ValueError, match=message):
        make_motif_labels(4, length=(58, 80))
    sequences, _ = make_motif_labels(4, length=59, random_state=0)
    assert [len(sequence) for sequence in sequences] == [59] * 4


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_samples": 1}, "n_samples must be an integer of at least 2; got 1"),
        ({"n_labels": 1}, "n_labels must be an integer of at least 2; got 1"),
        ({"n_labels": 2.0}, r"n_labels must be an integer of at least 2; got 2\.0"),
        ({"n_labels": 11}, "at most 10, because there are motifs for 10 labels; got 11"),
        ({"length": (80, 60)}, r"low <= high; got \(80, 60\)"),
    ],
)
def test_bad_parameter_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_motif_labels(**parameters)
