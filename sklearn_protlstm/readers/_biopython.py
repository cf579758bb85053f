"""Run Biopython's parsers with one kind of error and one warning a file."""

import io
import itertools
import warnings

from sklearn_protlstm.exceptions import SequenceFileError, SequenceFileWarning

_MAX_MESSAGE_LENGTH = 200


def parse_records(parse, lines, checked_lines, file_format):
    """Yield the number, counted from 0, and the Biopython object of each record.

    `parse` is Biopython's function from an open text file to an iterator of records. It reads
    `checked_lines`, which come from `lines`. Whatever it raises becomes a SequenceFileError, and
    all its warnings become one SequenceFileWarning.
    """
    file, parser, caught = _LineFile(checked_lines), None, []
    for number in itertools.count():
        start = lines.number + 1
        try:
            with warnings.catch_warnings(record=True) as of_this_record:
                warnings.simplefilter("always")
                parser = parser or parse(file)
                record = next(parser, None)
        # On a malformed file, Biopython raises whatever its code runs into: ValueError,
        # AssertionError, IndexError, AttributeError, TypeError and more.
        except Exception as error:
            if file.error is not None:
                raise file.error from None
            raise SequenceFileError(
                f"{lines.name}: record {number} (counted from 0; lines {start} to {lines.number}) "
                f"is not valid {file_format}: {_describe(error)}. Download the file again, or "
                "repair or remove this record.",
                lines.name,
                record=number,
                line=lines.number,
            ) from error
        caught.extend((number, warning.message) for warning in of_this_record)
        if record is None:
            break
        yield number, record
    _warn_of_records(caught, lines, file_format)


class _LineFile:
    """Make an iterator of lines look like an open text file, as far as Biopython needs one.

    An exception of the iterator is kept as `error`, to tell it from those of the parser.
    """

    def __init__(self, lines):
        self.error = None
        self._lines = lines

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return next(self._lines)
        except StopIteration:
            raise
        except Exception as error:
            self.error = error
            raise

    def readline(self):
        return next(self, "")

    def read(self, size):
        # Biopython calls read(0) to check that the file is open in text mode.
        if size != 0:
            raise io.UnsupportedOperation("This file is read line by line.")
        return ""


def _describe(error):
    text = " ".join(str(error).split())
    if len(text) > _MAX_MESSAGE_LENGTH:
        text = text[:_MAX_MESSAGE_LENGTH] + "..."
    return f"{type(error).__name__}: {text}".rstrip(": ").rstrip(".")


def _warn_of_records(caught, lines, file_format):
    if not caught:
        return
    n_records = len({number for number, _ in caught})
    number, message = caught[0]
    message = " ".join(str(message).split())[:_MAX_MESSAGE_LENGTH]
    warnings.warn(
        SequenceFileWarning(
            f"{lines.name}: {n_records} record(s) do not quite follow the {file_format} format. "
            "They were read anyway; compare them with their source. The first is record "
            f"{number} (counted from 0): {message}",
            lines.name,
            n_records,
        ),
        stacklevel=4,
    )
