"""The subcommand `train`: fit a model and save it."""

import click

from sklearn_protlstm.command._errors import Subcommand, resumable
from sklearn_protlstm.command._input import Source, read_labelled
from sklearn_protlstm.command._models import MODELS, cluster, make_model
from sklearn_protlstm.command._options import (
    EPOCHS,
    FORCE,
    IDENTITY,
    JSON,
    SEED,
    label_options,
    output_option,
    with_options,
)
from sklearn_protlstm.command._output import check_output, is_interactive, print_json

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
        "are unlike every training protein.  Example: --precision 0.8",
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
    must be to answer, and takes five more fits for lstm and kmers.

    \b
    Examples:
      protlstm train proteins.fasta --label 'host=(\\w+)' -o hosts.model
      protlstm train viruses.tsv --label-column host -o hosts.model --model lstm --checkpoints runs
    """
    source = Source(**source)
    check_output(output, force=force, inputs=[source.proteins])
    verbose = int(is_interactive())
    estimator = make_model(
        model, seed=seed, epochs=epochs, checkpoints=checkpoints, verbose=verbose
    )
    table = read_labelled(source)
    with resumable(_advice(checkpoints)):
        fitted = _fit(estimator, table, cluster(table, identity), precision, seed, verbose)
    _save(fitted, output)
    if as_json:
        print_json(_document(fitted, output, model))
    else:
        click.echo(_describe(fitted, output))


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


def _save(fitted, output):
    from sklearn_protlstm.persistence import save_model

    save_model(fitted, output)


def _document(fitted, output, model):
    return {
        "output": output,
        "model": model,
        "n_proteins": len(fitted.codes_),
        "n_families": len(set(fitted.families_.tolist())),
        "classes": fitted.classes_,
        "precision_asked": fitted.precision,
        "coverage": fitted.coverage_,
        "precision": fitted.precision_ if fitted.coverage_ else None,
    }


def _describe(fitted, output):
    text = (
        f"{output}: {len(fitted.codes_)} proteins of {len(set(fitted.families_.tolist()))} "
        f"families, {len(fitted.classes_)} classes.\n"
    )
    if not fitted.coverage_:
        return f"{text}For proteins of families that it has not seen, the model never answers."
    return (
        f"{text}For proteins of families that it has not seen, the model answers "
        f"{fitted.coverage_:.0%}; in the average family, {fitted.precision_:.0%} of the answers "
        "are right."
    )
