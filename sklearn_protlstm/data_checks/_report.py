"""Data check of proteins, labels and groups, and its report."""

import warnings
from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._encoding.kmer_sets import distinct_proteins
from sklearn_protlstm._labels.classes import check_targets
from sklearn_protlstm._labels.matrix import PRESENT
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import check_groups, check_sequences
from sklearn_protlstm.data_checks._class_findings import find_in_classes
from sklearn_protlstm.data_checks._findings import LabelledProteins
from sklearn_protlstm.data_checks._html import render_data_report
from sklearn_protlstm.data_checks._label_findings import find_in_labels, merge_copies
from sklearn_protlstm.data_checks._shortcuts import measure_label_shortcuts, measure_shortcuts
from sklearn_protlstm.data_checks._tables import class_columns, label_columns
from sklearn_protlstm.data_checks._text import describe_size, format_data_report
from sklearn_protlstm.exceptions import DataQualityWarning

__all__ = ["DataReport", "check_data"]


@dataclass(frozen=True, eq=False, repr=False)
class DataReport:
    """Result of :func:`check_data`. Print it, or convert it to DataFrames.

    Parameters
    ----------
    findings : list of Finding
        Problems, warnings first.
    shortcuts : list of Shortcut or LabelShortcut
        Scores of classifiers that only see the first residue, the length or the composition. Empty
        if the classes are too small for cross-validation.
    classes : dict of str to list
        Columns of :meth:`class_frame`.
    n_groups : int or None
        Number of groups, or None without groups.
    labels_per_sequence : ndarray of shape (n_sequences,), dtype int64, or None, default=None
        Number of labels of each sequence. None if each has one class.

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
    labels_per_sequence: np.ndarray | None = None

    @property
    def multilabel(self):
        """Whether each sequence has any number of labels instead of one class."""
        return self.labels_per_sequence is not None

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
        """Summarize each class or label in a row of a DataFrame.

        Returns
        -------
        DataFrame of shape (n_classes, n_columns)
            Columns "class", "sequences", "different" (distinct sequences), "groups" (if given),
            "shortest", "median" and "longest" (in residues) and "ambiguous" (fraction of residues).
            For labels, they describe the sequences that have the label, and the columns begin with
            "label", "sequences", "share" (of the sequences whose label is known) and "unknown"
            (fraction of all sequences, if any is unknown).
        """
        return make_frame(self.classes, "DataReport.class_frame()")

    def shortcut_frame(self):
        """Convert the shortcuts to a DataFrame.

        Returns
        -------
        DataFrame of shape (n_shortcuts, 4)
            Columns "trait", "balanced_accuracy", "standard_error" and "chance". For labels, the
            first column is "label".
        """
        names = ["trait", "balanced_accuracy", "standard_error", "chance"]
        if self.multilabel:
            names = ["label", *names]
        columns = {name: [getattr(row, name) for row in self.shortcuts] for name in names}
        return make_frame(columns, "DataReport.shortcut_frame()")

    def __repr__(self):
        n_warnings = sum(finding.severity == "warning" for finding in self.findings)
        return (
            f"DataReport({describe_size(self)}, {n_warnings} warnings, "
            f"{len(self.findings) - n_warnings} notes)"
        )

    def _repr_html_(self, max_rows=20):
        return render_data_report(self, max_rows)

    def __str__(self):
        return format_data_report(self)


def check_data(sequences, y, groups=None):
    """Check proteins, classes or labels, and groups for problems that make scores unreliable.

    The problems are copies, conflicting labels, homologs in both training and test sets, and
    shortcuts: traits that predict the class but say little about biology. In some public peptide
    benchmarks, for example, all positives were cut from longer proteins, and only negatives start
    with methionine. Input of the wrong kind is found, too: DNA or RNA instead of proteins, repeats
    of one letter, and identifiers instead of class labels.

    Parameters
    ----------
    sequences : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins.
    y : array-like of shape (n_samples,) or (n_samples, n_labels), or list of label lists
        Classes, or any number of labels for each sequence: a matrix with 1 for present, 0 for
        absent and NaN for unknown, or the labels of each sequence as a list or a set.
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
        If `y` or `groups` has a different length than `sequences`, a class or a group is missing,
        `y` has only one class, or a label is present in all sequences or in none.

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

    With any number of labels, shortcuts are measured for each of the 20 most frequent labels on its
    own, and copies of a sequence count as one sequence with all of their labels. The report also
    lists labels that are too rare to test, labels that are always or never together, and sequences
    without a label. Labels are reported as never together if, were they independent, at least 10
    sequences would have both.

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
    classes, codes = check_targets(records, y)
    groups = check_groups(groups, records)
    data = LabelledProteins(sequences, classes, codes, groups, *distinct_proteins(sequences))
    multilabel = codes.ndim == 2
    find, tabulate = (
        (find_in_labels, label_columns) if multilabel else (find_in_classes, class_columns)
    )
    shortcuts = _measure_distinct(data)
    findings = sorted(find(data, shortcuts), key=lambda finding: finding.severity != "warning")
    for finding in findings:
        if finding.severity == "warning":
            warnings.warn(DataQualityWarning(finding.message, finding.kind), stacklevel=2)
    return DataReport(
        findings,
        shortcuts,
        tabulate(data),
        None if groups is None else len(np.unique(groups)),
        (codes == PRESENT).sum(axis=1) if multilabel else None,
    )


def _measure_distinct(data):
    # With copies in other folds, the composition would identify sequences instead of classes.
    _, first = np.unique(data.origin, return_index=True)
    sequences = [data.sequences[i] for i in first]
    groups = None if data.groups is None else data.groups[first]
    if data.codes.ndim == 1:
        return measure_shortcuts(sequences, data.codes[first], groups)
    merged = merge_copies(data.codes, data.origin)
    return measure_label_shortcuts(sequences, merged, groups, data.classes.tolist())
