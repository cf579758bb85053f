"""What a fitted ProtLSTMClassifier has learned, as data and weights, and back."""

import reprlib

import numpy as np
import torch

from sklearn_protlstm._network.module import POOLINGS
from sklearn_protlstm._training.build import build_net
from sklearn_protlstm._training.devices import resolve_device, seeded_torch
from sklearn_protlstm._training.net import move_net
from sklearn_protlstm._validation import check_pooling
from sklearn_protlstm.alphabets import ALPHABETS, FIRST_TOKEN
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._labels import labels_from_data, labels_to_data
from sklearn_protlstm.persistence._values import (
    from_data,
    is_rising,
    shorten,
    take,
    take_array,
    to_data,
)

__all__ = ["describe_network", "move", "restore_network"]

# Numbers for the optimizer and the loss are harmless; what else skorch takes can be a command,
# such as to compile the module.
_SAFE_NET_PARAMS = ("optimizer__", "criterion__")

# As for the tokens that the classifier takes: the largest decides the size of a look-up table.
_LARGEST_TOKEN = 2**24 - 1


def describe_network(classifier, prefix, arrays):
    """Turn what a classifier has learned into data.

    Parameters
    ----------
    classifier : ProtLSTMClassifier
        Fitted, on any device.
    prefix : str
        Before the names of arrays.
    arrays : dict of str to ndarray
        Takes up the weights.

    Returns
    -------
    learned : dict
        What JSON can hold.

    Raises
    ------
    UnsavableModelError
        If the labels or the arguments of the net are of a kind that a file does not hold.
    """
    for name in classifier.net_params or {}:
        if not str(name).startswith(_SAFE_NET_PARAMS):
            raise UnsavableModelError(
                f"net_params has {name!r}; a model file holds arguments that start with "
                f"{' or '.join(_SAFE_NET_PARAMS)}. Leave it out before saving (predictions do not "
                "depend on it now): model.set_params(net_params=None), or use joblib.dump",
                name=f"{prefix}net_params",
            )
    for name, weights in classifier.net_.module_.state_dict().items():
        arrays[f"{prefix}weights.{name}"] = weights.detach().cpu().contiguous().numpy()
    arrays[f"{prefix}vocabulary"] = classifier.vocabulary_
    names = getattr(classifier, "feature_names_in_", None)
    return {
        "classes": labels_to_data(classifier.classes_, f"{prefix}classes_"),
        "n_features_in": int(classifier.n_features_in_),
        "feature_names_in": None if names is None else [str(name) for name in names],
        "epochs": [_describe_epoch(epoch) for epoch in classifier.history_],
    }


def _describe_epoch(epoch):
    """Losses and times of one epoch, without those of its batches."""
    kept = {}
    for name, value in epoch.items():
        try:
            # Callbacks of the user's may note whatever they like.
            kept[name] = to_data(value, name, {}, depth=np.inf)
        except UnsavableModelError:
            continue
    return kept


def restore_network(classifier, learned, prefix, arrays):
    """Give a classifier back what it had learned.

    Parameters
    ----------
    classifier : ProtLSTMClassifier
        With its parameters, on the CPU; changed in place.
    learned : dict
        From `describe_network`.
    prefix : str
        Before the names of arrays.
    arrays : dict of str to ndarray
        Those used are removed.

    Raises
    ------
    InvalidModelContentError
        If the parts do not fit each other.
    """
    _check_net_params(classifier.net_params)
    _restore_columns(classifier, learned)
    classifier.classes_ = labels_from_data(take(learned, "classes", dict))
    classifier.vocabulary_ = take_array(arrays, f"{prefix}vocabulary", "int64", 1)
    if not is_rising(classifier.vocabulary_, FIRST_TOKEN, _LARGEST_TOKEN):
        raise InvalidModelContentError("the vocabulary is not a list of tokens in rising order")
    weights = _take_weights(_weight_shapes(classifier, len(arrays)), prefix, arrays)
    classifier._rng = np.random.RandomState(classifier.random_state)
    try:
        with seeded_torch(0, torch.device("cpu")):
            net = build_net(
                classifier,
                range(1),
                None,
                torch.device("cpu"),
                schedule="constant",
                rng=classifier._rng,
            ).initialize()
        net.module_.load_state_dict(weights)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as e:
        raise InvalidModelContentError(f"the network cannot be built: {shorten(e)}") from e
    net.history.extend(_restore_epochs(take(learned, "epochs", list)))
    classifier.net_ = net
    classifier.n_iter_ = len(net.history)


def move(classifier, device):
    """Set the device of a classifier and go there.

    Parameters
    ----------
    classifier : ProtLSTMClassifier
        Fitted; changed in place.
    device : str or torch.device
        As the classifier's parameter.

    Raises
    ------
    DeviceUnavailableError
        If this machine has no such device.
    """
    place = resolve_device(device)
    classifier.set_params(device=device)
    move_net(classifier.net_, place)


def _check_net_params(net_params):
    for name in net_params or {}:
        if type(name) is not str or not name.startswith(_SAFE_NET_PARAMS):
            raise InvalidModelContentError(
                f"net_params has {reprlib.repr(name)}, expected names that start with "
                f"{' or '.join(_SAFE_NET_PARAMS)}"
            )


def _restore_columns(classifier, learned):
    classifier.n_features_in_ = take(learned, "n_features_in", int)
    if classifier.n_features_in_ < 1:
        raise InvalidModelContentError(f"n_features_in is {classifier.n_features_in_}")
    names = learned.get("feature_names_in")
    if names is None:
        return
    strings = type(names) is list and all(type(name) is str for name in names)
    if not strings or len(names) != classifier.n_features_in_:
        raise InvalidModelContentError(
            f"feature_names_in is {reprlib.repr(names)}, expected {classifier.n_features_in_} names"
        )
    classifier.feature_names_in_ = np.array(names, dtype=object)


def _restore_epochs(epochs):
    for epoch in epochs:
        if type(epoch) is not dict:
            raise InvalidModelContentError(f"an epoch is {reprlib.repr(epoch)}")
    return [
        {name: from_data(value, "epoch", {}) for name, value in epoch.items()} | {"batches": []}
        for epoch in epochs
    ]


def _weight_shapes(classifier, n_arrays):
    """Names and shapes of the weights that such a classifier has."""
    try:
        pooling = check_pooling(classifier.pooling, POOLINGS)
    except (TypeError, ValueError) as error:
        raise InvalidModelContentError(shorten(error)) from error
    # Each layer has arrays of its own; counted before they are listed.
    if classifier.num_layers > n_arrays:
        raise InvalidModelContentError(
            f"num_layers={classifier.num_layers}, but the file has {n_arrays} arrays"
        )
    hidden = classifier.hidden_size
    directions = ["forward_lstm", "backward_lstm"][: 1 + bool(classifier.bidirectional)]
    width = hidden * len(directions)
    shapes = {"embedding.weight": _embedding_shape(classifier)}
    n_inputs = shapes["embedding.weight"][1]
    for layer in range(classifier.num_layers):
        for direction in directions:
            lstm = f"layers.{layer}.{direction}"
            shapes[f"{lstm}.weight_ih_l0"] = (4 * hidden, n_inputs)
            shapes[f"{lstm}.weight_hh_l0"] = (4 * hidden, hidden)
            shapes[f"{lstm}.bias_ih_l0"] = shapes[f"{lstm}.bias_hh_l0"] = (4 * hidden,)
        n_inputs = width
    if "attention" in pooling:
        shapes["attention.project.weight"] = (width, width)
        shapes["attention.project.bias"] = (width,)
        shapes["attention.query.weight"] = (1, width)
    shapes["head.weight"] = (len(classifier.classes_), width * len(pooling))
    shapes["head.bias"] = (len(classifier.classes_),)
    return shapes


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
        raise InvalidModelContentError(f"embedding is no matrix: {shorten(error)}") from error


def _take_weights(shapes, prefix, arrays):
    """Tensors of these shapes from the file, judged before the network is built."""
    weights = {}
    for name, shape in shapes.items():
        values = take_array(arrays, f"{prefix}weights.{name}", "float32", len(shape))
        if values.shape != shape:
            raise InvalidModelContentError(
                f"{name} has shape {values.shape}, expected {shape} by the parameters"
            )
        if not np.isfinite(values).all():
            raise InvalidModelContentError(f"{name} holds numbers that are not finite")
        weights[name] = torch.from_numpy(values)
    return weights
