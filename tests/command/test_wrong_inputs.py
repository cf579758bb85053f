"""Wrong input ends with one line on standard error, the right exit code, and no file."""

import gzip
import os
import re
import shlex
from pathlib import Path

import pytest
from model_files import join_file, split_file
from sklearn.dummy import DummyClassifier

import sklearn_protlstm
from sklearn_protlstm.command import _compare, _errors, _input

PACKAGE = Path(sklearn_protlstm.__file__).parent

DATA_AT_FAULT, WRONG_USAGE, INTERRUPTED = 1, 2, 130

# An argument such as path_out= or cv=5, or the name of one with an underscore.
PYTHON = re.compile(r"\b(?!sklearn_protlstm)[a-z]+_[a-z]+\b(?!\.)|\b(cv|label|query|precision)=")
LABEL = "--label 'h=(.+)$'"
TRAIN = f"{LABEL} --model composition -o m.model"

FILES = {
    "p.fasta": ">a h=x\nMNTQAK\n>b h=y\nGDKICL\n",
    "empty.fasta": "",
    "one_class.fasta": ">a h=x\nMNTQAK\n>b h=x\nGDKICL\n",
    "in_all.fasta": ">a h=x;y\nMNTQAK\n>b h=x\nGDKICL\n",
    "digits.fasta": ">a h=x\nMNTQAK\n>b h=y\nGDK1CL\n",
    "dna.fasta": ">a h=x\nACGTACGTACGTACGTACGTACGT\n>b h=y\nGATTACAGATTACAGATTACA\n",
    "no_residues.fasta": ">a h=x\nMNTQAK\n>b h=y\n\n",
    "identifiers.fasta": "".join(f">a h={i}\nMNTQ{'ACDEFGHIKLMN'[i]}K\n" for i in range(12)),
    "page.fasta": "<!DOCTYPE html>\n<p>Not found</p>\n",
    "binary.fasta": "\x89PNG\r\n\x1a\n\0\0\0",
    "spaces.csv": "id,sequence\na b,MNTQAK\n",
    "no_sequence.csv": "id,residues,host\na,MNTQAK,x\n",
    "table.csv": "id,sequence,host\na,MNTQAK,x\nb,GDKICL,y\n",
    "labels.csv": "id,sequence,host\n"
    + "".join(
        f"{i},{letter * 12},{'y;z' if i == 0 else 'xy'[i % 2]}\n"
        for i, letter in enumerate("ACDEFGHI")
    ),
    "ragged.csv": "id,sequence,host\na,MNTQAK,x,1\n",
    "empty_labels.csv": "id,sequence,host\na,MNTQAK,\n",
    "labels_without_ids.tsv": "name\tlabel\na\tx\n",
    "labels_of_others.tsv": "id\tlabel\nc\tx\n",
    "labels_of_one.tsv": "id\tlabel\na\tx\n",
    "labels_twice.tsv": "id\tlabel\na\tx\na\ty\nb\ty\n",
    "twice.fasta": ">a\nMNTQAK\n>a\nMNTQ\n",
    "not_a.model": "pickle?",
    "viruses.gb": "LOCUS       NC_000001\n",
    "exists.tsv": "my own work\n",
    "exists.model": "my own work\n",
    "old.tsv.skipped.tsv": "my own work\n",
    "unknown.fasta": ">a h=unknown\nMNTQAK\n>b h=y\nGDKICL\n",
    "broken.gz": gzip.compress(b">a h=x\nMNTQAK\n" * 99)[:-9],
}

CASES = {
    # Wrong usage
    "no such command": ("chekc p.fasta", WRONG_USAGE, "No such command 'chekc'"),
    "no such option": ("check p.fasta --lable x", WRONG_USAGE, "No such option '--lable'"),
    "no argument": ("check", WRONG_USAGE, "Missing argument 'PROTEINS'"),
    "missing file": (f"check no.fasta {LABEL}", WRONG_USAGE, "'no.fasta' does not exist"),
    "folder as file": (f"check sub {LABEL}", WRONG_USAGE, "'sub' is a directory"),
    "no labels": ("check p.fasta", WRONG_USAGE, "labels of p.fasta are missing. Say where"),
    "no label column": ("check table.csv", WRONG_USAGE, "with --label-column or --labels"),
    "two kinds of labels": (
        f"check p.fasta {LABEL} --label-column host",
        WRONG_USAGE,
        "--label and --label-column exclude each other",
    ),
    "label for a table": (
        f"check table.csv {LABEL}",
        WRONG_USAGE,
        "--label searches FASTA headers, but table.csv is a CSV file",
    ),
    "column of a FASTA file": (
        "check p.fasta --label-column host",
        WRONG_USAGE,
        "p.fasta is a FASTA file, which has no columns",
    ),
    "bad regular expression": (
        "check p.fasta --label 'h=('",
        WRONG_USAGE,
        "--label 'h=(' is not a valid regular expression",
    ),
    "pattern without a group": ("check p.fasta --label h=.", WRONG_USAGE, "has 0 groups, but"),
    "empty separator": (
        "check table.csv --label-column host --separator ''",
        WRONG_USAGE,
        "--separator is empty. Pass the text between two labels",
    ),
    "separator for annotations": (
        "check viruses.gb --separator ;",
        WRONG_USAGE,
        "--separator is for tables and FASTA headers, but viruses.gb is a GenBank file. Pass",
    ),
    "unknown choice of hosts": (
        "check viruses.gb --hosts many",
        WRONG_USAGE,
        "'many' is not one of 'only', 'first', 'all'",
    ),
    "missing label table": (
        "check p.fasta --labels no.tsv",
        WRONG_USAGE,
        "'no.tsv' does not exist",
    ),
    "unknown folds": (
        f"compare p.fasta {LABEL} --folds family",
        WRONG_USAGE,
        "'family' is not one of 'cluster', 'random'",
    ),
    "one fold": (f"compare p.fasta {LABEL} --n-folds 1", WRONG_USAGE, "1 is not in the range x>=2"),
    "unknown model": (f"compare p.fasta {LABEL} --model svm", WRONG_USAGE, "'svm' is not one of"),
    "negative seed": (f"train p.fasta {TRAIN} --seed -1", WRONG_USAGE, "-1 is not in the range"),
    "percent as identity": (
        f"compare p.fasta {LABEL} --identity 50",
        WRONG_USAGE,
        "50.0 is not in the range 0<x<=1",
    ),
    "certain precision": (
        f"train p.fasta {TRAIN} --precision 1",
        WRONG_USAGE,
        "1.0 is not in the range 0<=x<1",
    ),
    "no epochs": (f"train p.fasta {TRAIN} --epochs 0", WRONG_USAGE, "0 is not in the range x>=1"),
    "checkpoints without a network": (
        f"train p.fasta {TRAIN} --checkpoints runs",
        WRONG_USAGE,
        "--checkpoints needs an LSTM, but --model composition has none",
    ),
    "no output": (f"train p.fasta {LABEL}", WRONG_USAGE, "Missing option '-o' / '--output'"),
    "missing output folder": (
        f"train p.fasta {LABEL} -o no/m.model",
        WRONG_USAGE,
        "The folder of no/m.model does not exist. Create it first",
    ),
    "folder as output": (f"train p.fasta {LABEL} -o sub", WRONG_USAGE, "sub is a folder"),
    "device as output": (
        f"train p.fasta {LABEL} -o {os.devnull} --force",
        WRONG_USAGE,
        f"{os.devnull} is a device. Name a file",
    ),
    "model exists": (
        f"train p.fasta {LABEL} -o exists.model",
        WRONG_USAGE,
        "exists.model exists already. Pass --force to replace it, or choose another name",
    ),
    "report exists": (
        f"compare p.fasta {LABEL} --report exists.tsv",
        WRONG_USAGE,
        "exists.tsv exists already",
    ),
    "predictions exist": (
        "predict {model} new.fasta -o exists.tsv",
        WRONG_USAGE,
        "exists.tsv exists already",
    ),
    "list of skipped records exists": (
        "predict {model} new.fasta -o old.tsv",
        WRONG_USAGE,
        "old.tsv.skipped.tsv exists already",
    ),
    "compressed output": (
        "predict {model} new.fasta -o p.tsv.gz",
        WRONG_USAGE,
        "p.tsv.gz would not be compressed. Choose a name without .gz",
    ),
    "output is the input": (
        "predict {model} new.fasta -o new.fasta --force",
        WRONG_USAGE,
        "new.fasta is the input. Choose another output file",
    ),
    "missing model": ("predict no.model new.fasta -o p.tsv", WRONG_USAGE, "does not exist"),
    "explain without a record": (
        "explain {model} new.fasta -o p.html",
        WRONG_USAGE,
        "Missing option '--record'",
    ),
    # Data at fault
    "empty file": (f"check empty.fasta {LABEL}", DATA_AT_FAULT, "empty.fasta is empty"),
    "binary file": (f"check binary.fasta {LABEL}", DATA_AT_FAULT, "binary.fasta is not a FASTA"),
    "web page": (f"check page.fasta {LABEL}", DATA_AT_FAULT, "a web page saved by mistake?"),
    "broken gzip": (f"check broken.gz {LABEL}", DATA_AT_FAULT, "is cut short or damaged"),
    "one class": (
        f"train one_class.fasta {TRAIN}",
        DATA_AT_FAULT,
        "The labels hold one class only ('x')",
    ),
    "pattern that matches nothing": (
        "check p.fasta --label 'host=(.+)$'",
        DATA_AT_FAULT,
        "has no label: --label finds nothing for the header 'a h=x'. Use a pattern",
    ),
    "all proteins without label": (
        "check p.fasta --label 'host=(.+)$' --skip-unlabelled",
        DATA_AT_FAULT,
        "p.fasta has no protein with a label to learn from",
    ),
    "column missing": (
        "check table.csv --label-column place",
        DATA_AT_FAULT,
        "table.csv has no column 'place'",
    ),
    "sequence column missing": (
        "check no_sequence.csv --label-column host",
        DATA_AT_FAULT,
        "no_sequence.csv has no column 'sequence'",
    ),
    "ragged table": ("check ragged.csv --label-column host", DATA_AT_FAULT, "has 4 cells"),
    "empty labels": (
        "check empty_labels.csv --label-column host",
        DATA_AT_FAULT,
        "empty_labels.csv has no protein with a label",
    ),
    "second table without ids": (
        "check p.fasta --labels labels_without_ids.tsv",
        DATA_AT_FAULT,
        "labels_without_ids.tsv has no column 'id'",
    ),
    "second table of other proteins": (
        "check p.fasta --labels labels_of_others.tsv --skip-unlabelled",
        DATA_AT_FAULT,
        "labels_of_others.tsv has no id of a protein in p.fasta",
    ),
    "second table too short": (
        "check p.fasta --labels labels_of_one.tsv",
        DATA_AT_FAULT,
        "1 of 2 proteins of p.fasta have no label in labels_of_one.tsv; the first is 'b'",
    ),
    "two labels for an id": (
        "check p.fasta --labels labels_twice.tsv",
        DATA_AT_FAULT,
        "labels_twice.tsv gives 'a' the labels 'x' and 'y'",
    ),
    "label that folds cannot learn": (
        "train labels.csv --label-column host --hosts all --model composition -o m.model",
        DATA_AT_FAULT,
        "no sequence with the label(s) 'z'. A label needs sequences with it, and sequences without "
        "it, in at least two groups. Leave these labels out, pass a higher --identity, or",
    ),
    "label of one fold": (
        "compare labels.csv --label-column host --hosts all --model composition --n-folds 2",
        DATA_AT_FAULT,
        "has the label 'z', so no model can learn it there",
    ),
    "one label only": (
        "train one_class.fasta --label 'h=(.+)$' --hosts all --model composition -o m.model",
        DATA_AT_FAULT,
        "y has one label only ('x'). Pass one class for each sequence instead: 1 if it has the "
        "label",
    ),
    "label of all proteins": (
        "train in_all.fasta --label 'h=(.+)$' --hosts all --model composition -o m.model",
        DATA_AT_FAULT,
        "No sequence lacks the label(s) 'x', so there is nothing to tell apart. Leave these labels "
        "out.",
    ),
    "class with the name unknown": (
        f"train unknown.fasta {TRAIN}",
        DATA_AT_FAULT,
        "The label 'unknown' is one of the classes ['unknown', 'y']",
    ),
    "sequences with digits": (
        f"train digits.fasta {TRAIN}",
        DATA_AT_FAULT,
        "digits.fasta: protein 'b' has the symbol '1' at residue 4, which is not a residue",
    ),
    "DNA": (f"train dna.fasta {TRAIN}", DATA_AT_FAULT, "look like DNA or RNA"),
    "identifiers as labels": (
        f"compare identifiers.fasta {LABEL} --model composition",
        DATA_AT_FAULT,
        "Check --label or --label-column",
    ),
    "empty sequence": (
        f"check no_residues.fasta {LABEL}",
        DATA_AT_FAULT,
        "record 1 ('b', counted from 0) has a header but no residues",
    ),
    "too few clusters": (
        f"compare p.fasta {LABEL} --model composition",
        DATA_AT_FAULT,
        "Cannot make 5 folds from 2 group(s)",
    ),
    "too few families to train": (
        f"train p.fasta {TRAIN}",
        DATA_AT_FAULT,
        "Pass a higher --identity, or add more proteins",
    ),
    "not a model": (
        "predict not_a.model new.fasta -o p.tsv",
        DATA_AT_FAULT,
        "not_a.model: expected a model file, but the file starts with b'pickle?'",
    ),
    "model of a newer version": (
        "predict newer.model new.fasta -o p.tsv",
        DATA_AT_FAULT,
        "newer.model: the file has format 999, but this version",
    ),
    "digits to predict": (
        "predict {model} digits.fasta -o p.tsv",
        DATA_AT_FAULT,
        "Correct the record, or pass --skip-invalid to leave out such records, and run the",
    ),
    "id with a space": (
        "predict {model} spaces.csv -o p.tsv",
        DATA_AT_FAULT,
        "has the id 'a b'. An id must be a str without white space",
    ),
    "no such record": (
        "explain {model} new.fasta --record P1 -o p.html",
        DATA_AT_FAULT,
        "new.fasta has no protein with the id 'P1'. Its 3 ids start with 'N0', 'N1', 'N2'",
    ),
    "no such label": (
        "explain {lstm} new.fasta --record N0 --target cow -o p.html",
        WRONG_USAGE,
        "--target 'cow' is not a class or label of",
    ),
    "record twice": (
        "explain {model} twice.fasta --record a -o p.html",
        DATA_AT_FAULT,
        "twice.fasta has 2 proteins with the id 'a'",
    ),
    "model without a network": (
        "explain {model} new.fasta --record N0 -o p.html",
        DATA_AT_FAULT,
        "has no LSTM whose residues could be scored. Train a model with --model lstm",
    ),
}


@pytest.fixture
def wrong_files(folder, new_file, model_files):
    for name, content in FILES.items():
        content = content if isinstance(content, bytes) else content.encode("latin-1")
        (folder / name).write_bytes(content)
    (folder / "sub").mkdir()
    header, description, data = split_file(Path(model_files["composition"]).read_bytes())
    (folder / "newer.model").write_bytes(join_file(header, description | {"format": 999}, data))
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def assert_one_line(stderr, text):
    errors = [line for line in stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert stderr.endswith(f"{errors[0]}\n")
    assert text in errors[0]
    assert errors[0].endswith((".", "?"))
    assert not PYTHON.search(errors[0]), "advice in Python does not help here"
    others = set(stderr.splitlines()) - {*errors}
    assert all(line.startswith(("Warning: ", "  ")) or "records kept" in line for line in others)


@pytest.mark.parametrize(("command", "exit_code", "text"), CASES.values(), ids=CASES)
def test_wrong_input_is_one_line(run, wrong_files, model_files, command, exit_code, text):
    before = contents(wrong_files)
    models = {"model": model_files["composition"], "lstm": model_files["lstm"]}
    result = run(*shlex.split(command.format(**models)))
    assert result.exit_code == exit_code
    assert_one_line(result.stderr, text)
    assert result.stdout == ""
    after = contents(wrong_files)
    # Predictions can resume: they keep the rows before the error.
    assert {name: after[name] for name in before} == before
    assert {Path(name).suffix for name in after.keys() - before} <= {".partial", ".resume"}


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in _errors._OPTIONS])
def test_messages_of_the_package_still_have_what_is_replaced(pattern):
    """If a message changes, its advice in Python would reach the user again."""
    values = {
        "found!r": "None",
        "hosts": "all",
        "hosts!r": "'only'",
        "unknown!r": "'unknown'",
        "self.precision:g": "0.8",
        "n_splits": "3",
        "pattern.pattern!r": "'host'",
        "separator!r": "';'",
        "way_out": "give 0 where sequences lack it",
    }
    files = set(PACKAGE.rglob("*.py")) - set((PACKAGE / "command").iterdir())
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(files))
    source = re.sub(r"[\"']\n\s*f?[\"']", "", source)
    for name, value in values.items():
        source = source.replace(f"{{{name}}}", value)
    assert re.search(pattern, source)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_folder_that_is_not_writable(run, wrong_files):
    (wrong_files / "sub").chmod(0o500)
    result = run(*shlex.split(f"train p.fasta {LABEL} -o sub/m.model"))
    assert result.exit_code == WRONG_USAGE
    assert_one_line(result.stderr, "The folder of sub/m.model is not writable")


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ("--model lstm --checkpoints runs", "Run the same command again to resume from runs."),
        ("--model lstm", "With --checkpoints, an LSTM can resume its training."),
    ],
)
def test_interrupted_training_says_how_to_resume(run, wrong_files, monkeypatch, options, advice):
    from sklearn_protlstm.selective import SelectiveClassifier

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(SelectiveClassifier, "fit", interrupt)
    result = run(*shlex.split(f"train p.fasta {LABEL} -o m.model {options}"))
    assert result.exit_code == INTERRUPTED
    assert result.stderr == f"Error: Interrupted. No model was written. {advice}\n"
    assert not (wrong_files / "m.model").exists()


class FailingModel(DummyClassifier):
    def fit(self, X, y):
        raise ValueError("out of order")


def test_interrupted_reading(run, wrong_files, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_input, "_sniff", interrupt)
    result = run(*shlex.split(f"check p.fasta {LABEL}"))
    assert result.exit_code == INTERRUPTED
    assert result.stderr == "Error: Interrupted. Nothing was written.\n"


def test_interrupted_comparison_keeps_the_finished_folds(run, hosts_file, monkeypatch):
    from sklearn_protlstm.comparison import _cross_validation

    evaluate, calls = _cross_validation._evaluate, []

    def interrupt_the_last_fold(*args):
        calls.append(args)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return evaluate(*args)

    monkeypatch.setattr(_cross_validation, "_evaluate", interrupt_the_last_fold)
    options = ["--model", "composition", "--n-folds", "3"]
    result = run("compare", hosts_file, "--label", "host=(.+)$", *options)
    assert result.exit_code == INTERRUPTED
    assert "Verdict: composition is " in result.stdout
    assert result.stderr.endswith("The scores cover the folds that all models finished.\n")


def test_model_that_fails_makes_the_comparison_fail(run, hosts_file, monkeypatch):
    monkeypatch.setattr(_compare, "make_model", lambda *_, **__: FailingModel())
    options = ["--model", "composition", "--n-folds", "2"]
    result = run("compare", hosts_file, "--label", "host=(.+)$", *options)
    assert result.exit_code == DATA_AT_FAULT
    assert "Warning: Model 'composition' has no scores." in result.stderr
    assert "Verdict" not in result.stdout


def test_debug_shows_the_traceback(run, wrong_files):
    result = run(*shlex.split(f"check empty.fasta {LABEL} --debug"))
    assert result.exit_code == DATA_AT_FAULT
    assert result.stderr.startswith("Traceback (most recent call last):")
    assert result.stderr.splitlines()[-1].startswith("Error: empty.fasta is empty.")


def test_unexpected_error_names_its_class(run, wrong_files, monkeypatch):
    def fail(*_):
        raise RuntimeError("out of order")

    monkeypatch.setattr(_input, "_sniff", fail)
    result = run(*shlex.split(f"check p.fasta {LABEL}"))
    assert result.exit_code == DATA_AT_FAULT
    assert result.stderr == "Error: RuntimeError: out of order. Pass --debug for details.\n"


def test_messages_name_standard_input(run, wrong_files):
    result = run(*shlex.split(f"check - {LABEL}"), input=b">a h=x\n\n")
    assert_one_line(result.stderr, "standard input: record 0 ('a', counted from 0) has a header")
