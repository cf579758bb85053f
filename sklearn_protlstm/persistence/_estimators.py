"""Convert fitted estimators to JSON and arrays, and back."""

import reprlib
from importlib import import_module
from inspect import signature
from itertools import pairwise

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._values import (
    from_data,
    get_entry,
    is_strictly_increasing,
    pop_array,
    to_data,
    truncate,
)

__all__ = ["get_estimators", "model_from_data", "model_to_data"]

# Classes that a model file can store, and the modules that define them. A module is imported when
# it is needed, because loading an encoder should not import torch.
_MODULES = {
    "SequenceEncoder": "sklearn_protlstm._encoding.encoder",
    "KmerVectorizer": "sklearn_protlstm._encoding.kmers",
    "ProtLSTMClassifier": "sklearn_protlstm.classifier",
}
# Device and folders depend on the machine. An untrusted file must not choose a folder to write to.
_UNSAVED_PARAMETERS = {"checkpoint_dir", "device", "memory", "resume", "steps"}
_OUTPUTS = (None, "default", "pandas", "polars")

# NumPy cannot create longer strings than this, so no encoder can have learned a longer row.
_MAX_ROW_BYTES = 2**31 - 1


def model_to_data(model, arrays):
    """Convert a fitted estimator or pipeline to data, and add its arrays to `arrays`."""
    if type(model) is Pipeline:
        return _pipeline_to_data(model, arrays)
    return _estimator_to_data(model, "", arrays)


def model_from_data(data, arrays, device):
    """Convert the output of `model_to_data` back to a fitted model.

    The arrays that it uses are removed from `arrays`. A classifier is moved to the device.
    """
    if data.get("class") == "Pipeline":
        return _pipeline_from_data(data, arrays, device)
    return _estimator_from_data(data, "", arrays, device)


def get_estimators(model):
    """Return the steps of a pipeline, or a list of the estimator itself."""
    return [step for _, step in model.steps] if type(model) is Pipeline else [model]


def _pipeline_to_data(pipeline, arrays):
    for name, step in pipeline.steps:
        if not _is_supported(step):
            raise UnsavableModelError(
                f"The step {name!r} is {_kind_of(step)}, but a model file can only store "
                f"{_supported_names()}. Save the supported steps one by one, or the whole pipeline "
                "with joblib.dump",
                name=name,
            )
    if pipeline.memory is not None:
        raise UnsavableModelError(
            f"memory={pipeline.memory!r} is a cache on this machine, which a model file cannot "
            "store. Set it to None first: model.set_params(memory=None)",
            name="memory",
        )
    return {
        "class": "Pipeline",
        "parameters": _parameters_to_data(pipeline, "", arrays),
        "steps": [
            [name, _estimator_to_data(step, f"{name}__", arrays)] for name, step in pipeline.steps
        ],
    }


def _pipeline_from_data(data, arrays, device):
    steps = []
    for pair in get_entry(data, "steps", list):
        if type(pair) is not list or [type(part) for part in pair] != [str, dict]:
            raise InvalidModelContentError(
                f"a step is {reprlib.repr(pair)}, expected a name and an estimator"
            )
        steps.append((pair[0], _estimator_from_data(pair[1], f"{pair[0]}__", arrays, device)))
    pipeline = _construct(Pipeline, data, "", arrays, steps=steps)
    _check_names(pipeline)
    _check_order(pipeline)
    return pipeline


def _check_names(pipeline):
    names = [name for name, _ in pipeline.steps]
    are_legal = names and all(names) and not any("__" in name for name in names)
    if not are_legal or len({*names} - pipeline.get_params(deep=False).keys()) < len(names):
        raise InvalidModelContentError(
            f"the steps are {reprlib.repr(names)}, expected distinct names without '__'"
        )


def _check_order(pipeline):
    steps = get_estimators(pipeline)
    if any(not hasattr(step, "transform") for step in steps[:-1]):
        raise InvalidModelContentError("a classifier is not the last step")
    for step, next_step in pairwise(steps):
        widths = getattr(step, "max_length_", None), getattr(next_step, "n_features_in_", None)
        if None not in widths and len(set(widths)) > 1:
            raise InvalidModelContentError(
                f"the encoder returns {widths[0]} columns, but the classifier expects {widths[1]}"
            )


def _estimator_to_data(estimator, prefix, arrays):
    name = type(estimator).__name__
    if not _is_supported(estimator):
        raise UnsavableModelError(
            f"The model is {_kind_of(estimator)}, but a model file can only store "
            f"{_supported_names()} and pipelines of these. Save other models with joblib.dump",
            name=name,
        )
    check_is_fitted(estimator)
    state_to_data, _ = _state_functions(name)
    return {
        "class": name,
        "parameters": _parameters_to_data(estimator, prefix, arrays),
        "learned": state_to_data(estimator, prefix, arrays),
        "output": getattr(estimator, "_sklearn_output_config", {}).get("transform"),
    }


def _parameters_to_data(estimator, prefix, arrays):
    return {
        name: to_data(value, prefix + name, arrays)
        for name, value in estimator.get_params(deep=False).items()
        if name not in _UNSAVED_PARAMETERS
    }


def _estimator_from_data(data, prefix, arrays, device):
    name = get_entry(data, "class", str)
    if name not in _MODULES:
        raise InvalidModelContentError(
            f"the class {reprlib.repr(name)} is not one of {_supported_names()}"
        )
    output = data.get("output")
    if output not in _OUTPUTS:
        raise InvalidModelContentError(
            f"the output is {reprlib.repr(output)}, expected one of {_OUTPUTS}"
        )
    estimator = _construct(getattr(import_module(_MODULES[name]), name), data, prefix, arrays)
    _, restore_state = _state_functions(name)
    restore_state(estimator, get_entry(data, "learned", dict), prefix, arrays)
    if name == "ProtLSTMClassifier":
        _import_networks().set_device(estimator, device)
    if output and hasattr(estimator, "set_output"):
        estimator.set_output(transform=output)
    return estimator


def _construct(estimator_class, data, prefix, arrays, **arguments):
    """Create an estimator with the parameters in the file, validated as in ``fit``.

    Parameters that are newer than the file keep their defaults.
    """
    parameters = get_entry(data, "parameters", dict)
    known = signature(estimator_class).parameters.keys() - _UNSAVED_PARAMETERS
    unknown = parameters.keys() - known
    if unknown:
        raise InvalidModelContentError(
            f"{estimator_class.__name__} has no parameter {reprlib.repr(min(unknown))} that a file "
            "can set"
        )
    estimator = estimator_class(
        **{name: from_data(value, prefix + name, arrays) for name, value in parameters.items()},
        **arguments,
    )
    try:
        estimator._validate_params()
    except ValueError as error:
        raise InvalidModelContentError(truncate(error)) from error
    return estimator


def _is_supported(estimator):
    # A subclass may have fitted attributes that are unknown here, so compare the exact class.
    name = type(estimator).__name__
    return f"{type(estimator).__module__}.{name}" == f"{_MODULES.get(name)}.{name}"


def _supported_names():
    return ", ".join(_MODULES)


def _kind_of(step):
    return repr(step) if isinstance(step, str) else f"of class {type(step).__name__}"


def _state_functions(name):
    """Return the functions that save and restore the fitted state of a class."""
    if name == "ProtLSTMClassifier":
        return (
            _import_networks().classifier_state_to_data,
            _import_networks().restore_classifier_state,
        )
    return {
        "SequenceEncoder": (_encoder_state_to_data, _restore_encoder_state),
        "KmerVectorizer": (_vectorizer_state_to_data, _restore_vectorizer_state),
    }[name]


def _import_networks():
    return import_module("sklearn_protlstm.persistence._networks")


def _encoder_state_to_data(encoder, prefix, arrays):
    return {"max_length": int(encoder.max_length_)}


def _restore_encoder_state(encoder, state, prefix, arrays):
    max_length = get_entry(state, "max_length", int)
    _set_alphabet(encoder)
    encoder.n_tokens_ = FIRST_TOKEN + encoder.alphabet_.size**encoder.k
    encoder.max_length_ = max_length
    if not 1 <= max_length <= _MAX_ROW_BYTES // np.min_scalar_type(encoder.n_tokens_).itemsize:
        raise InvalidModelContentError(f"an encoder cannot have {max_length} columns")
    if encoder.max_length not in (None, max_length):
        raise InvalidModelContentError(
            f"max_length={encoder.max_length}, but the encoder has {max_length} columns"
        )


def _vectorizer_state_to_data(vectorizer, prefix, arrays):
    names = [f"{prefix}columns[{i}]" for i in range(len(vectorizer.columns_))]
    arrays.update(zip(names, vectorizer.columns_))
    return {"columns": names}


def _restore_vectorizer_state(vectorizer, state, prefix, arrays):
    names = get_entry(state, "columns", list)
    _set_alphabet(vectorizer)
    try:
        lengths = vectorizer._lengths()
    except ValueError as error:
        raise InvalidModelContentError(str(error)) from error
    vectorizer.columns_ = [pop_array(arrays, name, "int64", 1) for name in names]
    are_ranks = len(names) == len(lengths) and all(
        is_strictly_increasing(columns, 0, vectorizer.alphabet_.size**k - 1)
        for k, columns in zip(lengths, vectorizer.columns_)
    )
    if not are_ranks:
        raise InvalidModelContentError("the columns are not increasing ranks of k-mers")


def _set_alphabet(estimator):
    try:
        estimator.alphabet_ = get_alphabet(estimator.alphabet)
    except ValueError as error:
        raise InvalidModelContentError(truncate(error)) from error
