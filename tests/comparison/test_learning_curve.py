"""learning_curve: scores with increasing numbers of training sequences."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from tiny_comparisons import GROUPS, MODELS, FailingClassifier, X, Y

from sklearn_protlstm import compare_models, learning_curve
from sklearn_protlstm.comparison._subsets import stratified_order


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


def test_frame_has_one_row_per_size_model_and_fold(curve):
    assert curve.train_sizes == (0.5, 1.0, 6)
    frame = curve.frame()
    assert list(frame)[:5] == ["model", "fold", "train_size", "n_train", "accuracy"]
    assert len(frame) == 3 * 4 * 3
    assert (frame.query("train_size == 6")["n_train"] == 6).all()
    assert curve.complete
    assert repr(curve) == "LearningCurve(4 models, 3 sizes, 3 folds)"


def test_full_size_has_the_scores_of_the_comparison(curve):
    comparison = compare_models(MODELS, X, Y, cv=3, groups=GROUPS, scoring=curve.scoring)
    for name in curve.scoring:
        np.testing.assert_allclose(
            curve.tables[1].scores[name], comparison.table.scores[name], atol=1e-4
        )


def test_same_random_state_gives_the_same_scores():
    arguments = {"cv": 3, "train_sizes": (6, 10), "scoring": "log_loss"}
    one, other = (learning_curve(MODELS, X, Y, **arguments) for _ in range(2))
    for left, right in zip(one.tables, other.tables):
        np.testing.assert_array_equal(left.scores["log_loss"], right.scores["log_loss"])


def test_plot_shows_all_scores_and_models(curve):
    figure = curve.plot()
    assert len(figure.axes) == 2
    assert [line.get_label() for line in figure.axes[0].lines] == curve.models
    assert figure.axes[0].get_xlabel() == "training sequences"


def test_first_rows_of_the_order_are_stratified():
    codes = np.repeat([0, 1, 2], [50, 25, 2])
    order = stratified_order(codes, np.random.RandomState(0))
    assert sorted(order) == list(range(77))
    assert set(codes[order[:3]]) == {0, 1, 2}
    half = np.bincount(codes[order[:39]])
    assert abs(half - [25, 12.5, 1]).max() <= 1
    assert (order != stratified_order(codes, np.random.RandomState(1))).any()


def test_larger_subsets_contain_the_smaller_ones():
    seen = []

    class Watching(DummyClassifier):
        def fit(self, X, y):
            seen.append(set(X))
            return super().fit(X, y)

    models = {"watching": Watching()}
    learning_curve(models, X, Y, cv=2, train_sizes=(3, 10, 20), scoring="accuracy")
    assert [len(part) for part in seen] == [3, 10, 20] * 2
    assert seen[0] < seen[1] < seen[2]


def test_failure_names_the_fold_and_the_size():
    models = {"late": FailingClassifier(OSError("disk full"), start=2)}
    message = r"failed in fold 0 of repeat 0 \(counted from 0\), 20 training sequences: OSErr"
    with pytest.warns(UserWarning, match=message):
        curve = learning_curve(models, X, Y, cv=2, train_sizes=(10, 20), scoring="accuracy")
    assert list(curve.failures_) == ["late"]


def test_interruption_keeps_finished_runs():
    models = {"slow": FailingClassifier(KeyboardInterrupt(), start=3)}
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
        ((0,), r"Invalid size 0 in train_sizes=\(0,\)\. Pass fractions"),
        ((1.5,), "Invalid size 1.5 in .* Pass fractions"),
        ((-0.1, 0.5), "Invalid size -0.1 in .* Pass fractions"),
        ((0.05,), r"0.05 means 2 sequence\(s\) in fold 0 .* at least 3, one for each class"),
        ((41,), r"41 means 41 sequence\(s\) in fold 0 .* at most 40, the size of the training"),
    ],
)
def test_invalid_sizes_raise(sizes, message):
    with pytest.raises(ValueError, match=message):
        learning_curve(MODELS, X, Y, cv=3, train_sizes=sizes)
