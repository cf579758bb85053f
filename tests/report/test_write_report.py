"""A report is one safe file with everything that was passed, and the same bytes every time."""

import base64
import dataclasses
import os
import re
import sys
from importlib.metadata import version

import numpy as np
import pytest
from hostile_results import EVIL
from page_reader import PageReader, list_faults

from sklearn_protlstm.report import write_report


@pytest.fixture
def write(tmp_path):
    def write(**arguments):
        path = tmp_path / "report.html"
        write_report(path, **{"title": "Hosts", **arguments})
        return path.read_text(encoding="utf-8")

    return write


def test_page_has_no_faults(full_page):
    assert list_faults(full_page) == []


@pytest.mark.parametrize(
    ("wrong", "right", "fault"),
    [
        ("</h1>", "</h1><script>1</script>", "script is active"),
        ('scope="row"', "", "without scope"),
        ('href="#data"', 'href="https://example.org"', "is elsewhere"),
        ('id="data"', 'id="origin"', "occurs twice"),
        ("</section>", "", "not closed"),
        ("<h3>", "<h4>", "followed by 4"),
    ],
)
def test_faults_are_seen(full_page, wrong, right, fault):
    assert fault in " ".join(list_faults(full_page.replace(wrong, right, 1)))


def test_names_from_the_data_stay_text(full_page):
    page = PageReader(full_page)
    assert page.joined_text().count(EVIL) >= 10
    assert page.all("script") == []


def test_policy_forbids_scripts_and_network(write, data_report):
    [policy] = [
        attributes["content"]
        for attributes in PageReader(write(data_report=data_report)).all("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")


def test_sections_are_there_if_they_have_content(write, full_page, everything):
    def sections(page):
        return [attributes["id"] for attributes in PageReader(page).all("section")]

    assert sections(full_page) == ["data", "comparison", "proteins", "tables", "origin"]
    assert sections(write(data_report=everything["data_report"])) == ["data", "origin"]
    assert sections(write(tables=everything["tables"])) == ["tables", "origin"]


def test_page_tells_about_data_folds_verdicts_and_origin(full_page):
    text = PageReader(full_page).joined_text()
    for words in (
        "24 sequences, 2 classes, 12 groups",
        "Note: The composition alone predicts the class with a balanced accuracy of",
        "There are 3 folds, with 16 training sequences and 8 test sequences.",
        "no group is on both sides of a fold",
        f"k-mers {EVIL} is better than majority",
        "Recall: share of each class that a model recognises",
        f"protlstm compare {EVIL}",
        "Seed: 7",
        f"scikit-learn {version('scikit-learn')}",
    ):
        assert words in text


def test_random_folds_come_with_a_warning(write, comparison):
    text = PageReader(
        write(comparison=dataclasses.replace(comparison, grouped=False))
    ).joined_text()
    assert "The folds are random. Near-copies of the test proteins may be in the training" in text
    assert "no group is on both sides" not in text


def test_repeats_and_unequal_folds_are_described(write, comparison):
    folds = [
        fold._replace(repeat=repeat, train=fold.train[repeat:])
        for repeat in (0, 1)
        for fold in comparison.folds
    ]
    records = [
        record._replace(fold=record.fold + shift)
        for shift in (0, 3)
        for record in comparison.records
    ]
    repeated = dataclasses.replace(
        comparison,
        folds=folds,
        records=records,
        predicted=np.repeat(comparison.predicted, 2, axis=1),
        probabilities=np.repeat(comparison.probabilities, 2, axis=1),
    )
    text = PageReader(write(comparison=repeated)).joined_text()
    assert "There are 6 folds in 2 repeats, with 15 to 16 training sequences and 8 test" in text


def test_pictures_are_inside_the_page(write, comparison):
    images = PageReader(write(comparison=comparison)).all("img")
    assert [attributes["alt"].partition(":")[0] for attributes in images] == [
        "Scores of each model on every fold (plot)",
        f"Confusion matrix of k-mers {EVIL}",
        "Confusion matrix of length only",
        "Confusion matrix of majority",
        "Reliability",
    ]
    for attributes in images:
        start, _, content = attributes["src"].partition(",")
        assert start == "data:image/svg+xml;base64"
        svg = base64.b64decode(content).decode("utf-8")
        assert svg.rstrip().endswith("</svg>")
        assert "<script" not in svg
        assert "dc:date" not in svg


def test_same_content_gives_the_same_bytes(write, full_page, everything):
    assert write(**everything) == full_page


def test_settings_of_the_user_do_not_change_the_pictures(write, comparison):
    import matplotlib.pyplot as plt

    page = write(comparison=comparison)
    with plt.style.context("dark_background"):
        assert write(comparison=comparison) == page


def test_dollar_signs_in_names_are_not_formulas(write, comparison):
    names = [r"$\frac$", *comparison.models[1:]]
    records = [
        record._replace(model=names[comparison.models.index(record.model)])
        for record in comparison.records
    ]
    renamed = dataclasses.replace(comparison, models=names, records=records)
    assert len(PageReader(write(comparison=renamed)).all("img")) == 5


def test_page_without_matplotlib(write, comparison, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    page = write(comparison=comparison)
    assert list_faults(page) == []
    assert PageReader(page).all("img") == []
    text = PageReader(page).joined_text()
    assert 'Plots need matplotlib. Install it with pip install "sklearn-protlstm[plot]"' in text
    assert "Recall: share of each class" in text


def test_page_without_probabilities_says_how_to_get_them(write, comparison):
    page = PageReader(write(comparison=dataclasses.replace(comparison, probabilities=None)))
    assert len(page.all("img")) == 4
    assert (
        "Reliability: predicted probability and observed frequency of each class: not drawn. "
        "plot_reliability needs class probabilities, but this comparison did not keep them. Call "
        "compare_models with keep_probabilities=True."
    ) in page.joined_text()


def test_model_without_probabilities_is_left_out_of_the_reliability(write, comparison):
    probabilities = comparison.probabilities.copy()
    probabilities[1] = np.nan
    page = write(comparison=dataclasses.replace(comparison, probabilities=probabilities))
    assert len(PageReader(page).all("img")) == 5


def test_interrupted_comparison_has_scores_but_no_verdicts(write, comparison):
    first = comparison.folds[0].test
    predicted = np.full_like(comparison.predicted, -1)
    predicted[:, :, first] = comparison.predicted[:, :, first]
    stopped = dataclasses.replace(
        comparison,
        records=[record for record in comparison.records if record.fold == 0],
        predicted=predicted,
    )
    page = write(comparison=stopped)
    assert list_faults(page) == []
    text = PageReader(page).joined_text()
    assert "Interrupted: all models finished 1 of 3 folds." in text
    assert "p values" not in text


def test_failed_model_is_named(write, comparison):
    records = [
        record._replace(value=np.nan) if record.model == "majority" else record
        for record in comparison.records
    ]
    failed = dataclasses.replace(
        comparison, records=records, failures_={"majority": "fold 0: ValueError: no <memory>"}
    )
    page = PageReader(write(comparison=failed))
    assert "majority failed in fold 0: ValueError: no <memory>" in page.joined_text()
    assert "better than majority" not in page.joined_text()
    assert len(page.all("img")) == 4


def test_long_tables_are_cut(write):
    page = write(tables=[("Many", {"id": [f"P{number}" for number in range(1003)]})])
    assert "P999<" in page
    assert "P1000<" not in page
    assert "and 3 more rows" in page


def test_data_frame_as_a_table(write):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": ["P1"], "probability": [0.123456]})
    assert '<td class="number">0.1235</td>' in write(tables=[("Predictions", frame)])


def test_file_appears_in_one_step(tmp_path, data_report):
    path = tmp_path / "report.html"
    path.write_text("former", encoding="utf-8")
    with pytest.raises(TypeError):
        write_report(path, title="Hosts", data_report=data_report, tables=[3])
    assert path.read_text(encoding="utf-8") == "former"
    write_report(path, title="Hosts", data_report=data_report)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert os.listdir(tmp_path) == ["report.html"]


def test_undecodable_names_are_replaced(write):
    assert "P?1" in write(tables=[("Names", {"id": ["P\udcff1"]})])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {},
            ValueError,
            "There is nothing to report. Pass data_report, comparison, attributions or",
        ),
        ({"title": None}, TypeError, "title must be a str, got None of type NoneType"),
        ({"command": ["a"]}, TypeError, "command must be a str or None, got ['a'] of type list"),
        (
            {"data_report": "good"},
            TypeError,
            "data_report must be the result of check_data or None, got 'good' of type str",
        ),
        (
            {"comparison": 3},
            TypeError,
            "comparison must be the result of compare_models or None, got 3 of type int",
        ),
        (
            {"attributions": 3},
            TypeError,
            "attributions must be a list of results of residue_attribution, got 3. Pass [attrib",
        ),
        (
            {"attributions": ["MNTQ"]},
            TypeError,
            "attributions[0] must be a result of residue_attribution, got 'MNTQ' of type str",
        ),
        (
            {"tables": ["Predictions"]},
            TypeError,
            "tables[0] must be a caption and a DataFrame or dict of columns, such as "
            "(\"Predictions\", frame), got 'Predictions'",
        ),
        (
            {"tables": [("Predictions", [1])]},
            TypeError,
            "tables[0] must be a caption and a DataFrame or dict of columns",
        ),
        (
            {"tables": [("a", {"x": [1]}), ("b", {"x": [1], "y": []})]},
            ValueError,
            "tables[1] needs one or more columns of the same length, got the lengths {'x': 1, ",
        ),
        (
            {"tables": [("a", {})]},
            ValueError,
            "tables[0] needs one or more columns of the same length, got the lengths {}",
        ),
    ],
)
def test_wrong_arguments(write, arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        write(**arguments)


def test_single_attribution_is_not_a_list(write, attribution):
    with pytest.raises(TypeError, match=re.escape("Pass [attribution]")):
        write(attributions=attribution)


def test_tokens_have_no_letters(write, attribution):
    tokens = dataclasses.replace(attribution, sequences=[np.arange(2, 47)])
    message = re.escape("attributions[0] explains a bare ProtLSTMClassifier, which reads tokens")
    with pytest.raises(TypeError, match=message):
        write(attributions=[tokens])


def test_missing_folder(tmp_path, data_report):
    with pytest.raises(FileNotFoundError):
        write_report(tmp_path / "missing" / "report.html", title="Hosts", data_report=data_report)
