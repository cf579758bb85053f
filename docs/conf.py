"""Sphinx configuration."""

from sklearn_protlstm import __version__

project = "sklearn_protlstm"
author = "the sklearn_protlstm developers"
version = release = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
]
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}
autosummary_generate = True
numpydoc_show_class_members = False
myst_enable_extensions = ["dollarmath"]
# score() is inherited, and its docstring refers to scikit-learn's own guide.
suppress_warnings = ["ref.ref"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Protein sequences, an LSTM, and a fair baseline"}
