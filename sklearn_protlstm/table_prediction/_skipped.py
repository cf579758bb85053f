"""The report of the records that the model rejects."""

import os
from pathlib import Path

from sklearn_protlstm._atomic_write import atomic_write
from sklearn_protlstm.exceptions import EmptySequenceError, InvalidResidueError, ResumeError

__all__ = ["SkippedReport"]

_HEADER = b"record\tid\tposition\tsymbol\treason\n"
_REASONS = {
    InvalidResidueError: "symbol not in the alphabet",
    EmptySequenceError: "no residues",
}


class SkippedReport:
    """The file beside the output that lists the skipped records. It exists if there are any."""

    def __init__(self, path_out):
        self.path = f"{os.fsdecode(path_out)}.skipped.tsv"

    def ids(self):
        """Return the id of each skipped record by the number of the record."""
        return {number: id_ for number, id_, _ in self._entries()}

    def replace_from(self, number, rejected):
        """Replace the entries of a record and of all records after it."""
        earlier = [line for entry, _, line in self._entries() if entry < number]
        lines = earlier + _lines(rejected)
        if lines:
            with atomic_write(self.path) as file:
                file.writelines([_HEADER, *lines])
        else:
            Path(self.path).unlink(missing_ok=True)

    def add(self, rejected):
        """Append rejected records."""
        if not rejected:
            return
        with open(self.path, "ab") as file:
            if not file.tell():
                file.write(_HEADER)
            file.writelines(_lines(rejected))
            file.flush()
            os.fsync(file.fileno())

    def _entries(self):
        """Return the number, the id and the line of each record. An incomplete line is left out."""
        try:
            header, *lines = Path(self.path).read_bytes().splitlines(keepends=True) or [b""]
        except FileNotFoundError:
            return []
        complete = [line for line in lines if line.endswith(b"\n")]
        try:
            if not _HEADER.startswith(header):
                raise ValueError
            return [_parse(line) for line in complete]
        except ValueError as error:
            raise ResumeError(
                f"{self.path} should list the records that an earlier run skipped, but it is "
                "damaged or another file. Remove it together with the output, or choose another "
                "path_out.",
                self.path,
            ) from error


def _parse(line):
    number, id_, _, _, _ = line.decode("utf-8").split("\t")
    return int(number), id_, line


def _lines(rejected):
    return [_line(each) for each in sorted(rejected, key=lambda each: each.record.number)]


def _line(rejected):
    record, error = rejected
    symbol = getattr(error, "symbol", "")
    fields = [
        str(record.number),
        record.id,
        str(getattr(error, "position", "")),
        symbol if symbol.isprintable() else repr(symbol)[1:-1],
        _REASONS.get(type(error)) or " ".join(str(error).split()),
    ]
    return ("\t".join(fields) + "\n").encode("utf-8")
