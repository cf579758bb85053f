"""Anchored alignments of near-copies equal the best local alignments."""

import numpy as np
import pytest

from sklearn_protlstm._encoding.kmer_sets import distinct_proteins
from sklearn_protlstm.homology import _alignment, _gapped, cluster_sequences
from sklearn_protlstm.homology._alignment import _chain_segments, _has_repeats, prepare_proteins
from sklearn_protlstm.homology._gapped import anchored_columns, best_columns

RESIDUES = list("ACDEFGHIKLMNPQRSTVWY")


def random_protein(rng, length):
    return "".join(rng.choice(RESIDUES, length))


def relative(rng, protein, n_substitutions, n_gaps):
    """Substitute residues at random, and delete or insert up to 12 residues at a time."""
    residues = list(protein)
    for i in rng.randint(len(protein), size=n_substitutions):
        residues[i] = rng.choice(RESIDUES)
    for i in rng.randint(len(protein) - 12, size=n_gaps):
        n = rng.randint(1, 13)
        residues[i : i + n * rng.randint(2)] = random_protein(rng, n * rng.randint(2))
    return "".join(residues)


def aligned(sequence, other):
    """Proteins, shorter first, and the columns through their anchors."""
    shorter, longer = prepare_proteins(distinct_proteins([sequence, other])[0])
    chain = _chain_segments(shorter, longer, 40)
    return shorter, longer, anchored_columns(shorter.residues, longer.residues, chain)


@pytest.fixture
def aligned_cells(monkeypatch):
    """List that collects the number of cells of each alignment."""
    cells = []

    def count(mode, text, other, offsets, align=_gapped._align):
        cells.append(len(text) * len(other))
        return align(mode, text, other, offsets)

    monkeypatch.setattr(_gapped, "_align", count)
    return cells


@pytest.mark.parametrize("n_substitutions", [1, 10, 40, 120])
@pytest.mark.parametrize("n_gaps", [0, 1, 5])
def test_columns_through_anchors_are_the_best_ones(n_substitutions, n_gaps):
    n_anchored = 0
    for seed in range(10):
        rng = np.random.RandomState(seed)
        protein = random_protein(rng, 400)
        other = relative(rng, protein, n_substitutions, n_gaps)[rng.randint(80) : -1]
        shorter, longer, columns = aligned(protein, other)
        if columns is not None:
            n_anchored += 1
            best = best_columns(shorter.residues, longer.residues)
            np.testing.assert_array_equal(columns, best)
    assert n_anchored >= 8


def test_columns_through_anchors_span_gaps_in_both_proteins():
    rng = np.random.RandomState(0)
    first, second, third, insert = (random_protein(rng, n) for n in (60, 50, 70, 9))
    shorter, _, columns = aligned(first + second + third, first + insert + second + third[4:])
    expected = [60, 9, 50, 4, 66]
    gaps = np.argmin(columns, axis=0) * (columns.min(axis=0) < 0) + (columns.min(axis=0) < 0)
    runs = np.diff(np.flatnonzero(np.concatenate(([1], np.diff(gaps), [1]))))
    assert runs.tolist() == expected
    assert columns.shape == (2, sum(expected))
    assert columns.max(axis=1).tolist()[0] == len(shorter.residues) - 1


def test_few_residues_of_near_copies_are_aligned(aligned_cells):
    rng = np.random.RandomState(0)
    protein = random_protein(rng, 1000)
    aligned(protein, relative(rng, protein, 50, 3))
    assert sum(aligned_cells) < 1000**2 / 20


def test_segments_of_twenty_residues_have_no_anchors():
    protein = prepare_proteins(distinct_proteins([random_protein(np.random.RandomState(0), 60)])[0])
    residues = protein[0].residues
    assert anchored_columns(residues, residues, [(0, 0, 20), (40, 40, 20)]) is None
    assert anchored_columns(residues, residues, [(0, 0, 21)]).shape == (2, 60)


@pytest.mark.parametrize("n_extra", [30, 300])
def test_segment_that_does_not_pay_for_a_gap_is_no_part_of_the_alignment(n_extra):
    rng = np.random.RandomState(0)
    first, extra, last = (random_protein(rng, n) for n in (200, n_extra, 40))
    shorter, longer, columns = aligned(first + last, first + extra + last)
    best = best_columns(shorter.residues, longer.residues)
    # The last 40 residues score about 210, and the gap costs 10 + n_extra.
    assert (best.shape[1] > 220) == (n_extra == 30)
    assert columns is None if n_extra == 300 else np.array_equal(columns, best)


def duplicated_domains():
    """Two proteins of two similar domains. The second of one is the first of the other."""
    rng = np.random.RandomState(0)
    domain = random_protein(rng, 200)
    similar = relative(rng, domain, 70, 0)
    return domain + similar, similar + relative(rng, similar, 70, 0)


def test_duplicated_domains_are_repeats():
    shorter, longer, columns = aligned(*duplicated_domains())
    assert _has_repeats(shorter, longer, columns)
    rng = np.random.RandomState(0)
    protein = random_protein(rng, 400)
    shorter, longer, columns = aligned(protein, relative(rng, protein, 20, 3))
    assert not _has_repeats(shorter, longer, columns)


def test_duplicated_domains_are_linked_by_their_best_alignment():
    assert cluster_sequences(duplicated_domains(), 0.65, method="kmer").tolist() == [0, 0]


@pytest.mark.parametrize("identity", [0.9, 0.95])
def test_groups_do_not_depend_on_anchors(identity, monkeypatch):
    rng = np.random.RandomState(0)
    protein = random_protein(rng, 300)
    copies = [relative(rng, protein, n, n % 4) for n in range(0, 60, 5)]
    fragments = [copy[30:200] for copy in copies[::3]]
    groups = cluster_sequences([*copies, *fragments], identity, method="kmer")
    monkeypatch.setattr(_alignment, "anchored_columns", lambda *arguments: None)
    without = cluster_sequences([*copies, *fragments], identity, method="kmer")
    assert groups.tolist() == without.tolist()
    assert 1 < len(set(groups.tolist())) < len(groups)
