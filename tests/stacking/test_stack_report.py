"""Table and figure of a stack."""

import matplotlib
import numpy as np
import pytest
from sklearn.metrics import log_loss, matthews_corrcoef
from toy_families import make_families, toy_stack

from sklearn_protlstm.stacking._report import score_members

matplotlib.use("Agg")
X, Y, FAMILIES = make_families(30, seed=0)


@pytest.fixture(scope="module")
def stack():
    return toy_stack().fit(X, Y, groups=FAMILIES)


def test_scores_by_hand():
    # Three of four right; the probabilities of the true classes are 0.8, 0.8, 0.8 and 0.2.
    log_proba = np.log([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.2]])
    scores = score_members([log_proba], np.array([0, 0, 1, 1]))
    assert scores["accuracy"] == [0.75]
    np.testing.assert_allclose(scores["log_loss"], -np.log([0.8, 0.8, 0.8, 0.2]).mean())
    np.testing.assert_allclose(scores["matthews_corrcoef"], 1 / np.sqrt(3))


def test_frame(stack):
    frame = stack.frame()
    assert frame.columns.tolist() == [
        "model",
        "weight",
        "log_loss",
        "accuracy",
        "matthews_corrcoef",
    ]
    assert frame["model"].tolist() == ["tree", "linear", "pool"]
    np.testing.assert_array_equal(frame["weight"], [*stack.weights_, np.nan])
    pool = frame.iloc[-1]
    predicted = stack.classes_[stack.out_of_fold_.argmax(axis=1)]
    np.testing.assert_allclose(pool["log_loss"], log_loss(Y, stack.out_of_fold_))
    np.testing.assert_allclose(pool["accuracy"], np.mean(predicted == Y))
    np.testing.assert_allclose(pool["matthews_corrcoef"], matthews_corrcoef(Y, predicted))
    assert pool["log_loss"] < frame["log_loss"][0]


def test_plot(stack):
    reliability, weights = stack.plot().axes
    labels = [text.get_text() for text in reliability.get_legend().get_texts()]
    assert labels == ["tree", "linear", "pool"]
    np.testing.assert_allclose([bar.get_width() for bar in weights.patches], stack.weights_)
    assert [text.get_text() for text in weights.get_yticklabels()] == ["tree", "linear"]
    # A tree is certain of everything: all of its predictions share a bin.
    tree = reliability.lines[1]
    assert tree.get_xdata().tolist() == pytest.approx([1])
