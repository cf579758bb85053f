"""The command `protlstm`: check, compare, train, predict, explain and fetch without Python code.

Each subcommand is a module that calls the public functions of the package. Only the subcommand
that runs imports them, so `protlstm --help` answers at once.
"""

import sys

__all__ = ["main"]


def main():
    """Run the command line in ``sys.argv``, and exit.

    The exit code is 0 after success, 1 if the data are at fault, 2 for wrong usage and 130 after
    Ctrl-C. Errors are one line on standard error.

    Examples
    --------
    >>> import sys
    >>> from unittest.mock import patch
    >>> from sklearn_protlstm.command import main
    >>> with patch.object(sys, "argv", ["protlstm", "--version"]):
    ...     main()
    Traceback (most recent call last):
    SystemExit: 0
    """
    try:
        import click  # noqa: F401
        import rich  # noqa: F401
    except ImportError:
        message = 'protlstm needs click and rich: run pip install "sklearn-protlstm[command]".'
        print(message, file=sys.stderr)
        sys.exit(2)
    from sklearn_protlstm.command._program import protlstm

    protlstm(prog_name="protlstm")
