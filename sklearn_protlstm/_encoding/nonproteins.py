"""What is probably not a protein (DNA, repeats of one letter), and labels that are not classes."""

import random
import re
import warnings
from collections import Counter

import numpy as np

from sklearn_protlstm.exceptions import DataQualityWarning

__all__ = [
    "KINDS",
    "N_SAMPLED",
    "describe_nonproteins",
    "is_common",
    "kind_of_nonprotein",
    "labels_of_one_sequence",
    "warn_of_kinds",
    "warn_of_nonproteins",
]

# Random proteins of this length consist of A, C, G, T and N with a probability of about 1e-11.
_MIN_RESIDUES = 20

# Below this share of the sequences, there is no warning: some proteins have a low complexity.
_MIN_SHARE = 0.01

# Sequences to look at before all are counted. Looking at each one would slow down the encoding.
N_SAMPLED = 500

# Both patterns fail at one of the first letters of a protein.
_NUCLEOTIDES_ONLY = re.compile(r"[ACGTUNacgtun]+\*?")
_ONE_LETTER_ONLY = re.compile(r"(.)\1+\*?", re.IGNORECASE)

#: What messages say about each kind.
KINDS = {
    "nucleotide sequences": (
        "consist of the letters A, C, G, T, U and N. They look like DNA or RNA, but each letter "
        "is read as an amino acid. Translate them first, for example with Biopython's "
        "Seq.translate"
    ),
    "one-letter sequences": (
        "repeat one letter. They carry no information. Remove them, or correct these records"
    ),
}


def kind_of_nonprotein(sequence):
    """Tell why a sequence is probably not a protein.

    Peptides of few kinds of residues exist, such as repeats of AAT or GA. So DNA or RNA must have
    all four nucleotides, and sequences of fewer than 20 residues are not judged.

    Parameters
    ----------
    sequence : str
        Sequence in upper or lower case.

    Returns
    -------
    kind : {"nucleotide sequences", "one-letter sequences"} or None
        None if the sequence can be a protein.

    Examples
    --------
    >>> kind_of_nonprotein("ATGAATACGCAAATTCTCGTA")
    'nucleotide sequences'
    >>> kind_of_nonprotein("A" * 20)
    'one-letter sequences'
    >>> kind_of_nonprotein("AAT" * 10) is None
    True
    """
    if len(sequence) < _MIN_RESIDUES:
        return None
    if _NUCLEOTIDES_ONLY.fullmatch(sequence):
        text = sequence.upper()
        if "A" in text and "C" in text and "G" in text and ("T" in text or "U" in text):
            return "nucleotide sequences"
    return "one-letter sequences" if _ONE_LETTER_ONLY.fullmatch(sequence) else None


def warn_of_nonproteins(sequences, alphabet, stacklevel, source=""):
    """Warn if at least 1% of the sequences are probably not proteins.

    Parameters
    ----------
    sequences : list of str
        Sequences, as from ``check_sequences``.
    alphabet : Alphabet
        DNA is expected, without a warning, if all tokens are nucleotides.
    stacklevel : int
        As if the caller of this function called ``warnings.warn`` itself.
    source : str, default=""
        Start of the message, such as "proteins.fasta: ".

    Warns
    -----
    DataQualityWarning
        One for each kind, with the number and the share of such sequences.
    """
    unexpected = set(KINDS)
    if set("".join(alphabet.groups).upper()) <= set("ACGTUN"):
        unexpected.remove("nucleotide sequences")
    if unexpected.isdisjoint(map(kind_of_nonprotein, _sample(sequences))):
        return
    kinds = map(kind_of_nonprotein, sequences)
    counts = Counter(kind if kind in unexpected else None for kind in kinds)
    warn_of_kinds(counts, stacklevel + 1, source)


def warn_of_kinds(counts, stacklevel, source=""):
    """Warn of each kind of nonprotein that makes up at least 1% of the sequences.

    Parameters
    ----------
    counts : Counter
        Number of sequences of each kind. None counts the sequences that can be proteins.
    stacklevel : int
        As if the caller of this function called ``warnings.warn`` itself.
    source : str, default=""
        Start of the message, such as "proteins.fasta: ".

    Warns
    -----
    DataQualityWarning
        One for each kind.
    """
    for kind in KINDS:
        if is_common(counts[kind], counts.total()):
            message = source + describe_nonproteins(kind, counts[kind], counts.total())
            warnings.warn(DataQualityWarning(message, kind), stacklevel=stacklevel + 1)


def is_common(n_found, n_sequences):
    """Whether this number of nonproteins deserves a warning."""
    return n_found > 0 and n_found >= _MIN_SHARE * n_sequences


def describe_nonproteins(kind, n_found, n_sequences):
    """Say how many sequences are of this kind, and what to do about it."""
    return f"{n_found} of {n_sequences} sequences ({n_found / n_sequences:.1%}) {KINDS[kind]}"


def _sample(sequences):
    # A regular sample, such as every second sequence, could miss all of the DNA.
    if len(sequences) <= N_SAMPLED:
        return sequences
    return random.Random(0).choices(sequences, k=N_SAMPLED)


def labels_of_one_sequence(labels):
    """Find the labels that occur once, if 90% of 10 or more do, as identifiers would."""
    values, counts = np.unique(labels, return_counts=True)
    unique = values[counts == 1]
    return unique if len(labels) >= 10 and len(unique) >= 0.9 * len(labels) else unique[:0]
