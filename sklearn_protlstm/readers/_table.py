"""The table that every reader returns."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sklearn_protlstm._html.fragments import Note, Table, make_columns, render_fragment
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.readers._report import ReadReport
from sklearn_protlstm.readers._several_labels import describe_labels, make_label_array

__all__ = ["SequenceRecord", "SequenceTable"]

# Longest text that a notebook shows in full.
_MAX_LETTERS = 40


class SequenceRecord(NamedTuple):
    """One row of a :class:`SequenceTable`.

    Parameters
    ----------
    id : str
        Identifier.
    sequence : str
        Residues, in upper and lower case as in the file.
    label : str, tuple of str or None
        The class, or all labels of the record. None if the table has no labels.
    metadata : dict of str to object
        Entries of the further columns.

    Examples
    --------
    >>> from sklearn_protlstm.readers import SequenceTable
    >>> for id_, sequence, label, metadata in SequenceTable(["a", "b"], ["MNTQAKG", "MNTQ"]):
    ...     print(id_, len(sequence))
    a 7
    b 4
    """

    id: str
    sequence: str
    label: str | tuple | None
    metadata: dict


@dataclass(frozen=True, eq=False, repr=False)
class SequenceTable:
    """Sequences with their ids, labels and metadata.

    A number selects a record. A slice, a mask or an array of numbers selects a smaller table, which
    has no report. A loop gives the records. scikit-learn splits a table as it splits an array, and
    the estimators of this package read the sequences of a table.

    Parameters
    ----------
    ids : list of str, of length n_records
        Identifiers of the records, in the order of the file.
    sequences : list of str, of length n_records
        Residues, in upper and lower case as in the file.
    labels : ndarray of shape (n_records,), dtype str or object, or None, default=None
        The classes to learn. Tuples of str, dtype object, if a record can have several labels. None
        if the table has no labels.
    metadata : dict of str to list of length n_records, optional
        Further columns, such as the description in a FASTA header.
    report : ReadReport or None, default=None
        What the reader dropped and why. None if the table does not come from a file.

    Raises
    ------
    ValueError
        If the columns differ in length.

    See Also
    --------
    read_fasta : Read a FASTA file into a table.
    read_genbank : Read a GenBank file into a table.
    read_swissprot : Read a Swiss-Prot file into a table.
    read_table : Read a CSV or TSV file into a table.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_protlstm.readers import SequenceTable
    >>> table = SequenceTable(["a", "b"], ["MNTQAKG", "MNTQ"], np.array(["human", "dog"]))
    >>> table
    SequenceTable(2 records, length 4 to 7, 2 classes)
    >>> X, y = table.X_y()
    >>> X
    ['MNTQAKG', 'MNTQ']
    >>> table[table.labels == "dog"].ids
    ['b']
    >>> table[-1].sequence
    'MNTQ'

    Split a table, or pass it to cross-validation:

    >>> from sklearn.model_selection import train_test_split
    >>> train, test = train_test_split(table, test_size=1, random_state=0)
    >>> train
    SequenceTable(1 records, length 7 to 7, 1 classes)
    """

    ids: list
    sequences: list
    labels: np.ndarray | None = None
    metadata: dict = field(default_factory=dict)
    report: ReadReport | None = None

    def __post_init__(self):
        lengths = {name: len(column) for name, column in self._columns().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"All columns must have the same length; got {lengths}.")

    def __len__(self):
        return len(self.ids)

    @property
    def shape(self):
        """Shape ``(n_records,)``, which makes scikit-learn index the table like an array."""
        return (len(self),)

    def __iter__(self):
        return map(self._record, range(len(self)))

    def __getitem__(self, key):
        # NumPy handles every kind of key, also (array, ...) from scikit-learn.
        places = None if isinstance(key, str) else np.arange(len(self))[key]
        if places is None or places.ndim > 1:
            raise TypeError(
                f"Cannot select {key!r} from a SequenceTable: expected a number, a slice, a mask "
                "or a list of numbers. For columns, use .ids, .sequences, .labels and .metadata, "
                "or make a DataFrame with .to_frame()."
            )
        return self._record(int(places)) if places.ndim == 0 else self._rows(places.tolist())

    def _record(self, place):
        return SequenceRecord(
            self.ids[place],
            self.sequences[place],
            None if self.labels is None else make_label_array(self.labels)[[place]].tolist()[0],
            {name: column[place] for name, column in self.metadata.items()},
        )

    def _rows(self, places):
        return SequenceTable(
            [self.ids[place] for place in places],
            [self.sequences[place] for place in places],
            None if self.labels is None else make_label_array(self.labels)[places],
            {name: [column[p] for p in places] for name, column in self.metadata.items()},
        )

    def __repr__(self):
        parts = [f"{len(self)} records"]
        if self.sequences:
            lengths = [len(sequence) for sequence in self.sequences]
            parts.append(f"length {min(lengths)} to {max(lengths)}")
        if self.labels is not None:
            parts.append(describe_labels(self.labels))
        if self.report is not None and self.report.n_dropped:
            parts.append(f"{self.report.n_dropped} dropped")
        return f"SequenceTable({', '.join(parts)})"

    def _repr_html_(self, max_rows=20):
        first = self[:max_rows]
        columns = {
            name: [
                _shorten(cell, "residues" if name == "sequence" else "letters") for cell in column
            ]
            for name, column in first._columns().items()
        }
        table = Table.of("First records", make_columns(columns))
        lines = [] if self.report is None else str(self.report).splitlines()
        return render_fragment(
            repr(self),
            [table._replace(n_hidden=len(self) - len(first))],
            [Note(line.strip()) for line in lines],
        )

    def X_y(self):
        """Return sequences and labels for ``fit`` or ``train_test_split``.

        Returns
        -------
        X : list of str, of length n_records
            The sequences.

        y : ndarray of shape (n_records,), dtype str or object
            The labels, or tuples of labels.

        Raises
        ------
        ValueError
            If the table has no labels or no records.
        """
        if self.labels is None:
            raise ValueError(
                "This table has no labels. Read the file with label=..., or use .sequences with "
                "your own labels."
            )
        if not self.ids:
            report = f" The reader reports:\n{self.report}" if self.report else ""
            raise ValueError(f"This table has no records to learn from.{report}")
        return self.sequences, self.labels

    def to_frame(self):
        """Return the table as a pandas DataFrame.

        Returns
        -------
        DataFrame of shape (n_records, n_columns)
            The columns id, sequence, label (if there are labels) and the metadata. If the
            metadata repeat one of these names, an underscore is added to theirs.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return make_frame(self._columns(), "SequenceTable.to_frame()")

    def _columns(self):
        columns = {"id": self.ids, "sequence": self.sequences}
        if self.labels is not None:
            columns["label"] = self.labels
        for name, column in self.metadata.items():
            while name in columns:
                name += "_"
            columns[name] = column
        return columns


def _shorten(cell, unit):
    """Leave the middle out of a long text, and write a tuple of labels as text."""
    if isinstance(cell, tuple):
        cell = "; ".join(map(str, cell))
    if not isinstance(cell, str) or len(cell) <= _MAX_LETTERS:
        return cell
    return f"{cell[:24]}…{cell[-8:]} ({len(cell)} {unit})"
