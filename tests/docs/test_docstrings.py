"""Docstrings follow numpydoc: those of public names in full, those of internal names as written."""

import importlib
import inspect
import pkgutil
import re
from functools import cached_property

import pytest
from numpydoc.validate import ERROR_MSGS, validate

import sklearn_protlstm

# Where our style differs: results have names ("tokens : ndarray"), "See Also" and a second
# paragraph are optional, a test below asks for examples, and a context manager documents no yield.
OPTIONAL = {"ES01", "EX01", "RT02", "SA01", "YD01"}

# An internal helper may have one line or none, and the line may start with a noun in the plural,
# which numpydoc takes for a verb. If the docstring has sections, they must be complete.
OPTIONAL_IN_ONE_LINE = {"GL08", "PR01", "RT01", "SS05"}

# The functions that return these results show them, and ALPHABETS shows the alphabets.
SHOWN_ELSEWHERE = {
    "sklearn_protlstm.alphabets.get_alphabet",
    "sklearn_protlstm.comparison._paired.PairedComparison",
    "sklearn_protlstm.comparison._permutation.PermutationTest",
    "sklearn_protlstm.significance.CorrectedTTest",
    "sklearn_protlstm.significance.McNemarTest",
    "sklearn_protlstm.significance.PosteriorProbabilities",
}

SECTION = re.compile(r"^\s*(Parameters|Returns|Yields|Raises|Attributes)\n\s*-{3,}$", re.MULTILINE)

MODULES = ["sklearn_protlstm"] + [
    module.name for module in pkgutil.walk_packages(sklearn_protlstm.__path__, "sklearn_protlstm.")
]
PUBLIC_MODULES = [name for name in MODULES if "._" not in name]


def listed_objects(modules):
    """Functions and classes in `__all__` of the modules, by dotted name of their definition."""
    members = [
        getattr(module, name)
        for module in map(importlib.import_module, modules)
        for name in getattr(module, "__all__", [])
    ]
    return {
        f"{member.__module__}.{member.__name__}": member
        for member in members
        if (inspect.isfunction(member) or inspect.isclass(member))
        and member.__module__.startswith("sklearn_protlstm.")
    }


def with_methods(objects):
    """Add the public methods and properties of the classes."""
    members = dict(objects)
    for name, member in objects.items():
        if inspect.isclass(member):
            members |= {
                f"{name}.{attribute}": value
                for attribute, value in vars(member).items()
                if not attribute.startswith("_") and has_docstring_of_its_own(value)
            }
    return members


def has_docstring_of_its_own(value):
    kinds = (property, cached_property, classmethod, staticmethod)
    return inspect.isfunction(value) or isinstance(value, kinds)


FOR_USERS = listed_objects(PUBLIC_MODULES)
PUBLIC = with_methods(FOR_USERS)
INTERNAL = {
    name: member
    for name, member in with_methods(listed_objects(MODULES)).items()
    if name not in PUBLIC
}


def numpydoc_errors(name, optional):
    return [error for error in validate(name)["errors"] if error[0] not in optional]


def test_objects_are_found():
    assert {
        "sklearn_protlstm._encoding.encoder.SequenceEncoder",
        "sklearn_protlstm._encoding.encoder.SequenceEncoder.transform",
        "sklearn_protlstm.comparison._results.ModelComparison.complete",
        "sklearn_protlstm.homology._clusters.cluster_sequences",
        "sklearn_protlstm.significance.corrected_t_test",
    } <= set(PUBLIC)
    assert "sklearn_protlstm._training.net.SequenceNet.fit_loop" in INTERNAL
    assert len(PUBLIC) > 80
    assert len(INTERNAL) > 40


def test_codes_exist():
    assert set(ERROR_MSGS) >= OPTIONAL | OPTIONAL_IN_ONE_LINE


@pytest.mark.parametrize("name", PUBLIC)
def test_public_docstring_is_complete(name):
    assert numpydoc_errors(name, OPTIONAL) == []


@pytest.mark.parametrize("name", INTERNAL)
def test_internal_docstring_is_complete_or_short(name):
    has_sections = SECTION.search(INTERNAL[name].__doc__ or "")
    optional = OPTIONAL if has_sections else OPTIONAL | OPTIONAL_IN_ONE_LINE
    assert numpydoc_errors(name, optional) == []


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in FOR_USERS
        if name not in SHOWN_ELSEWHERE and not name.startswith("sklearn_protlstm.exceptions.")
    ],
)
def test_public_docstring_has_an_example(name):
    assert "EX01" not in {code for code, _ in validate(name)["errors"]}


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"sklearn_protlstm._version"}))
def test_module_docstring_is_a_sentence(name):
    summary = importlib.import_module(name).__doc__
    assert summary
    assert re.match(r"[A-Z].*[^.]\.$", summary.strip().partition("\n\n")[0], flags=re.DOTALL)
