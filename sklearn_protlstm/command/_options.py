"""Options that several subcommands share."""

from functools import reduce

import click

__all__ = [
    "EPOCHS",
    "FORCE",
    "IDENTITY",
    "JSON",
    "SEED",
    "SEPARATOR",
    "input_options",
    "label_options",
    "output_option",
    "with_options",
]

#: Between the labels of a protein, in the input by default and in predictions.
SEPARATOR = ";"

_INPUT_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)

JSON = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON document on standard output.  Example: --json",
)
FORCE = click.option(
    "--force", is_flag=True, help="Replace an output file that exists.  Example: --force"
)
SEED = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Seed of the random numbers. The same seed gives the same result.  Example: --seed 7",
)
IDENTITY = click.option(
    "--identity",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="Proteins with this share of identical residues are one family.  Example: --identity 0.7",
)
EPOCHS = click.option(
    "--epochs",
    type=click.IntRange(1),
    help="Passes of each LSTM over the training proteins.  Default: 10, and 4 for the LSTM of the "
    "stack that reads windows.  Example: --epochs 20",
)

_COLUMNS = [
    click.option(
        "--sequence-column",
        metavar="NAME",
        help="Column of a table with the residues.  Default: the column named sequence.  Example: "
        "--sequence-column Residues",
    ),
    click.option(
        "--id-column",
        metavar="NAME",
        help="Column of a table with the identifiers.  Default: the column named id, accession or "
        "entry, or else the row number.  Example: --id-column Locus",
    ),
]

_LABELS = [
    click.option(
        "--label",
        metavar="REGEX",
        help="Regular expression for FASTA headers. Its group is the label.  Example: --label "
        r"'host=(\w+)'",
    ),
    click.option(
        "--label-column",
        metavar="NAME",
        help="Column of a table with the label, or qualifier of a GenBank source.  Example: "
        "--label-column Host",
    ),
    click.option(
        "--labels",
        type=click.Path(exists=True, dir_okay=False),
        metavar="TABLE",
        help="CSV or TSV file with the columns id and label.  Example: --labels hosts.tsv",
    ),
    click.option(
        "--hosts",
        type=click.Choice(["only", "first", "all"]),
        help="What to do with a protein of several labels: only leaves it out, first takes the "
        "first label, and all keeps all of them, for a model that predicts any number of labels.  "
        "Default: only, or all with --separator.  Example: --hosts all",
    ),
    click.option(
        "--separator",
        metavar="TEXT",
        help="Text between the labels of a protein in a table or FASTA header.  Default: ; with "
        "--hosts; without it, labels are not split.  Example: --separator /",
    ),
    click.option(
        "--skip-unlabelled",
        is_flag=True,
        help="Leave out proteins without a label.  Example: --skip-unlabelled",
    ),
]


def with_options(*options):
    """Combine decorators, which keep their order in the help."""

    def decorate(function):
        return reduce(lambda decorated, add: add(decorated), options[::-1], function)

    return decorate


def input_options(function):
    """Add the argument PROTEINS and the options for tables."""
    return with_options(click.argument("proteins", type=_INPUT_FILE), *_COLUMNS)(function)


def label_options(function):
    """Add the argument PROTEINS and the options that say where the labels are."""
    return with_options(click.argument("proteins", type=_INPUT_FILE), *_LABELS, *_COLUMNS)(function)


def output_option(example, text, *, name="--output", required=True):
    """Make the option for the file to write."""
    flags = ["-o", name] if name == "--output" else [name]
    return click.option(
        *flags,
        type=click.Path(),
        required=required,
        metavar="FILE",
        help=f"{text}  Example: {flags[0]} {example}",
    )
