"""Pairs of proteins that share so many k-mers that they are worth an alignment."""

import numpy as np
from scipy.sparse import csr_matrix, hstack
from tqdm.auto import tqdm

from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet
from sklearn_protlstm.tokens import encode_residues, window_tokens

__all__ = [
    "candidate_batches",
    "distinct_proteins",
    "join_proteins",
    "kmer_presence",
    "residue_letters",
    "shared_kmers",
]

_PROTEIN = get_alphabet("protein")
_LETTERS = np.frombuffer(b"X" * FIRST_TOKEN + _PROTEIN.symbols.encode("ascii"), dtype=np.uint8)

# Two residues drawn at random from natural proteins agree this often.
_CHANCE = 0.06

# Gaps in the middle of the k-mers that find candidates, by k. On viral proteins they find as many
# links as k-mers of 3 without gaps, with a tenth of the candidates; short proteins need them most.
_GAPS = {4: (0, 1, 2, 3), 5: (0, 1), 6: (0, 1)}

# Bounds of the memory: entries of one sparse product, and pairs that wait for their alignment.
_BLOCK_ENTRIES = 10_000_000
_BATCH_PAIRS = 5_000_000


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


def candidate_batches(proteins, threshold, verbose):
    """Find pairs that share enough k-mers to be worth an alignment.

    Parameters
    ----------
    proteins : list of bytes
        As from :func:`distinct_proteins`.
    threshold : Threshold
        Least identity and coverage of a link.
    verbose : int
        Above 0, a progress bar is shown.

    Yields
    ------
    pairs : ndarray of shape (n_pairs, 2), dtype int32
        Indices of the shorter and of the longer protein, most similar pairs first.
    """
    batch, n_pairs = [], 0
    with tqdm(total=len(proteins), desc="Sharing k-mers", disable=not verbose) as bar:
        for n_done, *found in _candidate_blocks(proteins, threshold):
            batch.append(found)
            n_pairs += len(found[0])
            bar.update(n_done)
            if n_pairs > _BATCH_PAIRS:
                yield _most_similar_first(batch)
                batch, n_pairs = [], 0
    if n_pairs:
        yield _most_similar_first(batch)


def _candidate_blocks(proteins, threshold):
    """(n_done, pairs, similarity) of some proteins at a time with all that are shorter."""
    lengths = join_proteins(proteins)[1]
    for k, first, last in _length_classes(lengths, threshold.identity):
        presence = kmer_presence(proteins[:last], k, _GAPS[k])
        step = max(1, _BLOCK_ENTRIES // last)
        for start in range(first, last, step):
            stop = min(start + step, last)
            yield stop - start, *_candidates(presence, start, stop, k, threshold)


def _length_classes(lengths, identity):
    """(k, first, last) for ascending lengths: long proteins need long k-mers to differ by chance.

    k is the least for which a k-mer of the shorter protein is shared by chance at most 3 % as
    often as a relative at the threshold shares it.
    """
    first = 0
    for k in _GAPS:
        longest = np.inf if k == max(_GAPS) else 0.03 * (identity / _CHANCE) ** k
        last = int(np.searchsorted(lengths, longest, side="right"))
        if last > first:
            yield k, first, last
            first = last


def _candidates(presence, start, stop, k, threshold):
    shorter, longer, n_shared = shared_kmers(presence, start, stop)
    n_kmers = np.diff(presence.indptr)
    expected = threshold.coverage * n_kmers * threshold.identity**k
    enough = n_shared >= np.maximum(1, expected / 2)[shorter]
    pairs = np.column_stack((shorter[enough], longer[enough]))
    # The identity that would leave so many k-mers compares across different k.
    return pairs, (n_shared[enough] / n_kmers[pairs[:, 0]]) ** (1 / k)


def _most_similar_first(batch):
    pairs, similarity = (np.concatenate(parts) for parts in zip(*batch))
    return pairs[np.argsort(-similarity, kind="stable")]
