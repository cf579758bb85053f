"""Every public docstring follows numpydoc."""

import importlib
import inspect
import pkgutil
import re
from functools import cached_property

import pytest
from numpydoc.validate import ERROR_MSGS, validate

import sklearn_protlstm

# What our style does otherwise: results have names ("tokens : ndarray"), "See Also" and a second
# paragraph are for those that need them, examples are asked for below where users look, and a
# context manager has nothing to tell of what it yields.
NOT_ASKED_FOR = {"ES01", "EX01", "RT02", "SA01", "YD01"}

MODULES = ["sklearn_protlstm"] + [
    module.name for module in pkgutil.walk_packages(sklearn_protlstm.__path__, "sklearn_protlstm.")
]


def public_objects(modules):
    """Dotted names of the functions and classes in `__all__`, and of their public methods."""
    for module_name in modules:
        module = importlib.import_module(module_name)
        for name in getattr(module, "__all__", []):
            member = getattr(module, name)
            if getattr(member, "__module__", None) != module_name or not callable(member):
                continue
            yield f"{module_name}.{name}"
            if inspect.isclass(member):
                for attribute, value in vars(member).items():
                    if not attribute.startswith("_") and is_documented_member(value):
                        yield f"{module_name}.{name}.{attribute}"


def is_documented_member(value):
    kinds = (property, cached_property, classmethod, staticmethod)
    return inspect.isfunction(value) or isinstance(value, kinds)


PUBLIC = list(public_objects(MODULES))
FOR_USERS = [
    f"{member.__module__}.{member.__name__}"
    for home in (
        sklearn_protlstm,
        sklearn_protlstm.datasets,
        sklearn_protlstm.inspection,
        sklearn_protlstm.readers,
        sklearn_protlstm.splitting,
    )
    for member in (getattr(home, name) for name in home.__all__)
    if callable(member)
]


def test_objects_are_found():
    assert {
        "sklearn_protlstm._encoding.encoder.SequenceEncoder",
        "sklearn_protlstm._encoding.encoder.SequenceEncoder.transform",
        "sklearn_protlstm.classifier.ProtLSTMClassifier.history_",
        "sklearn_protlstm._training.net.SequenceNet.fit_loop",
    } <= set(PUBLIC)
    assert len(PUBLIC) > 80
    assert len(FOR_USERS) >= 8


def test_codes_exist():
    assert set(ERROR_MSGS) >= NOT_ASKED_FOR


@pytest.mark.parametrize("name", PUBLIC)
def test_numpydoc(name):
    errors = [error for error in validate(name)["errors"] if error[0] not in NOT_ASKED_FOR]
    assert errors == []


@pytest.mark.parametrize("name", FOR_USERS)
def test_users_get_an_example(name):
    assert "EX01" not in {code for code, _ in validate(name)["errors"]}


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"sklearn_protlstm._version"}))
def test_module_says_what_it_is_for(name):
    summary = importlib.import_module(name).__doc__
    assert summary
    assert re.match(r"[A-Z].*[^.]\.$", summary.strip().partition("\n\n")[0], flags=re.DOTALL)
