"""Labels of answers, with one more for what a model does not know."""

from typing import NamedTuple

import numpy as np

__all__ = ["Decisions", "find_unknown", "label_answers"]


class Decisions(NamedTuple):
    """Answers of a :class:`SelectiveClassifier` to some samples.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples,)
        Class of each sample, or the label of unknown samples.
    reasons : ndarray of shape (n_samples,), dtype object
        Why a sample has no answer, "" if it has one.
    probabilities : ndarray of shape (n_samples, n_classes), dtype float64
        Class probabilities, whether there is an answer or not.
    """

    predictions: np.ndarray
    reasons: np.ndarray
    probabilities: np.ndarray


def find_unknown(classes, unknown):
    """Return the label of unknown samples, or raise a ValueError if it does not fit the classes.

    "auto" is "unknown" if the classes are strings. If they are numbers, it is -1, or the number
    before the smallest class if a class is negative.
    """
    is_text = classes.dtype.kind in "UTOS"
    if isinstance(unknown, str) and unknown == "auto":
        if not is_text:
            return min(-1, int(np.floor(classes.min())) - 1) if classes.min() < 0 else -1
        unknown = "unknown"
    if is_text != isinstance(unknown, (str, bytes)) and classes.dtype.kind != "O":
        raise ValueError(
            f"unknown={unknown!r} does not fit the labels, which are {classes.dtype}. Pass "
            f'{"a string" if is_text else "a number"}, or unknown="auto"'
        )
    if unknown in classes.tolist():
        raise ValueError(
            f"unknown={unknown!r} is one of the classes {classes.tolist()}, so an answer could not "
            "be told from no answer. Choose another label"
        )
    return unknown


def label_answers(classes, codes, has_answer, unknown):
    """Return the class of each sample that has an answer, and `unknown` for the others."""
    labels = np.append(
        classes, np.array([unknown], dtype=object if classes.dtype == object else None)
    )
    return labels[np.where(has_answer, codes, len(classes))]
