"""Check the rows of an earlier run, and find where the next rows belong."""

import io
from dataclasses import dataclass, field

import numpy as np

from sklearn_protlstm.exceptions import ResumeError
from sklearn_protlstm.table_prediction._progress import Progress
from sklearn_protlstm.table_prediction._rows import SEPARATOR, gives_reasons, header_line

__all__ = ["LastChunk", "check_same_rows", "read_earlier_rows"]

# The file has six decimals, and a probability can change slightly with the batch it is computed in.
_PROBABILITY_TOLERANCE = 1e-4


@dataclass
class LastChunk:
    """The chunk of the last row in the file. It is predicted again to check the model."""

    start: Progress
    rows: list = field(default_factory=list)
    records: list = field(default_factory=list)


def read_earlier_rows(run, file, records, skipped, saved):
    """Check all rows in the file, and return their last chunk.

    Parameters
    ----------
    run : Run
        The arguments of ``predict_fasta``.
    file : binary file
        The output, unbuffered.
    records : iterator of Record
        The input from its start. The records of the rows are taken from it.
    skipped : dict of int to str
        Numbers and ids of the records that have no row.
    saved : dict or None
        Progress of the earlier run. None checks the rows without checksums.

    Returns
    -------
    last : LastChunk
        Without rows, it starts at the first record.

    Raises
    ------
    ResumeError
        If the rows are not those of the model and the input.
    """
    file.seek(0)
    lines = io.BufferedReader(file)
    try:
        _check_header(run, lines)
        return _read_rows(run, lines, records, skipped, saved)
    finally:
        # Otherwise the reader would close the file.
        lines.detach()


def _read_rows(run, lines, records, skipped, saved):
    progress = Progress(header_line(run.model, run.classes))
    last = LastChunk(progress.copy())
    # Only the last line of a file can lack a line break.
    for line in (line for line in lines if line.endswith(b"\n")):
        record = None
        for record in records:
            if record.number % run.chunk_size == 0:
                last = LastChunk(progress.copy())
            last.records.append(record)
            if record.number not in skipped:
                break
            _check_skipped(run, record, skipped[record.number])
            record = None
        _check_row(run, progress.n_rows, line, record)
        if saved is None:
            _check_prediction(run, progress.n_rows, line)
        if hasattr(run.model, "thresholds_"):
            _check_thresholds(run, progress.n_rows, line)
        last.rows.append(line)
        progress.add(line, record)
        if saved and progress.n_rows == saved["n_rows"]:
            _check_checksums(run, progress.facts(), saved)
    if saved and progress.n_rows < saved["n_rows"]:
        raise _changed_error(
            run,
            f"it has {progress.n_rows} complete rows, but the earlier run wrote "
            f"{saved['n_rows']}. It was cut.",
        )
    return last


def check_same_rows(run, last, rows):
    """Compare the rows of the last chunk with those that the model gives now."""
    first = last.start.n_rows
    for number, line in enumerate(last.rows[len(rows) :], first + len(rows)):
        raise ResumeError(
            f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) has "
            f"the id {_fields(line)[0][:80]!r}, but this model rejects its sequence. The file "
            "comes from another model or input. Remove it, or choose another path_out.",
            run.name_out,
            number,
        )
    for number, (line, expected) in enumerate(zip(last.rows, rows), first):
        if line != expected:
            _check_decision(run, number, _fields(line), _fields(expected))
            _check_probabilities(run, number, _fields(line), _fields(expected))


def _n_texts(run):
    """Number of columns before the probabilities."""
    return 3 if gives_reasons(run.model) else 2


def _fields(line):
    return line.decode("utf-8", errors="replace").rstrip("\n").split("\t")


def _check_header(run, lines):
    header, first_line = header_line(run.model, run.classes), lines.readline()
    if first_line == header or (header.startswith(first_line) and not lines.peek(1)):
        return
    found, expected = (line.decode("utf-8", "replace")[:80] for line in (first_line, header))
    raise ResumeError(
        f"{run.name_out} exists, but its first line is {found!r}, where this run writes "
        f"{expected!r}. The file comes from another model, or does not contain predictions. "
        "Remove it, or choose another path_out.",
        run.name_out,
    )


def _check_row(run, number, line, record):
    row, n_columns = _fields(line), _n_texts(run) + len(run.class_names)
    expected_id = None if record is None else record.id
    if row[0] == expected_id and len(row) == n_columns:
        return
    if expected_id is None:
        problem = f"but {run.name_in} has only {number} records. Is it the same input?"
    elif row[0] != expected_id:
        problem = (
            f"but record {record.number} of {run.name_in} has the id {expected_id!r}. The input is "
            "a different file or has changed."
        )
    else:
        problem = f"and {len(row)} columns, but this run writes {n_columns}."
    raise ResumeError(
        f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) has "
        f"the id {row[0][:80]!r}, {problem} Remove {run.name_out}, or choose another path_out.",
        run.name_out,
        number,
    )


def _check_skipped(run, record, id_):
    if record.id != id_:
        raise ResumeError(
            f"{run.name_out} cannot be resumed: the earlier run skipped record {record.number} "
            f"with the id {id_[:80]!r}, but this record of {run.name_in} has the id "
            f"{record.id!r}. The input is a different file or has changed. Remove {run.name_out}, "
            "or choose another path_out.",
            run.name_out,
        )


def _check_prediction(run, number, line):
    """Check that the row predicts the class with the highest probability, labels, or a reason."""
    row = _fields(line)
    (_, prediction, *reason), probabilities = row[: _n_texts(run)], row[_n_texts(run) :]
    try:
        values = list(map(float, probabilities))
        if run.multilabel:
            labels = prediction.split(SEPARATOR) if prediction else []
            if labels != [name for name in run.class_names if name in labels]:
                raise ValueError
        elif any(reason):
            if prediction != str(run.model.unknown_):
                raise ValueError
        elif max(values) > values[run.class_names.index(prediction)]:
            raise ValueError
    except ValueError as error:
        raise ResumeError(
            f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) "
            f"predicts {prediction[:80]!r}, but its probabilities are "
            f"{', '.join(probabilities[:4])}. The file was changed. Remove it, or choose another "
            "path_out.",
            run.name_out,
            number,
        ) from error


def _check_checksums(run, facts, saved):
    n_rows = saved["n_rows"]
    if facts["rows_sha256"] != saved["rows_sha256"]:
        raise _changed_error(run, f"one of its first {n_rows} rows was changed.")
    if facts["records_sha256"] != saved["records_sha256"]:
        raise _changed_error(
            run, f"a sequence of {run.name_in} was changed whose row is among the first {n_rows}."
        )


def _changed_error(run, reason):
    return ResumeError(
        f"{run.name_out} cannot be resumed: {reason} Remove it to predict all records again, or "
        f"choose another path_out. To trust its rows as they are, remove {run.name_out}.resume.",
        run.name_out,
    )


def _check_thresholds(run, number, line):
    """Check that the labels of a row follow from its probabilities and the present thresholds."""
    row = _fields(line)
    labels, values = row[1].split(SEPARATOR), np.array(row[_n_texts(run) :], dtype=float)
    given = np.isin(run.class_names, labels)
    decided = np.abs(values - run.model.thresholds_) > _PROBABILITY_TOLERANCE
    if (given != (values >= run.model.thresholds_))[decided].any():
        raise ResumeError(
            f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) has "
            f"the labels {row[1][:80]!r}, which do not follow from its probabilities and the "
            "thresholds of this model. The file comes from other thresholds. Remove it, or choose "
            "another path_out.",
            run.name_out,
            number,
        )


def _check_decision(run, number, row, expected):
    """Check that a model with thresholds decides as before. Otherwise they have changed."""
    texts = slice(1, _n_texts(run))
    if row[texts] == expected[texts] or not (run.multilabel or gives_reasons(run.model)):
        return
    if run.multilabel:
        found, given, change = f"labels {row[1][:80]!r}", f"{expected[1]!r}", "other thresholds"
    else:
        found = f"prediction {row[1][:80]!r} and the reason {row[2][:80]!r}"
        given, change = f"{expected[1]!r} and {expected[2]!r}", "another precision"
    raise ResumeError(
        f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) has "
        f"the {found}, but this model gives {given}. The file comes from another model, or from "
        f"{change} of this model. Remove it, or choose another path_out.",
        run.name_out,
        number,
    )


def _check_probabilities(run, number, row, expected):
    row, expected = row[_n_texts(run) :], expected[_n_texts(run) :]
    try:
        found = np.array(row, dtype=float)
    except ValueError:
        found = np.nan
    target = np.array(expected, dtype=float)
    if not np.allclose(found, target, rtol=0, atol=_PROBABILITY_TOLERANCE):
        raise ResumeError(
            f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) has "
            f"the probabilities {', '.join(row[:4])}, but this model gives "
            f"{', '.join(expected[:4])}. The file comes from another model. Remove it, or choose "
            "another path_out.",
            run.name_out,
            number,
        )
