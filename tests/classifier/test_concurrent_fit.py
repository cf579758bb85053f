"""Threads share a classifier: an answer never mixes two fits."""

import threading

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from skorch.callbacks import Callback
from tiny_models import assert_same_bits, labelled_rows, tiny_classifier

from sklearn_protlstm._training import run

X, y = labelled_rows()
OTHER_X = np.pad(X, ((0, 0), (0, 3)))
OTHER_Y = np.array(["a", "b", "c"])[np.unique(y, return_inverse=True)[1]]


class AtEachEpoch(Callback):
    """Call a function in every epoch."""

    def __init__(self, function):
        self.function = function

    def on_epoch_end(self, net, **kwargs):
        self.function()


def in_another_thread(function, *args):
    """Call a function in another thread, and return its result or its exception."""
    results = []

    def call():
        try:
            results.append(function(*args))
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    return results[0]


def during_prediction(monkeypatch, function):
    """Call a function in another thread when the next prediction has its logits."""
    predict_logits = run.predict_logits

    def interrupted(*args):
        monkeypatch.undo()
        logits = predict_logits(*args)
        in_another_thread(function)
        return logits

    monkeypatch.setattr(run, "predict_logits", interrupted)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_prediction_during_a_fit_is_refused(fit, method):
    answers = []
    classifier = tiny_classifier(
        callbacks=[
            ("ask", AtEachEpoch(lambda: answers.append(in_another_thread(predict, X)))),
        ]
    )
    predict = getattr(classifier, method)
    expected = tiny_classifier()
    if fit == "fit":
        classifier.fit(X, y)
        expected.fit(X, y)
    else:
        classifier.partial_fit(X, y, classes=np.unique(y)).partial_fit(X, y)
        expected.partial_fit(X, y, classes=np.unique(y)).partial_fit(X, y)
    assert [type(answer) for answer in answers] == [NotFittedError] * classifier.n_iter_
    assert_same_bits(classifier, expected, X)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_prediction_that_a_fit_overtakes_comes_from_the_earlier_fit(method, monkeypatch):
    classifier = tiny_classifier().fit(X, y)
    expected = getattr(classifier, method)(X)
    during_prediction(monkeypatch, lambda: classifier.fit(OTHER_X, OTHER_Y))
    np.testing.assert_array_equal(getattr(classifier, method)(X), expected)
    assert classifier.classes_.tolist() == ["a", "b", "c"]
    assert classifier.n_features_in_ == 15


def test_prediction_that_partial_fit_overtakes_is_refused(monkeypatch):
    classifier = tiny_classifier().fit(X, y)
    during_prediction(monkeypatch, lambda: classifier.partial_fit(X, y))
    with pytest.raises(RuntimeError, match="partial_fit changed the network while another thread"):
        classifier.predict(X)
    assert len(classifier.predict(X)) == len(X)


def test_partial_fit_with_invalid_labels_keeps_the_network():
    classifier = tiny_classifier().fit(X, y)
    expected = classifier.predict_proba(X)
    with pytest.raises(ValueError, match="cat"):
        classifier.partial_fit(X[:1], ["cat"])
    np.testing.assert_array_equal(classifier.predict_proba(X), expected)
