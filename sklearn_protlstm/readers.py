"""Readers of sequence files, which all return a `SequenceTable`.

Biopython splits files into records. What is added here is what a classifier needs and a parser
leaves to its user: labels, and a refusal of files that would train a wrong model without a word.
"""

import gzip
import io
import itertools
import os
import re
import warnings
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from sklearn_protlstm.exceptions import EmptySequenceError
from sklearn_protlstm.frames import make_frame

__all__ = ["SequenceTable", "read_fasta"]

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, eq=False, repr=False)
class SequenceTable:
    """Sequences with their ids, labels and metadata, one entry per record.

    Parameters
    ----------
    ids : list of str
        Identifiers of the records, in the order of the file.
    sequences : list of str
        Residues, letters as they came.
    labels : ndarray of shape (n_records,), dtype str, or None, default=None
        What a classifier is to learn. None if the reader was not asked for labels.
    metadata : dict of str to list, optional
        Further columns of one entry per record, such as the description in a FASTA header.

    Raises
    ------
    ValueError
        If the columns differ in length.

    See Also
    --------
    read_fasta : Makes one from a FASTA file.

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

    def __post_init__(self):
        lengths = {name: len(column) for name, column in self._columns().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Every column needs one entry per record; their lengths: {lengths}.")

    def __len__(self):
        return len(self.ids)

    def __repr__(self):
        parts = [f"{len(self)} records"]
        if self.sequences:
            lengths = [len(sequence) for sequence in self.sequences]
            parts.append(f"length {min(lengths)} to {max(lengths)}")
        if self.labels is not None:
            parts.append(f"{len(np.unique(self.labels))} classes")
        return f"SequenceTable({', '.join(parts)})"

    def X_y(self):
        """Give sequences and labels, ready for ``fit`` and ``train_test_split``.

        Returns
        -------
        X : list of str, of length n_records
            The sequences.

        y : ndarray of shape (n_records,), dtype str
            The labels.

        Raises
        ------
        ValueError
            If the table has no labels.
        """
        if self.labels is None:
            raise ValueError(
                "This table has no labels. Read the file with label=..., or use .sequences with "
                "labels of your own."
            )
        return self.sequences, self.labels

    def to_frame(self):
        """Give the table as a pandas DataFrame.

        Returns
        -------
        DataFrame of shape (n_records, n_columns)
            Columns id, sequence, label (if there are labels) and those of the metadata.

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
        return columns | self.metadata


def read_fasta(path, *, label=None):
    r"""Read protein sequences, and labels out of their headers, from a FASTA file.

    The file is read record by record; its text is never in memory as a whole. Wrapped lines, any
    line ending and gzip are understood, and gzip is recognised by the first bytes, whatever the
    name. Sequences are kept as they are, lower case, ``*`` and gaps included, for the encoder to
    judge; only spaces within them go.

    Parameters
    ----------
    path : str, path-like or open text file
        The file. One that is open already is read from where it stands and left open. Files
        opened here are read as UTF-8; a header that is not UTF-8 is read as Latin-1.
    label : None, str, re.Pattern or callable, default=None
        Where a record's label is found in its header, the whole line without ``>``:

        - None: there are no labels;
        - a regular expression, searched for in the header, whose only group, or the one named
          ``label``, is the label, such as ``r"host=(\w+)"``;
        - a function of the header that returns the label as a str.

    Returns
    -------
    SequenceTable
        An id is the header up to the first white space. The rest of the header is
        ``metadata["description"]``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is empty or no FASTA, if a record has no label, if a regular expression is
        wrong or has no such group, or if a gzip file is cut short or damaged.
    EmptySequenceError
        If a record has a header but no residue: more often a broken file than a wish. It is a
        ValueError. Its ``record``, like the record numbers in all messages, counts from 0.
    TypeError
        If an open file is not in text mode, or `label` is none of the above.

    Warns
    -----
    UserWarning
        Once, if ids occur more than once. All records are kept; drop the copies before
        cross-validation, which would put them on both sides.

    See Also
    --------
    SequenceTable : What is returned.
    sklearn_protlstm.datasets.load_virus_hosts : Proteins with labels, without a file.

    References
    ----------
    W. R. Pearson and D. J. Lipman. Improved tools for biological sequence comparison. PNAS 85
    (1988) 2444-2448. :doi:`10.1073/pnas.85.8.2444`

    Examples
    --------
    >>> import io
    >>> from sklearn_protlstm.readers import read_fasta
    >>> file = io.StringIO('''>p1 spike host=human
    ... MNTQILVFIACVLIE
    ... AKGDKICL
    ... >p2 spike host=dog
    ... MNTQAKGDKICLILVFIACVLIE
    ... ''')
    >>> table = read_fasta(file, label=r"host=(\w+)")
    >>> table
    SequenceTable(2 records, length 23 to 23, 2 classes)
    >>> table.ids
    ['p1', 'p2']
    >>> table.to_frame()
       id                 sequence  label       description
    0  p1  MNTQILVFIACVLIEAKGDKICL  human  spike host=human
    1  p2  MNTQAKGDKICLILVFIACVLIE    dog    spike host=dog

    A function reads what a pattern cannot:

    >>> where = file.seek(0)
    >>> read_fasta(file, label=lambda header: "pet" if "dog" in header else "owner").labels
    array(['owner', 'pet'], dtype='<U5')
    """
    # Biopython loads every format that it knows, which takes a while.
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    find_label = _label_finder(label)
    ids, sequences, descriptions, labels = [], [], [], []
    with _open_text(path) as (file, name):
        records = SimpleFastaParser(_from_first_header(file, name))
        for record, (header, sequence) in enumerate(records):
            id_, description = [*header.split(maxsplit=1), "", ""][:2]
            place = f"{name}: record {record} ({id_!r}, counted from 0)"
            if not sequence:
                raise EmptySequenceError(
                    f"{place} has a header but no residues. Remove it from the file, or complete "
                    "it if the download broke off.",
                    record,
                )
            ids.append(id_)
            sequences.append(sequence)
            descriptions.append(description)
            if find_label is not None:
                labels.append(_checked_label(find_label, header, place))
    _warn_of_duplicates(ids, name)
    return SequenceTable(
        ids,
        sequences,
        None if find_label is None else np.array(labels, dtype=str),
        {"description": descriptions},
    )


@contextmanager
def _open_text(path):
    """Give a path, packed or not, as an open text file, and the name it has in messages."""
    if hasattr(path, "read"):
        yield path, getattr(path, "name", "the open file")
        return
    with open(path, "rb") as raw:
        packed = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        binary = gzip.GzipFile(fileobj=raw) if packed else raw
        # surrogateescape keeps the bytes that are not UTF-8 for `_latin1_if_not_utf8` to read
        with io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape") as text:
            name = os.fspath(path)
            try:
                yield text, name
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise ValueError(
                    f"{name}: the gzip file is cut short or damaged ({error}). Get it again."
                ) from error


def _from_first_header(file, name):
    """Pass the lines of a file on, once the first one with text has proved to be a header."""
    lines = iter(file)
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise ValueError(f"{name} is empty. Check the download or the search that made it.")
    if isinstance(first, bytes):
        raise TypeError(
            f"{name} is open in binary mode. Open it in text mode, or pass its path instead."
        )
    if not first.startswith(">"):
        raise ValueError(
            f"{name} is not a FASTA file: the first record must start with '>', but the first "
            f"line is {first[:40].rstrip()!r}. Is it another format, or a web page saved by "
            "mistake?"
        )
    for line in itertools.chain([first], lines):
        yield line if line.isascii() else _latin1_if_not_utf8(line)


def _latin1_if_not_utf8(line):
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return line.encode("utf-8", errors="surrogateescape").decode("latin-1")
    return line


def _label_finder(label):
    """Turn what the user gave as `label` into a function of the header, or None."""
    if label is None or callable(label):
        return label
    if not isinstance(label, str | re.Pattern):
        raise TypeError(
            "label must be None, a regular expression or a function of the header; got "
            f"{label!r} of type {type(label).__name__}."
        )
    try:
        pattern = re.compile(label)
    except re.error as error:
        raise ValueError(f"label={label!r} is not a regular expression: {error}.") from error
    group = "label" if "label" in pattern.groupindex else 1
    if group == 1 and pattern.groups != 1:
        raise ValueError(
            f"label={pattern.pattern!r} has {pattern.groups} groups, so which part of the match "
            r"is the label is not clear. Put one group around it, such as r'host=(\w+)', or "
            "name the group: (?P<label>...)."
        )

    def find_label(header):
        match = pattern.search(header)
        return match and match[group]

    return find_label


def _checked_label(find_label, header, place):
    try:
        label = find_label(header)
    except Exception as error:
        error.add_note(f"while looking for the label in {header!r} of {place}")
        raise
    if not isinstance(label, str) or not label:
        raise ValueError(
            f"{place} has no label: a non-empty str was wanted, but label= gave {label!r} for the "
            f"header {header!r}. Give a pattern or function that fits every header; a function "
            "may return a name such as 'unknown' for rows to drop later."
        )
    return label


def _warn_of_duplicates(ids, name):
    counts = Counter(ids)
    repeated = [id_ for id_, count in counts.items() if count > 1]
    if repeated:
        warnings.warn(
            f"{name}: {len(repeated)} of {len(counts)} ids occur more than once, the first is "
            f"{repeated[0]!r} ({counts[repeated[0]]} records). All records are kept; drop copies "
            "before cross-validation, or they stand on both sides of a split.",
            stacklevel=3,
        )
