"""Format a data report as HTML, with the sentences that the text has too."""

from sklearn_protlstm._html.fragments import Column, Note, Table, make_columns, render_fragment
from sklearn_protlstm.data_checks._shortcuts import N_FOLDS

NOTHING_FOUND = "Nothing suspicious was found."
NOT_MEASURED = f"Shortcuts were not measured: fewer than two classes can fill {N_FOLDS} folds."


def render_data_report(report, max_rows):
    """Render classes, shortcuts and findings, with at most `max_rows` of each; None means all."""
    findings = [Note(finding.message, finding.severity) for finding in report.findings]
    shown = findings[:max_rows]
    n_hidden = len(findings) - len(shown)
    notes = [
        *shown,
        *([Note(f"{n_hidden} more findings are in report.findings.")] if n_hidden else []),
        *([] if findings else [Note(NOTHING_FOUND)]),
        *([] if report.shortcuts else [Note(NOT_MEASURED)]),
    ]
    return render_fragment(
        summarize(report),
        [_tabulate_classes(report, max_rows), *_tabulate_shortcuts(report)],
        notes,
    )


def summarize(report):
    groups = "" if report.n_groups is None else f", {report.n_groups} groups"
    n_classes = len(report.classes["class"])
    return f"{sum(report.classes['sequences'])} sequences, {n_classes} classes{groups}"


def _tabulate_classes(report, max_rows):
    columns = make_columns(
        {name: cells for name, cells in report.classes.items() if name != "ambiguous"}
    )
    shares = [f"{share:.2%}" for share in report.classes["ambiguous"]]
    columns.append(Column("ambiguous residues", shares, is_number=True))
    return Table.of("Classes, with lengths in residues", columns, max_rows)


def _tabulate_shortcuts(report):
    """Return a list of one table, or none if the shortcuts were not measured."""
    if not report.shortcuts:
        return []
    scores = [f"{row.balanced_accuracy:.2f} ± {row.standard_error:.2f}" for row in report.shortcuts]
    columns = [
        Column("trait", [row.trait for row in report.shortcuts]),
        Column("balanced accuracy ± standard error", scores, is_number=True),
    ]
    caption = (
        f"Prediction of the class from one trait alone (chance {report.shortcuts[0].chance:.2f})"
    )
    return [Table.of(caption, columns)]
