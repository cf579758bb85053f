"""protlstm on proteins with any number of labels does what the Python functions do."""

import csv
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import test_layering

from sklearn_protlstm.baselines import make_kmer_baseline
from sklearn_protlstm.comparison import compare_models
from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.homology import cluster_sequences
from sklearn_protlstm.inspection import residue_attribution
from sklearn_protlstm.persistence import load_model, save_model
from sklearn_protlstm.table_prediction import predictions_table
from sklearn_protlstm.thresholds import LabelThresholdClassifier

DATA = Path(test_layering.__file__).parent / "data"
FASTA = ("--label", r"host=(\S+)")
ALL = ("--hosts", "all")


@pytest.fixture(scope="module")
def proteins():
    """Ids, sequences and labels of 40 proteins. W is for human, H for pig."""
    rng = np.random.RandomState(0)
    labels = [("human", "pig"), ("bird",), ("pig",), ("human",), ("bird", "pig")] * 8
    sequences = []
    for each in labels:
        sequence = rng.choice(list("ACDEFGIKLMNPQRSTVY"), 30)
        sequence[3:8] = "W" if "human" in each else sequence[3:8]
        sequence[15:20] = "H" if "pig" in each else sequence[15:20]
        sequences.append("".join(sequence))
    return [f"P{number}" for number in range(40)], sequences, labels


@pytest.fixture
def without_shortcuts(monkeypatch):
    """They take most of the time of a check."""
    monkeypatch.setattr("sklearn_protlstm.data_checks._shortcuts._MAX_LABELS", 0)


@pytest.fixture
def fasta(folder, proteins):
    records = [f">{id_} host={';'.join(y)}\n{x}\n" for id_, x, y in zip(*proteins)]
    (folder / "p.fasta").write_text("".join(records))
    return "p.fasta"


@pytest.fixture
def model(run, fasta):
    options = ["--model", "composition", "-o", "m.model"]
    result = run("train", fasta, *FASTA, *ALL, *options)
    assert result.exit_code == 0, result.stderr
    return "m.model"


def rows_of(path):
    return list(csv.DictReader(Path(path).read_text().splitlines(), delimiter="\t"))


def report_of(sequences, labels):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check_data(sequences, labels)


def test_check_gives_the_report_of_check_data(run, run_json, fasta, proteins, monkeypatch):
    monkeypatch.setattr("sklearn_protlstm.data_checks._shortcuts._MAX_LABELS", 1)
    report = report_of(*proteins[1:])
    document = run_json("check", fasta, *FASTA, *ALL)
    assert [row["label"] for row in document.labels] == ["bird", "human", "pig"]
    assert [row["sequences"] for row in document.labels] == report.classes["sequences"]
    assert [row["label"] for row in document.shortcuts] == [s.label for s in report.shortcuts]
    assert [row["kind"] for row in document.findings] == [each.kind for each in report.findings]
    assert document.exit_code == 0
    lines = run("check", fasta, *FASTA, *ALL).stdout.splitlines()
    assert lines[0] == "40 proteins, 1.40 labels per protein"
    trait = next(line.split() for line in lines if " balanced accuracy" in line)
    assert trait[:2] == ["label", "trait"]


@pytest.mark.usefixtures("without_shortcuts")
@pytest.mark.parametrize(
    ("options", "classes"),
    [
        (["--hosts", "all"], {"bird": 16, "human": 16, "pig": 24}),
        (["--separator", ";"], {"bird": 16, "human": 16, "pig": 24}),
        (["--hosts", "first"], {"bird": 16, "human": 16, "pig": 8}),
        (["--hosts", "only"], {"bird": 8, "human": 8, "pig": 8}),
        ([], {"bird": 8, "bird;pig": 8, "human": 8, "human;pig": 8, "pig": 8}),
    ],
)
def test_hosts_decide_which_labels_count(run_json, fasta, options, classes):
    document = run_json("check", fasta, *FASTA, *options)
    rows = getattr(document, "labels", None) or document.classes
    assert {next(iter(row.values())): row["sequences"] for row in rows} == classes


@pytest.mark.usefixtures("without_shortcuts")
@pytest.mark.parametrize("form", ["column", "second table", "row for each label"])
def test_labels_of_tables(run_json, fasta, proteins, folder, form):
    expected = run_json("check", fasta, *FASTA, *ALL)
    ids, sequences, labels = proteins
    joined = [" / ".join(each) for each in labels]
    if form == "column":
        lines = ["id,sequence,Host", *map(",".join, zip(ids, sequences, joined))]
        (folder / "p.csv").write_text("\n".join(lines))
        options = ["p.csv", "--label-column", "Host", "--separator", "/"]
    elif form == "second table":
        lines = ["id\tlabel", *map("\t".join, zip(ids, joined))]
        options = [fasta, "--labels", "labels.tsv", "--separator", "/"]
    else:
        lines = ["id\tlabel", *(f"{id_}\t{y}" for id_, each in zip(ids, labels) for y in each)]
        options = [fasta, "--labels", "labels.tsv", *ALL]
    (folder / "labels.tsv").write_text("\n".join(lines))
    assert run_json("check", *options) == expected


@pytest.mark.parametrize("name", ["viruses.gb", "viruses.dat"])
def test_all_hosts_of_annotations(run, run_json, name):
    only, every = (run_json("check", DATA / name, "--hosts", hosts) for hosts in ("only", "all"))
    counts = [sum(row["sequences"] for row in rows) for rows in (only.classes, every.labels)]
    assert counts[0] < counts[1]
    assert "--hosts all keeps" in run("check", DATA / name, *ALL).stderr


def test_compare_gives_the_scores_of_compare_models(run, run_json, fasta, proteins):
    options = ["--model", "composition", "--n-folds", "2", "--seed", "1"]
    document = run_json("compare", fasta, *FASTA, *ALL, *options)
    _, sequences, labels = proteins
    comparison = compare_models(
        {"composition": make_kmer_baseline(k=1)},
        sequences,
        labels,
        cv=2,
        groups=cluster_sequences(sequences),
        random_state=1,
    )
    assert document.labels == ["bird", "human", "pig"]
    assert document.n_proteins == 40
    expected = comparison.summary().set_index("model")
    for name in ("f1_macro", "average_precision", "log_loss"):
        scores = {row["model"]: row[name] for row in document.scores}
        assert scores == pytest.approx(expected[name].to_dict())
    text = run("compare", fasta, *FASTA, *ALL, *options).stdout
    assert "40 sequences with 3 labels" in text
    assert "macro-F1  micro-F1  macro-AP  all right" in text


def test_train_fits_thresholds(run_json, fasta, proteins):
    options = ["--model", "composition", "--seed", "2", "-o", "m.model"]
    document = run_json("train", fasta, *FASTA, *ALL, *options)
    _, sequences, labels = proteins
    expected = LabelThresholdClassifier(make_kmer_baseline(k=1), random_state=2)
    expected.fit(sequences, labels, groups=cluster_sequences(sequences))
    found = load_model("m.model")
    np.testing.assert_allclose(found.thresholds_, expected.thresholds_)
    np.testing.assert_allclose(found.predict_proba(sequences), expected.predict_proba(sequences))
    frame = expected.frame()
    assert [row["label"] for row in document.labels] == ["bird", "human", "pig"]
    for name in ("threshold", "precision", "n_positive"):
        assert [row[name] for row in document.labels] == pytest.approx(frame[name].tolist())
    n_families = len(set(cluster_sequences(sequences).tolist()))
    assert (document.n_proteins, document.n_families) == (40, n_families)
    assert document.precision_asked is None


def test_label_without_the_precision_is_never_predicted(run, fasta, monkeypatch):
    monkeypatch.setattr(
        "sklearn_protlstm.thresholds._classifier.choose_thresholds",
        lambda *_: np.array([np.inf, 0.5, 0.5]),
    )
    options = ["--model", "composition", "--precision", "0.9", "-o", "m.model", "--json"]
    result = run("train", fasta, *FASTA, *ALL, *options)
    assert result.stderr.startswith(
        "Warning: No threshold reaches --precision 0.9 on held-out families for the label(s) "
        "'bird', so they are never predicted. Ask for a lower precision"
    )
    document = json.loads(result.stdout)
    assert document["precision_asked"] == 0.9
    bird = document["labels"][0]
    # JSON has no infinity.
    assert (bird["threshold"], bird["recall"]) == (None, 0)
    lines = run("train", fasta, *FASTA, *ALL, *options[:-1], "--force").stdout.splitlines()
    assert [line.split()[1] for line in lines[5:8]] == ["never", "0.500", "0.500"]


def test_train_prints_the_scores_of_each_label(run, fasta):
    result = run("train", fasta, *FASTA, *ALL, "--model", "composition", "-o", "m.model")
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"m\.model: 40 proteins of \d+ families, 3 labels\.", lines[0])
    assert lines[1] == "Predictions of each label for families that the model has not seen"
    assert lines[3].split() == ["label", "threshold", "precision", "recall", "F1", "proteins"]
    assert [line.split()[0] for line in lines[5:8]] == ["bird", "human", "pig"]


def test_predict_writes_a_column_for_each_label(run, run_json, model, fasta, proteins):
    document = run_json("predict", model, fasta, "-o", "p.tsv")
    expected = predictions_table(load_model(model), proteins[1])
    rows = rows_of("p.tsv")
    names = ["probability_bird", "probability_human", "probability_pig"]
    assert list(rows[0]) == ["id", "prediction", *names]
    assert [row["prediction"] for row in rows] == expected["prediction"].tolist()
    found = [[float(row[name]) for name in names] for row in rows]
    np.testing.assert_allclose(found, expected[names], atol=1e-6)
    indicator = load_model(model).predict(proteins[1])
    counts = dict(zip(["bird", "human", "pig"], indicator.sum(axis=0)))
    assert {name: document.predictions[name] for name in counts} == counts
    text = run("predict", model, fasta, "-o", "p.tsv", "--force").stdout
    assert text.splitlines()[2].split() == ["label", "proteins"]


def test_predict_counts_proteins_without_a_label(run_json, model, folder, monkeypatch):
    (folder / "new.fasta").write_text(">a\nMKT\n>b\nMNT\n")
    monkeypatch.setattr(
        LabelThresholdClassifier,
        "predict_proba",
        lambda _, sequences: np.array([[0, 1, 1], [0, 0, 0]]),
    )
    document = run_json("predict", model, "new.fasta", "-o", "p.tsv")
    assert document.predictions == {"human": 1, "pig": 1, "(no label)": 1}
    assert [row["prediction"] for row in rows_of("p.tsv")] == ["human;pig", ""]


@pytest.mark.slow
def test_explain_takes_a_predicted_label_or_the_one_that_is_asked_for(
    run, run_json, fasta, proteins
):
    options = ["--model", "lstm", "--epochs", "1", "-o", "l.model"]
    assert run("train", fasta, *FASTA, *ALL, *options).exit_code == 0
    model, sequence = load_model("l.model"), proteins[1][1]
    [probabilities] = model.predict_proba([sequence])
    least, most = (str(model.classes_[k]) for k in probabilities.argsort()[[0, -1]])
    command = ["explain", "l.model", fasta, "--record", "P1", "-o", "x.html", "--force"]

    model.thresholds_ = np.full(3, np.inf)
    save_model(model, "l.model")
    document = run_json(*command)
    assert (document.prediction, document.target) == ([], most)
    assert "P1: no label. Explained: " in run(*command).stdout

    model.thresholds_ = np.where(model.classes_ == least, 0, np.inf)
    save_model(model, "l.model")
    document = run_json(*command)
    assert (document.prediction, document.target) == ([least], least)
    assert document.probability == pytest.approx(probabilities.min())
    expected = residue_attribution(model.estimator_, [sequence], target=least, random_state=0)
    scores = [row["score"] for row in document.residues]
    np.testing.assert_allclose(scores, expected.scores[0], atol=1e-6)

    text = run(*command, "--target", most).stdout
    probability = f"{probabilities.max():.2f}"
    assert text.startswith(f"P1: {least}. Explained: {most}, probability {probability}\n")


def test_label_with_a_semicolon_is_refused_before_the_training(run, fasta, folder):
    text = (folder / fasta).read_text().replace(";", ",").replace("host=bird\n", "host=b;c\n")
    (folder / "p.fasta").write_text(text)
    result = run("train", fasta, *FASTA, "--separator", ",", "--model", "composition", "-o", "m")
    assert result.exit_code == 1
    assert (
        "The label 'b;c' has a ';', which separates labels in a table of predictions. Pass "
        "--separator ';' if it is several labels, or rename it."
    ) in result.stderr
    assert not (folder / "m").exists()


def test_pattern_that_would_lose_labels_is_refused(run, fasta):
    result = run("check", fasta, "--label", r"host=(\w+)", *ALL)
    assert result.exit_code == 1
    assert "finds 'human' and stops at the separator ';', so it would lose the" in result.stderr
