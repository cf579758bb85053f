"""Which k-mers proteins have and share, for finding relatives without aligning all pairs."""

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
    """Reduce sequences to the different ones, in an order that does not depend on the input's.

    Parameters
    ----------
    sequences : list of str
        Non-empty, as from ``check_sequences``.

    Returns
    -------
    proteins : list of bytes
        Residue tokens of each different sequence, short ones first. Sequences are the same if
        they differ by case, a trailing ``*``, or the kind of unknown residue only.
    origin : ndarray of shape (n_samples,), dtype int64
        Index in `proteins` of each sequence.

    Raises
    ------
    EmptySequenceError
        If a record holds nothing but ``*``.
    """
    residues, lengths = encode_residues(sequences, _PROTEIN, "mask")
    encoded = [part.tobytes() for part in np.split(residues, np.cumsum(lengths)[:-1])]
    proteins = sorted(set(encoded), key=lambda protein: (len(protein), protein))
    index = {protein: i for i, protein in enumerate(proteins)}
    return proteins, np.array([index[protein] for protein in encoded])


def join_proteins(proteins):
    """Lay proteins one after the other.

    Parameters
    ----------
    proteins : list of bytes
        As from :func:`distinct_proteins`.

    Returns
    -------
    residues : ndarray of shape (n_residues,), dtype uint8
        Tokens of all proteins.
    lengths : ndarray of shape (n_proteins,), dtype int64
        Residues of each protein.
    """
    lengths = np.fromiter(map(len, proteins), dtype=np.int64, count=len(proteins))
    return np.frombuffer(b"".join(proteins), dtype=np.uint8), lengths


def residue_letters(residues):
    """Write residue tokens as letters.

    Parameters
    ----------
    residues : bytes or ndarray of shape (n_residues,), dtype uint8
        Tokens of the 20 residues, or the token of unknown residues.

    Returns
    -------
    letters : bytes
        One-letter code, X for unknown residues.
    """
    return _LETTERS[np.frombuffer(residues, dtype=np.uint8)].tobytes()


def kmer_presence(proteins, k, gaps=(0,)):
    """Tell which k-mers each protein has.

    Parameters
    ----------
    proteins : list of bytes
        As from :func:`distinct_proteins`.
    k : int
        Residues in a k-mer, at least 2.
    gaps : tuple of int, default=(0,)
        Residues skipped in the middle of a k-mer. The same residues with another gap are another
        k-mer. Several gaps tell relatives from chance better than shorter k-mers would.

    Returns
    -------
    presence : csr_matrix of shape (n_proteins, n_kmers), dtype int32
        1 where a protein has the k-mer, once or more often. A column for each k-mer that occurs;
        those with unknown residues are left out.
    """
    residues, lengths = join_proteins(proteins)
    return hstack(
        [_presence(*_spaced_kmers(residues, lengths, k, gap), len(proteins)) for gap in gaps],
        format="csr",
    )


def _spaced_kmers(residues, lengths, k, gap):
    """(protein, k-mer) of every window without unknown residues."""
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
    # Columns of k-mers that nobody has would cost more memory than the matrix.
    seen, columns = np.unique(kmers, return_inverse=True)
    ones = np.ones(len(rows), dtype=np.int32)
    presence = csr_matrix((ones, (rows, columns)), shape=(n_rows, len(seen)))
    presence.data[:] = 1
    return presence


def shared_kmers(presence, start, stop):
    """Count the k-mers that proteins share with each protein before them.

    Parameters
    ----------
    presence : csr_matrix of shape (n_proteins, n_kmers)
        As from :func:`kmer_presence`.
    start, stop : int
        Rows of the later proteins; those in blocks of rows keep the memory within bounds.

    Returns
    -------
    earlier, later : ndarray of shape (n_pairs,), dtype int32
        Rows of every pair that shares a k-mer.
    n_shared : ndarray of shape (n_pairs,), dtype int32
        Different k-mers that both have.
    """
    # The narrow factor is the one that SciPy must convert, and its rows of sums fit the caches.
    product = (presence[:stop] @ presence[start:stop].T).tocoo()
    later = product.col + start
    before = product.row < later
    return product.row[before], later[before], product.data[before]
