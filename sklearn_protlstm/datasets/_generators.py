"""Generators of sequences whose class depends on the positions of motifs only."""

import itertools

import numpy as np
from sklearn.utils import check_random_state

from sklearn_protlstm.datasets._motifs import (
    MARGIN,
    check_integer,
    check_motif,
    check_range,
    plant_motifs,
)

__all__ = ["make_motif_order", "make_motif_position"]


def make_motif_position(
    n_samples=1000,
    *,
    motif="AKGDKICL",
    length=(23, 60),
    margin=0,
    class_names=("human", "dog"),
    random_state=None,
):
    """Generate sequences whose class is the position of a motif.

    Each sequence contains the motif exactly once in a random background. The motif is at an end of
    the sequence in the first class, and in the middle third in the second class. Both classes have
    the same composition, so a model must use the position.

    The class sizes differ by at most one. In the first class, half of the motifs are at each end.
    The rows are shuffled.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of sequences, at least 2.
    motif : str, default="AKGDKICL"
        Motif, in upper-case letters of the 20 residues. A shorter motif is harder to find.
    length : int or (int, int), default=(23, 60)
        Number of residues of a sequence. An int holds for all sequences. From a pair, lengths are
        drawn uniformly, both ends included. Longer sequences need a longer memory.
    margin : int, default=0
        Number of residues between the motif and the nearest end in the first class. With 3,
        k-mer counts cannot solve short sequences; see Notes.
    class_names : (str, str), default=("human", "dog")
        Names of the classes: motif at an end, motif in the middle third.
    random_state : int, RandomState instance or None, default=None
        Controls the random numbers. Pass an int for reproducible sequences.

    Returns
    -------
    sequences : list of str, of length n_samples
        Sequences of the 20 residues. Background residues are uniformly distributed.
    y : ndarray of shape (n_samples,), dtype str
        Class names.

    Raises
    ------
    ValueError
        If a parameter is out of range, if the motif contains a symbol other than the 20 residues,
        or if the shortest `length` is too short to tell an end from the middle third.

    See Also
    --------
    make_motif_order : The class is the order of two motifs.
    load_virus_hosts : Real proteins.

    Notes
    -----
    A motif of ``w`` residues after ``s`` background residues has its centre at ``s + w / 2``. In a
    sequence of ``n`` residues, the first class has ``s = margin`` or ``s = n - w - margin``. The
    second class has ``n / 3 <= s + w / 2 <= 2 n / 3``, with equal probability for each ``s``.

    The task extends an example of three sequences with 23 residues, the shortest default length:
    ``MNTQILVFIACVLIEAKGDKICL`` and ``AKGDKICLMNTQILVFIACVLIE`` are human,
    ``MNTQAKGDKICLILVFIACVLIE`` is dog.

    With ``margin=0``, k-mer counts can reveal the class. A motif at an end has background on one
    side only, and a motif in the middle has it on both sides. k-mers that span motif and
    background therefore differ in number. A logistic regression on scaled 3-mer counts (2,000
    sequences, 5 folds) reaches an accuracy of 0.91 at length 20, 0.65 at 50, 0.57 at 100 and 0.50
    at 400, where the background outnumbers these k-mers. With ``margin=3``, the number is the same
    in both classes for k-mers of up to four residues. The accuracy of the same model is then
    between 0.48 and 0.52 at lengths from 23 to 400.

    If the background contains the motif by chance, the residues concerned are drawn again.

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
    n_samples = check_integer(n_samples, "n_samples", minimum=2)
    check_motif(motif, "motif")
    low, high = check_range(length, "length", minimum=1)
    margin = check_integer(margin, "margin", minimum=0)
    class_names = _check_class_names(class_names)
    shortest = _shortest_separable_length(len(motif), margin)
    if low < shortest:
        raise ValueError(
            f"length={length!r} is too short for a motif of {len(motif)} residues with "
            f"margin={margin}: a motif near an end would also be in the middle third, so the "
            f"classes would overlap. Use a length of at least {shortest}, a shorter motif or a "
            "smaller margin."
        )

    rng = check_random_state(random_state)
    # 0: at the start, 2: at the end, odd: in the middle third
    kinds = rng.permutation(np.arange(n_samples) % 4)
    lengths = rng.randint(low, high + 1, size=n_samples)
    first, last = _middle_third_starts(lengths, len(motif))
    starts = np.select(
        [kinds == 0, kinds == 2],
        [margin, lengths - len(motif) - margin],
        default=rng.randint(first, last + 1),
    )
    sequences = [
        plant_motifs([(motif, start)], n_residues, rng)
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
    """Generate sequences whose class is the order of two motifs.

    Each sequence contains both motifs exactly once, at random positions in a random background.
    Composition, k-mers and ends are the same in both classes. A model must remember the first
    motif until it meets the second, as in the temporal order problem of [1]_.

    The class sizes differ by at most one. The rows are shuffled.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of sequences, at least 2.
    motifs : (str, str), default=("AKGDKICL", "WHYTPEMN")
        Motifs A and B, in upper-case letters of the 20 residues. Neither may contain the other.
        The default motifs have no residue in common, so they are easy to tell apart.
    gap : int or (int, int), default=(3, 30)
        Number of residues between the motifs, at least 1. An int holds for all sequences. From a
        pair, gaps are drawn uniformly, both ends included. A wider gap needs a longer memory. A
        narrow gap reveals the order to k-mer counts; see Notes.
    length : int or (int, int), default=(60, 80)
        Number of residues of a sequence. An int holds for all sequences. From a pair, lengths are
        drawn uniformly, both ends included. In longer sequences, the position of a single motif
        says less about the order; see Notes.
    class_names : (str, str), default=("A before B", "B before A")
        Names of the two orders.
    random_state : int, RandomState instance or None, default=None
        Controls the random numbers. Pass an int for reproducible sequences.

    Returns
    -------
    sequences : list of str, of length n_samples
        Sequences of the 20 residues. Background residues are uniformly distributed.
    y : ndarray of shape (n_samples,), dtype str
        Class names.

    Raises
    ------
    ValueError
        If a parameter is out of range, if a motif contains a symbol other than the 20 residues, if
        one motif contains the other, or if the shortest `length` cannot hold the widest `gap`.

    See Also
    --------
    make_motif_labels : Several labels, each the order of two motifs.
    make_motif_position : The class is the position of one motif.
    load_virus_hosts : Real proteins.

    Notes
    -----
    Length, gap and positions are drawn independently of the order. At least three background
    residues separate a motif from the ends. k-mers of up to four residues that overlap a motif are
    therefore the same in both classes, unless they span both motifs. k-mers of more than
    ``gap + 1`` residues do, and reveal the order. With ``gap=1``, a logistic regression on scaled
    1- to 3-mer counts reaches an accuracy of 0.72 (2,000 sequences, 2 folds). With a gap of 2 or
    more, and with the default, it is between 0.47 and 0.53.

    The position of one motif is a hint, because the first motif is nearer to the N-terminus. The
    best threshold on the position of A is right for 0.86 of the sequences of the default length,
    0.69 at 100 to 120 residues and 0.61 at 150 to 200. To do better, a model must relate the motifs
    to each other.

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
    n_samples = check_integer(n_samples, "n_samples", minimum=2)
    motifs = _check_motif_pair(motifs)
    low_gap, high_gap = check_range(gap, "gap", minimum=1)
    low, high = check_range(length, "length", minimum=1)
    class_names = _check_class_names(class_names)
    n_planted = sum(map(len, motifs))
    shortest = n_planted + high_gap + 2 * MARGIN
    if low < shortest:
        raise ValueError(
            f"length={length!r} is too short: motifs of {n_planted} residues in total, a gap of up "
            f"to {high_gap} and {MARGIN} residues at each end need {shortest}. Use a length "
            f"of at least {shortest} or a smaller gap."
        )

    rng = check_random_state(random_state)
    swapped = rng.permutation(np.arange(n_samples) % 2)
    lengths = rng.randint(low, high + 1, size=n_samples)
    gaps = rng.randint(low_gap, high_gap + 1, size=n_samples)
    # The positions are independent of the order, so they cannot reveal it.
    spare = lengths - gaps - n_planted - 2 * MARGIN
    starts = MARGIN + rng.randint(0, spare + 1)
    sequences = []
    for swap, start, n_between, n_residues in np.c_[swapped, starts, gaps, lengths].tolist():
        left, right = motifs[::-1] if swap else motifs
        placements = [(left, start), (right, start + len(left) + n_between)]
        sequences.append(plant_motifs(placements, n_residues, rng))
    return sequences, class_names[swapped]


def _middle_third_starts(length, width):
    """Return the first and last start of a motif whose centre is in the middle third.

    The centre ``start + width / 2`` is then in ``[length / 3, 2 * length / 3]``. Both arguments
    may be arrays.
    """
    first = -((3 * width - 2 * length) // 6)
    return first, length - width - first


def _shortest_separable_length(width, margin):
    """Return the length from which starts near an end are not in the middle third."""
    for length in itertools.count(width + 1):
        first, last = _middle_third_starts(length, width)
        if margin < first <= last:
            return length


def _check_motif_pair(motifs):
    if not isinstance(motifs, tuple | list) or len(motifs) != 2:
        raise ValueError(f"motifs must be a pair of strings; got {motifs!r}.")
    for index, motif in enumerate(motifs):
        check_motif(motif, f"motifs[{index}]")
    left, right = motifs
    if left in right or right in left:
        raise ValueError(
            f"motifs must not contain each other, or one of them would occur twice; got {motifs!r}."
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
