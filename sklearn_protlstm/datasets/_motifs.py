"""Plants motifs in random sequences, and checks the parameters of the generators."""

import re
from numbers import Integral

import numpy as np

__all__ = ["MARGIN", "check_integer", "check_motif", "check_range", "plant_motifs"]

_RESIDUES = "ACDEFGHIKLMNPQRSTVWY"

# Number of background residues between a motif and an end of the sequence. k-mers of up to four
# residues that overlap a motif then occur equally often in all classes.
MARGIN = 3


def plant_motifs(placements, length, rng):
    """Draw a random sequence that contains each motif at its start and nowhere else.

    `placements` are (motif, start) pairs. The motifs neither touch nor contain each other.
    """
    alphabet = np.array(list(_RESIDUES))
    residues = rng.choice(alphabet, size=length)
    background = np.ones(length, dtype=bool)
    for motif, start in placements:
        residues[start : start + len(motif)] = list(motif)
        background[start : start + len(motif)] = False

    # Redraw only the residues concerned. Nearly every background contains a motif of one or two
    # residues by chance, so redrawing whole sequences would hardly ever succeed.
    while True:
        sequence = "".join(residues)
        stray = np.zeros(length, dtype=bool)
        for motif, start in placements:
            for found in re.finditer(f"(?={motif})", sequence):
                if found.start() != start:
                    stray[found.start() : found.start() + len(motif)] = True
        stray &= background
        if not stray.any():
            return sequence
        residues[stray] = rng.choice(alphabet, size=stray.sum())


def check_integer(value, name, *, minimum):
    """Return an integer of at least `minimum` as an int."""
    if not isinstance(value, Integral) or value < minimum:
        raise ValueError(f"{name} must be an integer of at least {minimum}; got {value!r}.")
    return int(value)


def check_range(value, name, *, minimum):
    """Return an int or an inclusive (low, high) pair as a pair."""
    pair = (value, value) if isinstance(value, Integral) else value
    if (
        not isinstance(pair, tuple | list)
        or len(pair) != 2
        or not all(isinstance(bound, Integral) for bound in pair)
        or not minimum <= pair[0] <= pair[1]
    ):
        raise ValueError(
            f"{name} must be an integer of at least {minimum}, or a pair (low, high) of such "
            f"integers with low <= high; got {value!r}."
        )
    return int(pair[0]), int(pair[1])


def check_motif(motif, name):
    """Raise a ValueError if the motif is not a string of the 20 residues."""
    if not isinstance(motif, str) or not motif:
        raise ValueError(f"{name} must be a string of at least one residue; got {motif!r}.")
    for position, symbol in enumerate(motif, start=1):
        if symbol not in _RESIDUES:
            raise ValueError(
                f"{name}={motif!r}: symbol {symbol!r} at residue {position} is not one of the "
                f"20 residues. Use the upper-case letters {_RESIDUES}."
            )
