"""Everything that the rest of a training depends on, as plain values and tensors."""

from skorch.callbacks import PrintLog

from sklearn_protlstm._checkpoints.file import is_packable

__all__ = ["net_state", "restore_net"]

# What skorch's scores keep of the batches of one epoch.
_CACHES = ("y_preds_", "y_trues_")


def net_state(net):
    """Collect everything that the rest of a training depends on.

    Parameters
    ----------
    net : SequenceNet
        Between two epochs.

    Returns
    -------
    state : dict
        Plain values and tensors.
    """
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


def restore_net(net, state):
    """Undo `net_state`.

    Parameters
    ----------
    net : SequenceNet
        Initialized with the same parameters; changed in place.
    state : dict
        What `net_state` collected.
    """
    net.module_.load_state_dict(state["module"])
    net.criterion_.load_state_dict(state["criterion"])
    net.optimizer_.load_state_dict(state["optimizer"])
    net.iterator_train__rng.set_state(state["order"])
    net.generator_states = state["generators"]
    net.most_rows = state["most_rows"]
    net.history[:] = state["history"]
    net.epochs_done = 0 if state["finished"] else len(net.history)
    for name, callback in net.callbacks_:
        vars(callback).update(state["callbacks"].get(name, {}))


def _callback_state(callback):
    """What a callback has learned, as far as it is plain: attributes that end in "_"."""
    if isinstance(callback, PrintLog):
        return {}  # a training that goes on prints its table's head again
    return {
        name: value
        for name, value in vars(callback).items()
        if name.endswith("_") and name not in _CACHES and is_packable(value)
    }
