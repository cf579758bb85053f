"""Problems with classes, of which each sequence has one."""

import numpy as np

from sklearn_protlstm._encoding.nonproteins import labels_of_one_sequence
from sklearn_protlstm.alphabets import FIRST_TOKEN, UNKNOWN, get_alphabet
from sklearn_protlstm.data_checks._findings import (
    Finding,
    count_ambiguous,
    count_distinct,
    find_ambiguous_residues,
    find_in_proteins,
)
from sklearn_protlstm.data_checks._shortcuts import N_FOLDS, first_residues

__all__ = ["find_in_classes"]

_PROTEIN = get_alphabet("protein")


def find_in_classes(data, shortcuts):
    """Find all problems of proteins with one class each."""
    sequences, classes, codes, groups, _, origin = data
    names = classes.tolist()
    parts = [(f"in class {name!r}", codes == code) for code, name in enumerate(names)]
    yield from _find_conflicting_labels(origin, codes, classes)
    yield from find_in_proteins(data)
    yield from find_ambiguous_residues(sequences, parts, "class")
    yield from _find_unsuitable_classes(origin, codes, classes, groups)
    yield from _find_shortcuts(shortcuts, sequences, codes, classes)


def _find_conflicting_labels(origin, codes, classes):
    records = np.flatnonzero(count_distinct(codes, origin)[origin] > 1)
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
