"""Problems with labels, of which each sequence has any number."""

import numpy as np

from sklearn_protlstm._labels.matrix import ABSENT, PRESENT, UNKNOWN
from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet
from sklearn_protlstm.alphabets import UNKNOWN as UNKNOWN_RESIDUE
from sklearn_protlstm.data_checks._findings import (
    Finding,
    count_ambiguous,
    find_ambiguous_residues,
    find_in_proteins,
)
from sklearn_protlstm.data_checks._shortcuts import N_FOLDS, first_residues

__all__ = ["find_in_labels", "merge_copies"]

_PROTEIN = get_alphabet("protein")
_NO_RECORDS = np.empty(0, dtype=np.int64)

# Labels or pairs of labels in a message.
_MOST_NAMES = 5

# Two labels that never occur together are only notable if chance alone would bring them together
# in this many proteins. None of 10 then has a probability of exp(-10).
_MIN_EXPECTED = 10


def find_in_labels(data, shortcuts):
    """Find all problems of proteins with any number of labels."""
    merged = merge_copies(data.codes, data.origin)
    yield from _find_conflicting_labels(data)
    yield from find_in_proteins(data)
    yield from find_ambiguous_residues(data.sequences, _list_parts(data), "label")
    yield from _find_rare_labels(data)
    yield from _find_related_labels(merged, data.classes.tolist())
    yield from _find_unlabelled(data.codes)
    yield from _find_unknown_labels(data)
    yield from _find_shortcuts(shortcuts, data)


def merge_copies(codes, origin):
    """Give each distinct protein the labels of all of its copies."""
    has, lacks = (_any_copy(codes == value, origin) for value in (PRESENT, ABSENT))
    return np.where(has, PRESENT, np.where(lacks, ABSENT, UNKNOWN)).astype(np.uint8)


def _any_copy(mask, origin):
    found = np.zeros((origin.max() + 1, mask.shape[1]), dtype=bool)
    np.logical_or.at(found, origin, mask)
    return found


def _find_conflicting_labels(data):
    has, lacks = (_any_copy(data.codes == value, data.origin) for value in (PRESENT, ABSENT))
    records = np.flatnonzero((has & lacks).any(axis=1)[data.origin])
    if not len(records):
        return
    rows = np.flatnonzero(data.origin == data.origin[records[0]])
    label_sets = {tuple(data.classes[data.codes[row] == PRESENT].tolist()): None for row in rows}
    yield Finding(
        "warning",
        "conflicting labels",
        f"{len(records)} sequences occur several times with different labels, such as sequence "
        f"{rows[0]}: {' and '.join(str(list(labels)) for labels in label_sets)}. Merge the copies "
        "into one sequence with all of their labels",
        records,
    )


def _list_parts(data):
    has = data.codes == PRESENT
    parts = [(f"with label {name!r}", rows) for name, rows in zip(data.classes.tolist(), has.T)]
    unlabelled = ~has.any(axis=1)
    return [*parts, ("without any label", unlabelled)] if unlabelled.any() else parts


def _find_rare_labels(data):
    """Find labels that cross-validation cannot learn or score, each way with one finding."""
    for value, place, advice in (
        (PRESENT, "present in", "Collect more, merge similar labels, or remove them"),
        (ABSENT, "absent from", "Collect sequences without them, or remove these labels"),
    ):
        matches = data.codes == value
        n_distinct = _count_units(matches, data.origin)
        rare = n_distinct < N_FOLDS
        yield from _report_labels(
            "rare label",
            f"{place} fewer than {N_FOLDS} distinct sequences, too few for {N_FOLDS} folds",
            (data.classes, matches, rare, n_distinct),
            advice,
        )
        if data.groups is not None:
            n_groups = _count_units(matches, data.groups)
            yield from _report_labels(
                "label in few groups",
                f"{place} fewer than {N_FOLDS} groups, too few for {N_FOLDS} folds that do not "
                "split groups",
                (data.classes, matches, ~rare & (n_groups < N_FOLDS), n_groups),
                "They would be missing from training or test sets",
            )


def _count_units(matches, units):
    return np.array([len(np.unique(units[rows])) for rows in matches.T])


def _report_labels(kind, problem, columns, advice):
    labels, matches, chosen, counts = columns
    if not chosen.any():
        return
    shown = [f"{name!r} ({n})" for name, n in zip(labels[chosen].tolist(), counts[chosen])]
    yield Finding(
        "warning",
        kind,
        f"{len(shown)} label(s) are {problem}: {_join(shown)}. {advice}",
        np.flatnonzero(matches[:, chosen].any(axis=1)),
    )


def _find_related_labels(merged, names):
    """Find labels that say the same, labels that never meet, and classes that pass for labels."""
    if ((merged == PRESENT).sum(axis=1) <= 1).all():
        yield Finding(
            "note",
            "single labels",
            "No sequence has several labels. If it cannot have several, pass one class for each "
            "sequence: a model of classes uses that they exclude each other",
            _NO_RECORDS,
        )
        return
    both, differing, expected = _count_pairs(merged)
    if together := _name_pairs((both > 0) & (differing == 0), names):
        yield Finding(
            "note",
            "labels always together",
            f"{len(together)} pair(s) of labels are always together: {_join(together)}. Keep one "
            "of each pair, or means over labels count it twice",
            _NO_RECORDS,
        )
    if apart := _name_pairs((both == 0) & (expected >= _MIN_EXPECTED), names):
        yield Finding(
            "note",
            "labels never together",
            f"{len(apart)} pair(s) of labels are never together, though by chance at least "
            f"{_MIN_EXPECTED} sequences would have both: {_join(apart)}. If only one of them was "
            "looked for in a sequence, give NaN for the other",
            _NO_RECORDS,
        )


def _count_pairs(merged):
    """For each pair of labels, count the proteins that have both, and those that have one.

    The third matrix is the number with both if the labels were independent.
    """
    has, known = (merged == PRESENT).astype(float), (merged != UNKNOWN).astype(float)
    both = has.T @ has
    has_first = has.T @ known  # where the second label is known
    differing = has_first + has_first.T - 2 * both
    expected = has_first * has_first.T / np.maximum(known.T @ known, 1)
    return both, differing, expected


def _name_pairs(matches, names):
    first, second = np.nonzero(np.triu(matches, k=1))
    return [f"{names[i]!r} with {names[j]!r}" for i, j in zip(first.tolist(), second.tolist())]


def _find_unlabelled(codes):
    records = np.flatnonzero((codes == ABSENT).all(axis=1))
    if len(records):
        yield Finding(
            "note",
            "no label",
            f"{len(records)} of {len(codes)} sequences have no label, so a model learns that they "
            "lack all of them. If their labels are not known, leave these sequences out",
            records,
        )


def _find_unknown_labels(data):
    unknown = data.codes == UNKNOWN
    if not unknown.any():
        return
    shares = unknown.mean(axis=0)
    worst = shares.argmax()
    yield Finding(
        "note",
        "unknown labels",
        f"{unknown.mean():.1%} of the entries in y are unknown (NaN), most for label "
        f"{data.classes.tolist()[worst]!r}: {shares[worst]:.1%}. Training and scores leave them "
        "out",
        np.flatnonzero(unknown.any(axis=1)),
    )
    records = np.flatnonzero(unknown.all(axis=1))
    if len(records):
        yield Finding(
            "note",
            "nothing known",
            f"{len(records)} of {len(unknown)} sequences have unknown labels (NaN) only. They "
            "teach nothing. Leave them out",
            records,
        )


def _find_shortcuts(shortcuts, data):
    """Report each trait once, with the label that it predicts best."""
    suspicious = [shortcut for shortcut in shortcuts if shortcut.suspicious]
    for trait, explain in _EXPLAIN.items():
        found = [shortcut for shortcut in suspicious if shortcut.trait == trait]
        if not found:
            continue
        best = max(found, key=lambda shortcut: shortcut.balanced_accuracy)
        others = [repr(shortcut.label) for shortcut in found if shortcut is not best]
        also = f" It also predicts {_join(others)}." if others else ""
        codes = data.codes[:, data.classes.tolist().index(best.label)]
        yield Finding(
            "note" if trait == "composition" else "warning",
            "shortcut",
            f"The {trait} alone predicts label {best.label!r} with a balanced accuracy of "
            f"{best.balanced_accuracy:.2f} (chance {best.chance:.2f}).{also} "
            f"{explain(data.sequences, codes == PRESENT, codes == ABSENT)}",
            _NO_RECORDS,
        )


def _explain_first_residue(sequences, has, lacks):
    tokens = first_residues(sequences)[:, 0]
    counts = [np.bincount(tokens[rows], minlength=_PROTEIN.n_tokens) for rows in (has, lacks)]
    with_label, without = (each / each.sum() for each in counts)
    token = np.abs(with_label - without).argmax()
    residue = "X" if token == UNKNOWN_RESIDUE else _PROTEIN.symbols[token - FIRST_TOKEN]
    return (
        f"{residue} is the first residue in {with_label[token]:.0%} of the sequences with this "
        f"label and in {without[token]:.0%} of those without it. Were some sequences cut from "
        "longer proteins?"
    )


def _explain_length(sequences, has, lacks):
    _, lengths = count_ambiguous(sequences)
    return (
        f"The median length is {np.median(lengths[has]):g} with this label and "
        f"{np.median(lengths[lacks]):g} without it. Use sequences of similar length"
    )


def _explain_composition(sequences, has, lacks):
    return "A model that does not beat this has learned nothing more"


_EXPLAIN = {
    "first residue": _explain_first_residue,
    "length": _explain_length,
    "composition": _explain_composition,
}


def _join(texts):
    more = len(texts) - _MOST_NAMES
    return ", ".join(texts[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
