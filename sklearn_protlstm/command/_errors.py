"""What a subcommand does with errors, warnings and Ctrl-C: one line each on standard error."""

import re
import traceback
import warnings
from contextlib import contextmanager

import click

__all__ = ["DataError", "Interrupted", "Subcommand", "in_words", "resumable", "show_as"]

# Key in the context of click, which lives as long as the subcommand.
_NAMES = "sklearn_protlstm.names"

# What the messages of the package advise in Python, and how to do the same with options.
_OPTIONS = [
    (r", or drop such records with unlabelled='drop'", ", or pass --skip-unlabelled"),
    (r"label= gave None", "--label finds nothing"),
    (r"label= gave", "--label gives"),
    (r"Check where label= finds them", "Check --label or --label-column"),
    (r"on_invalid='skip'", "--skip-invalid"),
    (r", and call predict_fasta again", ", and run the command again"),
    (r'Correct (the record|them), or (pass|set) handle_unknown="mask"[^.]*', r"Correct \1"),
    (r"make smaller groups with a higher identity in cluster_sequences", "a higher --identity"),
    (r"Use fewer folds", "Pass a smaller --n-folds"),
    (r"Use a smaller cv, or smaller groups", "Pass a higher --identity, or add more proteins"),
    (
        r"Make groups with cluster_sequences, and use folds that do not split them",
        "Compare models with --folds cluster",
    ),
    (r"Pass groups, such as those from cluster_sequences,", "Pass --folds cluster"),
    (r"another path_out", "another --output"),
    (r"Call set_precision\((.*?)\)", r"Pass --precision \1"),
    (r"precision=([\d.]+)", r"--precision \1"),
    (r", or use load_virus_hosts\(\), which needs no network", ""),
    (r"query=", "the query "),
    (r"pass hosts='all' to keep", "pass --hosts all to keep"),
    (r" with hosts='\w+'", ""),
    (r'hosts="(\w+)" keeps', r"--hosts \1 keeps"),
    (r"Calibrate such a model.*\)+", "Use them to rank the classes only"),
    (r"Train such a model for fewer epochs.*\)+", "Use them to rank the labels only"),
    (r"label=('.*') finds", r"--label \1 finds"),
    (r"label_separator=('.*?')", r"--separator \1"),
    (r"as label_separator", "with --separator"),
    (r"unknown='unknown' is", "The label 'unknown' is"),
    (r"a file from save_model", "a model file"),
    (r"\blabel must be (.*) or None", r"--label-column must be \1"),
    (r"y holds one class only", "The labels hold one class only"),
    (r" out of y, or give 0 where sequences lack it", " out"),
    (r" out of y, use smaller groups", " out, pass a higher --identity"),
    (r"n_splits=(\d+)", r"--n-folds \1"),
    (
        r"MultilabelStratifiedGroupKFold, another number of folds or another random_state",
        "Another --n-folds or --seed",
    ),
]


class DataError(click.ClickException):
    """An error in the data: exit code 1."""


class Interrupted(click.ClickException):
    """Ctrl-C, with the way to resume: exit code 130."""

    exit_code = 130


class Subcommand(click.Command):
    """A subcommand whose errors and warnings are one line each."""

    def __init__(self, *args, params=(), **options):
        debug = click.Option(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            callback=_keep_in_context,
            help="Show the traceback of an error.  Example: --debug",
        )
        super().__init__(*args, params=[*params, debug], **options)

    def invoke(self, ctx):
        """Run the subcommand."""
        with _one_line_errors(ctx.meta["debug"]), _one_line_warnings():
            return super().invoke(ctx)


def _keep_in_context(context, option, value):
    context.meta[option.name] = value


@contextmanager
def resumable(advice):
    """Turn Ctrl-C into an error that says how to resume."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted(f"Interrupted. {advice}") from error


@contextmanager
def _one_line_errors(debug):
    try:
        yield
    except (click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise  # click ends the program
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            traceback.print_exc()
        raise _as_click_error(error) from error


def _as_click_error(error):
    if isinstance(error, click.ClickException):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted("Interrupted. Nothing was written.")
    if isinstance(error, (ValueError, TypeError, OSError, ArithmeticError, MemoryError)):
        return DataError(in_words(str(error)) or type(error).__name__)
    if isinstance(error, ImportError):
        return click.UsageError(str(error))
    return DataError(f"{type(error).__name__}: {error}. Pass --debug for details.")


@contextmanager
def _one_line_warnings():
    """Print each warning for the user once. Warnings for programmers stay silent."""
    printed = set()

    def show(message, category, *_, **__):
        text = " ".join(in_words(str(message)).split())
        if text not in printed:
            printed.add(text)
            click.echo(f"Warning: {text.removesuffix('.')}.", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield


def show_as(path, name):
    """Let messages call a temporary file by the name that the user knows."""
    click.get_current_context().meta.setdefault(_NAMES, {})[path] = name


def in_words(message):
    """Replace Python in the advice of a message by options, and temporary files by their names."""
    context = click.get_current_context(silent=True)  # other threads have none
    names = {} if context is None else context.meta.get(_NAMES, {})
    for path, name in names.items():
        message = message.replace(path, name)
    for pattern, option in _OPTIONS:
        message = re.sub(pattern, option, message)
    return message
