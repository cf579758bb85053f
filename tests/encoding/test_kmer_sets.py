"""Distinct proteins and the k-mers that they share."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklearn_protlstm._encoding.kmer_sets import (
    distinct_proteins,
    kmer_presence,
    residue_letters,
    shared_kmers,
)


def test_distinct_proteins_ignore_case_stops_and_kind_of_unknown():
    proteins, origin = distinct_proteins(["MKV", "acd", "MK", "ACD*", "AXD", "a-d"])
    assert [residue_letters(protein) for protein in proteins] == [b"MK", b"AXD", b"ACD", b"MKV"]
    assert origin.tolist() == [3, 2, 0, 2, 1, 1]


@given(st.lists(st.text("ACX", min_size=1, max_size=12), min_size=1, max_size=6))
def test_shared_kmers_match_set_intersections(sequences):
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
