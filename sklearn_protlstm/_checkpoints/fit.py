"""Check that a saved state fits a net, before the net takes it over.

A correct checksum does not make a file safe. The fused step of an optimizer does not look at the
shapes of its state, and writes past the end of a tensor that is too small.
"""

import math
from numbers import Number

import numpy as np
import torch

__all__ = ["check_fit"]

_ADAM = (torch.optim.Adam, torch.optim.AdamW)
_ADAM_STATE = {"step", "exp_avg", "exp_avg_sq"}
# Attributes of callbacks that are weights of the network.
_WEIGHTS = ("best_model_weights_", "candidate_", "good_")


def check_fit(net, state):
    """Raise a ValueError if a state does not fit an initialized SequenceNet."""
    _check_weights("module", state["module"], net.module_)
    _check_weights("criterion", state["criterion"], net.criterion_)
    _check_groups(state["optimizer"].get("param_groups"), net.optimizer_)
    _check_moments(state["optimizer"].get("state"), net.optimizer_)
    for name, callback in net.callbacks_:
        _check_callback(name, state["callbacks"].get(name, {}), callback, net)


def _check_weights(name, saved, module):
    own = module.state_dict()
    if not isinstance(saved, dict) or set(saved) != set(own):
        raise ValueError(f"its {name} has other weights")
    for key, weights in own.items():
        _check_tensor(f"{name} {key}", saved[key], weights.shape)


def _check_tensor(name, saved, *shapes):
    if not isinstance(saved, torch.Tensor) or saved.is_complex() or saved.shape not in shapes:
        expected = " or ".join(str(tuple(shape)) for shape in shapes)
        raise ValueError(f"its {name} is not a tensor of shape {expected}")


def _check_groups(saved, optimizer):
    """Let only numbers differ, such as the learning rate."""
    own = optimizer.state_dict()["param_groups"]
    if type(saved) is not list or len(saved) != len(own):
        raise ValueError("its optimizer has other groups of parameters")
    for saved_group, own_group in zip(saved, own):
        for key, value in own_group.items():
            if type(saved_group) is not dict or key not in saved_group:
                raise ValueError(f"its optimizer lacks {key}")
            if not _is_like(saved_group[key], value, frozen=key == "params"):
                raise ValueError(f"{key} of its optimizer is {saved_group[key]!r}")


def _is_like(saved, own, *, frozen):
    if isinstance(own, (list, tuple)):
        return (
            type(saved) is type(own)
            and len(saved) == len(own)
            and all(_is_like(*pair, frozen=frozen) for pair in zip(saved, own))
        )
    if _is_number(own) and not frozen:
        return _is_number(saved) and math.isfinite(saved)
    return type(saved) is type(own) and (isinstance(own, torch.Tensor) or saved == own)


def _is_number(value):
    return isinstance(value, (Number, np.number)) and not isinstance(value, bool)


def _check_moments(saved, optimizer):
    """Check what the optimizer keeps of each parameter, such as means of gradients."""
    shapes = [p.shape for group in optimizer.param_groups for p in group["params"]]
    is_fused = any(group.get("fused") for group in optimizer.param_groups)
    if type(saved) is not dict or not all(number in range(len(shapes)) for number in saved):
        raise ValueError("its optimizer has other parameters")
    for number, moments in saved.items():
        if type(moments) is not dict:
            raise ValueError(f"the state of its optimizer is a {type(moments).__name__}")
        if isinstance(optimizer, _ADAM) and moments and not _ADAM_STATE.issubset(moments):
            raise ValueError("its optimizer lacks a part of its state")
        for name, value in moments.items():
            shape = torch.Size() if name == "step" else shapes[number]
            if is_fused or (isinstance(optimizer, _ADAM) and name in _ADAM_STATE):
                _check_tensor(f"optimizer's {name}", value, shape)


def _check_callback(name, saved, callback, net):
    if type(saved) is not dict:
        raise ValueError(f"its callback {name} is a {type(saved).__name__}")
    of_a_user = type(callback).__module__.partition(".")[0] not in ("skorch", "sklearn_protlstm")
    for key, value in saved.items():
        if not isinstance(key, str) or not key.endswith("_") or hasattr(type(callback), key):
            raise ValueError(f"its callback {name} has the attribute {key!r}")
        if of_a_user:
            continue
        own = vars(callback).get(key)
        if key in _WEIGHTS and value is not None:
            _check_weights(f"callback {name}", value, net.module_)
        elif own is not None and not (
            type(value) is type(own) or (_is_number(own) and _is_number(value))
        ):
            raise ValueError(f"{key} of its callback {name} is a {type(value).__name__}")
