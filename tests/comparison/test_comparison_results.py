"""Records, tables, text, tests and plots of a ModelComparison."""

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.dummy import DummyClassifier
from tiny_comparisons import GROUPS, MODELS, X, Y

from sklearn_protlstm import compare_models, make_kmer_baseline


def test_there_is_one_record_per_model_condition_fold_and_score():
    comparison = compare_models(MODELS, X, Y, cv=3, scoring="accuracy", order_control=True)
    keys = [tuple(record[:4]) for record in comparison.records]
    assert len(set(keys)) == len(keys) == 4 * 2 * 3 * 3
    for table, condition in [(comparison.table, "intact"), (comparison.shuffled_table, "shuffled")]:
        for record in comparison.records:
            if record.condition == condition:
                row = comparison.models.index(record.model)
                assert table.scores[record.metric][row, record.fold] == record.value


def test_frame_has_one_row_per_model_and_fold(comparison):
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


def test_summary_has_means_and_standard_deviations_of_the_frame(comparison):
    frame, summary = comparison.frame(), comparison.summary()
    for name in (*comparison.scoring, "fit_seconds"):
        grouped = frame.groupby("model", sort=False)[name]
        np.testing.assert_allclose(summary[name], grouped.mean())
        np.testing.assert_allclose(summary[f"{name}_sd"], grouped.std(), atol=1e-12)


def test_text_is_a_table_with_notes(comparison):
    lines = str(comparison).splitlines()
    assert lines[0] == "4 models, 5 folds, 60 sequences of 3 classes"
    titles = "model accuracy bal. acc. macro-F1 MCC log-loss ROC AUC fit s predict s"
    assert " ".join(lines[2].split()) == titles
    assert lines[3].startswith("position     1.00±0.00*  1.00±0.00*")
    assert sum("*" in line for line in lines[3:7]) == 1
    assert max(map(len, lines[:7])) <= 110
    assert "Groups stay together: every test part contains only unseen groups." in lines[8:]
    assert repr(comparison) == "ModelComparison(4 models, 5 folds, 60 sequences)"


def test_text_and_verdict_mention_random_folds():
    comparison = compare_models(MODELS, X, Y, cv=2)
    assert "Folds are random: near-copies may be on both sides." in str(comparison)
    verdict = comparison.verdict("position", "composition")
    assert "on random folds, where near-copies may be on both sides (Matthews corr" in verdict


def test_tests_use_the_scores_and_predictions_of_both_models(comparison):
    test = comparison.test("position", "composition", metric="accuracy")
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
        (("position", "LSTM"), None, "Unknown model 'LSTM'. Choose one of 'position', 'composit"),
        (("position", "position"), None, "Cannot compare 'position' with itself"),
        (("position", "majority"), "f1", "metric='f1' was not computed. Choose one of accu"),
    ],
)
def test_unknown_model_or_metric_raises(comparison, pair, metric, message):
    with pytest.raises(ValueError, match=message):
        comparison.test(*pair, metric=metric)


def test_plots_show_all_scores_and_models(comparison):
    figure = comparison.plot()
    assert len(figure.axes) == 6
    assert figure.axes[4].get_xlabel() == "log-loss (lower is better)"
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == comparison.models
    dots = figure.axes[0].lines[0]
    np.testing.assert_array_equal(dots.get_xdata(), comparison.table.scores["accuracy"][0])
    titles = [axes.get_title() for axes in comparison.plot_confusion().axes[:4]]
    assert titles == comparison.models


@pytest.fixture
def _own_workers():
    # joblib reuses its workers. A worker that later imports torch grows so much that joblib takes
    # it for a memory leak and replaces it, with a warning in a thread. As warnings are errors
    # here, the thread would die and the next test would wait forever.
    yield
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.slow
@pytest.mark.usefixtures("_own_workers")
def test_parallel_runs_give_the_same_results():
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
