"""protlstm fetch writes what fetch_uniprot_hosts downloads."""

import json

import pytest
from click.testing import CliRunner

from sklearn_protlstm.command._program import protlstm
from sklearn_protlstm.datasets import fetch_uniprot_hosts
from sklearn_protlstm.readers import read_table


@pytest.fixture
def run(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "data"))
    return lambda *args: CliRunner().invoke(protlstm, args)


def test_fetch_writes_a_table_that_check_reads(run, server):
    result = run("fetch", "reviewed:true", "-o", "viruses.tsv")
    assert result.stdout == (
        "viruses.tsv: 3 proteins with 3 hosts from UniProt 2025_01. Left out: 1 without a host, "
        "1 with several hosts.\n"
    )
    table = read_table("viruses.tsv", sequence="sequence", label="host", id="accession")
    assert table.ids == ["P1", "P4", "P5"]
    assert table.sequences == ["MNTQILVF", "ACDE", "KLMU"]
    assert table.labels.tolist()[:2] == ["Homo sapiens (Human)", "Sus scrofa (Pig)"]
    facts = json.loads(
        run("fetch", "reviewed:true", "-o", "viruses.tsv", "--force", "--json").stdout
    )
    assert (facts["n_proteins"], facts["n_without_host"], facts["n_several_hosts"]) == (3, 1, 1)
    assert server.n_requests == 1  # the second time from disk
    check = run("check", "viruses.tsv", "--label-column", "host", "--json")
    assert "Sus scrofa (Pig)" in [row["class"] for row in json.loads(check.stdout)["classes"]]


def test_fetch_joins_several_hosts(run):
    result = run("fetch", "reviewed:true", "--hosts", "all", "-o", "viruses.tsv")
    assert result.stdout.endswith("from UniProt 2025_01. Left out: 1 without a host.\n")
    table = read_table(
        "viruses.tsv",
        sequence="sequence",
        label="host",
        id="accession",
        label_separator=";",
        hosts="all",
    )
    expected = fetch_uniprot_hosts("reviewed:true", hosts="all")
    assert table.ids == expected.accession.tolist()
    assert table.labels.tolist() == expected.target.tolist()
    assert max(map(len, table.labels)) == 3
    check = run("check", "viruses.tsv", "--label-column", "host", "--hosts", "all", "--json")
    labels = [row["label"] for row in json.loads(check.stdout)["labels"]]
    assert labels == expected.target_names


def test_fetch_takes_the_first_of_several_hosts(run):
    run("fetch", "reviewed:true", "--hosts", "first", "-o", "viruses.tsv")
    table = read_table("viruses.tsv", sequence="sequence", label="host", id="accession")
    expected = fetch_uniprot_hosts("reviewed:true", hosts="first")
    assert table.labels.tolist() == expected.target.tolist()
    assert len(table) == 4


def test_fetch_without_proteins_writes_nothing(run, server, tmp_path):
    server.rows = []
    result = run("fetch", "reviewed:true", "-o", "viruses.tsv")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: No protein is left for the query 'reviewed:true'.")
    assert not (tmp_path / "viruses.tsv").exists()
