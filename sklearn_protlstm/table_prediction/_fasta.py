"""Predict a FASTA file of any size."""

import itertools
import os
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from tqdm.auto import tqdm

from sklearn_protlstm._labels.models import predicts_multilabel
from sklearn_protlstm.readers import iter_fasta
from sklearn_protlstm.table_prediction._output import open_output
from sklearn_protlstm.table_prediction._rows import Record, class_labels

__all__ = ["predict_fasta"]


def predict_fasta(model, path_in, path_out, *, chunk_size=4096, on_invalid="raise", verbose=0):
    """Predict every sequence of a FASTA file, and write the predictions to a TSV file.

    Sequences are read, predicted and written in chunks, so memory stays bounded for files of any
    size. Call the function again with the same arguments to resume an interrupted run. On the
    same machine, the complete file has the same bytes as that of an uninterrupted run.

    While a run is incomplete, ``path_out + ".resume"`` holds checksums of the rows and their
    sequences. The next call checks them, and predicts the last chunk again to check the model. If
    the file is complete, it checks the ids, the predicted classes and the last chunk.

    Parameters
    ----------
    model : estimator
        A fitted classifier of sequences with ``predict_proba`` and ``classes_``.
    path_in : str or path-like
        The FASTA file, plain or gzip.
    path_out : str or path-like
        The TSV file. It has a header and one row for each record: id, prediction and the
        probability of each class with six decimals. If the model predicts any number of labels,
        prediction has them all, as in "human;pig", and is empty if there is none. A
        :class:`~sklearn_protlstm.SelectiveClassifier` adds the column reason after prediction,
        which is empty if there is an answer.
    chunk_size : int, default=4096
        Number of sequences to predict at a time. Decrease it to save memory. Small chunks are
        slower because fewer of their sequences have the same length.
    on_invalid : {"raise", "skip"}, default="raise"
        What to do with a sequence that the model rejects, such as one with a gap. "raise" writes
        the rows before it and raises an error. "skip" writes no row for it and lists it in
        ``path_out + ".skipped.tsv"``, with the columns record (counted from 0), id, position
        (counted from 1), symbol and reason.
    verbose : int, default=0
        If above 0, show a progress bar. The records are counted first.

    Returns
    -------
    n_rows : int
        Number of rows in the file, including those of earlier runs.

    Raises
    ------
    ResumeError
        If `path_out` exists, but comes from another model or input, or was changed. The file stays
        as it is.
    FileInUseError
        If another process or thread writes to `path_out`. It is an OSError.
    SequenceFileError
        If the input cannot be read, or the model rejects one of its sequences. The rows of the
        records before are written.
    EmptySequenceError
        If a record of the input has no residues, whatever `on_invalid` is. The rows of the
        records before are written.
    FileNotFoundError
        If the input does not exist.
    ValueError
        If `path_out` ends with .gz, which cannot be resumed, or is the same file as `path_in`, if
        `chunk_size` is less than 1 or `on_invalid` is invalid, or if the name of a class contains
        a tab or a line break, or that of a label a semicolon.
    TypeError
        If the model has no ``predict_proba`` or ``classes_``.

    Warns
    -----
    UserWarning
        If the file system cannot lock `path_out`. Then a second run is not refused.

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
    run = _Run(model, class_labels(model), path_in, path_out, chunk_size, on_invalid == "skip")
    _check_arguments(run, on_invalid)
    with closing(iter_fasta(path_in)) as source:
        # Read a record before the output is created, so that a wrong path leaves no file.
        source = itertools.chain([next(source)], source)
        records = (Record(number, id_, text) for number, (id_, _, text) in enumerate(source))
        with open_output(run) as output:
            recent = output.resume(records)
            with _progress_bar(run, recent, verbose) as bar:
                for chunk, error in _chunks(run, recent, records):
                    output.write(chunk)
                    bar.update(len(chunk))
                    if error is not None:
                        raise error
            return output.n_rows


@dataclass(frozen=True)
class _Run:
    """The arguments of `predict_fasta` that its helpers share."""

    model: object
    classes: np.ndarray
    path_in: object
    path_out: object
    chunk_size: int
    skip: bool

    @property
    def name_in(self):
        return os.fsdecode(self.path_in)

    @property
    def name_out(self):
        return os.fsdecode(self.path_out)

    @cached_property
    def multilabel(self):
        return predicts_multilabel(self.model)

    @cached_property
    def class_names(self):
        return list(map(str, self.classes))


def _check_arguments(run, on_invalid):
    broken = [name for name in run.class_names if not {"\t", "\n", "\r"}.isdisjoint(name)]
    if broken:
        raise ValueError(
            f"The class {broken[0]!r} has a tab or line break in its name, which would break the "
            "columns of a TSV file. Rename the class and fit the model again."
        )
    size = run.chunk_size
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"chunk_size must be a number of sequences of at least 1; got {size!r}.")
    if on_invalid not in ("raise", "skip"):
        raise ValueError(f"on_invalid must be 'raise' or 'skip'; got {on_invalid!r}.")
    if run.name_out.endswith(".gz"):
        raise ValueError(
            f"path_out={run.name_out!r} asks for gzip, but an interrupted run cannot resume a "
            "gzip file. Choose a name without .gz, and compress the complete file."
        )
    if os.path.exists(run.path_out) and os.path.samefile(run.path_in, run.path_out):
        raise ValueError(f"path_in and path_out are the same file, {run.name_out!r}.")


def _chunks(run, records, source):
    """Yield chunks, each with the error that ended it or None. `records` start the first one.

    A chunk ends at a multiple of `chunk_size`, wherever a run resumes. So its probabilities, which
    can change slightly with the batch, do not depend on interruptions.
    """
    error = None
    while error is None:
        chunk, records = list(records), []
        try:
            # Unlike a comprehension, this keeps the records before an error.
            for record in itertools.islice(source, run.chunk_size - len(chunk)):
                chunk.append(record)
        except (ValueError, OSError) as failure:
            error = failure
        if not chunk and error is None:
            return
        yield chunk, error


def _progress_bar(run, recent, verbose):
    return tqdm(
        desc="Predicting",
        total=_count_records(run) if verbose else None,
        initial=recent[0].number if recent else 0,
        unit=" sequences",
        disable=not verbose,
    )


def _count_records(run):
    try:
        return sum(1 for _ in iter_fasta(run.path_in))
    except ValueError:  # the run stops at the same record, with this error
        return None
