"""Data with any number of labels for each sequence: each planted problem is found, and no other."""

import warnings

import numpy as np
import pytest
from checked_data import clean_labels, only_finding, random_proteins, report_of

from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.exceptions import DataQualityWarning


@pytest.fixture(autouse=True)
def without_shortcuts(monkeypatch):
    """Shortcuts have their own tests, and take long."""
    monkeypatch.setattr("sklearn_protlstm.data_checks._shortcuts._MAX_LABELS", 0)


def matrix(rows):
    """Rows such as "01?" as a matrix, with NaN for a question mark."""
    return np.array([[{"0": 0, "1": 1, "?": np.nan}[cell] for cell in row] for row in rows])


def test_clean_labels_have_no_findings():
    report = report_of(*clean_labels())
    assert report.findings == []
    assert repr(report) == "DataReport(40 sequences, 3 labels, 0 warnings, 0 notes)"
    assert str(report).startswith("40 sequences, 3 labels, 1.50 labels per sequence\n")
    assert str(report).endswith("Nothing suspicious was found.")


def test_tables_describe_the_sequences_that_have_a_label():
    pytest.importorskip("pandas")
    X, y = clean_labels()
    X[1] = X[1][:20]
    report = report_of(X, y, np.arange(40) // 2)
    has = {name: np.array([name in labels for labels in y]) for name in ("cat", "dog", "eel")}
    assert report.multilabel
    assert report.labels_per_sequence.tolist() == [len(labels) for labels in y]
    frame = report.class_frame().set_index("label")
    assert list(frame) == [
        *("sequences", "share", "different", "groups"),
        *("shortest", "median", "longest", "ambiguous"),
    ]
    for name, rows in has.items():
        n_groups = len(np.unique(np.flatnonzero(rows) // 2))
        shortest = 20 if rows[1] else 60
        expected = [rows.sum(), rows.mean(), rows.sum(), n_groups, shortest, 60, 60, 0]
        assert frame.loc[name].tolist() == expected


def test_matrix_gives_the_report_of_the_lists():
    pandas = pytest.importorskip("pandas")
    X, y = clean_labels()
    names = ["cat", "dog", "eel"]
    frame = pandas.DataFrame({name: [int(name in labels) for labels in y] for name in names})
    assert str(report_of(X, frame)) == str(report_of(X, y))


def test_copies_with_different_labels_are_a_warning():
    X, y = clean_labels()
    X[30] = X[3].lower() + "*"
    y[3], y[30] = ["eel"], ["cat", "dog"]
    conflict, duplicates = report_of(X, y).findings
    assert (conflict.severity, conflict.kind) == ("warning", "conflicting labels")
    assert conflict.message == (
        "2 sequences occur several times with different labels, such as sequence 3: ['eel'] and "
        "['cat', 'dog']. Merge the copies into one sequence with all of their labels"
    )
    assert conflict.records.tolist() == [3, 30]
    assert duplicates.kind == "duplicates"
    y[30] = ["eel"]
    assert [finding.kind for finding in report_of(X, y).findings] == ["duplicates"]


def test_copies_that_only_differ_in_unknown_labels_do_not_contradict():
    X = random_proteins(40)
    X[1] = X[0]
    rows = ["11", "10", "01", "00"] * 10
    rows[0], rows[1] = "1?", "11"
    assert "conflicting labels" not in {f.kind for f in report_of(X, matrix(rows)).findings}


def test_rare_labels_are_one_warning():
    y = [["cat"], ["dog"], ["cat", "dog"], []] * 10
    for row in range(3):
        y[row] = [*y[row], "eel"]
        y[-1] = [*y[-1], "fox"]
    finding = report_of(random_proteins(40), y).findings[0]
    assert (finding.severity, finding.kind) == ("warning", "rare label")
    assert finding.message == (
        "2 label(s) are present in fewer than 5 distinct sequences, too few for 5 folds: 'eel' "
        "(3), 'fox' (1). Collect more, merge similar labels, or remove them"
    )
    assert finding.records.tolist() == [0, 1, 2, 39]


def test_copies_do_not_make_a_label_frequent():
    X, y = clean_labels()
    y = [[*labels, "fox"] if row < 8 else labels[:1] for row, labels in enumerate(y)]
    X[1:8] = X[:1] * 7
    rare = next(f for f in report_of(X, y).findings if f.kind == "rare label")
    assert "'fox' (1)" in rare.message


def test_labels_in_few_groups_are_one_warning():
    y = [["cat"], ["dog"], ["cat", "dog"], []] * 10
    y[:10] = [[*labels, "eel"] for labels in y[:10]]
    y[39] = ["fox"]
    groups = np.arange(40)
    groups[:10] %= 2
    rare, finding = report_of(random_proteins(40), y, groups).findings[:2]
    assert "'fox'" in rare.message
    assert (finding.severity, finding.kind) == ("warning", "label in few groups")
    assert finding.message == (
        "1 label(s) are present in fewer than 5 groups, too few for 5 folds that do not split "
        "groups: 'eel' (2). They would be missing from training or test sets"
    )
    assert finding.records.tolist() == list(range(10))


def test_label_that_is_nearly_always_present_is_a_warning():
    X, y = clean_labels()
    y = [["virus"] if row < 2 else [*labels, "seen", "virus"] for row, labels in enumerate(y)]
    y[7].remove("virus")
    finding = report_of(X, y).findings[0]
    assert finding.message == (
        "2 label(s) are absent from fewer than 5 distinct sequences, too few for 5 folds: "
        "'seen' (2), 'virus' (1). Collect sequences without them, or remove these labels"
    )
    assert finding.records.tolist() == [0, 1, 7]


def test_many_rare_labels_are_counted():
    X, y = clean_labels()
    y = [[*labels, f"x{row}"] if row < 9 else labels for row, labels in enumerate(y)]
    message = report_of(X, y).findings[0].message
    assert "9 label(s) are present in fewer than 5" in message
    assert ": 'x0' (1), 'x1' (1), 'x2' (1), 'x3' (1), 'x4' (1) and 4 more. Collect" in message


def test_labels_that_say_the_same_are_a_note():
    X, y = clean_labels()
    y = [[*labels, "hound"] if "dog" in labels else labels for labels in y]
    finding = only_finding(report_of(X, y))
    assert (finding.severity, finding.kind) == ("note", "labels always together")
    assert finding.message == (
        "1 pair(s) of labels are always together: 'dog' with 'hound'. Keep one of each pair, or "
        "means over labels count it twice"
    )
    y[0] = ["cat", "dog"]
    assert report_of(X, y).findings == []


def test_labels_that_never_meet_are_a_note():
    # 20 of 80 sequences would have both a and b, were they independent.
    rows = ["101", "100", "011", "010"] * 20
    finding = only_finding(report_of(random_proteins(80), matrix(rows)))
    assert (finding.severity, finding.kind) == ("note", "labels never together")
    assert finding.message == (
        "1 pair(s) of labels are never together, though by chance at least 10 sequences would "
        "have both: 0 with 1. If only one of them was looked for in a sequence, give NaN for the "
        "other"
    )
    # Chance brings 10 of 40 together, but only 9 of 36.
    only_finding(report_of(random_proteins(40), matrix(rows[:40])))
    assert report_of(random_proteins(36), matrix(rows[:36])).findings == []
    # Where one is known, the other is not.
    unknown = [f"1?{row[2]}" if row[0] == "1" else row for row in rows[:79]]
    report = report_of(random_proteins(80), matrix([*unknown, "000"]))
    assert "labels never together" not in {finding.kind for finding in report.findings}


def test_copies_count_with_the_labels_of_all():
    X = random_proteins(40)
    findings = report_of(X * 2, [["cat"]] * 40 + [["dog"]] * 40).findings
    assert [finding.kind for finding in findings[1:]] == ["duplicates", "labels always together"]


def test_one_label_each_is_a_note():
    finding = only_finding(report_of(random_proteins(40), [["cat"], ["dog"]] * 20))
    assert (finding.severity, finding.kind) == ("note", "single labels")
    assert finding.message == (
        "No sequence has several labels. If it cannot have several, pass one class for each "
        "sequence: a model of classes uses that they exclude each other"
    )


def test_sequences_without_labels_are_a_note():
    X, y = clean_labels()
    y[4] = y[9] = []
    finding = only_finding(report_of(X, y))
    assert (finding.severity, finding.kind) == ("note", "no label")
    assert finding.message == (
        "2 of 40 sequences have no label, so a model learns that they lack all of them. If their "
        "labels are not known, leave these sequences out"
    )
    assert finding.records.tolist() == [4, 9]


def test_unknown_labels_are_counted():
    rows = ["11", "10", "01", "00"] * 10
    rows[0], rows[1], rows[2] = "??", "1?", "0?"
    report = report_of(random_proteins(40), matrix(rows))
    no_label, unknown, nothing = report.findings
    assert no_label.records.tolist() == list(range(3, 40, 4))
    assert unknown.message == (
        "5.0% of the entries in y are unknown (NaN), most for label 1: 7.5%. Training and scores "
        "leave them out"
    )
    assert unknown.records.tolist() == [0, 1, 2]
    assert nothing.message == (
        "1 of 40 sequences have unknown labels (NaN) only. They teach nothing. Leave them out"
    )
    assert nothing.records.tolist() == [0]
    assert report.classes["share"] == [19 / 39, 18 / 37]
    assert report.classes["unknown"] == [1 / 40, 3 / 40]


@pytest.mark.parametrize("where", ["with label 'eel'", "without any label"])
def test_ambiguous_residues_name_the_sequences_that_have_most(where):
    X, y = clean_labels()
    y[7], y[11] = [], []
    rows = [7, 11] if "without" in where else [i for i in range(40) if "eel" in y[i]]
    for row in rows:
        X[row] = X[row][:-6] + "XXXBZJ"
    finding = report_of(X, y).findings[0]
    assert (finding.severity, finding.kind) == ("warning", "ambiguous residues")
    assert finding.message == (
        f"{len(rows)} sequence(s) contain ambiguous residues (such as X), most {where}: 10.0% of "
        "its residues, enough to recognize the label. Remove the worst sequences"
    )


def test_invalid_labels_raise():
    with pytest.raises(ValueError, match=r"No sequence has the label\(s\) 1"):
        check_data(["AC", "CA"], [[1, 0], [0, 0]])
    with pytest.raises(ValueError, match="Found 2 sequences but 1 labels"):
        check_data(["AC", "CA"], [["a"]])


def test_warnings_can_be_turned_into_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataQualityWarning)
        with pytest.raises(DataQualityWarning, match="fewer than 5 distinct sequences") as error:
            check_data(random_proteins(8), [["a"], ["b"], ["a", "b"], []] * 2)
    assert error.value.kind == "rare label"
