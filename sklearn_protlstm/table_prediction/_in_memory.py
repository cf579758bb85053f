"""Predict a table in memory."""

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.readers import SequenceTable
from sklearn_protlstm.table_prediction._rows import class_labels, column_names, predict_columns

__all__ = ["predictions_table"]


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
        probability for each class, named as in ``probability_human``. If the model predicts any
        number of labels, prediction has them all, as in "human;pig", and "" if there is none. A
        :class:`~sklearn_protlstm.SelectiveClassifier` adds the column reason after prediction,
        which is "" if there is an answer. Write the table to a file with
        ``.to_csv(path, sep="\\t", index=False)``.

    Raises
    ------
    ImportError
        If pandas is not installed.
    TypeError
        If the model has no ``predict_proba`` or ``classes_``.
    ValueError
        If the numbers of ids and sequences differ, or the name of a label contains a semicolon.

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
    classes = class_labels(model)
    if isinstance(sequences, SequenceTable):
        sequences, ids = sequences.sequences, sequences.ids
    ids = np.arange(len(sequences)) if ids is None else ids
    if len(ids) != len(sequences):
        raise ValueError(f"There are {len(sequences)} sequences but {len(ids)} ids; give one each.")
    *texts, probabilities = predict_columns(model, classes, sequences)
    columns = [ids, *texts, *probabilities.T]
    return make_frame(dict(zip(column_names(model, classes), columns)), "predictions_table()")
