"""Write one HTML file about data, models and proteins."""

from collections.abc import Iterable

from sklearn_protlstm._atomic_write import atomic_write
from sklearn_protlstm._html.environment import make_environment
from sklearn_protlstm._html.fragments import Table, make_columns
from sklearn_protlstm.comparison import ModelComparison
from sklearn_protlstm.data_checks import DataReport
from sklearn_protlstm.inspection import ResidueAttribution
from sklearn_protlstm.report._folds import describe_folds
from sklearn_protlstm.report._origin import list_versions
from sklearn_protlstm.report._pictures import draw_comparison
from sklearn_protlstm.report._residues import explain_proteins

__all__ = ["write_report"]

# A browser shows this many rows without delay.
_MAX_ROWS = 1000


def write_report(
    path,
    *,
    title,
    command=None,
    data_report=None,
    comparison=None,
    attributions=(),
    tables=(),
    seed=None,
):
    """Write a report as one HTML file that needs no network and no scripts.

    The report has a section for everything that is passed: what the data are and what is wrong
    with them, how the models compare, which residues count, and further tables. The last section
    has the command, the seed and the versions of the packages.

    Parameters
    ----------
    path : str or path-like
        The file. One that exists is replaced when the new one is complete.
    title : str
        Title of the report.
    command : str or None, default=None
        The command that made the results, for readers who want to repeat them.
    data_report : DataReport or None, default=None
        Result of :func:`~sklearn_protlstm.data_checks.check_data`.
    comparison : ModelComparison or None, default=None
        Result of :func:`~sklearn_protlstm.compare_models`. With ``keep_probabilities=True``, the
        report shows whether the probabilities are true.
    attributions : iterable of ResidueAttribution, default=()
        Results of :func:`~sklearn_protlstm.inspection.residue_attribution`. Pass a few proteins:
        each gets a table and its sequence.
    tables : iterable of (str, mapping), default=()
        Captions with tables, each a DataFrame or a dict of column name to values, such as
        ``[("Predictions", predictions_table(model, sequences))]``. The first column names the
        rows. The report shows the first 1000 rows.
    seed : int or None, default=None
        The seed of the results.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or an attribution explains a bare classifier, whose
        tokens have no letters.
    ValueError
        If there is nothing to report, or the columns of a table differ in length.
    OSError
        If the file cannot be written. A file that existed before is unchanged then.

    Notes
    -----
    All texts from the data are escaped, so names and labels cannot add scripts to the page. The
    same arguments and package versions give the same bytes. Pictures need matplotlib. Without it,
    the report has the tables only and says so.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_protlstm.data_checks import check_data
    >>> from sklearn_protlstm.report import write_report
    >>> letters = "ACDEFGHIKLMNPQRSTVWY"
    >>> proteins = [letters[i:] + letters[:i] for i in range(20)]
    >>> report = check_data(proteins, ["human", "dog"] * 10)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "report.html"
    ...     write_report(path, title="Hosts", data_report=report)
    ...     "20 sequences, 2 classes" in path.read_text(encoding="utf-8")
    True
    """
    _check_types(title=title, command=command, data_report=data_report, comparison=comparison)
    attributions = _check_attributions(attributions)
    tables = [_make_table(*pair) for pair in _check_tables(tables)]
    if not (data_report or comparison or attributions or tables):
        raise ValueError(
            "There is nothing to report. Pass data_report, comparison, attributions or tables"
        )
    page = _render(
        title=title,
        data_report=data_report,
        comparison=comparison,
        fold_notes=describe_folds(comparison) if comparison else [],
        pictures=draw_comparison(comparison) if comparison else [],
        proteins=[protein for each in attributions for protein in explain_proteins(each)],
        tables=tables,
        command=command,
        seed=seed,
        versions=list_versions(),
    )
    with atomic_write(path) as file:
        # A name may hold bytes that are not text.
        file.write(page.encode("utf-8", errors="replace"))


def _render(**values):
    environment = make_environment(__package__, "sklearn_protlstm._html")
    return environment.get_template("page.html").render(values)


def _check_types(**arguments):
    for name, (expected, source) in _EXPECTED.items():
        value = arguments[name]
        if not isinstance(value, expected) and not (value is None and name != "title"):
            raise TypeError(
                f"{name} must be {source}, got {value!r} of type {type(value).__name__}"
            )


_EXPECTED = {
    "title": (str, "a str"),
    "command": (str, "a str or None"),
    "data_report": (DataReport, "the result of check_data or None"),
    "comparison": (ModelComparison, "the result of compare_models or None"),
}


def _check_attributions(attributions):
    if isinstance(attributions, ResidueAttribution) or not isinstance(attributions, Iterable):
        raise TypeError(
            f"attributions must be a list of results of residue_attribution, got {attributions!r}. "
            "Pass [attribution]"
        )
    attributions = list(attributions)
    for place, attribution in enumerate(attributions):
        if not isinstance(attribution, ResidueAttribution):
            raise TypeError(
                f"attributions[{place}] must be a result of residue_attribution, got "
                f"{attribution!r} of type {type(attribution).__name__}"
            )
        if not all(isinstance(sequence, str) for sequence in attribution.sequences):
            raise TypeError(
                f"attributions[{place}] explains a bare ProtLSTMClassifier, which reads tokens. "
                "Call residue_attribution with the Pipeline of SequenceEncoder and "
                "ProtLSTMClassifier"
            )
    return attributions


def _check_tables(tables):
    """Return a list of pairs (caption, dict of columns)."""
    pairs = []
    for place, pair in enumerate(tables):
        caption, table = pair if isinstance(pair, tuple) and len(pair) == 2 else (None, None)
        if not isinstance(caption, str) or not hasattr(table, "items"):
            raise TypeError(
                f"tables[{place}] must be a caption and a DataFrame or dict of columns, such as "
                f'("Predictions", frame), got {pair!r}'
            )
        columns = {name: list(cells) for name, cells in table.items()}
        lengths = {str(name): len(cells) for name, cells in columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(
                f"tables[{place}] needs one or more columns of the same length, got the lengths "
                f"{lengths}"
            )
        pairs.append((caption, columns))
    return pairs


def _make_table(caption, columns):
    return Table.of(caption, make_columns(columns), _MAX_ROWS)
