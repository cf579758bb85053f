"""Comparisons: the folds they refuse, the scores they give, and what a failure leaves of them."""

import re
from functools import partial
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits
from tiny_models import HOSTS, tiny_classifier

from sklearn_protlstm import (
    KmerVectorizer,
    ModelComparison,
    SequenceEncoder,
    compare_models,
    learning_curve,
    make_kmer_baseline,
)
from sklearn_protlstm.comparison._compare import shuffle_residues
from sklearn_protlstm.comparison._learning_curve import stratified_order
from sklearn_protlstm.comparison._paired import PairedComparison
from sklearn_protlstm.significance import CorrectedTTest, McNemarTest, PosteriorProbabilities


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    # Boosting on a handful of sequences with two threads waits for them most of the time.
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def make_sequences(n_samples=60, seed=0):
    """Proteins with one A, one C and one D each; which of them is first decides the host."""
    rng = np.random.RandomState(seed)
    codes = np.arange(n_samples) % 3
    sequences = []
    for code in codes:
        first = "ACD"[code]
        rest = [*"ACD".replace(first, ""), *rng.choice([*"EFGHIK"], rng.randint(4, 9))]
        sequences.append(first + "".join(rng.permutation(rest)))
    return sequences, HOSTS[codes]


def first_residue(sequences):
    return np.array([[sequence[0] == residue for residue in "ACDEFGHIK"] for sequence in sequences])


def position_model():
    return make_pipeline(FunctionTransformer(first_residue), LogisticRegression())


def composition_model():
    return make_pipeline(KmerVectorizer(k=1), LogisticRegression())


X, Y = make_sequences()
GROUPS = np.arange(60) // 4
MODELS = {
    "position": position_model(),
    "composition": composition_model(),
    # boosting takes most of the time, and few tests need to see it
    "length only": DummyClassifier(),
}

# six scores take longer than a training here
compare_accuracy = partial(compare_models, scoring="accuracy")


class AlwaysRaises(ClassifierMixin, BaseEstimator):
    """Raise an error, in fit or in predict, from the n-th clone on."""

    n_fits = 0

    def __init__(self, error=None, when="fit", start=1):
        self.error = error
        self.when = when
        self.start = start

    def fit(self, X, y):
        type(self).n_fits += 1
        self._raise("fit")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        self._raise("predict")
        return np.repeat(self.classes_[0], len(X))

    def _raise(self, place):
        if self.when == place and type(self).n_fits >= self.start:
            raise self.error


@pytest.fixture(autouse=True)
def _count_from_0():
    AlwaysRaises.n_fits = 0


@pytest.fixture(scope="module")
def comparison():
    return compare_models(MODELS, X, Y, cv=5, groups=GROUPS)


class TestScores:
    def test_are_those_of_scikit_learn(self):
        cv = StratifiedKFold(4)
        model = make_pipeline(KmerVectorizer(k=2), LogisticRegression())
        names = {
            "accuracy": "accuracy",
            "balanced_accuracy": "balanced_accuracy",
            "f1_macro": "f1_macro",
            "matthews_corrcoef": "matthews_corrcoef",
            "log_loss": "neg_log_loss",
            "roc_auc": "roc_auc_ovr",
        }
        ours = compare_models({"k-mers": model}, X, Y, cv=cv)
        theirs = cross_validate(model, X, Y, cv=cv, scoring=list(names.values()))
        frame = ours.frame().query("model == 'k-mers'")
        assert ours.scoring == tuple(names)
        for name, scorer in names.items():
            sign = -1 if scorer.startswith("neg_") else 1
            np.testing.assert_allclose(frame[name], sign * theirs[f"test_{scorer}"])
        predicted = ours.classes[ours.predicted[0, 0]]
        assert predicted.tolist() == cross_val_predict(model, X, Y, cv=cv).tolist()

    def test_two_classes(self):
        y = np.where(np.arange(60) % 4 == 0, "rare", "common")
        model = make_pipeline(KmerVectorizer(k=2), LogisticRegression())
        ours = compare_models([model], X, y, cv=3, scoring="roc_auc")
        theirs = [
            roc_auc_score(
                y[fold.test] == "rare",
                model.fit([X[i] for i in fold.train], y[fold.train]).predict_proba(
                    [X[i] for i in fold.test]
                )[:, 1],
            )
            for fold in ours.folds
        ]
        np.testing.assert_allclose(ours.table.scores["roc_auc"][0], theirs)

    def test_majority_and_length_know_nothing(self):
        comparison = compare_models({"position": position_model()}, X, Y, cv=3, groups=GROUPS)
        summary = comparison.summary().set_index("model")
        assert summary.loc["majority", "accuracy"] == pytest.approx(1 / 3, abs=0.1)
        assert summary.loc["majority", "matthews_corrcoef"] == 0
        assert summary.loc["majority", "log_loss"] == pytest.approx(np.log(3), abs=0.02)
        assert summary.loc["length only", "accuracy"] < 0.6
        assert summary.loc["position", "accuracy"] == 1

    def test_without_probabilities(self):
        model = make_pipeline(KmerVectorizer(k=1), LinearSVC())
        comparison = compare_models({"svm": model}, X, Y, cv=3)
        svm = comparison.frame().query("model == 'svm'")
        assert svm[["log_loss", "roc_auc"]].isna().all(axis=None)
        assert svm[["accuracy", "f1_macro"]].notna().all(axis=None)
        assert comparison.failures_ == {}
        assert re.search(r"svm .* - +- ", str(comparison))
        with pytest.raises(
            ValueError, match=r"'svm' and 'majority' have 0 fold\(s\) .* score for ROC"
        ):
            comparison.test("svm", "majority", metric="roc_auc")

    def test_class_missing_from_a_test_part(self):
        # The pigs are in two of the three groups, so one fold tests none.
        y = np.repeat(["bird", "human", "pig"], 20)
        groups = np.concatenate([np.arange(40) % 3, np.arange(20) % 2])
        comparison = compare_models(
            {"composition": composition_model()}, X, y, cv=GroupKFold(3), groups=groups
        )
        without_pigs = np.array(["pig" not in y[fold.test] for fold in comparison.folds])
        assert without_pigs.sum() == 1
        (fold,) = np.flatnonzero(without_pigs)
        test = comparison.folds[fold].test
        right = comparison.classes[comparison.predicted[0, 0, test]] == y[test]
        recalls = [right[y[test] == host].mean() for host in ("bird", "human")]
        score = comparison.table.scores["balanced_accuracy"][0, fold]
        assert score == pytest.approx(np.mean(recalls))
        assert np.isfinite(comparison.table.scores["roc_auc"]).all()
        assert "Class 'pig' is missing from the test part of 1 of 3 folds" in str(comparison)

    def test_one_class_in_a_test_part(self):
        y = np.repeat(["bird", "human"], 30)
        groups = np.concatenate([np.arange(30) % 2, [2, 3] * 15])
        comparison = compare_models([composition_model()], X, y, cv=GroupKFold(4), groups=groups)
        assert np.isnan(comparison.table.scores["roc_auc"]).all()
        assert np.isfinite(comparison.table.scores["balanced_accuracy"]).all()
        assert comparison.failures_ == {}

    def test_subset_of_scores(self):
        comparison = compare_models(MODELS, X, Y, cv=2, scoring=("f1_macro", "accuracy"))
        assert list(comparison.table.scores) == [
            "f1_macro",
            "accuracy",
            "fit_seconds",
            "predict_seconds",
        ]
        assert comparison.test("position", "majority").metric == "f1_macro"

    @pytest.mark.parametrize("scoring", ["f1", (), ("accuracy", "f1"), ("accuracy", "accuracy")])
    def test_unknown(self, scoring):
        with pytest.raises(ValueError, match=r"scoring=.* is not known: give one or several diff"):
            compare_models(MODELS, X, Y, cv=2, scoring=scoring)


class TestModels:
    def test_names_from_classes(self):
        models = [position_model(), DummyClassifier(), composition_model()]
        comparison = compare_accuracy(models, X, Y, cv=2)
        assert comparison.models == [
            "LogisticRegression",
            "DummyClassifier",
            "LogisticRegression 2",
            "majority",
            "length only",
        ]

    def test_own_majority(self):
        models = {"majority": DummyClassifier(strategy="constant", constant="pig")}
        comparison = compare_accuracy(models, X, Y, cv=2)
        assert comparison.models == ["majority", "length only"]
        assert (comparison.classes[comparison.predicted[0]] == "pig").all()

    def test_are_left_alone(self):
        model = position_model()
        compare_accuracy({"a": model}, X, Y, cv=2)
        assert not hasattr(model[-1], "classes_")

    @pytest.mark.parametrize(
        ("models", "error", "message"),
        [
            (LogisticRegression(), TypeError, r"one model \(LogisticRegression\) where several"),
            (3, TypeError, "models=3 are no models: give a dict"),
            ("LSTM", TypeError, "models='LSTM' are no models: give a dict"),
            ({}, ValueError, "There is no model to compare: give at least one"),
            ([], ValueError, "There is no model to compare: give at least one"),
            ({1: DummyClassifier()}, TypeError, "Model names must be str, got 1 of type int"),
            ({"a": DummyClassifier}, TypeError, r"class DummyClassifier itself: .* Dummy.*\(\)"),
            ({"a": KmerVectorizer()}, TypeError, "'a' is a KmerVectorizer, which has no fit and"),
            (["LSTM"], TypeError, "Model 'str' is a str, which has no fit and predict"),
        ],
    )
    def test_wrong(self, models, error, message):
        with pytest.raises(error, match=message):
            compare_accuracy(models, X, Y, cv=2)


class TestFolds:
    def test_are_the_same_for_all_models(self):
        cv = StratifiedKFold(3, shuffle=True, random_state=None)
        models = {"one": composition_model(), "other": composition_model()}
        comparison = compare_accuracy(models, X, Y, cv=cv)
        np.testing.assert_array_equal(*comparison.predicted[:2])

    def test_number(self):
        comparison = compare_accuracy(MODELS, X, Y, cv=3)
        assert [len(fold.test) for fold in comparison.folds] == [20] * 3
        again = compare_accuracy(MODELS, X, Y, cv=3)
        other = compare_accuracy(MODELS, X, Y, cv=3, random_state=1)
        assert all(map(np.array_equal, parts_of(comparison), parts_of(again)))
        assert not any(map(np.array_equal, parts_of(comparison), parts_of(other)))

    def test_number_keeps_groups(self, comparison):
        for fold in comparison.folds:
            assert not np.intersect1d(GROUPS[fold.train], GROUPS[fold.test]).size

    @pytest.mark.parametrize(
        ("cv", "groups"),
        [
            (3, None),
            (3, GROUPS),
            (StratifiedKFold(3, shuffle=True, random_state=5), None),
            (StratifiedGroupKFold(3, shuffle=True, random_state=5), GROUPS),
        ],
    )
    def test_repeats(self, cv, groups):
        comparison = compare_accuracy(MODELS, X, Y, cv=cv, groups=groups, n_repeats=2)
        again = compare_accuracy(MODELS, X, Y, cv=cv, groups=groups, n_repeats=2)
        once = compare_accuracy(MODELS, X, Y, cv=cv, groups=groups)
        assert [fold.repeat for fold in comparison.folds] == [0, 0, 0, 1, 1, 1]
        assert [fold.number for fold in comparison.folds] == [0, 1, 2, 0, 1, 2]
        tests = parts_of(comparison)
        assert not any(map(np.array_equal, tests[:3], tests[3:]))
        assert all(map(np.array_equal, tests, parts_of(again)))
        assert all(map(np.array_equal, tests[:3], parts_of(once)))
        assert comparison.predicted.shape == (4, 2, 60)
        assert comparison.predicted.min() == 0

    def test_splitter_that_repeats(self):
        cv = RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0)
        comparison = compare_accuracy(MODELS, X, Y, cv=cv)
        assert [fold.repeat for fold in comparison.folds] == [0, 0, 1, 1, 2, 2]

    def test_pairs(self):
        rows = np.arange(60)
        splits = ((rows[rows % 2 == side], rows[rows % 2 != side].tolist()) for side in (0, 1))
        comparison = compare_accuracy(MODELS, X, Y, cv=splits)
        assert [len(fold.test) for fold in comparison.folds] == [30, 30]

    @pytest.mark.parametrize(
        ("cv", "error", "message"),
        [
            (1, ValueError, "cv=1 folds cannot be made: give 2 or more"),
            (None, TypeError, "cv=None of type NoneType makes no folds: give a number of folds"),
            ("5", TypeError, "cv='5' of type str makes no folds"),
            (ShuffleSplit(3, random_state=0), ValueError, "is tested a second time in fold 1 of"),
            (TimeSeriesSplit(3), ValueError, r"15 of 60 sequences are in no test part .* sequenc"),
            (PredefinedSplit([-1] * 6 + [0, 1] * 27), ValueError, "the first is sequence 0. All"),
            (GroupKFold(3), ValueError, r"GroupKFold.* keeps groups whole, but there are no grou"),
            ([], ValueError, "60 of 60 sequences are in no test part"),
            ([([0, 1], [1, 2])] * 2, ValueError, "Sequence 1 is tested a second time in fold 1 o"),
            ([([0], [2, 2])], ValueError, "Sequence 2 is tested a second time in fold 0 of repeat"),
            ([([0], [60])], ValueError, "positions 60 to 60, but there are 60 sequences, counted"),
            ([([-1], [0])], ValueError, "positions -1 to -1, but there are 60 sequences"),
            ([([0.5], [0])], TypeError, r"integer arrays of positions, got .* dtype float64"),
            ([(range(60), range(60))], ValueError, "Sequence 0 is both in the training part and"),
        ],
    )
    def test_unfair(self, cv, error, message):
        with pytest.raises(error, match=message):
            compare_accuracy(MODELS, X, Y, cv=cv)

    @pytest.mark.parametrize(
        ("cv", "n_repeats", "message"),
        [
            (StratifiedKFold(3), 2, r"n_repeats=2 needs a splitter that shuffles.*cv=StratifiedK"),
            (RepeatedStratifiedKFold(n_splits=2), 3, "or leave n_repeats at 1 where cv repeats"),
            ([([0], [1])], 2, "n_repeats=2 needs a splitter that shuffles"),
            (3, 0, "n_repeats=0 must be an integer of 1 or more"),
            (3, 1.5, "n_repeats=1.5 must be an integer of 1 or more"),
        ],
    )
    def test_repeats_that_cannot_be(self, cv, n_repeats, message):
        with pytest.raises(ValueError, match=message):
            compare_accuracy(MODELS, X, Y, cv=cv, n_repeats=n_repeats)

    def test_divided_group(self):
        message = r"Group 0 is both .* part of fold 0 of .*\. Use StratifiedGroupKFold"
        with pytest.raises(ValueError, match=message):
            compare_accuracy(
                MODELS, X, Y, cv=StratifiedKFold(3, shuffle=True, random_state=0), groups=GROUPS
            )

    @pytest.mark.parametrize("cv", [5, GroupKFold(5), StratifiedGroupKFold(5)])
    def test_fewer_groups_than_folds(self, cv):
        message = r"5 folds were asked for, but there are 3 group\(s\) only"
        with pytest.raises(ValueError, match=message):
            compare_accuracy(MODELS, X, Y, cv=cv, groups=np.arange(60) // 20)

    def test_wrong_number_of_groups(self):
        with pytest.raises(ValueError, match=r"Found 60 sequences but 59 groups\. Give one"):
            compare_accuracy(MODELS, X, Y, cv=3, groups=GROUPS[1:])

    def test_class_missing_from_a_training_part(self):
        y, groups = Y.copy(), np.arange(60) // 2
        y[4:6] = "bat"
        message = (
            r"Class 'bat' is missing from the training part of fold \d of repeat 0 \(counted from "
            r"0\), so no model could learn it there. It has 2 sequence\(s\) in 1 group\(s\): coll"
        )
        with pytest.raises(ValueError, match=message):
            compare_accuracy(MODELS, X, y, cv=GroupKFold(3), groups=groups)

    def test_class_missing_without_groups(self):
        y = np.sort(Y)
        with pytest.raises(ValueError, match=r"Class 'bird' .* It has 20 sequence\(s\): collect"):
            compare_accuracy(MODELS, X, y, cv=KFold(3))


def parts_of(comparison):
    return [fold.test for fold in comparison.folds]


class TestInput:
    def test_kinds_of_sequences(self):
        expected = compare_models(MODELS, X, Y, cv=2, scoring="log_loss")
        for given in (np.array(X), [sequence.encode() for sequence in X], iter(X)):
            comparison = compare_models(MODELS, given, Y.tolist(), cv=2, scoring="log_loss")
            np.testing.assert_array_equal(
                comparison.table.scores["log_loss"], expected.table.scores["log_loss"]
            )

    def test_labels_of_any_kind(self):
        codes = np.unique(Y, return_inverse=True)[1] * 10 - 3
        comparison = compare_models(MODELS, X, codes, cv=2)
        assert comparison.classes.tolist() == [-3, 7, 17]
        assert comparison.summary()["accuracy"][0] == 1

    @pytest.mark.parametrize(
        ("sequences", "labels", "error", "message"),
        [
            ("ACD", Y, TypeError, r"did you mean \[sequence\]"),
            ([], [], ValueError, "Found 0 sequences"),
            (X, Y[1:], ValueError, "Found 60 sequences but 59 labels"),
            (X, np.repeat("pig", 60), ValueError, r"one class only \('pig'\)"),
            (X, None, ValueError, "requires y to be passed"),
        ],
    )
    def test_wrong(self, sequences, labels, error, message):
        with pytest.raises(error, match=message):
            compare_models(MODELS, sequences, labels, cv=2)


class TestFailures:
    @pytest.mark.parametrize("when", ["fit", "predict"])
    def test_others_go_on(self, when):
        models = {"broken": AlwaysRaises(ZeroDivisionError("by nothing"), when), **MODELS}
        message = (
            r"Model 'broken' has no scores. It failed in fold 0 of repeat 0 \(counted from 0\): "
            "ZeroDivisionError: by nothing"
        )
        with pytest.warns(UserWarning, match=message) as warned:
            comparison = compare_accuracy(models, X, Y, cv=3)
        assert len(warned) == 1
        assert warned[0].filename == __file__
        assert list(comparison.failures_) == ["broken"]
        assert comparison.complete
        summary = comparison.summary().set_index("model")
        assert summary.loc["broken"].drop("n_folds").isna().all()
        assert summary["n_folds"].to_dict() == {
            "broken": 0,
            "position": 3,
            "composition": 3,
            "length only": 3,
            "majority": 3,
        }
        assert summary.loc["position", "accuracy"] == 1
        frame = comparison.frame().query("model == 'broken'")
        assert len(frame) == 3
        assert frame[list(comparison.scoring)].isna().all(axis=None)
        assert "broken failed in fold 0 of repeat 0" in str(comparison)
        assert "broken" not in [axes.get_title() for axes in comparison.plot_confusion().axes]
        comparison.plot()
        with pytest.raises(ValueError, match=r"'broken' has no scores. It failed in .*by nothing"):
            comparison.verdict("position", "broken")

    def test_in_some_folds(self):
        models = {"late": AlwaysRaises(OSError("disk full"), start=3)}
        with pytest.warns(UserWarning, match="failed in fold 2 of repeat 0 .*: OSError: disk full"):
            comparison = compare_accuracy(models, X, Y, cv=4)
        scores = comparison.table.scores["accuracy"][0]
        assert np.isnan(scores).tolist() == [False, False, True, True]
        assert comparison.summary()["accuracy"].isna().tolist() == [True, False, False]

    def test_invalid_residue_is_found_in_X(self):
        sequences = [*X[:41], "AC1", *X[42:]]
        models = {"k-mers": make_kmer_baseline()}
        with pytest.warns(UserWarning, match=r"InvalidResidueError: .*\(it is sequence 41 of X\)"):
            compare_accuracy(models, sequences, Y, cv=3)

    def test_unknown_label(self):
        class Stubborn(DummyClassifier):
            def predict(self, X):
                return np.repeat("walrus", len(X))

        with pytest.warns(UserWarning, match="predicted 'walrus', which is none of the labels in"):
            compare_accuracy({"stubborn": Stubborn()}, X, Y, cv=2)


class TestInterruption:
    def test_finished_folds_are_kept(self):
        models = {"position": position_model(), "slow": AlwaysRaises(KeyboardInterrupt(), start=4)}
        message = "Interrupted after 13 of 20 trainings. What was finished is kept"
        with pytest.warns(UserWarning, match=message) as warned:
            comparison = compare_accuracy(models, X, Y, cv=5)
        assert warned[0].filename == __file__
        assert not comparison.complete
        assert comparison.failures_ == {}
        assert len(comparison.frame()) == 13
        assert comparison.summary()["n_folds"].tolist() == [3] * 4
        assert comparison.summary()["accuracy"][0] == 1
        assert "Interrupted: 3 of 5 folds were finished by all models." in str(comparison)
        test = comparison.test("position", "slow")
        assert test.t_test.df == 2
        n_tested = sum(len(fold.test) for fold in comparison.folds[:3])
        assert test.mcnemar.only_first <= n_tested
        assert comparison.plot_confusion().axes

    def test_in_the_first_fold(self):
        models = {"position": position_model(), "slow": AlwaysRaises(KeyboardInterrupt())}
        with pytest.warns(UserWarning, match="Interrupted after 1 of 8 trainings"):
            comparison = compare_accuracy(models, X, Y, cv=2)
        assert comparison.summary()["accuracy"].isna().all()
        assert re.search("position +-", str(comparison))
        comparison.plot()
        with pytest.raises(ValueError, match=r"have 0 fold\(s\) in common"):
            comparison.test("position", "slow")
        with pytest.raises(ValueError, match="no sequence that every model has predicted"):
            comparison.plot_confusion()

    def test_before_anything_is_finished(self):
        with pytest.raises(KeyboardInterrupt):
            compare_accuracy({"slow": AlwaysRaises(KeyboardInterrupt())}, X, Y, cv=2)


class TestOrderControl:
    def test_tells_order_from_composition(self):
        comparison = compare_accuracy(MODELS, X, Y, cv=5, order_control=True, n_repeats=2)
        frame = comparison.order_frame().query("metric == 'accuracy'").set_index("model")
        assert list(comparison.order_frame()) == [
            "model",
            "metric",
            "intact",
            "shuffled",
            "difference",
            "low",
            "high",
            "p_value",
        ]
        assert frame.loc["position", "intact"] == 1
        assert frame.loc["position", "shuffled"] < 0.6
        assert frame.loc["position", "low"] > 0.2
        assert frame.loc["position", "p_value"] < 0.001
        for name in ("composition", "majority", "length only"):
            assert frame.loc[name, "difference"] == 0
            assert frame.loc[name, "p_value"] == 1
        assert re.search(r"residues of each sequence shuffled: position 0\.\d\d, ", str(comparison))

    def test_does_not_change_the_scores(self):
        plain = compare_accuracy(MODELS, X, Y, cv=3)
        controlled = compare_accuracy(MODELS, X, Y, cv=3, order_control=True)
        np.testing.assert_array_equal(plain.predicted, controlled.predicted)

    def test_was_not_asked_for(self, comparison):
        with pytest.raises(ValueError, match="Call compare_models with order_control=True"):
            comparison.order_frame()

    def test_failing_model(self):
        models = {"late": AlwaysRaises(OSError("disk full"), start=3)}
        with pytest.warns(UserWarning, match="fold 0 of .*, residues shuffled: OSError"):
            comparison = compare_accuracy(models, X, Y, cv=2, order_control=True)
        frame = comparison.order_frame()
        assert frame["difference"].isna().tolist() == [True, False, False]

    def test_shuffled_residues(self):
        sequences = ["ACDEFGHIKL" * 3, "mntq*", "W", "ACDEFGHIKL" * 3]
        shuffled = shuffle_residues(sequences, np.random.RandomState(0))
        assert [sorted(s) for s in shuffled] == [sorted(s) for s in sequences]
        assert shuffled[0] == shuffled[3] != sequences[0]
        assert shuffled[1].endswith("*")
        assert shuffled == shuffle_residues(sequences, np.random.RandomState(0))


class TestResult:
    def test_frame(self, comparison):
        frame = comparison.frame()
        assert list(frame) == [
            "model",
            "repeat",
            "fold",
            "n_train",
            "n_test",
            *comparison.scoring,
            "fit_seconds",
            "predict_seconds",
        ]
        assert len(frame) == 20
        assert frame["model"].unique().tolist() == comparison.models
        assert (frame["n_train"] + frame["n_test"] == 60).all()
        assert (frame["fit_seconds"] > 0).all()
        assert (frame["predict_seconds"] > 0).all()

    def test_summary(self, comparison):
        frame, summary = comparison.frame(), comparison.summary()
        for name in (*comparison.scoring, "fit_seconds"):
            grouped = frame.groupby("model", sort=False)[name]
            np.testing.assert_allclose(summary[name], grouped.mean())
            np.testing.assert_allclose(summary[f"{name}_sd"], grouped.std(), atol=1e-12)

    def test_text(self, comparison):
        lines = str(comparison).splitlines()
        assert lines[0] == "4 models, 5 folds, 60 sequences of 3 classes"
        titles = "model accuracy bal. acc. macro-F1 MCC log-loss ROC AUC fit s predict s"
        assert " ".join(lines[2].split()) == titles
        assert lines[3].startswith("position     1.00±0.00*  1.00±0.00*")
        assert sum("*" in line for line in lines[3:7]) == 1
        assert max(map(len, lines[:7])) <= 110
        assert lines[-1] == "Groups are whole: each was unseen where it was tested."
        assert repr(comparison) == "ModelComparison(4 models, 5 folds, 60 sequences)"

    def test_random_folds_are_named(self):
        comparison = compare_models(MODELS, X, Y, cv=2)
        assert "Folds are random: near-copies may be on both sides." in str(comparison)
        verdict = comparison.verdict("position", "composition")
        assert "on random folds, where near-copies may be on both sides (accuracy diff" in verdict

    def test_tests(self, comparison):
        test = comparison.test("position", "composition")
        scores = comparison.table.scores["accuracy"]
        assert test.t_test.difference == pytest.approx((scores[0] - scores[1]).mean())
        n_wrong = (comparison.predicted[1, 0] != comparison.codes).sum()
        assert (test.mcnemar.only_first, test.mcnemar.only_second) == (n_wrong, 0)
        ratio = np.mean([len(f.test) for f in comparison.folds]) / np.mean(
            [len(f.train) for f in comparison.folds]
        )
        spread = (scores[0] - scores[1]).std(ddof=1)
        t = test.t_test.difference / (spread * np.sqrt(1 / 5 + ratio))
        assert test.t_test.statistic == pytest.approx(t)
        wide = comparison.test("position", "composition", rope=2)
        assert wide.posterior.equal > 0.95

    @pytest.mark.parametrize(
        ("pair", "metric", "message"),
        [
            (("position", "LSTM"), None, "no model 'LSTM': choose among 'position', 'composit"),
            (("position", "position"), None, "'position' was to be compared with itself"),
            (("position", "majority"), "f1", "metric='f1' was not computed: choose one of accu"),
        ],
    )
    def test_wrong_tests(self, comparison, pair, metric, message):
        with pytest.raises(ValueError, match=message):
            comparison.test(*pair, metric=metric)

    def test_plots(self, comparison):
        figure = comparison.plot()
        assert len(figure.axes) == 6
        assert figure.axes[4].get_xlabel() == "log-loss (lower is better)"
        names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert names == comparison.models
        dots = figure.axes[0].lines[0]
        np.testing.assert_array_equal(dots.get_xdata(), comparison.table.scores["accuracy"][0])
        titles = [axes.get_title() for axes in comparison.plot_confusion().axes[:4]]
        assert titles == comparison.models

    def test_progress(self, capsys):
        compare_models({"position": position_model()}, X, Y, cv=2, verbose=1)
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 6
        start = r"\[1/6\] position, fold 0 of repeat 0 \(counted from 0\): accuracy 1.000, \d"
        assert re.match(start, lines[0])
        with pytest.warns(UserWarning, match="ValueError"):
            compare_models({"a": AlwaysRaises(ValueError("no"))}, X, Y, cv=2, verbose=1)
        assert "[1/6] a, fold 0 of repeat 0 (counted from 0): failed: ValueError: no" in (
            capsys.readouterr().out
        )


class TestVerdict:
    @staticmethod
    def paired(*, difference=0.01, p_value=0.4, equal=0.3, metric="accuracy", grouped=True):
        return PairedComparison(
            "LSTM",
            "k-mers",
            metric,
            grouped,
            CorrectedTTest(difference, (-0.03, 0.05), 0.95, 0.62, 4, p_value, 0.31),
            PosteriorProbabilities(0.5, equal, 0.5 - equal, 0.01),
            McNemarTest(7, 3, 0.34375),
        )

    def test_not_distinguishable(self):
        assert self.paired().verdict() == (
            "LSTM is not distinguishable from k-mers on unseen groups (accuracy difference 0.010, "
            "95 % interval -0.030 to 0.050)"
        )

    @pytest.mark.parametrize(
        ("difference", "metric", "relation"),
        [
            (0.1, "accuracy", "better than"),
            (-0.1, "accuracy", "worse than"),
            (0.1, "log_loss", "worse than"),
            (-0.1, "log_loss", "better than"),
        ],
    )
    def test_direction(self, difference, metric, relation):
        verdict = self.paired(difference=difference, metric=metric, p_value=0.01).verdict()
        assert f"LSTM is {relation} k-mers" in verdict

    def test_equal_though_significant(self):
        verdict = self.paired(equal=0.96, p_value=0.01).verdict()
        assert "LSTM is practically equal to k-mers" in verdict

    def test_no_minus_zero(self):
        assert "difference 0.000" in self.paired(difference=-0.0001).verdict()

    def test_text(self):
        lines = str(self.paired()).splitlines()
        assert lines[1:] == [
            "  corrected t test   t(4) = 0.62, p = 0.400, effect size 0.31",
            "  probability        LSTM better 0.50, within ±0.01 0.30, k-mers better 0.20",
            "  McNemar test       right only by LSTM 7, only by k-mers 3, p = 0.344",
            "                     (relatives count singly there, so p is too small)",
        ]
        assert len(str(self.paired(grouped=False)).splitlines()) == 4
        turned = str(self.paired(metric="log_loss", p_value=1e-9))
        assert "LSTM better 0.20, within ±0.01 0.30, k-mers better 0.50" in turned
        assert "p < 0.001" in turned


@pytest.fixture
def _own_workers():
    # joblib keeps its workers. One that imports torch later grows so much that it is taken for
    # leaking and replaced, with a warning in a thread; where warnings are errors, that thread
    # dies and the next test waits forever.
    yield
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.usefixtures("_own_workers")
def test_parallel_is_the_same():
    models = {"k-mers": make_kmer_baseline(k=(1, 2)), "length only": DummyClassifier()}
    one = compare_models(models, X, Y, cv=3, groups=GROUPS, order_control=True)
    two = compare_models(models, X, Y, cv=3, groups=GROUPS, order_control=True, n_jobs=2)
    assert two.failures_ == {}
    np.testing.assert_array_equal(one.predicted, two.predicted)
    for name in one.scoring:
        np.testing.assert_array_equal(one.table.scores[name], two.table.scores[name])
        np.testing.assert_array_equal(
            one.shuffled_table.scores[name], two.shuffled_table.scores[name]
        )


def test_with_a_network():
    lstm = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=12))
    models = {"LSTM": lstm, "length only": DummyClassifier()}
    comparison = compare_models(
        models, X, Y, cv=2, scoring=("accuracy", "log_loss"), order_control=True
    )
    assert isinstance(comparison, ModelComparison)
    assert comparison.failures_ == {}
    assert np.isfinite(comparison.table.scores["log_loss"]).all()
    frame = comparison.order_frame().query("metric == 'accuracy'").set_index("model")
    assert frame.loc["LSTM", "difference"] > 0.2


@pytest.fixture(scope="module")
def curve():
    return learning_curve(
        MODELS,
        X,
        Y,
        cv=3,
        groups=GROUPS,
        train_sizes=(1.0, 6, 0.5),
        scoring=("accuracy", "log_loss"),
    )


class TestLearningCurve:
    def test_sizes(self, curve):
        assert curve.train_sizes == (0.5, 1.0, 6)
        frame = curve.frame()
        assert list(frame)[:5] == ["model", "fold", "train_size", "n_train", "accuracy"]
        assert len(frame) == 3 * 4 * 3
        assert (frame.query("train_size == 6")["n_train"] == 6).all()
        assert curve.complete
        assert repr(curve) == "LearningCurve(4 models, 3 sizes, 3 folds)"

    def test_full_size_is_the_comparison(self, curve):
        comparison = compare_models(MODELS, X, Y, cv=3, groups=GROUPS, scoring=curve.scoring)
        for name in curve.scoring:
            np.testing.assert_allclose(
                curve.tables[1].scores[name], comparison.table.scores[name], atol=1e-4
            )

    def test_is_reproducible(self):
        arguments = {"cv": 3, "train_sizes": (6, 10), "scoring": "log_loss"}
        one, other = (learning_curve(MODELS, X, Y, **arguments) for _ in range(2))
        for left, right in zip(one.tables, other.tables):
            np.testing.assert_array_equal(left.scores["log_loss"], right.scores["log_loss"])

    def test_plot(self, curve):
        figure = curve.plot()
        assert len(figure.axes) == 2
        assert [line.get_label() for line in figure.axes[0].lines] == curve.models
        assert figure.axes[0].get_xlabel() == "training sequences"

    def test_subsets(self):
        codes = np.repeat([0, 1, 2], [50, 25, 2])
        order = stratified_order(codes, np.random.RandomState(0))
        assert sorted(order) == list(range(77))
        assert set(codes[order[:3]]) == {0, 1, 2}
        half = np.bincount(codes[order[:39]])
        assert abs(half - [25, 12.5, 1]).max() <= 1
        assert (order != stratified_order(codes, np.random.RandomState(1))).any()

    def test_models_see_nested_subsets(self):
        seen = SimpleNamespace(parts=[])

        class Watching(DummyClassifier):
            def fit(self, X, y):
                seen.parts.append(set(X))
                return super().fit(X, y)

        models = {"watching": Watching()}
        learning_curve(models, X, Y, cv=2, train_sizes=(3, 10, 20), scoring="accuracy")
        assert [len(part) for part in seen.parts] == [3, 10, 20] * 2
        assert seen.parts[0] < seen.parts[1] < seen.parts[2]

    def test_failing_model(self):
        models = {"late": AlwaysRaises(OSError("disk full"), start=2)}
        message = r"failed in fold 0 of repeat 0 \(counted from 0\), 20 training sequences: OSErr"
        with pytest.warns(UserWarning, match=message):
            curve = learning_curve(models, X, Y, cv=2, train_sizes=(10, 20), scoring="accuracy")
        assert list(curve.failures_) == ["late"]

    def test_interrupted(self):
        models = {"slow": AlwaysRaises(KeyboardInterrupt(), start=3)}
        with pytest.warns(UserWarning, match="Interrupted after 6 of 12 trainings") as warned:
            curve = learning_curve(models, X, Y, cv=2, train_sizes=(10, 20), scoring="accuracy")
        assert warned[0].filename == __file__
        assert not curve.complete
        assert len(curve.frame()) == 6
        curve.plot()

    @pytest.mark.parametrize(
        ("sizes", "message"),
        [
            ((), "train_sizes is empty"),
            ((0,), r"train_sizes=\(0,\) holds 0: give shares"),
            ((1.5,), "holds 1.5: give shares"),
            ((-0.1, 0.5), "holds -0.1: give shares"),
            ((0.05,), r"0.05 is 2 sequence\(s\) in fold 0 .* 3 classes that each need one"),
            ((41,), r"41 is 41 sequence\(s\) in fold 0 .* where there are 40 to train on"),
        ],
    )
    def test_wrong_sizes(self, sizes, message):
        with pytest.raises(ValueError, match=message):
            learning_curve(MODELS, X, Y, cv=3, train_sizes=sizes)
