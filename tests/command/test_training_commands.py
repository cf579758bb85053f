"""protlstm check, compare and train do what the Python functions do."""

import json
import os
import warnings

import numpy as np
import pytest

from sklearn_protlstm.baselines import make_kmer_baseline
from sklearn_protlstm.comparison import compare_models
from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.homology import cluster_sequences
from sklearn_protlstm.persistence import load_model
from sklearn_protlstm.readers import SequenceTable, write_fasta

LABEL = ("--label", "host=(.+)$")


def test_check_gives_the_report_of_check_data(run, run_json, hosts_file, hosts_table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = check_data(hosts_table.sequences, hosts_table.labels)
    document = run_json("check", hosts_file, *LABEL)
    assert document.ok == report.ok
    assert document.exit_code == (0 if report.ok else 1)
    assert [row["class"] for row in document.classes] == report.classes["class"]
    assert [row["sequences"] for row in document.classes] == [10, 10, 10]
    assert [row["kind"] for row in document.findings] == [each.kind for each in report.findings]
    text = run("check", hosts_file, *LABEL).stdout
    assert "30 proteins" in text
    assert "bacteria" in text


def test_check_fails_if_there_are_warnings(run, run_json, folder):
    proteins = ">a h=x\nMNTQAK\n>b h=y\nMNTQAK\n>c h=y\nGDKICL\n"
    (folder / "p.fasta").write_text(proteins)
    document = run_json("check", "p.fasta", "--label", r"h=(\w)")
    assert document.exit_code == 1
    first = document.findings[0]
    assert first["kind"] == "conflicting labels"
    assert first["ids"] == ["a", "b"]
    result = run("check", "p.fasta", "--label", r"h=(\w)")
    assert result.exit_code == 1
    assert "WARNING: 2 sequences have conflicting labels" in result.stdout
    assert "(a, b)" in result.stdout
    assert result.stderr == ""  # the report has the warnings


def test_check_ends_every_sentence(run, folder):
    # The proteins of one class start with M, as if the others were cut from longer proteins.
    generator = np.random.RandomState(0)
    bodies = ["".join(generator.choice(list("ACDEFGHIKL"), 60)) for _ in range(60)]
    lines = [f">{i} h={'xy'[i % 2]}\n{'M' * (i % 2)}{body}\n" for i, body in enumerate(bodies)]
    (folder / "cut.fasta").write_text("".join(lines))
    stdout = run("check", "cut.fasta", "--label", r"h=(\w)").stdout
    assert "cut from longer proteins?\n" in stdout
    findings = [line for line in stdout.splitlines() if line.startswith(("WARNING:", "INFO:"))]
    assert all(line.endswith(("?", ".", ")")) for line in findings)


def test_compare_gives_the_scores_of_compare_models(run, run_json, hosts_file, hosts_table):
    options = ["--model", "kmers", "--model", "composition", "--n-folds", "2", "--seed", "1"]
    document = run_json("compare", hosts_file, *LABEL, *options)
    comparison = compare_models(
        {"k-mers": make_kmer_baseline(), "composition": make_kmer_baseline(k=1)},
        hosts_table.sequences,
        hosts_table.labels,
        cv=2,
        groups=cluster_sequences(hosts_table.sequences),
        random_state=1,
    )
    assert document.unseen_families
    assert document.complete
    scores = {row["model"]: row["accuracy"] for row in document.scores}
    expected = comparison.summary().set_index("model")["accuracy"]
    assert scores == pytest.approx(expected.to_dict())
    assert document.verdicts == [comparison.verdict("composition", "k-mers")]


def test_compare_prints_a_table_and_a_verdict(run, hosts_file):
    options = ["--model", "composition", "--n-folds", "2", "--folds", "random"]
    result = run("compare", hosts_file, *LABEL, *options)
    assert result.exit_code == 0
    assert "3 models, 2 folds, 30 sequences of 3 classes" in result.stdout
    assert "near-copies may be on both sides. Pass --folds cluster" in result.stdout
    verdict = result.stdout.splitlines()[-1]
    assert verdict.startswith("Verdict: composition is ")
    assert "majority on random folds" in verdict


def test_compare_with_an_lstm(run_json, hosts_file):
    options = ["--model", "lstm", "--epochs", "1", "--n-folds", "2"]
    document = run_json("compare", hosts_file, *LABEL, *options)
    assert document.failures == {}
    assert [row["model"] for row in document.scores] == ["LSTM", "majority", "length only"]


@pytest.mark.slow
def test_train_says_how_good_the_model_is(run, run_json, hosts_file, hosts_table):
    options = ["--model", "composition", "-o", "m.model"]
    document = run_json("train", hosts_file, *LABEL, *options)
    model = load_model("m.model")
    assert document.exit_code == 0
    assert document.classes == ["bacteria", "human", "plant"]
    assert document.n_proteins == 30
    assert document.n_families == len(set(cluster_sequences(hosts_table.sequences)))
    assert document.coverage == model.coverage_
    assert document.precision == model.precision_
    result = run("train", hosts_file, *LABEL, *options, "--force", "--seed", "1")
    assert f"the model answers {load_model('m.model').coverage_:.0%}" in result.stdout
    assert not np.array_equal(load_model("m.model").scores_, model.scores_)  # another seed


@pytest.mark.slow
def test_train_without_any_answer_says_which_precision_is_in_reach(run, hosts_file):
    options = ["--model", "composition", "-o", "m.model", "--precision", "0.999"]
    result = run("train", hosts_file, *LABEL, *options)
    assert result.exit_code == 0
    assert "the model never answers" in result.stdout
    assert "Warning: No threshold reaches --precision 0.999" in result.stderr
    assert "Pass --precision 0." in result.stderr


def test_train_resumes_from_checkpoints(run, hosts_file, folder):
    options = ["--model", "lstm", "--epochs", "1", "--checkpoints", "runs", "-o", "m.model"]
    assert run("train", hosts_file, *LABEL, *options).exit_code == 0
    first = (folder / "m.model").read_bytes()
    checkpoints = {path: path.stat().st_mtime_ns for path in (folder / "runs").iterdir()}
    assert len(checkpoints) == 6  # five folds and the whole set
    assert run("train", hosts_file, *LABEL, *options, "--force").exit_code == 0
    assert (folder / "m.model").read_bytes() == first
    assert {path: path.stat().st_mtime_ns for path in (folder / "runs").iterdir()} == checkpoints


def test_stack_gets_the_options_of_its_networks():
    from sklearn_protlstm.command._models import make_model

    stack = make_model("stack", seed=0, epochs=3, checkpoints="runs")
    params = stack.get_params()
    for member in ("lstm", "windows"):
        assert params[f"{member}__protlstmclassifier__max_epochs"] == 3
        assert params[f"{member}__protlstmclassifier__checkpoint_dir"] == "runs"
    assert make_model("stack", seed=0).get_params()["windows__protlstmclassifier__max_epochs"] == 4


def test_identity_decides_what_a_family_is():
    from sklearn_protlstm.command._models import cluster

    protein = "MNTQILVFIACVLIEAKGDKICLHWRNTPYSEQ"
    table = SequenceTable(["a", "b"], [protein, protein.replace("VFIAC", "IYLSC")])
    assert cluster(table, 0.5).tolist() == [0, 0]
    assert cluster(table, 0.95).tolist() == [0, 1]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt", "csv.gz"])
def test_labels_from_a_column(run_json, folder, suffix):
    import gzip

    delimiter = "," if "csv" in suffix else "\t"
    rows = [("Accession", "Host", "Sequence"), ("P1", "dog", "MNTQAK"), ("P2", "cat", "GDKICL")]
    content = "".join(f"{delimiter.join(row)}\n" for row in rows).encode()
    name = f"proteins.{suffix}"
    (folder / name).write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    document = run_json("check", name, "--label-column", "Host")
    assert [row["class"] for row in document.classes] == ["cat", "dog"]
    assert "P1" in str(document.findings)


def test_labels_from_a_second_table(run_json, hosts_file, hosts_table, folder):
    lines = [f"{id_}\t{label}" for id_, label in zip(hosts_table.ids, hosts_table.labels)]
    (folder / "labels.tsv").write_text("\n".join(["id\tlabel", *lines[::-1]]))
    joined = run_json("check", hosts_file, "--labels", "labels.tsv")
    assert joined == run_json("check", hosts_file, *LABEL)


def test_proteins_without_a_label_can_be_left_out(run, run_json, hosts_file, folder):
    (folder / "labels.tsv").write_text("id\tlabel\nV1\tx\n")
    result = run("check", hosts_file, "--labels", "labels.tsv")
    assert result.exit_code == 1
    assert "have no label in labels.tsv" in result.stderr
    (folder / "p.fasta").write_text(">a h=x\nMNTQAK\n>b h=y\nMNTQ\n>c\nGDKICL\n")
    document = run_json("check", "p.fasta", "--label", r"h=(\w)", "--skip-unlabelled")
    assert [row["sequences"] for row in document.classes] == [1, 1]


@pytest.mark.parametrize("name", ["viruses.gb", "viruses.dat"])
def test_labels_from_annotations(run, name):
    from pathlib import Path

    import test_layering

    data = Path(test_layering.__file__).parent / "data" / name
    result = run("check", data)
    assert "human" in result.stdout.lower() or "homo" in result.stdout.lower()


def test_standard_input(run_json, hosts_table, folder):
    write_fasta(hosts_table, folder / "hosts.fasta.gz", label_key="host")
    content = (folder / "hosts.fasta.gz").read_bytes()
    document = run_json("check", "-", *LABEL, input=content)
    assert sum(row["sequences"] for row in document.classes) == 30


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="the system has no paths of pipes")
def test_pipe(run_json):
    """A shell passes the output of a command as such a path: protlstm check <(zcat p.gz)."""
    reading, writing = os.pipe()
    os.write(writing, b">a h=x\nMNTQAK\n>b h=y\nGDKICL\n")
    os.close(writing)
    document = run_json("check", f"/dev/fd/{reading}", "--label", r"h=(\w)")
    os.close(reading)
    assert [row["sequences"] for row in document.classes] == [1, 1]


def test_json_is_all_of_standard_output(run, hosts_file, folder):
    (folder / "p.fasta").write_text(">a h=x\nMNTQAK\n>a h=y\nMNTQ\n>c\nGDKICL\n")
    result = run("check", "p.fasta", "--label", r"h=(\w)", "--skip-unlabelled", "--json")
    json.loads(result.stdout)
    assert "Warning: p.fasta: 1 of 1 ids occur more than once." in result.stderr
    assert "no label: 1 (c)" in result.stderr
