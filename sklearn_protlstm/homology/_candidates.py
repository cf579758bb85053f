"""Candidate pairs: proteins that share enough k-mers to be aligned."""

import numpy as np
from tqdm.auto import tqdm

from sklearn_protlstm._encoding.kmer_sets import join_proteins, kmer_presence, shared_kmers

__all__ = ["candidate_batches"]

# Probability that two random residues of natural proteins are identical.
_P_IDENTICAL_BY_CHANCE = 0.06

# Gaps in the middle of k-mers, for each k. In viral proteins, these k-mers find as many links as
# 3-mers without gaps, with a tenth of the candidates. Short proteins need the most gaps.
_GAPS = {4: (0, 1, 2, 3), 5: (0, 1), 6: (0, 1)}

# Limits of memory: entries of a sparse product, and pairs in a batch.
_BLOCK_ENTRIES = 10_000_000
_BATCH_PAIRS = 5_000_000


def candidate_batches(proteins, threshold, verbose):
    """Find pairs of proteins that share enough k-mers to be aligned.

    Parameters
    ----------
    proteins : list of bytes
        As from ``distinct_proteins``, shortest first.
    threshold : Threshold
        Minimum identity and coverage.
    verbose : int
        If above 0, show a progress bar.

    Yields
    ------
    pairs : ndarray of shape (n_pairs, 2), dtype int32
        Indices of the shorter and the longer protein, most similar pairs first.
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
    """Yield (number of proteins, their pairs with shorter proteins, similarity)."""
    lengths = join_proteins(proteins)[1]
    for k, first, last in _length_classes(lengths, threshold.identity):
        presence = kmer_presence(proteins[:last], k, _GAPS[k])
        step = max(1, _BLOCK_ENTRIES // last)
        for start in range(first, last, step):
            stop = min(start + step, last)
            yield stop - start, *_similar_pairs(presence, start, stop, k, threshold)


def _length_classes(lengths, identity):
    """Yield (k, first, last) for ranges of proteins, which are sorted by length.

    Long proteins share more k-mers by chance and need a larger k. It is the smallest k for which
    chance explains at most 3% of the k-mers that homologs at the threshold share.
    """
    first = 0
    for k in _GAPS:
        longest = np.inf if k == max(_GAPS) else 0.03 * (identity / _P_IDENTICAL_BY_CHANCE) ** k
        last = int(np.searchsorted(lengths, longest, side="right"))
        if last > first:
            yield k, first, last
            first = last


def _similar_pairs(presence, start, stop, k, threshold):
    shorter, longer, n_shared = shared_kmers(presence, start, stop)
    n_kmers = np.diff(presence.indptr)
    expected = threshold.coverage * n_kmers * threshold.identity**k
    enough = n_shared >= np.maximum(1, expected / 2)[shorter]
    pairs = np.column_stack((shorter[enough], longer[enough]))
    # Convert to the identity that explains this fraction, which is comparable between different k.
    return pairs, (n_shared[enough] / n_kmers[pairs[:, 0]]) ** (1 / k)


def _most_similar_first(batch):
    pairs, similarity = (np.concatenate(parts) for parts in zip(*batch))
    return pairs[np.argsort(-similarity, kind="stable")]
