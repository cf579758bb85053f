"""protlstm predict and explain do what the Python functions do."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from sklearn_protlstm.inspection import residue_attribution
from sklearn_protlstm.persistence import load_model, save_model
from sklearn_protlstm.table_prediction import predictions_table


def rows_of(path):
    return list(csv.DictReader(Path(path).read_text().splitlines(), delimiter="\t"))


def test_predict_gives_the_predictions_and_the_nearest_proteins(
    run, model_files, new_file, hosts_table, folder
):
    result = run("predict", model_files["composition"], new_file, "-o", "p.tsv")
    assert result.exit_code == 0
    assert "p.tsv" in result.stdout
    model, sequences = load_model(model_files["composition"]), hosts_table.sequences[::10]
    expected = predictions_table(model, sequences, ids=["N0", "N1", "N2"])
    rows = rows_of("p.tsv")
    assert list(rows[0]) == [
        "id",
        "prediction",
        "probability",
        "reason",
        "nearest_label",
        "percent_identity",
        "percent_coverage",
        "probability_bacteria",
        "probability_human",
        "probability_plant",
    ]
    assert [row["id"] for row in rows] == ["N0", "N1", "N2"]
    assert [row["prediction"] for row in rows] == expected["prediction"].tolist()
    assert [row["nearest_label"] for row in rows] == hosts_table.labels[::10].tolist()
    assert {row["percent_identity"] for row in rows} == {"100.0"}  # they are training proteins
    for row, plant in zip(rows, expected["probability_plant"]):
        assert float(row["probability_plant"]) == pytest.approx(plant, abs=1e-6)
        values = [float(row[f"probability_{name}"]) for name in model.classes_]
        assert float(row["probability"]) == max(values)
    assert sorted(path.name for path in folder.iterdir()) == ["new.fasta", "p.tsv"]


def test_predict_counts_unknown_and_skipped_sequences(run_json, model_files, folder):
    (folder / "new.fasta").write_text(f">a\n{'A' * 60}\n>b\nMNT1\n>c\n{'ACGT' * 20}\n>d\nM-T\n")
    document = run_json(
        "predict", model_files["composition"], "new.fasta", "-o", "p.tsv", "--skip-invalid"
    )
    assert document.predictions == {"unknown": 2}
    assert document.n_skipped == 2
    assert [(row["id"], row["reason"]) for row in rows_of("p.tsv")] == [
        ("a", "composition"),
        ("c", "composition"),
    ]
    assert [row["id"] for row in rows_of("p.tsv.skipped.tsv")] == ["b", "d"]
    assert [row["nearest_label"] for row in rows_of("p.tsv")] == ["", ""]


def test_force_removes_the_list_of_an_earlier_prediction(run, model_files, folder):
    command = ["predict", model_files["composition"], "new.fasta", "-o", "p.tsv", "--force"]
    (folder / "new.fasta").write_text(f">a\nMNT1\n>b\n{'MNTQ' * 15}\n")
    run(*command, "--skip-invalid")
    assert (folder / "p.tsv.skipped.tsv").exists()
    (folder / "new.fasta").write_text(f">b\n{'MNTQ' * 15}\n")
    assert run(*command).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["new.fasta", "p.tsv"]


def test_nearest_proteins_belong_to_their_rows(run, model_files, hosts_table, folder):
    sequence = hosts_table.sequences[25]
    (folder / "new.fasta").write_text(f">a\nMN1\n>b\n{sequence}\n>c\nMN2\n>d\n{'A' * 60}\n")
    run("predict", model_files["composition"], "new.fasta", "-o", "p.tsv", "--skip-invalid")
    rows = {row["id"]: row["nearest_label"] for row in rows_of("p.tsv")}
    assert rows == {"b": hosts_table.labels[25], "d": ""}


def test_predict_with_a_model_without_unknown_answers(run, model_files, new_file):
    save_model(load_model(model_files["lstm"]).estimator_, "plain.model")
    assert run("predict", "plain.model", new_file, "-o", "p.tsv").exit_code == 0
    assert list(rows_of("p.tsv")[0])[:4] == [
        "id",
        "prediction",
        "probability",
        "probability_bacteria",
    ]


@pytest.mark.parametrize("source", ["table", "standard input", "gzip"])
def test_predict_reads_other_sources(run, model_files, new_file, hosts_table, folder, source):
    content = Path(new_file).read_bytes()
    run("predict", model_files["composition"], new_file, "-o", "expected.tsv")
    options = {"input": content} if source == "standard input" else {}
    if source == "table":
        lines = [f"N{i},{sequence}" for i, sequence in enumerate(hosts_table.sequences[::10])]
        Path("new.csv").write_text("\n".join(["Entry,Sequence", *lines]))
    if source == "gzip":
        Path("new.gz").write_bytes(gzip.compress(content))
    name = {"table": "new.csv", "gzip": "new.gz"}.get(source, "-")
    result = run("predict", model_files["composition"], name, "-o", "p.tsv", **options)
    assert result.exit_code == 0, result.stderr
    assert Path("p.tsv").read_text() == Path("expected.tsv").read_text()


def test_interrupted_prediction_resumes(run, model_files, new_file, monkeypatch):
    from sklearn_protlstm.command import _predict

    def interrupt(*_):
        raise KeyboardInterrupt

    command = ["predict", model_files["composition"], new_file, "-o", "p.tsv"]
    with monkeypatch.context() as patch:
        patch.setattr(_predict, "_find_relatives", interrupt)
        result = run(*command)
    assert result.exit_code == 130
    advice = "Run the same command again to resume from p.tsv.partial."
    assert result.stderr == f"Error: Interrupted. {advice}\n"
    assert not Path("p.tsv").exists()
    assert len(rows_of("p.tsv.partial")) == 3
    assert run(*command).exit_code == 0
    assert len(rows_of("p.tsv")) == 3
    assert not Path("p.tsv.partial").exists()


def test_explain_gives_the_scores_of_residue_attribution(
    run, run_json, model_files, new_file, hosts_table
):
    command = ["explain", model_files["lstm"], new_file, "--record", "N1", "--seed", "3"]
    document = run_json(*command, "-o", "p1.html")
    model, sequence = load_model(model_files["lstm"]), hosts_table.sequences[10]
    attribution = residue_attribution(model.estimator_, [sequence], random_state=3)
    assert document.id == "N1"
    assert document.prediction == attribution.targets[0]
    scores = [row["score"] for row in document.residues]
    np.testing.assert_allclose(scores, attribution.scores[0])
    assert "".join(row["residue"] for row in document.residues) == sequence
    page = Path("p1.html").read_text()
    assert "N1" in page
    assert "--record N1 --seed 3 -o p1.html --json" in page
    result = run(*command, "-o", "p2.html")
    assert f"N1: {document.prediction}, probability {document.probability:.2f}" in result.stdout
    place = int(np.argmax(np.abs(attribution.scores[0])))
    first = result.stdout.splitlines()[5].split()
    assert first == [str(place + 1), sequence[place], f"{scores[place]:.3f}"]


def test_explain_takes_the_lstm_of_a_stack(run_json, new_file, hosts_table):
    from sklearn.pipeline import make_pipeline

    from sklearn_protlstm._encoding.encoder import SequenceEncoder
    from sklearn_protlstm.baselines import make_kmer_baseline
    from sklearn_protlstm.classifier import ProtLSTMClassifier
    from sklearn_protlstm.selective import SelectiveClassifier
    from sklearn_protlstm.stacking import GroupStackingClassifier

    lstm = make_pipeline(
        SequenceEncoder(), ProtLSTMClassifier(hidden_size=4, max_epochs=1, random_state=0)
    )
    stack = GroupStackingClassifier(
        [("kmers", make_kmer_baseline(k=1)), ("lstm", lstm)], cv=2, random_state=0
    )
    model = SelectiveClassifier(stack, precision=0)
    model.fit(hosts_table.sequences, hosts_table.labels, groups=range(30))
    save_model(model, "stack.model")
    document = run_json("explain", "stack.model", new_file, "--record", "N1", "-o", "p1.html")
    sequence = hosts_table.sequences[10]
    label = model.classes_[model.predict_proba([sequence]).argmax()]
    network = model.estimator_.estimators_[1][0]
    expected = residue_attribution(network, [sequence], target=label)
    assert document.prediction == label  # of the stack, not of the LSTM
    np.testing.assert_allclose([row["score"] for row in document.residues], expected.scores[0])


@pytest.mark.slow
def test_compare_writes_a_report(run, hosts_file):
    options = ["--model", "composition", "--n-folds", "2", "--report", "r.html"]
    result = run("compare", hosts_file, "--label", "host=(.+)$", *options)
    assert result.exit_code == 0
    assert result.stderr == "The report is in r.html.\n"
    page = Path("r.html").read_text()
    assert "protlstm compare hosts.fasta --label &#39;host=(.+)$&#39;" in page
    assert "composition" in page
