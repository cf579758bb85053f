"""Captions of the plots: the protein, its prediction and the model."""

import numpy as np
from sklearn.pipeline import Pipeline

from sklearn_protlstm.readers import SequenceTable

# What Biopython fills in when a record has no id.
_MISSING_ID = "<unknown id>"

_MAX_MODEL_LETTERS = 160

# Predicted labels that a caption lists.
_MOST_LABELS = 3


def find_name(sequence, name=None):
    """Return `name` or else the id of a record, as str; None if there is neither."""
    name = getattr(sequence, "id", None) if name is None else name
    return None if name is None or name == _MISSING_ID else str(name)


def find_names(sequences, names, n_sequences):
    """Return a name or None for each sequence."""
    if names is None and isinstance(sequences, SequenceTable):
        names = sequences.ids
    if names is None:
        records = sequences if isinstance(sequences, (list, tuple)) else [None] * n_sequences
        return [find_name(record) for record in records]
    names = [names] if isinstance(names, str) else list(names)
    if len(names) != n_sequences:
        raise ValueError(
            f"Got {len(names)} names for {n_sequences} sequences. Pass one name per sequence, such "
            "as the ids of a SequenceTable, or None"
        )
    return [find_name(None, name) for name in names]


def describe_prediction(classes, probabilities, multilabel):
    """Describe the predicted class, or the predicted labels from the most probable one on."""
    order = np.argsort(-probabilities, kind="stable")
    shown = [_round_probability(probability) for probability in probabilities[order]]
    if not multilabel:
        return f"predicted {classes[order[0]]} (probability {shown[0]})"
    n_predicted = int(np.count_nonzero(probabilities > 0.5))
    if not n_predicted:
        return f"predicted no label (most probable: {classes[order[0]]}, {shown[0]})"
    labels = [f"{label} ({text})" for label, text in zip(classes[order], shown[:n_predicted])]
    n_more = n_predicted - _MOST_LABELS
    more = f", and {n_more} more" if n_more > 0 else ""
    return f"predicted label{'s' * (n_predicted > 1)} {', '.join(labels[:_MOST_LABELS])}{more}"


def describe_protein(name, prediction, read):
    """Describe a protein in one line; `read` marks the residues that the network reads."""
    text = f"{name}: {prediction}" if name else f"P{prediction[1:]}"
    n_unread = np.count_nonzero(~read)
    return f"{text}, {n_unread} of {len(read)} residues not read" if n_unread else text


def describe_model(model):
    """Describe a model in one line, with the parameters that differ from their defaults."""
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    text = " -> ".join(" ".join(repr(step).split()) for step in steps)
    return text if len(text) <= _MAX_MODEL_LETTERS else text[: _MAX_MODEL_LETTERS - 3] + "..."


def _round_probability(probability):
    """Two digits, without a rounded 1."""
    return "above 0.99" if probability >= 0.995 else f"{probability:.2f}"
