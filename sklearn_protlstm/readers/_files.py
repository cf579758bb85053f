"""Text files of any kind, line by line: packed or not, open or not, UTF-8 or Latin-1."""

import gzip
import io
import os
import zlib
from contextlib import contextmanager

from sklearn_protlstm.exceptions import SequenceFileError

__all__ = ["TextLines", "check_has_text", "open_lines"]

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)


class TextLines:
    """Lines of a text file that know how many of them were read.

    Parameters
    ----------
    file : iterable of str
        An open text file.
    name : str
        What the file is called in messages.
    """

    def __init__(self, file, name):
        self.name = name
        self.number = 0
        self._lines = iter(file)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            line = next(self._lines)
        except _GZIP_ERRORS as error:
            raise SequenceFileError(
                f"{self.name}: the gzip file is cut short or damaged ({error}). Get it again.",
                self.name,
                line=self.number + 1,
            ) from error
        if isinstance(line, bytes):
            raise TypeError(
                f"{self.name} is open in binary mode. Open it in text mode, or pass its path "
                "instead."
            )
        self.number += 1
        return line if line.isascii() else _latin1_if_not_utf8(line)


@contextmanager
def open_lines(path):
    """Open a path, packed or not, or take a file that is open already.

    Parameters
    ----------
    path : str, path-like or open text file
        Gzip is told by the first bytes, whatever the name. An open file is left open.

    Yields
    ------
    lines : TextLines
        A line with bytes that are not UTF-8 is read as Latin-1.
    """
    if hasattr(path, "read"):
        yield TextLines(path, str(getattr(path, "name", "the open file")))
        return
    with open(path, "rb") as raw:
        packed = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        binary = gzip.GzipFile(fileobj=raw) if packed else raw
        # surrogateescape keeps the bytes that are not UTF-8 for `_latin1_if_not_utf8` to read
        with io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape") as text:
            yield TextLines(text, os.fsdecode(path))


def check_has_text(line, lines):
    """Refuse a file without text.

    Parameters
    ----------
    line : str or None
        The first line with text, if there is one.
    lines : TextLines
        The file.

    Raises
    ------
    SequenceFileError
        If there is none.
    """
    if line is None:
        raise SequenceFileError(
            f"{lines.name} is empty. Check the download or the search that made it.", lines.name
        )


def _latin1_if_not_utf8(line):
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return line.encode("utf-8", errors="surrogateescape").decode("latin-1")
    return line
