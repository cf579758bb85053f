"""Problems with proteins and groups, whatever the labels are: one function per kind of finding."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import kmer_presence, shared_kmers
from sklearn_protlstm._encoding.nonproteins import (
    KINDS,
    describe_nonproteins,
    is_common,
    kind_of_nonprotein,
)
from sklearn_protlstm._encoding.tokens import encode_residues
from sklearn_protlstm.alphabets import get_alphabet

__all__ = [
    "Finding",
    "LabelledProteins",
    "count_ambiguous",
    "count_distinct",
    "find_ambiguous_residues",
    "find_in_proteins",
]

_PROTEIN = get_alphabet("protein")

# Above this fraction of ambiguous residues in a class or label, the finding is a warning.
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
        or "shortcut". If a sequence has any number of labels, also "rare label", "label in few
        groups", "single labels", "labels always together", "labels never together", "no label",
        "unknown labels" or "nothing known".
    message : str
        Description and advice.
    records : ndarray of shape (n_records,), dtype int64
        Indices of the affected sequences. Empty if all of them are affected, as for a "shortcut".

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

    Classes or labels are encoded as in ``check_targets``.
    """

    sequences: list
    classes: np.ndarray
    codes: np.ndarray
    groups: np.ndarray | None
    proteins: list
    origin: np.ndarray


def find_in_proteins(data):
    """Find copies and near-copies, and what is not a protein."""
    yield from _find_duplicates(data.origin, data.groups)
    yield from _find_near_copies(data.proteins, data.origin, data.groups)
    yield from _find_nonproteins(data.sequences)
    yield from _find_illegal_symbols(data.sequences)


def _find_duplicates(origin, groups):
    copies = np.bincount(origin)[origin]
    if groups is not None:
        records = np.flatnonzero(count_distinct(groups, origin)[origin] > 1)
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


def count_distinct(values, origin):
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


def find_ambiguous_residues(sequences, parts, noun):
    """Find ambiguous residues, and the part of the data that has most of them.

    `parts` is a list of pairs: where the part is, such as "in class 'dog'", and its rows.
    """
    n_ambiguous, lengths = count_ambiguous(sequences)
    records = np.flatnonzero(n_ambiguous)
    if not len(records):
        return
    shares = np.array([n_ambiguous[rows].sum() / lengths[rows].sum() for _, rows in parts])
    worst = shares.argmax()
    many = shares[worst] > _MANY_AMBIGUOUS
    yield Finding(
        "warning" if many else "note",
        "ambiguous residues",
        f"{len(records)} sequence(s) contain ambiguous residues (such as X), most "
        f"{parts[worst][0]}: {shares[worst]:.1%} of its residues"
        + (f", enough to recognize the {noun}. Remove the worst sequences" if many else ""),
        records,
    )


def count_ambiguous(sequences):
    """Count the ambiguous letters and the residues of each sequence.

    Ambiguous letters are X and the like. Illegal symbols only count as residues.
    """
    _, lengths = encode_residues(sequences, _PROTEIN, "mask")
    letters = [sequence.upper() for sequence in sequences]
    return np.array([sum(map(text.count, _PROTEIN.ambiguous)) for text in letters]), lengths
