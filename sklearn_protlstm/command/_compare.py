"""The subcommand `compare`: models on the same folds, with a verdict."""

from dataclasses import replace

import click

from sklearn_protlstm.command._check import check_quietly
from sklearn_protlstm.command._errors import Interrupted, Subcommand, in_words
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
from sklearn_protlstm.command._output import (
    check_output,
    is_interactive,
    list_rows,
    print_json,
    print_table,
    say,
)

__all__ = ["compare"]

_DEFAULT_MODELS = ["lstm", "stack", "kmers"]
_SCORES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced",
    "f1_macro": "macro-F1",
    "matthews_corrcoef": "MCC",
    "log_loss": "log-loss",
    "roc_auc": "ROC AUC",
}
_LABEL_SCORES = {
    "f1_macro": "macro-F1",
    "f1_micro": "micro-F1",
    "average_precision": "macro-AP",
    "subset_accuracy": "all right",
    "hamming_loss": "Hamming loss",
    "ranking_loss": "ranking loss",
    "log_loss": "log-loss",
}


@click.command(cls=Subcommand)
@with_options(
    label_options,
    click.option(
        "--model",
        "models",
        type=click.Choice(list(MODELS)),
        multiple=True,
        help="Model to compare; repeat it for several.  Default: lstm, stack and kmers.  Example: "
        "--model kmers --model lstm",
    ),
    click.option(
        "--folds",
        type=click.Choice(["cluster", "random"]),
        default="cluster",
        show_default=True,
        help="cluster tests on families that training does not see; random lets relatives of the "
        "test proteins into training.  Example: --folds random",
    ),
    click.option(
        "--n-folds",
        type=click.IntRange(2),
        default=5,
        show_default=True,
        help="Number of folds.  Example: --n-folds 3",
    ),
    IDENTITY,
    EPOCHS,
    output_option("report.html", "HTML report to write.", name="--report", required=False),
    FORCE,
    SEED,
    JSON,
)
@click.pass_obj
def compare(
    command, models, folds, n_folds, identity, epochs, report, force, seed, as_json, **source
):
    """Compare models on the same folds.

    Two baselines that ignore the residues take part: the majority class and the length.

    The stack combines k-mers, LSTMs and a language model; it takes minutes for a thousand
    proteins. kmers takes seconds.

    \b
    Examples:
      protlstm compare proteins.fasta --label 'host=(\\w+)'
      protlstm compare viruses.tsv --label-column host --model kmers --report report.html
      protlstm compare viruses.tsv --label-column host --hosts all --model kmers
    """
    source = Source(**source)
    check_output(report, force=force, inputs=[source.proteins])
    table = read_labelled(source)
    groups = cluster(table, identity) if folds == "cluster" else None
    names = list(dict.fromkeys(models or _DEFAULT_MODELS))
    comparison = _compare(table, groups, names, n_folds, epochs, seed, report is not None)
    verdicts = _list_verdicts(comparison, [MODELS[name] for name in names])
    if as_json:
        print_json(_document(comparison, verdicts))
    else:
        _print_comparison(comparison, verdicts)
    if report is not None:
        _write_report(report, command, table, groups, comparison, seed)
    if not comparison.complete:
        raise Interrupted("Interrupted. The scores cover the folds that all models finished.")
    return 1 if comparison.failures_ else 0


def _compare(table, groups, names, n_folds, epochs, seed, keep_probabilities):
    from sklearn_protlstm.comparison import compare_models

    return compare_models(
        {MODELS[name]: make_model(name, seed=seed, epochs=epochs) for name in names},
        table.sequences,
        table.labels,
        cv=n_folds,
        groups=groups,
        keep_probabilities=keep_probabilities,
        random_state=seed,
        verbose=int(is_interactive()),
    )


def _list_verdicts(comparison, names):
    """Compare each model with k-mers, or with the majority class if there are no k-mers."""
    scored = [name for name in names if name not in comparison.failures_]
    reference = "k-mers" if "k-mers" in scored and len(scored) > 1 else "majority"
    if comparison.table.shared.sum() < 2:  # Ctrl-C left too little for a test
        return []
    tests = [comparison.test(name, reference) for name in scored if name != reference]
    # The notes on probabilities are about single models.
    return [replace(test, note="").verdict() for test in tests]


def _print_comparison(comparison, verdicts):
    table = comparison.table
    columns = {"model": comparison.models}
    for name, title in (_LABEL_SCORES if comparison.multilabel else _SCORES).items():
        columns[title] = [float(mean) for mean in table.mean_and_sd(name)[0]]
    columns["fit s"] = [float(mean) for mean in table.mean_and_sd("fit_seconds")[0]]
    print_table(columns, title=str(comparison).partition("\n")[0])
    for note in str(comparison).rpartition("\n\n")[2].splitlines()[1:]:
        click.echo(in_words(note))
    click.echo()
    for verdict in verdicts:
        click.echo(f"Verdict: {verdict}.")


def _document(comparison, verdicts):
    return {
        "n_proteins": len(comparison.codes),
        "labels" if comparison.multilabel else "classes": comparison.classes,
        "n_folds": len(comparison.folds),
        "unseen_families": comparison.grouped,
        "complete": comparison.complete,
        "scores": list_rows(comparison.summary()),
        "verdicts": verdicts,
        "failures": comparison.failures_,
    }


def _write_report(path, command, table, groups, comparison, seed):
    from sklearn_protlstm.report import write_report

    write_report(
        path,
        title="Comparison of models",
        command=command,
        data_report=check_quietly(table, groups),
        comparison=comparison,
        seed=seed,
    )
    say(f"The report is in {path}.")
