"""Check what concerns several attributes of a loaded estimator, and set what follows from them."""

import reprlib
from itertools import chain, pairwise

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._labels.matrix import ABSENT, PRESENT, UNKNOWN
from sklearn_protlstm._labels.models import predicts_multilabel
from sklearn_protlstm.exceptions import InvalidModelContentError

__all__ = [
    "finish_alarm",
    "finish_calibrated",
    "finish_calibrator_pair",
    "finish_dummy",
    "finish_frozen",
    "finish_group_stacking",
    "finish_isotonic",
    "finish_labelwise",
    "finish_linear",
    "finish_pipeline",
    "finish_selective",
    "finish_stacking",
    "finish_tfidf",
    "finish_thresholds",
    "finish_voting",
    "is_fitted",
]


def finish_pipeline(pipeline):
    """Check the order of the steps and their numbers of columns."""
    steps = [step for _, step in pipeline.steps]
    if any(not hasattr(step, "transform") for step in steps[:-1]):
        raise InvalidModelContentError("a classifier is not the last step")
    for step, next_step in pairwise(steps):
        width, expected = _n_columns_out(step), getattr(next_step, "n_features_in_", None)
        if None not in (width, expected) and width != expected:
            kind = "classifier" if next_step is steps[-1] else "next step"
            raise InvalidModelContentError(
                f"the encoder returns {width} columns, but the {kind} expects {expected}"
            )


def _n_columns_out(step):
    """Return how many columns a fitted step returns, or None if that is not known."""
    if hasattr(step, "columns_"):
        return sum(map(len, step.columns_))
    if type(step).__name__ in ("TfidfTransformer", "MaxAbsScaler", "StandardScaler"):
        return getattr(step, "n_features_in_", None)
    if type(step).__name__ in ("SequenceLength", "PropertyVectorizer"):
        return len(step.get_feature_names_out())
    return getattr(step, "max_length_", None)


def finish_tfidf(transformer):
    """Check that the transformer has the weights that it needs."""
    if transformer.use_idf != hasattr(transformer, "idf_"):
        raise InvalidModelContentError(
            f"use_idf={transformer.use_idf} of TfidfTransformer does not fit its attributes"
        )


def finish_linear(model):
    """Check the number of rows of the coefficients."""
    n_classes = len(model.classes_)
    n_rows = 1 if n_classes == 2 else n_classes
    if n_classes < 2 or len(model.coef_) != n_rows:
        raise InvalidModelContentError(
            f"coef_ has {len(model.coef_)} rows, but there are {n_classes} classes"
        )


def finish_labelwise(model):
    """Check the classifier of each label."""
    if len(model.estimators_) != len(model.classes_):
        raise InvalidModelContentError(
            f"there are {len(model.estimators_)} classifiers for {len(model.classes_)} labels"
        )
    n_columns = getattr(model, "n_features_in_", None)
    for estimator in model.estimators_:
        classes = getattr(estimator, "classes_", np.empty(0)).tolist()
        if classes != [0, 1]:
            raise InvalidModelContentError(
                f"the classifier of a label has the classes {reprlib.repr(classes)}, expected "
                "[0, 1]"
            )
        found = getattr(estimator, "n_features_in_", None)
        if found != n_columns:
            raise InvalidModelContentError(
                f"the classifier of a label has n_features_in_={found}, expected {n_columns}"
            )


def finish_dummy(model):
    """Check the number of classes."""
    if model.n_classes_ != len(model.classes_):
        raise InvalidModelContentError(
            f"n_classes_ is {model.n_classes_}, but there are {len(model.classes_)} classes"
        )
    if model._strategy != model.strategy:
        raise InvalidModelContentError(
            f"strategy={model.strategy!r}, but the classifier was fitted with {model._strategy!r}"
        )


def finish_frozen(frozen):
    """Check that the frozen estimator is fitted."""
    if not is_fitted(frozen.estimator):
        raise InvalidModelContentError("the estimator in FrozenEstimator is not fitted")


def is_fitted(estimator):
    """Return whether an estimator is fitted."""
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True


def finish_isotonic(model):
    """Check the thresholds and make the function that interpolates between them."""
    X, y = model.X_thresholds_, model.y_thresholds_
    are_legal = len(X) and (np.diff(X) > 0).all() and X.dtype == y.dtype
    if not are_legal or (model.X_min_, model.X_max_) != (X[0], X[-1]):
        raise InvalidModelContentError("the thresholds of IsotonicRegression do not increase")
    model.__setstate__(model.__getstate__())


def finish_calibrator_pair(pair):
    """Check that the calibrators suit the method and the classes."""
    expected = {
        "sigmoid": "_SigmoidCalibration",
        "isotonic": "IsotonicRegression",
        "temperature": "_TemperatureScaling",
    }[pair.method]
    kinds = {type(calibrator).__name__ for calibrator in pair.calibrators}
    _check_kind(pair.estimator, multilabel=False)
    known = getattr(pair.estimator, "classes_", np.empty(0))
    # For temperature scaling, the estimator was fitted on the numbers of the classes.
    legal = range(len(pair.classes)) if pair.method == "temperature" else pair.classes.tolist()
    if len(known) == 0 or not set(known.tolist()) <= set(legal):
        raise InvalidModelContentError("a calibrated classifier has other classes than the model")
    n_calibrators = 1 if pair.method == "temperature" or len(known) == 2 else len(known)
    if kinds != {expected} or len(pair.calibrators) != n_calibrators:
        raise InvalidModelContentError(
            f"the method {pair.method!r} has {len(pair.calibrators)} calibrators of class "
            f"{', '.join(sorted(kinds))}, expected {n_calibrators} of class {expected}"
        )


def finish_calibrated(model):
    """Check that all parts have the same classes."""
    for pair in model.calibrated_classifiers_:
        _check_same_classes(pair.classes, model.classes_)


def finish_voting(model):
    """Check the fitted estimators, and give them their names."""
    _check_same_classes(model.le_.classes_, model.classes_)
    _name_estimators(model)
    if model.weights is not None and np.shape(model.weights) != (len(model.estimators),):
        raise InvalidModelContentError(
            f"there are {np.size(model.weights)} weights for {len(model.estimators)} estimators"
        )
    for estimator in model.estimators_:
        _check_kind(estimator, multilabel=False)
        if len(getattr(estimator, "classes_", ())) != len(model.classes_):
            raise InvalidModelContentError("an estimator has other classes than the model")


def finish_stacking(model):
    """Check the fitted estimators and the columns between them, and give them their names."""
    _check_same_classes(model._label_encoder.classes_, model.classes_)
    _name_estimators(model)
    n_estimators = len(model.estimators_)
    if {len(model.stack_method_), len(model._n_feature_outs)} != {n_estimators}:
        raise InvalidModelContentError(
            f"stack_method_ and _n_feature_outs do not have {n_estimators} entries"
        )
    for estimator, method in zip(model.estimators_, model.stack_method_):
        _check_kind(estimator, multilabel=False)
        if not hasattr(estimator, method):
            raise InvalidModelContentError(f"an estimator does not have the method {method}")
    n_columns = getattr(model.final_estimator_, "n_features_in_", None)
    if not model.passthrough and n_columns not in (None, sum(model._n_feature_outs)):
        raise InvalidModelContentError(
            f"the final estimator expects {n_columns} columns, but the others give "
            f"{sum(model._n_feature_outs)}"
        )
    _check_kind(model.final_estimator_, multilabel=False)
    if len(getattr(model.final_estimator_, "classes_", ())) != len(model.classes_):
        raise InvalidModelContentError("the final estimator has other classes than the model")


def finish_group_stacking(model):
    """Check the members of each fold, their weights, and the training samples."""
    names = [name for name, estimator in model.estimators if estimator != "drop"]
    if {len(model.estimators_), len(model.weights_)} != {len(names)}:
        raise InvalidModelContentError(
            f"there are {len(model.estimators_)} fitted members and {len(model.weights_)} weights, "
            f"expected {len(names)}"
        )
    # Files of former formats do not have this attribute.
    model.multilabel_ = getattr(model, "multilabel_", False)
    for member in chain.from_iterable(model.estimators_):
        _check_member(member, model)
    if (model.weights_ < 0).any():
        raise InvalidModelContentError("a member has a negative weight")
    if model.multilabel_:
        _check_label_codes(model.codes_)
    elif not np.isin(model.codes_, np.arange(len(model.classes_))).all():
        raise InvalidModelContentError("codes_ has numbers without a class")
    _check_probabilities(model.out_of_fold_)


def _check_member(member, model):
    _check_classifier(member, "a member", model.multilabel_)
    classes = getattr(member, "classes_", np.array([None]))
    fits = np.isin(classes, model.classes_).all()
    if model.multilabel_:
        # The members were fitted on a matrix without names of columns.
        fits = classes.tolist() == list(range(len(model.classes_)))
    if not fits:
        raise InvalidModelContentError("a member has other classes than the model")


def _check_label_codes(codes):
    if not np.isin(codes, (ABSENT, PRESENT, UNKNOWN)).all():
        raise InvalidModelContentError("codes_ has other numbers than 0, 1 and 2")


def _check_probabilities(values):
    if not ((values >= 0) & (values <= 1)).all():
        raise InvalidModelContentError("out_of_fold_ has values that are not probabilities")


def _check_classifier(estimator, place, multilabel):
    _check_kind(estimator, multilabel)
    if not hasattr(estimator, "predict_proba"):
        raise InvalidModelContentError(f"{place} does not have the method predict_proba")


def _check_kind(estimator, multilabel):
    if predicts_multilabel(estimator) != multilabel:
        kinds = ("labels", "classes") if multilabel else ("classes", "labels")
        raise InvalidModelContentError(f"a model of {kinds[0]} contains a model of {kinds[1]}")


def finish_thresholds(model):
    """Check the estimator, the training samples and the thresholds."""
    _check_classifier(model.estimator_, "the estimator", model.multilabel_)
    _check_same_classes(getattr(model.estimator_, "classes_", np.empty(0)), model.classes_)
    if not model.multilabel_:
        return
    _check_label_codes(model.codes_)
    _check_probabilities(model.out_of_fold_)
    thresholds = model.thresholds_[np.isfinite(model.thresholds_)]
    if (model.thresholds_ < 0).any() or (thresholds > 1).any():
        raise InvalidModelContentError("thresholds_ has values that are not probabilities")


def finish_selective(model):
    """Check the training samples, and choose the threshold as ``fit`` does."""
    _check_classifier(model.estimator_, "the estimator", multilabel=False)
    n_samples = len(model.codes_)
    if not n_samples or not np.isin(model.codes_, np.arange(len(model.classes_))).all():
        raise InvalidModelContentError("codes_ has numbers without a class, or is empty")
    if not np.isin(model.families_, np.arange(n_samples)).all():
        raise InvalidModelContentError("families_ has numbers that are not those of families")
    for scores in (model.scores_, model.expected_):
        if not ((scores >= 0) & (scores <= 1)).all():
            raise InvalidModelContentError("the scores are not all between 0 and 1")
    if len(model.sequences_ or model.codes_) != n_samples:
        raise InvalidModelContentError("the numbers of sequences and labels differ")
    if (model.sequences_ is None) != (model.alarm_ is None):
        raise InvalidModelContentError("sequences_ and alarm_ do not fit each other")
    _ = model.unknown_
    model.choose_threshold()


def finish_alarm(alarm):
    """Check that variances are not negative, and the order of the lengths."""
    if (alarm.variances_ < 0).any() or not 1 <= alarm.lengths_[0] <= alarm.lengths_[1]:
        raise InvalidModelContentError("the variances or lengths of the alarm are not possible")


def _check_same_classes(one, other):
    if one.dtype != other.dtype or not np.array_equal(one, other):
        raise InvalidModelContentError("two parts of the model have different classes")


def _name_estimators(model):
    """Set `named_estimators_` as in ``fit``."""
    names = [name for name, estimator in model.estimators if estimator != "drop"]
    if len(names) != len(model.estimators_):
        raise InvalidModelContentError(
            f"there are {len(model.estimators_)} fitted estimators, expected {len(names)}"
        )
    fitted = iter(model.estimators_)
    model.named_estimators_ = Bunch(
        **{
            name: "drop" if estimator == "drop" else next(fitted)
            for name, estimator in model.estimators
        }
    )
