"""The models that the command line names."""

import click

from sklearn_protlstm.command._output import is_interactive

__all__ = ["MODELS", "cluster", "make_model"]

#: Name of each model in a comparison.
MODELS = {
    "stack": "stack",
    "lstm": "LSTM",
    "kmers": "k-mers",
    "composition": "composition",
    "properties": "properties",
}

_MAX_LENGTH, _EPOCHS = 400, 10


def make_model(name, *, seed, epochs=None, checkpoints=None, verbose=0):
    """Make an unfitted model."""
    if name == "stack":
        return _make_stack(seed, epochs, checkpoints, verbose)
    if name == "lstm":
        return _make_lstm(seed, epochs, checkpoints, verbose)
    if checkpoints is not None:
        raise click.UsageError(f"--checkpoints needs an LSTM, but --model {name} has none.")
    from sklearn_protlstm.baselines import make_kmer_baseline, make_property_baseline

    if name == "properties":
        return make_property_baseline(random_state=seed)
    return make_kmer_baseline(k=1) if name == "composition" else make_kmer_baseline()


def cluster(table, identity):
    """Return the family of each protein."""
    from sklearn_protlstm.homology import cluster_sequences

    return cluster_sequences(table.sequences, identity, verbose=int(is_interactive()))


def _make_lstm(seed, epochs, checkpoints, verbose):
    from sklearn.pipeline import make_pipeline

    from sklearn_protlstm._encoding.encoder import SequenceEncoder
    from sklearn_protlstm.classifier import ProtLSTMClassifier

    classifier = ProtLSTMClassifier(
        class_weight="balanced",
        max_epochs=epochs or _EPOCHS,
        **_resume_from(checkpoints),
        random_state=seed,
        verbose=verbose,
    )
    return make_pipeline(SequenceEncoder(max_length=_MAX_LENGTH), classifier)


def _resume_from(checkpoints):
    return {} if checkpoints is None else {"checkpoint_dir": checkpoints, "resume": "matching"}


def _make_stack(seed, epochs, checkpoints, verbose):
    from sklearn_protlstm.recommended import make_recommended_model

    stack = make_recommended_model(random_state=seed, verbose=verbose)
    changed = _resume_from(checkpoints)
    if epochs is not None:
        changed["max_epochs"] = epochs
    return stack.set_params(
        **{
            f"{member}__protlstmclassifier__{name}": value
            for member in ("lstm", "windows", "attention")
            for name, value in changed.items()
        }
    )
