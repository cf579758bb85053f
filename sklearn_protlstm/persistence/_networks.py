"""Convert the fitted state of estimators that train a network to JSON and arrays, and back."""

import reprlib
from contextlib import contextmanager

import numpy as np
import torch

from sklearn_protlstm._network.language import LanguageLSTM
from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training.build import (
    build_language_net,
    build_net,
    language_module_arguments,
    module_arguments,
)
from sklearn_protlstm._training.devices import resolve_device
from sklearn_protlstm._training.net import move_net
from sklearn_protlstm._training.pretrained import PretrainedWeights
from sklearn_protlstm.alphabets import ALPHABETS, FIRST_TOKEN
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._labels import labels_from_data, labels_to_data
from sklearn_protlstm.persistence._values import (
    MAX_COLUMNS,
    from_data,
    get_entry,
    is_strictly_increasing,
    pop_array,
    to_data,
    truncate,
)

__all__ = [
    "classifier_state_to_data",
    "language_model_state_to_data",
    "restore_classifier_state",
    "restore_language_model_state",
    "set_device",
]

# Arguments of the optimizer and the loss are harmless. Others may start something, for example
# the compilation of the module.
_SAFE_NET_PARAMS = ("optimizer__", "criterion__")

# The largest token that the classifier accepts. It decides the size of a lookup table.
_MAX_TOKEN = 2**24 - 1

# The input and hidden weights and their biases, for one direction of one layer.
_ARRAYS_PER_LSTM = 4


def classifier_state_to_data(classifier, prefix, arrays):
    """Convert the fitted state to data, and add the weights and the vocabulary to `arrays`."""
    for name in classifier.net_params or {}:
        if not str(name).startswith(_SAFE_NET_PARAMS):
            raise UnsavableModelError(
                f"net_params has {name!r}, but a model file can only store names that start with "
                f"{' or '.join(_SAFE_NET_PARAMS)}. Remove the others before saving, for example "
                "with model.set_params(net_params=None): the predictions of a fitted model do not "
                "change. To keep them, save the model with joblib.dump",
                name=f"{prefix}net_params",
            )
    return {
        "classes": labels_to_data(classifier.classes_, f"{prefix}classes_"),
        **({"multilabel": True} if classifier.multilabel_ else {}),
        **language_model_state_to_data(classifier, prefix, arrays),
    }


def language_model_state_to_data(model, prefix, arrays):
    """Convert the fitted state without classes, and add weights and vocabulary to `arrays`."""
    for name, weights in model.net_.module_.state_dict().items():
        arrays[f"{prefix}weights.{name}"] = weights.detach().cpu().contiguous().numpy()
    arrays[f"{prefix}vocabulary"] = model.vocabulary_
    names = getattr(model, "feature_names_in_", None)
    return {
        "n_features_in": int(model.n_features_in_),
        "feature_names_in": None if names is None else [str(name) for name in names],
        "epochs": [_epoch_to_data(epoch) for epoch in model.history_],
    }


def _epoch_to_data(epoch):
    """Keep the scalars of an epoch, such as losses and times, but not the list of its batches."""
    kept = {}
    for name, value in epoch.items():
        try:
            kept[name] = to_data(value, name, {}, depth=np.inf)
        except UnsavableModelError:  # a user's callback may record any object
            continue
    return kept


def restore_classifier_state(classifier, state, prefix, arrays):
    """Set the fitted attributes of a classifier on the CPU from data and arrays.

    Everything that decides how much memory the network takes is compared with the arrays in the
    file before that memory is allocated.
    """
    _check_net_params(classifier.net_params)
    classifier.classes_ = labels_from_data(get_entry(state, "classes", dict))
    classifier.multilabel_ = "multilabel" in state and get_entry(state, "multilabel", bool)
    _restore_vocabulary(classifier, state, prefix, arrays)
    start = _start_in_file(classifier, prefix, arrays)
    _check_sizes(classifier, arrays)
    if start is None:
        _check_embedding(prefix, arrays, _embedding_shape(classifier))
    with _network_errors():
        arguments = module_arguments(classifier, np.random.RandomState(0), start)
    weights = _pop_weights(SequenceLSTM, arguments, prefix, arrays)
    with _network_errors():
        net = build_net(
            classifier,
            torch.device("cpu"),
            rng=classifier._rng,
            start=start,
            label_weights=_equal_label_weights(classifier),
        )
    _finish_net(classifier, net, weights, state)


def restore_language_model_state(model, state, prefix, arrays):
    """Set the fitted attributes of a language model on the CPU from data and arrays."""
    _restore_vocabulary(model, state, prefix, arrays)
    _check_hidden_size(model.hidden_size, arrays)
    shape = FIRST_TOKEN + len(model.vocabulary_), model.embedding_dim
    _check_embedding(prefix, arrays, shape)
    with _network_errors():
        arguments = language_module_arguments(model, np.random.RandomState(0))
    weights = _pop_weights(LanguageLSTM, arguments, prefix, arrays)
    with _network_errors():
        net = build_language_net(model, torch.device("cpu"), rng=model._rng)
    _finish_net(model, net, weights, state)


def _equal_label_weights(classifier):
    """Weights of the losses of the labels, which training computes from its data."""
    return torch.ones(len(classifier.classes_), 3) if classifier.multilabel_ else None


def _restore_vocabulary(model, state, prefix, arrays):
    _restore_columns(model, state)
    model.vocabulary_ = _pop_vocabulary(arrays, prefix)
    model._rng = np.random.RandomState(model.random_state)


def _start_in_file(classifier, prefix, arrays):
    """Return the shape of a network that started from a language model, as its own weights.

    The language model need not be in the file: it may be a path, or another one by now.
    """
    if classifier.pretrained is None:
        return None
    weights = {
        name: pop_array(dict(arrays), f"{prefix}weights.{name}", "float32", 2)
        for name in ("embedding.weight", "layers.0.forward_lstm.weight_hh_l0")
    }
    tensors = {name: torch.from_numpy(values.copy()) for name, values in weights.items()}
    start = PretrainedWeights(classifier.vocabulary_, tensors)
    n_tokens = FIRST_TOKEN + len(classifier.vocabulary_)
    _check_shape("embedding.weight", start.vectors.shape, (n_tokens, start.vectors.shape[1]))
    if start.hidden_size < 1 or start.vectors.shape[1] < 1:
        raise InvalidModelContentError("the arrays of the network are empty")
    return start


def _finish_net(model, net, weights, state):
    with _network_errors():
        net.module_.load_state_dict(weights)
    net.history.extend(_epochs_from_data(get_entry(state, "epochs", list)))
    model.net_ = net
    model.n_iter_ = len(net.history)


def set_device(classifier, device):
    """Set the `device` parameter of a fitted classifier and move its network there."""
    resolved = resolve_device(device)
    classifier.set_params(device=device)
    move_net(classifier.net_, resolved)


def _check_net_params(net_params):
    for name in net_params or {}:
        if type(name) is not str or not name.startswith(_SAFE_NET_PARAMS):
            raise InvalidModelContentError(
                f"net_params has {reprlib.repr(name)}, expected names that start with "
                f"{' or '.join(_SAFE_NET_PARAMS)}"
            )


def _restore_columns(classifier, state):
    n_columns = get_entry(state, "n_features_in", int)
    if not 1 <= n_columns <= MAX_COLUMNS:
        raise InvalidModelContentError(f"n_features_in is {n_columns}, expected 1 to {MAX_COLUMNS}")
    classifier.n_features_in_ = n_columns
    names = state.get("feature_names_in")
    if names is None:
        return
    are_strings = type(names) is list and all(type(name) is str for name in names)
    if not are_strings or len(names) != n_columns:
        raise InvalidModelContentError(
            f"feature_names_in is {reprlib.repr(names)}, expected {n_columns} names"
        )
    classifier.feature_names_in_ = np.array(names, dtype=object)


def _pop_vocabulary(arrays, prefix):
    vocabulary = pop_array(arrays, f"{prefix}vocabulary", "int64", 1)
    if not is_strictly_increasing(vocabulary, FIRST_TOKEN, _MAX_TOKEN):
        raise InvalidModelContentError(
            f"the vocabulary does not hold increasing tokens from {FIRST_TOKEN} to {_MAX_TOKEN}"
        )
    return vocabulary


def _epochs_from_data(epochs):
    for epoch in epochs:
        if type(epoch) is not dict:
            raise InvalidModelContentError(f"an epoch is {reprlib.repr(epoch)}, expected a dict")
    return [
        {name: from_data(value, "epoch", {}) for name, value in epoch.items()} | {"batches": []}
        for epoch in epochs
    ]


def _check_sizes(classifier, arrays):
    """Raise an error if the parameters describe a network that the arrays cannot fill.

    This limits the time and the memory that it takes to compute the shapes of all weights. The
    embedding must fit exactly: its initial values are an argument of the network.
    """
    n_arrays_per_layer = _ARRAYS_PER_LSTM * (2 if classifier.bidirectional else 1)
    max_layers = len(arrays) // n_arrays_per_layer
    if classifier.num_layers > max_layers:
        raise InvalidModelContentError(
            f"num_layers={classifier.num_layers}, but the file has arrays for at most {max_layers}"
        )
    # A single layer from a language model has the size of that model.
    if classifier.pretrained is None or classifier.num_layers > 1:
        _check_hidden_size(classifier.hidden_size, arrays)


def _check_hidden_size(hidden_size, arrays):
    n_numbers = sum(array.size for array in arrays.values())
    if hidden_size > n_numbers:
        raise InvalidModelContentError(
            f"hidden_size={hidden_size}, but the arrays in the file hold only {n_numbers} numbers"
        )


def _check_embedding(prefix, arrays, shape):
    weights = arrays.get(f"{prefix}weights.embedding.weight")
    if weights is None:
        raise InvalidModelContentError("the array of the embedding is missing or is used twice")
    _check_shape("embedding.weight", weights.shape, shape)


def _embedding_shape(classifier):
    n_tokens = FIRST_TOKEN + len(classifier.vocabulary_)
    if not isinstance(classifier.embedding, str):
        return n_tokens, _n_columns(classifier.embedding)
    n_dims = {
        "learned": classifier.embedding_dim,
        "onehot": n_tokens - 1,
        "blosum62": ALPHABETS["protein"].size,
    }
    return n_tokens, n_dims[classifier.embedding]


def _n_columns(table):
    try:
        with np.errstate(over="raise"):
            return np.asarray(table, dtype=np.float32).shape[1]
    except (ArithmeticError, IndexError, TypeError, ValueError) as error:
        raise InvalidModelContentError(f"embedding is not a matrix: {truncate(error)}") from error


@contextmanager
def _network_errors():
    """Report any error about the parameters of the network as an error of the file."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as e:
        raise InvalidModelContentError(f"the network cannot be built: {truncate(e)}") from e


def _pop_weights(module_class, arguments, prefix, arrays):
    """Take the weights of a network from the arrays, and check their shapes.

    Tensors on PyTorch's "meta" device have a shape, but no memory.
    """
    with _network_errors(), torch.device("meta"):
        expected = module_class(**arguments).state_dict()
    weights = {}
    for name, tensor in expected.items():
        values = pop_array(arrays, f"{prefix}weights.{name}", "float32", tensor.ndim)
        _check_shape(name, values.shape, tuple(tensor.shape))
        if not np.isfinite(values).all():
            raise InvalidModelContentError(f"{name} has values that are not finite")
        weights[name] = torch.from_numpy(values)
    return weights


def _check_shape(name, shape, expected):
    if tuple(shape) != expected:
        raise InvalidModelContentError(
            f"{name} has shape {tuple(shape)}, but the parameters require {expected}"
        )
