"""Pairs of proteins that share so many k-mers that they are worth an alignment."""

import numpy as np
from tqdm.auto import tqdm

from sklearn_protlstm._encoding.kmer_sets import join_proteins, kmer_presence, shared_kmers

__all__ = ["candidate_batches"]

# Two residues drawn at random from natural proteins agree this often.
_CHANCE = 0.06

# Gaps in the middle of the k-mers that find candidates, by k. On viral proteins they find as many
# links as k-mers of 3 without gaps, with a tenth of the candidates; short proteins need them most.
_GAPS = {4: (0, 1, 2, 3), 5: (0, 1), 6: (0, 1)}

# Bounds of the memory: entries of one sparse product, and pairs that wait for their alignment.
_BLOCK_ENTRIES = 10_000_000
_BATCH_PAIRS = 5_000_000


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
