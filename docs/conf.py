"""Sphinx configuration."""

import re
import sys
from pathlib import Path

from sklearn_protlstm import __version__

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE / "_extensions")]

project = "sklearn_protlstm"
author = "the sklearn_protlstm developers"
copyright = f"2026, {author}"
version = release = __version__

extensions = [
    "accessible_html",
    "api_links",
    "figures",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
# Links to the headings of another page.
myst_heading_anchors = 3
# Error messages stay as they are printed, so that they can be copied and searched for.
smartquotes = False
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}

# The API reference. Inherited methods refer to pages of scikit-learn's own guide.
autosummary_generate = True
autodoc_member_order = "groupwise"
default_role = "py:obj"
toc_object_entries_show_parents = "hide"
suppress_warnings = ["ref.ref", "ref.term"]
numpydoc_show_class_members = False
# A role must have a target. Single backquotes also mark parameters, which have none.
nitpicky = True
nitpick_ignore_regex = [("py:obj", ".*")]

# One line per public name, so that the build needs no network. Add a line to link another name.
DOCUMENTATION = {
    "biopython": "https://biopython.org/docs/latest/",
    "joblib": "https://joblib.readthedocs.io/en/stable/",
    "matplotlib": "https://matplotlib.org/stable/",
    "numpy": "https://numpy.org/doc/stable/",
    "pandas": "https://pandas.pydata.org/docs/",
    "python": "https://docs.python.org/3/",
    "scipy": "https://docs.scipy.org/doc/scipy/",
    "sklearn": "https://scikit-learn.org/stable/",
    "skorch": "https://skorch.readthedocs.io/en/stable/",
    "torch": "https://docs.pytorch.org/docs/stable/",
}
intersphinx_mapping = {
    name: (url, str(HERE / "inventories" / f"{name}.txt")) for name, url in DOCUMENTATION.items()
}

# Types in docstrings are links.
OWN_CLASSES = re.findall(r"^   ([\w.]*\b[A-Z]\w+)$", (HERE / "api.rst").read_text(), re.MULTILINE)
BUILTIN_EXCEPTIONS = re.findall(
    r"^(\w+) exception", (HERE / "inventories" / "python.txt").read_text(), re.MULTILINE
)
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {
    **{name.rpartition(".")[2]: f"sklearn_protlstm.{name}" for name in OWN_CLASSES},
    **{name: name for name in ("array-like", "iterable", "sequence")},
    **{name: f":exc:`{name}`" for name in BUILTIN_EXCEPTIONS},
    **{name: f":class:`{name}`" for name in ("bool", "bytes", "os.PathLike", "re.Pattern")},
    "Bio.Seq": "Bio.Seq.Seq",
    "SeqRecord": "Bio.SeqRecord.SeqRecord",
    "DataFrame": "pandas.DataFrame",
    "pandas.DataFrame": ":class:`pandas.DataFrame`",
    "matplotlib.axes.Axes": ":class:`matplotlib.axes.Axes`",
    "matplotlib.figure.Figure": ":class:`matplotlib.figure.Figure`",
    "Pipeline": "sklearn.pipeline.Pipeline",
    "DummyClassifier": "sklearn.dummy.DummyClassifier",
    "NotFittedError": "sklearn.exceptions.NotFittedError",
    "skorch.callbacks.Callback": ":class:`skorch.callbacks.Callback`",
    "torch.device": ":class:`torch.device`",
}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "ignore_pattern": r"benchmarks|demo\.py",
    "within_subsection_order": "FileNameSortKey",
    # Print a result to show it: the text of a figure object says nothing.
    "capture_repr": (),
    "remove_config_comments": True,
    "doc_module": "sklearn_protlstm",
    "reference_url": {"sklearn_protlstm": None},
    "show_signature": False,
    "write_computation_times": False,
}

# Copy code without prompts and outputs.
copybutton_selector = ":not(.highlight-text):not(.sphx-glr-script-out) > div.highlight > pre"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/logo.svg"
html_show_sourcelink = False
# Pages without subpages have no list of subpages.
WITHOUT_SUBPAGES = ["get_started", "how_an_lstm_reads", "verdicts", "performance", "architecture"]
html_sidebars = {page: [] for page in ["index", *WITHOUT_SUBPAGES]}
html_theme_options = {
    "logo": {"text": project, "image_light": "_static/logo.svg", "image_dark": "_static/logo.svg"},
    "header_links_before_dropdown": 5,
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": ["licence"],
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
