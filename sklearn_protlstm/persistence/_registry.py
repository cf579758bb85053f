"""The classes that a model file can store, and their fitted attributes.

To add a class, add an entry: the module to import it from, and a field per fitted attribute, in
an order in which sizes come before the arrays that have them. `finish` checks what concerns several
attributes, and sets attributes that follow from others. A class with other fitted state than
attributes names two functions that convert it. If it has other attributes when it has learned
labels, `with_labels` describes these.
"""

from dataclasses import replace

from sklearn_protlstm.persistence._consistency import (
    finish_alarm,
    finish_calibrated,
    finish_calibrator_pair,
    finish_dummy,
    finish_frozen,
    finish_group_stacking,
    finish_isotonic,
    finish_labelwise,
    finish_linear,
    finish_pipeline,
    finish_selective,
    finish_stacking,
    finish_tfidf,
    finish_thresholds,
    finish_voting,
)
from sklearn_protlstm.persistence._entry import COLUMN_NAMES, N_COLUMNS, Entry
from sklearn_protlstm.persistence._fields import (
    FLOATS,
    INTEGERS,
    Array,
    Each,
    Labels,
    Maybe,
    Nested,
    Number,
    Optional,
    Sequences,
    Text,
)

__all__ = [
    "MAX_NESTING",
    "REGISTRY",
    "UNSAVED_PARAMETERS",
    "Entry",
    "find_name",
    "is_of_scikit_learn",
    "supported_names",
]

#: Device and folders depend on the machine. An untrusted file must not choose a folder to write to.
UNSAVED_PARAMETERS = {"checkpoint_dir", "device", "memory", "resume"}

#: How deep estimators may be nested in other estimators.
MAX_NESTING = 12


_PACKAGE = "sklearn_protlstm"
_PERSISTENCE = f"{_PACKAGE}.persistence"
_LINEAR = {
    "classes_": Labels(),
    "coef_": Array(FLOATS, (None, "n_features_in_")),
    "intercept_": Array(FLOATS, ("coef_",)),
}
_SAMPLES_SEEN = Number(("int", *INTEGERS, *FLOATS), 0)
_PER_COLUMN = Array(FLOATS, ("n_features_in_",))
_CALIBRATORS = ("_SigmoidCalibration", "IsotonicRegression", "_TemperatureScaling")
_FLOAT = Number(("float", *FLOATS))
_STACK = {
    "n_features_in_": N_COLUMNS,
    "feature_names_in_": COLUMN_NAMES,
    "classes_": Labels(),
    "multilabel_": Optional(Number(("bool",), 0, 0)),
    "codes_": Array(("int64",), (None,)),
    "groups_": Maybe(Array(("int64",), ("codes_",))),
    "folds_": Array(("int64",), ("codes_",)),
    "estimators_": Each(Each(Nested())),
    "weights_": Array(("float64",), (None,)),
    "bias_": Array(("float64",), ("classes_",)),
    "doubt_": Number(("float",), 0, 1),
    "out_of_fold_": Array(("float64",), ("codes_", "classes_")),
    "member_log_proba_": Array(("float64",), ("weights_", "codes_", "classes_")),
}
_STACK_OF_LABELS = {
    **_STACK,
    "multilabel_": Number(("bool",), 1, 1),
    "codes_": Array(("uint8",), (None, "classes_")),
    "doubt_": Number(("float",), 0, 0),
}
_THRESHOLDS = {
    "n_features_in_": N_COLUMNS,
    "feature_names_in_": COLUMN_NAMES,
    "multilabel_": Number(("bool",), 0, 0),
    "classes_": Labels(),
    "estimator_": Nested(),
}
_THRESHOLDS_OF_LABELS = {
    **_THRESHOLDS,
    "multilabel_": Number(("bool",), 1, 1),
    "codes_": Array(("uint8",), (None, "classes_")),
    "out_of_fold_": Array(("float64",), ("codes_", "classes_")),
    # A label that is never predicted has an infinite threshold.
    "thresholds_": Array(("float64",), ("classes_",), may_be_infinite=True),
}

REGISTRY = {
    "SequenceEncoder": Entry(
        f"{_PACKAGE}._encoding.encoder",
        functions=(
            f"{_PERSISTENCE}._encoders",
            "encoder_state_to_data",
            "restore_encoder_state",
        ),
    ),
    "KmerVectorizer": Entry(
        f"{_PACKAGE}._encoding.kmers",
        functions=(
            f"{_PERSISTENCE}._encoders",
            "vectorizer_state_to_data",
            "restore_vectorizer_state",
        ),
    ),
    "ProtLSTMClassifier": Entry(
        f"{_PACKAGE}.classifier",
        functions=(
            f"{_PERSISTENCE}._networks",
            "classifier_state_to_data",
            "restore_classifier_state",
        ),
    ),
    "ResidueLanguageModel": Entry(
        f"{_PACKAGE}.language_model",
        functions=(
            f"{_PERSISTENCE}._networks",
            "language_model_state_to_data",
            "restore_language_model_state",
        ),
    ),
    "SequenceLength": Entry(f"{_PACKAGE}.baselines"),
    "PropertyVectorizer": Entry(f"{_PACKAGE}._encoding.properties"),
    "Pipeline": Entry("sklearn.pipeline", finish=finish_pipeline, named="steps"),
    "TfidfTransformer": Entry(
        "sklearn.feature_extraction.text",
        {"idf_": Optional(Array(FLOATS, ("n_features_in_",)))},
        finish=finish_tfidf,
    ),
    "MaxAbsScaler": Entry(
        "sklearn.preprocessing",
        {"n_samples_seen_": _SAMPLES_SEEN, "max_abs_": _PER_COLUMN, "scale_": _PER_COLUMN},
    ),
    "StandardScaler": Entry(
        "sklearn.preprocessing",
        {
            "n_samples_seen_": _SAMPLES_SEEN,
            "mean_": Maybe(_PER_COLUMN),
            "var_": Maybe(_PER_COLUMN),
            "scale_": Maybe(_PER_COLUMN),
        },
    ),
    "LogisticRegression": Entry(
        "sklearn.linear_model",
        {**_LINEAR, "n_iter_": Array(INTEGERS, (None,))},
        finish=finish_linear,
    ),
    "LinearSVC": Entry(
        "sklearn.svm", {**_LINEAR, "n_iter_": Number(("int", *INTEGERS))}, finish=finish_linear
    ),
    "ExtraTreesClassifier": Entry(
        "sklearn.ensemble",
        {
            "n_outputs_": Number(("int",), 1, 1),
            "classes_": Labels(),
            "n_classes_": Number(("int", *INTEGERS), 1),
            "_n_samples": Number(("int",), 1),
            "_sample_weight": Optional(Array(FLOATS, (None,))),
            "_n_samples_bootstrap": Optional(Number(("int",), 1)),
        },
        functions=(f"{_PERSISTENCE}._forests", "forest_state_to_data", "restore_forest_state"),
    ),
    "DummyClassifier": Entry(
        "sklearn.dummy",
        {
            "_strategy": Text(("most_frequent", "prior", "stratified", "uniform", "constant")),
            "sparse_output_": Number(("bool",), 0, 0),
            "n_outputs_": Number(("int",), 1, 1),
            "classes_": Labels(),
            "n_classes_": Number(("int", *INTEGERS), 1),
            "class_prior_": Array(("float64",), ("classes_",)),
        },
        finish=finish_dummy,
    ),
    "FrozenEstimator": Entry("sklearn.frozen", finish=finish_frozen),
    "CalibratedClassifierCV": Entry(
        "sklearn.calibration",
        {"classes_": Labels(), "calibrated_classifiers_": Each(Nested(("_CalibratedClassifier",)))},
        finish=finish_calibrated,
    ),
    "VotingClassifier": Entry(
        "sklearn.ensemble",
        {"le_": Nested(("LabelEncoder",)), "classes_": Labels(), "estimators_": Each(Nested())},
        finish=finish_voting,
        named="estimators",
    ),
    "StackingClassifier": Entry(
        "sklearn.ensemble",
        {
            "_label_encoder": Nested(("LabelEncoder",)),
            "classes_": Labels(),
            "estimators_": Each(Nested()),
            "final_estimator_": Nested(),
            "stack_method_": Each(Text(("predict_proba", "decision_function", "predict"))),
            "_n_feature_outs": Each(Number(("int",), 1)),
        },
        finish=finish_stacking,
        named="estimators",
    ),
    "GroupStackingClassifier": Entry(
        f"{_PACKAGE}.stacking",
        _STACK,
        finish=finish_group_stacking,
        named="estimators",
        with_labels=Entry(f"{_PACKAGE}.stacking", _STACK_OF_LABELS, finish_group_stacking),
    ),
    "SelectiveClassifier": Entry(
        f"{_PACKAGE}.selective",
        {
            "n_features_in_": N_COLUMNS,
            "feature_names_in_": COLUMN_NAMES,
            "estimator_": Nested(),
            "codes_": Array(("int64",), (None,)),
            "families_": Array(("int64",), ("codes_",)),
            "scores_": Array(("float64",), ("codes_",)),
            "expected_": Array(("float64",), ("codes_",)),
            "correct_": Array(("bool",), ("codes_",)),
            "is_unusual_": Array(("bool",), ("codes_",)),
            "sequences_": Maybe(Sequences()),
            "alarm_": Maybe(Nested(("ProteinAlarm",))),
        },
        finish=finish_selective,
    ),
    "LabelThresholdClassifier": Entry(
        f"{_PACKAGE}.thresholds",
        _THRESHOLDS,
        finish=finish_thresholds,
        with_labels=Entry(f"{_PACKAGE}.thresholds", _THRESHOLDS_OF_LABELS, finish_thresholds),
    ),
    "ProteinAlarm": Entry(
        f"{_PACKAGE}.selective._alarm",
        {
            "mean_": Array(("float64",), (20,)),
            "axes_": Array(("float64",), (20, 20)),
            "variances_": Array(("float64",), (20,)),
            "max_distance_": Number(("float",), 0),
            "max_repeats_": Number(("float",)),
            "lengths_": Array(("int64",), (2,)),
        },
        finish=finish_alarm,
        is_part=True,
        has_parameters=False,
    ),
    "LabelEncoder": Entry("sklearn.preprocessing", {"classes_": Labels()}, is_part=True),
    "_CalibratedClassifier": Entry(
        "sklearn.calibration",
        {
            "estimator": Nested(),
            "calibrators": Each(Nested(_CALIBRATORS)),
            "classes": Labels(),
            "method": Text(("sigmoid", "isotonic", "temperature")),
        },
        finish=finish_calibrator_pair,
        is_part=True,
        has_parameters=False,
    ),
    "_SigmoidCalibration": Entry("sklearn.calibration", {"a_": _FLOAT, "b_": _FLOAT}, is_part=True),
    "_TemperatureScaling": Entry("sklearn.calibration", {"beta_": _FLOAT}, is_part=True),
    "IsotonicRegression": Entry(
        "sklearn.isotonic",
        {
            "increasing_": Number(("bool", "bool_")),
            "X_min_": _FLOAT,
            "X_max_": _FLOAT,
            "X_thresholds_": Array(FLOATS, (None,)),
            "y_thresholds_": Array(FLOATS, ("X_thresholds_",)),
        },
        finish=finish_isotonic,
        is_part=True,
    ),
}

# Classes that this package derives from those of scikit-learn, under the same names.
_LABELWISE_MODULE = f"{_PACKAGE}._labelwise"
_LABELWISE_PREFIX = "Labelwise"


def _labelwise(name):
    """Return the entry of a class with one fit of its parent class for each label.

    If it has learned classes, it is stored like its parent class.
    """
    parent = REGISTRY[name]
    by_label = {
        "n_features_in_": N_COLUMNS,
        "feature_names_in_": COLUMN_NAMES,
        "multilabel_": Number(("bool",), 1, 1),
        "classes_": Labels(),
        "estimators_": Each(Nested((name,))),
    }
    return replace(
        parent,
        module=_LABELWISE_MODULE,
        class_name=name,
        fields={**parent.all_fields(), "multilabel_": Number(("bool",), 0, 0)},
        with_labels=Entry(_LABELWISE_MODULE, by_label, finish=finish_labelwise),
    )


_DERIVED = ("LogisticRegression", "ExtraTreesClassifier", "DummyClassifier")
REGISTRY |= {_LABELWISE_PREFIX + name: _labelwise(name) for name in _DERIVED}


def find_name(estimator):
    """Return the name that a file gives to the exact class of an estimator, or None.

    A subclass may have fitted attributes that are unknown here.
    """
    kind = type(estimator)
    for name in (kind.__name__, _LABELWISE_PREFIX + kind.__name__):
        if name in REGISTRY and kind is REGISTRY[name].load_class(name):
            return name
    return None


def is_of_scikit_learn(estimator):
    """Return whether the version of scikit-learn decides which attributes an estimator has."""
    return type(estimator).__module__.startswith(("sklearn.", _LABELWISE_MODULE))


def supported_names():
    """Return the names of the classes that can be saved, as text."""
    names = [entry.class_name or name for name, entry in REGISTRY.items() if not entry.is_part]
    return ", ".join(dict.fromkeys(names))
