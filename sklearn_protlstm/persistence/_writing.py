"""Convert fitted estimators to JSON and arrays."""

import os
from importlib import import_module
from inspect import signature

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm.exceptions import UnsavableModelError
from sklearn_protlstm.persistence._consistency import is_fitted
from sklearn_protlstm.persistence._fields import fitted_to_data
from sklearn_protlstm.persistence._registry import (
    MAX_NESTING,
    REGISTRY,
    UNSAVED_PARAMETERS,
    find_name,
    supported_names,
)
from sklearn_protlstm.persistence._splitters import is_splitter
from sklearn_protlstm.persistence._values import to_data

__all__ = ["Writer"]

# scikit-learn's mark of parameters that will disappear.
_DEPRECATED = "deprecated"


class Writer:
    """Converts estimators to data, and adds their arrays to `arrays`."""

    def __init__(self, arrays):
        self.arrays = arrays
        self._depth = 0

    def model(self, model):
        """Convert a fitted estimator or pipeline."""
        return self._convert(model, "", "The model", True)

    def nested(self, estimator, name, parts=()):
        """Convert a fitted estimator in an attribute. `parts` are the classes it may have."""
        return self._convert(estimator, name, f"The estimator {name!r}", True, parts)

    def _convert(self, estimator, name, where, must_be_fitted, parts=()):
        """Convert one estimator. `name` is its name in ``set_params``, `where` that in messages."""
        class_name = find_name(estimator)
        entry = REGISTRY.get(class_name)
        if entry is None or (entry.is_part and class_name not in parts):
            raise _unsupported_error(estimator, name, where)
        if self._depth > MAX_NESTING:
            raise UnsavableModelError(
                f"{where} is nested in more than {MAX_NESTING} other estimators, which a model "
                "file cannot store. Save the model with joblib.dump",
                name=name,
            )
        self._depth += 1
        prefix = f"{name}__" if name else ""
        data = {"class": class_name}
        if entry.has_parameters:
            data["parameters"] = self._parameters(estimator, entry, prefix)
        if entry.named:
            data[entry.named] = self._named(estimator, entry, prefix, must_be_fitted)
        if type(estimator) is not Pipeline:
            data["learned"] = self._learned(estimator, entry, prefix, must_be_fitted)
            data["output"] = vars(estimator).get("_sklearn_output_config", {}).get("transform")
        self._depth -= 1
        return data

    def _parameters(self, estimator, entry, prefix):
        parameters = estimator.get_params(deep=False)
        if parameters.get("memory") is not None:
            raise UnsavableModelError(
                f"memory={parameters['memory']!r} is a cache on this machine, which a model file "
                f"cannot store. Set it to None first: model.set_params({prefix}memory=None)",
                name=f"{prefix}memory",
            )
        return {
            name: to_data(_path_as_text(value), prefix + name, self.arrays, convert=self._object)
            for name, value in parameters.items()
            if name not in {*UNSAVED_PARAMETERS, entry.named}
            and not (type(value) is str and value == _DEPRECATED)
        }

    def _object(self, value, name):
        """Convert an estimator or a splitter among the parameters, or return None."""
        if is_splitter(value):
            return {"splitter": self._splitter(value, name)}
        if hasattr(value, "fit"):
            return {"estimator": self._convert(value, name, f"The estimator {name!r}", False)}
        return None

    def _splitter(self, splitter, name):
        kind = type(splitter)
        parameters = {
            key: to_data(getattr(splitter, key), f"{name}.{key}", self.arrays)
            for key in signature(kind).parameters
        }
        return {"class": kind.__name__, "parameters": parameters}

    def _named(self, estimator, entry, prefix, must_be_fitted):
        """Convert the steps of a pipeline, or the estimators that an ensemble clones."""
        is_pipeline = entry.named == "steps"
        pairs = []
        for key, value in getattr(estimator, entry.named):
            name = prefix + key
            where = f"The {'step' if is_pipeline else 'estimator'} {name!r}"
            is_dropped = isinstance(value, str) and value == "drop" and not is_pipeline
            pairs.append(
                [
                    key,
                    value
                    if is_dropped
                    else self._convert(value, name, where, must_be_fitted and is_pipeline),
                ]
            )
        return pairs

    def _learned(self, estimator, entry, prefix, must_be_fitted):
        """Convert the fitted state. An estimator among the parameters may have none."""
        if not must_be_fitted and not is_fitted(estimator):
            return None
        if entry.has_parameters:
            check_is_fitted(estimator)
        entry = entry.choose_form(getattr(estimator, "multilabel_", False))
        state = fitted_to_data(estimator, entry.all_fields(), prefix, self)
        if entry.functions:
            module, convert, _ = entry.functions
            state |= getattr(import_module(module), convert)(estimator, prefix, self.arrays)
        return state


def _path_as_text(value):
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _unsupported_error(estimator, name, where):
    kind = repr(estimator) if isinstance(estimator, str) else f"of class {type(estimator).__name__}"
    way_out = (
        "Save the supported estimators one by one, or the whole model with joblib.dump"
        if name
        else "Save other models with joblib.dump"
    )
    return UnsavableModelError(
        f"{where} is {kind}, but a model file can only store {supported_names()}. {way_out}",
        name=name or type(estimator).__name__,
    )
