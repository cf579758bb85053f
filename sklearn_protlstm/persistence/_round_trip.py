"""Compare a model with what its file gives back."""

from sklearn_protlstm.exceptions import UnsavableModelError
from sklearn_protlstm.persistence._registry import REGISTRY, is_of_scikit_learn

__all__ = ["changed_parameters_error", "check_same_state", "walk_estimators"]

# Attributes of encoders that depend on the parameters.
_DERIVED = ("alphabet_", "max_length_", "n_tokens_")
# A model file leaves out metadata routing requests.
_UNSAVED = {"_metadata_request", "_sklearn_output_config"}


def walk_estimators(model):
    """Yield an estimator and all estimators in its attributes, in a fixed order."""
    yield model
    for _, value in sorted(vars(model).items()):
        yield from _walk_value(value)


def _walk_value(value):
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _walk_value(item)
    elif type(value).__name__ in REGISTRY or type(value).__module__ == "sklearn.tree._classes":
        yield from walk_estimators(value)


def check_same_state(model, restored):
    """Raise an error if the restored model lacks an attribute or has another one."""
    for one, other in zip(walk_estimators(model), walk_estimators(restored)):
        missing = vars(one).keys() - vars(other).keys() - _UNSAVED
        if missing and is_of_scikit_learn(one):
            name = min(missing)
            raise UnsavableModelError(
                f"{type(one).__name__} has the attribute {name!r}, which a model file cannot "
                "store. If a new version of scikit-learn has added it, update sklearn_protlstm. "
                "Otherwise save the model with joblib.dump",
                name=name,
            )
        for name, fitted in _fitted_values(one).items():
            expected = _fitted_values(other)[name]
            if fitted != expected:
                raise changed_parameters_error(
                    f"the fitted {name} is {fitted!r}, but the parameters give {expected!r}"
                )


def _fitted_values(estimator):
    """Return fitted values that follow from the parameters."""
    values = {name: vars(estimator).get(name) for name in _DERIVED}
    if "net_" in vars(estimator):
        values["pooling"] = getattr(estimator.net_.module_, "pooling", None)
    return values


def changed_parameters_error(reason):
    """Return an error for parameters that do not match the fitted attributes."""
    return UnsavableModelError(
        f"The parameters have changed since the model was fitted: {reason}. Fit the model again, "
        "or restore the parameters, before you save it",
        name="model",
    )
