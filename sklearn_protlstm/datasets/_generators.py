"""Generators of sequences whose answer lies in where motifs stand, not in which there are."""

import itertools
import re
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

_RESIDUES = "ACDEFGHIKLMNPQRSTVWY"

# Background kept between a motif of `make_motif_order` and the ends of its sequence: every k-mer
# up to k = 4 that touches a motif then occurs equally often on both sides and in both classes.
_ORDER_MARGIN = 3


def make_motif_position(
    n_samples=1000,
    *,
    motif="AKGDKICL",
    length=(23, 60),
    margin=0,
    class_names=("human", "dog"),
    random_state=None,
):
    """Make sequences whose class says where a motif stands, not which motif there is.

    Every sequence holds the motif exactly once in a random background. At an end of the sequence
    it makes the first class, in the middle third the second one. Composition is the same in
    both classes; a model has to know the position.

    The classes are balanced (their counts differ by one at most), the first class has half of
    its motifs at each end, and the rows are shuffled.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of sequences, at least 2.
    motif : str, default="AKGDKICL"
        The motif, in upper-case letters of the 20 residues. A shorter one is harder to find.
    length : int or (int, int), default=(23, 60)
        Number of residues of a sequence: an int for all, or an inclusive range from which it is
        drawn uniformly. Longer sequences ask for a longer memory.
    margin : int, default=0
        Number of residues between the first class's motif and the end that it is near to. Use 3
        to close the way by which k-mer counts solve short sequences; see Notes.
    class_names : (str, str), default=("human", "dog")
        Labels of "motif at an end" and of "motif in the middle third".
    random_state : int, RandomState instance or None, default=None
        Decides everything random. Pass an int for the same sequences each time.

    Returns
    -------
    sequences : list of str, of length n_samples
        Sequences in the 20 residues, background uniform at random.
    y : ndarray of shape (n_samples,), dtype str
        Class names.

    Raises
    ------
    ValueError
        If a parameter is out of its range, if the motif has a symbol that is no residue, or if
        the shortest `length` is too short to tell an end from the middle third.

    See Also
    --------
    make_motif_order : The answer lies in the order of two motifs.
    load_virus_hosts : Real proteins.

    Notes
    -----
    A motif of ``w`` residues that starts after ``s`` others has its centre at ``s + w / 2``. In a
    sequence of ``n`` residues the first class has ``s = margin`` or ``s = n - w - margin``, and
    the second class ``n / 3 <= s + w / 2 <= 2 n / 3``, each such ``s`` equally likely.

    The task was first asked with three sequences of 23 residues, the least of the default:
    ``MNTQILVFIACVLIEAKGDKICL`` and ``AKGDKICLMNTQILVFIACVLIE`` are human,
    ``MNTQAKGDKICLILVFIACVLIE`` is dog.

    With ``margin=0`` k-mer counts need not be at chance. A motif at an end touches background on
    one side only, one in the middle on both sides, and the k-mers across these borders can be
    counted. A logistic regression on scaled 3-mer counts (2,000 sequences, 5 folds) reaches an
    accuracy of 0.91 at length 20, 0.65 at 50, 0.57 at 100 and 0.50 at 400, where the background
    drowns the border. ``margin=3`` closes that door: both classes have the same borders for
    k-mers of up to four residues, and the same model stays between 0.48 and 0.52 at lengths 23
    to 400.

    Where the background spells the motif by accident, the residues in question are drawn again.

    Examples
    --------
    >>> from sklearn_protlstm.datasets import make_motif_position
    >>> sequences, y = make_motif_position(4, length=23, random_state=0)
    >>> for sequence, host in zip(sequences, y):
    ...     print(sequence, host)
    LYWFHPCHIRVGQKLAKGDKICL human
    EVYYYRIAKGDKICLDAAFGHKV dog
    SFLMCCIAKGDKICLEPMNFHFS dog
    AKGDKICLQTVGLEAGAVWFDTE human
    """
    n_samples = _check_integer(n_samples, "n_samples", minimum=2)
    _check_motif(motif, "motif")
    low, high = _check_range(length, "length", minimum=1)
    margin = _check_integer(margin, "margin", minimum=0)
    class_names = _check_class_names(class_names)
    shortest = _shortest_separable_length(len(motif), margin)
    if low < shortest:
        raise ValueError(
            f"length={length!r} leaves no room: with a motif of {len(motif)} residues and "
            f"margin={margin}, a place near an end is also in the middle third of a sequence "
            f"shorter than {shortest}, so the two classes would look alike. Use lengths from "
            f"{shortest} on, a shorter motif or a smaller margin."
        )

    rng = check_random_state(random_state)
    # 0 = at the start, 2 = at the end, odd = in the middle: equal halves, and halves of a half
    kinds = rng.permutation(np.arange(n_samples) % 4)
    lengths = rng.randint(low, high + 1, size=n_samples)
    first, last = _middle_third_starts(lengths, len(motif))
    starts = np.select(
        [kinds == 0, kinds == 2],
        [margin, lengths - len(motif) - margin],
        default=rng.randint(first, last + 1),
    )
    sequences = [
        _plant([(motif, start)], n_residues, rng)
        for start, n_residues in zip(starts.tolist(), lengths.tolist())
    ]
    return sequences, class_names[kinds % 2]


def make_motif_order(
    n_samples=2000,
    *,
    motifs=("AKGDKICL", "WHYTPEMN"),
    gap=(3, 30),
    length=(60, 80),
    class_names=("A before B", "B before A"),
    random_state=None,
):
    """Make sequences whose class says which of two motifs comes first.

    Every sequence holds both motifs, each exactly once, at random places in a random background.
    Composition, k-mers and sequence ends are alike in both classes: a model has to remember the
    first motif until it meets the second, as in the temporal order problem of [1]_.

    The classes are balanced (their counts differ by one at most) and the rows are shuffled.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of sequences, at least 2.
    motifs : (str, str), default=("AKGDKICL", "WHYTPEMN")
        Motifs A and B, in upper-case letters of the 20 residues, neither a part of the other.
        The default two share no residue, so that neither is mistaken for the other.
    gap : int or (int, int), default=(3, 30)
        Number of residues between the motifs, at least 1: an int for all, or an inclusive range
        from which it is drawn uniformly. A wider gap asks for a longer memory; see Notes for
        what a gap below 3 gives away.
    length : int or (int, int), default=(60, 80)
        Number of residues of a sequence: an int for all, or an inclusive range from which it is
        drawn uniformly. Longer sequences make the place of a single motif say less; see Notes.
    class_names : (str, str), default=("A before B", "B before A")
        Labels of the two orders.
    random_state : int, RandomState instance or None, default=None
        Decides everything random. Pass an int for the same sequences each time.

    Returns
    -------
    sequences : list of str, of length n_samples
        Sequences in the 20 residues, background uniform at random.
    y : ndarray of shape (n_samples,), dtype str
        Class names.

    Raises
    ------
    ValueError
        If a parameter is out of its range, if a motif has a symbol that is no residue, if one
        motif contains the other, or if the shortest `length` cannot hold the widest `gap`.

    See Also
    --------
    make_motif_position : The answer lies in the place of one motif.
    load_virus_hosts : Real proteins.

    Notes
    -----
    Length, gap and place are drawn before the order and without regard to it. Three residues of
    background or more lie between a motif and an end of the sequence. So k-mers of up to four
    residues that touch a motif are the same in both classes, as long as none spans both motifs:
    a k-mer of more than ``gap + 1`` residues does, and the residues that it takes from each
    tell their order. With ``gap=1`` a logistic regression on scaled 1- to 3-mer counts
    reaches an accuracy of 0.72 (2,000 sequences, 2 folds); with 2 or more, and with the default,
    it stays between 0.47 and 0.53.

    The place of one motif is no proof but a hint, since the motif that comes first lies nearer
    to the N-terminus. The best threshold on the place of A is right for 0.86 of the sequences
    of the default length, for 0.69 at 100 to 120 residues and for 0.61 at 150 to 200. Above
    that, a model has to relate the motifs to each other.

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8),
       1735-1780, 1997, section 5.6. :doi:`10.1162/neco.1997.9.8.1735`

    Examples
    --------
    >>> from sklearn_protlstm.datasets import make_motif_order
    >>> sequences, y = make_motif_order(3, length=40, gap=(3, 8), random_state=0)
    >>> for sequence, order in zip(sequences, y):
    ...     print(sequence, order)
    YWFHPCAKGDKICLYTYGSSAWWHYTPEMNCLAMENWDAA A before B
    FGHKVSFLMCWHYTPEMNAREAKGDKICLPFKRSESQTVG B before A
    LEAGAVWFDTEDAKGDKICLNDDEEWWHYTPEMNMNKNDY A before B
    """
    n_samples = _check_integer(n_samples, "n_samples", minimum=2)
    motifs = _check_motif_pair(motifs)
    low_gap, high_gap = _check_range(gap, "gap", minimum=1)
    low, high = _check_range(length, "length", minimum=1)
    class_names = _check_class_names(class_names)
    n_planted = sum(map(len, motifs))
    shortest = n_planted + high_gap + 2 * _ORDER_MARGIN
    if low < shortest:
        raise ValueError(
            f"length={length!r} leaves no room: two motifs of {n_planted} residues together, a "
            f"gap of up to {high_gap} and {_ORDER_MARGIN} residues at each end need "
            f"{shortest}. Use lengths from {shortest} on, or a smaller gap."
        )

    rng = check_random_state(random_state)
    swapped = rng.permutation(np.arange(n_samples) % 2)
    lengths = rng.randint(low, high + 1, size=n_samples)
    gaps = rng.randint(low_gap, high_gap + 1, size=n_samples)
    # Places are drawn without a look at the order, so that they cannot give it away.
    spare = lengths - gaps - n_planted - 2 * _ORDER_MARGIN
    starts = _ORDER_MARGIN + rng.randint(0, spare + 1)
    sequences = []
    for swap, start, n_between, n_residues in np.c_[swapped, starts, gaps, lengths].tolist():
        left, right = motifs[::-1] if swap else motifs
        placements = [(left, start), (right, start + len(left) + n_between)]
        sequences.append(_plant(placements, n_residues, rng))
    return sequences, class_names[swapped]


def _middle_third_starts(length, width):
    """First and last start of a motif of `width` residues whose centre is in the middle third.

    The centre, ``start + width / 2``, lies in ``[length / 3, 2 * length / 3]``; both arguments
    may be arrays. The last start mirrors the first.
    """
    first = -((3 * width - 2 * length) // 6)
    return first, length - width - first


def _shortest_separable_length(width, margin):
    """Length from which on the places near an end and those in the middle third are apart."""
    for length in itertools.count(width + 1):
        first, last = _middle_third_starts(length, width)
        if margin < first <= last:
            return length


def _plant(placements, length, rng):
    """Draw a random sequence that holds each motif at its place and nowhere else.

    `placements` are (motif, start) pairs; the motifs neither touch nor contain one another.
    """
    alphabet = np.array(list(_RESIDUES))
    residues = rng.choice(alphabet, size=length)
    background = np.ones(length, dtype=bool)
    for motif, start in placements:
        residues[start : start + len(motif)] = list(motif)
        background[start : start + len(motif)] = False

    # Only what is in the way is drawn again: whole new sequences would hardly ever do for a
    # motif of one or two residues, which chance spells in nearly every background.
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


def _check_integer(value, name, *, minimum):
    if not isinstance(value, Integral) or value < minimum:
        raise ValueError(f"{name} must be an integer of at least {minimum}; got {value!r}.")
    return int(value)


def _check_range(value, name, *, minimum):
    """Read an int, or an inclusive (low, high) pair, as a pair."""
    pair = (value, value) if isinstance(value, Integral) else value
    if (
        not isinstance(pair, tuple | list)
        or len(pair) != 2
        or not all(isinstance(bound, Integral) for bound in pair)
        or not minimum <= pair[0] <= pair[1]
    ):
        raise ValueError(
            f"{name} must be an integer of at least {minimum}, or an inclusive pair (low, high) "
            f"of such integers with low <= high; got {value!r}."
        )
    return int(pair[0]), int(pair[1])


def _check_motif(motif, name):
    if not isinstance(motif, str) or not motif:
        raise ValueError(f"{name} must be a string of at least one residue; got {motif!r}.")
    for position, symbol in enumerate(motif, start=1):
        if symbol not in _RESIDUES:
            raise ValueError(
                f"{name}={motif!r}: symbol {symbol!r} at residue {position} is not one of the "
                f"20 residues. Use the upper-case letters {_RESIDUES}."
            )


def _check_motif_pair(motifs):
    if not isinstance(motifs, tuple | list) or len(motifs) != 2:
        raise ValueError(f"motifs must be a pair of strings; got {motifs!r}.")
    for index, motif in enumerate(motifs):
        _check_motif(motif, f"motifs[{index}]")
    left, right = motifs
    if left in right or right in left:
        raise ValueError(
            f"motifs={motifs!r}: one contains the other, so it could not occur exactly once. "
            "Use two motifs of which neither is a part of the other."
        )
    return left, right


def _check_class_names(class_names):
    if (
        not isinstance(class_names, tuple | list)
        or len(class_names) != 2
        or not all(isinstance(name, str) for name in class_names)
        or class_names[0] == class_names[1]
    ):
        raise ValueError(f"class_names must be two different strings; got {class_names!r}.")
    return np.array(class_names)
