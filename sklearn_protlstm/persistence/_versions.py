"""Record package versions in a model file, and compare them when it is loaded.

scikit-learn may change the fitted attributes of its classes between minor versions. A file that
holds such classes therefore loads with a warning on another minor version, and what does not fit
is an error that names both versions.
"""

import re
import reprlib
import warnings
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version

from sklearn_protlstm._version import __version__
from sklearn_protlstm.exceptions import InvalidModelContentError, ModelVersionWarning
from sklearn_protlstm.persistence._registry import is_of_scikit_learn
from sklearn_protlstm.persistence._round_trip import walk_estimators
from sklearn_protlstm.persistence._values import get_entry

__all__ = ["check_versions", "package_versions", "version_errors"]

_PACKAGES = ("numpy", "scikit-learn", "skorch", "torch")
_SKLEARN = "scikit-learn"
_VERSION = re.compile(r"([0-9]{1,6}\.[0-9]{1,6})[.0-9a-z+]{0,40}")


def package_versions():
    """Return the versions of the packages, by name."""
    versions = {"sklearn_protlstm": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # importable, but not installed as a Python package
            continue
    return versions


@contextmanager
def version_errors(description):
    """Mention the versions in errors if another scikit-learn wrote the file."""
    try:
        yield
    except InvalidModelContentError as error:
        versions = description.get("versions")
        saved = versions.get(_SKLEARN) if type(versions) is dict else None
        installed = package_versions().get(_SKLEARN)
        if type(saved) is not str or not _differ(saved, installed):
            raise
        raise InvalidModelContentError(
            f"{error}. {_both_versions(saved, installed)}. Install scikit-learn {saved} to load "
            "the file, or fit the model again"
        ) from error


def check_versions(model, description):
    """Warn if the model has fitted classes of another minor version of scikit-learn."""
    parts = filter(is_of_scikit_learn, walk_estimators(model))
    names = sorted({type(part).__name__ for part in parts})
    if names in ([], ["Pipeline"]):
        return
    saved = get_entry(get_entry(description, "versions", dict), _SKLEARN, str)
    if not _VERSION.fullmatch(saved):
        raise InvalidModelContentError(
            f"the version of scikit-learn is {reprlib.repr(saved)}, expected a number such as 1.6.0"
        )
    installed = package_versions().get(_SKLEARN)
    if _differ(saved, installed):
        warnings.warn(
            ModelVersionWarning(
                f"{_both_versions(saved, installed)}. The attributes of {', '.join(names)} may "
                "have another meaning, and predictions may differ. Compare some predictions, "
                "install the other version, or fit the model again",
                saved=saved,
                installed=installed,
            ),
            stacklevel=4,
        )


def _differ(saved, installed):
    """Return whether two versions differ in their first two numbers."""
    found = [_VERSION.fullmatch(text or "") for text in (saved, installed)]
    return all(found) and found[0][1] != found[1][1]


def _both_versions(saved, installed):
    return f"The file was saved with scikit-learn {saved}, but {installed} is installed"
