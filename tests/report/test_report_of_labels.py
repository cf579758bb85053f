"""A report on any number of labels for each sequence."""

import warnings

import pytest
from hostile_results import EVIL, make_proteins
from page_reader import PageReader, list_faults
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import KmerVectorizer, compare_models
from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.report import write_report


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    proteins, hosts, groups = make_proteins()
    labels = [[host] if row % 3 else ["human", EVIL] for row, host in enumerate(hosts)]
    comparison = compare_models(
        {
            "k-mers": make_pipeline(KmerVectorizer(k=1), OneVsRestClassifier(LogisticRegression())),
            # The real length baseline would take most of the time.
            "length only": DummyClassifier(),
        },
        proteins,
        labels,
        cv=2,
        groups=groups,
        scoring=["f1_macro", "log_loss"],
        keep_probabilities=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = check_data(proteins, labels, groups)
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, title="Hosts", data_report=report, comparison=comparison)
    return path.read_text(encoding="utf-8")


def test_page_has_no_faults(page):
    assert list_faults(page) == []


def test_page_speaks_of_labels(page):
    text = PageReader(page).joined_text()
    for words in (
        "24 sequences, 2 labels, 1.33 labels per sequence, 12 groups",
        "Labels, with lengths in residues",
        "Prediction of each label from one trait alone",
        "k-mers: how sequences with and without each label are predicted",
        "Reliability: predicted probability and observed frequency of each label",
    ):
        assert words in text
    assert "each class" not in text
    assert "not drawn" not in text


def test_names_of_labels_stay_text(page):
    assert PageReader(page).joined_text().count(EVIL) >= 3
