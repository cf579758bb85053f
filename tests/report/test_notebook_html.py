"""Notebooks show results as short HTML fragments, without styles and scripts."""

import dataclasses

import numpy as np
import pytest
from hostile_results import EVIL
from page_reader import PageReader

from sklearn_protlstm.data_checks import DataReport, Finding
from sklearn_protlstm.readers import ReadReport, SequenceTable


def read_fragment(result):
    fragment = result._repr_html_()
    page = PageReader(fragment)
    assert page.problems == []
    assert page.all("script", "style", "img") == []
    assert page.tags[0] == ("div", {"class": "protlstm"})
    return page.joined_text()


def test_comparison(comparison):
    text = read_fragment(comparison)
    assert text.startswith("3 models, 3 folds, 24 sequences of 2 classes")
    assert f"k-mers {EVIL} 1.00±0.00" in text
    assert f"Is k-mers {EVIL} better than the other models? accuracy on unseen groups" in text
    assert f"k-mers {EVIL} is better than majority 0.500" in text
    assert "Note: Groups stay together" in text


def test_best_mean_is_bold(comparison):
    html = comparison._repr_html_()
    assert html.count("<strong>1.00±0.00</strong>") == 1
    assert "<strong>0.50±0.00</strong>" not in html


def test_verdicts_agree_with_the_tests_of_each_pair(comparison):
    result = comparison.test(*comparison.models[:2])
    low, high = result.interval
    row = (
        f"{result.t_test.difference:.3f} {low:.3f} to {high:.3f} "
        f"{'< 0.001' if result.p_value < 0.001 else f'{result.p_value:.3f}'}"
    )
    assert row in read_fragment(comparison)


def test_recalls_agree_with_the_table_by_class(comparison):
    pytest.importorskip("pandas")
    frame = comparison.frame(by="class")
    rows = frame[frame["class"] == "human"]
    recalls = " ".join(f"{recall:.2f}" for recall in rows["recall"])
    assert f"human {rows['support'].iloc[0]} {recalls}" in read_fragment(comparison)


def test_paired_comparison(comparison):
    result = comparison.test(*comparison.models[:2])
    text = read_fragment(result)
    assert text.startswith(" ".join(result.verdict().split()))
    for line in str(result).splitlines()[1:5]:
        assert " ".join(line.split()) in text
    assert "Note: Of these tests, the last two treat relatives as independent" in text


def test_data_report(data_report):
    text = read_fragment(data_report)
    assert text.startswith("24 sequences, 2 classes, 12 groups Classes, with lengths in residues")
    assert "human 12 12 12 31 31 31 0.00%" in text
    assert "Prediction of the class from one trait alone (chance 0.50)" in text
    for finding in data_report.findings:
        assert f"{finding.severity.capitalize()}: {finding.message}" in text


def test_clean_and_tiny_data_report():
    classes = {"class": ["a"], "sequences": [3], "ambiguous": [0.25]}
    text = read_fragment(DataReport([], [], classes, None))
    assert "a 3 25.00%" in text
    assert "Nothing suspicious was found." in text
    assert "Shortcuts were not measured: fewer than two classes can fill 5 folds." in text


def test_many_classes_and_findings_are_cut():
    n_classes = 25
    classes = {
        "class": [f"host {number}" for number in range(n_classes)],
        "sequences": [4] * n_classes,
        "ambiguous": [0.0] * n_classes,
    }
    findings = [
        Finding("warning", "rare class", f"Class {number} is rare", np.arange(4))
        for number in range(n_classes)
    ]
    report = DataReport(findings, [], classes, None)
    text = read_fragment(report)
    assert "host 19 " in text
    assert "host 20 " not in text
    assert "and 5 more rows" in text
    assert "Class 20 is rare" not in text
    assert "5 more findings are in report.findings." in text
    assert "Class 20 is rare" in report._repr_html_(max_rows=None)


def test_sequence_table():
    table = SequenceTable(
        [f"P{number} {EVIL}" for number in range(22)],
        ["MKV" * 40] * 22,
        np.array(["human"] * 22),
        {"note": ["N" * 99] * 22},
        ReadReport("a.fasta", 22, {"no label": 1}, {"no label": (EVIL,)}),
    )
    text = read_fragment(table)
    assert text.startswith("SequenceTable(22 records, length 120 to 120, 1 classes, 1 dropped)")
    start = "N" * 24
    assert f"P19 {EVIL} MKVMKVMKVMKVMKVMKVMKVMKV…KVMKVMKV (120 residues) human {start}" in text
    assert "NNNN (99 letters)" in text
    assert f"P20 {EVIL}" not in text
    assert "and 2 more rows" in text
    assert f"no label: 1 ({EVIL})" in text


def test_empty_sequence_table():
    assert read_fragment(SequenceTable([], [])).startswith("SequenceTable(0 records)")


def test_comparison_in_which_every_model_failed(comparison):
    records = [record._replace(value=np.nan) for record in comparison.records]
    failures = dict.fromkeys(comparison.models, "fold 0: no memory")
    failed = dataclasses.replace(comparison, records=records, failures_=failures)
    text = read_fragment(failed)
    assert "majority failed in fold 0: no memory" in text
    assert "Is " not in text
