"""compare_models and learning_curve with any number of labels for each sequence."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from tiny_comparisons import GROUPS, FailingClassifier, X
from tiny_label_comparisons import (
    LABEL_MODELS,
    LISTS,
    MATRIX,
    NAMES,
    make_composition_model,
)
from tiny_models import tiny_classifier

from sklearn_protlstm import (
    KmerVectorizer,
    SequenceEncoder,
    compare_models,
    learning_curve,
    make_kmer_baseline,
)
from sklearn_protlstm.comparison._subsets import stratified_order
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold

FRAME = pd.DataFrame(MATRIX, columns=NAMES)
SETS = [set(row) for row in LISTS]


def with_unknown(share=0.2, seed=0):
    hidden = np.random.RandomState(seed).uniform(size=MATRIX.shape) < share
    return np.where(hidden, np.nan, MATRIX)


@pytest.fixture(scope="module")
def comparison():
    return compare_models(LABEL_MODELS, X, LISTS, cv=3, groups=GROUPS, keep_probabilities=True)


@pytest.fixture(scope="module")
def unknown():
    y = pd.DataFrame(with_unknown(), columns=NAMES)
    return compare_models({"k-mers": make_kmer_baseline(k=1)}, X, y, cv=3, groups=GROUPS)


def test_model_that_sees_positions_is_always_right(comparison):
    assert comparison.multilabel
    assert comparison.classes.tolist() == NAMES.tolist()
    best = comparison.summary().set_index("model").loc["position"]
    names = ["f1_macro", "f1_micro", "average_precision", "subset_accuracy"]
    assert (best[names] == 1).all()
    assert (best[["hamming_loss", "ranking_loss"]] == 0).all()
    assert best["log_loss"] < 0.1
    assert comparison.failures_ == {}


def test_predictions_are_those_of_the_models(comparison):
    assert comparison.predicted.shape == (4, 1, 60, 3)
    fold = comparison.folds[1]
    sequences = np.array(X, dtype=object)
    model = make_composition_model().fit(sequences[fold.train], MATRIX[fold.train])
    predicted = comparison.predicted[1, 0, fold.test]
    np.testing.assert_array_equal(predicted, model.predict(sequences[fold.test]))
    np.testing.assert_allclose(
        comparison.probabilities[1, 0, fold.test],
        model.predict_proba(sequences[fold.test]),
        atol=1e-6,
    )


@pytest.mark.parametrize(
    "y",
    [MATRIX, MATRIX.tolist(), csr_matrix(MATRIX), FRAME, SETS],
    ids=["array", "rows", "sparse", "frame", "sets"],
)
def test_forms_of_y_give_the_same_scores(comparison, y):
    other = compare_models(LABEL_MODELS, X, y, cv=3, groups=GROUPS, scoring="hamming_loss")
    expected = comparison.table.scores["hamming_loss"]
    np.testing.assert_array_equal(other.table.scores["hamming_loss"], expected)
    assert other.classes.tolist() == (NAMES.tolist() if y is FRAME or y is SETS else [0, 1, 2])


def test_integer_cv_spreads_the_labels_and_keeps_groups_together(comparison):
    counts = np.array([MATRIX[fold.test].sum(axis=0) for fold in comparison.folds])
    assert np.ptp(counts, axis=0).max() <= 2
    for fold in comparison.folds:
        assert not np.intersect1d(GROUPS[fold.train], GROUPS[fold.test]).size


@pytest.mark.parametrize("cv", [2, MultilabelStratifiedGroupKFold(2)])
def test_warning_of_a_rare_label_names_it(cv):
    y = FRAME.assign(bat=np.arange(len(FRAME)) < 2)
    message = r"1 label\(s\) are in fewer than n_splits=2 groups, .* lack them: 'bat' \(1\)"
    with pytest.warns(UserWarning, match=message), pytest.raises(ValueError, match="label 'bat'"):
        compare_models(LABEL_MODELS, X, y, cv=cv, groups=np.arange(len(X)) // 2)


@pytest.mark.parametrize("groups", [None, GROUPS])
def test_repeats_have_different_folds(groups):
    comparison = compare_models(
        LABEL_MODELS, X, LISTS, cv=3, groups=groups, n_repeats=2, scoring="f1_micro"
    )
    first, second = ([f.test for f in comparison.folds if f.repeat == r] for r in (0, 1))
    assert not any(map(np.array_equal, first, second))
    assert comparison.predicted.shape == (4, 2, 60, 3)
    assert comparison.predicted.min() == 0


@pytest.mark.parametrize("cv", [KFold(3), GroupKFold(3), MultilabelStratifiedGroupKFold(3)])
def test_splitters_that_need_no_class(cv):
    groups = None if isinstance(cv, KFold) else GROUPS
    y = with_unknown()
    models = {"k-mers": make_kmer_baseline(k=1), "length only": LABEL_MODELS["length only"]}
    assert compare_models(models, X, y, cv=cv, groups=groups, scoring="f1_macro").complete


@pytest.mark.parametrize("cv", [StratifiedKFold(3), StratifiedGroupKFold(3)])
def test_splitters_of_classes_raise(cv):
    message = (
        r"takes one class for each sequence, but y has any number of labels\. Pass cv=5 or "
        r"MultilabelStratifiedGroupKFold\(5\)"
    )
    with pytest.raises(ValueError, match=message):
        compare_models(LABEL_MODELS, X, LISTS, cv=cv, groups=GROUPS)


def test_training_part_without_a_label_raises():
    y = MATRIX.copy()
    y[:, 2] = np.arange(60) < 20
    message = (
        r"No sequence in the training part of fold 0 of repeat 0 \(counted from 0\) has the label "
        r"2, so no model can learn it there\. The label is present in 20 sequence\(s\)\. Collect"
    )
    with pytest.raises(ValueError, match=message):
        compare_models(LABEL_MODELS, X, y, cv=KFold(3))
    y[:, 2] = 1 - y[:, 2]
    message = r"lacks the label 2.* is absent from 20 sequence\(s\) in 5 group\(s\)"
    folds = [(np.arange(20, 60), np.arange(20)), (np.arange(20), np.arange(20, 60))]
    with pytest.raises(ValueError, match=message):
        compare_models(LABEL_MODELS, X, y, cv=folds, groups=GROUPS)


def test_group_in_both_parts_raises():
    message = "Use MultilabelStratifiedGroupKFold, which keeps groups together"
    with pytest.raises(ValueError, match=message):
        compare_models(LABEL_MODELS, X, LISTS, cv=KFold(7), groups=GROUPS)


@pytest.mark.parametrize("cv", [ShuffleSplit(3, random_state=0), TimeSeriesSplit(3)])
def test_sequences_that_are_not_tested_once_raise(cv):
    message = "Use a splitter such as MultilabelStratifiedGroupKFold"
    with pytest.raises(ValueError, match=message):
        compare_models(LABEL_MODELS, X, LISTS, cv=cv)


def test_one_label_raises():
    message = r"y has one label only \('bird'\)\. Pass one class for each sequence instead: 1 if it"
    with pytest.raises(ValueError, match=message):
        compare_models(LABEL_MODELS, X, [["bird"], []] * 30, cv=2)


def test_scores_of_classes_raise():
    message = (
        r"Invalid scoring='accuracy'\. Pass one or more different names for any number of labels "
        "out of 'f1_macro', 'f1_micro', 'average_precision', 'subset_accuracy'"
    )
    with pytest.raises(ValueError, match=message):
        compare_models(LABEL_MODELS, X, LISTS, cv=3, scoring="accuracy")


def test_unknown_labels_are_said_and_left_out(unknown):
    n_unknown = np.isnan(with_unknown()).sum()
    assert f"{n_unknown} of 180 entries of the label matrix are unknown (NaN)" in str(unknown)
    assert unknown.failures_ == {}
    for fold, score in zip(unknown.folds, unknown.table.scores["hamming_loss"][0]):
        known = unknown.codes[fold.test] < 2
        wrong = unknown.predicted[0, 0, fold.test] != unknown.codes[fold.test]
        assert score == pytest.approx(wrong[known].mean())
    support = unknown.frame(by="label").query("model == 'k-mers'")["support"]
    assert support.tolist() == np.nansum(with_unknown(), axis=0).tolist()


def test_tests_leave_out_sequences_without_a_known_label():
    y = with_unknown()
    y[:30:2] = np.nan
    models = {"k-mers": make_kmer_baseline(k=1), "length only": LABEL_MODELS["length only"]}
    comparison = compare_models(models, X, y, cv=3, scoring="subset_accuracy")
    same = comparison.test("length only", "majority")
    n_scored = (comparison.codes != 2).any(axis=1).sum()
    assert n_scored < 50
    assert same.permutation.standard_error == pytest.approx(1 / n_scored)
    assert "nan" not in comparison.verdict("k-mers", "majority")


def test_model_that_refuses_unknown_labels_fails_alone():
    models = {**LABEL_MODELS, "composition": make_kmer_baseline(k=1)}
    with (
        np.errstate(invalid="ignore"),  # scikit-learn converts NaN before it refuses it
        pytest.warns(UserWarning, match=r"'position' has no scores.*Input y contains NaN"),
    ):
        comparison = compare_models(models, X, with_unknown(), cv=3, scoring="f1_macro")
    assert list(comparison.failures_) == ["position"]
    assert np.isfinite(comparison.table.scores["f1_macro"][1:]).all()


def test_text_speaks_of_labels(comparison):
    lines = str(comparison).splitlines()
    assert lines[0] == "4 models, 3 folds, 60 sequences with 3 labels"
    assert lines[2].split()[:3] == ["model", "macro-F1", "micro-F1"]
    assert lines[3].startswith("position     1.00±0.00*  1.00±0.00*")


def test_note_on_labels_without_a_test_sequence():
    y = MATRIX.copy()
    y[:, 0] = np.arange(60) % 30 == 0
    comparison = compare_models(LABEL_MODELS, X, y, cv=KFold(5), scoring="f1_macro")
    assert (
        "Some folds have no test sequence with one of these labels. There, macro-F1 and macro "
        "average precision are averages over the other labels: 0 (3 of 5)."
    ) in str(comparison)


def test_html_speaks_of_labels(comparison):
    html = comparison._repr_html_()
    assert "60 sequences with 3 labels" in html
    assert "F1 of each label, and the sequences that have it" in html
    assert "Is position better than the other models? macro-F1 on unseen groups" in html
    assert "human" in html


def test_frame_by_label(comparison):
    frame = comparison.frame(by="label")
    assert list(frame) == ["model", "label", "precision", "recall", "f1", "support"]
    best = frame.query("model == 'position'")
    assert best["label"].tolist() == NAMES.tolist()
    assert (best[["precision", "recall", "f1"]] == 1).all(axis=None)
    assert best["support"].tolist() == MATRIX.sum(axis=0).tolist()
    with pytest.raises(ValueError, match="by must be 'fold' or 'label', got 'class'"):
        comparison.frame(by="class")


def test_verdict_and_tests(comparison):
    result = comparison.test("position", "majority")
    assert result.metric == "f1_macro"
    assert result.verdict().startswith(
        "position is better than majority on unseen groups (macro-F1 difference"
    )
    right = [
        (comparison.predicted[comparison.models.index(name), 0] == MATRIX).all(axis=1)
        for name in ("position", "majority")
    ]
    assert result.mcnemar.only_first == np.sum(right[0] & ~right[1])
    assert f"all labels right only by position {result.mcnemar.only_first}, " in str(result)
    losses = comparison.test("position", "majority", metric="ranking_loss")
    assert "position is better than majority" in losses.verdict()
    assert "needs predicted labels, but ranking loss has probabilities" in str(losses)


def test_forest_and_classifier_without_probabilities():
    models = {
        "forest": make_pipeline(KmerVectorizer(k=1), RandomForestClassifier(5, random_state=0)),
        "svm": make_pipeline(KmerVectorizer(k=1), OneVsRestClassifier(LinearSVC())),
        "length only": LABEL_MODELS["length only"],
    }
    comparison = compare_models(models, X, MATRIX, cv=2, keep_probabilities=True)
    assert comparison.failures_ == {}
    scores = comparison.summary().set_index("model")
    assert np.isfinite(scores.loc["forest", "log_loss"])
    assert scores.loc["svm", ["average_precision", "ranking_loss", "log_loss"]].isna().all()
    assert np.isfinite(scores.loc["svm", "f1_macro"])
    message = (
        r"only 0 have a score for log-loss from both 'svm' and 'majority'\. Scores of "
        "probabilities need predict_proba, and most scores need a sequence with a label"
    )
    with pytest.raises(ValueError, match=message):
        comparison.test("svm", "majority", metric="log_loss")


@pytest.mark.parametrize(
    ("prediction", "message"),
    [
        (np.ones(60), r"shape \(30,\) for 30 sequences and 3 labels, expected \(30, 3\)\. Wrap"),
        (np.full((60, 3), 2), "other values than 0 and 1 for labels"),
    ],
)
def test_wrong_predictions_fail(prediction, message):
    class Wrong(DummyClassifier):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return prediction[: len(X)]

    with pytest.warns(UserWarning, match=message):
        compare_models(
            {"wrong": Wrong(), **LABEL_MODELS}, X, MATRIX, cv=KFold(2), scoring="f1_macro"
        )


def test_network_learns_labels_and_their_unknown_entries():
    lstm = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=2))
    models = {"LSTM": lstm, "length only": LABEL_MODELS["length only"]}
    comparison = compare_models(models, X, with_unknown(), cv=2)
    assert comparison.failures_ == {}
    assert np.isfinite(comparison.summary().set_index("model").loc["LSTM", "log_loss"])


def test_order_control_of_labels():
    comparison = compare_models(
        LABEL_MODELS, X, LISTS, cv=3, scoring="f1_micro", order_control=True
    )
    frame = comparison.order_frame().set_index("model")
    assert frame.loc["position", "difference"] > 0.2
    assert "Mean micro-F1 with the residues of each sequence shuffled: position 0." in str(
        comparison
    )


class Overconfident(FailingClassifier):
    def fit(self, X, y):
        self.n_labels_ = y.shape[1]
        return self

    def predict(self, X):
        return np.ones((len(X), self.n_labels_), dtype=int)

    def predict_proba(self, X):
        return np.full((len(X), self.n_labels_), 0.98)


def test_note_on_poor_probabilities():
    y = np.tile([[1, 0], [0, 1], [1, 1], [0, 0]], (15, 1))
    models = {"overconfident": Overconfident(), "length only": LABEL_MODELS["length only"]}
    comparison = compare_models(models, X, y, cv=KFold(3), scoring=("f1_macro", "log_loss"))
    # Half of the entries cost -log(0.98), the others -log(0.02): a mean of 1.97.
    assert (
        "These probabilities are worse than the label frequencies (log-loss 0.69): overconfident "
        "1.97."
    ) in str(comparison)
    assert "OneVsRestClassifier(CalibratedClassifierCV(model, cv=5))" in str(comparison)


def test_advice_on_poor_probabilities_works():
    model = make_pipeline(KmerVectorizer(k=1), LogisticRegression())
    model = OneVsRestClassifier(CalibratedClassifierCV(model, cv=5)).fit(np.array(X), MATRIX)
    assert model.predict_proba(np.array(X)).shape == (60, 3)


def cells(axes):
    return {
        (text.get_position()[1], text.get_position()[0]): text.get_text() for text in axes.texts
    }


def test_plots_show_labels(comparison):
    figure = comparison.plot_confusion(["position", "majority"])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == NAMES.tolist()
    n_with = MATRIX.sum(axis=0)
    for label, n in enumerate(n_with):
        assert cells(figure.axes[0])[label, 0] == f"100 %\n{n}"
        assert cells(figure.axes[0])[label, 3] == f"100 %\n{60 - n}"
    for method, value in (("plot_roc", "AUC 1.00"), ("plot_precision_recall", "AP 1.00")):
        figure = getattr(comparison, method)(["position"])
        assert [axes.get_title() for axes in figure.axes] == [
            f"{name} ({n} of 60)" for name, n in zip(NAMES, n_with)
        ]
        assert figure.axes[1].get_legend().get_texts()[0].get_text() == f"position ({value})"
    assert len(comparison.plot_reliability().axes) == 3
    assert len(comparison.plot().axes) == 7


def test_interruption_keeps_what_all_models_finished():
    class Slow(FailingClassifier):
        def predict(self, X):
            return np.zeros((len(X), 3))

    models = {**LABEL_MODELS, "slow": Slow(KeyboardInterrupt(), start=2)}
    with pytest.warns(UserWarning, match="Interrupted"):
        comparison = compare_models(models, X, LISTS, cv=3, scoring="f1_macro")
    tested = comparison.folds[0].test
    support = comparison.frame(by="label").query("model == 'position'")["support"]
    assert support.tolist() == MATRIX[tested].sum(axis=0).tolist()
    title = comparison.plot_confusion("position").axes[0].get_title()
    assert title == "position"


def test_learning_curve_of_labels():
    models = {"k-mers": make_kmer_baseline(k=1), "length only": LABEL_MODELS["length only"]}
    curve = learning_curve(
        models, X, with_unknown(), cv=2, train_sizes=(6, 1.0), scoring=("f1_micro", "log_loss")
    )
    assert curve.multilabel
    assert curve.failures_ == {}
    assert curve.frame()["f1_micro"].notna().all()
    labels = [axes.get_ylabel() for axes in curve.plot().axes]
    assert labels == ["micro-F1", "log-loss (lower is better)"]
    message = r"at least 6, two for each label, one with it and one without, and at most"
    with pytest.raises(ValueError, match=message):
        learning_curve(models, X, with_unknown(), cv=2, train_sizes=(5,))


def test_first_rows_of_the_order_have_and_lack_every_label():
    rng = np.random.RandomState(0)
    codes = (rng.uniform(size=(200, 4)) < [0, 0.1, 0.5, 1]).astype(np.uint8)
    codes[rng.uniform(size=codes.shape) < 0.1] = 2
    codes[[7, 17], [0, 3]] = 1, 0
    order = stratified_order(codes, np.random.RandomState(1))
    assert sorted(order) == list(range(200))
    for state in (0, 1):
        assert (codes[order[:8]] == state).any(axis=0).all()
    shares = (codes[order[:100]] == 1).sum(axis=0) / (codes == 1).sum(axis=0)
    np.testing.assert_allclose(shares[1:], 0.5, atol=0.15)
