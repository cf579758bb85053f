"""Which records stay, and an account of those that do not."""

import hashlib
import warnings
from collections import Counter

import numpy as np

from sklearn_protlstm.alphabets import get_alphabet
from sklearn_protlstm.readers._report import N_FIRST_IDS, ReadReport
from sklearn_protlstm.readers._table import SequenceTable

__all__ = ["Selection"]

_KNOWN_RESIDUES = frozenset(get_alphabet("protein").symbols)


class Selection:
    """Takes records one by one, keeps those that may stay, and counts the others.

    Nothing of a dropped record is stored but its reason, so a file that is mostly dropped needs
    the memory of what is kept.

    Parameters
    ----------
    label : str or None
        What the labels are, as in "no host"; None if there are to be no labels.
    several : {"drop", "first"}, default="drop"
        What becomes of a record with several labels.
    min_length : int, default=1
        Fewest residues.
    ambiguous : {"keep", "drop"}, default="keep"
        What becomes of sequences with anything but the 20 residues.
    duplicates : {"keep", "drop"}, default="keep"
        What becomes of a sequence and label that occurred before.
    without_sequence : str, default="no sequence"
        Reason given for records without residues.

    Raises
    ------
    ValueError
        If a choice is none of the above.
    TypeError
        If `min_length` is no whole number.
    """

    def __init__(
        self,
        label,
        *,
        several="drop",
        min_length=1,
        ambiguous="keep",
        duplicates="keep",
        without_sequence="no sequence",
    ):
        _check_choice("several_hosts", several, ("drop", "first"))
        _check_choice("ambiguous", ambiguous, ("keep", "drop"))
        _check_choice("duplicates", duplicates, ("keep", "drop"))
        if isinstance(min_length, bool) or not isinstance(min_length, int | np.integer):
            raise TypeError(
                f"min_length must be a whole number of residues; got {min_length!r} of type "
                f"{type(min_length).__name__}."
            )
        self.label = label
        self.several = several
        self.min_length = min_length
        self.without_sequence = without_sequence
        self.drops_ambiguous = ambiguous == "drop"
        self.drops_duplicates = duplicates == "drop"
        self._ids, self._sequences, self._labels, self._metadata = [], [], [], {}
        self._counts, self._first_ids = Counter(), {}
        self._seen = set()

    def add(self, id_, sequence, labels=(), **metadata):
        """Keep a record, or drop it for a reason.

        Parameters
        ----------
        id_ : str
            Identifier.
        sequence : str
            Residues.
        labels : sequence of str, default=()
            Different labels that the record has; a record for a classifier has one.
        **metadata : str
            Further columns, the same ones for every record.
        """
        reason = self._reason_to_drop(sequence, labels)
        if reason is not None:
            self.drop(id_, reason)
            return
        self._ids.append(id_)
        self._sequences.append(sequence)
        if self.label is not None:
            self._labels.append(labels[0])
        for name, entry in metadata.items():
            self._metadata.setdefault(name, []).append(entry)

    def drop(self, id_, reason):
        """Count a record that the reader itself cannot use.

        Parameters
        ----------
        id_ : str
            Identifier.
        reason : str
            A few words for the report.
        """
        self._counts[reason] += 1
        ids = self._first_ids.setdefault(reason, ())
        if len(ids) < N_FIRST_IDS:
            self._first_ids[reason] = (*ids, id_)

    def table(self, source, metadata=()):
        """Put what was kept in a table, and warn of ids that occur more than once.

        Parameters
        ----------
        source : str
            The file, for the report and the warning.
        metadata : iterable of str, default=()
            Names of the columns that must be there even if no record was kept.

        Returns
        -------
        table : SequenceTable
            With its report.
        """
        _warn_of_repeated_ids(self._ids, source)
        return SequenceTable(
            self._ids,
            self._sequences,
            None if self.label is None else np.array(self._labels, dtype=str),
            {name: [] for name in metadata} | self._metadata,
            ReadReport(source, len(self._ids), dict(self._counts), self._first_ids),
        )

    def _reason_to_drop(self, sequence, labels):
        if self.label is not None and not labels:
            return f"no {self.label}"
        if self.label is not None and len(labels) > 1 and self.several == "drop":
            return f"several {self.label}s"
        residues = sequence.removesuffix("*").upper()
        if not residues:
            return self.without_sequence
        if len(residues) < self.min_length:
            return "too short"
        if self.drops_ambiguous and not _KNOWN_RESIDUES.issuperset(residues):
            return "ambiguous residues"
        if self.drops_duplicates and self._was_seen(residues, labels):
            return "duplicate"
        return None

    def _was_seen(self, residues, labels):
        # A digest is small, and two proteins of one 16-byte digest will not be met.
        text = "\t".join([residues, *labels[:1]]) if self.label is not None else residues
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name}={value!r} is not known; choose one of {', '.join(choices)}.")


def _warn_of_repeated_ids(ids, name):
    counts = Counter(ids)
    repeated = [id_ for id_, count in counts.items() if count > 1]
    if repeated:
        warnings.warn(
            f"{name}: {len(repeated)} of {len(counts)} ids occur more than once, the first is "
            f"{repeated[0]!r} ({counts[repeated[0]]} records). All records are kept; drop copies "
            "before cross-validation, or they stand on both sides of a split.",
            stacklevel=4,
        )
