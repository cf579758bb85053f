"""What may be wrong with proteins, labels and groups: one function for each kind of finding."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import kmer_presence, shared_kmers
from sklearn_protlstm._encoding.tokens import encode_residues
from sklearn_protlstm.alphabets import FIRST_TOKEN, UNKNOWN, get_alphabet
from sklearn_protlstm.data_checks._shortcuts import N_FOLDS, first_residues

__all__ = ["Finding", "LabelledProteins", "collect_findings", "count_ambiguous"]

_PROTEIN = get_alphabet("protein")

# Share of ambiguous residues in a class from which they are more than an accident.
_MANY_AMBIGUOUS = 0.05

# Proteins that share half of the shorter one's 6-mers are some 90 % identical: 0.9**6 = 0.53.
_K, _NEAR_COPY = 6, 0.5

# Bounds of the search for near-copies: pairs that meet in a k-mer, and entries of one product.
_MAX_MEETINGS, _BLOCK_ENTRIES = 300_000_000, 10_000_000


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing to know about the data.

    Parameters
    ----------
    severity : {"warning", "note"}
        A warning casts doubt on any score; a note is good to know.
    kind : str
        "conflicting labels", "duplicates", "copies across groups", "near-copies",
        "near-copies across groups", "illegal symbols", "ambiguous residues", "rare class",
        "class in few groups" or "shortcut".
    message : str
        What it is, and what to do about it.
    records : ndarray of shape (n_records,), dtype int64
        The sequences concerned, by position in the input; empty for a "shortcut", which concerns
        them all.

    Examples
    --------
    >>> from sklearn_protlstm.data_checks import check_data
    >>> letters = "ACDEFGHIKLMNPQRSTVWY"
    >>> X = [letters[i:] + letters[:i] for i in range(20)]
    >>> [finding] = check_data(X, ["human", "dog"] * 10).findings
    >>> finding.severity, finding.kind
    ('note', 'near-copies')
    """

    severity: str
    kind: str
    message: str
    records: np.ndarray


class LabelledProteins(NamedTuple):
    """Checked input.

    Parameters
    ----------
    sequences : list of str
        As from ``check_sequences``.
    classes : ndarray of shape (n_classes,)
        The distinct labels, sorted.
    codes : ndarray of shape (n_samples,), dtype int64
        Index of each label in `classes`.
    groups : ndarray of shape (n_samples,) or None
        What a cross-validation keeps together.
    proteins : list of bytes
        As from ``distinct_proteins``.
    origin : ndarray of shape (n_samples,), dtype int64
        Index in `proteins` of each sequence.
    """

    sequences: list
    classes: np.ndarray
    codes: np.ndarray
    groups: np.ndarray | None
    proteins: list
    origin: np.ndarray


def collect_findings(data, shortcuts):
    """Look for everything that may be wrong.

    Parameters
    ----------
    data : LabelledProteins
        Sequences, labels and groups.
    shortcuts : list of Shortcut
        Scores of trivial traits.

    Returns
    -------
    findings : list of Finding
        Warnings first.
    """
    sequences, classes, codes, groups, proteins, origin = data
    findings = [
        *_find_conflicts(origin, codes, classes),
        *_find_duplicates(origin, groups),
        *_find_near_copies(proteins, origin, groups),
        *_find_illegal_symbols(sequences),
        *_find_ambiguous_residues(sequences, codes, classes),
        *_find_small_classes(origin, codes, classes, groups),
        *_find_shortcuts(shortcuts, sequences, codes, classes),
    ]
    return sorted(findings, key=lambda finding: finding.severity != "warning")


def _find_conflicts(origin, codes, classes):
    records = np.flatnonzero(_n_different(codes, origin)[origin] > 1)
    if not len(records):
        return
    example = records[origin[records] == origin[records[0]]]
    labels = classes[np.unique(codes[example])].tolist()
    yield Finding(
        "warning",
        "conflicting labels",
        f"{len(records)} sequences come with two or more labels, such as sequence {example[0]}: "
        f"{labels}. No model can get both right: drop them, or let one label stand for both",
        records,
    )


def _find_duplicates(origin, groups):
    copies = np.bincount(origin)[origin]
    if groups is not None:
        records = np.flatnonzero(_n_different(groups, origin)[origin] > 1)
        if len(records):
            yield Finding(
                "warning",
                "copies across groups",
                f"{len(records)} sequences have an identical copy in another group. Give copies "
                "the same group, as cluster_sequences does",
                records,
            )
    records = np.flatnonzero(copies > 1)
    if len(records):
        n_extra = len(origin) - len(np.unique(origin))
        yield Finding(
            "note",
            "duplicates",
            f"Copies of other sequences: {n_extra} of {len(origin)}. With random folds they are in "
            "training and test at once",
            records,
        )


def _n_different(values, origin):
    """Number of different values for each distinct protein."""
    _, numbers = np.unique(values, return_inverse=True)
    pairs = np.unique(np.column_stack((origin, numbers)), axis=0)
    return np.bincount(pairs[:, 0])


def _find_near_copies(proteins, origin, groups):
    first, second = _near_copies(proteins)
    if groups is None:
        records = np.flatnonzero(np.isin(origin, np.union1d(first, second)))
        if len(records):
            yield Finding(
                "note",
                "near-copies",
                f"{len(records)} sequences have a near-copy that is not identical (some 90 % "
                "identity). With random folds they are in training and test at once: use "
                "cluster_sequences and folds that keep groups whole",
                records,
            )
        return
    group_of = np.empty(len(proteins), dtype=np.int64)
    group_of[origin] = np.unique(groups, return_inverse=True)[1]
    apart = group_of[first] != group_of[second]
    records = np.flatnonzero(np.isin(origin, np.union1d(first[apart], second[apart])))
    if len(records):
        yield Finding(
            "warning",
            "near-copies across groups",
            f"{len(records)} sequences have a near-copy (some 90 % identity) in another group, so "
            "a held-out group is not new to the model. Make groups with cluster_sequences",
            records,
        )


def _near_copies(proteins):
    """Pairs of distinct proteins that share half of the shorter one's 6-mers."""
    presence = _affordable(kmer_presence(proteins, _K))
    n_kmers = np.diff(presence.indptr)
    pairs = [np.empty((0, 2), dtype=np.int64)]
    step = max(1, _BLOCK_ENTRIES // len(proteins))
    for start in range(0, len(proteins), step):
        earlier, later, n_shared = shared_kmers(presence, start, min(start + step, len(proteins)))
        # The shorter protein may have more different k-mers in a sample than the longer one.
        near = n_shared >= _NEAR_COPY * np.minimum(n_kmers[earlier], n_kmers[later])
        pairs.append(np.column_stack((earlier[near], later[near])))
    return np.concatenate(pairs).T


def _affordable(presence):
    """Keep so few of the k-mers that comparing all proteins by them takes seconds."""
    meetings = np.bincount(presence.indices, minlength=presence.shape[1]).astype(float) ** 2
    share = _MAX_MEETINGS / max(_MAX_MEETINGS, meetings.sum())
    if share == 1:
        return presence
    return presence[:, np.random.RandomState(0).rand(presence.shape[1]) < share]


def _find_illegal_symbols(sequences):
    legal = set(_PROTEIN.legal)
    records = [
        i for i, s in enumerate(sequences) if not legal.issuperset(s.upper().removesuffix("*"))
    ]
    if records:
        symbols = sorted(set("".join(sequences[record] for record in records).upper()) - legal)
        yield Finding(
            "warning",
            "illegal symbols",
            f"Symbols that are no residues: {' '.join(map(repr, symbols))}, in {len(records)} "
            f"sequence(s); the first is sequence {records[0]}. Correct them, or give the encoder "
            'handle_unknown="mask"',
            np.array(records),
        )


def _find_ambiguous_residues(sequences, codes, classes):
    n_ambiguous, lengths = count_ambiguous(sequences)
    records = np.flatnonzero(n_ambiguous)
    if not len(records):
        return
    shares = np.bincount(codes, n_ambiguous) / np.bincount(codes, lengths)
    worst = shares.argmax()
    many = shares[worst] > _MANY_AMBIGUOUS
    yield Finding(
        "warning" if many else "note",
        "ambiguous residues",
        f"Ambiguous residues (such as X) in {len(records)} sequence(s), most in class "
        f"{classes.tolist()[worst]!r}: {shares[worst]:.1%} of its residues"
        + (", enough to be told by them. Leave out the worst sequences" if many else ""),
        records,
    )


def count_ambiguous(sequences):
    """Count the ambiguous letters of each sequence; illegal symbols are not among them.

    Parameters
    ----------
    sequences : list of str
        As from ``check_sequences``.

    Returns
    -------
    n_ambiguous : ndarray of shape (n_samples,), dtype int64
        Letters such as X in each.
    lengths : ndarray of shape (n_samples,), dtype int64
        Residues of each.
    """
    _, lengths = encode_residues(sequences, _PROTEIN, "mask")
    letters = [sequence.upper() for sequence in sequences]
    return np.array([sum(map(text.count, _PROTEIN.ambiguous)) for text in letters]), lengths


def _find_small_classes(origin, codes, classes, groups):
    for code, label in enumerate(classes.tolist()):
        records = np.flatnonzero(codes == code)
        n_distinct = len(np.unique(origin[records]))
        if n_distinct < N_FOLDS:
            yield Finding(
                "warning",
                "rare class",
                f"Class {label!r} has {n_distinct} different sequence(s), too few for {N_FOLDS} "
                "folds. Collect more, merge it with a class like it, or leave it out",
                records,
            )
        elif groups is not None and len(np.unique(groups[records])) < N_FOLDS:
            yield Finding(
                "warning",
                "class in few groups",
                f"Class {label!r} is in {len(np.unique(groups[records]))} group(s) only, too few "
                f"for {N_FOLDS} folds that keep groups whole: some would test or train without it",
                records,
            )


def _find_shortcuts(shortcuts, sequences, codes, classes):
    explain = {
        "first residue": _explain_first_residue,
        "length": _explain_length,
        "composition": lambda sequences, codes, classes: "A model has to beat this to show more",
    }
    for cut in shortcuts:
        if cut.suspicious:
            yield Finding(
                "note" if cut.trait == "composition" else "warning",
                "shortcut",
                f"The {cut.trait} alone tells the classes apart with a balanced accuracy of "
                f"{cut.balanced_accuracy:.2f} (chance {cut.chance:.2f}). "
                f"{explain[cut.trait](sequences, codes, classes)}",
                np.empty(0, dtype=np.int64),
            )


def _explain_first_residue(sequences, codes, classes):
    tokens = first_residues(sequences)[:, 0]
    counts = np.zeros((len(classes), _PROTEIN.n_tokens))
    np.add.at(counts, (codes, tokens), 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    token = np.ptp(shares, axis=0).argmax()
    residue = "X" if token == UNKNOWN else _PROTEIN.symbols[token - FIRST_TOKEN]
    most, least = shares[:, token].argmax(), shares[:, token].argmin()
    return (
        f"{residue} stands first in {shares[most, token]:.0%} of class "
        f"{classes.tolist()[most]!r} and in {shares[least, token]:.0%} of class "
        f"{classes.tolist()[least]!r}: were the sequences of one class cut out of longer ones?"
    )


def _explain_length(sequences, codes, classes):
    _, lengths = count_ambiguous(sequences)
    medians = [np.median(lengths[codes == code]) for code in range(len(classes))]
    low, high = np.argmin(medians), np.argmax(medians)
    return (
        f"The median is {medians[low]:g} residues in class {classes.tolist()[low]!r} and "
        f"{medians[high]:g} in class {classes.tolist()[high]!r}: compare with sequences of like "
        "length"
    )
