"""CSV and TSV, with columns named by the user."""

import csv
import os
from collections import Counter
from pathlib import PurePath

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers._files import check_has_text, open_lines
from sklearn_protlstm.readers._selection import Selection

__all__ = ["read_table"]

_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}


def read_table(
    path,
    *,
    sequence,
    label=None,
    id=None,
    delimiter=None,
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
):
    """Read proteins from a CSV or TSV file whose first line names its columns.

    Such files come from NCBI Virus, from UniProt's downloads and from spreadsheets. Cells are
    quoted as in RFC 4180 if they need to be, but not in files delimited by tabs, where a quotation
    mark is a character like any other.

    Parameters
    ----------
    path : str, path-like or open text file
        The file, gzip or not, which is read row by row.
    sequence : str
        Name of the column with the residues.
    label : str or None, default=None
        Name of the column with the labels, such as "Host". None: there are no labels.
    id : str or None, default=None
        Name of the column with the identifiers. None: the number of the row is the id, counted
        from 0 without the line of names.
    delimiter : str or None, default=None
        The character between cells. None: a comma for names that end with .csv, a tab for .tsv
        and .tab, each also with .gz at the end.
    min_length : int, default=1
        Shorter sequences are dropped. A stop ``*`` at the end is not counted.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether sequences with anything but the 20 residues stay. The encoder reads B, J, O, U, X
        and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether a sequence of the same residues and the same label as an earlier one stays.

    Returns
    -------
    SequenceTable
        Metadata are the other columns, as text. White space around labels and ids and within
        sequences goes. Its ``report`` tells what was dropped: rows with an empty cell for the
        label ("no label") or the sequence ("no sequence") and what the parameters ask for.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    SequenceFileError
        If the file is empty, lacks a column, names one twice, has a row of more or fewer cells
        than names, a quotation that does not end, or is damaged gzip. It is a ValueError.
    ValueError
        If the delimiter is not given and does not follow from the name, or a choice is none of
        the above.
    TypeError
        If an open file is not in text mode, or `min_length` is of a wrong type.

    Warns
    -----
    UserWarning
        Once, if ids occur more than once.

    See Also
    --------
    normalise_hosts : One name for "Homo sapiens" and "human; male; age 23".
    SequenceTable : What is returned.

    References
    ----------
    Y. Shafranovich. Common format and MIME type for comma-separated values (CSV) files.
    RFC 4180 (2005). :doi:`10.17487/RFC4180`

    Examples
    --------
    >>> import io
    >>> from sklearn_protlstm.readers import read_table
    >>> file = io.StringIO('''Accession,Host,Country,Residues
    ... MD1,Sus scrofa,"Made-up, north",MNTQAKG
    ... MD2,,,MNTQ
    ... ''')
    >>> table = read_table(file, sequence="Residues", label="Host", id="Accession", delimiter=",")
    >>> table.to_frame()
        id sequence       label         Country
    0  MD1  MNTQAKG  Sus scrofa  Made-up, north
    >>> print(table.report)
    the open file: 1 of 2 records kept, 1 dropped
      no label: 1 (MD2)
    """
    if delimiter is None:
        delimiter = _delimiter_of_name(path)
    selection = Selection(
        None if label is None else "label",
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
    )
    special = [name for name in (sequence, label, id) if name is not None]
    with open_lines(path) as lines:
        names, rows = _rows(lines, delimiter)
        _check_names(names, special, delimiter, lines)
        others = [name for name in names if name not in special]
        for number, row in enumerate(rows):
            cells = dict(zip(names, row))
            labels = () if label is None else (cells[label].strip(),)
            selection.add(
                str(number) if id is None else cells[id].strip(),
                "".join(cells[sequence].split()),
                labels if any(labels) else (),
                **{name: cells[name] for name in others},
            )
    return selection.table(lines.name, others)


def _delimiter_of_name(path):
    name = getattr(path, "name", "") if hasattr(path, "read") else os.fsdecode(path)
    suffix = PurePath(str(name).lower().removesuffix(".gz")).suffix
    try:
        return _DELIMITERS[suffix]
    except KeyError:
        raise ValueError(
            f"The delimiter does not follow from the name {str(name)!r}, which ends with none of "
            f"{', '.join(_DELIMITERS)}. Pass delimiter=',' or whatever stands between the cells."
        ) from None


def _rows(lines, delimiter):
    """The names of the columns, and an iterator of rows of as many cells."""
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    rows = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
    filled = (row for row in _named_errors(rows, lines) if any(cell.strip() for cell in row))
    names = next(filled, None)
    check_has_text(names, lines)
    names = [name.strip() for name in names]
    return names, _checked_rows(filled, names, lines)


def _named_errors(rows, lines):
    try:
        yield from rows
    except csv.Error as error:
        raise SequenceFileError(
            f"{lines.name}: the row that ends in line {lines.number} cannot be split into cells: "
            f"{error}. Look for a quotation mark without its partner, or for a file that is no "
            "table.",
            lines.name,
            line=lines.number,
        ) from error


def _checked_rows(rows, names, lines):
    for number, row in enumerate(rows):
        if len(row) != len(names):
            raise SequenceFileError(
                f"{lines.name}: line {lines.number} (row {number}, counted from 0) has {len(row)} "
                f"cells, but the first line names {len(names)} columns. Check the delimiter, and "
                "quote cells that contain it.",
                lines.name,
                number,
                lines.number,
            )
        yield row


def _check_names(names, special, delimiter, lines):
    twice = [name for name, count in Counter(names).items() if count > 1]
    missing = [name for name in special if name not in names]
    if twice:
        reason = f"names the column {twice[0]!r} more than once. Rename one"
    elif missing:
        reason = (
            f"has no column {missing[0]!r}; delimited by {delimiter!r} its columns are "
            f"{', '.join(map(repr, names[:20]))}. Pass one of these names, or another delimiter"
        )
    else:
        return
    raise SequenceFileError(f"{lines.name} {reason}.", lines.name, line=lines.number)
