"""The most similar reference, and how similar it is."""

import numpy as np
import pytest

from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.exceptions import EmptySequenceError
from sklearn_protlstm.homology import nearest_proteins

RESIDUES = list("ACDEFGHIKLMNPQRSTVWY")


def random_proteins(n, length, seed=0):
    rng = np.random.RandomState(seed)
    return ["".join(rng.choice(RESIDUES, size=length)) for _ in range(n)]


def substitute(protein, n):
    """Replace residues at regular places by others."""
    letters = list(protein)
    for place in np.linspace(0, len(letters) - 1, n).astype(int):
        letters[place] = RESIDUES[(RESIDUES.index(letters[place]) + 7) % 20]
    return "".join(letters)


def test_mutants_find_their_origin():
    references = random_proteins(50, 120)
    queries = [substitute(references[place], 30) for place in (7, 0, 49)]
    indices, identity, coverage = nearest_proteins(queries, references)
    assert indices.tolist() == [7, 0, 49]
    # The ends are substituted and may not be part of a local alignment.
    np.testing.assert_allclose(identity, 0.75, atol=0.03)
    assert (coverage > 0.9).all()


def test_fragments_and_longer_queries():
    references = random_proteins(20, 200)
    extended = random_proteins(1, 100, seed=1)[0] + references[5]
    indices, identity, coverage = nearest_proteins([references[3][50:90], extended], references)
    assert indices.tolist() == [3, 5]
    np.testing.assert_allclose(identity, 1, atol=0.02)
    # Coverage is that of the query.
    np.testing.assert_allclose(coverage, [1, 2 / 3], atol=0.02)


def test_insertion_counts_as_columns():
    reference = random_proteins(1, 100)[0]
    query = reference[:50] + "W" * 5 + reference[50:]
    indices, identity, coverage = nearest_proteins([query], [reference])
    assert indices.tolist() == [0]
    np.testing.assert_allclose([identity[0], coverage[0]], [100 / 105, 1])


def test_nothing_is_similar():
    indices, identity, coverage = nearest_proteins(
        random_proteins(3, 30), random_proteins(5, 30, 1)
    )
    assert indices.tolist() == [-1, -1, -1]
    assert np.isnan(identity).all()
    assert np.isnan(coverage).all()


def test_identical_proteins():
    # Proteins without k-mers, in lower case or with unknown residues have identical ones, too.
    references = ["MNTQAKGD", "ac", "MNTQAKGD", "XXXX"]
    indices, identity, coverage = nearest_proteins(["mntqakgd*", "AC", "BXZX"], references)
    assert indices.tolist() == [0, 1, 3]
    assert identity.tolist() == coverage.tolist() == [1, 1, 1]


def test_small_blocks_give_the_same_result(monkeypatch):
    references = random_proteins(30, 80)
    queries = [substitute(protein, 20) for protein in references[::3]]
    expected = nearest_proteins(queries, references)
    monkeypatch.setattr("sklearn_protlstm.homology._nearest._BLOCK_ENTRIES", 1)
    for one, other in zip(nearest_proteins(queries, references), expected):
        np.testing.assert_array_equal(one, other)


def test_very_long_pairs_need_no_gapped_alignment(monkeypatch):
    references = random_proteins(10, 120)
    queries = [substitute(references[4], 20), references[5][:60] + references[6][60:] + "WW"]
    expected = nearest_proteins(queries, references)
    monkeypatch.setattr("sklearn_protlstm.homology._alignment._MAX_CELLS", 0)
    indices, identity, coverage = nearest_proteins(queries, references)
    np.testing.assert_array_equal(indices, expected[0])
    np.testing.assert_allclose(identity, expected[1], atol=0.05)
    np.testing.assert_allclose(coverage, expected[2], atol=0.05)


def test_relatives_of_viral_proteins_are_found():
    viruses = load_virus_hosts()
    groups = np.asarray(viruses.groups)
    # One protein of each family with at least four, against all others.
    _, first, counts = np.unique(groups, return_index=True, return_counts=True)
    chosen = first[counts >= 4][:60]
    others = np.setdiff1d(np.arange(len(groups)), chosen)
    X = np.array(viruses.data, dtype=object)
    indices, identity, _ = nearest_proteins(list(X[chosen]), list(X[others]))
    same = groups[others[indices]] == groups[chosen]
    assert same.mean() >= 0.95
    assert identity[same].min() >= 0.35


def test_errors():
    with pytest.raises(ValueError, match="Found 0 sequences"):
        nearest_proteins([], ["MNTQ"])
    with pytest.raises(EmptySequenceError, match="Sequence 1 is empty"):
        nearest_proteins(["MNTQ"], ["MNTQ", ""])
    with pytest.raises(TypeError, match=r"did you mean \[sequence\]"):
        nearest_proteins("MNTQ", ["MNTQ"])
