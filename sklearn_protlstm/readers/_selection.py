"""Decide which records a reader keeps, and count the others."""

import hashlib
import warnings
from collections import Counter

import numpy as np

from sklearn_protlstm.alphabets import get_alphabet
from sklearn_protlstm.readers._report import N_FIRST_IDS, ReadReport
from sklearn_protlstm.readers._table import SequenceTable

_KNOWN_RESIDUES = frozenset(get_alphabet("protein").symbols)

# What `hosts` may be, and its meaning under the former name `several_hosts`.
_HOSTS = ("only", "first", "all")
_FORMER_HOSTS = {"drop": "only", "first": "first"}


class Selection:
    """Collect the records to keep, and count the dropped ones by reason.

    `label` is what the reasons call a label, as in "no host"; None reads without labels. `hosts`
    selects labels of a record that has several. Dropped records are not stored, so memory grows
    only with what is kept.
    """

    def __init__(
        self,
        label,
        *,
        hosts="only",
        several_hosts=None,
        min_length=1,
        ambiguous="keep",
        duplicates="keep",
        without_sequence="no sequence",
    ):
        self._hosts = _choose_hosts(hosts, several_hosts)
        _check_choice("ambiguous", ambiguous, ("keep", "drop"))
        _check_choice("duplicates", duplicates, ("keep", "drop"))
        if isinstance(min_length, bool) or not isinstance(min_length, int | np.integer):
            raise TypeError(
                f"min_length must be a whole number of residues; got {min_length!r} of type "
                f"{type(min_length).__name__}."
            )
        self.label = label
        # If all labels are kept, the report says what the other choices would keep.
        compares = label is not None and self._hosts == "all"
        self._choices = _HOSTS if compares else (self._hosts,)
        self._n_kept = Counter()
        self._min_length = min_length
        self._without_sequence = without_sequence
        self._drops_ambiguous = ambiguous == "drop"
        self._drops_duplicates = duplicates == "drop"
        self._ids, self._sequences, self._labels, self._metadata = [], [], [], {}
        self._counts, self._first_ids = Counter(), {}
        self._seen = set()

    def add(self, id_, sequence, labels=(), /, **metadata):
        """Keep a record that has these different labels, or count why it is dropped."""
        # The last choice is the one that counts.
        for choice in self._choices:
            reason = self._reason_to_drop(sequence, labels, choice)
            self._n_kept[choice] += reason is None
        if reason is not None:
            self.drop(id_, reason)
            return
        self._ids.append(id_)
        self._sequences.append(sequence)
        if self.label is not None:
            self._labels.append(tuple(labels) if self._hosts == "all" else labels[0])
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
        counts = {hosts: self._n_kept[hosts] for hosts in reversed(self._choices)}
        return SequenceTable(
            self._ids,
            self._sequences,
            self._label_array(),
            {name: [] for name in metadata} | self._metadata,
            ReadReport(
                source,
                len(self._ids),
                dict(self._counts),
                self._first_ids,
                counts if len(counts) > 1 else {},
            ),
        )

    def _label_array(self):
        if self.label is None:
            return None
        if self._hosts == "all":
            return np.fromiter(self._labels, dtype=object, count=len(self._labels))
        return np.array(self._labels, dtype=str)

    def _reason_to_drop(self, sequence, labels, hosts):
        if self.label is None:
            labels = ()
        elif not labels:
            return f"no {self.label}"
        elif len(labels) > 1 and hosts == "only":
            return f"several {self.label}s"
        residues = sequence.removesuffix("*").upper()
        if not residues:
            return self._without_sequence
        if len(residues) < self._min_length:
            return "too short"
        if self._drops_ambiguous and not _KNOWN_RESIDUES.issuperset(residues):
            return "ambiguous residues"
        if self._drops_duplicates and self._was_seen(residues, labels, hosts):
            return "duplicate"
        return None

    def _was_seen(self, residues, labels, hosts):
        # Digests need less memory than sequences. At 16 bytes, they do not collide in practice.
        labels = sorted(labels) if hosts == "all" else labels[:1]
        text = "\t".join([hosts, residues, *labels])
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False


def _choose_hosts(hosts, several_hosts):
    """Translate `several_hosts`, the former name of `hosts`."""
    _check_choice("hosts", hosts, _HOSTS)
    if several_hosts is None:
        return hosts
    _check_choice("several_hosts", several_hosts, tuple(_FORMER_HOSTS))
    if hosts != "only":
        raise ValueError(
            f"hosts={hosts!r} and several_hosts={several_hosts!r} are two names of one parameter. "
            "Pass hosts only."
        )
    return _FORMER_HOSTS[several_hosts]


def _check_choice(name, value, choices):
    if not isinstance(value, str) or value not in choices:
        *others, last = map(repr, choices)
        raise ValueError(f"{name} must be {', '.join(others)} or {last}; got {value!r}.")


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
