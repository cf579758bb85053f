"""Names in the inventories of other libraries exist, and pictures have a description."""

import importlib
import re
from pathlib import Path

import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401

DOCS = Path(__file__).parents[2] / "docs"
INVENTORIES = sorted((DOCS / "inventories").glob("*.txt"))
PICTURE = re.compile(r"!\[([^\]]*)\]\(")


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.stem)
def test_inventory_has_names_of_the_library(path):
    header, rows = path.read_text().splitlines()[:3], path.read_text().splitlines()[3:]
    assert header[0] == "# Sphinx inventory version 1"
    assert rows == sorted(rows)
    for row in rows:
        name, kind, page = row.split()
        assert kind in {"class", "data", "exception", "function"}
        assert page.endswith(".html")
        if path.stem != "python":
            module, _, attribute = name.rpartition(".")
            assert hasattr(importlib.import_module(module), attribute), name


def test_configuration_reads_every_inventory():
    configuration = (DOCS / "conf.py").read_text(encoding="utf-8")
    linked = re.findall(r'^    "(\w+)": "https://.*/",$', configuration, re.MULTILINE)
    assert linked == [path.stem for path in INVENTORIES]


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_pictures_have_a_description(page):
    descriptions = PICTURE.findall(page.read_text(encoding="utf-8"))
    assert [text for text in descriptions if len(text.split()) < 3] == []
