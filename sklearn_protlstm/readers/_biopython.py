"""Biopython's parsers, made to fail in one way and to stay quiet about what does no harm."""

import io
import itertools
import warnings

from sklearn_protlstm.exceptions import SequenceFileError, SequenceFileWarning

__all__ = ["parse_records"]

_LONGEST_REASON = 200


def parse_records(parse, lines, checked_lines, file_format):
    """Pass on a parser's records.

    Parameters
    ----------
    parse : callable
        Biopython's function of an open text file that gives an iterator of records.
    lines : TextLines
        The file, for its name and how far it is read.
    checked_lines : iterator of str
        The lines as the parser is to see them.
    file_format : str
        Name of the format, for messages.

    Yields
    ------
    number : int
        Position of the record in the file, counted from 0.

    record : object
        As the parser gives it.

    Raises
    ------
    SequenceFileError
        If the parser fails, in whatever way it does.

    Warns
    -----
    SequenceFileWarning
        Once, if the parser warned of anything.
    """
    file, parser, doubts = _ParserFile(checked_lines), None, []
    for number in itertools.count():
        start = lines.number + 1
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                parser = parser or parse(file)
                record = next(parser, None)
        # Biopython's parsers raise whatever their code runs into in a file that is not as they
        # expect: ValueError, AssertionError, IndexError, AttributeError, TypeError and more.
        except Exception as error:
            if file.failure is not None:
                raise file.failure from None
            raise SequenceFileError(
                f"{lines.name}: record {number} (counted from 0; lines {start} to {lines.number} "
                f"were read) is no readable {file_format}: {_reason(error)}. Get the file again, "
                "or repair or remove this record.",
                lines.name,
                record=number,
                line=lines.number,
            ) from error
        doubts.extend((number, warning.message) for warning in caught)
        if record is None:
            break
        yield number, record
    _warn_of_doubts(doubts, lines, file_format)


class _ParserFile:
    """Lines that read like an open text file, as far as Biopython's parsers need one.

    What goes wrong with the lines themselves is kept as ``failure``, apart from what goes wrong
    in the parser.
    """

    def __init__(self, lines):
        self.failure = None
        self._lines = lines

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return next(self._lines)
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise

    def readline(self):
        return next(self, "")

    def read(self, size):
        # Parsers find out that a file is text by asking for none of it.
        if size != 0:
            raise io.UnsupportedOperation("Lines are read one by one.")
        return ""


def _reason(error):
    text = " ".join(str(error).split())
    if len(text) > _LONGEST_REASON:
        text = text[:_LONGEST_REASON] + "..."
    return f"{type(error).__name__}: {text}".rstrip(": ").rstrip(".")


def _warn_of_doubts(doubts, lines, file_format):
    if not doubts:
        return
    n_records = len({number for number, _ in doubts})
    number, message = doubts[0]
    warnings.warn(
        SequenceFileWarning(
            f"{lines.name}: {n_records} record(s) are not quite as {file_format} files should be. "
            f"They were read all the same; compare them with their source. The first is record "
            f"{number} (counted from 0): {' '.join(str(message).split())[:_LONGEST_REASON]}",
            lines.name,
            n_records,
        ),
        stacklevel=4,
    )
