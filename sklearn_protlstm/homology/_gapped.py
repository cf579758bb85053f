"""Local alignment with gaps, computed only where two proteins differ.

In near-copies, the best alignment has long stretches without gaps. It is much faster to align the
residues between these stretches than to align whole proteins.
"""

from functools import cache

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import residue_letters
from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet

__all__ = ["anchored_columns", "are_identical", "best_columns", "substitution_scores"]

_PROTEIN = get_alphabet("protein")

# Gap costs of BLASTP for BLOSUM62: 11 for the first residue of a gap, 1 for each further one.
_FIRST_GAP, _NEXT_GAP = -11, -1

# An identical residue is an anchor if the ten residues before it and the ten after it score at
# least 40 on the same diagonal. Ten identical residues score 53 on average.
_FLANK, _MIN_FLANK_SCORE = 10, 40


def anchored_columns(shorter, longer, chain):
    """Find the columns of the best local alignment through the anchors.

    Parameters
    ----------
    shorter, longer : ndarray of shape (n_residues,), dtype uint8
        Residue tokens.
    chain : list of tuple (start in the shorter protein, start in the longer protein, length)
        Ungapped segments, in the order of both proteins. At least one.

    Returns
    -------
    columns : ndarray of shape (2, n_columns), dtype int64, or None
        Positions in the shorter and in the longer protein. In a gap, the position is -1. None if
        there are no anchors, or if there is a better alignment that misses some of them.
    """
    anchors = _find_anchors(shorter, longer, chain)
    if not anchors.size:
        return None
    columns = _columns_through(anchors, shorter, longer)
    return columns if columns is not None and _has_positive_ends(columns, shorter, longer) else None


def best_columns(shorter, longer):
    """Find the columns of the best local alignment, as :func:`anchored_columns` returns them."""
    return _align("local", _letters(shorter), _letters(longer), (0, 0))


def are_identical(a, b):
    """Compare residue tokens. Unknown residues are identical to nothing."""
    return (a == b) & (a >= FIRST_TOKEN)


def _find_anchors(shorter, longer, chain):
    """Return the positions of the anchors in both proteins, shape (2, n_anchors)."""
    found = []
    for i, j, n in chain:
        a, b = shorter[i : i + n], longer[j : j + n]
        sums = np.concatenate(([0.0], np.cumsum(substitution_scores()[a, b])))
        conserved = sums[_FLANK:] - sums[:-_FLANK] >= _MIN_FLANK_SCORE
        flanked = conserved[: -_FLANK - 1] & conserved[_FLANK + 1 :]
        inner = np.flatnonzero(flanked & are_identical(a, b)[_FLANK:-_FLANK]) + _FLANK
        found.append(np.stack((i + inner, j + inner)))
    return np.hstack(found)


def _columns_through(anchors, shorter, longer):
    """Return the columns of the best alignment through the anchors.

    Between two anchors, the alignment has no gaps or comes from the aligner. Return None if the
    aligner leaves an anchor, because then the best alignment does not contain it.
    """
    texts = _letters(shorter), _letters(longer)
    bends = np.flatnonzero(~_are_straight(anchors, shorter, longer))
    starts, ends = anchors[:, np.append(0, bends + 1)].T, anchors[:, np.append(bends, -1)].T
    parts = []
    for mode, begin, end in [
        ("local", (0, 0), starts[0]),
        *(("global", end, start) for end, start in zip(ends, starts[1:])),
        ("local", ends[-1], (len(shorter) - 1, len(longer) - 1)),
    ]:
        (i, j), (k, m) = begin, end
        parts.append(_align(mode, texts[0][i : k + 1], texts[1][j : m + 1], begin))
    if any((part[:, -1] != start).any() for part, start in zip(parts, starts)):
        return None
    if any((part[:, 0] != end).any() for part, end in zip(parts[1:], ends)):
        return None
    columns = [parts[0]]
    for start, end, part in zip(starts, ends, parts[1:]):
        columns += [start[:, None] + np.arange(1, end[0] - start[0] + 1), part[:, 1:]]
    return np.hstack(columns)


def _are_straight(anchors, shorter, longer):
    """Whether the best alignment between an anchor and the next one has no gaps.

    On one diagonal, gaps come in pairs, one in each protein. They do not pay if the ungapped score
    is less than two gaps below the score of identical residues.
    """
    positions = np.arange(anchors[0, 0], anchors[0, -1])
    diagonals = anchors[1] - anchors[0]
    shifts = diagonals[np.searchsorted(anchors[0], positions, side="right") - 1]
    scores = substitution_scores()
    residues, others = shorter[positions], longer[np.minimum(positions + shifts, len(longer) - 1)]
    lost = scores.max(axis=1)[residues] - scores[residues, others]
    lost_between = np.add.reduceat(lost, anchors[0, :-1] - anchors[0, 0]) if len(lost) else lost
    return (np.diff(diagonals) == 0) & (lost_between < -2 * _FIRST_GAP)


def _has_positive_ends(columns, shorter, longer):
    """Whether no part at an end scores 0 or less, as in every best local alignment."""
    i, j = columns
    gaps = columns < 0
    first = gaps & ~np.pad(gaps, ((0, 0), (1, 0)))[:, :-1]
    gap_scores = np.where(first.any(axis=0), _FIRST_GAP, _NEXT_GAP)
    pair_scores = substitution_scores()[shorter[i], longer[j]]
    sums = np.cumsum(np.where(gaps.any(axis=0), gap_scores, pair_scores))
    return sums.min() > 0 and sums[:-1].max(initial=0) < sums[-1]


def _align(mode, text, other, offsets):
    columns = _aligner(mode).align(text, other)[0].indices
    return np.where(columns >= 0, columns + np.reshape(offsets, (2, 1)), -1)


def _letters(residues):
    return residue_letters(residues).decode("ascii")


@cache
def _aligner(mode):
    from Bio.Align import PairwiseAligner, substitution_matrices

    return PairwiseAligner(
        mode=mode,
        substitution_matrix=substitution_matrices.load("BLOSUM62"),
        open_gap_score=_FIRST_GAP,
        extend_gap_score=_NEXT_GAP,
    )


@cache
def substitution_scores():
    """Return BLOSUM62, indexed by tokens."""
    matrix = _aligner("local").substitution_matrix
    letters = _letters(bytes(range(_PROTEIN.n_tokens)))
    ranks = [matrix.alphabet.index(letter) for letter in letters]
    return np.array(matrix)[np.ix_(ranks, ranks)]
