"""Comparisons in which a model fails or Ctrl-C is pressed."""

import re

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from tiny_comparisons import MODELS, FailingClassifier, X, Y, compare_accuracy, position_model

from sklearn_protlstm import make_kmer_baseline


@pytest.mark.parametrize("when", ["fit", "predict"])
def test_other_models_continue_after_a_failure(when):
    models = {"broken": FailingClassifier(ZeroDivisionError("by nothing"), when), **MODELS}
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


def test_failure_on_some_folds_keeps_the_scores_of_the_others():
    models = {"late": FailingClassifier(OSError("disk full"), start=3)}
    with pytest.warns(UserWarning, match="failed in fold 2 of repeat 0 .*: OSError: disk full"):
        comparison = compare_accuracy(models, X, Y, cv=4)
    scores = comparison.table.scores["accuracy"][0]
    assert np.isnan(scores).tolist() == [False, False, True, True]
    assert comparison.summary()["accuracy"].isna().tolist() == [True, False, False]


def test_warning_names_the_sequence_with_the_invalid_residue():
    sequences = [*X[:41], "AC1", *X[42:]]
    models = {"k-mers": make_kmer_baseline()}
    with pytest.warns(UserWarning, match=r"InvalidResidueError: .*\(it is sequence 41 of X\)"):
        compare_accuracy(models, sequences, Y, cv=3)


def test_predicting_an_unknown_label_is_a_failure():
    class Stubborn(DummyClassifier):
        def predict(self, X):
            return np.repeat("walrus", len(X))

    with pytest.warns(UserWarning, match="predicted 'walrus', which is not a label in y"):
        compare_accuracy({"stubborn": Stubborn()}, X, Y, cv=2)


def test_interruption_keeps_finished_folds():
    models = {"position": position_model(), "slow": FailingClassifier(KeyboardInterrupt(), start=4)}
    message = "Interrupted after 13 of 20 trainings. The finished ones are kept"
    with pytest.warns(UserWarning, match=message) as warned:
        comparison = compare_accuracy(models, X, Y, cv=5)
    assert warned[0].filename == __file__
    assert not comparison.complete
    assert comparison.failures_ == {}
    assert len(comparison.frame()) == 13
    assert comparison.summary()["n_folds"].tolist() == [3] * 4
    assert comparison.summary()["accuracy"][0] == 1
    assert "Interrupted: all models finished 3 of 5 folds." in str(comparison)
    test = comparison.test("position", "slow")
    assert test.t_test.df == 2
    n_tested = sum(len(fold.test) for fold in comparison.folds[:3])
    assert test.mcnemar.only_first <= n_tested
    assert comparison.plot_confusion().axes


def test_interruption_in_the_first_fold_leaves_no_means():
    models = {"position": position_model(), "slow": FailingClassifier(KeyboardInterrupt())}
    with pytest.warns(UserWarning, match="Interrupted after 1 of 8 trainings"):
        comparison = compare_accuracy(models, X, Y, cv=2)
    assert comparison.summary()["accuracy"].isna().all()
    assert re.search("position +-", str(comparison))
    comparison.plot()
    message = "two or more folds, but only 0 have a score for accuracy from both"
    with pytest.raises(ValueError, match=message):
        comparison.test("position", "slow")
    with pytest.raises(ValueError, match="No sequence has a prediction from every model"):
        comparison.plot_confusion()


def test_interruption_before_the_first_result_raises():
    with pytest.raises(KeyboardInterrupt):
        compare_accuracy({"slow": FailingClassifier(KeyboardInterrupt())}, X, Y, cv=2)


def test_interruption_of_the_order_control_leaves_the_intact_scores_complete():
    models = {"slow": FailingClassifier(KeyboardInterrupt(), start=3)}
    with pytest.warns(UserWarning, match="Interrupted after 6 of 12 trainings"):
        comparison = compare_accuracy(models, X, Y, cv=2, order_control=True)
    assert not comparison.complete
    assert comparison.table.finished.all()
    assert not comparison.shuffled_table.finished.any()
    assert comparison.order_frame()["difference"].isna().all()
