"""Labels that the first residue, the length or the composition predict."""

import numpy as np
import pytest
from checked_data import clean_labels, random_proteins, report_of

from sklearn_protlstm.data_checks import DataReport, LabelShortcut


def test_text_and_html_have_a_row_for_each_label():
    report = report_of(*clean_labels())
    assert report.findings == []
    lines = str(report).splitlines()
    assert [line.split()[0] for line in lines[3:6]] == ["cat", "dog", "eel"]
    assert lines[7] == "Balanced accuracy from one trait alone (chance 0.50):"
    assert lines[8].split() == ["label", "first", "residue", "length", "composition"]
    first = report.shortcuts[0]
    score = f"{first.balanced_accuracy:.2f} ± {first.standard_error:.2f}"
    assert lines[9].split(maxsplit=1)[0] == "cat"
    assert score in lines[9]
    html = report._repr_html_()
    assert "40 sequences, 3 labels, 1.50 labels per sequence" in html
    assert "Labels, with lengths in residues" in html
    assert "Prediction of each label from one trait alone (chance 0.50)" in html
    assert f'<th scope="row">cat</th><td class="number">{score}</td>' in html


def test_frame_has_a_row_for_each_label_and_trait():
    pytest.importorskip("pandas")
    shortcut = LabelShortcut("length", 0.65, 0.02, 0.5, "pig")
    frame = DataReport([], [shortcut], {}, None, np.array([1])).shortcut_frame()
    assert list(frame) == ["label", "trait", "balanced_accuracy", "standard_error", "chance"]
    assert frame.iloc[0].tolist() == ["pig", "length", 0.65, 0.02, 0.5]


def test_first_residue_that_predicts_a_label_is_a_warning():
    X = ["M" + protein for protein in random_proteins(100, 1, 59)] + random_proteins(100, 2)
    y = [["host", "cat"], ["host"]] * 50 + [["cat"], []] * 50
    y = [labels or ["dog"] for labels in y]
    y[0] = [*y[0], "dog"]
    n_other = sum(protein.startswith("M") for protein in X[100:])
    report = report_of(X, y)
    shortcut = next(each for each in report.shortcuts if each.suspicious and each.label == "host")
    finding = next(finding for finding in report.findings if finding.kind == "shortcut")
    assert finding.severity == "warning"
    assert finding.message == (
        "The first residue alone predicts label 'host' with a balanced accuracy of "
        f"{shortcut.balanced_accuracy:.2f} (chance 0.50). It also predicts 'dog'. M is the first "
        f"residue in 100% of the sequences with this label and in {n_other}% of those without it. "
        "Were some sequences cut from longer proteins?"
    )


def test_length_that_predicts_a_label_is_a_warning():
    X = random_proteins(60, 1, length=50) + random_proteins(60, 2, length=70)
    y = [["a", "short"], ["b", "short"]] * 30 + [["a"], ["b"]] * 30
    y[0], y[61] = ["a", "b", "short"], ["a", "b"]
    findings = report_of(X, y).findings
    assert findings[0].message == (
        "The length alone predicts label 'short' with a balanced accuracy of 1.00 (chance 0.50). "
        "The median length is 50 with this label and 70 without it. Use sequences of similar "
        "length"
    )


def test_copies_do_not_change_the_shortcuts():
    X, y = clean_labels(20)
    assert report_of(X, y).shortcuts == report_of(X * 2, y * 2).shortcuts


def test_unknown_labels_do_not_change_the_shortcuts():
    X, y = clean_labels()
    indicator = np.array([[name in labels for name in ("cat", "dog")] for labels in y], dtype=float)
    some = indicator.copy()
    some[:8, 1] = np.nan
    without = report_of(X[8:], indicator[8:]).shortcuts
    with_unknown = report_of(X, some).shortcuts
    assert [s for s in with_unknown if s.label == 1] == [s for s in without if s.label == 1]


def test_only_the_most_frequent_labels_are_measured(monkeypatch):
    monkeypatch.setattr("sklearn_protlstm.data_checks._shortcuts._MAX_LABELS", 1)
    X, y = clean_labels()
    report = report_of(X, y)
    frequent = max(("cat", "dog", "eel"), key=lambda name: sum(name in labels for labels in y))
    assert [shortcut.label for shortcut in report.shortcuts] == [frequent] * 3


def test_labels_without_enough_sequences_have_no_shortcuts():
    report = report_of(random_proteins(8), [["a"], ["b"], ["a", "b"], []] * 2)
    assert report.shortcuts == []
    sentence = (
        "Shortcuts were not measured: no label is present in and absent from enough sequences for "
        "5 folds."
    )
    assert sentence in str(report)
    assert sentence in report._repr_html_()


def test_label_shortcut_is_judged_as_a_shortcut():
    assert LabelShortcut("length", 0.65, 0.02, 0.5, "pig").suspicious
    assert not LabelShortcut("composition", 0.65, 0.02, 0.5, "pig").suspicious
