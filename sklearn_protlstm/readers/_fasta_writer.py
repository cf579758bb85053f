"""Write FASTA files that `read_fasta` reads back unchanged."""

import contextlib
import gzip
import os
from collections.abc import Iterable

from sklearn_protlstm._atomic_write import atomic_write
from sklearn_protlstm.exceptions import EmptySequenceError, InvalidSequenceError
from sklearn_protlstm.readers._several_labels import check_label_separator, split_labels
from sklearn_protlstm.readers._table import SequenceTable

__all__ = ["write_fasta"]


def write_fasta(sequences, path, *, ids=None, label_key=None, label_separator=";", width=60):
    r"""Write sequences to a FASTA file that `read_fasta` reads back unchanged.

    The file is written whole or not at all. After an error, a file that existed before is
    unchanged.

    Parameters
    ----------
    sequences : SequenceTable or iterable of str
        The sequences. The headers of a table contain its ids and descriptions.
    path : str or path-like
        The file. It is compressed with gzip if the name ends with .gz. An existing file is
        replaced.
    ids : sequence of str or None, default=None
        Identifiers, if `sequences` is not a table. If None, they are ``sequence_0``,
        ``sequence_1`` and so on.
    label_key : str or None, default=None
        Key under which to write the labels of a table at the end of the headers. With "host", a
        header ends with ``host=dog``, and ``label=r"host=(.+)$"`` reads the label back. If None,
        labels are not written.
    label_separator : str, default=";"
        Text between the labels of a record with several labels. It must not occur in them.
        `read_fasta` has a parameter of the same name.
    width : int, default=60
        Number of residues per line.

    Raises
    ------
    EmptySequenceError
        If a sequence is empty. It is a ValueError, and its ``record`` is the position.
    InvalidSequenceError
        If the file would not be read back unchanged: for white space or ``>`` in a sequence,
        white space in an id, a line break or NUL in a header, or `label_separator` in one of
        several labels. It is a ValueError, and its ``record`` is the position.
    ValueError
        If there are no sequences, the numbers of ids and sequences differ, `width` is less than
        1, `label_separator` is not a text, or `label_key` is given but there are no labels.
    TypeError
        If `sequences` is a single str, or `ids` is given with a table.
    OSError
        If the file cannot be written.

    See Also
    --------
    read_fasta : Read such a file.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_protlstm.readers import read_fasta, write_fasta
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "proteins.fasta.gz")
    ...     write_fasta(["MNTQAKG", "MNTQ"], path, ids=["p1", "p2"])
    ...     read_fasta(path).ids
    ['p1', 'p2']
    """
    if isinstance(sequences, str):
        raise TypeError("sequences must be a table or a list; got a single str. Put it in a list.")
    if not isinstance(width, int) or width < 1:
        raise ValueError(f"width must be a number of residues of at least 1; got {width!r}.")
    check_label_separator(label_separator, "all")
    sequences, headers = _sequences_and_headers(sequences, ids, label_key, label_separator)
    with atomic_write(path) as raw, _gzip_if_named_so(raw, path) as file:
        for record, (header, sequence) in enumerate(zip(headers, sequences)):
            _check_sequence(sequence, record)
            lines = (sequence[start : start + width] for start in range(0, len(sequence), width))
            file.write("\n".join([f">{header}", *lines, ""]).encode("utf-8"))


def _gzip_if_named_so(raw, path):
    if not os.fsdecode(path).endswith(".gz"):
        return contextlib.nullcontext(raw)
    # Without a name and a time in the gzip header, the same sequences make the same file.
    return gzip.GzipFile("", "wb", fileobj=raw, mtime=0)


def _sequences_and_headers(sequences, ids, label_key, label_separator):
    table = sequences if isinstance(sequences, SequenceTable) else None
    if table is not None and ids is not None:
        raise TypeError("ids cannot be given with a table: this table has ids of its own.")
    if label_key is not None and (table is None or table.labels is None):
        raise ValueError(
            f"label_key={label_key!r} asks for labels, but the sequences have none. Read the "
            "table with label=..., or leave label_key out."
        )
    sequences = list(sequences if table is None else table.sequences)
    if not sequences:
        raise ValueError("There are no sequences to write, and FASTA files cannot be empty.")
    ids = _checked_ids(table.ids if table is not None else ids, len(sequences))
    descriptions = labels = [""] * len(ids)
    if table is not None:
        descriptions = table.metadata.get("description", descriptions)
    if label_key is not None:
        labels = [
            f"{label_key}={_label_text(label, label_separator, record)}"
            for record, label in enumerate(table.labels)
        ]
    parts = enumerate(zip(ids, descriptions, labels))
    return sequences, [_header(record, *of_record) for record, of_record in parts]


def _label_text(label, separator, record):
    """Join several labels in a way that can be split again."""
    if isinstance(label, str) or not isinstance(label, Iterable):
        return label
    text = separator.join(label)
    if not label or split_labels(text, separator) != tuple(label):
        raise InvalidSequenceError(
            f"Record {record} (counted from 0) has the labels {list(label)}, which would not be "
            f"read back from {text!r} with label_separator={separator!r}. There must be a label, "
            "and none may occur twice, start or end with white space, or contain the separator: "
            "pass another one.",
            record,
        )
    return text


def _checked_ids(ids, n_sequences):
    if ids is None:
        return [f"sequence_{record}" for record in range(n_sequences)]
    if len(ids) != n_sequences:
        raise ValueError(f"There are {n_sequences} sequences but {len(ids)} ids; give one each.")
    for record, id_ in enumerate(ids):
        if not isinstance(id_, str) or not id_ or any(symbol.isspace() for symbol in id_):
            raise InvalidSequenceError(
                f"Record {record} (counted from 0) has the id {id_!r}. An id must be a str "
                "without white space, where it would end. Use underscores.",
                record,
            )
    return ids


def _header(record, id_, description, label):
    header = " ".join(part for part in (id_, description.strip(), label) if part)
    if any(symbol in header for symbol in "\n\r\0") or not _is_encodable(header):
        raise InvalidSequenceError(
            f"Record {record} ({id_!r}, counted from 0) has a header with a line break, a NUL "
            f"or a character that UTF-8 cannot encode: {header[:60]!r}. Replace it by a space.",
            record,
        )
    return header


def _is_encodable(text):
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_sequence(sequence, record):
    if not isinstance(sequence, str):
        raise InvalidSequenceError(
            f"Record {record} (counted from 0) must be a str of residues; got {sequence!r} of "
            f"type {type(sequence).__name__}.",
            record,
        )
    if sequence in ("", "*"):
        raise EmptySequenceError(
            f"Record {record} (counted from 0) has no residues, so the file could not be read "
            "back. Drop the record first.",
            record,
        )
    wrong = next((s for s in sequence if not s.isascii() or not s.isprintable() or s in " >"), None)
    if wrong is not None:
        raise InvalidSequenceError(
            f"Record {record} (counted from 0) contains {wrong!r}, which would not be read back "
            "as part of the sequence. Remove it.",
            record,
        )
