"""scikit-learn's tools around the classifier, on real proteins."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.inspection import permutation_importance
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedGroupKFold,
    cross_val_predict,
    cross_validate,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiny_models import Recorder, callback_of, labelled_rows, tiny_classifier, weights_of

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder


@pytest.fixture(scope="module")
def hosts(proteins):
    """Proteins of three hosts, with their families."""
    rows = np.flatnonzero(np.isin(proteins.labels, ["bacteria", "human", "plant"]))
    sequences = np.array([proteins.sequences[row][:40] for row in rows], dtype=object)
    return sequences, proteins.labels[rows], proteins.groups[rows]


def tiny_model(encoder=None, **params):
    return Pipeline(
        [("encoder", encoder or SequenceEncoder()), ("lstm", tiny_classifier(**params))]
    )


def test_pipeline_takes_strings(hosts):
    sequences, y, _ = hosts
    model = tiny_model(max_epochs=15, lr=0.1).fit(sequences, y)
    assert model.classes_.tolist() == ["bacteria", "human", "plant"]
    assert model.score(sequences, y) > np.mean(y == "human") + 0.2
    tokens = SequenceEncoder().fit_transform(sequences)
    alone = tiny_classifier(max_epochs=15, lr=0.1).fit(tokens, y)
    np.testing.assert_array_equal(model.predict_proba(sequences), alone.predict_proba(tokens))


def test_column_of_a_frame(hosts):
    sequences, y, _ = hosts
    series = pd.Series(sequences, index=np.arange(len(y)) + 1000)
    labels = pd.Series(y, index=series.index, dtype="category")
    model = tiny_model().fit(series, labels)
    expected = tiny_model().fit(sequences, y)
    np.testing.assert_array_equal(model.predict(series), expected.predict(sequences))


@pytest.mark.slow
def test_grid_search_over_both_steps(hosts):
    sequences, y, groups = hosts
    grid = {
        "encoder__alphabet": ["protein", "murphy10"],
        "encoder__max_length": [30],
        "lstm__pooling": ["last", ("max", "mean")],
    }
    search = GridSearchCV(
        tiny_model(max_epochs=2), grid, cv=GroupKFold(2), n_jobs=2, error_score="raise"
    ).fit(sequences, y, groups=groups)
    scores = search.cv_results_["mean_test_score"]
    assert scores.shape == (4,)
    assert len(set(scores)) > 1
    assert search.best_params_.keys() == grid.keys()
    assert search.best_estimator_.named_steps["lstm"].n_features_in_ == 30
    # Another process comes to the same numbers.
    here = GridSearchCV(tiny_model(max_epochs=2), grid, cv=GroupKFold(2)).fit(
        sequences, y, groups=groups
    )
    np.testing.assert_array_equal(here.cv_results_["mean_test_score"], scores)


def test_parallel_threads_come_to_the_same_bits(hosts):
    # Fits in threads share torch's global generator and settings.
    sequences, y, _ = hosts
    tokens = SequenceEncoder(max_length=20).fit_transform(sequences)
    models = [tiny_classifier(random_state=seed, dropout=0.5) for seed in range(4)]
    with joblib.parallel_config("threading", n_jobs=2):
        fitted = joblib.Parallel()(joblib.delayed(clone(m).fit)(tokens, y) for m in models)
    for model, parallel in zip(models, fitted):
        expected = weights_of(model.fit(tokens, y))
        for name, weights in weights_of(parallel).items():
            np.testing.assert_array_equal(weights, expected[name])


def test_cross_validation_keeps_families_together(hosts):
    sequences, y, groups = hosts
    result = cross_validate(
        tiny_model(),
        sequences,
        y,
        groups=groups,
        cv=StratifiedGroupKFold(3),
        scoring=["balanced_accuracy", "neg_log_loss", "roc_auc_ovr"],
        return_estimator=True,
        return_indices=True,
        error_score="raise",
    )
    assert np.isfinite(result["test_neg_log_loss"]).all()
    for train, test in zip(result["indices"]["train"], result["indices"]["test"]):
        assert not set(groups[train]) & set(groups[test])
    assert len({model.predict_proba(sequences).tobytes() for model in result["estimator"]}) == 3


def test_cross_val_predict(hosts):
    sequences, y, groups = hosts
    probabilities = cross_val_predict(
        tiny_model(), sequences, y, groups=groups, cv=GroupKFold(3), method="predict_proba"
    )
    assert probabilities.shape == (len(y), 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_calibration(hosts, method):
    sequences, y, _ = hosts
    model = tiny_model(max_epochs=10, lr=0.1)
    try:
        calibrated = CalibratedClassifierCV(model, method=method, cv=3).fit(sequences, y)
    except sklearn.utils._param_validation.InvalidParameterError:
        pytest.skip("this scikit-learn does not know the method")
    probabilities = calibrated.predict_proba(sequences)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert np.abs(probabilities - model.fit(sequences, y).predict_proba(sequences)).max() > 0.01


def test_one_against_the_rest(hosts):
    sequences, y, _ = hosts
    tokens = SequenceEncoder().fit_transform(sequences)
    model = OneVsRestClassifier(tiny_classifier()).fit(tokens, y)
    assert len(model.estimators_) == 3
    assert model.predict_proba(tokens).shape == (len(y), 3)


def test_permutation_importance():
    X, y = labelled_rows()
    classifier = tiny_classifier(max_epochs=12, lr=0.1).fit(X, y)
    importance = permutation_importance(classifier, X, y, n_repeats=2, random_state=0)
    assert importance.importances_mean.argmax() == 0  # the residue that makes the class


def test_clone_is_unfitted_and_equal():
    X, y = labelled_rows()
    table = np.random.RandomState(0).rand(8, 3)
    model = tiny_classifier(
        embedding=table, class_weight={"pig": 2}, callbacks=[("recorder", Recorder())]
    ).fit(X, y)
    copy = clone(model)
    assert not hasattr(copy, "classes_")
    assert copy.get_params().keys() == model.get_params().keys()
    np.testing.assert_array_equal(copy.embedding, table)
    np.testing.assert_array_equal(copy.fit(X, y).predict_proba(X), model.predict_proba(X))


def test_init_stores_what_it_gets():
    given = {"pooling": ["last"], "class_weight": {"a": 1}, "net_params": {}, "callbacks": []}
    classifier = ProtLSTMClassifier(**given)
    for name, value in given.items():
        assert getattr(classifier, name) is value
    assert not [name for name in vars(classifier) if name.endswith("_")]


@pytest.mark.parametrize("early_stopping", [False, True])
def test_joblib_keeps_every_bit(hosts, tmp_path, early_stopping):
    sequences, y, _ = hosts
    model = tiny_model(early_stopping=early_stopping, max_epochs=8, patience=2, lr=0.2)
    model.fit(sequences, y)
    joblib.dump(model, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_array_equal(loaded.predict_proba(sequences), model.predict_proba(sequences))
    np.testing.assert_array_equal(loaded.predict(sequences), model.predict(sequences))
    assert list(loaded[-1].history_) == list(model[-1].history_)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_pickle_holds_the_model_and_nothing_else(early_stopping):
    sizes = []
    for n_samples in (60, 600):
        X, y = labelled_rows(n_samples)
        X = np.hstack([X, X + 1, X, X + 1, X, X + 1])
        classifier = tiny_classifier(
            hidden_size=24, max_epochs=1, early_stopping=early_stopping, validation_fraction=0.4
        ).fit(X, y)
        sizes.append(len(pickle.dumps(classifier)))
    # The weights, their two running means in AdamW, and some 30 kB around them.
    n_bytes = sum(weights.nbytes for weights in weights_of(classifier).values())
    assert sizes[1] < 3 * n_bytes + 40_000
    # The longer history of a longer training is all that may be added; data are not.
    assert abs(sizes[1] - sizes[0]) < 0.1 * X.nbytes


def test_pandas_output(hosts):
    sequences, y, _ = hosts
    model = tiny_model().set_output(transform="pandas").fit(sequences, y)
    names = model[-1].feature_names_in_
    assert names[0] == "token_1"
    assert len(names) == model[0].max_length_
    expected = tiny_model().fit(sequences, y)
    np.testing.assert_array_equal(model.predict_proba(sequences), expected.predict_proba(sequences))


def test_fit_arguments_through_a_pipeline(hosts):
    sequences, y, groups = hosts
    weights = np.where(y == "human", 3, 1)
    model = tiny_model(early_stopping=True, validation_fraction=0.3)
    model.fit(sequences, y, lstm__sample_weight=weights, lstm__groups=groups)
    tokens = SequenceEncoder().fit_transform(sequences)
    alone = tiny_classifier(early_stopping=True, validation_fraction=0.3)
    alone.fit(tokens, y, sample_weight=weights, groups=groups)
    np.testing.assert_array_equal(model.predict_proba(sequences), alone.predict_proba(tokens))


def test_metadata_routing(hosts):
    sequences, y, groups = hosts
    weights = np.where(y == "human", 3.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = tiny_classifier(early_stopping=True, validation_fraction=0.3)
        classifier.set_fit_request(sample_weight=True, groups=True)
        classifier.set_score_request(sample_weight=True)
        result = cross_validate(
            make_pipeline(SequenceEncoder(), classifier),
            sequences,
            y,
            params={"sample_weight": weights, "groups": groups},
            cv=GroupKFold(2),
            return_estimator=True,
            return_indices=True,
            error_score="raise",
        )
    train = result["indices"]["train"][0]
    tokens = SequenceEncoder().fit_transform(sequences[train])
    alone = tiny_classifier(early_stopping=True, validation_fraction=0.3)
    alone.fit(tokens, y[train], sample_weight=weights[train], groups=groups[train])
    np.testing.assert_array_equal(
        result["estimator"][0].predict_proba(sequences[train]), alone.predict_proba(tokens)
    )


def test_groups_reach_early_stopping_through_a_search(hosts):
    sequences, y, groups = hosts
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = tiny_classifier(
            early_stopping=True, validation_fraction=0.3, callbacks=[("recorder", Recorder())]
        ).set_fit_request(groups=True)
        search = GridSearchCV(
            make_pipeline(SequenceEncoder(), classifier),
            {"protlstmclassifier__hidden_size": [2, 3]},
            cv=GroupKFold(2),
            error_score="raise",
        ).fit(sequences, y, groups=groups)
    fitted = search.best_estimator_[-1]
    tokens = SequenceEncoder().fit_transform(sequences)
    alone = clone(fitted).fit(tokens, y, groups=groups)
    np.testing.assert_array_equal(search.predict_proba(sequences), alone.predict_proba(tokens))
    without = clone(fitted).fit(tokens, y)
    held_out = [set(callback_of(c, "recorder").valid_tokens) for c in (fitted, without)]
    assert held_out[0] != held_out[1]


def test_other_transformers_may_stand_between(hosts):
    sequences, y, _ = hosts
    head = FunctionTransformer(lambda tokens: tokens[:, :10])
    model = make_pipeline(SequenceEncoder(), head, tiny_classifier()).fit(sequences, y)
    assert model[-1].n_features_in_ == 10
    longer = [sequence[:10] + "WWWW" for sequence in sequences]
    np.testing.assert_array_equal(
        model.predict_proba(longer), model.predict_proba([s[:10] + "CCCC" for s in sequences])
    )
