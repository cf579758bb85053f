"""How far a run has come, with checksums, and the side file that keeps it."""

import hashlib
import json
import os
import platform
from pathlib import Path

from sklearn_protlstm._atomic_write import atomic_write, remove_drafts
from sklearn_protlstm.exceptions import ResumeError

__all__ = ["Progress", "SideFile"]


class Progress:
    """The number of rows written so far, and checksums of these rows and of their records."""

    def __init__(self, header):
        self.n_rows = 0
        self.n_bytes = len(header)
        self.rows = hashlib.sha256(header)
        self.records = hashlib.sha256()

    def add(self, row, record):
        """Add a row and the record that it predicts."""
        self.n_rows += 1
        self.n_bytes += len(row)
        self.rows.update(row)
        self.records.update(bytes(record))

    def copy(self):
        """Return a copy that further rows do not change."""
        duplicate = Progress(b"")
        duplicate.n_rows, duplicate.n_bytes = self.n_rows, self.n_bytes
        duplicate.rows, duplicate.records = self.rows.copy(), self.records.copy()
        return duplicate

    def facts(self):
        """Return what the side file keeps."""
        return {
            "n_rows": self.n_rows,
            "rows_sha256": self.rows.hexdigest(),
            "records_sha256": self.records.hexdigest(),
        }


class SideFile:
    """The file beside the output that keeps the progress of an unfinished run.

    It also names the process that writes the output. It is removed when the run is complete, or
    if it fails before the first rows are written.
    """

    def __init__(self, path_out):
        self.path = f"{os.fsdecode(path_out)}.resume"
        self.facts = None
        self._is_ours = False

    def holder(self):
        """Describe the process that writes the output, and return its id, if it is known."""
        try:
            content = json.loads(Path(self.path).read_bytes())
            process, host = int(content["process"]), str(content["host"])
        except (OSError, ValueError, KeyError, TypeError):
            return "another process", None
        return f"process {process} on {host}", process

    def load(self):
        """Return the facts of an earlier run, or None if it left none."""
        try:
            content = json.loads(Path(self.path).read_bytes())
            facts = content["progress"]
            if facts is not None:
                facts = {
                    "n_rows": int(facts["n_rows"]),
                    "rows_sha256": str(facts["rows_sha256"]),
                    "records_sha256": str(facts["records_sha256"]),
                }
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ResumeError(
                f"{self.path} should hold the progress of an earlier run, but it is damaged or "
                "another file. Remove it to resume without the checksums of the rows.",
                self.path,
            ) from error
        self.facts = facts
        return facts

    def save(self, progress=None):
        """Save a progress, or only which process writes the output."""
        if progress is not None:
            self.facts = progress.facts()
        self._is_ours = True
        content = {"process": os.getpid(), "host": platform.node(), "progress": self.facts}
        with atomic_write(self.path) as file:
            file.write(f"{json.dumps(content, indent=1)}\n".encode())

    def close(self, *, complete):
        """Remove the file, unless an unfinished run needs it."""
        remove_drafts(self.path)
        if complete or (self._is_ours and self.facts is None):
            Path(self.path).unlink(missing_ok=True)
