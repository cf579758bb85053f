"""The most similar protein of a reference set: candidates by shared k-mers, then alignment."""

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import distinct_proteins, kmer_presence
from sklearn_protlstm._validation import check_sequences
from sklearn_protlstm.homology._alignment import align_best, prepare_proteins

__all__ = ["nearest_proteins"]

# 4-mers with these gaps in the middle, as for the shortest proteins in cluster_sequences.
_K, _GAPS = 4, (0, 1, 2, 3)
_N_POSSIBLE = len(_GAPS) * 20**_K

# References to align with each query.
_N_CANDIDATES = 5

# Limit of memory: entries of a table of shared k-mers.
_BLOCK_ENTRIES = 10_000_000


def nearest_proteins(queries, references):
    """Find the most similar reference of each protein.

    It is the one with most identical residues in ungapped segments, among the five that share most
    k-mers beyond chance. Its local alignment gives the identity.

    Parameters
    ----------
    queries : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins in upper or lower case. Symbols other than the 20 residues match nothing.
    references : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins to compare with, such as the training set.

    Returns
    -------
    indices : ndarray of shape (n_queries,), dtype int64
        Index of the most similar reference; the first one of identical references. -1 if no
        reference has a significant alignment: the best ungapped segment must have a BLOSUM62 score
        of 40, about 20 bits, or 1.5 per residue in peptides.
    identity : ndarray of shape (n_queries,), dtype float64
        Fraction of the aligned columns with identical residues, where columns with gaps count.
        NaN without an alignment.
    coverage : ndarray of shape (n_queries,), dtype float64
        Fraction of the query that is aligned. NaN without an alignment.

    Raises
    ------
    TypeError
        If an argument is a single sequence, or an entry is not a sequence.
    ValueError
        If an argument is empty.
    EmptySequenceError
        If a protein has no residues.

    See Also
    --------
    cluster_sequences : Groups homologous proteins.

    Notes
    -----
    As in :func:`cluster_sequences`, alignments are Smith-Waterman with BLOSUM62 and gap costs of
    11 + 1. Distant homologs share too few k-mers to be found.

    Examples
    --------
    >>> from sklearn_protlstm.homology import nearest_proteins
    >>> references = ["MKTAYIAKQRQISFVKSHFSRQ", "GDKICLMNTQLVFWACVEPLHE"]
    >>> indices, identity, coverage = nearest_proteins(["GDKICLMNTQIVFWACVEPL"], references)
    >>> indices, identity, coverage
    (array([1]), array([0.95]), array([1.]))
    """
    queries, origin = distinct_proteins(check_sequences(queries))
    references, reference_origin = distinct_proteins(check_sequences(references))
    first_index = np.unique(reference_origin, return_index=True)[1]
    rows = _find_nearest(queries, references)
    nearest, identity, coverage = (np.array(column)[origin] for column in zip(*rows))
    indices = np.where(nearest >= 0, first_index[nearest], -1)
    return indices, identity, coverage


def _find_nearest(queries, references):
    """Return (index, identity, coverage) for each query."""
    prepared, others = prepare_proteins(queries), prepare_proteins(references)
    known = {protein: number for number, protein in enumerate(references)}
    return [
        (known[query], 1.0, 1.0)
        if query in known
        else _best_of(prepared[number], others, candidates)
        for number, (query, candidates) in enumerate(zip(queries, _candidates(queries, references)))
    ]


def _candidates(queries, references):
    """Yield the references that share most k-mers beyond chance with each query, best first."""
    presence = kmer_presence([*queries, *references], _K, _GAPS)
    n_kmers = np.diff(presence.indptr)
    n_queries = len(queries)
    transposed = presence[n_queries:].T.tocsc()
    step = max(1, _BLOCK_ENTRIES // len(references))
    for start in range(0, n_queries, step):
        stop = min(start + step, n_queries)
        shared = (presence[start:stop] @ transposed).toarray()
        by_chance = np.outer(n_kmers[start:stop], n_kmers[n_queries:]) / _N_POSSIBLE
        excess = np.where(shared > 0, (shared - by_chance) / np.sqrt(by_chance + 1), -np.inf)
        for row in excess:
            best = np.argsort(-row, kind="stable")[:_N_CANDIDATES]
            yield best[row[best] > -np.inf]


def _best_of(query, references, candidates):
    place, match = align_best(query, [references[number] for number in candidates])
    if match is None:
        return -1, np.nan, np.nan
    return candidates[place], *match.fractions(len(query.residues))
