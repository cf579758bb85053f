"""A look at proteins, labels and groups before anything is learned from them."""

import warnings
from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import distinct_proteins
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import check_groups, check_labels, check_sequences
from sklearn_protlstm.data_checks._findings import (
    LabelledProteins,
    collect_findings,
    count_ambiguous,
)
from sklearn_protlstm.data_checks._shortcuts import N_FOLDS, measure_shortcuts
from sklearn_protlstm.exceptions import DataQualityWarning

__all__ = ["DataReport", "check_data"]


@dataclass(frozen=True, eq=False, repr=False)
class DataReport:
    """What `check_data` found. Print it, or take its tables.

    Parameters
    ----------
    findings : list of Finding
        Warnings first.
    shortcuts : list of Shortcut
        Scores of classifiers that see the first residue, the length or the composition only.
        Empty where the classes are too small to measure them.
    classes : dict of str to list
        Columns of the table of classes.
    n_groups : int or None
        Number of groups, if there are any.

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
        """Whether there is no warning."""
        return all(finding.severity != "warning" for finding in self.findings)

    def frame(self):
        """Give the findings as a table.

        Returns
        -------
        DataFrame of shape (n_findings, 4)
            Columns severity, kind, n_records and message.
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
        """Give a row for each class.

        Returns
        -------
        DataFrame of shape (n_classes, n_columns)
            Columns class, sequences, different (sequences that are no copies), groups (if there
            are any), shortest, median and longest (residues), and ambiguous (share of residues).
        """
        return make_frame(self.classes, "DataReport.class_frame()")

    def shortcut_frame(self):
        """Give a row for each trivial trait.

        Returns
        -------
        DataFrame of shape (n_shortcuts, 4)
            Columns trait, balanced_accuracy, standard_error and chance.
        """
        names = ("trait", "balanced_accuracy", "standard_error", "chance")
        columns = {name: [getattr(cut, name) for cut in self.shortcuts] for name in names}
        return make_frame(columns, "DataReport.shortcut_frame()")

    def __repr__(self):
        n_warnings = sum(finding.severity == "warning" for finding in self.findings)
        return (
            f"DataReport({sum(self.classes['sequences'])} sequences, "
            f"{len(self.classes['class'])} classes, {n_warnings} warnings, "
            f"{len(self.findings) - n_warnings} notes)"
        )

    def __str__(self):
        groups = "" if self.n_groups is None else f", {self.n_groups} groups"
        lines = [
            f"{sum(self.classes['sequences'])} sequences, {len(self.classes['class'])} classes"
            f"{groups}",
            "",
            *_table_lines(self.classes),
            "",
            *_shortcut_lines(self.shortcuts),
            "",
            *(f"{finding.severity.upper()}: {finding.message}" for finding in self.findings),
        ]
        return "\n".join(lines if self.findings else [*lines, "Nothing suspicious was found."])


def check_data(sequences, y, groups=None):
    """Look for what would make a classifier's scores untrue.

    Copies, contradictions, relatives on both sides of a split, and traits so trivial that a score
    which rests on them says nothing about the biology: on some public peptide benchmarks all the
    positives were cut from longer proteins, and only the negatives begin with a methionine.

    Parameters
    ----------
    sequences : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins.
    y : array-like of shape (n_samples,)
        Class labels.
    groups : array-like of shape (n_samples,) or None, default=None
        What a cross-validation keeps together, as from :func:`cluster_sequences`; or the number
        of the fold in which each protein is tested, to check folds that someone else has made.

    Returns
    -------
    report : DataReport
        Print it to read it.

    Raises
    ------
    EmptySequenceError
        If a protein has no residue.
    ValueError
        If `y` or `groups` differ in length from the sequences or miss a value, or `y` has only
        one class.

    Warns
    -----
    DataQualityWarning
        Once for each finding that casts doubt on any score. To stop there:
        ``warnings.simplefilter("error", DataQualityWarning)``.

    See Also
    --------
    cluster_sequences : Makes groups of relatives.
    sklearn_protlstm.comparison.compare_models : Scores models on folds that keep groups whole.

    Notes
    -----
    Traits are judged by the balanced accuracy of 5-fold cross-validation on different sequences,
    with groups kept whole if there are any: naive Bayes on the first residue, randomised trees on
    the length, logistic regression on the composition. First residue and length are warned
    about from a fifth, composition is noted from half of the way between chance and certainty,
    if that is more than three standard errors.

    Near-copies share at least half of the shorter protein's 6-mers, which takes some 90 %
    identity. Where many proteins are alike the share is estimated from a sample of the 6-mers.

    Examples
    --------
    >>> from sklearn_protlstm.data_checks import check_data
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     report = check_data(["MNTQAK", "MNTQAK", "GDKICL"], ["human", "dog", "dog"])
    >>> print(report.findings[0].message)
    2 sequences come with two or more labels, such as sequence 0: ['dog', 'human']. No model
    can get both right: drop them, or let one label stand for both
    """
    sequences = check_sequences(sequences)
    records = np.array(sequences, dtype=object)
    classes, codes = check_labels(records, y)
    groups = check_groups(groups, records)
    data = LabelledProteins(sequences, classes, codes, groups, *distinct_proteins(sequences))
    shortcuts = _shortcuts_of_distinct(data)
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


def _shortcuts_of_distinct(data):
    # A copy in another fold would let the composition remember rather than tell.
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
        return [f"Shortcuts were not measured: fewer than two classes can fill {N_FOLDS} folds."]
    return [
        f"Balanced accuracy from one trait alone (chance {shortcuts[0].chance:.2f}):",
        *(
            f"  {cut.trait:<14}{cut.balanced_accuracy:.2f} ± {cut.standard_error:.2f}"
            for cut in shortcuts
        ),
    ]
