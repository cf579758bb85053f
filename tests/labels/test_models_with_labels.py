"""Any fitted model tells whether it predicts labels, and their probabilities as one array."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from tiny_models import labelled_rows, tiny_classifier

from sklearn_protlstm._labels.models import label_probabilities, predicts_multilabel

X, HOST = labelled_rows()
LABELS = np.column_stack([X[:, 0] > 4, X[:, 1] > 4, X[:, 2] > 4]).astype(int)


@pytest.mark.parametrize("y", [HOST, LABELS], ids=["classes", "labels"])
def test_the_estimator_inside_decides(y):
    fitted = tiny_classifier().fit(X, y)
    search = GridSearchCV(tiny_classifier(max_epochs=1), {"lr": [0.01]}, cv=2).fit(X, y)
    for model in (
        fitted,
        make_pipeline("passthrough", fitted),
        FrozenEstimator(fitted),
        search,
        make_pipeline(FrozenEstimator(make_pipeline(fitted))),
    ):
        assert predicts_multilabel(model) == (y is LABELS)
    assert not predicts_multilabel(LogisticRegression(max_iter=1000).fit(X, HOST))


def test_probabilities_are_one_array():
    forest = RandomForestClassifier(5, random_state=0).fit(X, LABELS)
    given = label_probabilities(forest, X)
    assert given.shape == LABELS.shape
    np.testing.assert_array_equal(given[:, 1], forest.predict_proba(X)[1][:, 1])
    one_each = OneVsRestClassifier(LogisticRegression(max_iter=1000)).fit(X, LABELS)
    np.testing.assert_array_equal(label_probabilities(one_each, X), one_each.predict_proba(X))
