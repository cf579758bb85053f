"""Measured numbers in README and docs are those of the files in docs/benchmarks."""

import json
import re
from pathlib import Path

import pytest
from scripts import load_script

DOCS = Path(__file__).parents[2] / "docs"
REPORT = {
    "sessions": [
        {
            "command": "python a.py",
            "date": "2026-01-31",
            "processor": "AMD EPYC",
            "threads": 2,
            "commit": "abc1234",
        }
    ],
    "scores": {
        "lstm": {"mcc": 0.5414, "n": 1655},
        "k-mers": {"mcc": -0.0496, "n": 1655},
    },
    "seconds": {"a, b": 1.26, "c": 20.04},
}
HEAD = "<!-- figures: a.json -->\n\n"


figures = load_script(DOCS / "figures.py")


@pytest.fixture
def report(tmp_path, monkeypatch):
    """A file of results that pages can name."""
    (tmp_path / "a.json").write_text(json.dumps(REPORT))
    monkeypatch.setattr(figures, "BENCHMARKS", tmp_path)


@pytest.fixture
def write_page(tmp_path, monkeypatch):
    """Make a page that is the only one."""

    def write(text):
        page = tmp_path / "page.md"
        page.write_text(text)
        monkeypatch.setattr(figures, "pages", lambda: [page])
        return page

    return write


def test_pages_have_the_numbers_of_their_files():
    figures.check()


@pytest.mark.parametrize("path", sorted((DOCS / "benchmarks").glob("*.json")), ids=lambda p: p.name)
def test_files_say_where_they_come_from(path):
    for session in json.loads(path.read_text())["sessions"]:
        assert session["command"].startswith(("python examples/benchmarks/", "make "))
        assert re.fullmatch(r"[0-9a-f]{7,}", session["commit"])
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", session["date"])
        assert session["processor"]


@pytest.mark.parametrize(
    ("old", "marker", "new"),
    [
        ("", "{scores[lstm][mcc]:.3f}", "0.541"),
        ("0.542", "{scores[lstm][mcc]:.3f}", "0.541"),
        ("0.54", "{scores[k-mers][mcc]:.2f}", "-0.05"),
        ("-1.0", "{scores[lstm][n]:,}", "1,655"),
        ("7%", "{scores[lstm][mcc]:.0%}", "54%"),
        ("3", "{seconds[a, b]:.1f}", "1.3"),
        ("3", "{seconds[a,\n  b]:.1f}", "1.3"),
        ("2025-12-31", "{sessions[0][date]}", "2026-01-31"),
    ],
)
def test_number_before_a_marker_is_written(report, old, marker, new):
    page = HEAD + "an MCC of **{}<!-- " + marker + " -->** (mean)"
    assert figures.fill(page.replace("{}", old, 1)) == page.replace("{}", new, 1)


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "scores\nmodel: k-mers = k-mer model; lstm\nMCC: {mcc:.2f}\nn: {n:,}",
            "| model | MCC | n |\n| --- | ---: | ---: |\n"
            "| k-mer model | -0.05 | 1,655 |\n| lstm | 0.54 | 1,655 |",
        ),
        (
            "seconds\nwhat\ns: {:.1f}",
            "| what | s |\n| --- | ---: |\n| a, b | 1.3 |\n| c | 20.0 |",
        ),
    ],
)
def test_table_is_written(report, table, rows):
    old, new = (f"{HEAD}<!-- table: {table}\n-->\n{text}<!-- end -->\n" for text in ("old\n", ""))
    filled = new.replace("<!-- end -->", f"\n{rows}\n\n<!-- end -->")
    assert figures.fill(old) == figures.fill(new) == figures.fill(filled) == filled


def test_source_lists_the_sessions(report):
    page = figures.fill(HEAD + "<!-- source -->\n<!-- end -->")
    line = "- `python a.py` (2026-01-31, AMD EPYC, threads: 2, commit abc1234)."
    assert page == f"{HEAD}<!-- source -->\n{line}\n<!-- end -->"


def test_marker_uses_the_file_named_last(report, tmp_path):
    (tmp_path / "b.json").write_text('{"x": 2}')
    page = (
        "<!-- figures: b.json -->\n2<!-- {x} -->\n" + HEAD + "0.5<!-- {scores[lstm][mcc]:.1f} -->"
    )
    assert figures.fill(page) == page


def test_main_writes_the_pages(report, write_page):
    page = write_page(HEAD + "0.9<!-- {scores[lstm][mcc]:.2f} -->")
    with pytest.raises(ValueError, match=r"differ .* in page\.md\. Run `python docs/figures\.py`"):
        figures.check()
    figures.main()
    assert page.read_text() == HEAD + "0.54<!-- {scores[lstm][mcc]:.2f} -->"
    figures.check()


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("1<!-- {x} -->", r"page\.md: name a file, <!-- .* -->, before 1<!-- \{x\} -->"),
        (HEAD + "<!-- figures: none -->\n<!-- {x} -->", r"name a file, .* before <!-- \{x\}"),
        ("<!-- figures: b.json -->", r"page\.md: docs/benchmarks has no file 'b\.json'\. Copy"),
        (
            HEAD + "1<!-- {scores[stack][mcc]:.3f} -->",
            r"a\.json does not fit 1<!-- \{scores\[stack\]\[mcc\]:\.3f\} -->: KeyError\('stack'\)",
        ),
        (
            HEAD + "<!-- table: scores\nmodel: stack\nMCC: {mcc}\n-->\n<!-- end -->",
            r"a\.json does not fit <!-- table: scores\nmodel: stack\n.*: KeyError\('stack'\)",
        ),
        (HEAD + "<!-- {scores[lstm]:.3f} -->", r"a\.json does not fit .*: TypeError"),
        (
            HEAD + "<!-- source -->\nText.\n<!-- source -->\n<!-- end -->",
            r"page\.md: complete <!-- source -->: its lines, '-->' and '<!-- end -->'",
        ),
    ],
)
def test_marker_that_does_not_fit_is_an_error(report, write_page, page, message):
    write_page(page)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        figures.check()


def test_score_without_a_marker_is_an_error(report, write_page):
    write_page(HEAD + "It reaches 0.541, and\n`0.25` 1.2e-38 [0.12](a.md) 1,655 <!-- 0.73 -->")
    with pytest.raises(ValueError, match=r"without a marker in page\.md \(0\.541\)\. CONTRIBUTING"):
        figures.check()


@pytest.mark.parametrize("page", ["It reaches 0.541.", HEAD + "<!-- figures: none -->\n0.541"])
def test_text_without_a_file_may_have_any_number(report, write_page, page):
    write_page(page)
    figures.check()


def test_sphinx_checks_the_pages_first(report, write_page):
    handlers = {}
    figures.setup(type("App", (), {"connect": lambda app, name, f: handlers.update({name: f})})())
    write_page(HEAD + "0.9<!-- {scores[lstm][mcc]:.2f} -->")
    with pytest.raises(ValueError, match="Numbers differ"):
        handlers["builder-inited"](None)
