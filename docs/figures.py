"""Keep the measured numbers of README and docs equal to the files in docs/benchmarks.

    python docs/figures.py

writes every number and table that has a marker. The tests and Sphinx, which loads this file as an
extension, fail where a page differs from its file. CONTRIBUTING.md describes the markers.
"""

import json
import re
from functools import partial
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "docs" / "benchmarks"

FILE = re.compile(r"<!-- figures: (\S+) -->")
PART = re.compile(r"(?=<!-- figures: )")
BLOCK = r"(?:(?!<!-- (?:table|source)\b).)*?<!-- end -->"
MARKER = re.compile(
    # 0.541<!-- {summary[localization][lstm][mcc]:.3f} -->
    r"(?P<number>[-\d][\d.,e%-]*)?(?P<comment><!--\s*(?P<template>\{[^}]*\})\s*-->)"
    # Rows and columns, and the table below them.
    rf"|(?P<table><!-- table: (?P<place>[^\n]+)\n(?P<columns>[^>]+)\n-->\n){BLOCK}"
    rf"|(?P<source><!-- source -->\n){BLOCK}",
    re.DOTALL,
)
UNFINISHED = re.compile(r"<!-- (?:table|source)\b[^\n]*")
# Code and links have numbers of their own.
NOT_PROSE = re.compile(
    r"^```.*?^```$|`[^`]*`|!?\[[^]]*\]\([^)]*\)|<!--.*?-->", re.DOTALL | re.MULTILINE
)
SCORE = re.compile(r"\b[01]\.\d\d+")


def main():
    for page in pages():
        _, filled = read_and_fill(page)
        page.write_text(filled, encoding="utf-8")


def check():
    """Raise a ValueError that names the pages with numbers that are not in their files."""
    old, unmarked = [], []
    for page in pages():
        text, filled = read_and_fill(page)
        if text != filled:
            old.append(page.name)
        if scores := unmarked_scores(text):
            unmarked.append(f"{page.name} ({', '.join(scores)})")
    if old:
        raise ValueError(
            f"Numbers differ from docs/benchmarks in {', '.join(old)}. Run "
            "`python docs/figures.py` and read the sentences around the numbers that change"
        )
    if unmarked:
        raise ValueError(
            f"Numbers without a marker in {', '.join(unmarked)}. CONTRIBUTING.md shows how to "
            "add one"
        )


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def read_and_fill(page):
    text = page.read_text(encoding="utf-8")
    try:
        return text, fill(text)
    except ValueError as error:
        raise ValueError(f"{page.name}: {error}") from error


def fill(text):
    """Return the text of a page with the numbers of its files."""
    if marker := UNFINISHED.search(MARKER.sub("", text)):
        raise ValueError(f"complete {marker[0]}: its lines, '-->' and '<!-- end -->'")
    return "".join(fill_part(name, part) for name, part in split_by_file(text))


def split_by_file(text):
    """List the parts of a page, each with the name of its file, or with None."""
    parts = PART.split(text)
    files = [FILE.match(part) for part in parts]
    names = [file[1] if file and file[1] != "none" else None for file in files]
    return list(zip(names, parts))


def fill_part(name, part):
    if name is None:
        if marker := MARKER.search(part):
            raise ValueError(f"name a file, <!-- figures: a.json -->, before {describe(marker)}")
        return part
    return MARKER.sub(partial(fill_marker, name=name, report=read_report(name)), part)


def describe(marker):
    return marker[0].partition("-->")[0] + "-->"


def read_report(name):
    path = BENCHMARKS / name
    if not path.exists():
        raise ValueError(f"docs/benchmarks has no file {name!r}. Copy it there from results")
    return json.loads(path.read_text(encoding="utf-8"))


def fill_marker(match, *, name, report):
    try:
        if match["template"]:
            # A long marker goes on in the next line.
            return " ".join(match["template"].split()).format_map(report) + match["comment"]
        if match["table"]:
            table = make_table(match["place"], match["columns"].splitlines(), report)
            return f"{match['table']}\n{table}\n\n<!-- end -->"
        return f"{match['source']}{make_source(report)}\n<!-- end -->"
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError(
            f"docs/benchmarks/{name} does not fit {describe(match)}: {error!r}"
        ) from error


def make_table(place, lines, report):
    """Make a row of each record at a place of the report.

    The first line is "title", for all records, or "title: key = name; key = name". Each other line
    is a column, "title: template".
    """
    records, _ = Formatter().get_field(place, (), report)
    title, _, chosen = lines[0].partition(": ")
    pairs = [pair.partition(" = ") for pair in chosen.split("; ")] if chosen else []
    names = {key: name or key for key, _, name in pairs} or dict(zip(records, records))
    columns = [line.partition(": ") for line in lines[1:]]
    rows = [
        [title, *(header for header, _, _ in columns)],
        ["---", *["---:"] * len(columns)],
        *(
            [name, *(fill_cell(template, records[key]) for _, _, template in columns)]
            for key, name in names.items()
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def fill_cell(template, record):
    return template.format_map(record) if isinstance(record, dict) else template.format(record)


def make_source(report):
    """List the sessions in which the figures were measured."""
    template = "- `{command}` ({date}, {processor}, threads: {threads}, commit {commit})"
    lines = [template.format_map(session) for session in report["sessions"]]
    notes = [session.get("note", "") for session in report["sessions"]]
    return "\n".join(f"{line}. {note}".strip() for line, note in zip(lines, notes))


def unmarked_scores(text):
    """List the numbers with two decimals or more in the prose of parts that have a file."""
    return [
        score
        for name, part in split_by_file(text)
        if name is not None
        for score in SCORE.findall(NOT_PROSE.sub("", MARKER.sub("", part)))
    ]


def setup(app):
    """Check the pages before Sphinx builds them."""
    app.connect("builder-inited", lambda app: check())
    return {"parallel_read_safe": True}


if __name__ == "__main__":
    main()
