"""Predict tables in memory, and FASTA files of any size."""

import itertools
import os
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.exceptions import InvalidSequenceError, ResumeError, SequenceFileError
from sklearn_protlstm.readers import SequenceTable, iter_fasta

__all__ = ["predict_fasta", "predictions_table"]

# The file has six decimals, and a probability can change slightly with the batch it is computed in.
_PROBABILITY_TOLERANCE = 1e-4


def predictions_table(model, sequences, *, ids=None):
    """Predict sequences, and return ids, predictions and probabilities as a table.

    Parameters
    ----------
    model : estimator
        A fitted classifier of sequences with ``predict_proba`` and ``classes_``, such as a
        pipeline of SequenceEncoder and ProtLSTMClassifier.
    sequences : SequenceTable or list of str
        The sequences to predict. A table brings its own ids.
    ids : sequence of str or None, default=None
        Identifiers, if `sequences` is a list. If None, they are numbers counted from 0.

    Returns
    -------
    DataFrame of shape (n_records, 2 + n_classes)
        The columns are id, prediction (the class with the highest probability) and one
        probability for each class, named as in ``probability_human``. Write the table to a file
        with ``.to_csv(path, sep="\\t", index=False)``.

    Raises
    ------
    ImportError
        If pandas is not installed.
    TypeError
        If the model has no ``predict_proba`` or ``classes_``.
    ValueError
        If the numbers of ids and sequences differ.

    See Also
    --------
    predict_fasta : Predict from file to file, with bounded memory.

    Examples
    --------
    >>> from sklearn_protlstm import make_kmer_baseline
    >>> from sklearn_protlstm.table_prediction import predictions_table
    >>> model = make_kmer_baseline().fit(["MNTQ", "AKGD"] * 3, ["human", "dog"] * 3)
    >>> predictions_table(model, ["MNTQ", "AKGD"], ids=["a", "b"]).iloc[:, :2]
      id prediction
    0  a      human
    1  b        dog
    """
    classes = _classes(model)
    if isinstance(sequences, SequenceTable):
        sequences, ids = sequences.sequences, sequences.ids
    ids = np.arange(len(sequences)) if ids is None else ids
    if len(ids) != len(sequences):
        raise ValueError(f"There are {len(sequences)} sequences but {len(ids)} ids; give one each.")
    probabilities = np.asarray(model.predict_proba(sequences))
    columns = [ids, classes[probabilities.argmax(axis=1)], *probabilities.T]
    return make_frame(dict(zip(_column_names(classes), columns)), "predictions_table()")


def predict_fasta(model, path_in, path_out, *, chunk_size=4096):
    """Predict every sequence of a FASTA file, and write the predictions to a TSV file.

    Sequences are read, predicted and written in chunks, so memory stays bounded for files of any
    size. Call the function again with the same arguments to resume an interrupted run. It cuts
    off an incomplete last row, and checks the ids of all rows against the input and the
    probabilities of the last row against the model. A complete file stays unchanged.

    Parameters
    ----------
    model : estimator
        A fitted classifier of sequences with ``predict_proba`` and ``classes_``.
    path_in : str or path-like
        The FASTA file, plain or gzip.
    path_out : str or path-like
        The TSV file. It has a header and one row for each record: id, prediction and the
        probability of each class with six decimals.
    chunk_size : int, default=4096
        Number of sequences to predict at a time. Decrease it to save memory. Small chunks are
        slower because fewer of their sequences have the same length.

    Returns
    -------
    n_rows : int
        Number of rows in the file, including those of earlier runs.

    Raises
    ------
    ResumeError
        If `path_out` exists, but comes from another model or input. The file stays unchanged.
    SequenceFileError
        If the input cannot be read, or the model rejects one of its sequences. The rows written
        before stay in the file.
    EmptySequenceError
        If a record of the input has no residues.
    FileNotFoundError
        If the input does not exist.
    ValueError
        If `path_out` ends with .gz, which cannot be resumed, or is the same file as `path_in`, if
        `chunk_size` is less than 1, or if the name of a class contains a tab or a line break.
    TypeError
        If the model has no ``predict_proba`` or ``classes_``.

    See Also
    --------
    predictions_table : Predict a table in memory.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_protlstm import make_kmer_baseline
    >>> from sklearn_protlstm.table_prediction import predict_fasta
    >>> from sklearn_protlstm.readers import write_fasta
    >>> model = make_kmer_baseline().fit(["MNTQ", "AKGD"] * 3, ["human", "dog"] * 3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     proteins = os.path.join(folder, "proteins.fasta")
    ...     predictions = os.path.join(folder, "predictions.tsv")
    ...     write_fasta(["MNTQ", "AKGD"], proteins, ids=["a", "b"])
    ...     print(predict_fasta(model, proteins, predictions))
    ...     with open(predictions) as file:
    ...         print(file.readline().expandtabs())
    2
    id      prediction      probability_dog probability_human
    """
    run = _Run(model, _classes(model), path_in, path_out)
    _check_arguments(run, chunk_size)
    with closing(iter_fasta(path_in)) as source:
        # Read a record before the output is created, so that a wrong path leaves no file.
        records = enumerate(itertools.chain([next(source)], source))
        with open(path_out, "ab", buffering=0) as file:
            n_rows = _resume(run, file, records)
            while chunk := list(itertools.islice(records, chunk_size)):
                _append(file, _predict_rows(run, chunk))
                n_rows += len(chunk)
    return n_rows


@dataclass(frozen=True)
class _Run:
    """The arguments of `predict_fasta` that its helpers share."""

    model: object
    classes: np.ndarray
    path_in: object
    path_out: object

    @property
    def name_in(self):
        return os.fsdecode(self.path_in)

    @property
    def name_out(self):
        return os.fsdecode(self.path_out)


def _classes(model):
    missing = [name for name in ("predict_proba", "classes_") if not hasattr(model, name)]
    if missing:
        raise TypeError(
            f"The model must have predict_proba and, once fitted, classes_; "
            f"{type(model).__name__} has no {' and no '.join(missing)}. Fit it first, or choose "
            "a classifier that predicts probabilities."
        )
    return np.asarray(model.classes_)


def _column_names(classes):
    return ["id", "prediction", *(f"probability_{name}" for name in classes)]


def _check_arguments(run, chunk_size):
    broken = [name for name in map(str, run.classes) if not {"\t", "\n", "\r"}.isdisjoint(name)]
    if broken:
        raise ValueError(
            f"The class {broken[0]!r} has a tab or line break in its name, which would break the "
            "columns of a TSV file. Rename the class and fit the model again."
        )
    if isinstance(chunk_size, bool) or not isinstance(chunk_size, int) or chunk_size < 1:
        raise ValueError(
            f"chunk_size must be a number of sequences of at least 1; got {chunk_size!r}."
        )
    if run.name_out.endswith(".gz"):
        raise ValueError(
            f"path_out={run.name_out!r} asks for gzip, but an interrupted run cannot resume a "
            "gzip file. Choose a name without .gz, and compress the complete file."
        )
    if os.path.exists(run.path_out) and os.path.samefile(run.path_in, run.path_out):
        raise ValueError(f"path_in and path_out are the same file, {run.name_out!r}.")


def _predict_rows(run, chunk):
    """Return the rows of the TSV file for a chunk of numbered records."""
    try:
        probabilities = np.asarray(run.model.predict_proba([record[2] for _, record in chunk]))
    except InvalidSequenceError as error:
        number, (id_, _, _) = chunk[error.record]
        raise SequenceFileError(
            f"{run.name_in}: the model rejects record {number} ({id_!r}, counted from 0). Its "
            f"message counts from record {chunk[0][0]}: {error}",
            run.name_in,
            number,
        ) from error
    predictions = run.classes[probabilities.argmax(axis=1)]
    return [
        "\t".join([id_, str(prediction), *(f"{value:.6f}" for value in row)])
        for (_, (id_, _, _)), prediction, row in zip(chunk, predictions, probabilities)
    ]


def _append(file, rows):
    """Write all rows or, if writing fails, none of them."""
    end = file.seek(0, os.SEEK_END)
    content = memoryview("".join(f"{row}\n" for row in rows).encode("utf-8"))
    try:
        while content:
            content = content[file.write(content) :]
    except BaseException:
        file.truncate(end)
        raise


def _resume(run, file, records):
    """Check the rows of an earlier run, and return their number.

    The records of these rows are taken from `records`. The header is written if it is missing,
    and an incomplete last row is cut off.
    """
    header = "\t".join(_column_names(run.classes))
    n_rows, row, record = 0, None, None
    with open(run.path_out, "rb") as earlier:
        end = _check_header(run, earlier, f"{header}\n".encode())
        for line in earlier:
            # Only the last line of a file can lack a line break.
            if not line.endswith(b"\n"):
                break
            row = line.decode("utf-8", errors="replace").rstrip("\n").split("\t")
            record = next(records, None)
            _check_row(run, n_rows, row, record)
            n_rows += 1
            end += len(line)
    if record is not None:
        _check_probabilities(run, n_rows - 1, row, record)
    file.truncate(end)
    if not end:
        _append(file, [header])
    return n_rows


def _check_header(run, earlier, header):
    """Return the length of the header in bytes, which is 0 if it is missing or incomplete."""
    first_line = earlier.readline()
    if first_line == header:
        return len(header)
    if header.startswith(first_line) and not earlier.read(1):
        return 0
    found, expected = (line.decode("utf-8", "replace")[:80] for line in (first_line, header))
    raise ResumeError(
        f"{run.name_out} exists, but its first line is {found!r}, where this run writes "
        f"{expected!r}. The file comes from another model, or does not contain predictions. "
        "Remove it, or choose another path_out.",
        run.name_out,
    )


def _check_row(run, number, row, record):
    expected_id = None if record is None else record[1][0]
    n_columns = 2 + len(run.classes)
    if row[0] == expected_id and len(row) == n_columns:
        return
    if expected_id is None:
        problem = f"but {run.name_in} has only {number} records. Is it the same input?"
    elif row[0] != expected_id:
        problem = (
            f"but record {number} of {run.name_in} has the id {expected_id!r}. The input is a "
            "different file or has changed."
        )
    else:
        problem = f"and {len(row)} columns, but this run writes {n_columns}."
    raise ResumeError(
        f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) has "
        f"the id {row[0][:80]!r}, {problem} Remove {run.name_out}, or choose another path_out.",
        run.name_out,
        number,
    )


def _check_probabilities(run, number, row, record):
    """Predict a record again, to see that the row comes from the same model."""
    expected = _predict_rows(run, [record])[0].split("\t")
    try:
        found = np.array(row[2:], dtype=float)
    except ValueError:
        found = np.nan
    target = np.array(expected[2:], dtype=float)
    if not np.allclose(found, target, rtol=0, atol=_PROBABILITY_TOLERANCE):
        raise ResumeError(
            f"{run.name_out} cannot be resumed: row {number} (counted from 0 after the header) has "
            f"the probabilities {', '.join(row[2:6])}, but this model gives "
            f"{', '.join(expected[2:6])}. The file comes from another model. Remove it, or choose "
            "another path_out.",
            run.name_out,
            number,
        )
