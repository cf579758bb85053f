"""Several labels of one record: in the text of a file, and as an entry of a table."""

import numpy as np

from sklearn_protlstm._labels.form import is_multilabel

__all__ = ["check_label_separator", "describe_labels", "make_label_array", "split_labels"]


def check_label_separator(separator, hosts):
    """Raise an error unless the separator can split the labels that `hosts` selects."""
    if separator is None and hosts != "only":
        raise ValueError(
            f"hosts={hosts!r} needs label_separator, the text between the labels of a record, such "
            "as label_separator=';'."
        )
    if separator is not None and (not isinstance(separator, str) or not separator):
        raise ValueError(f"label_separator must be a text such as ';', or None; got {separator!r}.")


def split_labels(text, separator):
    """Return the different labels in a text, in their order. Without a separator, it is one."""
    if not text or separator is None:
        return (text,) if text else ()
    labels = (label.strip() for label in text.split(separator))
    return tuple(dict.fromkeys(label for label in labels if label))


def make_label_array(labels):
    """Return labels as an array, in which several labels of a record are one entry."""
    if isinstance(labels, list | tuple) and is_multilabel(labels):
        return np.fromiter(labels, dtype=object, count=len(labels))
    return np.asarray(labels)


def describe_labels(labels):
    """Say how many different labels there are."""
    labels = make_label_array(labels)
    if labels.ndim == 1 and is_multilabel(labels):
        return f"{len(set().union(*labels))} labels"
    return f"{len(np.unique(labels))} classes"
