"""K-mers that proteins share, which find similar pairs without aligning all of them."""

import numpy as np
from scipy.sparse import csr_matrix, hstack

from sklearn_protlstm._encoding.tokens import encode_residues, window_tokens
from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet

__all__ = [
    "distinct_proteins",
    "join_proteins",
    "kmer_presence",
    "residue_letters",
    "shared_kmers",
]

_PROTEIN = get_alphabet("protein")
_LETTERS = np.frombuffer(b"X" * FIRST_TOKEN + _PROTEIN.symbols.encode("ascii"), dtype=np.uint8)


def distinct_proteins(sequences):
    """Remove duplicates; the order of the result does not depend on the order of the input.

    Sequences are duplicates if they only differ in case, a trailing ``*`` or the symbols of
    unknown residues.

    Parameters
    ----------
    sequences : list of str
        Non-empty sequences, as from ``check_sequences``.

    Returns
    -------
    proteins : list of bytes
        Residue tokens of each distinct protein, shortest first.
    origin : ndarray of shape (n_samples,), dtype int64
        For each sequence, the index of its protein.

    Raises
    ------
    EmptySequenceError
        If a sequence consists of a ``*`` only.
    """
    residues, lengths = encode_residues(sequences, _PROTEIN, "mask")
    encoded = [part.tobytes() for part in np.split(residues, np.cumsum(lengths)[:-1])]
    proteins = sorted(set(encoded), key=lambda protein: (len(protein), protein))
    index = {protein: i for i, protein in enumerate(proteins)}
    return proteins, np.array([index[protein] for protein in encoded])


def join_proteins(proteins):
    """Concatenate the residue tokens of proteins, and count the residues of each."""
    lengths = np.fromiter(map(len, proteins), dtype=np.int64, count=len(proteins))
    return np.frombuffer(b"".join(proteins), dtype=np.uint8), lengths


def residue_letters(residues):
    """Convert residue tokens to letters as bytes, with X for unknown residues."""
    return _LETTERS[np.frombuffer(residues, dtype=np.uint8)].tobytes()


def kmer_presence(proteins, k, gaps=(0,)):
    """Find the k-mers of each protein.

    Parameters
    ----------
    proteins : list of bytes
        As from :func:`distinct_proteins`.
    k : int
        Residues per k-mer, at least 2.
    gaps : tuple of int, default=(0,)
        Residues to skip in the middle of a k-mer. K-mers with different gaps are different.
        Several gaps separate homologs from chance better than a smaller `k` does.

    Returns
    -------
    presence : csr_matrix of shape (n_proteins, n_kmers), dtype int32
        1 where a protein has a k-mer. There is a column for each k-mer that occurs. K-mers with
        unknown residues are ignored.
    """
    residues, lengths = join_proteins(proteins)
    return hstack(
        [_presence(*_spaced_kmers(residues, lengths, k, gap), len(proteins)) for gap in gaps],
        format="csr",
    )


def _spaced_kmers(residues, lengths, k, gap):
    """Return (protein, k-mer) for each window without unknown residues."""
    heads, n_heads = window_tokens(residues, lengths, _PROTEIN.size, k // 2)
    tails, n_tails = window_tokens(residues, lengths, _PROTEIN.size, k - k // 2)
    n_kmers = np.maximum(lengths - k - gap + 1, 0)
    rows = np.repeat(np.arange(len(lengths)), n_kmers)
    starts = np.arange(len(rows)) - np.repeat(np.cumsum(n_kmers) - n_kmers, n_kmers)
    heads = heads[(np.cumsum(n_heads) - n_heads)[rows] + starts]
    tails = tails[(np.cumsum(n_tails) - n_tails)[rows] + starts + k // 2 + gap]
    known = (heads >= FIRST_TOKEN) & (tails >= FIRST_TOKEN)
    kmers = (heads - FIRST_TOKEN) * _PROTEIN.size ** (k - k // 2) + tails - FIRST_TOKEN
    return rows[known], kmers[known]


def _presence(rows, kmers, n_rows):
    # Columns for all possible k-mers would need more memory than the matrix itself.
    seen, columns = np.unique(kmers, return_inverse=True)
    ones = np.ones(len(rows), dtype=np.int32)
    presence = csr_matrix((ones, (rows, columns)), shape=(n_rows, len(seen)))
    presence.data[:] = 1
    return presence


def shared_kmers(presence, start, stop):
    """Count the k-mers that each of some proteins shares with every protein before it.

    Parameters
    ----------
    presence : csr_matrix of shape (n_proteins, n_kmers)
        As from :func:`kmer_presence`.
    start, stop : int
        Range of the later proteins. Use small ranges to limit the memory.

    Returns
    -------
    earlier, later : ndarray of shape (n_pairs,), dtype int32
        Rows of each pair that shares a k-mer.
    n_shared : ndarray of shape (n_pairs,), dtype int32
        Number of distinct k-mers in both.
    """
    # In this order, SciPy converts the smaller factor, and the rows of the product fit the caches.
    product = (presence[:stop] @ presence[start:stop].T).tocoo()
    later = product.col + start
    before = product.row < later
    return product.row[before], later[before], product.data[before]
