"""The program as a whole: help, version, start-up and the extra that it needs."""

import subprocess
import sys

import click
import pytest

from sklearn_protlstm import __version__
from sklearn_protlstm.command._program import protlstm

SUBCOMMANDS = ["check", "compare", "train", "predict", "explain", "fetch"]


def run_python(code, *args, **options):
    command = [sys.executable, "-c", code, *args]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_help_lists_the_subcommands_in_the_order_of_a_session(run):
    for args in ([], ["--help"], ["-h"]):
        result = run(*args)
        assert result.exit_code == 0
        listed = result.stdout.partition("Commands:\n")[2].splitlines()
        assert [line.split()[0] for line in listed] == SUBCOMMANDS
        assert not any(line.endswith("...") for line in listed)
        assert "Exit codes: 0 success, 1" in result.stdout


def test_version(run):
    assert run("--version").stdout == f"protlstm {__version__}\n"


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_option_has_an_example(run, name):
    options = [each for each in protlstm.commands[name].params if isinstance(each, click.Option)]
    assert {"--json", "--debug"} <= {option.opts[-1] for option in options}
    for option in options:
        _, example, text = option.help.rpartition("Example: ")
        assert example, f"{option.name} has no example"
        assert text.split()[0] in option.opts
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout


@pytest.mark.parametrize("name", ["compare", "train", "explain"])
def test_seed_is_0_by_default(name):
    [seed] = [each for each in protlstm.commands[name].params if each.name == "seed"]
    assert seed.default == 0


def test_help_does_not_wait_for_libraries():
    """Imports take most of the time of a start, and only these take long."""
    code = (
        "import sys\n"
        "from sklearn_protlstm.command import main\n"
        "sys.argv = ['protlstm', '--help']\n"
        "try:\n    main()\n"
        "finally:\n"
        "    slow = {'torch', 'sklearn', 'pandas', 'numpy', 'scipy', 'Bio', 'rich.table'}\n"
        "    print(*slow & sys.modules.keys(), file=sys.stderr)"
    )
    result = run_python(code)
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: protlstm")
    assert result.stderr.split() == []


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_sentence_says_what_to_install(missing):
    code = (
        f"import sys\nsys.modules['{missing}'] = None\n"
        "from sklearn_protlstm.command import main\nmain()"
    )
    result = run_python(code)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        'protlstm needs click and rich: run pip install "sklearn-protlstm[command]".\n'
    )


@pytest.mark.slow
def test_module_runs_the_command(hosts_file):
    command = [sys.executable, "-m", "sklearn_protlstm", "check", "-", "--label", "host=(.+)$"]
    with open(hosts_file) as file:
        result = subprocess.run(command, stdin=file, capture_output=True, text=True)
    assert result.returncode == 0
    assert result.stdout.startswith("30 proteins\n")
    assert result.stderr == ""


def test_shells_complete_subcommands():
    environment = {
        "_PROTLSTM_COMPLETE": "bash_complete",
        "COMP_WORDS": "protlstm tr",
        "COMP_CWORD": "1",
    }
    code = "from sklearn_protlstm.command import main\nmain()"
    assert run_python(code, env=environment).stdout == "plain,train\n"


def test_a_closed_pipe_is_no_error(hosts_file):
    """`protlstm ... | head` closes the pipe early."""
    code = (
        "import os, sys\n"
        "from sklearn_protlstm.command import main\n"
        "reading, writing = os.pipe()\n"
        "os.close(reading)\n"
        "os.dup2(writing, 1)\n"
        "sys.argv = ['protlstm', '--help']\n"
        "main()"
    )
    result = run_python(code)
    assert result.stderr == ""
