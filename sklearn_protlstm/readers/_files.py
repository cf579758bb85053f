"""Read text files line by line: plain or gzip, a path or an open file, UTF-8 or Latin-1."""

import gzip
import io
import os
import zlib
from contextlib import contextmanager

from sklearn_protlstm.exceptions import SequenceFileError

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)


class TextLines:
    """Iterate over the lines of an open text file and count them."""

    def __init__(self, file, name):
        self.name = name  # how messages call the file
        self.number = 0  # of the last line that was read
        self._lines = iter(file)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            line = next(self._lines)
        except _GZIP_ERRORS as error:
            raise SequenceFileError(
                f"{self.name}: the gzip file is cut short or damaged ({error}). Download it again.",
                self.name,
                line=self.number + 1,
            ) from error
        if isinstance(line, bytes):
            raise TypeError(
                f"{self.name} is open in binary mode. Open it in text mode, or pass its path."
            )
        self.number += 1
        return line if line.isascii() else _latin1_if_not_utf8(line)


@contextmanager
def open_lines(path):
    """Open a path, or wrap a file that is already open and leave it open.

    Gzip is recognised by the first bytes of the file. The file name does not matter.
    """
    if hasattr(path, "read"):
        yield TextLines(path, str(getattr(path, "name", "the open file")))
        return
    with open(path, "rb") as raw:
        is_gzip = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        binary = gzip.GzipFile(fileobj=raw) if is_gzip else raw
        # surrogateescape keeps bytes that are not UTF-8, so that `_latin1_if_not_utf8` can read
        # them.
        with io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape") as text:
            yield TextLines(text, os.fsdecode(path))


def check_has_text(first_line, lines):
    """Raise an error if the file has no first line with text."""
    if first_line is None:
        raise SequenceFileError(
            f"{lines.name} is empty. Check the download or the search that made it.", lines.name
        )


def wrong_format_error(lines, file_format, reason, first_line):
    """Return the error for a file of another format. `reason` leads up to its first line."""
    return SequenceFileError(
        f"{lines.name} is not a {file_format} file: {reason} {first_line[:40].rstrip()!r}. Is it "
        "another format, or a web page saved by mistake?",
        lines.name,
        record=0,
        line=lines.number,
    )


def _latin1_if_not_utf8(line):
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return line.encode("utf-8", errors="surrogateescape").decode("latin-1")
    return line
