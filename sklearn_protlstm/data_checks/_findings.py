"""Problems with proteins, labels and groups: one function per kind of finding."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import kmer_presence, shared_kmers
from sklearn_protlstm._encoding.nonproteins import (
    KINDS,
    describe_nonproteins,
    is_common,
    kind_of_nonprotein,
    labels_of_one_sequence,
)
from sklearn_protlstm._encoding.tokens import encode_residues
from sklearn_protlstm.alphabets import FIRST_TOKEN, UNKNOWN, get_alphabet
from sklearn_protlstm.data_checks._shortcuts import N_FOLDS, first_residues

__all__ = ["Finding", "LabelledProteins", "collect_findings", "count_ambiguous"]

_PROTEIN = get_alphabet("protein")

# Above this fraction of ambiguous residues in a class, the finding is a warning.
_MANY_AMBIGUOUS = 0.05

# Near-copies share half of the shorter protein's 6-mers, which takes about 90% identity:
# 0.9**6 = 0.53.
_K, _MIN_SHARED = 6, 0.5

# Limits of the search for near-copies: pairs of proteins, summed over k-mers, and entries of one
# sparse product.
_MAX_PAIRS, _BLOCK_ENTRIES = 300_000_000, 10_000_000


@dataclass(frozen=True, eq=False)
class Finding:
    """One problem that :func:`check_data` found.

    Parameters
    ----------
    severity : {"warning", "note"}
        A warning means that scores are unreliable. A note is for information.
    kind : str
        "conflicting labels", "duplicates", "copies across groups", "near-copies",
        "near-copies across groups", "nucleotide sequences", "one-letter sequences", "illegal
        symbols", "ambiguous residues", "identifier labels", "rare class", "class in few groups"
        or "shortcut".
    message : str
        Description and advice.
    records : ndarray of shape (n_records,), dtype int64
        Indices of the affected sequences. Empty for a "shortcut", which affects all of them.

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
    """Validated input of ``check_data``, with the result of ``distinct_proteins``.

    Labels are encoded as in ``check_labels``.
    """

    sequences: list
    classes: np.ndarray
    codes: np.ndarray
    groups: np.ndarray | None
    proteins: list
    origin: np.ndarray


def collect_findings(data, shortcuts):
    """Find all problems, warnings first."""
    sequences, classes, codes, groups, proteins, origin = data
    findings = [
        *_find_conflicting_labels(origin, codes, classes),
        *_find_duplicates(origin, groups),
        *_find_near_copies(proteins, origin, groups),
        *_find_nonproteins(sequences),
        *_find_illegal_symbols(sequences),
        *_find_ambiguous_residues(sequences, codes, classes),
        *_find_unsuitable_classes(origin, codes, classes, groups),
        *_find_shortcuts(shortcuts, sequences, codes, classes),
    ]
    return sorted(findings, key=lambda finding: finding.severity != "warning")


def _find_conflicting_labels(origin, codes, classes):
    records = np.flatnonzero(_count_distinct(codes, origin)[origin] > 1)
    if not len(records):
        return
    example = records[origin[records] == origin[records[0]]]
    labels = classes[np.unique(codes[example])].tolist()
    yield Finding(
        "warning",
        "conflicting labels",
        f"{len(records)} sequences have conflicting labels, such as sequence {example[0]}: "
        f"{labels}. No model can predict all of them. Remove these sequences, or merge the labels",
        records,
    )


def _find_duplicates(origin, groups):
    copies = np.bincount(origin)[origin]
    if groups is not None:
        records = np.flatnonzero(_count_distinct(groups, origin)[origin] > 1)
        if len(records):
            yield Finding(
                "warning",
                "copies across groups",
                f"{len(records)} sequences have an identical copy in another group. Put copies "
                "into the same group, as cluster_sequences does",
                records,
            )
    records = np.flatnonzero(copies > 1)
    if len(records):
        n_extra = len(origin) - len(np.unique(origin))
        yield Finding(
            "note",
            "duplicates",
            f"{n_extra} of {len(origin)} sequences are copies of others. With random folds, copies "
            "are in both the training and the test set",
            records,
        )


def _count_distinct(values, origin):
    """Number of distinct values for each distinct protein."""
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
                f"{len(records)} sequences have a near-copy (about 90% identity). With random "
                "folds, near-copies are in both the training and the test set. Make groups with "
                "cluster_sequences, and use folds that do not split them",
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
            f"{len(records)} sequences have a near-copy (about 90% identity) in another group, so "
            "held-out groups are not new to the model. Make groups with cluster_sequences",
            records,
        )


def _near_copies(proteins):
    """Indices of pairs of distinct proteins that share half of the 6-mers of the shorter one."""
    presence = _limit_kmers(kmer_presence(proteins, _K))
    n_kmers = np.diff(presence.indptr)
    pairs = [np.empty((0, 2), dtype=np.int64)]
    step = max(1, _BLOCK_ENTRIES // len(proteins))
    for start in range(0, len(proteins), step):
        earlier, later, n_shared = shared_kmers(presence, start, min(start + step, len(proteins)))
        # In a sample of k-mers, the shorter protein can have more of them than the longer one.
        near = n_shared >= _MIN_SHARED * np.minimum(n_kmers[earlier], n_kmers[later])
        pairs.append(np.column_stack((earlier[near], later[near])))
    return np.concatenate(pairs).T


def _limit_kmers(presence):
    """Sample the k-mers if comparing all proteins by all k-mers would take too long."""
    pairs = np.bincount(presence.indices, minlength=presence.shape[1]).astype(float) ** 2
    share = _MAX_PAIRS / max(_MAX_PAIRS, pairs.sum())
    if share == 1:
        return presence
    return presence[:, np.random.RandomState(0).rand(presence.shape[1]) < share]


def _find_nonproteins(sequences):
    kinds = np.array([kind_of_nonprotein(sequence) or "" for sequence in sequences])
    for kind in KINDS:
        records = np.flatnonzero(kinds == kind)
        if len(records):
            yield Finding(
                "warning" if is_common(len(records), len(sequences)) else "note",
                kind,
                f"{describe_nonproteins(kind, len(records), len(sequences))}. The first is "
                f"sequence {records[0]}",
                records,
            )


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
            f"{len(records)} sequence(s) contain symbols that are not residues: "
            f"{' '.join(map(repr, symbols))}. The first is sequence {records[0]}. Correct them, or "
            'set handle_unknown="mask" in the encoder',
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
        f"{len(records)} sequence(s) contain ambiguous residues (such as X), most in class "
        f"{classes.tolist()[worst]!r}: {shares[worst]:.1%} of its residues"
        + (", enough to recognize the class. Remove the worst sequences" if many else ""),
        records,
    )


def count_ambiguous(sequences):
    """Count the ambiguous letters and the residues of each sequence.

    Ambiguous letters are X and the like. Illegal symbols only count as residues.
    """
    _, lengths = encode_residues(sequences, _PROTEIN, "mask")
    letters = [sequence.upper() for sequence in sequences]
    return np.array([sum(map(text.count, _PROTEIN.ambiguous)) for text in letters]), lengths


def _find_unsuitable_classes(origin, codes, classes, groups):
    unique = labels_of_one_sequence(codes)
    if not len(unique):
        yield from _find_small_classes(origin, codes, classes, groups)
        return
    # One finding, as one for each class would bury all others.
    yield Finding(
        "warning",
        "identifier labels",
        f"{len(unique)} of {len(codes)} sequences have a label that no other sequence has, such "
        f"as {classes.tolist()[unique[0]]!r}. The labels look like identifiers or measurements, "
        "not classes. Pass the classes",
        np.flatnonzero(np.isin(codes, unique)),
    )


def _find_small_classes(origin, codes, classes, groups):
    for code, label in enumerate(classes.tolist()):
        records = np.flatnonzero(codes == code)
        n_distinct = len(np.unique(origin[records]))
        if n_distinct < N_FOLDS:
            yield Finding(
                "warning",
                "rare class",
                f"Class {label!r} has {n_distinct} distinct sequence(s), too few for {N_FOLDS} "
                "folds. Collect more, merge it with a similar class, or remove it",
                records,
            )
        elif groups is not None and len(np.unique(groups[records])) < N_FOLDS:
            yield Finding(
                "warning",
                "class in few groups",
                f"Class {label!r} has only {len(np.unique(groups[records]))} group(s), too few for "
                f"{N_FOLDS} folds that do not split groups. It would be missing from training or "
                "test sets",
                records,
            )


def _find_shortcuts(shortcuts, sequences, codes, classes):
    explain = {
        "first residue": _explain_first_residue,
        "length": _explain_length,
        "composition": lambda sequences, codes, classes: (
            "A model that does not beat this has learned nothing more"
        ),
    }
    for shortcut in shortcuts:
        if shortcut.suspicious:
            yield Finding(
                "note" if shortcut.trait == "composition" else "warning",
                "shortcut",
                f"The {shortcut.trait} alone predicts the class with a balanced accuracy of "
                f"{shortcut.balanced_accuracy:.2f} (chance {shortcut.chance:.2f}). "
                f"{explain[shortcut.trait](sequences, codes, classes)}",
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
        f"{residue} is the first residue in {shares[most, token]:.0%} of class "
        f"{classes.tolist()[most]!r} and in {shares[least, token]:.0%} of class "
        f"{classes.tolist()[least]!r}. Were the sequences of one class cut from longer proteins?"
    )


def _explain_length(sequences, codes, classes):
    _, lengths = count_ambiguous(sequences)
    medians = [np.median(lengths[codes == code]) for code in range(len(classes))]
    low, high = np.argmin(medians), np.argmax(medians)
    return (
        f"The median length is {medians[low]:g} in class {classes.tolist()[low]!r} and "
        f"{medians[high]:g} in class {classes.tolist()[high]!r}. Use sequences of similar length "
        "for all classes"
    )
