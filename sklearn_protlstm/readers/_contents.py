"""Warn of files whose content is not proteins and classes."""

import itertools
import re
import warnings
from collections import Counter

from sklearn_protlstm._encoding.nonproteins import (
    N_SAMPLED,
    kind_of_nonprotein,
    labels_of_one_sequence,
    warn_of_kinds,
    warn_of_nonproteins,
)
from sklearn_protlstm.alphabets import get_alphabet
from sklearn_protlstm.exceptions import DataQualityWarning

__all__ = ["warn_of_contents", "warn_of_first_records"]

# What may stand between labels.
_SEPARATORS = re.compile(r"[,;|/]")


def warn_of_contents(table, source, separator=None):
    """Warn the caller of a reader of DNA, of repeated letters, and of labels that look wrong."""
    protein = get_alphabet("protein")
    warn_of_nonproteins(table.sequences, protein, stacklevel=3, source=f"{source}: ")
    if table.labels is None:
        return
    if separator and (example := _find_joined(table.labels)):
        warnings.warn(
            DataQualityWarning(
                f"{source}: label_separator={separator!r} is in no label. {example!r} looks like "
                "several labels. Pass the text between them as label_separator.",
                "joined labels",
            ),
            stacklevel=3,
        )
    unique, n_records = _find_identifiers(table.labels)
    if n_records:
        warnings.warn(
            DataQualityWarning(
                f"{source}: {n_records} of {len(table)} records have a label that no other "
                f"record has, such as {str(unique[0])!r}. The labels look like identifiers, not "
                "classes. Check where label= finds them.",
                "identifier labels",
            ),
            stacklevel=3,
        )


def warn_of_first_records(records, lines):
    """Pass on headers and sequences, and warn if the first ones are not proteins.

    The warning comes early enough to stop a long prediction. It points to the caller of the
    generator that uses this one.
    """
    counts = Counter()
    for header, sequence in itertools.islice(records, N_SAMPLED):
        counts[kind_of_nonprotein(sequence)] += 1
        yield header, sequence
    part = f", first {N_SAMPLED} records" if counts.total() == N_SAMPLED else ""
    warn_of_kinds(counts, stacklevel=3, source=f"{lines.name}{part}: ")
    yield from records


def _find_joined(labels):
    """Return a label that looks like several, if all labels were wanted and none was split."""
    if labels.dtype != object or any(len(of_record) > 1 for of_record in labels):
        return None
    return next((label for (label,) in labels if _SEPARATORS.search(label)), None)


def _find_identifiers(labels):
    """Return labels that look like identifiers, and the number of records that have them."""
    if labels.dtype != object:
        unique = labels_of_one_sequence(labels)
        return unique, len(unique)
    unique = labels_of_one_sequence([label for of_record in labels for label in of_record])
    identifiers = set(unique.tolist())
    return unique, sum(not identifiers.isdisjoint(of_record) for of_record in labels)
