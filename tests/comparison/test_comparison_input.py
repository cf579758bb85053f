"""Models, sequences and labels that compare_models accepts or rejects."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from tiny_comparisons import MODELS, X, Y, compare_accuracy, composition_model, position_model

from sklearn_protlstm import KmerVectorizer, compare_models


def test_models_in_a_list_are_named_after_their_class():
    models = [position_model(), DummyClassifier(), composition_model()]
    comparison = compare_accuracy(models, X, Y, cv=2)
    assert comparison.models == [
        "LogisticRegression",
        "DummyClassifier",
        "LogisticRegression 2",
        "majority",
        "length only",
    ]


def test_model_named_majority_replaces_the_baseline():
    models = {"majority": DummyClassifier(strategy="constant", constant="pig")}
    comparison = compare_accuracy(models, X, Y, cv=2)
    assert comparison.models == ["majority", "length only"]
    assert (comparison.classes[comparison.predicted[0]] == "pig").all()


def test_models_stay_unfitted():
    model = position_model()
    compare_accuracy({"a": model}, X, Y, cv=2)
    assert not hasattr(model[-1], "classes_")


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        (LogisticRegression(), TypeError, r"several models, got one \(LogisticRegression\)\. Did"),
        (3, TypeError, "must be a dict or a list of estimators, got 3. Pass a dict"),
        ("LSTM", TypeError, "must be a dict or a list of estimators, got 'LSTM'. Pass a dict"),
        ({}, ValueError, "models is empty. Pass at least one"),
        ([], ValueError, "models is empty. Pass at least one"),
        ({1: DummyClassifier()}, TypeError, "Model names must be str, got 1 of type int"),
        ({"a": DummyClassifier}, TypeError, r"'a' is the class DummyClassifier\. .* Dummy.*\(\)"),
        ({"a": KmerVectorizer()}, TypeError, "'a' is a KmerVectorizer, which lacks fit or predict"),
        (["LSTM"], TypeError, "Model 'str' is a str, which lacks fit or predict"),
    ],
)
def test_invalid_models_raise(models, error, message):
    with pytest.raises(error, match=message):
        compare_accuracy(models, X, Y, cv=2)


def test_all_kinds_of_sequences_give_the_same_scores():
    expected = compare_models(MODELS, X, Y, cv=2, scoring="log_loss")
    for given in (np.array(X), [sequence.encode() for sequence in X], iter(X)):
        comparison = compare_models(MODELS, given, Y.tolist(), cv=2, scoring="log_loss")
        np.testing.assert_array_equal(
            comparison.table.scores["log_loss"], expected.table.scores["log_loss"]
        )


def test_labels_may_be_negative_integers():
    codes = np.unique(Y, return_inverse=True)[1] * 10 - 3
    comparison = compare_models(MODELS, X, codes, cv=2)
    assert comparison.classes.tolist() == [-3, 7, 17]
    assert comparison.summary()["accuracy"][0] == 1


@pytest.mark.parametrize(
    ("sequences", "labels", "error", "message"),
    [
        ("ACD", Y, TypeError, r"[Dd]id you mean \[sequence\]"),
        ([], [], ValueError, "Found 0 sequences"),
        (X, Y[1:], ValueError, "Found 60 sequences but 59 labels"),
        (X, np.repeat("pig", 60), ValueError, r"one class.*'pig'"),
        (X, None, ValueError, "requires y to be passed"),
    ],
)
def test_invalid_sequences_or_labels_raise(sequences, labels, error, message):
    with pytest.raises(error, match=message):
        compare_models(MODELS, sequences, labels, cv=2)
