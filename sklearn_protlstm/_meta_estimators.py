"""What classifiers around other classifiers share: samples, routing and fitted attributes."""

from numbers import Number

import numpy as np
from scipy.sparse import issparse
from sklearn import get_config
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from sklearn_protlstm._validation import check_sequences

__all__ = [
    "RoutedEstimatorMixin",
    "as_samples",
    "copy_attributes",
    "count_samples",
    "forget_fitted",
    "is_frozen",
    "refuse_without_routing",
]

_NUMBERS = (Number, np.bool_)


class RoutedEstimatorMixin:
    """Metadata routing and tags of a classifier around one ``estimator``."""

    def get_metadata_routing(self):
        """Get the metadata routing of the classifier and its estimator.

        Returns
        -------
        router : sklearn.utils.metadata_routing.MetadataRouter
            The classifier requests `groups`, the estimator what its ``set_fit_request`` says.
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return (
            MetadataRouter(owner=type(self).__name__)
            .add_self_request(self)
            .add(estimator=self.estimator, method_mapping=mapping)
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inputs = get_tags(self.estimator).input_tags
        tags.input_tags.allow_nan, tags.input_tags.sparse = inputs.allow_nan, inputs.sparse
        return tags

    def _route_fit(self, groups, fit_params):
        """Return the arguments of fit for the estimator, none without metadata routing."""
        if not get_config()["enable_metadata_routing"]:
            return {}
        with_groups = fit_params if groups is None else {**fit_params, "groups": groups}
        return dict(process_routing(self, "fit", **with_groups)["estimator"]["fit"])


def as_samples(X):
    """Return sequences as a list of str; return matrices as they are, if they can be indexed."""
    if issparse(X):
        return X.tocsr()
    if isinstance(X, (list, tuple)):
        is_matrix = bool(X) and isinstance(X[0], (*_NUMBERS, list, tuple, np.ndarray))
        return _check_rows(np.asarray(X)) if is_matrix else check_sequences(X)
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) > 1 and shape[1] != 1:
        return _check_rows(X)
    # An array of pyarrow has no shape, and neither has what only converts to an array.
    if not hasattr(X, "__array__") or shape == ():
        return check_sequences(X)
    values = np.asarray(X)
    has_numbers = all(isinstance(value, _NUMBERS) for value in values[:1].flat)
    if values.size and has_numbers:
        return _check_rows(values if shape is None else X)
    return check_sequences(X)


def count_samples(samples):
    """Count what :func:`as_samples` returns. A sparse matrix has no len()."""
    return len(samples) if isinstance(samples, list) else samples.shape[0]


def forget_fitted(estimator):
    """Delete the fitted attributes, so that a fit that fails leaves an unfitted estimator."""
    for name in [name for name in vars(estimator) if name.endswith("_") and name[0] != "_"]:
        delattr(estimator, name)


def refuse_without_routing(fit_params, receiver):
    """Raise a ValueError if fit has arguments for others, which need metadata routing."""
    if fit_params and not get_config()["enable_metadata_routing"]:
        raise ValueError(
            f"fit got {', '.join(fit_params)}, which goes to {receiver} with metadata routing "
            "only. Call sklearn.set_config(enable_metadata_routing=True) and set_fit_request of "
            f"{receiver}"
        )


def copy_attributes(source, target, *names):
    """Copy the attributes that the source has."""
    for name in names:
        if hasattr(source, name):
            setattr(target, name, getattr(source, name))


def _check_rows(matrix):
    if len(matrix.shape) == 1:
        raise ValueError(
            "X is a one-dimensional array of numbers, expected sequences or a matrix with one row "
            "for each sample. Reshape your data with X.reshape(-1, 1) if it has one feature, or "
            "with X.reshape(1, -1) if it is one sample"
        )
    if not matrix.shape[0]:
        raise ValueError("Found 0 samples: X needs at least one row")
    return matrix


def is_frozen(estimator):
    """Return whether an estimator is already fitted and keeps its state."""
    return isinstance(estimator, FrozenEstimator)
