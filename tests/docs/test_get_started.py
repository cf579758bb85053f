"""The first pages print what they show, and their files come from the bundled data set."""

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scripts import load_script
from threadpoolctl import threadpool_limits

from sklearn_protlstm.command._program import protlstm
from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.readers import read_fasta

DOCS = Path(__file__).parents[2] / "docs"
DATA = DOCS / "data"
PAGE = (DOCS / "get_started.md").read_text(encoding="utf-8")
SHOWN_COMMAND = re.compile(
    r"^```console\n(protlstm [^\n]*)\n```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMANDS = re.findall(r"^protlstm .*$", PAGE, re.MULTILINE)
WORD_OR_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?(?![\w.]\w)|[A-Za-z]\w*")
SECONDS = re.compile(r"( +\d+\.\d+){2}$", re.MULTILINE)


run_page, make_files = load_script(DOCS / "run_page.py"), load_script(DATA / "make_files.py")


def assert_same_words_and_numbers(printed, shown):
    """Fractions and percentages differ a little, as processors round differently."""
    printed, shown = tokens(printed), tokens(shown)
    assert len(printed) == len(shown)
    for token, expected in zip(printed, shown):
        if isinstance(expected, float):
            expected = pytest.approx(expected, abs=0.05)
        assert token == expected


def tokens(output):
    if "fit s" in output:
        output = SECONDS.sub("", output)
    return [as_fraction(token) for token in WORD_OR_NUMBER.findall(output)]


def as_fraction(token):
    if token.endswith("%"):
        return float(token[:-1]) / 100
    return float(token) if re.search(r"\d\.\d", token) else token


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_outputs"), [("index.md", 1), ("get_started.md", 6)])
def test_blocks_print_what_the_page_shows(name, n_outputs, tmp_path):
    text = (DOCS / name).read_text(encoding="utf-8")
    promised = run_page.promised_outputs(text)
    assert sum(output != "" for output in promised) == n_outputs
    with threadpool_limits(1, user_api="blas"):  # faster on busy cores
        outputs = list(run_page.run_blocks(text, tmp_path))
    for printed, shown in zip(outputs, promised, strict=True):
        assert_same_words_and_numbers(printed, shown)
    for file in re.findall(r'"(\w+\.(?:png|model|tsv))"', text):
        assert (tmp_path / file).stat().st_size > 0


@pytest.mark.slow
def test_commands_print_what_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    shown = SHOWN_COMMAND.findall(PAGE)
    assert [line.split()[1] for line, _ in shown] == ["train", "predict"]
    with threadpool_limits(1, user_api="blas"):
        for line, expected in shown:
            result = CliRunner().invoke(protlstm, shlex.split(line)[1:])
            assert_same_words_and_numbers(result.stdout, expected)
        assert_same_predictions(tmp_path / "hosts.tsv", python_predictions(tmp_path / "python"))


def python_predictions(folder):
    """The table that the Python code of the page writes, without comparing models."""
    blocks = [match["code"] for match in run_page.BLOCK.finditer(PAGE)]
    steps = [code for code in blocks if "comparison" not in code]
    assert len(steps) == len(blocks) - 2
    folder.mkdir()
    imports = "from sklearn_protlstm import make_kmer_baseline\n"
    page = "".join(f"```python\n{imports}{code}```\n\n" for code in steps)
    for _ in run_page.run_blocks(page, folder):
        pass
    return folder / "hosts.tsv"


def assert_same_predictions(of_command, of_python):
    command, python = (
        pd.read_csv(path, sep="\t", keep_default_na=False) for path in (of_command, of_python)
    )
    shared = ["id", "prediction", "reason"]
    pd.testing.assert_frame_equal(command[shared], python[shared])
    highest = python.filter(like="probability_").max(axis=1)
    np.testing.assert_allclose(command["probability"], highest, atol=1e-5)


def test_script_writes_the_files_to_download(tmp_path, monkeypatch):
    monkeypatch.setattr(make_files, "HERE", tmp_path)
    make_files.main()
    for name in ("virus_hosts.fasta", "unknown.fasta"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def test_unknown_proteins_are_of_other_families():
    viruses = load_virus_hosts()
    families = dict(zip(viruses.accession, viruses.groups))
    known = read_fasta(DATA / "virus_hosts.fasta", label=r"host=(\w+)")
    unknown = read_fasta(DATA / "unknown.fasta")
    assert dict(zip(*np.unique(known.labels, return_counts=True))) == make_files.N_KNOWN
    assert not {families[i] for i in known.ids} & {families[i] for i in unknown.ids}


def test_page_tells_which_answers_are_right():
    hosts = dict(zip(load_virus_hosts().accession, load_virus_hosts().target))
    unknown = read_fasta(DATA / "unknown.fasta").ids
    assert {hosts[i] for i in re.findall(r"(\w+) and (\w+) come from phages", PAGE)[0]} == {
        "bacteria"
    }
    assert {i for i in unknown if hosts[i] == "plant"} == set(
        re.findall(r"(\w+) and (\w+) come from plant\s+viruses", PAGE)[0]
    )


@pytest.mark.parametrize("line", COMMANDS)
def test_command_has_these_options(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("virus_hosts.fasta", "unknown.fasta", "hosts.model"):
        (tmp_path / name).touch()
    _, name, *arguments = shlex.split(line)
    protlstm.commands[name].make_context(name, arguments, obj=line)


def test_all_steps_have_a_command():
    assert [line.split()[1] for line in COMMANDS] == ["check", "compare", "train", "predict"]
