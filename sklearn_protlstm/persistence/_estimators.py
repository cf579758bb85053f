"""Which estimators a model file may hold, and what each has learned, as data and back."""

import reprlib
from importlib import import_module
from inspect import signature

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._values import (
    from_data,
    is_rising,
    shorten,
    take,
    take_array,
    to_data,
)

__all__ = ["describe", "estimators_of", "restore"]

# The home of each class is imported when it is needed: an encoder does not wait for torch.
_HOMES = {
    "SequenceEncoder": "sklearn_protlstm._encoding.encoder",
    "KmerVectorizer": "sklearn_protlstm._encoding.kmers",
    "ProtLSTMClassifier": "sklearn_protlstm.classifier",
}
# Where to compute, to cache and to keep checkpoints is the machine's affair; a model may move to
# another, and a stranger's file must not name folders to write to.
_NOT_IN_FILE = {"checkpoint_dir", "device", "memory", "resume", "steps"}
_OUTPUTS = (None, "default", "pandas", "polars")

# NumPy cannot make rows of more bytes than this, so no encoder has learned a longer one.
_LONGEST_ROW = 2**31 - 1


def describe(model, arrays):
    """Turn a fitted model into what JSON can hold.

    Parameters
    ----------
    model : SequenceEncoder, KmerVectorizer, ProtLSTMClassifier or Pipeline
        Fitted; a pipeline of the former.
    arrays : dict of str to ndarray
        Takes up weights and other arrays.

    Returns
    -------
    data : dict
        For `restore`.

    Raises
    ------
    UnsavableModelError
        If the model, a step or a parameter is of another kind.
    NotFittedError
        If nothing was learned yet.
    """
    if type(model) is not Pipeline:
        return _describe_estimator(model, "", arrays)
    for name, step in model.steps:
        if not _is_known(step):
            raise UnsavableModelError(
                f"The step {name!r} is {_kind_of(step)}; a model file holds {_known_names()}. Save "
                "the steps that are among them one by one, or keep the whole with joblib.dump",
                name=name,
            )
    if model.memory is not None:
        raise UnsavableModelError(
            f"memory={model.memory!r} is a place on this machine, which a model file does not "
            "hold. Set it to None first: model.set_params(memory=None)",
            name="memory",
        )
    parameters = {
        name: to_data(value, name, arrays)
        for name, value in model.get_params(deep=False).items()
        if name not in _NOT_IN_FILE
    }
    steps = [[name, _describe_estimator(step, f"{name}__", arrays)] for name, step in model.steps]
    return {"class": "Pipeline", "parameters": parameters, "steps": steps}


def restore(data, arrays, device):
    """Turn what `describe` made back into a fitted model.

    Parameters
    ----------
    data : dict
        From JSON.
    arrays : dict of str to ndarray
        Those used are removed.
    device : str or torch.device
        Where a classifier is to compute.

    Returns
    -------
    model : SequenceEncoder, KmerVectorizer, ProtLSTMClassifier or Pipeline
        Fitted.

    Raises
    ------
    InvalidModelContentError
        If the data do not describe a model.
    DeviceUnavailableError
        If there is no such device.
    """
    if data.get("class") != "Pipeline":
        return _restore_estimator(data, "", arrays, device)
    steps = []
    for pair in take(data, "steps", list):
        if type(pair) is not list or [type(part) for part in pair] != [str, dict]:
            raise InvalidModelContentError(
                f"a step is {reprlib.repr(pair)}, expected a name and an estimator"
            )
        steps.append((pair[0], _restore_estimator(pair[1], f"{pair[0]}__", arrays, device)))
    pipeline = _construct(Pipeline, data, "", arrays, steps=steps)
    _check_steps(pipeline)
    return pipeline


def estimators_of(model):
    """List the estimators of a model.

    Parameters
    ----------
    model : estimator or Pipeline
        Any of those that a file holds.

    Returns
    -------
    estimators : list
        The steps of a pipeline, or the model alone.
    """
    return [step for _, step in model.steps] if type(model) is Pipeline else [model]


def _describe_estimator(model, prefix, arrays):
    if not _is_known(model):
        raise UnsavableModelError(
            f"The model is {_kind_of(model)}; a model file holds {_known_names()} and pipelines "
            "of these. Keep other models with joblib.dump",
            name=type(model).__name__,
        )
    check_is_fitted(model)
    name = type(model).__name__
    parameters = {
        key: to_data(value, prefix + key, arrays)
        for key, value in model.get_params(deep=False).items()
        if key not in _NOT_IN_FILE
    }
    return {
        "class": name,
        "parameters": parameters,
        "learned": _learning(name)[0](model, prefix, arrays),
        "output": getattr(model, "_sklearn_output_config", {}).get("transform"),
    }


def _restore_estimator(data, prefix, arrays, device):
    name = take(data, "class", str)
    if name not in _HOMES:
        raise InvalidModelContentError(
            f"the class {reprlib.repr(name)} is not one of {_known_names()}"
        )
    output = data.get("output")
    if output not in _OUTPUTS:
        raise InvalidModelContentError(
            f"the output is {reprlib.repr(output)}, expected one of {_OUTPUTS}"
        )
    kind = getattr(import_module(_HOMES[name]), name)
    model = _construct(kind, data, prefix, arrays)
    _learning(name)[1](model, take(data, "learned", dict), prefix, arrays)
    if name == "ProtLSTMClassifier":
        _networks().move(model, device)
    if output and hasattr(model, "set_output"):
        model.set_output(transform=output)
    return model


def _construct(kind, data, prefix, arrays, **others):
    """An estimator with the parameters of the file, which are judged as in ``fit``."""
    parameters = take(data, "parameters", dict)
    # Parameters that came into being after the file was written keep their defaults.
    unknown = parameters.keys() - set(signature(kind).parameters) | parameters.keys() & _NOT_IN_FILE
    if unknown:
        raise InvalidModelContentError(
            f"{kind.__name__} has no parameter {reprlib.repr(min(unknown))} that a file may set"
        )
    model = kind(
        **{key: from_data(value, prefix + key, arrays) for key, value in parameters.items()},
        **others,
    )
    try:
        model._validate_params()
    except ValueError as error:
        raise InvalidModelContentError(shorten(error)) from error
    return model


def _check_steps(pipeline):
    names = [name for name, _ in pipeline.steps]
    legal = names and all(names) and not any("__" in name for name in names)
    if not legal or len({*names} - pipeline.get_params(deep=False).keys()) < len(names):
        raise InvalidModelContentError(
            f"the steps are {reprlib.repr(names)}, expected distinct names without '__'"
        )
    if any(not hasattr(step, "transform") for _, step in pipeline.steps[:-1]):
        raise InvalidModelContentError("a classifier stands before the last step")
    for (_, one), (_, next_one) in zip(pipeline.steps, pipeline.steps[1:]):
        widths = getattr(one, "max_length_", None), getattr(next_one, "n_features_in_", None)
        if None not in widths and len(set(widths)) > 1:
            raise InvalidModelContentError(
                f"the encoder makes {widths[0]} columns, but the classifier takes {widths[1]}"
            )


def _is_known(model):
    # A subclass may have learned what is not known here.
    name = type(model).__name__
    return f"{type(model).__module__}.{name}" == f"{_HOMES.get(name)}.{name}"


def _known_names():
    return ", ".join(_HOMES)


def _kind_of(model):
    return repr(model) if isinstance(model, str) else f"of class {type(model).__name__}"


def _learning(name):
    """Functions that write and read what an estimator of this class has learned."""
    if name == "ProtLSTMClassifier":
        return _networks().describe_network, _networks().restore_network
    return {
        "SequenceEncoder": (_describe_encoder, _restore_encoder),
        "KmerVectorizer": (_describe_vectorizer, _restore_vectorizer),
    }[name]


def _networks():
    return import_module("sklearn_protlstm.persistence._networks")


def _describe_encoder(encoder, prefix, arrays):
    return {"max_length": int(encoder.max_length_)}


def _restore_encoder(encoder, learned, prefix, arrays):
    max_length = take(learned, "max_length", int)
    _set_alphabet(encoder)
    encoder.n_tokens_ = FIRST_TOKEN + encoder.alphabet_.size**encoder.k
    encoder.max_length_ = max_length
    if not 1 <= max_length <= _LONGEST_ROW // np.min_scalar_type(encoder.n_tokens_).itemsize:
        raise InvalidModelContentError(f"an encoder cannot have {max_length} columns")
    if encoder.max_length not in (None, max_length):
        raise InvalidModelContentError(
            f"max_length={encoder.max_length}, but the encoder has {max_length} columns"
        )


def _describe_vectorizer(vectorizer, prefix, arrays):
    names = [f"{prefix}columns[{i}]" for i in range(len(vectorizer.columns_))]
    arrays.update(zip(names, vectorizer.columns_))
    return {"columns": names}


def _restore_vectorizer(vectorizer, learned, prefix, arrays):
    names = take(learned, "columns", list)
    _set_alphabet(vectorizer)
    try:
        lengths = vectorizer._lengths()
    except ValueError as error:
        raise InvalidModelContentError(str(error)) from error
    vectorizer.columns_ = [take_array(arrays, name, "int64", 1) for name in names]
    legal = len(names) == len(lengths) and all(
        is_rising(columns, 0, vectorizer.alphabet_.size**k - 1)
        for k, columns in zip(lengths, vectorizer.columns_)
    )
    if not legal:
        raise InvalidModelContentError("the columns are not ranks of k-mers in rising order")


def _set_alphabet(estimator):
    try:
        estimator.alphabet_ = get_alphabet(estimator.alphabet)
    except ValueError as error:
        raise InvalidModelContentError(shorten(error)) from error
