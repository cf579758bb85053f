"""The subcommand `check`: what would make a score untrue."""

import click

from sklearn_protlstm.command._errors import Subcommand, in_words
from sklearn_protlstm.command._input import Source, read_labelled
from sklearn_protlstm.command._options import JSON, label_options, with_options
from sklearn_protlstm.command._output import list_rows, print_json, print_table, working

__all__ = ["check", "check_quietly"]

_N_IDS = 3


@click.command(cls=Subcommand)
@with_options(label_options, JSON)
def check(as_json, **source):
    """Find problems that would make a score untrue.

    The exit code is 1 if there are warnings.

    \b
    Examples:
      protlstm check proteins.fasta --label 'host=(\\w+)'
      protlstm check viruses.tsv --label-column host --json
      protlstm check viruses.tsv --label-column host --hosts all --separator ';'
    """
    table = read_labelled(Source(**source), is_checked=True)
    with working("Checking the data"):
        report = check_quietly(table)
    if as_json:
        print_json(_document(report, table))
    else:
        _print_report(report, table)
    return 0 if report.ok else 1


def check_quietly(table, groups=None):
    """Check the data without the warnings, which the report has."""
    import warnings

    from sklearn_protlstm.data_checks import check_data
    from sklearn_protlstm.exceptions import DataQualityWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        return check_data(table.sequences, table.labels, groups)


def _document(report, table):
    findings = [
        {
            "severity": finding.severity,
            "kind": finding.kind,
            "message": in_words(finding.message),
            "ids": [table.ids[record] for record in finding.records],
        }
        for finding in report.findings
    ]
    return {
        "ok": report.ok,
        "labels" if report.multilabel else "classes": list_rows(report.class_frame()),
        "shortcuts": list_rows(report.shortcut_frame()),
        "findings": findings,
    }


def _print_report(report, table):
    medians = [f"{median:g}" for median in report.classes["median"]]
    labels = ""
    if report.multilabel:
        labels = f", {report.labels_per_sequence.mean():.2f} labels per protein"
    print_table(report.classes | {"median": medians}, title=f"{len(table)} proteins{labels}")
    if report.shortcuts:
        print_table(_tabulate_shortcuts(report), title="What one trait alone predicts")
    for finding in report.findings:
        message = in_words(finding.message)
        end = "" if message.endswith("?") else "."
        click.echo(f"{finding.severity.upper()}: {message}{end}{_ids(finding, table)}")
    if not report.findings:
        click.echo("Nothing suspicious was found.")


def _tabulate_shortcuts(report):
    columns = {
        "trait": [shortcut.trait for shortcut in report.shortcuts],
        "balanced accuracy": [row.balanced_accuracy for row in report.shortcuts],
        "chance": [row.chance for row in report.shortcuts],
    }
    if report.multilabel:
        return {"label": [shortcut.label for shortcut in report.shortcuts], **columns}
    return columns


def _ids(finding, table):
    ids = [table.ids[record] for record in finding.records[:_N_IDS]]
    if not ids:
        return ""
    more = ", ..." if len(finding.records) > _N_IDS else ""
    return f" ({', '.join(ids)}{more})"
