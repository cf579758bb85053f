"""Generates sequences with several labels, each of which depends on the order of two motifs."""

import numpy as np
from sklearn.utils import check_random_state

from sklearn_protlstm.datasets._motifs import MARGIN, check_integer, check_range, plant_motifs

__all__ = ["make_motif_labels"]

# Motifs A and B of each label. No two motifs have two neighbouring residues in common.
_MOTIFS = (
    ("AWLV", "FRQP"),
    ("YGEI", "HMSK"),
    ("KLYN", "IQHC"),
    ("VEFT", "PSAD"),
    ("WKDE", "RITS"),
    ("GVNQ", "MPCL"),
    ("LDGF", "QTMA"),
    ("ENRH", "SCWY"),
    ("DYVR", "THPW"),
    ("NFIM", "CAKG"),
)
_WIDTH = len(_MOTIFS[0][0])


def make_motif_labels(n_samples=2000, *, n_labels=4, length=(60, 80), random_state=None):
    """Generate sequences with several labels, each the order of two motifs (multi-label).

    Each label has two motifs of four residues, A and B. Every sequence contains both motifs of
    every label exactly once, in a random background. A sequence has a label if A comes before B.
    Composition and k-mers do not depend on the labels, so a model must remember which motifs it
    has met.

    The labels are independent of each other. Half of the sequences have each label, or one more or
    less.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of sequences, at least 2.
    n_labels : int, default=4
        Number of labels, from 2 to 10. With more labels, a model has more motifs to remember, and
        sequences must be longer.
    length : int or (int, int), default=(60, 80)
        Number of residues of a sequence. An int holds for all sequences. From a pair, lengths are
        drawn uniformly, both ends included. `n_labels` labels need ``14 * n_labels + 3`` residues.
        Longer sequences need a longer memory.
    random_state : int, RandomState instance or None, default=None
        Controls the random numbers. Pass an int for reproducible sequences. The motifs do not
        depend on it.

    Returns
    -------
    sequences : list of str, of length n_samples
        Sequences of the 20 residues. Background residues are uniformly distributed.
    y : ndarray of shape (n_samples, n_labels), dtype int64
        1 where a sequence has a label, 0 where it does not.

    Raises
    ------
    ValueError
        If a parameter is out of range, or if the shortest `length` cannot hold all motifs.

    See Also
    --------
    make_motif_order : One class for each sequence, the order of two motifs.
    load_localization : Real proteins, some of them in two places.

    Notes
    -----
    At least three background residues separate a motif from the next one and from the ends. k-mers
    of up to four residues that overlap a motif are therefore the same with and without each label.
    The order of the motifs of different labels is random.

    The position of one motif is a hint, because the first motif of a label is nearer to the
    N-terminus. The best threshold on the position of A is right for 0.78 of the sequences.

    Examples
    --------
    >>> from sklearn_protlstm.datasets import make_motif_labels
    >>> sequences, y = make_motif_labels(3, n_labels=2, length=35, random_state=0)
    >>> for sequence, labels in zip(sequences, y):
    ...     print(sequence, labels)
    FHPCFRQPGQKLYHMSKSAWAWLVYRIYGEIMENW [0 0]
    HKVHMSKCCIYGEIRWAREAWLVHFSEPFRQPESQ [1 0]
    AVWYGEIDMQTHMSKWNDFRQPREVWRAWLVNKND [0 1]
    """
    n_samples = check_integer(n_samples, "n_samples", minimum=2)
    n_labels = _check_n_labels(n_labels)
    low, high = check_range(length, "length", minimum=1)
    shortest = 2 * n_labels * (_WIDTH + MARGIN) + MARGIN
    if low < shortest:
        raise ValueError(
            f"length={length!r} is too short for {2 * n_labels} motifs of {_WIDTH} residues, with "
            f"{MARGIN} residues around each. Use a length of at least {shortest} or fewer labels."
        )

    rng = check_random_state(random_state)
    y = np.column_stack([rng.permutation(np.arange(n_samples) % 2) for _ in range(n_labels)])
    lengths = rng.randint(low, high + 1, size=n_samples)
    sequences = [
        plant_motifs(
            _place_motifs(labels, _draw_starts(n_residues, n_labels, rng), rng), n_residues, rng
        )
        for labels, n_residues in zip(y.tolist(), lengths.tolist())
    ]
    return sequences, y


def _check_n_labels(n_labels):
    n_labels = check_integer(n_labels, "n_labels", minimum=2)
    if n_labels > len(_MOTIFS):
        raise ValueError(
            f"n_labels must be at most {len(_MOTIFS)}, because there are motifs for "
            f"{len(_MOTIFS)} labels; got {n_labels}."
        )
    return n_labels


def _draw_starts(length, n_labels, rng):
    """Draw the starts of all motifs in ascending order, with margins around each."""
    n_motifs = 2 * n_labels
    spare = length - n_motifs * (_WIDTH + MARGIN) - MARGIN
    shifts = np.sort(rng.randint(0, spare + 1, size=n_motifs))
    return MARGIN + (_WIDTH + MARGIN) * np.arange(n_motifs) + shifts


def _place_motifs(labels, starts, rng):
    """Give two random starts to each label, the first of them to motif A if it is present."""
    of_labels = np.sort(rng.permutation(starts).reshape(len(labels), 2), axis=1)
    placements = []
    for motifs, present, pair in zip(_MOTIFS, labels, of_labels.tolist()):
        placements += zip(motifs if present else motifs[::-1], pair)
    return placements
