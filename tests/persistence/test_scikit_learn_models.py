"""Baselines and scikit-learn's ensembles are saved as data and predict the same after loading."""

import os
import subprocess
import sys

import numpy as np
import pytest
from saved_models import HOSTS, SEQUENCES, with_types
from scikit_learn_models import TWO, fitted_model, group_stack, lstm, unfitted_models
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from tiny_models import labelled_rows, tiny_classifier

from sklearn_protlstm import KmerVectorizer, SequenceEncoder, load_model, save_model
from sklearn_protlstm.exceptions import UnsavableModelError
from sklearn_protlstm.persistence._round_trip import walk_estimators

LOAD_AND_PREDICT = """
import sys
from pathlib import Path

import numpy as np

from sklearn_protlstm import load_model

folder = Path(sys.argv[1])
sequences = (folder / "sequences.txt").read_text().split()
for path in sorted(folder.glob("*.model")):
    found = load_model(path, device="cpu").predict_proba(sequences)
    expected = np.load(path.with_suffix(".npy"))
    if found.dtype != expected.dtype or not np.array_equal(found, expected):
        print(path.stem, "differs")
print(len(list(folder.glob("*.model"))), "files")
"""


def assert_same_model(one, other):
    for left, right in zip(walk_estimators(one), walk_estimators(other), strict=True):
        assert type(left) is type(right)
        assert vars(left).keys() == vars(right).keys()
        for name, value in vars(left).items():
            if isinstance(value, (int, float, str, np.ndarray, np.generic)) and name != "device":
                assert with_types(getattr(right, name)) == with_types(value), name
            if isinstance(value, np.ndarray):
                assert getattr(right, name).flags.c_contiguous == value.flags.c_contiguous, name
    np.testing.assert_array_equal(one.predict(SEQUENCES), other.predict(SEQUENCES))
    probabilities = one.predict_proba(SEQUENCES)
    assert probabilities.dtype == other.predict_proba(SEQUENCES).dtype
    np.testing.assert_array_equal(probabilities, other.predict_proba(SEQUENCES))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if "stacking of" in name else [])
        for name in unfitted_models()
    ],
)
def test_model_is_restored(name, save_and_load, path):
    model = fitted_model(name)
    loaded = save_and_load(model)
    assert_same_model(model, loaded)
    content = path.read_bytes()
    save_model(loaded, path)
    assert path.read_bytes() == content
    clone(loaded).fit(SEQUENCES, HOSTS)


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("PROTLSTM_TEST_ONEDNN") == "off",
    reason="the other process would compute with oneDNN",
)
def test_other_process_predicts_the_same(tmp_path):
    (tmp_path / "sequences.txt").write_text("\n".join(SEQUENCES))
    for name in unfitted_models():
        model = fitted_model(name)
        save_model(model, tmp_path / f"{name}.model")
        np.save(tmp_path / f"{name}.npy", model.predict_proba(SEQUENCES))
    run = [sys.executable, "-c", LOAD_AND_PREDICT, str(tmp_path)]
    found = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert found == f"{len(unfitted_models())} files\n"


def test_temperature_scaling_is_restored(save_and_load):
    pytest.importorskip("sklearn", minversion="1.8")
    model = CalibratedClassifierCV(lstm(), cv=2, method="temperature").fit(SEQUENCES, HOSTS)
    assert_same_model(model, save_and_load(model))


def test_folds_that_are_rows_are_kept(save_and_load):
    model = group_stack()
    loaded = save_and_load(model)
    assert_same_model(model, loaded)
    assert with_types(loaded.cv) == with_types(model.cv)


@pytest.mark.parametrize("splitter", [GroupKFold(3), StratifiedGroupKFold(2, shuffle=True)])
def test_splitter_is_kept(splitter, save_and_load):
    model = CalibratedClassifierCV(lstm(), cv=2).fit(SEQUENCES, HOSTS).set_params(cv=splitter)
    assert repr(save_and_load(model).cv) == repr(splitter)


def test_ensemble_of_bare_classifiers_is_restored(save_and_load):
    X, y = labelled_rows()
    model = VotingClassifier([("one", tiny_classifier(max_epochs=1))], voting="soft").fit(X, y)
    np.testing.assert_array_equal(save_and_load(model).predict_proba(X), model.predict_proba(X))


def test_parameters_of_an_ensemble_stay_unfitted(save_and_load):
    loaded = save_and_load(fitted_model("voting"))
    with pytest.raises(NotFittedError):
        loaded.estimators[1][1].predict(SEQUENCES)
    assert loaded.named_estimators_["lstm"] is loaded.estimators_[1]
    assert loaded.named_estimators_["none"] == "drop"


def test_trees_have_the_same_state(save_and_load):
    one = fitted_model("length")
    other = save_and_load(one)
    for left, right in zip(one[-1].estimators_, other[-1].estimators_, strict=True):
        states = [tree.tree_.__getstate__() for tree in (left, right)]
        assert states[0]["max_depth"] == states[1]["max_depth"]
        for name in ("nodes", "values"):
            np.testing.assert_array_equal(states[0][name], states[1][name])
        assert left.get_params() == right.get_params()
    X = np.array([[8.0], [10.0]])
    np.testing.assert_array_equal(
        one[-1].decision_path(X)[0].toarray(), other[-1].decision_path(X)[0].toarray()
    )


def test_nodes_of_another_scikit_learn_raise(monkeypatch, path):
    from sklearn_protlstm.persistence import _forests

    monkeypatch.setattr(_forests, "_NODE", {**_forests._NODE, "category": "int64"})
    with pytest.raises(UnsavableModelError, match=r"The trees have nodes with left_child, .*, but"):
        save_model(fitted_model("length"), path)


@pytest.mark.parametrize(
    ("model", "name", "shown"),
    [
        (
            StackingClassifier(
                [("kmers", make_pipeline(KmerVectorizer(), RandomForestClassifier()))]
            ),
            "kmers__randomforestclassifier",
            "The step 'kmers__randomforestclassifier' is of class RandomForestClassifier",
        ),
        (
            VotingClassifier([("forest", RandomForestClassifier())]),
            "forest",
            "The estimator 'forest' is of class RandomForestClassifier",
        ),
        (
            CalibratedClassifierCV(make_pipeline(KmerVectorizer(), RandomForestClassifier())),
            "estimator__randomforestclassifier",
            "The step 'estimator__randomforestclassifier' is of class RandomForestClassifier",
        ),
        (
            StackingClassifier([("lstm", lstm())], final_estimator=RandomForestClassifier()),
            "final_estimator",
            "The estimator 'final_estimator' is of class RandomForestClassifier",
        ),
    ],
    ids=["step of an estimator", "estimator", "parameter", "final estimator"],
)
def test_error_names_the_estimator_that_cannot_be_saved(model, name, shown, path):
    with pytest.raises(UnsavableModelError, match=f"{shown}, .*the whole model with") as caught:
        save_model(model, path)
    assert caught.value.name == name


def test_too_many_levels_cannot_be_saved(path):
    model = lstm().fit(SEQUENCES, HOSTS)
    for _ in range(12):
        model = make_pipeline(model)
    with pytest.raises(UnsavableModelError, match="nested in more than 12 other estimators"):
        save_model(model, path)


def test_ensemble_that_is_not_fitted_cannot_be_saved(path):
    for name, (model, _) in unfitted_models().items():
        if name != "frozen":
            with pytest.raises(NotFittedError):
                save_model(model, path)


def test_unknown_attribute_of_scikit_learn_raises(path):
    model = clone(fitted_model("kmers")).fit(SEQUENCES, TWO)
    model[-1].temperature_ = 2.0
    with pytest.raises(
        UnsavableModelError, match="LogisticRegression has the attribute 'temperature_', which"
    ) as caught:
        save_model(model, path)
    assert caught.value.name == "temperature_"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, r"coef_ of LogisticRegression is of type NoneType, expected an array of float32 or"),
        (np.ones((1, 3), dtype=int), "coef_ of LogisticRegression is int64, expected an array"),
        (np.ones((1, 3)), r"coef_ of LogisticRegression has shape \(1, 3\), expected \(any, 4\)"),
        (np.full((1, 4), np.nan), "coef_ of LogisticRegression has values that are not finite"),
        (..., "coef_ of LogisticRegression is missing"),
    ],
    ids=str,
)
def test_attribute_that_a_file_cannot_hold_raises(value, shown, path):
    model = make_pipeline(KmerVectorizer(k=1), LogisticRegression()).fit(["ACDE", "CD"], [0, 1])
    if value is ...:
        del model[-1].coef_
    else:
        model[-1].coef_ = value
    with pytest.raises(UnsavableModelError, match=shown):
        save_model(model, path)


def test_encoder_with_too_many_columns_cannot_be_saved(path):
    encoder = SequenceEncoder(max_length=2**24).fit(SEQUENCES)
    save_model(encoder, path)
    assert load_model(path).max_length_ == 2**24
    encoder = SequenceEncoder(max_length=2**24 + 1).fit(SEQUENCES)
    with pytest.raises(UnsavableModelError, match=r"returns 16777217 columns, .* at most 16777216"):
        save_model(encoder, path)
