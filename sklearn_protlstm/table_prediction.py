"""Predictions of a fitted model for whole tables and for FASTA files of any size."""

import itertools
import os
from contextlib import closing

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.exceptions import InvalidSequenceError, ResumeError, SequenceFileError
from sklearn_protlstm.readers import SequenceTable, iter_fasta

__all__ = ["predict_fasta", "predictions_table"]

# Six decimals are written; computed anew in other company, a probability may differ in the last.
_CLOSE = 1e-4


def predictions_table(model, sequences, *, ids=None):
    """Predict sequences and put ids, predictions and probabilities side by side.

    Parameters
    ----------
    model : estimator
        Fitted on sequences, with ``predict_proba`` and ``classes_``, such as a pipeline of
        SequenceEncoder and ProtLSTMClassifier.
    sequences : SequenceTable or list of str
        A table brings its ids.
    ids : sequence of str or None, default=None
        Identifiers of sequences that are no table. None: their numbers, counted from 0.

    Returns
    -------
    DataFrame of shape (n_records, 2 + n_classes)
        Columns id, prediction, which is the likeliest class, and one of probabilities for each
        class, named like ``probability_human``. Write it with
        ``.to_csv(path, sep="\\t", index=False)``.

    Raises
    ------
    ImportError
        If pandas is not installed.
    TypeError
        If the model has no ``predict_proba`` or ``classes_``.
    ValueError
        If there are not as many ids as sequences.

    See Also
    --------
    predict_fasta : The same from file to file, with bounded memory.

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
    """Predict every sequence of a FASTA file and write a TSV file as it goes.

    Sequences are read, predicted and written a chunk at a time, so that memory stays bounded
    however long the file is. A run that was interrupted goes on where it stopped if it is
    called again with the same arguments: an incomplete row at the end is cut off, and the rows
    that are there must carry the ids of the input, and the probabilities that this model gives
    to the last of them. A complete file is left as it is.

    Parameters
    ----------
    model : estimator
        Fitted on sequences, with ``predict_proba`` and ``classes_``.
    path_in : str or path-like
        FASTA, gzip or not.
    path_out : str or path-like
        TSV with one line for each record: id, prediction and the probability of each class,
        with six decimals. The first line names the columns.
    chunk_size : int, default=4096
        Sequences predicted at a time. More take more memory; fewer are slower, since fewer are
        of one length.

    Returns
    -------
    n_rows : int
        Rows in the file, those of earlier runs included.

    Raises
    ------
    ResumeError
        If `path_out` exists and is not the beginning of what this run would write. It is left
        as it is.
    SequenceFileError
        If the input cannot be read, or the model refuses one of its sequences. What was written
        before stays.
    EmptySequenceError
        If a record of the input has no residues.
    FileNotFoundError
        If there is no such input.
    ValueError
        If `path_out` ends with .gz, which could not be continued, or is the input, if
        `chunk_size` is less than 1, or if the name of a class has a tab or line break.
    TypeError
        If the model has no ``predict_proba`` or ``classes_``.

    See Also
    --------
    predictions_table : The same for a table in memory.

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
    classes = _classes(model)
    _check_arguments(classes, path_in, path_out, chunk_size)
    with closing(iter_fasta(path_in)) as source:
        # The output is made only when there is a first record: a wrong path leaves nothing.
        records = enumerate(itertools.chain([next(source)], source))
        return _predict_records(model, classes, records, path_in, path_out, chunk_size)


def _predict_records(model, classes, records, path_in, path_out, chunk_size):
    with open(path_out, "ab", buffering=0) as file:
        n_rows = _resume(file, records, model, classes, path_in, path_out)
        while chunk := list(itertools.islice(records, chunk_size)):
            rows = _rows(model, classes, chunk, path_in)
            _append(file, rows)
            n_rows += len(rows)
    return n_rows


def _classes(model):
    missing = [name for name in ("predict_proba", "classes_") if not hasattr(model, name)]
    if missing:
        raise TypeError(
            f"The model must have predict_proba and, once fitted, classes_; "
            f"{type(model).__name__} has no {' and no '.join(missing)}. Fit it first, or choose "
            "a classifier that gives probabilities."
        )
    return np.asarray(model.classes_)


def _column_names(classes):
    return ["id", "prediction", *(f"probability_{name}" for name in classes)]


def _check_arguments(classes, path_in, path_out, chunk_size):
    broken = [name for name in map(str, classes) if not {"\t", "\n", "\r"}.isdisjoint(name)]
    if broken:
        raise ValueError(
            f"The class {broken[0]!r} has a tab or line break in its name, which would break the "
            "columns of a TSV file. Fit the model with other names."
        )
    if isinstance(chunk_size, bool) or not isinstance(chunk_size, int) or chunk_size < 1:
        raise ValueError(f"chunk_size must be a number of sequences from 1; got {chunk_size!r}.")
    if os.fsdecode(path_out).endswith(".gz"):
        raise ValueError(
            f"path_out={os.fsdecode(path_out)!r} asks for gzip, which an interrupted run could "
            "not continue. Choose a name without .gz, and pack the file when it is complete."
        )
    if os.path.exists(path_out) and os.path.samefile(path_in, path_out):
        raise ValueError(f"path_in and path_out are one file, {os.fsdecode(path_out)!r}.")


def _rows(model, classes, chunk, path_in):
    """Lines of the TSV file for a chunk of numbered records."""
    try:
        probabilities = np.asarray(model.predict_proba([record[2] for _, record in chunk]))
    except InvalidSequenceError as error:
        number, (id_, _, _) = chunk[error.record]
        raise SequenceFileError(
            f"{os.fsdecode(path_in)}: the model does not take record {number} ({id_!r}, counted "
            f"from 0). What it says counts from record {chunk[0][0]}: {error}",
            os.fsdecode(path_in),
            number,
        ) from error
    predictions = classes[probabilities.argmax(axis=1)]
    return [
        "\t".join([id_, str(prediction), *(f"{value:.6f}" for value in row)])
        for (_, (id_, _, _)), prediction, row in zip(chunk, predictions, probabilities)
    ]


def _append(file, lines):
    """Write whole lines or, if something comes between, none of them."""
    end = file.seek(0, os.SEEK_END)
    content = memoryview("".join(f"{line}\n" for line in lines).encode("utf-8"))
    try:
        while content:
            content = content[file.write(content) :]
    except BaseException:
        file.truncate(end)
        raise


def _resume(file, records, model, classes, path_in, path_out):
    """Check what an earlier run wrote, take as many records off the input, and count them."""
    name = os.fsdecode(path_out)
    header = "\t".join(_column_names(classes)) + "\n"
    n_rows, record, row = 0, None, None
    with open(path_out, "rb") as earlier:
        first = earlier.readline().decode("utf-8", errors="replace")
        if first != header and not (header.startswith(first) and not earlier.read(1)):
            raise ResumeError(
                f"{name} exists, but its first line is {first[:80]!r} where this run would write "
                f"{header[:80]!r}. It is of another model or no file of predictions: remove it, "
                "or choose another path_out.",
                name,
            )
        end = len(first.encode("utf-8")) if first == header else 0
        for line in earlier:
            # Only the last line of a file can lack its end.
            if not line.endswith(b"\n"):
                break
            row = line.decode("utf-8", errors="replace").rstrip("\n").split("\t")
            record = next(records, None)
            _check_row(row, n_rows, record, len(classes), os.fsdecode(path_in), name)
            n_rows += 1
            end += len(line)
    if record is not None:
        _check_same_model(row, n_rows - 1, record, model, classes, path_in, name)
    file.truncate(end)
    if not end:
        _append(file, [header.rstrip("\n")])
    return n_rows


def _check_row(row, number, record, n_classes, name_in, name):
    wanted = None if record is None else record[1][0]
    if row[0] == wanted and len(row) == 2 + n_classes:
        return
    if wanted is None:
        reason = f"{name_in} has only {number} records. Is it the same input?"
    elif row[0] != wanted:
        reason = (
            f"record {number} of {name_in} is {wanted!r}. The input is another one or has changed"
        )
    else:
        reason = f"it has {len(row)} columns where {2 + n_classes} were wanted"
    raise ResumeError(
        f"{name} cannot be continued: row {number} (counted from 0 after the header) is of "
        f"{row[0][:80]!r}, but {reason}. Remove {name}, or choose another path_out.",
        name,
        number,
    )


def _check_same_model(row, number, record, model, classes, path_in, name):
    expected = _rows(model, classes, [record], path_in)[0].split("\t")
    try:
        found = np.array(row[2:], dtype=float)
    except ValueError:
        found = np.nan
    if not np.allclose(found, np.array(expected[2:], dtype=float), rtol=0, atol=_CLOSE):
        raise ResumeError(
            f"{name} cannot be continued: row {number} (counted from 0 after the header) has the "
            f"probabilities {', '.join(row[2:6])}, but this model gives {', '.join(expected[2:6])}."
            f" It is of another model: remove {name}, or choose another path_out.",
            name,
            number,
        )
