"""What someone needs to repeat a report: command, seed and versions."""

import platform
from importlib.metadata import PackageNotFoundError, version

from sklearn_protlstm._html.fragments import Column, Table
from sklearn_protlstm._version import __version__

__all__ = ["list_versions"]

_PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "skorch", "biopython", "matplotlib")


def list_versions():
    """Make a table of the versions of Python, this package and the packages that it uses."""
    versions = {"Python": platform.python_version(), "sklearn_protlstm": __version__}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    columns = [Column("package", [*versions]), Column("version", [*versions.values()])]
    return Table.of("Versions", columns)
