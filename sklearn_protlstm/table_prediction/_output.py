"""The file of predictions, with the files beside it."""

import os
from contextlib import contextmanager

from sklearn_protlstm.exceptions import FileInUseError, ResumeError, SequenceFileError
from sklearn_protlstm.table_prediction._lock import lock_file
from sklearn_protlstm.table_prediction._progress import SideFile
from sklearn_protlstm.table_prediction._resume import LastChunk, check_same_rows, read_earlier_rows
from sklearn_protlstm.table_prediction._rows import header_line, predict_rows
from sklearn_protlstm.table_prediction._skipped import SkippedReport

__all__ = ["Output", "open_output"]


@contextmanager
def open_output(run):
    """Open the output of a run and lock it."""
    side = SideFile(run.path_out)
    with open(run.path_out, "a+b", buffering=0) as file:
        if not lock_file(file, run.name_out):
            holder, process = side.holder()
            raise FileInUseError(
                f"{run.name_out} is in use: {holder} writes predictions to it. Wait until that run "
                "is complete or stop it, or choose another path_out.",
                run.name_out,
                process,
            )
        complete = False
        try:
            yield Output(run, file, side)
            complete = True
        finally:
            side.close(complete=complete)


class Output:
    """An open file of predictions, to which chunks are added.

    A kill can come between any two steps. So the side file is saved last, when the rows of a chunk
    and its skipped records are on the disk: what it vouches for is always there.
    """

    def __init__(self, run, file, side):
        self.run = run
        self.file = file
        self.side = side
        self.report = SkippedReport(run.path_out)
        self.last = None  # the last chunk in the file, later the place of the next one
        self.saved = None  # progress of the earlier run

    @property
    def n_rows(self):
        """Number of rows in the file."""
        return self.last.start.n_rows

    def resume(self, records):
        """Check the rows of an earlier run, and return the records of the last chunk."""
        is_empty = not self.file.seek(0, os.SEEK_END)
        self.saved = self.side.load()
        if is_empty:
            self.saved = self.side.facts = None
        self.side.save()
        skipped = {} if is_empty else self.report.ids()
        if skipped and not self.run.skip:
            raise self._skipped_error(skipped)
        self.last = read_earlier_rows(self.run, self.file, records, skipped, self.saved)
        if not self.last.rows:
            self.report.replace_from(0, [])
            self.file.truncate(0)
            self._append([header_line(self.run.model, self.run.classes)])
        return self.last.records

    def write(self, records):
        """Predict a chunk of records, and add the rows that the file does not have."""
        run, last = self.run, self.last
        rows, accepted, rejected = predict_rows(run.model, run.classes, records, skip=run.skip)
        check_same_rows(run, last, rows)
        if self._is_complete(rows):
            rows = last.rows
        if run.skip:
            self._report(records, rejected)
        self._replace_rows(rows)
        end = last.start.copy()
        for row, record in zip(rows, accepted):
            end.add(row, record)
        if end.n_rows:
            self.side.save(end)
        self.last = LastChunk(end)
        if rejected and not run.skip:
            raise self._rejected_error(records, rejected[-1])

    def _is_complete(self, rows):
        """Tell whether the file has all rows of the chunk, and they need no rewriting."""
        n_rows = self.last.start.n_rows + len(rows)
        is_safe = self.saved is None or n_rows <= self.saved["n_rows"]
        return is_safe and len(self.last.rows) == len(rows)

    def _report(self, records, rejected):
        if self.last.rows:
            self.report.replace_from(records[0].number, rejected)
        else:
            self.report.add(rejected)

    def _replace_rows(self, rows):
        """Write the rows of the chunk from the first one on that the file lacks."""
        last, n_same = self.last, 0
        for earlier, row in zip(last.rows, rows):
            if earlier != row:
                break
            n_same += 1
        if last.rows and n_same < len(rows):
            self.side.save(last.start)  # before the rows after it disappear
        n_bytes = last.start.n_bytes + sum(map(len, rows[:n_same]))
        if self.file.seek(0, os.SEEK_END) > n_bytes:
            self.file.truncate(n_bytes)
        self._append(rows[n_same:])

    def _append(self, rows):
        """Write all rows or, if writing fails, none of them."""
        end = self.file.seek(0, os.SEEK_END)
        content = memoryview(b"".join(rows))
        try:
            while content:
                content = content[self.file.write(content) :]
            os.fsync(self.file.fileno())
        except BaseException:
            self.file.truncate(end)
            raise

    def _rejected_error(self, records, rejected):
        record, error = rejected
        return SequenceFileError(
            f"{self.run.name_in}: the model rejects record {record.number} ({record.id[:80]!r}, "
            f"counted from 0). The rows before it are in {self.run.name_out}. Correct the record, "
            "or pass on_invalid='skip' to leave out such records, and call predict_fasta again. "
            f"The message of the model counts from record {records[0].number}: {error}",
            self.run.name_in,
            record.number,
        )

    def _skipped_error(self, skipped):
        return ResumeError(
            f"{self.run.name_out} cannot be resumed with on_invalid='raise': an earlier run "
            f"skipped {len(skipped)} records, which {self.report.path} lists. Pass "
            f"on_invalid='skip', or remove {self.run.name_out} to predict all records again.",
            self.run.name_out,
        )
