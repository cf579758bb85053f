"""Tables and notes, and the HTML fragment that notebooks and reports show."""

import math
from numbers import Integral, Real
from typing import NamedTuple

from sklearn_protlstm._html.environment import make_environment

__all__ = [
    "Column",
    "Note",
    "Table",
    "format_number",
    "make_columns",
    "render_fragment",
]

# Stands for NaN and None.
_MISSING = "-"


class Column(NamedTuple):
    """A title and the texts of a column. Numbers are on the right, marked cells in bold."""

    title: str
    cells: list
    is_number: bool = False
    marked: tuple = ()


class Note(NamedTuple):
    """A sentence below the tables. `kind` is "warning", "note" or, without a word before it, ""."""

    text: str
    kind: str = ""


class Table(NamedTuple):
    """A table of equally long columns. The first column has the headers of the rows."""

    caption: str
    columns: list
    n_rows: int
    n_hidden: int = 0

    @classmethod
    def of(cls, caption, columns, max_rows=None):
        """Make a table of the first `max_rows` rows; None shows all."""
        n_all = len(columns[0].cells)
        n_rows = n_all if max_rows is None else min(n_all, max_rows)
        return cls(caption, columns, n_rows, n_all - n_rows)


def make_columns(values):
    """Make columns of a mapping of name to values."""
    return [_make_column(str(name), list(cells)) for name, cells in values.items()]


def format_number(value):
    """Write an integer with all of its digits, and another number with about four.

    Examples
    --------
    >>> format_number(0.123456), format_number(26926), format_number(26926.5)
    ('0.1235', '26926', '26926')
    >>> format_number(float("nan"))
    '-'
    """
    if _is_missing(value):
        return _MISSING
    if isinstance(value, Integral):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def render_fragment(summary, tables=(), notes=()):
    """Render one sentence, tables and notes as HTML.

    Parameters
    ----------
    summary : str
        The sentence at the top.
    tables : sequence of Table, default=()
        The tables below it.
    notes : sequence of Note, default=()
        The list at the bottom.

    Returns
    -------
    html : str
        A ``div`` with escaped texts, without styles.
    """
    template = make_environment(__package__).get_template("fragment.html")
    return template.render(summary=summary, tables=tables, notes=notes)


def _make_column(title, values):
    # A boolean is a number in Python, but not for a reader.
    if all(_is_number(value) or _is_missing(value) for value in values):
        return Column(title, [format_number(value) for value in values], is_number=True)
    return Column(title, [_MISSING if _is_missing(value) else str(value) for value in values])


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_missing(value):
    return value is None or (isinstance(value, Real) and math.isnan(value))
