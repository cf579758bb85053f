"""Homology groups: who is together, whatever the order of the rows, the case and the machine."""

import re
import shutil

import numpy as np
import pytest
from Bio.Align import PairwiseAligner, substitution_matrices
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from sklearn_protlstm._encoding.kmer_sets import (
    distinct_proteins,
    kmer_presence,
    residue_letters,
    shared_kmers,
)
from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.exceptions import EmptySequenceError
from sklearn_protlstm.homology import _alignment, _candidates, _clusters, cluster_sequences

# Every substitution by the partner scores above 0 in BLOSUM62, so that the best local alignment
# of a protein and its mutant is the whole of both, and its identity is known.
SIMILAR = dict(zip("IVLMKRDEFYST", "VIMLRKEDYFTS"))

needs_mmseqs = pytest.mark.skipif(
    shutil.which("mmseqs") is None, reason="the program mmseqs is not on the PATH"
)


def random_protein(length, seed):
    return "".join(np.random.RandomState(seed).choice(list(SIMILAR), length))


def mutant(protein, n_substitutions):
    """Substitute similar residues, five neighbours at a time, so that k-mers are left over."""
    by_runs = sorted(range(len(protein)), key=lambda i: (i // 5 % 2 == 0, i))
    chosen = set(by_runs[:n_substitutions])
    return "".join(SIMILAR[r] if i in chosen else r for i, r in enumerate(protein))


def kmer_groups(sequences, **params):
    return cluster_sequences(sequences, method="kmer", **params).tolist()


def together(*sequences, **params):
    return len(set(kmer_groups(sequences, **params))) == 1


def partition(groups):
    """The groups as sets of rows, without their numbers."""
    return {frozenset(np.flatnonzero(groups == group).tolist()) for group in np.unique(groups)}


def identity_and_coverage(a, b):
    """Of the best local alignment, told in other words than the package does."""
    blosum62 = substitution_matrices.load("BLOSUM62")
    aligner = PairwiseAligner(
        mode="local", substitution_matrix=blosum62, open_gap_score=-11, extend_gap_score=-1
    )
    top, bottom = (aligner.align(a, b)[0][i] for i in (0, 1))
    n_identical = sum(x == y != "X" for x, y in zip(top, bottom))
    shorter = top if len(a) <= len(b) else bottom
    return n_identical / len(top), len(shorter.replace("-", "")) / min(len(a), len(b))


FAMILIES = [
    sequence
    for seed, length in enumerate((40, 60, 90))
    for protein in [random_protein(length, seed)]
    for sequence in (protein, mutant(protein, length // 4), protein[3:-5], f"{protein}XX")
]
ODD_ONES = ["A", "AC", "ACDEF", "XXXXX", random_protein(50, 9), "W" * 30, "W" * 25]
mixtures = st.lists(st.sampled_from(FAMILIES + ODD_ONES), min_size=1, max_size=12)


@settings(max_examples=25)
@given(mixtures, st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_group(sequences, random):
    order = random.sample(range(len(sequences)), len(sequences))
    groups = cluster_sequences(sequences, method="kmer")
    shuffled = cluster_sequences([sequences[i] for i in order], method="kmer")
    assert partition(groups[order]) == partition(shuffled)


@settings(max_examples=25)
@given(mixtures)
def test_groups_are_numbered_by_appearance(sequences):
    groups = cluster_sequences(sequences, method="kmer")
    assert groups.dtype == np.int64
    assert groups.shape == (len(sequences),)
    assert list(dict.fromkeys(groups.tolist())) == list(range(groups.max() + 1))


@settings(max_examples=25)
@given(mixtures, st.data())
def test_copies_in_any_case_change_nothing(sequences, data):
    copies = data.draw(st.lists(st.sampled_from(range(len(sequences))), max_size=5))
    groups = kmer_groups(sequences)
    with_copies = kmer_groups([*sequences, *(sequences[i].lower() + "*" for i in copies)])
    assert with_copies == [*groups, *(groups[i] for i in copies)]


def test_families_are_found():
    assert kmer_groups(FAMILIES) == [0] * 4 + [1] * 4 + [2] * 4


@pytest.mark.parametrize("identity", [0.5, 0.6, 0.75])
def test_identity_at_the_threshold(identity):
    protein = random_protein(100, seed=1)
    n_substitutions = round(100 * (1 - identity))
    just_enough, too_few = mutant(protein, n_substitutions), mutant(protein, n_substitutions + 1)
    assert identity_and_coverage(protein, just_enough) == (identity, 1)
    assert together(protein, just_enough, identity=identity)
    assert not together(protein, too_few, identity=identity)


@pytest.mark.parametrize("coverage", [0.4, 0.8, 0.95])
def test_coverage_of_the_shorter_at_the_threshold(coverage):
    domain = random_protein(100, seed=2)

    def pair(n_common):
        core = domain[:n_common]
        return core + (100 - n_common) * "W", core + 200 * "P"

    n_enough = round(100 * coverage)
    assert together(*pair(n_enough), coverage=coverage)
    assert not together(*pair(n_enough - 1), coverage=coverage)


def test_fragment_belongs_with_the_whole():
    protein = random_protein(400, seed=3)
    assert together(protein, protein[150:200], identity=1, coverage=1)
    assert not together(protein, protein[150:200] + 30 * "W", coverage=0.8)


def test_columns_with_gaps_count():
    head, tail = random_protein(50, seed=4), random_protein(50, seed=5)
    pair = [head + tail, head + 20 * "W" + tail]
    assert identity_and_coverage(*pair) == (100 / 120, 1)
    assert together(*pair, identity=0.83)
    assert not together(*pair, identity=0.84)


def test_pieces_between_gaps_need_an_alignment():
    # Six residues score too little to count as a stretch, but more than the gap before them costs.
    whole = random_protein(100, seed=4)
    gapped = "".join(r for i, r in enumerate(whole) if i < 60 or i % 7)
    identity, coverage = identity_and_coverage(whole, gapped)
    assert coverage > 0.9
    assert together(whole, gapped, identity=identity, coverage=coverage)
    assert not together(whole, gapped, identity=identity + 0.01, coverage=coverage)


def test_relatives_of_relatives_are_together():
    oldest = random_protein(100, seed=6)
    middle, youngest = mutant(oldest, 30), mutant(oldest, 60)
    assert not together(oldest, youngest, identity=0.6)
    assert together(oldest, middle, youngest, identity=0.6)


def test_unknown_residues_match_nothing():
    protein = random_protein(60, seed=7)
    masked = protein[:20] + 20 * "X" + protein[40:]
    assert not together(masked, masked[:-1], identity=0.7)
    assert together(masked, masked[:-1], identity=0.6)
    assert kmer_groups(["XXXXX", "xxxxx", "BJOUZ", "XXXXXX", protein]) == [0, 0, 0, 1, 2]
    assert kmer_groups(["XXX", "XXXX"]) == [0, 1]
    assert together(200 * "X" + protein, protein + 400 * "X", coverage=0.2)


def test_shortest_sequences():
    # Below four residues there is no k-mer, so that only copies are together.
    assert kmer_groups(["A", "AC", "ACD", "ac", "A*", "C", "ACD"]) == [0, 1, 2, 1, 0, 3, 2]
    assert kmer_groups(["WHYC", "WHYCM", "MKVLA"]) == [0, 0, 1]


def test_repeats_are_relatives_of_repeats():
    assert kmer_groups(["Q" * 300, "W" * 300, "Q" * 200, "QW" * 100]) == [0, 1, 0, 2]


def test_one_sequence():
    assert kmer_groups(["MKV"]) == [0]


def test_any_collection_of_sequences_is_read():
    protein, other = random_protein(40, seed=0), random_protein(40, seed=8)
    collections = [
        (protein, other),
        np.array([protein, other]),
        [Seq(protein), SeqRecord(Seq(other))],
        iter([protein.encode(), other]),
    ]
    assert [kmer_groups(X) for X in collections] == [[0, 1]] * 4


def test_two_processes_find_the_same(proteins):
    sequences = [*FAMILIES, *proteins.sequences]
    assert kmer_groups(sequences, n_jobs=2) == kmer_groups(sequences, n_jobs=1)


def test_blocks_and_batches_find_the_same(monkeypatch):
    sequences = [*FAMILIES, *ODD_ONES]
    groups = kmer_groups(sequences)
    monkeypatch.setattr(_candidates, "_BLOCK_ENTRIES", 1)
    monkeypatch.setattr(_candidates, "_BATCH_PAIRS", 2)
    monkeypatch.setattr(_alignment, "_MOST_MEETINGS", 1)
    assert kmer_groups(sequences) == groups


def test_progress_is_shown_when_asked_for(capsys):
    cluster_sequences(FAMILIES, method="kmer")
    assert capsys.readouterr() == ("", "")
    cluster_sequences(FAMILIES, method="kmer", verbose=1)
    shown = capsys.readouterr().err
    assert re.search(r"Sharing k-mers: 100%.* 12/12 ", shown)
    assert "Aligning pairs: 100%" in shown


@pytest.mark.parametrize("name", ["identity", "coverage"])
@pytest.mark.parametrize("share", [0, 1.01, -0.5, float("nan"), "0.5", None])
def test_shares_are_checked(name, share):
    message = re.escape(f"{name} must be a number above 0 and up to 1, got {share!r}")
    with pytest.raises(ValueError, match=f"^{message}$"):
        cluster_sequences(["MKV"], **{name: share})


def test_method_is_checked():
    message = r"method='blast' is not known. Choose one of \['auto', 'kmer', 'mmseqs'\]"
    with pytest.raises(ValueError, match=message):
        cluster_sequences(["MKV"], method="blast")


@pytest.mark.parametrize(
    ("sequences", "error", "message"),
    [
        ("MKV", TypeError, r"did you mean \[sequence\]\?"),
        (["MKV", 3], TypeError, "Sequence 1 is 3 of type int"),
        ([], ValueError, "Found 0 sequences"),
        (["MKV", ""], EmptySequenceError, "Sequence 1 is empty"),
        (["MKV", "*"], EmptySequenceError, "Sequence 1 is empty"),
    ],
)
def test_sequences_are_checked(sequences, error, message):
    with pytest.raises(error, match=message):
        cluster_sequences(sequences, method="kmer")


@pytest.fixture
def fake_mmseqs(tmp_path, monkeypatch):
    """A program mmseqs, the only one on the PATH, that complains and fails."""
    program = tmp_path / "mmseqs"
    program.write_text('#!/bin/sh\necho "Error: $1 died"\necho "no space left" >&2\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def _a_dozen_are_many(monkeypatch):
    monkeypatch.setattr("sklearn_protlstm.homology._clusters._MANY", len(FAMILIES) - 1)


@pytest.mark.usefixtures("fake_mmseqs", "_a_dozen_are_many")
@pytest.mark.parametrize("method", ["mmseqs", "auto"])
def test_failure_of_mmseqs_is_quoted(method):
    message = (
        "^mmseqs easy-cluster ended with exit status 3; it said: Error: easy-cluster died\n"
        'no space left. Use method="kmer" to do without the program$'
    )
    with pytest.raises(RuntimeError, match=message):
        cluster_sequences(FAMILIES, method=method)


@pytest.mark.usefixtures("fake_mmseqs")
def test_few_proteins_are_not_left_to_mmseqs():
    assert cluster_sequences(FAMILIES).tolist() == kmer_groups(FAMILIES)


@pytest.mark.usefixtures("fake_mmseqs", "_a_dozen_are_many")
@pytest.mark.parametrize("peptide", ["ACDEFGHIKLMNP", "ACDEFGHIKLMNPXX"])
def test_peptides_are_not_left_to_mmseqs(peptide):
    assert cluster_sequences([*FAMILIES, peptide, peptide[1:]]).tolist()[-2:] == [3, 3]


@pytest.mark.usefixtures("fake_mmseqs")
def test_failure_of_mmseqs_is_shown_when_verbose(capfd):
    with pytest.raises(RuntimeError, match="exit status 3; what it said is shown above"):
        cluster_sequences(FAMILIES, method="mmseqs", verbose=1)
    assert capfd.readouterr() == ("Error: easy-cluster died\n", "no space left\n")


def test_without_mmseqs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    message = 'method="mmseqs" needs the program mmseqs, which is not on the PATH. Install it'
    with pytest.raises(FileNotFoundError, match=message):
        cluster_sequences(["MKV"], method="mmseqs")
    assert cluster_sequences(FAMILIES).tolist() == kmer_groups(FAMILIES)


@needs_mmseqs
def test_mmseqs_finds_the_families():
    sequences = [*FAMILIES[4:], random_protein(80, seed=20), FAMILIES[4].lower(), "MKV"]
    groups = cluster_sequences(sequences, method="mmseqs", n_jobs=1)
    assert groups.dtype == np.int64
    assert groups.tolist() == [0] * 4 + [1] * 4 + [2, 0, 3]


@needs_mmseqs
def test_mmseqs_needs_residues():
    with pytest.raises(RuntimeError, match="mmseqs easy-cluster ended with exit status"):
        cluster_sequences(["XXXXX"], method="mmseqs", n_jobs=1)


@pytest.fixture(scope="module")
def viral():
    """The bundled proteins of up to 500 residues; the long ones take most of the time."""
    hosts = load_virus_hosts()
    chosen = np.array(list(map(len, hosts.data))) <= 500
    return hosts.data[chosen], hosts.groups[chosen]


@pytest.fixture(scope="module")
def viral_groups(viral):
    return cluster_sequences(viral[0], method="kmer")


def test_groups_of_viral_proteins(viral, viral_groups):
    assert len(viral_groups) > 800
    assert adjusted_rand_score(viral[1], viral_groups) >= 0.9


def test_no_link_between_groups_of_viral_proteins(viral, viral_groups):
    proteins, origin = distinct_proteins(viral[0].tolist())
    groups = np.empty(len(proteins), dtype=np.int64)
    groups[origin] = viral_groups
    a, b, n_shared = shared_kmers(kmer_presence(proteins, 3), 0, len(proteins))
    lengths = np.array(list(map(len, proteins)))
    # Half of what is left at the thresholds if substitutions fall independently.
    candidates = np.flatnonzero(
        (groups[a] != groups[b]) & (n_shared >= 0.8 * 0.5**3 * lengths[a] / 2)
    )
    assert len(candidates) > 300
    for pair in np.random.RandomState(0).choice(candidates, 300, replace=False):
        letters = [residue_letters(proteins[i[pair]]).decode() for i in (a, b)]
        identity, coverage = identity_and_coverage(*letters)
        assert identity < 0.5 or coverage < 0.8


def test_distinct_proteins():
    proteins, origin = distinct_proteins(["MKV", "acd", "MK", "ACD*", "AXD", "a-d"])
    assert [residue_letters(protein) for protein in proteins] == [b"MK", b"AXD", b"ACD", b"MKV"]
    assert origin.tolist() == [3, 2, 0, 2, 1, 1]


@given(st.lists(st.text("ACX", min_size=1, max_size=12), min_size=1, max_size=6))
def test_kmers_are_shared_as_sets_share_them(sequences):
    proteins, _ = distinct_proteins(sequences)
    texts = [residue_letters(protein).decode() for protein in proteins]
    gaps = (0, 2)

    def kmers(text):
        windows = {
            (gap, text[i : i + 1] + text[i + 1 + gap : i + 3 + gap])
            for gap in gaps
            for i in range(len(text) - 2 - gap)
        }
        return {(gap, kmer) for gap, kmer in windows if "X" not in kmer}

    presence = kmer_presence(proteins, 3, gaps)
    assert np.diff(presence.indptr).tolist() == [len(kmers(text)) for text in texts]
    found = np.zeros((len(texts),) * 2, dtype=int)
    for start in range(len(texts)):
        earlier, later, n_shared = shared_kmers(presence, start, start + 1)
        assert (earlier < later).all()
        found[earlier, later] = n_shared
    expected = [
        [len(kmers(a) & kmers(b)) if i < j else 0 for j, b in enumerate(texts)]
        for i, a in enumerate(texts)
    ]
    assert found.tolist() == expected


def test_long_proteins_need_long_kmers():
    lengths = np.array([10, 100, 144, 145, 1205, 1206, 20_000])
    classes = list(_candidates._length_classes(lengths, identity=0.5))
    assert classes == [(4, 0, 3), (5, 3, 5), (6, 5, 7)]


def test_groups_that_keep_failing_are_given_up():
    keys = np.array([7] * 10 + [8] * 9 + [9] * 10)
    cells = np.array([5_000_000] * 19 + [4_000_000] * 10)
    assert _clusters._given_up(keys, cells).tolist() == [7]
