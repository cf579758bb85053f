"""Read text files line by line: plain or gzip, a path or an open file, UTF-8 or Latin-1."""

import gzip
import io
import os
import zlib
from contextlib import contextmanager
from functools import partial

import numpy as np

from sklearn_protlstm.exceptions import SequenceFileError

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)
_BYTE_ORDER_MARK = "\ufeff"


class TextLines:
    r"""Iterate over the lines of an open text file, and count lines and records.

    A new record starts with each line for which `starts_record` is true, and after each call of
    `end_record`. A line or record of more than `max_record_length` characters raises an error
    before the rest of it is read, which bounds the memory.

    Lines end with ``\n``, whatever the file has. Byte order marks at their start are removed.
    """

    def __init__(self, lines, name, max_record_length, starts_record=None):
        self.name = name  # how messages call the file
        self.number = 0  # of the last line that was read
        self._max_length = max_record_length
        # Text before the first record counts as record -1.
        self._record, self._first_line, self._length = -1, 1, 0
        self._lines = self._check(lines, starts_record or (lambda line: False))

    def __iter__(self):
        return self._lines

    def __next__(self):
        return next(self._lines)

    def end_record(self, *, counts=True):
        """Start a new record with the next line. Its number rises by one if the last counts."""
        self._record, self._first_line, self._length = self._record + counts, self.number + 1, 0

    def _check(self, lines, starts_record):
        try:
            for line in lines:
                if isinstance(line, bytes):
                    raise self._binary_error()
                self.number += 1
                length = len(line)
                if not line.isascii():
                    line = _latin1_if_not_utf8(line.removeprefix(_BYTE_ORDER_MARK))
                    if not line:
                        continue
                if starts_record(line):
                    self._record, self._first_line, self._length = self._record + 1, self.number, 0
                self._length += length
                if self._length > self._max_length:
                    raise self._length_error()
                if "\0" in line:
                    raise self._nul_error()
                yield line
        except _GZIP_ERRORS as error:
            raise self._gzip_error(error) from error

    def _binary_error(self):
        return TypeError(
            f"{self.name} is open in binary mode. Open it in text mode, or pass its path."
        )

    def _length_error(self):
        is_record = self._record >= 0 and self._first_line < self.number
        place = f"record {self._record} (counted from 0; lines {self._first_line} to"
        return SequenceFileError(
            f"{self.name}: {f'{place} {self.number})' if is_record else f'line {self.number}'} has "
            f"more than max_record_length={self._max_length:_} characters. Look for a line end, an "
            "end of record or a quotation mark that is missing. If the file is right, pass a "
            "larger max_record_length to the reader.",
            self.name,
            None if self._record < 0 else self._record,
            self.number,
        )

    def _nul_error(self):
        return SequenceFileError(
            f"{self.name}: line {self.number} has a NUL character, which text files do not have. "
            "If the file is encoded as UTF-16, save it as UTF-8. Otherwise download it again.",
            self.name,
            line=self.number,
        )

    def _gzip_error(self, error):
        # At the start of a file, gzip.open raises the same error for a file that is not gzip.
        followed = self.number and str(error).startswith("Not a gzipped file")
        return SequenceFileError(
            f"{self.name}: the gzip file is "
            f"{'followed by other data' if followed else 'cut short or damaged'} ({error}). "
            f"Download it again{', or decompress its parts one by one' if followed else ''}.",
            self.name,
            line=self.number + 1,
        )


def _read_lines(file, max_length):
    """Yield the lines of an open text file, cut after `max_length` characters."""
    if hasattr(file, "readline"):
        return iter(partial(file.readline, max_length + 1), "")
    return iter(file)


def _unify_line_ends(lines, max_length):
    r"""Split lines at ``\r``, as Python does where it opens a file."""
    for line in lines:
        # A line that was cut must stay one line.
        if not isinstance(line, bytes) and "\r" in line and len(line) <= max_length:
            yield from io.StringIO(line, newline=None)
        else:
            yield line


@contextmanager
def open_lines(path, max_record_length, starts_record=None):
    """Open a path, or wrap a file that is already open and leave it open.

    Gzip is recognised by the first bytes of the file. The file name does not matter.
    """
    _check_max_record_length(max_record_length)
    if hasattr(path, "read"):
        lines = _unify_line_ends(_read_lines(path, max_record_length), max_record_length)
        name = str(getattr(path, "name", "the open file"))
        yield TextLines(lines, name, max_record_length, starts_record)
        return
    with open(path, "rb") as raw:
        is_gzip = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        binary = gzip.GzipFile(fileobj=raw) if is_gzip else raw
        # surrogateescape keeps bytes that are not UTF-8, so that `_latin1_if_not_utf8` can read
        # them.
        with io.TextIOWrapper(binary, encoding="utf-8", errors="surrogateescape") as text:
            lines = _read_lines(text, max_record_length)
            yield TextLines(lines, os.fsdecode(path), max_record_length, starts_record)


def _check_max_record_length(value):
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(
            f"max_record_length must be a whole number of characters; got {value!r} of type "
            f"{type(value).__name__}."
        )
    if value < 1:
        raise ValueError(f"max_record_length must be at least 1 character; got {value}.")


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
