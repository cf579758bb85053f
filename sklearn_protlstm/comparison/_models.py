"""Name the models of a comparison and add the baselines."""

from collections.abc import Iterable, Mapping

from sklearn_protlstm.baselines import make_length_baseline, make_majority_baseline


def _make_majority():
    # The "prior" strategy predicts the majority class too, but with the class frequencies as
    # probabilities. A probability of 1 would give a log-loss that any model beats.
    return make_majority_baseline().set_params(strategy="prior")


BASELINES = {"majority": _make_majority, "length only": make_length_baseline}


def name_models(models):
    """Return a dict of all models by name: the user's models first, then the baselines."""
    if hasattr(models, "fit"):
        raise TypeError(
            f"Expected several models, got one ({_class_name(models)}). Did you mean [model]?"
        )
    if isinstance(models, str) or not isinstance(models, Iterable):
        raise TypeError(
            f"models must be a dict or a list of estimators, got {models!r}. Pass a dict such as "
            '{"LSTM": model}'
        )
    named = dict(models) if isinstance(models, Mapping) else _name_by_class(models)
    if not named:
        raise ValueError('models is empty. Pass at least one, such as {"LSTM": model}')
    for name, model in named.items():
        _check_model(name, model)
    for name, make in BASELINES.items():
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
            f"Model {name!r} is the class {model.__name__}. Pass an instance: {model.__name__}()"
        )
    if not (hasattr(model, "fit") and hasattr(model, "predict")):
        raise TypeError(
            f"Model {name!r} is a {type(model).__name__}, which lacks fit or predict. Pass a "
            "classifier, or a pipeline that ends with one"
        )
