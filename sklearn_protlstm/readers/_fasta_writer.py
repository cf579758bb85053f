"""Writing FASTA files that read back as they were."""

import gzip
import io
import os
from contextlib import contextmanager

from sklearn_protlstm.exceptions import EmptySequenceError, InvalidSequenceError
from sklearn_protlstm.readers._table import SequenceTable

__all__ = ["write_fasta"]


def write_fasta(sequences, path, *, ids=None, label_key=None, width=60):
    r"""Write sequences as FASTA, such that `read_fasta` gives them back.

    The file appears under its name when it is complete.

    Parameters
    ----------
    sequences : SequenceTable or iterable of str
        A table brings its ids, and the description of its metadata for the headers.
    path : str or path-like
        The file; gzip if the name ends with .gz. One that exists is replaced.
    ids : sequence of str or None, default=None
        Identifiers of sequences that are no table. None: ``sequence_0`` and so on.
    label_key : str or None, default=None
        Write the table's labels at the ends of the headers as ``host=dog``, if this is "host".
        They are read back with ``label=r"host=(.+)$"``.
    width : int, default=60
        Residues a line.

    Raises
    ------
    EmptySequenceError
        If a sequence is empty.
    InvalidSequenceError
        If a sequence, an id or a description has characters that would not be read back as they
        are: white space and ``>`` in sequences, white space in ids, line breaks in
        descriptions. Both errors are ValueErrors, and ``record`` is the position.
    ValueError
        If there are no sequences, not as many ids as sequences, or labels are wanted of
        something that has none.
    TypeError
        If `sequences` is a single str, or `ids` are given for a table.

    See Also
    --------
    read_fasta : The way back.

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
        raise ValueError(f"width must be a number of residues from 1; got {width!r}.")
    sequences, headers = _sequences_and_headers(sequences, ids, label_key)
    with _complete_or_absent(path) as file:
        for record, (header, sequence) in enumerate(zip(headers, sequences)):
            _check_sequence(sequence, record)
            lines = (sequence[start : start + width] for start in range(0, len(sequence), width))
            file.write("\n".join([f">{header}", *lines, ""]))


def _sequences_and_headers(sequences, ids, label_key):
    table = sequences if isinstance(sequences, SequenceTable) else None
    if table is not None and ids is not None:
        raise TypeError("ids belong to sequences that are no table; this table has ids of its own.")
    if label_key is not None and (table is None or table.labels is None):
        raise ValueError(
            f"label_key={label_key!r} asks for labels, but the sequences have none. Read the "
            "table with label=..., or leave label_key out."
        )
    sequences = list(sequences if table is None else table.sequences)
    if not sequences:
        raise ValueError("There are no sequences to write, and an empty file is no FASTA.")
    ids = _checked_ids(table.ids if table is not None else ids, len(sequences))
    descriptions = [""] * len(ids)
    if table is not None:
        descriptions = table.metadata.get("description", descriptions)
    tails = [""] * len(ids) if label_key is None else [f"{label_key}={x}" for x in table.labels]
    headers = zip(ids, descriptions, tails)
    return sequences, [_header(*parts, record) for record, parts in enumerate(headers)]


def _checked_ids(ids, n_sequences):
    if ids is None:
        return [f"sequence_{record}" for record in range(n_sequences)]
    if len(ids) != n_sequences:
        raise ValueError(f"There are {n_sequences} sequences but {len(ids)} ids; give one each.")
    for record, id_ in enumerate(ids):
        if not isinstance(id_, str) or not id_ or any(symbol.isspace() for symbol in id_):
            raise InvalidSequenceError(
                f"Record {record} (counted from 0) has the id {id_!r}: a str without white space "
                "was wanted, for an id ends where white space starts. Put an underscore there.",
                record,
            )
    return ids


def _header(id_, description, tail, record):
    header = " ".join(part for part in (id_, description.strip(), tail) if part)
    if "\n" in header or "\r" in header or not _is_encodable(header):
        raise InvalidSequenceError(
            f"Record {record} ({id_!r}, counted from 0) has a description with a line break or "
            f"half a character in it: {header[:60]!r}. Put a space there.",
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
            f"Record {record} (counted from 0) is {sequence!r} of type {type(sequence).__name__}; "
            "a str of residues was wanted.",
            record,
        )
    if sequence in ("", "*"):
        raise EmptySequenceError(
            f"Record {record} (counted from 0) has no residues, and such a file is not read "
            "back. Drop the record first.",
            record,
        )
    wrong = next((s for s in sequence if not s.isascii() or not s.isprintable() or s in " >"), None)
    if wrong is not None:
        raise InvalidSequenceError(
            f"Record {record} (counted from 0) contains {wrong!r}, which would not be read back "
            "as part of the sequence. Take it out.",
            record,
        )


@contextmanager
def _complete_or_absent(path):
    """A text file that takes its name once it is complete."""
    path = os.fsdecode(path)
    unfinished = f"{path}.unfinished"
    try:
        with open(unfinished, "wb") as raw:
            # Without name and time in it, the same sequences make the same file.
            packed = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if path.endswith(".gz") else None
            with io.TextIOWrapper(packed or raw, encoding="utf-8", newline="\n") as text:
                yield text
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
