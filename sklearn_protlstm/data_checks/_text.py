"""Format a data report as text. Its sentences are in the HTML, too."""

from sklearn_protlstm.data_checks._shortcuts import N_FOLDS

__all__ = [
    "NOTHING_FOUND",
    "describe_size",
    "explain_no_shortcuts",
    "format_data_report",
    "summarize",
    "tabulate_shortcuts",
]

NOTHING_FOUND = "Nothing suspicious was found."


def format_data_report(report):
    """Write the summary, the tables and the findings."""
    findings = [f"{finding.severity.upper()}: {finding.message}" for finding in report.findings]
    return "\n".join(
        [
            summarize(report),
            "",
            *_table_lines(report.classes),
            "",
            *_shortcut_lines(report),
            "",
            *(findings or [NOTHING_FOUND]),
        ]
    )


def summarize(report):
    """Say what was checked."""
    groups = "" if report.n_groups is None else f", {report.n_groups} groups"
    labels = ""
    if report.multilabel:
        labels = f", {report.labels_per_sequence.mean():.2f} labels per sequence"
    return f"{describe_size(report)}{labels}{groups}"


def describe_size(report):
    """Count the sequences, and the classes or labels."""
    if report.multilabel:
        n_labels = len(report.classes["label"])
        return f"{len(report.labels_per_sequence)} sequences, {n_labels} labels"
    n_sequences, n_classes = sum(report.classes["sequences"]), len(report.classes["class"])
    return f"{n_sequences} sequences, {n_classes} classes"


def explain_no_shortcuts(report):
    """Say why there are no shortcuts."""
    if report.multilabel:
        return (
            "Shortcuts were not measured: no label is present in and absent from enough sequences "
            f"for {N_FOLDS} folds."
        )
    return f"Shortcuts were not measured: fewer than two classes can fill {N_FOLDS} folds."


def tabulate_shortcuts(report):
    """Return the columns of a table with a row for each label and a column for each trait."""
    scores = {(row.label, row.trait): _format_score(row) for row in report.shortcuts}
    labels, traits = (list(dict.fromkeys(names)) for names in zip(*scores))
    return {
        "label": labels,
        **{trait: [scores[label, trait] for label in labels] for trait in traits},
    }


def _table_lines(columns):
    cells = [[name, *map(_cell, column)] for name, column in columns.items()]
    widths = [max(map(len, column)) for column in cells]
    first, *others = zip(cells, widths)
    return [
        "  ".join(
            [first[0][i].ljust(first[1]), *(column[i].rjust(width) for column, width in others)]
        )
        for i in range(len(cells[0]))
    ]


def _cell(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _shortcut_lines(report):
    if not report.shortcuts:
        return [explain_no_shortcuts(report)]
    title = f"Balanced accuracy from one trait alone (chance {report.shortcuts[0].chance:.2f}):"
    if report.multilabel:
        return [title, *(f"  {line}" for line in _table_lines(tabulate_shortcuts(report)))]
    return [title, *(f"  {row.trait:<14}{_format_score(row)}" for row in report.shortcuts)]


def _format_score(shortcut):
    return f"{shortcut.balanced_accuracy:.2f} ± {shortcut.standard_error:.2f}"
