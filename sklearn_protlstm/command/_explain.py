"""The subcommand `explain`: the residues that a prediction is based on."""

import click

from sklearn_protlstm.command._errors import DataError, Subcommand
from sklearn_protlstm.command._input import Source, check_residues, read_proteins
from sklearn_protlstm.command._options import (
    FORCE,
    JSON,
    SEED,
    SEPARATOR,
    input_options,
    output_option,
    with_options,
)
from sklearn_protlstm.command._output import check_output, print_json, print_table, say, working

__all__ = ["explain"]

_N_RESIDUES = 10


@click.command(cls=Subcommand)
@click.argument("model", type=click.Path(exists=True, dir_okay=False))
@with_options(
    input_options,
    click.option(
        "--record",
        required=True,
        metavar="ID",
        help="Identifier of the protein to explain.  Example: --record P1",
    ),
    click.option(
        "--target",
        metavar="LABEL",
        help="Class or label to explain.  Default: the most probable one that is predicted.  "
        "Example: --target pig",
    ),
    output_option("p1.html", "HTML file to write."),
    FORCE,
    SEED,
    JSON,
)
@click.pass_obj
def explain(command, model, record, target, output, force, seed, as_json, **source):
    """Show the residues behind a prediction.

    A positive score makes the class or label more likely; the unit is log-odds. The scores come
    from the LSTM. Of a stack, they come from the LSTM that reads whole proteins, in its first fold.

    \b
    Example:
      protlstm explain hosts.model unknown.fasta --record P1 -o p1.html
    """
    source = Source(**source)
    check_output(output, force=force, inputs=[model, source.proteins])
    protein = _find_record(read_proteins(source), record, source.name)
    check_residues(protein, source.name)
    with working("Explaining the prediction"):
        facts, attribution = _explain(model, protein, target, seed)
    _write_report(output, command, record, attribution, seed)
    residues = _list_residues(attribution)
    if as_json:
        print_json(
            {
                "output": output,
                "id": record,
                **facts,
                "residues": [dict(zip(residues, row)) for row in zip(*residues.values())],
            }
        )
        return
    click.echo(f"{record}: {_describe(**facts)}")
    best = sorted(range(len(residues["score"])), key=lambda i: -abs(residues["score"][i] or 0))
    print_table(
        {name: [values[i] for i in best[:_N_RESIDUES]] for name, values in residues.items()},
        title=f"The residues with the highest scores of {len(best)}",
    )
    say(f"All scores are in {output}.")


def _find_record(table, record, name):
    rows = [row for row, id_ in enumerate(table.ids) if id_ == record]
    if len(rows) == 1:
        return table[rows]
    if rows:
        raise DataError(f"{name} has {len(rows)} proteins with the id {record!r}. Rename them.")
    known = ", ".join(map(repr, table.ids[:3]))
    raise DataError(
        f"{name} has no protein with the id {record!r}. Its {len(table)} ids start with {known}."
    )


def _explain(path, protein, target, seed):
    """Return the prediction with its probability, and the scores of the residues."""
    from sklearn_protlstm._labels.models import predicts_multilabel
    from sklearn_protlstm.inspection import residue_attribution
    from sklearn_protlstm.persistence import load_model

    model = load_model(path)
    network = _find_network(model, path)
    [probabilities] = model.predict_proba(protein.sequences)
    best = probabilities.argmax()
    prediction = str(model.classes_[best])
    if predicts_multilabel(model):
        [indicator] = model.predict(protein.sequences)
        # A label below its threshold can be more probable than a predicted one.
        best = (probabilities + indicator).argmax()
        prediction = list(map(str, model.classes_[indicator == 1]))
    explained = best if target is None else _find_label(model, target, path)
    label = model.classes_[explained]
    attribution = residue_attribution(network, protein, target=label, random_state=seed)
    facts = {"prediction": prediction, "probability": float(probabilities[explained])}
    if prediction != str(label):
        facts["target"] = str(label)
    return facts, attribution


def _find_label(model, name, path):
    known = list(map(str, model.classes_))
    if name not in known:
        raise click.UsageError(
            f"--target {name!r} is not a class or label of {path}, which knows "
            f"{', '.join(map(repr, known))}."
        )
    return known.index(name)


def _describe(prediction, probability, target=None):
    if not isinstance(prediction, str):
        prediction = SEPARATOR.join(prediction) or "no label"
    explained = "" if target is None else f". Explained: {target}"
    return f"{prediction}{explained}, probability {probability:.2f}"


def _find_network(model, path):
    """Find a pipeline with an LSTM: the model, its estimator or a member of its stack."""
    model = getattr(model, "estimator_", model)
    for candidate in [model, *(folds[0] for folds in getattr(model, "estimators_", []))]:
        if _is_network(candidate):
            return candidate
    raise DataError(
        f"{path} has no LSTM whose residues could be scored. Train a model with --model lstm or "
        "--model stack."
    )


def _is_network(model):
    from sklearn_protlstm.classifier import ProtLSTMClassifier

    return isinstance(getattr(model, "steps", [[None]])[-1][-1], ProtLSTMClassifier)


def _list_residues(attribution):
    """Return the columns position, residue and score; the score of an unread residue is None."""
    [sequence], [scores] = attribution.sequences, attribution.scores
    return {
        "position": list(range(1, len(sequence) + 1)),
        "residue": list(sequence),
        "score": [None if score != score else float(score) for score in scores],
    }


def _write_report(path, command, record, attribution, seed):
    from sklearn_protlstm.report import write_report

    write_report(
        path,
        title=f"Residues of {record}",
        command=command,
        attributions=[attribution],
        seed=seed,
    )
