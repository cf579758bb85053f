"""The generated sequences have the properties that the docstrings state."""

import re
from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from sklearn_protlstm.datasets import _generators, make_motif_order, make_motif_position

GENERATORS = [make_motif_position, make_motif_order]
MOTIF = "AKGDKICL"
OTHER = "WHYTPEMN"


def held_out_accuracy(sequences, y, ngram_range):
    """Train a logistic regression on k-mer counts of one half, and score it on the other."""
    model = make_pipeline(
        CountVectorizer(analyzer="char", lowercase=False, ngram_range=ngram_range),
        MaxAbsScaler(),
        LogisticRegression(max_iter=1000),
    )
    half = len(sequences) // 2
    return model.fit(sequences[:half], y[:half]).score(sequences[half:], y[half:])


def n_occurrences(sequence, motif):
    return len(re.findall(f"(?={motif})", sequence))


def position_class(sequence, motif=MOTIF, margin=0):
    """Classify independently of the implementation: by the third that holds the centre."""
    start = sequence.index(motif)
    after = len(sequence) - len(motif) - start
    if margin in (start, after):
        return "end"
    centre = (start + len(motif) / 2) / len(sequence)
    return "middle" if 1 / 3 <= centre <= 2 / 3 else "neither"


@pytest.mark.parametrize("make", GENERATORS)
def test_random_state_determines_the_sequences(make):
    sequences, y = make(50, random_state=7)
    np.random.seed(0)
    again, y_again = make(50, random_state=np.random.RandomState(7))
    assert again == sequences
    np.testing.assert_array_equal(y_again, y)
    assert make(50, random_state=8)[0] != sequences


@pytest.mark.parametrize("make", GENERATORS)
def test_sequences_are_strings_of_the_20_residues(make):
    sequences, y = make(200, random_state=0)
    assert all(type(sequence) is str for sequence in sequences)
    assert set("".join(sequences)) == set("ACDEFGHIKLMNPQRSTVWY")
    assert y.shape == (200,)
    assert y.dtype.kind == "U"


@pytest.mark.parametrize("n_samples", [2, 3, 5, 6, 7, 100, 101])
@pytest.mark.parametrize("make", GENERATORS)
def test_classes_are_balanced_and_shuffled(make, n_samples):
    sequences, y = make(n_samples, class_names=("yes", "no"), random_state=0)
    counts = Counter(y.tolist())
    assert len(sequences) == n_samples
    assert set(counts) == {"yes", "no"}
    assert abs(counts["yes"] - counts["no"]) <= 1
    if n_samples >= 100:
        assert 30 < np.sum(y[1:] != y[:-1]) < 70


@pytest.mark.parametrize(
    ("make", "length"), [(make_motif_position, (23, 60)), (make_motif_order, (60, 80))]
)
def test_lengths_are_uniform_over_the_range(make, length):
    low, high = length
    sequences, _ = make(4000, length=length, random_state=0)
    lengths = np.array([len(sequence) for sequence in sequences])
    counts = np.bincount(lengths, minlength=high + 1)[low:]
    assert lengths.min() == low
    assert lengths.max() == high
    expected = 4000 / counts.size
    assert np.all(np.abs(counts - expected) < 5 * np.sqrt(expected))


def test_background_residues_are_uniform():
    sequences, _ = make_motif_position(2000, random_state=0)
    counts = Counter("".join(sequence.replace(MOTIF, "") for sequence in sequences))
    expected = counts.total() / 20
    assert all(abs(count - expected) < 5 * np.sqrt(expected) for count in counts.values())


@pytest.mark.parametrize("margin", [0, 1, 3])
def test_class_states_the_position_of_the_motif(margin):
    sequences, y = make_motif_position(2000, margin=margin, random_state=0)
    expected = np.array([position_class(sequence, margin=margin) for sequence in sequences])
    np.testing.assert_array_equal(np.where(y == "human", "end", "middle"), expected)


@pytest.mark.parametrize("margin", [0, 3])
def test_half_of_the_first_class_is_at_each_end(margin):
    sequences, y = make_motif_position(400, margin=margin, random_state=0)
    starts = [s.index(MOTIF) for s, host in zip(sequences, y) if host == "human"]
    assert len(starts) == 200
    assert starts.count(margin) == 100


def test_every_start_in_the_middle_third_occurs():
    sequences, y = make_motif_position(2000, length=24, random_state=0)
    starts = Counter(s.index(MOTIF) for s, host in zip(sequences, y) if host == "dog")
    assert sorted(starts) == [4, 5, 6, 7, 8, 9, 10, 11, 12]  # centres 8 to 16 of 24
    assert min(starts.values()) > 0.6 * 1000 / 9


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("MNTQILVFIACVLIEAKGDKICL", "end"),
        ("AKGDKICLMNTQILVFIACVLIE", "end"),
        ("MNTQAKGDKICLILVFIACVLIE", "middle"),
    ],
)
def test_documented_sequences_belong_to_their_classes(sequence, expected):
    first, last = _generators._middle_third_starts(23, len(MOTIF))
    start = sequence.index(MOTIF)
    assert len(sequence) == 23
    assert (first <= start <= last) == (expected == "middle")
    assert (start in (0, 23 - len(MOTIF))) == (expected == "end")
    assert position_class(sequence) == expected
    assert sequence in make_motif_position.__doc__


# Motifs that are frequent by chance, overlap themselves or repeat across a border
@pytest.mark.parametrize("motif", ["A", "AA", "AAAA", "ACA", "ACAC", "WY"])
def test_motif_occurs_once(motif):
    sequences, y = make_motif_position(300, motif=motif, length=(20, 60), random_state=0)
    assert {n_occurrences(sequence, motif) for sequence in sequences} == {1}
    expected = [position_class(sequence, motif) for sequence in sequences]
    np.testing.assert_array_equal(np.where(y == "human", "end", "middle"), expected)


@pytest.mark.parametrize("motifs", [(MOTIF, OTHER), ("A", "C"), ("ACA", "CAC"), ("AAC", "CAA")])
def test_both_motifs_occur_once(motifs):
    sequences, y = make_motif_order(300, motifs=motifs, gap=(1, 12), random_state=0)
    for sequence, order in zip(sequences, y):
        assert [n_occurrences(sequence, motif) for motif in motifs] == [1, 1]
        a, b = (sequence.index(motif) for motif in motifs)
        assert (a < b) == (order == "A before B")


def test_gaps_and_margins_cover_their_ranges():
    sequences, y = make_motif_order(4000, random_state=0)
    gaps, margins = [], []
    for sequence, order in zip(sequences, y):
        left, right = (MOTIF, OTHER) if order == "A before B" else (OTHER, MOTIF)
        before, between, after = re.split(f"{left}|{right}", sequence)
        gaps.append(len(between))
        margins.extend([len(before), len(after)])
    assert min(margins) == 3
    counts = np.bincount(gaps, minlength=31)
    assert counts[:3].sum() == 0
    assert counts.size == 31
    assert counts[3:].min() > 0.6 * 4000 / 28


def test_start_is_independent_of_the_order():
    sequences, y = make_motif_order(4000, random_state=0)
    left_starts = np.array([min(s.index(MOTIF), s.index(OTHER)) for s in sequences])
    forward = y == "A before B"
    difference = left_starts[forward].mean() - left_starts[~forward].mean()
    assert abs(difference) < 4 * left_starts.std() * np.sqrt(2 / 2000)


def test_margin_hides_the_position_from_kmer_counts():
    without_margin = make_motif_position(1600, length=23, margin=0, random_state=0)
    with_margin = make_motif_position(1600, length=23, margin=3, random_state=0)
    assert held_out_accuracy(*without_margin, (3, 3)) > 0.75
    assert 0.43 < held_out_accuracy(*with_margin, (3, 3)) < 0.57


def test_kmer_counts_reveal_the_order_only_if_they_span_the_gap():
    assert 0.40 < held_out_accuracy(*make_motif_order(2000, random_state=0), (1, 3)) <= 0.60
    # Control: the same model finds the order if k-mers span the gap.
    assert held_out_accuracy(*make_motif_order(2000, gap=1, random_state=0), (1, 3)) > 0.65


def test_start_of_one_motif_predicts_the_order_as_documented():
    sequences, y = make_motif_order(4000, random_state=0)
    starts = np.array([sequence.index(MOTIF) for sequence in sequences])
    best = max(np.mean((starts < limit) == (y == "A before B")) for limit in range(80))
    assert best == pytest.approx(0.86, abs=0.02)


@pytest.mark.parametrize("width", [1, 2, 3, 8, 9, 20])
@pytest.mark.parametrize("margin", [0, 1, 3, 10])
def test_shortest_separable_length_separates_the_classes(width, margin):
    def separable(length):
        starts = range(length - width + 1)
        middle = [s for s in starts if 2 * length <= 3 * (2 * s + width) <= 4 * length]
        return bool(middle) and all(margin < s < length - width - margin for s in middle)

    shortest = _generators._shortest_separable_length(width, margin)
    # All longer lengths are separable, too.
    assert list(filter(separable, range(150))) == list(range(shortest, 150))


def test_error_names_the_shortest_length_that_works():
    with pytest.raises(ValueError, match=r"length=21 is too short .*Use a length of at least 22,"):
        make_motif_position(4, length=21, margin=3)
    sequences, _ = make_motif_position(100, length=22, margin=3, random_state=0)
    assert {position_class(sequence, margin=3) for sequence in sequences} == {"end", "middle"}

    with pytest.raises(
        ValueError, match=r"length=\(51, 90\) is too short: .*Use a length of at least 52 "
    ):
        make_motif_order(4, length=(51, 90))
    assert len(make_motif_order(4, length=52, random_state=0)[0]) == 4


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_samples": 1}, "n_samples must be an integer of at least 2; got 1"),
        ({"n_samples": 10.0}, r"n_samples must be an integer of at least 2; got 10\.0"),
        ({"length": (60, 50)}, r"low <= high; got \(60, 50\)"),
        ({"length": (60.0, 70)}, r"length must be an integer .* got \(60\.0, 70\)"),
        ({"length": "60"}, "length must be an integer .* got '60'"),
        ({"length": (60, 70, 80)}, r"or a pair .* got \(60, 70, 80\)"),
        ({"class_names": ("a", "a")}, r"two different strings; got \('a', 'a'\)"),
        ({"class_names": "ab"}, "two different strings; got 'ab'"),
        ({"class_names": (0, 1)}, r"two different strings; got \(0, 1\)"),
    ],
)
def test_bad_parameter_is_refused(make, parameters, message):
    with pytest.raises(ValueError, match=message):
        make(**parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"motif": "AKXG"}, "motif='AKXG': symbol 'X' at residue 3 is not one of the 20"),
        ({"motif": "akgd"}, "symbol 'a' at residue 1 .* upper-case letters ACDEF"),
        ({"motif": ""}, "at least one residue; got ''"),
        ({"motif": ["A"]}, r"at least one residue; got \['A'\]"),
        ({"margin": -1}, "margin must be an integer of at least 0; got -1"),
    ],
)
def test_bad_position_parameter_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_motif_position(**parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"motifs": ("AKG", "W*")}, r"motifs\[1\]='W\*': symbol '\*' at residue 2"),
        ({"motifs": ("AKG", "KG")}, r"must not contain each other, .*; got \('AKG', 'KG'\)"),
        ({"motifs": ("AKG", "AKG")}, r"must not contain each other, .*; got \('AKG', 'AKG'\)"),
        ({"motifs": "AK"}, "motifs must be a pair of strings; got 'AK'"),
        ({"motifs": ("AKG",)}, r"motifs must be a pair of strings; got \('AKG',\)"),
        ({"gap": 0}, "gap must be an integer of at least 1"),
        ({"gap": (9, 3)}, r"low <= high; got \(9, 3\)"),
    ],
)
def test_bad_order_parameter_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_motif_order(**parameters)
