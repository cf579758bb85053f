"""Format a data report as HTML, with the sentences that the text has too."""

from sklearn_protlstm._html.fragments import Column, Note, Table, make_columns, render_fragment
from sklearn_protlstm.data_checks._text import (
    NOTHING_FOUND,
    explain_no_shortcuts,
    summarize,
    tabulate_shortcuts,
)

__all__ = ["render_data_report"]

_SHARES = {"share": "share", "unknown": "unknown", "ambiguous": "ambiguous residues"}


def render_data_report(report, max_rows):
    """Render classes, shortcuts and findings, with at most `max_rows` of each; None means all."""
    findings = [Note(finding.message, finding.severity) for finding in report.findings]
    shown = findings[:max_rows]
    n_hidden = len(findings) - len(shown)
    notes = [
        *shown,
        *([Note(f"{n_hidden} more findings are in report.findings.")] if n_hidden else []),
        *([] if findings else [Note(NOTHING_FOUND)]),
        *([] if report.shortcuts else [Note(explain_no_shortcuts(report))]),
    ]
    tabulate = _tabulate_label_shortcuts if report.multilabel else _tabulate_shortcuts
    return render_fragment(
        summarize(report),
        [
            _tabulate_classes(report, "Labels" if report.multilabel else "Classes", max_rows),
            *([tabulate(report)] if report.shortcuts else []),
        ],
        notes,
    )


def _tabulate_classes(report, title, max_rows):
    columns = []
    for name, cells in report.classes.items():
        if name in _SHARES:
            texts = [f"{share:.2%}" for share in cells]
            columns.append(Column(_SHARES[name], texts, is_number=True))
        else:
            columns += make_columns({name: cells})
    return Table.of(f"{title}, with lengths in residues", columns, max_rows)


def _tabulate_shortcuts(report):
    scores = [f"{row.balanced_accuracy:.2f} ± {row.standard_error:.2f}" for row in report.shortcuts]
    columns = [
        Column("trait", [row.trait for row in report.shortcuts]),
        Column("balanced accuracy ± standard error", scores, is_number=True),
    ]
    return Table.of(_caption(report, "the class"), columns)


def _tabulate_label_shortcuts(report):
    labels, *traits = tabulate_shortcuts(report).items()
    columns = [
        Column(labels[0], list(map(str, labels[1]))),
        *(Column(trait, scores, is_number=True) for trait, scores in traits),
    ]
    return Table.of(
        f"{_caption(report, 'each label')}: balanced accuracy ± standard error", columns
    )


def _caption(report, target):
    chance = report.shortcuts[0].chance
    return f"Prediction of {target} from one trait alone (chance {chance:.2f})"
