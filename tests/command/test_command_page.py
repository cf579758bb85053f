"""The commands in docs/command.md run, and print what the page shows."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

import sklearn_protlstm

PAGE = Path(sklearn_protlstm.__file__).parents[1] / "docs" / "command.md"

PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```bash\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Scores and times differ in their last digits between processors.
FRACTION_OR_PERCENT = re.compile(r" *\d+\.\d+|\d+%")


def without_fractions(text):
    return FRACTION_OR_PERCENT.sub(" #", text).rstrip()


@pytest.mark.slow
def test_examples_print_what_the_page_shows(run):
    page = PAGE.read_text(encoding="utf-8")
    for block in PYTHON.findall(page):
        exec(block, {})
    examples = EXAMPLE.findall(page)
    assert len(examples) == page.count("```bash\n") == 7
    for commands, expected in examples:
        printed = "".join(print_of(run, shlex.split(line)) for line in commands.splitlines())
        if "explain" in commands:
            # On another processor, the LSTM may rank the residues differently.
            assert len(printed.rstrip().splitlines()) == len(expected.splitlines())
        else:
            assert without_fractions(printed) == without_fractions(expected)


def print_of(run, command):
    if command[0] != "protlstm":
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = run(*command[1:])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_page_names_every_subcommand_and_exit_code():
    from sklearn_protlstm.command._program import protlstm

    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+): ", page, re.MULTILINE) == list(protlstm.commands)
    assert re.findall(r"^\| (\d+) \| ", page, re.MULTILINE) == ["0", "1", "2", "130"]


def test_page_names_only_options_that_exist():
    from sklearn_protlstm.command._program import protlstm

    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page))
    known = {
        name for each in protlstm.commands.values() for param in each.params for name in param.opts
    }
    assert named - known == {"--help"}
