"""The subcommand `train`: fit a model and save it."""

import click

from sklearn_protlstm.command._errors import DataError, Subcommand, resumable
from sklearn_protlstm.command._input import Source, read_labelled
from sklearn_protlstm.command._models import MODELS, cluster, make_model
from sklearn_protlstm.command._options import (
    EPOCHS,
    FORCE,
    IDENTITY,
    JSON,
    SEED,
    SEPARATOR,
    label_options,
    output_option,
    with_options,
)
from sklearn_protlstm.command._output import (
    check_output,
    is_interactive,
    list_rows,
    print_json,
    print_table,
)

__all__ = ["train"]


@click.command(cls=Subcommand)
@with_options(
    label_options,
    output_option("hosts.model", "Model file to write."),
    click.option(
        "--model",
        type=click.Choice(list(MODELS)),
        default="stack",
        show_default=True,
        help="stack combines k-mers, LSTMs and a language model.  Example: --model kmers",
    ),
    click.option(
        "--precision",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.0,
        show_default=True,
        help="Share of the answers for new families that must be right; where the model is less "
        "sure, it answers unknown. With 0, it leaves only sequences unanswered that "
        "are unlike every training protein. With --hosts all: share of the predictions of each "
        "label that must be right. 0 then gives the highest F1.  Example: --precision 0.8",
    ),
    IDENTITY,
    EPOCHS,
    click.option(
        "--checkpoints",
        type=click.Path(file_okay=False),
        metavar="FOLDER",
        help="Folder to save the training in after every epoch. The same command resumes an "
        "interrupted training from it.  Example: --checkpoints runs",
    ),
    FORCE,
    SEED,
    JSON,
)
def train(output, model, precision, identity, epochs, checkpoints, force, seed, as_json, **source):
    """Train a model and save it to a file.

    Every model is also tried on protein families that it has not seen. This decides how sure it
    must be to answer, or to predict each of several labels, and takes five more fits for lstm and
    kmers.

    \b
    Examples:
      protlstm train proteins.fasta --label 'host=(\\w+)' -o hosts.model
      protlstm train viruses.tsv --label-column host -o hosts.model --model lstm --checkpoints runs
      protlstm train viruses.tsv --label-column host --hosts all -o hosts.model
    """
    source = Source(**source)
    check_output(output, force=force, inputs=[source.proteins])
    verbose = int(is_interactive())
    estimator = make_model(
        model, seed=seed, epochs=epochs, checkpoints=checkpoints, verbose=verbose
    )
    table = read_labelled(source)
    with resumable(_advice(checkpoints)):
        groups = cluster(table, identity)
        fit = _fit_labels if source.has_several else _fit
        fitted = fit(estimator, table, groups, precision, seed, verbose)
    _save(fitted, output)
    facts = {
        "output": output,
        "model": model,
        "n_proteins": len(table),
        "n_families": len(set(groups.tolist())),
    }
    if as_json:
        list_facts = _list_label_facts if source.has_several else _list_facts
        print_json(facts | list_facts(fitted))
    else:
        print_facts = _print_label_facts if source.has_several else _print_facts
        print_facts(fitted, facts)


def _advice(checkpoints):
    if checkpoints is None:
        return "No model was written. With --checkpoints, an LSTM can resume its training."
    return f"No model was written. Run the same command again to resume from {checkpoints}."


def _fit(estimator, table, groups, precision, seed, verbose):
    from sklearn_protlstm.selective import SelectiveClassifier

    selective = SelectiveClassifier(
        estimator, precision=precision, random_state=seed, verbose=verbose
    )
    return selective.fit(table.sequences, table.labels, groups=groups)


def _fit_labels(estimator, table, groups, precision, seed, verbose):
    from sklearn_protlstm.thresholds import LabelThresholdClassifier

    _check_names(table.labels)
    # The option 0 asks for no precision.
    model = LabelThresholdClassifier(estimator, precision=precision or None, random_state=seed)
    return model.fit(table.sequences, table.labels, groups=groups)


def _check_names(labels):
    """Refuse a label that no table of predictions could hold, before the training."""
    for label in sorted({label for of_protein in labels for label in of_protein}):
        if SEPARATOR in label:
            raise DataError(
                f"The label {label!r} has a {SEPARATOR!r}, which separates labels in a table of "
                f"predictions. Pass --separator {SEPARATOR!r} if it is several labels, or rename "
                "it."
            )


def _save(fitted, output):
    from sklearn_protlstm.persistence import save_model

    save_model(fitted, output)


def _list_facts(fitted):
    return {
        "classes": fitted.classes_,
        "precision_asked": fitted.precision,
        "coverage": fitted.coverage_,
        "precision": fitted.precision_ if fitted.coverage_ else None,
    }


def _list_label_facts(fitted):
    return {"labels": list_rows(fitted.frame()), "precision_asked": fitted.precision}


def _print_facts(fitted, facts):
    click.echo(f"{_describe_data(facts)}, {len(fitted.classes_)} classes.")
    if not fitted.coverage_:
        click.echo("For proteins of families that it has not seen, the model never answers.")
        return
    click.echo(
        "For proteins of families that it has not seen, the model answers "
        f"{fitted.coverage_:.0%}; in the average family, {fitted.precision_:.0%} of the answers "
        "are right."
    )


def _print_label_facts(fitted, facts):
    import numpy as np

    click.echo(f"{_describe_data(facts)}, {len(fitted.classes_)} labels.")
    frame = fitted.frame().rename(columns={"n_positive": "proteins", "f1": "F1"})
    thresholds = ["never" if limit == np.inf else f"{limit:.3f}" for limit in frame["threshold"]]
    print_table(
        {**frame.to_dict("list"), "threshold": thresholds},
        title="Predictions of each label for families that the model has not seen",
    )


def _describe_data(facts):
    return "{output}: {n_proteins} proteins of {n_families} families".format(**facts)
