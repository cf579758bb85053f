"""Groups of homologs depend neither on the order nor on the case of the sequences."""

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

# These substitutions have positive scores in BLOSUM62. So the best local alignment of a protein and
# its mutant covers both completely, and its identity is known.
SIMILAR = dict(zip("IVLMKRDEFYST", "VIMLRKEDYFTS"))

needs_mmseqs = pytest.mark.skipif(
    shutil.which("mmseqs") is None, reason="the program mmseqs is not on the PATH"
)


def random_protein(length, seed):
    return "".join(np.random.RandomState(seed).choice(list(SIMILAR), length))


def mutant(protein, n_substitutions):
    """Substitute similar residues in runs of five, so that some k-mers are preserved."""
    by_runs = sorted(range(len(protein)), key=lambda i: (i // 5 % 2 == 0, i))
    chosen = set(by_runs[:n_substitutions])
    return "".join(SIMILAR[r] if i in chosen else r for i, r in enumerate(protein))


def kmer_groups(sequences, **params):
    return cluster_sequences(sequences, method="kmer", **params).tolist()


def are_grouped(*sequences, **params):
    return len(set(kmer_groups(sequences, **params))) == 1


def partition(groups):
    """Groups as sets of rows, independent of the group numbers."""
    return {frozenset(np.flatnonzero(groups == group).tolist()) for group in np.unique(groups)}


def identity_and_coverage(a, b):
    """Identity and coverage of the best local alignment, computed from its letters."""
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
UNRELATED = ["A", "AC", "ACDEF", "XXXXX", random_protein(50, 9), "W" * 30, "W" * 25]
mixtures = st.lists(st.sampled_from(FAMILIES + UNRELATED), min_size=1, max_size=12)


@settings(max_examples=25)
@given(mixtures, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order(sequences, random):
    order = random.sample(range(len(sequences)), len(sequences))
    groups = cluster_sequences(sequences, method="kmer")
    shuffled = cluster_sequences([sequences[i] for i in order], method="kmer")
    assert partition(groups[order]) == partition(shuffled)


@settings(max_examples=25)
@given(mixtures)
def test_groups_are_numbered_by_first_occurrence(sequences):
    groups = cluster_sequences(sequences, method="kmer")
    assert groups.dtype == np.int64
    assert groups.shape == (len(sequences),)
    assert list(dict.fromkeys(groups.tolist())) == list(range(groups.max() + 1))


@settings(max_examples=25)
@given(mixtures, st.data())
def test_copies_join_the_group_in_any_case(sequences, data):
    copies = data.draw(st.lists(st.sampled_from(range(len(sequences))), max_size=5))
    groups = kmer_groups(sequences)
    with_copies = kmer_groups([*sequences, *(sequences[i].lower() + "*" for i in copies)])
    assert with_copies == [*groups, *(groups[i] for i in copies)]


def test_families_are_grouped():
    assert kmer_groups(FAMILIES) == [0] * 4 + [1] * 4 + [2] * 4


@pytest.mark.parametrize("identity", [0.5, 0.6, 0.75])
def test_identity_at_the_threshold_links(identity):
    protein = random_protein(100, seed=1)
    n_substitutions = round(100 * (1 - identity))
    just_enough, too_few = mutant(protein, n_substitutions), mutant(protein, n_substitutions + 1)
    assert identity_and_coverage(protein, just_enough) == (identity, 1)
    assert are_grouped(protein, just_enough, identity=identity)
    assert not are_grouped(protein, too_few, identity=identity)


@pytest.mark.parametrize("coverage", [0.4, 0.8, 0.95])
def test_coverage_of_the_shorter_protein_at_the_threshold_links(coverage):
    domain = random_protein(100, seed=2)

    def pair(n_common):
        core = domain[:n_common]
        return core + (100 - n_common) * "W", core + 200 * "P"

    n_enough = round(100 * coverage)
    assert are_grouped(*pair(n_enough), coverage=coverage)
    assert not are_grouped(*pair(n_enough - 1), coverage=coverage)


def test_fragment_is_grouped_with_the_full_protein():
    protein = random_protein(400, seed=3)
    assert are_grouped(protein, protein[150:200], identity=1, coverage=1)
    assert not are_grouped(protein, protein[150:200] + 30 * "W", coverage=0.8)


def test_identity_includes_columns_with_gaps():
    head, tail = random_protein(50, seed=4), random_protein(50, seed=5)
    pair = [head + tail, head + 20 * "W" + tail]
    assert identity_and_coverage(*pair) == (100 / 120, 1)
    assert are_grouped(*pair, identity=0.83)
    assert not are_grouped(*pair, identity=0.84)


def test_many_gaps_need_a_gapped_alignment():
    # Six residues score too little for an ungapped segment, but more than the cost of a gap.
    whole = random_protein(100, seed=4)
    gapped = "".join(r for i, r in enumerate(whole) if i < 60 or i % 7)
    identity, coverage = identity_and_coverage(whole, gapped)
    assert coverage > 0.9
    assert are_grouped(whole, gapped, identity=identity, coverage=coverage)
    assert not are_grouped(whole, gapped, identity=identity + 0.01, coverage=coverage)


def test_homologs_of_homologs_are_grouped():
    oldest = random_protein(100, seed=6)
    middle, youngest = mutant(oldest, 30), mutant(oldest, 60)
    assert not are_grouped(oldest, youngest, identity=0.6)
    assert are_grouped(oldest, middle, youngest, identity=0.6)


def test_unknown_residues_match_nothing():
    protein = random_protein(60, seed=7)
    masked = protein[:20] + 20 * "X" + protein[40:]
    assert not are_grouped(masked, masked[:-1], identity=0.7)
    assert are_grouped(masked, masked[:-1], identity=0.6)
    assert kmer_groups(["XXXXX", "xxxxx", "BJOUZ", "XXXXXX", protein]) == [0, 0, 0, 1, 2]
    assert kmer_groups(["XXX", "XXXX"]) == [0, 1]
    assert are_grouped(200 * "X" + protein, protein + 400 * "X", coverage=0.2)


def test_shortest_sequences_are_grouped_with_copies_only():
    # Sequences with fewer than four residues have no k-mers and are only grouped with copies.
    assert kmer_groups(["A", "AC", "ACD", "ac", "A*", "C", "ACD"]) == [0, 1, 2, 1, 0, 3, 2]
    assert kmer_groups(["WHYC", "WHYCM", "MKVLA"]) == [0, 0, 1]


def test_repeats_of_a_residue_are_grouped():
    assert kmer_groups(["Q" * 300, "W" * 300, "Q" * 200, "QW" * 100]) == [0, 1, 0, 2]


def test_single_sequence_is_one_group():
    assert kmer_groups(["MKV"]) == [0]


def test_sequences_can_be_any_collection():
    protein, other = random_protein(40, seed=0), random_protein(40, seed=8)
    collections = [
        (protein, other),
        np.array([protein, other]),
        [Seq(protein), SeqRecord(Seq(other))],
        iter([protein.encode(), other]),
    ]
    assert [kmer_groups(X) for X in collections] == [[0, 1]] * 4


@pytest.mark.slow
def test_groups_do_not_depend_on_n_jobs(proteins):
    sequences = [*FAMILIES, *proteins.sequences]
    assert kmer_groups(sequences, n_jobs=2) == kmer_groups(sequences, n_jobs=1)


def test_groups_do_not_depend_on_blocks_and_batches(monkeypatch):
    sequences = [*FAMILIES, *UNRELATED]
    groups = kmer_groups(sequences)
    monkeypatch.setattr(_candidates, "_BLOCK_ENTRIES", 1)
    monkeypatch.setattr(_candidates, "_BATCH_PAIRS", 2)
    monkeypatch.setattr(_alignment, "_MAX_SEED_HITS", 1)
    assert kmer_groups(sequences) == groups


def test_verbose_shows_progress(capsys):
    cluster_sequences(FAMILIES, method="kmer")
    assert capsys.readouterr() == ("", "")
    cluster_sequences(FAMILIES, method="kmer", verbose=1)
    shown = capsys.readouterr().err
    assert re.search(r"Sharing k-mers: 100%.* 12/12 ", shown)
    assert "Aligning pairs: 100%" in shown


@pytest.mark.slow
def test_verbose_shows_progress_of_worker_processes(monkeypatch):
    class Bar(_clusters.tqdm):
        def update(self, n=1):
            updates.append((n, self.total))
            return super().update(n)

    updates = []
    monkeypatch.setattr(_clusters, "tqdm", Bar)
    cluster_sequences(FAMILIES, method="kmer", verbose=1, n_jobs=2)
    steps, totals = zip(*updates)
    assert sum(steps) == totals[0]
    assert np.count_nonzero(steps) > 2


@pytest.mark.parametrize("name", ["identity", "coverage"])
@pytest.mark.parametrize("share", [0, 1.01, -0.5, float("nan"), "0.5", None])
def test_threshold_out_of_range_raises(name, share):
    message = re.escape(f"{name} must be a number above 0 and at most 1, got {share!r}")
    with pytest.raises(ValueError, match=f"^{message}$"):
        cluster_sequences(["MKV"], **{name: share})


def test_unknown_method_raises():
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
def test_invalid_sequences_raise(sequences, error, message):
    with pytest.raises(error, match=message):
        cluster_sequences(sequences, method="kmer")


@pytest.fixture
def fake_mmseqs(tmp_path, monkeypatch):
    """Put only a program mmseqs on the PATH, which prints errors and fails."""
    program = tmp_path / "mmseqs"
    program.write_text('#!/bin/sh\necho "Error: $1 died"\necho "no space left" >&2\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def _mmseqs_from_a_dozen(monkeypatch):
    monkeypatch.setattr("sklearn_protlstm.homology._clusters._MMSEQS_ABOVE", len(FAMILIES) - 1)


@pytest.mark.usefixtures("fake_mmseqs", "_mmseqs_from_a_dozen")
@pytest.mark.parametrize("method", ["mmseqs", "auto"])
def test_failure_of_mmseqs_raises_with_its_output(method):
    message = (
        "^mmseqs easy-cluster failed with exit status 3; its output is: Error: easy-cluster died\n"
        'no space left. To cluster without MMseqs2, use method="kmer"$'
    )
    with pytest.raises(RuntimeError, match=message):
        cluster_sequences(FAMILIES, method=method)


@pytest.mark.usefixtures("fake_mmseqs")
def test_auto_uses_kmers_for_few_proteins():
    assert cluster_sequences(FAMILIES).tolist() == kmer_groups(FAMILIES)


@pytest.mark.usefixtures("fake_mmseqs", "_mmseqs_from_a_dozen")
@pytest.mark.parametrize("peptide", ["ACDEFGHIKLMNP", "ACDEFGHIKLMNPXX"])
def test_auto_uses_kmers_for_peptides(peptide):
    assert cluster_sequences([*FAMILIES, peptide, peptide[1:]]).tolist()[-2:] == [3, 3]


@pytest.mark.usefixtures("fake_mmseqs")
def test_failure_of_mmseqs_is_printed_if_verbose(capfd):
    with pytest.raises(RuntimeError, match="exit status 3; its output is above"):
        cluster_sequences(FAMILIES, method="mmseqs", verbose=1)
    assert capfd.readouterr() == ("Error: easy-cluster died\n", "no space left\n")


def test_missing_mmseqs_raises_unless_auto(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    message = 'method="mmseqs" needs the program mmseqs, which is not on the PATH. Install it'
    with pytest.raises(FileNotFoundError, match=message):
        cluster_sequences(["MKV"], method="mmseqs")
    assert cluster_sequences(FAMILIES).tolist() == kmer_groups(FAMILIES)


@needs_mmseqs
def test_mmseqs_groups_the_families():
    sequences = [*FAMILIES[4:], random_protein(80, seed=20), FAMILIES[4].lower(), "MKV"]
    groups = cluster_sequences(sequences, method="mmseqs", n_jobs=1)
    assert groups.dtype == np.int64
    assert groups.tolist() == [0] * 4 + [1] * 4 + [2, 0, 3]


@needs_mmseqs
def test_mmseqs_fails_without_known_residues():
    with pytest.raises(RuntimeError, match="mmseqs easy-cluster failed with exit status"):
        cluster_sequences(["XXXXX"], method="mmseqs", n_jobs=1)


@pytest.fixture(scope="module")
def viral():
    """Bundled proteins with at most 500 residues, because longer ones take most of the time."""
    hosts = load_virus_hosts()
    chosen = np.array(list(map(len, hosts.data))) <= 500
    return hosts.data[chosen], hosts.groups[chosen]


@pytest.fixture(scope="module")
def viral_groups(viral):
    return cluster_sequences(viral[0], method="kmer")


def test_groups_of_viral_proteins_match_the_bundled_ones(viral, viral_groups):
    assert len(viral_groups) > 800
    assert adjusted_rand_score(viral[1], viral_groups) >= 0.9


@pytest.mark.slow
def test_viral_proteins_in_different_groups_are_not_linked(viral, viral_groups):
    proteins, origin = distinct_proteins(viral[0].tolist())
    groups = np.empty(len(proteins), dtype=np.int64)
    groups[origin] = viral_groups
    a, b, n_shared = shared_kmers(kmer_presence(proteins, 3), 0, len(proteins))
    lengths = np.array(list(map(len, proteins)))
    # Half of the 3-mers expected at the thresholds with independent substitutions.
    candidates = np.flatnonzero(
        (groups[a] != groups[b]) & (n_shared >= 0.8 * 0.5**3 * lengths[a] / 2)
    )
    assert len(candidates) > 300
    for pair in np.random.RandomState(0).choice(candidates, 300, replace=False):
        letters = [residue_letters(proteins[i[pair]]).decode() for i in (a, b)]
        identity, coverage = identity_and_coverage(*letters)
        assert identity < 0.5 or coverage < 0.8


def test_k_grows_with_the_length():
    lengths = np.array([10, 100, 144, 145, 1205, 1206, 20_000])
    classes = list(_candidates._length_classes(lengths, identity=0.5))
    assert classes == [(4, 0, 3), (5, 3, 5), (6, 5, 7)]


def test_components_are_hopeless_after_many_costly_failures():
    keys = np.array([7] * 10 + [8] * 9 + [9] * 10)
    cells = np.array([5_000_000] * 19 + [4_000_000] * 10)
    assert _clusters._hopeless_keys(keys, cells).tolist() == [7]
