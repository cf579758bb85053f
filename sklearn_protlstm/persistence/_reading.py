"""Convert JSON and arrays to fitted estimators."""

import reprlib
from contextlib import contextmanager
from importlib import import_module
from inspect import signature

from sklearn.pipeline import Pipeline

from sklearn_protlstm.exceptions import InvalidModelContentError
from sklearn_protlstm.persistence._consistency import is_fitted
from sklearn_protlstm.persistence._fields import restore_fitted
from sklearn_protlstm.persistence._registry import (
    MAX_NESTING,
    REGISTRY,
    UNSAVED_PARAMETERS,
    supported_names,
)
from sklearn_protlstm.persistence._splitters import SPLITTERS, load_splitter
from sklearn_protlstm.persistence._values import from_data, get_entry, truncate

__all__ = ["Reader"]

_OUTPUTS = (None, "default", "pandas", "polars")


class Reader:
    """Converts the data of a Writer back to estimators, and removes the arrays that it uses."""

    def __init__(self, arrays, device):
        self.arrays = arrays
        self._device = device
        self._depth = 0

    def model(self, data):
        """Return a fitted estimator or pipeline. A classifier is moved to the device."""
        return self._convert(data, "", True)

    def nested(self, data, name, parts=()):
        """Return a fitted estimator in an attribute. `parts` are the classes it may have."""
        if type(data) is not dict:
            raise InvalidModelContentError(f"{name} is {reprlib.repr(data)}, expected an estimator")
        return self._convert(data, name, True, parts)

    def _convert(self, data, name, must_be_fitted, parts=()):
        class_name = get_entry(data, "class", str)
        entry = REGISTRY.get(class_name)
        if entry is None or (entry.is_part and class_name not in parts):
            raise InvalidModelContentError(
                f"the class {reprlib.repr(class_name)} is not one of {supported_names()}"
            )
        if parts and class_name not in parts:
            raise InvalidModelContentError(
                f"{name} is of class {class_name}, expected {' or '.join(parts)}"
            )
        if self._depth > MAX_NESTING:
            raise InvalidModelContentError(
                f"an estimator is nested deeper than {MAX_NESTING} levels"
            )
        self._depth += 1
        prefix = f"{name}__" if name else ""
        estimator = self._construct(entry, data, prefix, must_be_fitted)
        if type(estimator) is Pipeline:
            entry.finish(estimator)
        else:
            self._restore(estimator, entry, data, prefix, must_be_fitted)
        self._depth -= 1
        return estimator

    def _construct(self, entry, data, prefix, must_be_fitted):
        """Create an estimator with the parameters in the file, validated as in ``fit``.

        Parameters that are newer than the file keep their defaults.
        """
        estimator_class = entry.load_class(data["class"])
        name = estimator_class.__name__
        if not entry.has_parameters:
            return estimator_class.__new__(estimator_class)
        arguments = {}
        if entry.named:
            arguments[entry.named] = self._named(data, entry.named, prefix, must_be_fitted)
        parameters = get_entry(data, "parameters", dict)
        known = signature(estimator_class).parameters.keys() - UNSAVED_PARAMETERS - {entry.named}
        _check_known(parameters, known, f"{name} has no parameter")
        for key, value in parameters.items():
            arguments[key] = from_data(value, prefix + key, self.arrays, convert=self._object)
        with _content_errors(name):
            estimator = estimator_class(**arguments)
            if hasattr(estimator, "_parameter_constraints"):
                estimator._validate_params()
        if entry.named:
            _check_names(estimator, entry.named)
        return estimator

    def _object(self, kind, data, name):
        """Return an estimator or a splitter among the parameters."""
        return (
            _make_splitter(data, name, self.arrays)
            if kind == "splitter"
            else self._convert(data, name, False)
        )

    def _named(self, data, key, prefix, must_be_fitted):
        """Return the steps of a pipeline, or the estimators that an ensemble clones."""
        is_pipeline = key == "steps"
        pairs = []
        for pair in get_entry(data, key, list):
            types = [type(part) for part in pair] if type(pair) is list else []
            if types == [str, str] and pair[1] == "drop" and not is_pipeline:
                pairs.append((pair[0], "drop"))
            elif types == [str, dict]:
                estimator = self._convert(pair[1], prefix + pair[0], must_be_fitted and is_pipeline)
                pairs.append((pair[0], estimator))
            else:
                raise InvalidModelContentError(
                    f"{'a step' if is_pipeline else 'an estimator'} is {reprlib.repr(pair)}, "
                    "expected a name and an estimator"
                )
        return pairs

    def _restore(self, estimator, entry, data, prefix, must_be_fitted):
        """Set the fitted state, the device and the output of an estimator."""
        if must_be_fitted or data.get("learned") is not None:
            state = get_entry(data, "learned", dict)
            self._restore_state(estimator, entry, state, prefix)
        if type(estimator).__name__ in ("ProtLSTMClassifier", "ResidueLanguageModel"):
            _set_device(estimator, self._device)
        output = data.get("output")
        if output not in _OUTPUTS:
            raise InvalidModelContentError(
                f"the output is {reprlib.repr(output)}, expected one of {_OUTPUTS}"
            )
        if output and hasattr(estimator, "set_output"):
            estimator.set_output(transform=output)

    def _restore_state(self, estimator, entry, state, prefix):
        name = type(estimator).__name__
        entry = entry.choose_form(state.get("multilabel_") is True)
        fields = entry.all_fields()
        if not entry.functions:
            _check_known(state, fields.keys(), f"{name} has no fitted attribute")
        restore_fitted(estimator, fields, state, prefix, self)
        with _content_errors(name):
            if entry.functions:
                module, _, restore = entry.functions
                getattr(import_module(module), restore)(estimator, state, prefix, self.arrays)
            if entry.finish:
                entry.finish(estimator)
            if entry.has_parameters and not is_fitted(estimator):
                raise InvalidModelContentError(f"{name} lacks fitted attributes")


def _check_known(data, known, message):
    unknown = data.keys() - known
    if unknown:
        raise InvalidModelContentError(
            f"{message} {reprlib.repr(min(unknown))} that a file can set"
        )


def _check_names(estimator, key):
    names = [name for name, _ in getattr(estimator, key)]
    are_legal = names and all(names) and not any("__" in name for name in names)
    if not are_legal or len({*names} - estimator.get_params(deep=False).keys()) < len(names):
        raise InvalidModelContentError(
            f"the {key} are {reprlib.repr(names)}, expected distinct names without '__'"
        )


def _make_splitter(data, name, arrays):
    class_name = get_entry(data, "class", str)
    if class_name not in SPLITTERS:
        raise InvalidModelContentError(
            f"{name} is of class {reprlib.repr(class_name)}, expected one of "
            f"{', '.join(sorted(SPLITTERS))}"
        )
    splitter_class = load_splitter(class_name)
    parameters = get_entry(data, "parameters", dict)
    known = signature(splitter_class).parameters.keys()
    _check_known(parameters, known, f"{class_name} has no parameter")
    arguments = {key: from_data(value, name, arrays) for key, value in parameters.items()}
    with _content_errors(class_name):
        return splitter_class(**arguments)


@contextmanager
def _content_errors(class_name):
    """Report any error about values of the file as an error of the file."""
    try:
        yield
    except InvalidModelContentError:
        raise
    except ValueError as error:
        raise InvalidModelContentError(truncate(error)) from error
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError) as error:
        raise InvalidModelContentError(
            f"{class_name} cannot be made from its values: {truncate(error)}"
        ) from error


def _set_device(classifier, device):
    """Move a classifier to the device. If it is not fitted, it keeps the device for ``fit``."""
    if hasattr(classifier, "net_"):
        import_module("sklearn_protlstm.persistence._networks").set_device(classifier, device)
    else:
        classifier.set_params(device=device)
