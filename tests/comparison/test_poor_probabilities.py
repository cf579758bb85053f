"""Notes on probabilities that are worse than the class frequencies."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedGroupKFold
from tiny_comparisons import GROUPS, X, Y, composition_model, position_model

from sklearn_protlstm import compare_models

SCORING = ("accuracy", "log_loss")


class OverconfidentClassifier(ClassifierMixin, BaseEstimator):
    """Give the first class a probability of 0.98, whatever the sequence."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[0], len(X))

    def predict_proba(self, X):
        return np.tile([0.98, 0.01, 0.01], (len(X), 1))


def compare(**parameters):
    models = {"position": position_model(), "overconfident": OverconfidentClassifier()}
    return compare_models(models, X, Y, cv=2, **{"scoring": SCORING, **parameters})


# 20 of 60 sequences cost -log(0.98), the others -log(0.01): a mean of 3.08. Three equally frequent
# classes cost log(3) = 1.10.
WARNING = (
    "These probabilities are worse than the class frequencies (log-loss 1.10): overconfident 3.08"
)


def test_table_names_the_model_and_shows_how_to_calibrate():
    lines = str(compare()).splitlines()
    assert lines[-2:] == [
        f"{WARNING}.",
        "Calibrate such a model: CalibratedClassifierCV(model, cv=5).",
    ]


def test_advice_keeps_groups_together():
    text = str(compare(groups=GROUPS))
    assert "such a model with folds that keep the groups: CalibratedClassifierCV(model, cv=" in text
    assert "cv=list(StratifiedGroupKFold(5).split(X, y, groups)))." in text


def test_advice_works():
    splits = list(StratifiedGroupKFold(5).split(X, Y, GROUPS))
    model = CalibratedClassifierCV(composition_model(), cv=splits).fit(X, Y)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize("metric", SCORING)
def test_verdict_warns_whatever_the_score(metric):
    verdict = compare().verdict("position", "overconfident", metric=metric)
    assert f"). {WARNING}. Calibrate such a model: Cali" in verdict


def test_verdict_on_other_models_does_not_warn():
    assert "probabilities" not in compare().verdict("position", "majority")


def test_no_note_without_the_log_loss():
    comparison = compare(scoring="accuracy")
    assert "probabilities" not in str(comparison)
    assert "probabilities" not in comparison.verdict("position", "overconfident")


def test_table_does_not_ask_to_calibrate_the_baselines():
    comparison = compare_models({"position": position_model()}, X, Y, cv=3, scoring=SCORING)
    summary = comparison.summary().set_index("model")
    assert summary.loc["majority", "log_loss"] == pytest.approx(np.log(3), abs=0.01)
    assert summary.loc["length only", "log_loss"] > 1.5
    assert "probabilities" not in str(comparison)
    assert "(log-loss 1.10): length only" in comparison.verdict("position", "length only")
