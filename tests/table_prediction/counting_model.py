"""A classifier that counts residues, and the files of its predictions."""

import numpy as np
import pytest

from sklearn_protlstm.exceptions import InvalidResidueError
from sklearn_protlstm.table_prediction import predict_fasta

CLASSES = np.array(["dog", "human", "pig"])


class CountingModel:
    """A classifier by the counts of three residues, which records the sizes of its batches.

    As in a network, a probability changes slightly with the batch. It rejects gaps.
    """

    classes_ = CLASSES

    def __init__(self, classes=CLASSES, weight=1, batch_effect=1):
        self.classes_ = classes
        self.weight = weight
        self.batches = []
        self.fail_after = None
        self.batch_effect = batch_effect

    def predict_proba(self, sequences):
        self.batches.append(len(sequences))
        if self.fail_after is not None and len(self.batches) > self.fail_after:
            raise KeyboardInterrupt
        for record, sequence in enumerate(sequences):
            if "-" in sequence:
                position = sequence.index("-") + 1
                message = f"Sequence {record}: symbol '-' at residue {position}"
                raise InvalidResidueError(message, record, position, "-")
        counts = np.array([[s.count(r) for r in "ACD"[: len(self.classes_)]] for s in sequences])
        scores = np.exp(self.weight * counts)
        places = np.linspace(0, 5e-6, len(sequences))[:, np.newaxis]
        return scores / scores.sum(axis=1, keepdims=True) + self.batch_effect * places


def rows_of(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


def interrupt(files, n_chunks, chunk_size=4, **params):
    """Start a run that is interrupted after some chunks."""
    model = CountingModel()
    model.fail_after = n_chunks
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files, chunk_size=chunk_size, **params)


def names_beside(path):
    """Return the names of all files in the folder of a file."""
    return sorted(each.name for each in path.parent.iterdir())
