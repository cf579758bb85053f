"""Run the command in an empty folder, on a few real proteins."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from sklearn_protlstm.command._program import protlstm
from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.readers import SequenceTable, write_fasta


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder):
    """Run the command, and return its exit code and what it prints."""

    def invoke(*args, **options):
        return CliRunner().invoke(protlstm, list(map(str, args)), **options)

    return invoke


@pytest.fixture
def run_json(run):
    """Run the command with --json, and return the document."""

    def invoke(*args, **options):
        result = run(*args, "--json", **options)
        return SimpleNamespace(exit_code=result.exit_code, **json.loads(result.stdout))

    return invoke


@pytest.fixture(scope="session")
def hosts_table():
    """30 viral proteins of three hosts, cut to 60 residues."""
    viruses = load_virus_hosts()
    rows = np.concatenate(
        [
            np.flatnonzero(viruses.target == host)[::5][:10]
            for host in ("bacteria", "human", "plant")
        ]
    )
    return SequenceTable(
        [f"V{row}" for row in rows],
        [sequence[:60] for sequence in viruses.data[rows]],
        viruses.target[rows],
    )


@pytest.fixture
def hosts_file(folder, hosts_table):
    """The proteins as FASTA, with the host in the header."""
    write_fasta(hosts_table, folder / "hosts.fasta", label_key="host")
    return "hosts.fasta"


@pytest.fixture
def new_file(folder, hosts_table):
    """Three of the proteins without their hosts, as N0 to N2."""
    write_fasta(hosts_table.sequences[::10], folder / "new.fasta", ids=["N0", "N1", "N2"])
    return "new.fasta"


@pytest.fixture(scope="session")
def model_files(tmp_path_factory, hosts_table):
    """Model files of each kind, trained by the command."""
    folder = tmp_path_factory.mktemp("models")
    proteins = folder / "hosts.fasta"
    write_fasta(hosts_table, proteins, label_key="host")
    for kind, options in {"composition": [], "lstm": ["--epochs", "1"]}.items():
        args = ["train", proteins, "--label", "host=(.+)$", "-o", folder / f"{kind}.model"]
        result = CliRunner().invoke(protlstm, [*map(str, args), "--model", kind, *options])
        assert result.exit_code == 0, result.stderr
    return {kind: str(folder / f"{kind}.model") for kind in ("composition", "lstm")}
