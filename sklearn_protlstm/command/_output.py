"""What the subcommands print and write."""

import json
import math
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import click

from sklearn_protlstm._atomic_write import atomic_write

__all__ = [
    "check_output",
    "is_interactive",
    "list_rows",
    "print_json",
    "print_table",
    "say",
    "working",
    "write_rows",
]

_FILE_WIDTH = 10_000


def check_output(path, *, force, inputs=()):
    """Check that a file can be written before the work starts."""
    if path is None:
        return
    file = Path(path)
    if file.exists() and not file.is_file():
        kind = "folder" if file.is_dir() else "device"
        raise click.UsageError(f"{path} is a {kind}. Name a file.")
    if file.suffix == ".gz":
        raise click.UsageError(f"{path} would not be compressed. Choose a name without .gz.")
    if not file.parent.is_dir():
        raise click.UsageError(f"The folder of {path} does not exist. Create it first.")
    if any(name != "-" and file.exists() and os.path.samefile(name, path) for name in inputs):
        raise click.UsageError(f"{path} is the input. Choose another output file.")
    if file.exists() and not force:
        raise click.UsageError(
            f"{path} exists already. Pass --force to replace it, or choose another name."
        )
    if not os.access(file.parent, os.W_OK):
        raise click.UsageError(f"The folder of {path} is not writable. Choose another folder.")


def is_interactive():
    """Whether someone watches the progress."""
    return sys.stderr.isatty()


def say(text):
    """Print a remark on standard error."""
    click.echo(text, err=True)


@contextmanager
def working(text):
    """Show on a terminal what takes a while."""
    from rich.console import Console

    with Console(file=sys.stderr).status(text):
        yield


def print_table(columns, *, title=None):
    """Print columns, a dict of lists, as a table."""
    if title:
        click.echo(title)
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    for row in zip(*columns.values()):
        table.add_row(*map(_cell, row))
    # A file has no width, so that nothing is folded in it.
    width = None if sys.stdout.isatty() else _FILE_WIDTH
    console = Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _cell(value):
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.3f}"
    return str(value)


def print_json(document):
    """Print a document for programs."""
    click.echo(json.dumps(document, indent=1, ensure_ascii=False, default=_plain))


def list_rows(frame):
    """Return the rows of a DataFrame as dicts that JSON can hold. NaN becomes None."""
    return json.loads(frame.to_json(orient="records"))


def _plain(value):
    return value.tolist() if hasattr(value, "tolist") else str(value)


def write_rows(path, rows):
    """Write rows to a TSV file, whole or not at all. Return the number of rows."""
    n_rows = 0
    with atomic_write(path) as file:
        for row in rows:
            file.write(("\t".join(map(str, row)) + "\n").encode("utf-8"))
            n_rows += 1
    return n_rows
