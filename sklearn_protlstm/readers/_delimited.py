"""Read CSV and TSV files."""

import os
from collections import Counter
from pathlib import PurePath

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers._contents import warn_of_contents
from sklearn_protlstm.readers._files import check_has_text, open_lines
from sklearn_protlstm.readers._selection import Selection
from sklearn_protlstm.readers._several_labels import check_label_separator, split_labels

__all__ = ["read_table"]

_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}


def read_table(
    path,
    *,
    sequence,
    label=None,
    label_separator=None,
    hosts="only",
    id=None,
    delimiter=None,
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
    max_record_length=10_000_000,
):
    """Read proteins from a CSV or TSV file with a header row.

    NCBI Virus, UniProt and spreadsheets export such files. Quoted cells follow RFC 4180. In
    files delimited by tabs, a quotation mark is an ordinary character.

    Parameters
    ----------
    path : str, path-like or open text file
        The file, plain or gzip. It is read row by row.
    sequence : str
        Name of the column with the residues.
    label : str or None, default=None
        Name of the column with the labels, such as "Host". If None, the table has no labels.
    label_separator : str or None, default=None
        Text between the labels of a cell that has several. With ";", ``human; pig`` is two labels.
        If None, such a text is one label.
    hosts : {"only", "first", "all"}, default="only"
        Which labels to use of a row that has several. "only" drops the row, "first" uses the first
        label. "all" uses all of them, for a multi-label classifier: each label of the table is
        then a tuple. "first" and "all" need `label_separator`.
    id : str or None, default=None
        Name of the column with the identifiers. If None, the id is the row number, counted from
        0 after the header.
    delimiter : str or None, default=None
        The character that separates the cells. If None, it follows from the file name: a comma
        for .csv, a tab for .tsv and .tab, each with or without .gz at the end.
    min_length : int, default=1
        Drop sequences with fewer residues. A stop ``*`` at the end does not count.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether to keep sequences with symbols other than the 20 standard residues. The encoder
        treats B, J, O, U, X and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether to keep a sequence if an earlier one has the same residues and the same label.
    max_record_length : int, default=10_000_000
        Largest number of characters of a row, with all its cells. It bounds the memory that a
        damaged file can take. Raise it for rows that really are longer.

    Returns
    -------
    SequenceTable
        The other columns become its metadata, as text. White space around labels and ids, and
        within sequences, is removed. Its ``report`` counts the dropped rows: those with an empty
        label ("no label") or sequence ("no sequence"), and those that the parameters exclude. With
        ``hosts="all"``, it also counts what the other values of `hosts` keep.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    SequenceFileError
        If the file is empty, a column is missing or occurs twice, a row has more or fewer cells
        than the header, repeats the header or is longer than `max_record_length`, a quotation is
        not closed, a line has a NUL character, or a gzip file is damaged. It is a ValueError.
    ValueError
        If `delimiter` is None and the file name does not tell it, or if `delimiter`,
        `label_separator`, `hosts`, `ambiguous`, `duplicates` or `max_record_length` is invalid.
    TypeError
        If an open file is not in text mode, or `min_length` or `max_record_length` is not an int.

    Warns
    -----
    UserWarning
        If ids repeat. One warning covers the whole file.

    See Also
    --------
    normalise_hosts : Give "Homo sapiens" and "human; male; age 23" one name.
    SequenceTable : The returned object.

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
        delimiter = _delimiter_from_name(path)
    _check_delimiter(delimiter)
    selection = Selection(
        None if label is None else "label",
        hosts=hosts,
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
    )
    named = [name for name in (sequence, label, id) if name is not None]
    check_label_separator(label_separator, hosts)
    with open_lines(path, max_record_length) as lines:
        rows = _split_rows(lines, delimiter)
        columns = _read_header(rows, lines)
        _check_columns(columns, named, delimiter, lines)
        others = [name for name in columns if name not in named]
        for number, row in enumerate(_check_rows(rows, columns, lines)):
            cells = dict(zip(columns, row))
            labels = () if label is None else split_labels(cells[label].strip(), label_separator)
            selection.add(
                str(number) if id is None else cells[id].strip(),
                "".join(cells[sequence].split()),
                labels,
                **{name: cells[name] for name in others},
            )
    table = selection.table(lines.name, others)
    warn_of_contents(table, lines.name, label_separator)
    return table


def _delimiter_from_name(path):
    name = getattr(path, "name", "") if hasattr(path, "read") else os.fsdecode(path)
    suffix = PurePath(str(name).lower().removesuffix(".gz")).suffix
    try:
        return _DELIMITERS[suffix]
    except KeyError:
        raise ValueError(
            f"Cannot tell the delimiter from the file name {str(name)!r}, which ends with none of "
            f"{', '.join(_DELIMITERS)}. Pass delimiter=',' or the character that separates the "
            "cells."
        ) from None


def _check_delimiter(delimiter):
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError(
            "delimiter must be one character, but no quotation mark or line end; got "
            f"{delimiter!r}."
        )


def _split_rows(lines, delimiter):
    """Yield the rows that are not blank, as lists of cells.

    The csv module limits the length of cells, and the limit holds for the whole process.
    """
    for line in lines:
        if delimiter == "\t" or '"' not in line:
            row = line.removesuffix("\n").split(delimiter)
        else:
            row = list(_split_quoted(line, lines, delimiter))
        has_text = any(cell.strip() for cell in row)
        if has_text:
            yield row
        lines.end_record(counts=has_text)


def _split_quoted(line, lines, delimiter):
    """Yield the cells of a row with quotation marks, which may go on over the next lines."""
    start, first_line = 0, lines.number
    while True:
        if line.startswith('"', start):
            cell, line, end = _read_quotation(line, start + 1, lines)
            if line is None:
                raise _quotation_error("a quotation mark is not closed", first_line, lines)
            if line[end : end + 1] not in (delimiter, "\n", ""):
                problem = f"{line[end : end + 20].rstrip()!r} follows a closing quotation mark"
                raise _quotation_error(problem, first_line, lines)
        else:
            end = line.find(delimiter, start)
            end = len(line.removesuffix("\n")) if end < 0 else end
            cell = line[start:end]
        yield cell
        if line[end : end + 1] != delimiter:
            return
        start = end + 1


def _read_quotation(line, start, lines):
    """Return the text of a quotation, the line where it ends, and the place after its end.

    The line is None if the file ends first.
    """
    parts = []
    while True:
        end = line.find('"', start)
        if end < 0:
            parts.append(line[start:])
            line, start = next(lines, None), 0
            if line is None:
                return "".join(parts), None, 0
        elif line.startswith('""', end):
            parts.append(line[start : end + 1])
            start = end + 2
        else:
            parts.append(line[start:end])
            return "".join(parts), line, end + 1


def _quotation_error(problem, line, lines):
    return SequenceFileError(
        f"{lines.name}: cannot split the row that starts in line {line} into cells: {problem}. "
        "Close each quotation mark and double those inside a quotation, or check that the file is "
        "a table.",
        lines.name,
        line=line,
    )


def _read_header(rows, lines):
    header = next(rows, None)
    check_has_text(header, lines)
    return [name.strip() for name in header]


def _check_columns(columns, named, delimiter, lines):
    repeated = [name for name, count in Counter(columns).items() if count > 1]
    missing = [name for name in named if name not in columns]
    if repeated:
        problem = f"has more than one column {repeated[0]!r}. Rename the others"
    elif missing:
        problem = (
            f"has no column {missing[0]!r}. With the delimiter {delimiter!r}, its columns are "
            f"{', '.join(map(repr, columns[:20]))}. Pass one of these names, or another delimiter"
        )
    else:
        return
    raise SequenceFileError(f"{lines.name} {problem}.", lines.name, line=lines.number)


def _check_rows(rows, columns, lines):
    """Yield the rows, and raise an error at the first that does not fit the header."""
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            problem = (
                f"has {len(row)} cells, but the header names {len(columns)} columns. Check the "
                "delimiter, and quote cells that contain it"
            )
        elif [cell.strip() for cell in row] == columns:
            problem = "repeats the header. If the file was joined from several, remove this line"
        else:
            yield row
            continue
        raise SequenceFileError(
            f"{lines.name}: line {lines.number} (row {number}, counted from 0) {problem}.",
            lines.name,
            number,
            lines.number,
        )
