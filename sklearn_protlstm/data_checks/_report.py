"""Data check of proteins, labels and groups, and its report."""

import warnings
from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import distinct_proteins
from sklearn_protlstm._labels.classes import check_labels
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import check_groups, check_sequences
from sklearn_protlstm.data_checks._findings import (
    LabelledProteins,
    collect_findings,
    count_ambiguous,
)
from sklearn_protlstm.data_checks._html import (
    NOT_MEASURED,
    NOTHING_FOUND,
    render_data_report,
    summarize,
)
from sklearn_protlstm.data_checks._shortcuts import measure_shortcuts
from sklearn_protlstm.exceptions import DataQualityWarning

__all__ = ["DataReport", "check_data"]


@dataclass(frozen=True, eq=False, repr=False)
class DataReport:
    """Result of :func:`check_data`. Print it, or convert it to DataFrames.

    Parameters
    ----------
    findings : list of Finding
        Problems, warnings first.
    shortcuts : list of Shortcut
        Scores of classifiers that only see the first residue, the length or the composition. Empty
        if the classes are too small for cross-validation.
    classes : dict of str to list
        Columns of :meth:`class_frame`.
    n_groups : int or None
        Number of groups, or None without groups.

    Examples
    --------
    >>> from sklearn_protlstm.data_checks import check_data
    >>> letters = "ACDEFGHIKLMNPQRSTVWY"
    >>> X = [letters[i:] + letters[:i] for i in range(20)]
    >>> report = check_data(X, ["human", "dog"] * 10)
    >>> report
    DataReport(20 sequences, 2 classes, 0 warnings, 1 notes)
    >>> report.ok
    True
    """

    findings: list
    shortcuts: list
    classes: dict
    n_groups: int | None

    @property
    def ok(self):
        """Whether there are no warnings."""
        return all(finding.severity != "warning" for finding in self.findings)

    def frame(self):
        """Convert the findings to a DataFrame.

        Returns
        -------
        DataFrame of shape (n_findings, 4)
            Columns "severity", "kind", "n_records" and "message".
        """
        return make_frame(
            {
                "severity": [finding.severity for finding in self.findings],
                "kind": [finding.kind for finding in self.findings],
                "n_records": [len(finding.records) for finding in self.findings],
                "message": [finding.message for finding in self.findings],
            },
            "DataReport.frame()",
        )

    def class_frame(self):
        """Summarize each class in a row of a DataFrame.

        Returns
        -------
        DataFrame of shape (n_classes, n_columns)
            Columns "class", "sequences", "different" (distinct sequences), "groups" (if given),
            "shortest", "median" and "longest" (in residues) and "ambiguous" (fraction of residues).
        """
        return make_frame(self.classes, "DataReport.class_frame()")

    def shortcut_frame(self):
        """Convert the shortcuts to a DataFrame.

        Returns
        -------
        DataFrame of shape (n_shortcuts, 4)
            Columns "trait", "balanced_accuracy", "standard_error" and "chance".
        """
        names = ("trait", "balanced_accuracy", "standard_error", "chance")
        columns = {name: [getattr(row, name) for row in self.shortcuts] for name in names}
        return make_frame(columns, "DataReport.shortcut_frame()")

    def __repr__(self):
        n_warnings = sum(finding.severity == "warning" for finding in self.findings)
        return (
            f"DataReport({sum(self.classes['sequences'])} sequences, "
            f"{len(self.classes['class'])} classes, {n_warnings} warnings, "
            f"{len(self.findings) - n_warnings} notes)"
        )

    def _repr_html_(self, max_rows=20):
        return render_data_report(self, max_rows)

    def __str__(self):
        lines = [
            summarize(self),
            "",
            *_table_lines(self.classes),
            "",
            *_shortcut_lines(self.shortcuts),
            "",
            *(f"{finding.severity.upper()}: {finding.message}" for finding in self.findings),
        ]
        return "\n".join(lines if self.findings else [*lines, NOTHING_FOUND])


def check_data(sequences, y, groups=None):
    """Check proteins, labels and groups for problems that make scores unreliable.

    The problems are copies, conflicting labels, homologs in both training and test sets, and
    shortcuts: traits that predict the class but say little about biology. In some public peptide
    benchmarks, for example, all positives were cut from longer proteins, and only negatives start
    with methionine. Input of the wrong kind is found, too: DNA or RNA instead of proteins, repeats
    of one letter, and identifiers instead of class labels.

    Parameters
    ----------
    sequences : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins.
    y : array-like of shape (n_samples,)
        Class labels.
    groups : array-like of shape (n_samples,) or None, default=None
        Groups that cross-validation does not split, as from :func:`cluster_sequences`. To check
        existing folds, pass the number of the fold in which each protein is tested.

    Returns
    -------
    report : DataReport
        Report to print.

    Raises
    ------
    EmptySequenceError
        If a protein has no residues.
    ValueError
        If `y` or `groups` has missing values or a different length than `sequences`, or `y` has
        only one class.

    Warns
    -----
    DataQualityWarning
        For each finding that makes scores unreliable. Turn it into an error with
        ``warnings.simplefilter("error", DataQualityWarning)``.

    See Also
    --------
    cluster_sequences : Groups homologous proteins.
    sklearn_protlstm.comparison.compare_models : Compares models on folds that do not split groups.

    Notes
    -----
    Shortcuts are measured by the balanced accuracy of 5-fold cross-validation on the distinct
    sequences, without splitting groups. The classifiers are naive Bayes on the first residue,
    extremely randomized trees on the length and logistic regression on the composition. A score
    is reported if it is more than three standard errors above chance and covers at least a fifth
    of the way from chance to 1 (half of it for the composition).

    A sequence looks like DNA or RNA if it has at least 20 letters, all of A, C, G and T (or U), and
    no letter but these and N. Labels look like identifiers if at least 90% of them occur once,
    among 10 or more. Classes with few sequences are then not listed one by one.

    Near-copies share at least half of the 6-mers of the shorter protein, which takes about 90%
    identity. If many proteins are similar, this is estimated from a sample of the 6-mers.

    Examples
    --------
    >>> from sklearn_protlstm.data_checks import check_data
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     report = check_data(["MNTQAK", "MNTQAK", "GDKICL"], ["human", "dog", "dog"])
    >>> print(report.findings[0].message)
    2 sequences have conflicting labels, such as sequence 0: ['dog', 'human']. No model can predict
    all of them. Remove these sequences, or merge the labels
    """
    sequences = check_sequences(sequences)
    records = np.array(sequences, dtype=object)
    classes, codes = check_labels(records, y)
    groups = check_groups(groups, records)
    data = LabelledProteins(sequences, classes, codes, groups, *distinct_proteins(sequences))
    shortcuts = _measure_distinct(data)
    findings = collect_findings(data, shortcuts)
    for finding in findings:
        if finding.severity == "warning":
            warnings.warn(DataQualityWarning(finding.message, finding.kind), stacklevel=2)
    return DataReport(
        findings,
        shortcuts,
        _class_columns(data),
        None if groups is None else len(np.unique(groups)),
    )


def _measure_distinct(data):
    # With copies in other folds, the composition would identify sequences instead of classes.
    _, first = np.unique(data.origin, return_index=True)
    return measure_shortcuts(
        [data.sequences[i] for i in first],
        data.codes[first],
        None if data.groups is None else data.groups[first],
    )


def _class_columns(data):
    _, classes, codes, groups, _, origin = data
    n_ambiguous, lengths = count_ambiguous(data.sequences)
    members = [np.flatnonzero(codes == code) for code in range(len(classes))]
    columns = {
        "class": classes.tolist(),
        "sequences": [len(rows) for rows in members],
        "different": [len(np.unique(origin[rows])) for rows in members],
    }
    if groups is not None:
        columns["groups"] = [len(np.unique(groups[rows])) for rows in members]
    return columns | {
        "shortest": [int(lengths[rows].min()) for rows in members],
        "median": [float(np.median(lengths[rows])) for rows in members],
        "longest": [int(lengths[rows].max()) for rows in members],
        "ambiguous": [float(n_ambiguous[rows].sum() / lengths[rows].sum()) for rows in members],
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


def _shortcut_lines(shortcuts):
    if not shortcuts:
        return [NOT_MEASURED]
    return [
        f"Balanced accuracy from one trait alone (chance {shortcuts[0].chance:.2f}):",
        *(
            f"  {row.trait:<14}{row.balanced_accuracy:.2f} ± {row.standard_error:.2f}"
            for row in shortcuts
        ),
    ]
