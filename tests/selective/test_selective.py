"""Answers, no answers and their reasons."""

import re

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from toy_proteins import make_proteins, protein_model

from sklearn_protlstm import (
    GroupStackingClassifier,
    SelectiveClassifier,
    make_kmer_baseline,
    make_length_baseline,
)
from sklearn_protlstm.plotting import plot_confusion_matrices
from sklearn_protlstm.readers import write_fasta
from sklearn_protlstm.table_prediction import predict_fasta, predictions_table


@pytest.fixture(scope="module")
def proteins():
    return make_proteins()


@pytest.fixture(scope="module")
def model(proteins):
    X, y, families = proteins
    return protein_model().fit(X, y, groups=families)


def stack(**params):
    members = [("k-mers", make_kmer_baseline(k=1)), ("length", make_length_baseline())]
    return GroupStackingClassifier(members, **{"cv": 3, "random_state": 0, **params})


def make_points(n=400, seed=0):
    """Points whose class is certain far from 0 and random near it."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 1))
    return X, np.where(X[:, 0] + rng.logistic(scale=0.3, size=n) > 0, 1, 0)


def test_answers_are_right_and_low_probabilities_get_none(model, proteins):
    X, y, _ = make_proteins(seed=1)
    predictions, reasons, probabilities = model.decide(X)
    assert set(predictions) == {"human", "dog", "unknown"}
    np.testing.assert_array_equal(predictions, model.predict(X))
    np.testing.assert_array_equal(predictions == "unknown", reasons != "")
    np.testing.assert_array_equal(probabilities, model.estimator_.predict_proba(X))
    np.testing.assert_array_equal(probabilities, model.predict_proba(X))
    has_answer = reasons == ""
    low = probabilities.max(axis=1) < model.threshold_
    np.testing.assert_array_equal(reasons == "probability", low & (reasons == "probability"))
    assert not (low & has_answer).any()
    assert (predictions == y)[has_answer].mean() >= 0.7
    assert (model.classes_ == ["dog", "human"]).all()


def test_unlike_every_training_protein(model):
    X = ["A" * 80, "ACGT" * 20, "X" * 80, "MN", "MNTQAKGD" * 40]
    predictions, reasons, probabilities = model.decide(X)
    assert set(predictions) == {"unknown"}
    assert reasons.tolist()[:4] == ["composition", "composition", "unknown residues", "length"]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    # The class would be certain.
    assert probabilities.max() > 0.9


def test_out_of_fold_numbers(model):
    answered = (model.scores_ >= model.threshold_) & ~model.is_unusual_
    assert model.coverage_ == answered.mean()
    sizes = np.bincount(model.families_[answered])
    shares = np.bincount(model.families_[answered], model.correct_[answered])
    assert np.isclose(model.precision_, (shares[sizes > 0] / sizes[sizes > 0]).mean())
    assert model.precision_ >= 0.7
    frame = model.frame()
    assert list(frame) == ["threshold", "coverage", "families", "precision", "lower_bound"]
    row = frame[frame["threshold"] == model.threshold_].iloc[0]
    assert row["coverage"] == model.coverage_
    assert row["lower_bound"] >= 0.7
    assert (frame["lower_bound"] <= frame["precision"]).all()


def test_set_precision_does_not_fit_again(proteins):
    X, y, families = proteins
    model = protein_model().fit(X, y, groups=families)
    fitted, coverage = model.estimator_, model.coverage_
    assert model.set_precision(0.85) is model
    assert model.estimator_ is fitted
    assert model.precision == 0.85
    assert model.coverage_ < coverage
    again = protein_model(precision=0.85).fit(X, y, groups=families)
    assert model.threshold_ == again.threshold_
    assert model.set_precision(0).threshold_ == 0
    with pytest.raises(ValueError, match=r"'precision' parameter of SelectiveClassifier.*\[0"):
        model.set_precision(1)
    assert model.precision == 0


def test_precision_out_of_reach_warns():
    X, y = make_points(60)
    y = np.random.RandomState(0).permutation(y)
    model = SelectiveClassifier(LogisticRegression(), precision=0.95, cv=3, random_state=0)
    with pytest.warns(UserWarning, match=r"No threshold reaches precision=0\.95.*is -1") as caught:
        model.fit(X, y)
    assert caught[0].filename == __file__
    assert (model.predict(X) == -1).all()
    assert (model.threshold_, model.coverage_) == (np.inf, 0)
    assert np.isnan(model.precision_)
    best = float(re.search(r"Call set_precision\((.*)\)", str(caught[0].message)).group(1))
    assert model.set_precision(best).coverage_ > 0
    with pytest.warns(UserWarning, match="No threshold reaches precision=0.99") as caught:
        model.set_precision(0.99)
    assert caught[0].filename == __file__


def test_stack_is_used_as_it_is(proteins):
    X, y, families = proteins
    families = families // 4  # larger than the clusters of the sequences
    fitted = stack().fit(X, y, groups=families)
    model = SelectiveClassifier(stack(), precision=0.5).fit(X, y, groups=families)
    np.testing.assert_array_equal(model.scores_, fitted.out_of_fold_.max(axis=1))
    np.testing.assert_array_equal(model.expected_, model.scores_)
    np.testing.assert_array_equal(model.families_, fitted.groups_)
    frozen = SelectiveClassifier(FrozenEstimator(fitted), precision=0.5).fit(X, y)
    assert frozen.estimator_ is fitted
    assert frozen.threshold_ == model.threshold_
    np.testing.assert_array_equal(frozen.predict(X), model.predict(X))


LABELS = [["human"], ["dog", "human"], []]


def test_any_number_of_labels_is_refused(proteins):
    X, y, families = proteins
    message = (
        "SelectiveClassifier answers with one class for each sequence, but {} has any number of "
        "labels. Use sklearn_protlstm.thresholds.LabelThresholdClassifier, which chooses"
    )
    labels = [LABELS[number % 3] for number in range(len(X))]
    with pytest.raises(ValueError, match=re.escape(message.format("y"))):
        protein_model().fit(X, labels, groups=families)
    frozen = FrozenEstimator(stack().fit(X, labels, groups=families))
    with pytest.raises(ValueError, match=re.escape(message.format("the frozen estimator"))):
        SelectiveClassifier(frozen).fit(X, y)


def test_frozen_estimators_that_are_of_no_use(proteins):
    X, y, families = proteins
    fitted = stack().fit(X, y, groups=families)
    with pytest.raises(ValueError, match="frozen estimator is a Pipeline, which has seen every"):
        SelectiveClassifier(FrozenEstimator(make_kmer_baseline(k=1).fit(X, y))).fit(X, y)
    with pytest.raises(NotFittedError):
        SelectiveClassifier(FrozenEstimator(stack())).fit(X, y)
    model = SelectiveClassifier(FrozenEstimator(fitted))
    with pytest.raises(ValueError, match=r"fitted to 160 samples, but fit got 158\. Pass"):
        model.fit(X[:-2], y[:-2])
    with pytest.raises(ValueError, match="the frozen stack has the groups of its own fit"):
        model.fit(X, y, groups=families)


def test_sequences_without_groups_are_clustered(proteins):
    X, y, families = proteins
    model = protein_model().fit(X, y)
    np.testing.assert_array_equal(model.families_, families)


@pytest.mark.parametrize(
    ("labels", "unknown", "expected"),
    [
        (["a", "b"], "auto", "unknown"),
        (["a", "b"], "?", "?"),
        ([0, 1], "auto", -1),
        ([0, 1], 9, 9),
        ([-1, 1], "auto", -2),
        ([0.0, 1.0], "auto", -1),
        ([False, True], "auto", -1),
        (np.array(["a", "b"], dtype=object), "auto", "unknown"),
        (np.array([0, 1], dtype=np.uint8), "auto", -1),
    ],
    ids=str,
)
def test_label_of_unknown_samples(labels, unknown, expected):
    X, codes = make_points()
    y = np.asarray(labels)[codes]
    model = SelectiveClassifier(
        LogisticRegression(), precision=0.9, unknown=unknown, cv=3, random_state=0
    ).fit(X, y)
    predictions = model.predict(X)
    assert model.unknown_ == expected
    assert set(predictions) == {*np.unique(y), expected}
    assert predictions.dtype.kind in {"b": "i", "u": "i"}.get(y.dtype.kind, y.dtype.kind)


@pytest.mark.parametrize(
    ("labels", "unknown", "shown"),
    [
        (["a", "unknown"], "auto", r"unknown='unknown' is one of the classes \['a', 'unknown'\]"),
        ([0, 1], "?", r"unknown='\?' does not fit the labels, which are int.*Pass a number"),
        (["a", "b"], -1, "unknown=-1 does not fit the labels, which are <U1. Pass a string"),
        ([0, 1], 1, r"unknown=1 is one of the classes \[0, 1\].*Choose another label"),
    ],
)
def test_label_that_does_not_fit_the_classes(labels, unknown, shown):
    X, codes = make_points()
    model = SelectiveClassifier(LogisticRegression(), unknown=unknown, cv=3)
    with pytest.raises(ValueError, match=shown):
        model.fit(X, np.array(labels)[codes])
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_report(model, proteins):
    X, y, _ = proteins
    report = model.report([X[7], X[7][:40].lower(), "A" * 80, "MNTQAKGD" * 8])
    assert list(report) == [
        "prediction",
        "reason",
        "most_probable",
        "probability",
        "nearest",
        "nearest_label",
        "percent_identity",
        "percent_coverage",
    ]
    assert report["nearest"].tolist()[:2] == [7, 7]
    assert report["nearest_label"].tolist()[:2] == [y[7]] * 2
    assert report["percent_identity"].tolist()[:2] == [100, 100]
    assert report["percent_coverage"].tolist()[:2] == [100, 100]
    assert report["prediction"].tolist()[2:] == ["unknown", "unknown"]
    last = report.iloc[3]
    assert last["nearest"] == -1
    assert last[["nearest_label", "percent_identity", "percent_coverage"]].isna().all()
    assert model.sequences_ == [sequence.upper() for sequence in X]


def test_report_of_a_matrix():
    X, y = make_points()
    model = SelectiveClassifier(LogisticRegression(), precision=0.9, cv=3, random_state=0).fit(X, y)
    report = model.report(X[:5])
    assert list(report) == ["prediction", "reason", "most_probable", "probability"]
    assert model.alarm_ is None
    assert model.sequences_ is None
    assert set(model.decide(X).reasons) == {"", "probability"}


def test_plots(model, proteins):
    X, y, _ = proteins
    axes = model.plot().axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == [
        "precision",
        "lower bound, 90%",
        "asked precision",
        f"threshold {model.threshold_:.2f}",
    ]
    figure = plot_confusion_matrices(y, {"model": model.predict(X)})
    shown = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert set(shown) <= {"dog", "human", "unknown"}


def test_unknown_samples_count_as_wrong_in_a_score(proteins, model):
    X, y, _ = proteins
    assert model.score(X, y) == np.mean(model.predict(X) == y) < 1
    search = GridSearchCV(protein_model(precision=0), {"cv": [2, 3]}, cv=2).fit(X, y)
    assert set(search.predict(["A" * 80])) == {"unknown"}


def test_groups_are_routed(proteins):
    X, y, families = proteins
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(protein_model(precision=0), {"cv": [2]}, cv=StratifiedGroupKFold(2))
        search.fit(X, y, groups=families)
        np.testing.assert_array_equal(search.best_estimator_.families_, families)
        weighted = LogisticRegression().set_fit_request(sample_weight=True)
        points, labels = make_points()
        weights = np.where(labels > 0, 100.0, 1.0)
        model = SelectiveClassifier(weighted, precision=0.5, cv=3, random_state=0)
        model.fit(points, labels, sample_weight=weights)
        assert model.predict_proba(points)[:, 1].mean() > 0.8


def test_fit_params_need_routing():
    X, y = make_points()
    model = SelectiveClassifier(LogisticRegression())
    with pytest.raises(ValueError, match="fit got sample_weight, which goes to the members with"):
        model.fit(X, y, sample_weight=np.ones(len(y)))


def test_failed_fit_leaves_an_unfitted_classifier(proteins):
    X, y, families = proteins
    model = protein_model().fit(X, y, groups=families)
    with pytest.raises(ValueError, match="Found 160 sequences but 1 labels"):
        model.fit(X, y[:1])
    for method in (model.predict, model.decide, model.predict_proba, model.report):
        with pytest.raises(NotFittedError):
            method(X)
    for method in (model.frame, model.plot, model.choose_threshold):
        with pytest.raises(NotFittedError):
            method()
    assert clone(model).get_params()["precision"] == 0.7


def test_generators_are_read_once(proteins):
    X, y, families = proteins
    model = protein_model().fit(iter(X), y, groups=families)
    np.testing.assert_array_equal(model.predict(iter(X)), model.predict(X))
    assert len(model.report(iter(X[:3]))) == 3


def test_files_and_tables_of_predictions(model, proteins, tmp_path):
    X = [*proteins[0][:30], "AW" * 40]
    write_fasta(X, tmp_path / "proteins.fasta")
    path_out = tmp_path / "out.tsv"
    assert predict_fasta(model, tmp_path / "proteins.fasta", path_out, chunk_size=7) == 31
    written = pd.read_csv(path_out, sep="\t", keep_default_na=False)
    frame = predictions_table(model, X)
    assert list(written) == list(frame)
    for column in ("prediction", "reason"):
        assert written[column].tolist() == frame[column].tolist()
    assert frame.iloc[-1][["prediction", "reason"]].tolist() == ["unknown", "composition"]
    assert "probability" in set(frame["reason"])
