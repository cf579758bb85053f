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
    "sphinx_gallery.gen_gallery",
]
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "ignore_pattern": r"benchmarks|demo\.py",
    "within_subsection_order": "FileNameSortKey",
}
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}
autosummary_generate = True
numpydoc_show_class_members = False
myst_enable_extensions = ["dollarmath"]
# Links to the headings of another page.
myst_heading_anchors = 3
# score() is inherited, and its docstring refers to scikit-learn's own guide.
suppress_warnings = ["ref.ref"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Protein sequences, an LSTM, and a fair baseline"}
