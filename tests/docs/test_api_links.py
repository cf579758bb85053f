"""Public names in the text of the documentation become links, and parameters get an anchor."""

import re
import sys
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.inventory import InventoryFile

EXTENSIONS = Path(__file__).parents[2] / "docs" / "_extensions"
CONFIGURATION = """
extensions = [
    "api_links",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
]
intersphinx_mapping = {"sklearn": ("https://example.org/", "sklearn.txt")}
numpydoc_show_class_members = False
"""
INVENTORY = """\
# Sphinx inventory version 1
# Project: scikit-learn
# Version: 1
sklearn.pipeline.Pipeline class modules/Pipeline.html
"""
MODULE = '''
"""A module."""


class Reader:
    """Read.

    Parameters
    ----------
    path, mode : str
        Where and how.

    Attributes
    ----------
    lines_ : int
        How many.
    """

    def read(self):
        """Read all."""


def count(lines):
    """Count.

    Parameters
    ----------
    lines : int
        How many.
    """
'''
GUIDE = """
Guide
=====

``Reader``, ``Reader.read()``, ``count()``, ``read``, ``Pipeline``, ``index``, :func:`count`
"""
API = """
API
===

.. autoclass:: tiny.Reader
   :members:

.. autofunction:: tiny.count
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    files = {
        "conf.py": CONFIGURATION,
        "sklearn.txt": INVENTORY,
        "tiny.py": MODULE,
        "index.rst": f"{GUIDE}\n.. toctree::\n\n   api\n",
        "api.rst": API,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(EXTENSIONS), str(folder), *sys.path])
        source, out = str(folder), folder / "html"
        Sphinx(source, source, out, folder / "trees", "html", status=None, warning=None).build()
    sys.modules.pop("tiny", None)
    return out


def links_in_first_paragraph(page):
    [paragraph, *_] = re.findall(r"<p>.*?</p>", page.read_text(), re.DOTALL)
    found = re.findall(r'<a class="reference [^>]*href="([^"]+)"[^>]*>(.*?)</a>', paragraph)
    return [(re.sub("<.*?>", "", text), target) for target, text in found]


def test_public_names_are_links(site):
    assert links_in_first_paragraph(site / "index.html") == [
        ("Reader", "api.html#tiny.Reader"),
        ("Reader.read()", "api.html#tiny.Reader.read"),
        ("count()", "api.html#tiny.count"),
        ("Pipeline", "https://example.org/modules/Pipeline.html#sklearn.pipeline.Pipeline"),
        ("count()", "api.html#tiny.count"),
    ]


def test_parameters_and_attributes_have_anchors(site):
    anchors = set(re.findall(r'id="(tiny\.[\w.]+)"', (site / "api.html").read_text()))
    assert anchors == {
        "tiny.Reader",
        "tiny.Reader.path",
        "tiny.Reader.mode",
        "tiny.Reader.lines_",
        "tiny.Reader.read",
        "tiny.count",
        "tiny.count.lines",
    }


def test_attributes_are_in_the_index_of_names(site):
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    assert list(inventory["py:attribute"]) == ["tiny.Reader.lines_"]
