"""Read the proteins that the command line names, whatever their format."""

import gzip
import os
import re
import shutil
import tempfile
import warnings
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from sklearn_protlstm.command._errors import DataError, in_words, show_as
from sklearn_protlstm.command._options import SEPARATOR

__all__ = ["Source", "as_fasta", "check_residues", "read_labelled", "read_proteins"]

_STARTS = {">": "FASTA", "LOCUS": "GenBank", "ID   ": "Swiss-Prot"}
_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_GZIP_MAGIC = b"\x1f\x8b"
_ID_COLUMNS = ("id", "accession", "entry")
_HEAD_BYTES = 65536


@dataclass(frozen=True)
class Source:
    """The options that say where proteins and labels are."""

    proteins: str
    label: str | None = None
    label_column: str | None = None
    labels: str | None = None
    hosts: str | None = None
    separator: str | None = None
    skip_unlabelled: bool = False
    sequence_column: str | None = None
    id_column: str | None = None

    @property
    def name(self):
        """The file in messages."""
        return "standard input" if self.proteins == "-" else self.proteins

    @property
    def has_several(self):
        """Whether a protein can have any number of labels."""
        return self.hosts == "all" or (self.hosts is None and self.separator is not None)

    @property
    def splitting(self):
        """How the reader of a table or FASTA file splits labels, as its arguments."""
        if self.hosts is None and self.separator is None:
            return {}
        return {
            "label_separator": SEPARATOR if self.separator is None else self.separator,
            "hosts": self.hosts or "all",
        }


@contextmanager
def _opened(source):
    """Give the path of the file.

    Standard input and pipes go to a temporary file first, since they can be read only once.
    """
    if source.proteins != "-" and os.path.isfile(source.proteins):
        yield source.proteins
        return
    with _temporary_file(source) as path:
        with click.open_file(source.proteins, "rb") as stream, open(path, "wb") as file:
            shutil.copyfileobj(stream, file)
        yield path


def read_labelled(source, *, is_checked=False):
    """Read proteins with their labels into a SequenceTable.

    DNA, repeats of one letter and identifiers instead of classes are errors, because a model of
    them means nothing. So are symbols that are not residues. `is_checked` leaves all of them to
    `check_data`.
    """
    from sklearn_protlstm.exceptions import DataQualityWarning

    _check_one_option(source)
    with _opened(source) as path, warnings.catch_warnings():
        warnings.simplefilter("ignore" if is_checked else "error", DataQualityWarning)
        try:
            if source.labels is None:
                table = _read(source, path, labelled=True)
            else:
                table = _join_labels(_read(source, path, labelled=False), source)
        except DataQualityWarning as warning:
            raise DataError(in_words(str(warning))) from warning
    _print_report(table)
    if not len(table):
        raise DataError(f"{source.name} has no protein with a label to learn from.")
    if not is_checked:
        check_residues(table, source.name)
    return table


def read_proteins(source):
    """Read proteins without labels into a SequenceTable."""
    with _opened(source) as path:
        table = _read(source, path, labelled=False)
    _print_report(table)
    return table


@contextmanager
def as_fasta(source):
    """Give the path of a FASTA file with the proteins of a file of any format."""
    from sklearn_protlstm.readers import write_fasta

    with _opened(source) as path:
        if _sniff(path)[0] == "FASTA":
            yield path
            return
        table = _read(source, path, labelled=False)
        _print_report(table)
        with _temporary_file(source) as fasta:
            write_fasta(table.sequences, fasta, ids=table.ids)
            yield fasta


def check_residues(table, name):
    """Check that every symbol is a residue, and name the protein where one is not."""
    from sklearn_protlstm._encoding.encoder import SequenceEncoder
    from sklearn_protlstm.exceptions import InvalidResidueError

    try:
        SequenceEncoder().count_masked(table.sequences)
    except InvalidResidueError as error:
        raise DataError(
            f"{name}: protein {table.ids[error.record]!r} has the symbol {error.symbol!r} at "
            f"residue {error.position}, which is not a residue. Correct or remove the protein."
        ) from error


@contextmanager
def _temporary_file(source):
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "proteins")
        show_as(path, source.name)
        yield path


def _check_one_option(source):
    given = [
        f"--{name.replace('_', '-')}"
        for name in ("label", "label_column", "labels")
        if getattr(source, name) is not None
    ]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other. Pass one of them.")
    if source.label is not None:
        _check_pattern(source.label)
    if source.separator == "":
        raise click.UsageError("--separator is empty. Pass the text between two labels.")


def _check_pattern(pattern):
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise click.UsageError(
            f"--label {pattern!r} is not a valid regular expression: {error}."
        ) from error
    if "label" not in compiled.groupindex and compiled.groups != 1:
        raise click.UsageError(
            f"--label {pattern!r} has {compiled.groups} groups, but exactly one group must mark "
            r"the label. Put one pair of brackets around it, as in 'host=(\w+)'."
        )


def _read(source, path, labelled):
    """Read a file with the reader of its format."""
    file_format, delimiter, first_line = _sniff(path)
    if labelled:
        _check_label_option(source, file_format)
    if file_format == "FASTA":
        return _read_fasta(source, path, labelled)
    if file_format in ("GenBank", "Swiss-Prot"):
        return _read_annotated(source, path, labelled, file_format)
    return _read_table(source, path, labelled, delimiter, first_line)


def _check_label_option(source, file_format):
    if source.label is not None and file_format != "FASTA":
        raise click.UsageError(
            f"--label searches FASTA headers, but {source.name} is a {file_format} file. Pass "
            "--label-column or --labels."
        )
    if source.label_column is not None and file_format == "FASTA":
        raise click.UsageError(
            f"{source.name} is a FASTA file, which has no columns. Pass --label or --labels."
        )
    needs_option = file_format not in ("GenBank", "Swiss-Prot")
    if not needs_option and source.separator is not None:
        raise click.UsageError(
            f"--separator is for tables and FASTA headers, but {source.name} is a {file_format} "
            "file. Pass --hosts."
        )
    if needs_option and source.label is None and source.label_column is None:
        option = "--label" if file_format == "FASTA" else "--label-column"
        raise click.UsageError(
            f"The labels of {source.name} are missing. Say where they are with {option} or "
            "--labels."
        )


def _read_fasta(source, path, labelled):
    from sklearn_protlstm.readers import read_fasta

    return read_fasta(
        path,
        label=source.label if labelled else None,
        unlabelled="drop" if source.skip_unlabelled else "error",
        **(source.splitting if labelled else {}),
    )


def _read_annotated(source, path, labelled, file_format):
    from sklearn_protlstm.readers import read_genbank, read_swissprot

    read = read_genbank if file_format == "GenBank" else read_swissprot
    return read(
        path,
        label=(source.label_column or "host") if labelled else None,
        hosts=source.hosts or "only",
    )


def _read_table(source, path, labelled, delimiter, first_line):
    from sklearn_protlstm.readers import read_table

    columns = [name.strip().strip('"') for name in first_line.split(delimiter)]
    return read_table(
        path,
        sequence=source.sequence_column or _find_column(columns, ("sequence",)) or "sequence",
        label=source.label_column if labelled else None,
        id=source.id_column or _find_column(columns, _ID_COLUMNS),
        delimiter=delimiter,
        **(source.splitting if labelled else {}),
    )


def _find_column(columns, names):
    lower = [column.lower() for column in columns]
    return next((columns[lower.index(name)] for name in names if name in lower), None)


def _sniff(path):
    """Return the format, the delimiter of a table or None, and the first line with text.

    What is not recognised counts as FASTA.
    """
    lines = _read_head(path).lstrip("\ufeff").lstrip().splitlines()
    first_line = lines[0] if lines else ""
    for start, file_format in _STARTS.items():
        if first_line.startswith(start):
            return file_format, None, first_line
    delimiter = _delimiter(path, first_line)
    if delimiter is None or "\0" in first_line:
        return "FASTA", None, first_line
    return ("CSV" if delimiter == "," else "TSV"), delimiter, first_line


def _read_head(path):
    with open(path, "rb") as raw:
        is_gzip = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        file = gzip.GzipFile(fileobj=raw) if is_gzip else raw
        try:
            return file.read(_HEAD_BYTES).decode("utf-8", "replace")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return ""  # the reader says what is wrong


def _delimiter(path, first_line):
    """Return the delimiter of a table, or None."""
    suffix = Path(path.lower().removesuffix(".gz")).suffix
    if suffix in _DELIMITERS:
        return _DELIMITERS[suffix]
    return next((delimiter for delimiter in "\t," if delimiter in first_line), None)


def _join_labels(table, source):
    """Add the labels of a second table, and leave out or refuse proteins without one."""
    labels = _read_label_table(source)
    missing = [id_ for id_ in table.ids if id_ not in labels]
    if missing and not source.skip_unlabelled:
        raise DataError(
            f"{len(missing)} of {len(table)} proteins of {source.name} have no label in "
            f"{source.labels}; the first is {missing[0]!r}. Add them to the table, or pass "
            "--skip-unlabelled."
        )
    rows = [row for row, id_ in enumerate(table.ids) if id_ in labels]
    if not rows:
        raise DataError(f"{source.labels} has no id of a protein in {source.name}.")
    return _with_labels(table[rows], labels)


def _with_labels(table, labels):
    import numpy as np

    found = [labels[id_] for id_ in table.ids]
    is_several = isinstance(found[0], tuple)
    array = np.fromiter(found, dtype=object, count=len(found)) if is_several else np.array(found)
    return replace(table, labels=array)


def _read_label_table(source):
    """Return the label of each id, or a tuple of all its labels."""
    from sklearn_protlstm.readers import read_table

    path = source.labels
    delimiter = _delimiter(path, _sniff(path)[2]) or "\t"
    with warnings.catch_warnings():
        # The reader expects sequences. Here the ids stand for them.
        warnings.simplefilter("ignore", UserWarning)
        table = read_table(
            path, sequence="id", id="id", label="label", delimiter=delimiter, **source.splitting
        )
    labels = {}
    for id_, label in zip(table.ids, table.labels.tolist()):
        known = labels.setdefault(id_, label)
        if source.has_several:
            labels[id_] = tuple(dict.fromkeys(known + label))
        elif known != label:
            raise DataError(
                f"{path} gives {id_!r} the labels {known!r} and {label!r}. Keep one of them, or "
                "pass --hosts all."
            )
    return labels


def _print_report(table):
    if table.report is not None and table.report.n_dropped:
        click.echo(in_words(str(table.report)), err=True)
