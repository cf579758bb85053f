"""The table that every reader returns."""

from dataclasses import dataclass, field

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.readers._report import ReadReport

__all__ = ["SequenceTable"]


@dataclass(frozen=True, eq=False, repr=False)
class SequenceTable:
    """Sequences with their ids, labels and metadata.

    Parameters
    ----------
    ids : list of str, of length n_records
        Identifiers of the records, in the order of the file.
    sequences : list of str, of length n_records
        Residues, in upper and lower case as in the file.
    labels : ndarray of shape (n_records,), dtype str, or None, default=None
        The classes to learn. None if the table has no labels.
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

    def __repr__(self):
        parts = [f"{len(self)} records"]
        if self.sequences:
            lengths = [len(sequence) for sequence in self.sequences]
            parts.append(f"length {min(lengths)} to {max(lengths)}")
        if self.labels is not None:
            parts.append(f"{len(np.unique(self.labels))} classes")
        if self.report is not None and self.report.n_dropped:
            parts.append(f"{self.report.n_dropped} dropped")
        return f"SequenceTable({', '.join(parts)})"

    def X_y(self):
        """Return sequences and labels for ``fit`` or ``train_test_split``.

        Returns
        -------
        X : list of str, of length n_records
            The sequences.

        y : ndarray of shape (n_records,), dtype str
            The labels.

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
