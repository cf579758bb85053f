"""The models of a comparison, by name, with the two that know nothing."""

from collections.abc import Iterable, Mapping

from sklearn_protlstm.baselines import make_length_baseline, make_majority_baseline

__all__ = ["name_models"]


def _make_majority():
    # It predicts the same class with either strategy, but says "prior" with the probabilities of
    # the classes. Certainty would make its log-loss the largest of all, and no yardstick.
    return make_majority_baseline().set_params(strategy="prior")


_KNOW_NOTHING = {"majority": _make_majority, "length only": make_length_baseline}


def name_models(models):
    """Give every model a name, and add the majority class and the length.

    Parameters
    ----------
    models : dict of str to estimator, or iterable of estimators
        As in `compare_models`.

    Returns
    -------
    named : dict of str to estimator
        The user's models first.

    Raises
    ------
    TypeError
        If something is no classifier, or a name no str.
    ValueError
        If there is no model.
    """
    if hasattr(models, "fit"):
        raise TypeError(
            f"Got one model ({_class_name(models)}) where several were expected: did you mean "
            "[model]?"
        )
    if isinstance(models, str) or not isinstance(models, Iterable):
        raise TypeError(
            f'models={models!r} are no models: give a dict such as {{"LSTM": model}}, or a list'
        )
    named = dict(models) if isinstance(models, Mapping) else _name_by_class(models)
    if not named:
        raise ValueError('There is no model to compare: give at least one, as {"LSTM": model}')
    for name, model in named.items():
        _check_model(name, model)
    for name, make in _KNOW_NOTHING.items():
        named.setdefault(name, make())
    return named


def _name_by_class(models):
    named = {}
    for model in models:
        kind = name = _class_name(model)
        number = 1
        while name in named:
            number += 1
            name = f"{kind} {number}"
        named[name] = model
    return named


def _class_name(model):
    last = model.steps[-1][1] if getattr(model, "steps", None) else model
    return type(last).__name__


def _check_model(name, model):
    if not isinstance(name, str):
        raise TypeError(f"Model names must be str, got {name!r} of type {type(name).__name__}")
    if isinstance(model, type):
        raise TypeError(
            f"Model {name!r} is the class {model.__name__} itself: give an instance, "
            f"{model.__name__}()"
        )
    if not (hasattr(model, "fit") and hasattr(model, "predict")):
        raise TypeError(
            f"Model {name!r} is a {type(model).__name__}, which has no fit and predict: give a "
            "classifier, or a pipeline that ends in one"
        )
