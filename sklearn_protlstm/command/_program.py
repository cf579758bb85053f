"""The program `protlstm`: its subcommands, and how it ends."""

import shlex
import sys

import click

from sklearn_protlstm._version import __version__
from sklearn_protlstm.command._check import check
from sklearn_protlstm.command._compare import compare
from sklearn_protlstm.command._errors import Interrupted
from sklearn_protlstm.command._explain import explain
from sklearn_protlstm.command._fetch import fetch
from sklearn_protlstm.command._predict import predict
from sklearn_protlstm.command._train import train

__all__ = ["protlstm"]

_DESCRIPTION = """\
Classify protein sequences, and find out whether the LSTM was worth it.

\b
A typical session:
  protlstm check   proteins.fasta --label 'host=(\\w+)'
  protlstm compare proteins.fasta --label 'host=(\\w+)' --report report.html
  protlstm train   proteins.fasta --label 'host=(\\w+)' -o hosts.model
  protlstm predict hosts.model unknown.fasta -o hosts.tsv
  protlstm explain hosts.model unknown.fasta --record P1 -o p1.html

Input is FASTA, GenBank, Swiss-Prot, CSV or TSV, plain or gzip; - reads standard input.

\b
Exit codes: 0 success, 1 the data are at fault, 2 wrong usage, 130 interrupted with Ctrl-C.
"""


class Program(click.Group):
    """A group of commands that reports errors in one line."""

    def list_commands(self, ctx):
        """List the subcommands in the order of a session."""
        return list(self.commands)

    def main(self, args=None, prog_name=None, complete_var=None, **options):
        """Run the command, and exit with its exit code."""
        args = sys.argv[1:] if args is None else list(args)
        options |= {"standalone_mode": False, "obj": shlex.join(["protlstm", *args])}
        try:
            code = super().main(args, prog_name, complete_var, **options)
        except click.UsageError as error:
            code = error.exit_code
            click.echo(f"Error: {_sentence(error)} {_advice(error)}", err=True)
        except click.ClickException as error:
            code = error.exit_code
            click.echo(f"Error: {_sentence(error)}", err=True)
        except click.Abort:
            code = Interrupted.exit_code
        sys.exit(code)


def _sentence(error):
    message = " ".join(error.format_message().split())
    return message if message.endswith((".", "?")) else f"{message}."


def _advice(error):
    path = error.ctx.command_path if error.ctx else "protlstm"
    return f"See {path} --help."


@click.group(
    cls=Program,
    help=_DESCRIPTION,
    commands=[check, compare, train, predict, explain, fetch],
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def protlstm(context):
    """Show the help if there is no subcommand."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
