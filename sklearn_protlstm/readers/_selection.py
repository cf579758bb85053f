"""Decide which records a reader keeps, and count the others."""

import hashlib
import warnings
from collections import Counter

import numpy as np

from sklearn_protlstm.alphabets import get_alphabet
from sklearn_protlstm.readers._report import N_FIRST_IDS, ReadReport
from sklearn_protlstm.readers._table import SequenceTable

_KNOWN_RESIDUES = frozenset(get_alphabet("protein").symbols)


class Selection:
    """Collect the records to keep, and count the dropped ones by reason.

    `label` is what the reasons call a label, as in "no host"; None reads without labels. Dropped
    records are not stored, so memory grows only with what is kept.
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
        self._drops_several = several == "drop"
        self._min_length = min_length
        self._without_sequence = without_sequence
        self._drops_ambiguous = ambiguous == "drop"
        self._drops_duplicates = duplicates == "drop"
        self._ids, self._sequences, self._labels, self._metadata = [], [], [], {}
        self._counts, self._first_ids = Counter(), {}
        self._seen = set()

    def add(self, id_, sequence, labels=(), /, **metadata):
        """Keep a record that has these different labels, or count why it is dropped."""
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
        """Count a dropped record."""
        self._counts[reason] += 1
        ids = self._first_ids.setdefault(reason, ())
        if len(ids) < N_FIRST_IDS:
            self._first_ids[reason] = (*ids, id_)

    def table(self, source, metadata=()):
        """Return the kept records as a SequenceTable, and warn if ids repeat.

        The columns in `metadata` exist even if no record was kept.
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
        if self.label is not None and len(labels) > 1 and self._drops_several:
            return f"several {self.label}s"
        residues = sequence.removesuffix("*").upper()
        if not residues:
            return self._without_sequence
        if len(residues) < self._min_length:
            return "too short"
        if self._drops_ambiguous and not _KNOWN_RESIDUES.issuperset(residues):
            return "ambiguous residues"
        if self._drops_duplicates and self._was_seen(residues, labels):
            return "duplicate"
        return None

    def _was_seen(self, residues, labels):
        # Digests need less memory than sequences. At 16 bytes, they do not collide in practice.
        text = "\t".join([residues, *labels[:1]]) if self.label is not None else residues
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be {' or '.join(map(repr, choices))}; got {value!r}.")


def _warn_of_repeated_ids(ids, source):
    counts = Counter(ids)
    repeated = [id_ for id_, count in counts.items() if count > 1]
    if repeated:
        warnings.warn(
            f"{source}: {len(repeated)} of {len(counts)} ids occur more than once. The first is "
            f"{repeated[0]!r} ({counts[repeated[0]]} records). All records are kept. Drop the "
            "copies before cross-validation, which would put them on both sides of a split.",
            stacklevel=4,
        )
