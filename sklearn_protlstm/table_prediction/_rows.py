"""Rows of a file of predictions, one for each record."""

import warnings
from typing import NamedTuple

import numpy as np

from sklearn_protlstm.exceptions import DataQualityWarning, InvalidSequenceError

__all__ = [
    "Record",
    "Rejected",
    "class_labels",
    "column_names",
    "gives_reasons",
    "header_line",
    "predict_rows",
]


class Record(NamedTuple):
    """A record of the input, counted from 0."""

    number: int
    id: str
    sequence: str

    def __bytes__(self):
        return f"{self.id}\t{self.sequence}\n".encode("utf-8", "surrogatepass")


class Rejected(NamedTuple):
    """A record that the model rejects, and why."""

    record: Record
    error: InvalidSequenceError


def class_labels(model):
    """Return the classes of a fitted model."""
    missing = [name for name in ("predict_proba", "classes_") if not hasattr(model, name)]
    if missing:
        raise TypeError(
            f"The model must have predict_proba and, once fitted, classes_; "
            f"{type(model).__name__} has no {' and no '.join(missing)}. Fit it first, or choose "
            "a classifier that predicts probabilities."
        )
    return np.asarray(model.classes_)


def gives_reasons(model):
    """Whether a model says why it does not answer, as a SelectiveClassifier does."""
    return hasattr(model, "decide")


def column_names(model, classes):
    """Return the names of the columns."""
    reason = ["reason"] if gives_reasons(model) else []
    return ["id", "prediction", *reason, *(f"probability_{name}" for name in classes)]


def header_line(model, classes):
    """Return the first line of the file."""
    return _encode(column_names(model, classes))


def predict_rows(model, classes, records, *, skip):
    """Predict records, and return their rows, the records of the rows, and the rejected records.

    With `skip`, the rows leave out what the model rejects. Otherwise they end before it.
    """
    accepted, rejected = list(records), []
    while accepted:
        try:
            columns = _predict(model, classes, [each.sequence for each in accepted])
        except InvalidSequenceError as error:
            rejected.append(Rejected(accepted[error.record], error))
            rest = accepted[error.record + 1 :] if skip else []
            accepted = accepted[: error.record] + rest
        else:
            return list(map(_row, accepted, *columns)), accepted, rejected
    return [], [], rejected


def _predict(model, classes, sequences):
    """Return the texts between the id and the probabilities of each row, and the probabilities."""
    # The reader of the file has warned already, and this is one chunk of many.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        if gives_reasons(model):
            predictions, reasons, probabilities = model.decide(sequences)
            return list(zip(predictions, reasons)), probabilities
        probabilities = np.asarray(model.predict_proba(sequences))
    return list(zip(classes[probabilities.argmax(axis=1)])), probabilities


def _row(record, texts, probabilities):
    return _encode([record.id, *map(str, texts), *(f"{value:.6f}" for value in probabilities)])


def _encode(fields):
    return ("\t".join(fields) + "\n").encode("utf-8")
