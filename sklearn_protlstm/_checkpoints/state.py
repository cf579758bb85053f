"""Everything that the rest of a training depends on, as plain values and tensors."""

from collections import OrderedDict

import numpy as np
import torch
from skorch.callbacks import PrintLog

from sklearn_protlstm._checkpoints.fit import check_fit

__all__ = ["check_state", "is_plain", "net_state", "restore_net"]

# What a saved state consists of.
_TYPES = {
    "finished": bool,
    "seed": (int, type(None)),
    "parts": str,
    "module": dict,
    "criterion": dict,
    "optimizer": dict,
    "order": tuple,
    "generators": list,
    "most_rows": (int, type(None)),
    "history": list,
    "callbacks": dict,
}

# What skorch's scores keep of the batches of one epoch.
_CACHES = ("y_preds_", "y_trues_")


def net_state(net):
    """Collect the state of a SequenceNet between two epochs."""
    return {
        "module": dict(net.module_.state_dict()),
        "criterion": dict(net.criterion_.state_dict()),
        "optimizer": net.optimizer_.state_dict(),
        "order": net.iterator_train__rng.get_state(),
        "generators": [generator.get_state() for generator in net.generators_ or []],
        "most_rows": net.most_rows,
        "history": list(net.history),
        "callbacks": {name: _callback_state(callback) for name, callback in net.callbacks_},
    }


def check_state(state):
    """Raise a ValueError if a state from a file lacks a part, or a part is of another type."""
    if type(state) is not dict:
        raise ValueError(f"its state is a {type(state).__name__}")
    for name, kinds in _TYPES.items():
        if name not in state or not isinstance(state[name], kinds):
            found = type(state[name]).__name__ if name in state else "missing"
            raise ValueError(f"its {name} is {found}")
    if state["seed"] is not None and not 0 <= state["seed"] < 2**32:
        raise ValueError(f"its seed is {state['seed']}")
    if not _is_generator_state(*state["order"]):
        raise ValueError("its order is not the state of a random generator")
    if state["most_rows"] is not None and state["most_rows"] < 1:
        raise ValueError(f"its most_rows is {state['most_rows']}")
    if not all(map(_is_epoch, state["history"])):
        raise ValueError("its history is not a list of epochs")


def _is_generator_state(kind="", keys=None, position=-1, has_gauss=-1, gauss=None, *others):
    # NumPy does not check the position, and would read past the end of the keys.
    return (
        kind == "MT19937"
        and isinstance(keys, np.ndarray)
        and keys.shape == (624,)
        and keys.dtype.kind == "u"
        and type(position) is type(has_gauss) is int
        and 0 <= position <= 624
        and has_gauss in (0, 1)
        and type(gauss) is float
        and not others
    )


def _is_epoch(entry):
    batches = entry.get("batches") if type(entry) is dict else None
    return type(batches) is list and all(type(batch) is dict for batch in batches)


def restore_net(net, state, *, finished):
    """Set an initialized SequenceNet of the same parameters to a state of :func:`net_state`."""
    check_fit(net, state)
    net.module_.load_state_dict(state["module"])
    net.criterion_.load_state_dict(state["criterion"])
    net.optimizer_.load_state_dict(state["optimizer"])
    net.iterator_train__rng.set_state(state["order"])
    # A generator refuses what is not a state of one.
    net.generator_states = [
        torch.Generator(net.device).set_state(saved).get_state() for saved in state["generators"]
    ]
    net.most_rows = state["most_rows"]
    net.history[:] = state["history"]
    net.epochs_done = 0 if finished else len(net.history)
    for name, callback in net.callbacks_:
        vars(callback).update(state["callbacks"].get(name, {}))


def is_plain(value):
    """Tell whether a checkpoint holds a value.

    Examples
    --------
    >>> is_plain([1, {"a": None}]), is_plain({"a": print})
    (True, False)
    """
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    if type(value) in (dict, OrderedDict):
        return all(map(is_plain, value.keys())) and all(map(is_plain, value.values()))
    if isinstance(value, (np.generic, np.ndarray)):
        return value.dtype.kind in "biuf"
    return value is None or type(value) in (bool, int, float, str, torch.Tensor)


def _callback_state(callback):
    """Plain attributes that end in "_": what a callback has learned."""
    if isinstance(callback, PrintLog):
        return {}  # a resumed training prints the head of its table again
    return {
        name: value
        for name, value in vars(callback).items()
        if name.endswith("_") and name not in _CACHES and is_plain(value)
    }
