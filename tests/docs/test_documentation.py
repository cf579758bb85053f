"""Code blocks in README and docs run, and the pages name files and modules that exist."""

import re
from pathlib import Path

import pytest
from test_layering import ORDER

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
RUN_WITH_THEIR_OUTPUT = {DOCS / "index.md", DOCS / "get_started.md"}  # by test_get_started.py
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REPOSITORY_PATH = re.compile(
    r"\b(?:sklearn_protlstm|tests|docs|examples)/[\w/]*(?:\.\w+)?(?![\w/<*])"
)
RELATIVE_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
BUILT_PAGES = {"docs/_build/html"}


def blocks_of(page):
    return PYTHON_BLOCK.findall(page.read_text(encoding="utf-8"))


def test_readme_and_user_guide_have_blocks():
    assert len(blocks_of(ROOT / "README.md")) >= 3
    assert len(blocks_of(DOCS / "user_guide.md")) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if blocks_of(page) and page not in RUN_WITH_THEIR_OUTPUT],
    ids=lambda p: p.name,
)
def test_blocks_run_in_order_and_print_what_they_promise(page, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for number, block in enumerate(blocks_of(page), start=1):
        code = compile(block, f"{page.name}, block {number}", "exec")
        exec(code, namespace)
    printed = capsys.readouterr().out
    promised = re.findall(r"print\(.*\)  # (.*)$", "\n".join(blocks_of(page)), re.MULTILINE)
    for output in promised:
        assert output in printed


@pytest.mark.parametrize(
    "page",
    [ROOT / "CONTRIBUTING.md", ROOT / "README.md", DOCS / "architecture.md"],
    ids=lambda p: p.name,
)
def test_paths_and_links_lead_to_files(page):
    text = page.read_text(encoding="utf-8")
    paths = set(REPOSITORY_PATH.findall(text)) - BUILT_PAGES
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    links = set(RELATIVE_LINK.findall(text))
    assert [link for link in sorted(links) if not (page.parent / link).exists()] == []


def test_architecture_page_lists_the_rooms_in_order():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    _, _, rooms = text.partition("| room | purpose |")
    rooms, _, _ = rooms.partition("\n\n")
    assert re.findall(r"^\| `(\w+)` \| [A-Z`].*\. \|$", rooms, re.MULTILINE) == ORDER


def test_tables_of_contents_list_every_page_once():
    text = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    tables = "".join(re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    pages = {page.stem for page in [*DOCS.glob("*.md"), *DOCS.glob("*.rst")]} - {"index"}
    pages.discard("sg_execution_times")  # written by a build of the gallery
    listed = re.findall(r"^(?:[\w ]+ <)?([\w/]+)>?$", tables, re.MULTILINE)
    assert sorted(listed) == sorted({*pages, "auto_examples/index"})


def test_pre_commit_and_constraints_pin_the_same_ruff():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert re.findall(r"rev: v(.+)", hooks) == re.findall(
        r"^ruff==(.+)$", constraints, re.MULTILINE
    )
