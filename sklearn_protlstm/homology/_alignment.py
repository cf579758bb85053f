"""Are two proteins linked? Ungapped stretches tell, or an alignment where they leave doubt."""

from functools import cache
from typing import NamedTuple

import numpy as np
from joblib import delayed, effective_n_jobs

from sklearn_protlstm._encoding.kmer_sets import join_proteins, residue_letters
from sklearn_protlstm._encoding.tokens import window_tokens
from sklearn_protlstm.alphabets import FIRST_TOKEN, UNKNOWN, get_alphabet

__all__ = ["Threshold", "judge_pairs", "prepare_proteins"]

_PROTEIN = get_alphabet("protein")

# What BLASTP charges beside BLOSUM62: 11 for the first residue of a gap, 1 for each further one.
_FIRST_GAP, _NEXT_GAP = -11, -1

# Seeds that tell on which diagonal two proteins match; the 8,000 of them fit into two bytes.
_SEED = 3

# Repeats meet on every diagonal; a sample of the places where they do keeps the memory in bounds.
_MOST_MEETINGS = 10_000_000

# Least score of an ungapped stretch that is worth a second look: 40, about 20 bits, is what chance
# rarely reaches; peptides cannot, and give 1.5 a residue.
_STRETCH, _STRETCH_OF_PEPTIDE = 40, 1.5

# Least share of the identical residues which a link needs that such stretches must hold before a
# full alignment looks for the others. In linked viral proteins they hold 0.81 or more.
_IN_STRETCHES = 2 / 3


class Threshold(NamedTuple):
    """What a local alignment must show to link two proteins.

    Parameters
    ----------
    identity : float
        Least share of identical residues among the columns.
    coverage : float
        Least share of the shorter protein's residues that are in the alignment.
    """

    identity: float
    coverage: float

    def n_identical(self, length):
        """Count the identical residues that a link needs at least.

        Parameters
        ----------
        length : int
            Residues of the shorter protein.

        Returns
        -------
        n_identical : float
            Not rounded.
        """
        return self.identity * self.coverage * length

    def is_met_by(self, match, length):
        """Tell whether a match links two proteins.

        Parameters
        ----------
        match : _Match
            Counts of a local alignment.
        length : int
            Residues of the shorter protein.

        Returns
        -------
        is_met : bool
            True if neither share is too low.
        """
        return (
            match.n_identical / match.n_columns >= self.identity
            and match.n_covered / length >= self.coverage
        )


class _Match(NamedTuple):
    n_identical: int
    n_columns: int
    n_covered: int


class _Protein(NamedTuple):
    residues: np.ndarray
    seeds: np.ndarray

    def cut(self, start, stop):
        """The piece from one residue up to another."""
        return _Protein(self.residues[start:stop], self.seeds[start : max(start, stop - _SEED + 1)])


def prepare_proteins(proteins):
    """Bring proteins to the form that pairs are judged in.

    Parameters
    ----------
    proteins : list of bytes
        As from ``distinct_proteins``.

    Returns
    -------
    prepared : list of _Protein
        Residues and seeds of each protein.
    """
    residues, lengths = join_proteins(proteins)
    seeds, n_seeds = window_tokens(residues, lengths, _PROTEIN.size, _SEED)
    seeds = np.split(seeds.astype(np.uint16), np.cumsum(n_seeds)[:-1])
    return list(map(_Protein, np.split(residues, np.cumsum(lengths)[:-1]), seeds))


def judge_pairs(pairs, prepared, threshold, parallel):
    """Tell which pairs are linked.

    Parameters
    ----------
    pairs : ndarray of shape (n_pairs, 2)
        Indices of the shorter and of the longer protein of one pair or more.
    prepared : list of _Protein
        As from :func:`prepare_proteins`.
    threshold : Threshold
        Least identity and coverage of a link.
    parallel : joblib.Parallel
        The processes to work in; returns a generator.

    Returns
    -------
    parts : generator of list of bool
        Verdicts in the order of the pairs, part by part.
    """
    # Biopython's aligner holds the GIL, so the parts go to processes, several to each.
    n_parts = max(8 * effective_n_jobs(parallel.n_jobs), len(pairs) // 100)
    return parallel(
        delayed(_are_linked)([(prepared[i], prepared[j]) for i, j in part], threshold)
        for part in np.array_split(pairs, min(n_parts, len(pairs)))
    )


def _are_linked(pairs, threshold):
    return [_is_linked(shorter, longer, threshold) for shorter, longer in pairs]


def _is_linked(shorter, longer, threshold):
    length = len(shorter.residues)
    chain = _chain(shorter, longer, min(_STRETCH, _STRETCH_OF_PEPTIDE * length))
    if not chain:
        return False
    match = _chain_match(shorter, longer, chain)
    if threshold.is_met_by(match, length):
        return True
    if match.n_identical < _IN_STRETCHES * threshold.n_identical(length):
        return False
    return threshold.is_met_by(_best_match(shorter.residues, longer.residues), length)


def _chain(shorter, longer, least):
    """Places of the best stretch, if it scores enough, and of those that fit before and behind it.

    A place is the start in the shorter protein, the start in the longer, and the columns.
    """
    score, (i, j, n) = _best_stretch(shorter, longer)
    if score < least:
        return []
    before = _chain(shorter.cut(0, i), longer.cut(0, j), _STRETCH)
    behind = _chain(
        shorter.cut(i + n, len(shorter.residues)),
        longer.cut(j + n, len(longer.residues)),
        _STRETCH,
    )
    return [*before, (i, j, n), *((i + n + start, j + n + other, m) for start, other, m in behind)]


def _chain_match(shorter, longer, chain):
    """Match of a chain of stretches, with nothing identical between them."""
    n_identical = sum(
        _count_identical(shorter.residues[i : i + n], longer.residues[j : j + n])
        for i, j, n in chain
    )
    starts, others, sizes = np.array(chain).T
    between = np.maximum(np.diff(starts), np.diff(others)) - sizes[:-1]
    return _Match(n_identical, sizes.sum() + between.sum(), starts[-1] + sizes[-1] - starts[0])


def _best_stretch(shorter, longer):
    """Score and place of the highest-scoring run of columns on the best diagonal."""
    diagonal = _best_diagonal(shorter.seeds, longer.seeds)
    if diagonal is None:
        return 0.0, (0, 0, 0)
    start, stop = max(0, -diagonal), min(len(shorter.residues), len(longer.residues) - diagonal)
    scores = _scores()[
        shorter.residues[start:stop], longer.residues[start + diagonal : stop + diagonal]
    ]
    sums = np.concatenate(([0.0], np.cumsum(scores)))
    gains = sums - np.minimum.accumulate(sums)
    last = int(gains.argmax())
    first = int(sums[: last + 1].argmin())
    return gains[last], (start + first, start + first + diagonal, last - first)


def _best_diagonal(shorter, longer):
    """Offset of the longer protein at which most seeds of the two meet; None if no seeds do."""
    order = np.argsort(longer, kind="stable")
    ranked = longer[order]
    first = np.searchsorted(ranked, shorter, side="left")
    n_hits = np.searchsorted(ranked, shorter, side="right") - first
    n_hits[shorter == UNKNOWN] = 0
    n_hits[np.arange(len(n_hits)) % (n_hits.sum() // _MOST_MEETINGS + 1) > 0] = 0
    starts = np.repeat(np.arange(len(n_hits)), n_hits)
    if not len(starts):
        return None
    ranks = np.arange(len(starts)) + np.repeat(first - np.cumsum(n_hits) + n_hits, n_hits)
    offsets = order[ranks] - starts + len(n_hits)
    return int(np.bincount(offsets).argmax()) - len(n_hits)


def _best_match(shorter, longer):
    """Match of the best local alignment with gaps."""
    texts = [residue_letters(residues).decode("ascii") for residues in (shorter, longer)]
    columns = _aligner().align(*texts)[0].indices
    i, j = columns[:, (columns >= 0).all(axis=0)]
    n_identical = _count_identical(shorter[i], longer[j])
    return _Match(n_identical, columns.shape[1], np.count_nonzero(columns[0] >= 0))


def _count_identical(a, b):
    return np.count_nonzero((a == b) & (a >= FIRST_TOKEN))


@cache
def _aligner():
    # Biopython is loaded when first needed, as everywhere.
    from Bio.Align import PairwiseAligner, substitution_matrices

    return PairwiseAligner(
        mode="local",
        substitution_matrix=substitution_matrices.load("BLOSUM62"),
        open_gap_score=_FIRST_GAP,
        extend_gap_score=_NEXT_GAP,
    )


@cache
def _scores():
    """BLOSUM62 by tokens, shape (n_tokens, n_tokens)."""
    matrix = _aligner().substitution_matrix
    letters = residue_letters(bytes(range(_PROTEIN.n_tokens))).decode("ascii")
    ranks = [matrix.alphabet.index(letter) for letter in letters]
    return np.array(matrix)[np.ix_(ranks, ranks)]
