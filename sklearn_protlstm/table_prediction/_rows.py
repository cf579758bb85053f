"""Rows of a file of predictions, one for each record."""

import warnings
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit
from sklearn.pipeline import Pipeline

from sklearn_protlstm._labels.models import label_probabilities, predicts_multilabel
from sklearn_protlstm.exceptions import DataQualityWarning, InvalidSequenceError

__all__ = [
    "SEPARATOR",
    "Record",
    "Rejected",
    "class_labels",
    "column_names",
    "gives_reasons",
    "header_line",
    "predict_columns",
    "predict_rows",
]

#: Between the labels of a sequence.
SEPARATOR = ";"


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
    """Return the classes or labels of a fitted model."""
    missing = [name for name in ("predict_proba", "classes_") if not hasattr(model, name)]
    if missing:
        raise TypeError(
            f"The model must have predict_proba and, once fitted, classes_; "
            f"{type(model).__name__} has no {' and no '.join(missing)}. Fit it first, or choose "
            "a classifier that predicts probabilities."
        )
    if isinstance(model.classes_, list):
        raise TypeError(
            f"{type(model).__name__} predicts a matrix for each label, which does not fit into a "
            "table. Fit OneVsRestClassifier of scikit-learn around it, or a classifier of this "
            "package."
        )
    classes = np.asarray(model.classes_)
    if predicts_multilabel(model):
        _check_separator(classes)
    return classes


def _check_separator(labels):
    broken = [name for name in map(str, labels) if SEPARATOR in name]
    if broken:
        raise ValueError(
            f"The label {broken[0]!r} has a {SEPARATOR!r} in its name, which separates the labels "
            "of a sequence in the column prediction. Rename the label and fit the model again."
        )


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
            *texts, probabilities = _predict(model, classes, accepted)
        except InvalidSequenceError as error:
            rejected.append(Rejected(accepted[error.record], error))
            rest = accepted[error.record + 1 :] if skip else []
            accepted = accepted[: error.record] + rest
        else:
            rows = map(_row, accepted, zip(*texts), probabilities)
            return list(rows), accepted, rejected
    return [], [], rejected


def predict_columns(model, classes, sequences):
    """Return the columns after the id: one or two of texts, then the matrix of probabilities."""
    if gives_reasons(model):
        return model.decide(sequences)
    if predicts_multilabel(model):
        is_present, probabilities = _predict_labels(model, sequences)
        return _join_labels(classes, is_present), probabilities
    probabilities = np.asarray(model.predict_proba(sequences))
    return classes[probabilities.argmax(axis=1)], probabilities


def _predict_labels(model, sequences):
    """Return whether each label is predicted, and its probability.

    A network and a stack read the sequences once: both follow from the logits.
    """
    last = model[-1] if isinstance(model, Pipeline) else model
    if hasattr(last, "net_"):
        logits = model.decision_function(sequences)
        return logits > 0, expit(logits)
    if hasattr(last, "member_log_proba_"):
        logits = model.decision_function(sequences)
        return logits > 0, np.exp(log_expit(logits))
    probabilities = label_probabilities(model, sequences)
    if hasattr(model, "thresholds_"):
        return probabilities >= model.thresholds_, probabilities
    return np.asarray(model.predict(sequences)) == 1, probabilities


def _join_labels(classes, is_present):
    names = np.array(list(map(str, classes)), dtype=object)
    return [SEPARATOR.join(names[row]) for row in is_present]


def _predict(model, classes, records):
    # The reader of the file has warned already, and this is one chunk of many.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        return predict_columns(model, classes, [record.sequence for record in records])


def _row(record, texts, probabilities):
    return _encode([record.id, *map(str, texts), *(f"{value:.6f}" for value in probabilities)])


def _encode(fields):
    return ("\t".join(fields) + "\n").encode("utf-8")
