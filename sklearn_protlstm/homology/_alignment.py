"""Links between proteins, found by ungapped alignment or, if that is inconclusive, with gaps."""

from typing import NamedTuple

import numpy as np
from joblib import delayed, effective_n_jobs

from sklearn_protlstm._encoding.kmer_sets import join_proteins
from sklearn_protlstm._encoding.tokens import window_tokens
from sklearn_protlstm.alphabets import UNKNOWN, get_alphabet
from sklearn_protlstm.homology._gapped import (
    anchored_columns,
    are_identical,
    best_columns,
    substitution_scores,
)

__all__ = ["Threshold", "align_best", "check_pairs", "prepare_proteins"]

_PROTEIN = get_alphabet("protein")

# Length of the seeds that find the best diagonal. Their 8,000 tokens fit into two bytes.
_SEED_LENGTH = 3

# Repeats have seed hits on every diagonal. Above this number, hits are sampled to limit the memory.
_MAX_SEED_HITS = 10_000_000

# Minimum score of an ungapped segment: 40 (about 20 bits), which is rare by chance. Peptides cannot
# reach it and need 1.5 per residue.
_MIN_SCORE, _MIN_SCORE_PER_RESIDUE = 40, 1.5

# Gapped alignment is skipped unless the ungapped segments contain this fraction of the identical
# residues that a link needs. In linked viral proteins they contain at least 0.81.
_MIN_FRACTION_UNGAPPED = 2 / 3

# Anchors of the gapped alignment are trusted if no other diagonal has more seed hits than these.
_MIN_STRAY_HITS, _STRAY_HITS_PER_RESIDUE = 8, 0.01

# Gapped alignment of a larger pair takes a second and more than 100 MB.
_MAX_CELLS = 100_000_000


class Threshold(NamedTuple):
    """Minimum identity and coverage of a local alignment that links two proteins.

    Identity is the fraction of columns with identical residues, including columns with gaps.
    Coverage is the fraction of the shorter protein that is aligned.
    """

    identity: float
    coverage: float

    def min_identical(self, length):
        """Minimum number of identical residues, for a shorter protein of this length."""
        return self.identity * self.coverage * length

    def is_met_by(self, match, length):
        """Whether a match links two proteins, the shorter of which has this length."""
        identity, coverage = match.fractions(length)
        return identity >= self.identity and coverage >= self.coverage


class _Match(NamedTuple):
    n_identical: int
    n_columns: int
    n_covered: int

    def fractions(self, length):
        """Identity, and coverage of a protein of this length."""
        return self.n_identical / self.n_columns, self.n_covered / length


class _Protein(NamedTuple):
    residues: np.ndarray
    seeds: np.ndarray

    def part(self, start, stop):
        return _Protein(
            self.residues[start:stop], self.seeds[start : max(start, stop - _SEED_LENGTH + 1)]
        )


def prepare_proteins(proteins):
    """Split proteins (bytes, as from ``distinct_proteins``) into residues and seeds."""
    residues, lengths = join_proteins(proteins)
    seeds, n_seeds = window_tokens(residues, lengths, _PROTEIN.size, _SEED_LENGTH)
    seeds = np.split(seeds.astype(np.uint16), np.cumsum(n_seeds)[:-1])
    return list(map(_Protein, np.split(residues, np.cumsum(lengths)[:-1]), seeds))


def check_pairs(pairs, prepared, threshold, parallel):
    """Check which pairs are linked, in parallel.

    Parameters
    ----------
    pairs : ndarray of shape (n_pairs, 2)
        Indices of the shorter and the longer protein. At least one pair.
    prepared : list of _Protein
        As from :func:`prepare_proteins`.
    threshold : Threshold
        Minimum identity and coverage.
    parallel : joblib.Parallel
        Pool of processes that returns a generator.

    Returns
    -------
    parts : generator of list of bool
        Results for consecutive parts of the pairs.
    """
    # Biopython holds the GIL while it aligns, so threads would not help.
    n_parts = max(8 * effective_n_jobs(parallel.n_jobs), len(pairs) // 100)
    return parallel(
        delayed(_are_linked)([(prepared[i], prepared[j]) for i, j in part], threshold)
        for part in np.array_split(pairs, min(n_parts, len(pairs)))
    )


def _are_linked(pairs, threshold):
    return [_is_linked(shorter, longer, threshold) for shorter, longer in pairs]


def _is_linked(shorter, longer, threshold):
    length = len(shorter.residues)
    chain = _significant_chain(shorter, longer)
    if not chain:
        return False
    match = _match_of_chain(shorter, longer, chain)
    if threshold.is_met_by(match, length):
        return True
    if match.n_identical < _MIN_FRACTION_UNGAPPED * threshold.min_identical(length):
        return False
    columns = _gapped_columns(shorter, longer, chain)
    match = _match_of_columns(columns, shorter.residues, longer.residues)
    return threshold.is_met_by(match, length)


def align_best(protein, others):
    """Align a protein with the most similar of several others.

    Parameters
    ----------
    protein : _Protein
        As from :func:`prepare_proteins`.
    others : list of _Protein
        The most similar one has most identical residues in ungapped segments.

    Returns
    -------
    place : int or None
        Its index, or None if no ungapped segment is significant.
    match : _Match or None
        The local alignment. `n_covered` counts residues of `protein`. In very long pairs, only
        ungapped segments count.
    """
    # The sort is stable: of two proteins of the same length, the first one is the shorter.
    pairs = [sorted((protein, other), key=lambda each: len(each.residues)) for other in others]
    chains = [_significant_chain(*pair) for pair in pairs]
    n_identical = [
        _match_of_chain(*pair, chain).n_identical if chain else 0
        for pair, chain in zip(pairs, chains)
    ]
    if not any(n_identical):
        return None, None
    place = int(np.argmax(n_identical))
    (shorter, longer), chain = pairs[place], chains[place]
    if len(shorter.residues) * len(longer.residues) > _MAX_CELLS:
        columns = np.hstack([np.arange(n) + [[i], [j]] for i, j, n in chain])
    else:
        columns = _gapped_columns(shorter, longer, chain)
    match = _match_of_columns(columns, shorter.residues, longer.residues)
    covered = columns[0 if shorter is protein else 1] >= 0
    return place, match._replace(n_covered=np.count_nonzero(covered))


def _significant_chain(shorter, longer):
    min_score = min(_MIN_SCORE, _MIN_SCORE_PER_RESIDUE * len(shorter.residues))
    return _chain_segments(shorter, longer, min_score)


def _gapped_columns(shorter, longer, chain):
    columns = anchored_columns(shorter.residues, longer.residues, chain)
    if columns is None or _has_repeats(shorter, longer, columns):
        columns = best_columns(shorter.residues, longer.residues)
    return columns


def _chain_segments(shorter, longer, min_score):
    """Find the best ungapped segment and, recursively, those before and after it.

    Segments are (start in the shorter protein, start in the longer protein, length). The list is
    empty if the best segment scores below `min_score`.
    """
    score, (i, j, n) = _best_segment(shorter, longer)
    if score < min_score:
        return []
    before = _chain_segments(shorter.part(0, i), longer.part(0, j), _MIN_SCORE)
    after = _chain_segments(
        shorter.part(i + n, len(shorter.residues)),
        longer.part(j + n, len(longer.residues)),
        _MIN_SCORE,
    )
    return [*before, (i, j, n), *((i + n + start, j + n + other, m) for start, other, m in after)]


def _match_of_chain(shorter, longer, chain):
    """Match of a chain of segments. Residues between segments count as not identical."""
    n_identical = sum(
        np.count_nonzero(are_identical(shorter.residues[i : i + n], longer.residues[j : j + n]))
        for i, j, n in chain
    )
    starts, others, sizes = np.array(chain).T
    between = np.maximum(np.diff(starts), np.diff(others)) - sizes[:-1]
    return _Match(n_identical, sizes.sum() + between.sum(), starts[-1] + sizes[-1] - starts[0])


def _best_segment(shorter, longer):
    """Score and position of the best ungapped segment on the best diagonal.

    It is the part of the diagonal in which the cumulative score rises most.
    """
    diagonal = _best_diagonal(shorter.seeds, longer.seeds)
    if diagonal is None:
        return 0.0, (0, 0, 0)
    start, stop = max(0, -diagonal), min(len(shorter.residues), len(longer.residues) - diagonal)
    scores = substitution_scores()[
        shorter.residues[start:stop], longer.residues[start + diagonal : stop + diagonal]
    ]
    sums = np.concatenate(([0.0], np.cumsum(scores)))
    gains = sums - np.minimum.accumulate(sums)
    last = int(gains.argmax())
    first = int(sums[: last + 1].argmin())
    return gains[last], (start + first, start + first + diagonal, last - first)


def _best_diagonal(shorter, longer):
    """Offset of the longer protein with most seed hits; None if there are no hits."""
    hits = _count_seed_hits(shorter, longer)
    return int(hits.argmax()) - len(shorter) if hits.any() else None


def _has_repeats(shorter, longer, columns):
    """Whether many seeds hit on a diagonal that the alignment does not use."""
    hits = _count_seed_hits(shorter.seeds, longer.seeds)
    i, j = columns[:, (columns >= 0).all(axis=0)]
    hits[np.unique(j - i) + len(shorter.seeds)] = 0
    return hits.max() > max(_MIN_STRAY_HITS, _STRAY_HITS_PER_RESIDUE * len(shorter.residues))


def _count_seed_hits(shorter, longer):
    """Count the hits on each diagonal. Entry `len(shorter)` is the diagonal of both starts.

    A hit is a pair of equal seeds. Binary search in the sorted seeds of the longer protein finds
    the hits of all seeds of the shorter one at once.
    """
    order = np.argsort(longer, kind="stable")
    ranked = longer[order]
    first = np.searchsorted(ranked, shorter, side="left")
    n_hits = np.searchsorted(ranked, shorter, side="right") - first
    n_hits[shorter == UNKNOWN] = 0
    n_hits[np.arange(len(n_hits)) % (n_hits.sum() // _MAX_SEED_HITS + 1) > 0] = 0
    starts = np.repeat(np.arange(len(n_hits)), n_hits)
    ranks = np.arange(len(starts)) + np.repeat(first - np.cumsum(n_hits) + n_hits, n_hits)
    return np.bincount(order[ranks] - starts + len(n_hits), minlength=len(n_hits) + len(longer))


def _match_of_columns(columns, shorter, longer):
    i, j = columns[:, (columns >= 0).all(axis=0)]
    n_identical = np.count_nonzero(are_identical(shorter[i], longer[j]))
    return _Match(n_identical, columns.shape[1], np.count_nonzero(columns[0] >= 0))
