"""The tables of a data report: a row for each class or label."""

import numpy as np

from sklearn_protlstm._labels.matrix import PRESENT, UNKNOWN
from sklearn_protlstm.data_checks._findings import count_ambiguous

__all__ = ["class_columns", "label_columns"]


def class_columns(data):
    """Summarize the sequences of each class."""
    members = [np.flatnonzero(data.codes == code) for code in range(len(data.classes))]
    return {
        "class": data.classes.tolist(),
        "sequences": [len(rows) for rows in members],
        **_summarize_proteins(data, members),
    }


def label_columns(data):
    """Summarize the sequences that have each label."""
    members = [np.flatnonzero(column == PRESENT) for column in data.codes.T]
    n_unknown = (data.codes == UNKNOWN).sum(axis=0).tolist()
    n_all = len(data.codes)
    columns = {
        "label": data.classes.tolist(),
        "sequences": [len(rows) for rows in members],
        "share": [len(rows) / (n_all - n) for rows, n in zip(members, n_unknown)],
    }
    if any(n_unknown):
        columns["unknown"] = [n / n_all for n in n_unknown]
    return columns | _summarize_proteins(data, members)


def _summarize_proteins(data, members):
    n_ambiguous, lengths = count_ambiguous(data.sequences)
    columns = {"different": [len(np.unique(data.origin[rows])) for rows in members]}
    if data.groups is not None:
        columns["groups"] = [len(np.unique(data.groups[rows])) for rows in members]
    return columns | {
        "shortest": [int(lengths[rows].min()) for rows in members],
        "median": [float(np.median(lengths[rows])) for rows in members],
        "longest": [int(lengths[rows].max()) for rows in members],
        "ambiguous": [float(n_ambiguous[rows].sum() / lengths[rows].sum()) for rows in members],
    }
