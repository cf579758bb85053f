"""scikit-learn's own battery of checks: all of it, none declared an expected failure."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import check_estimator

from sklearn_protlstm import GroupStackingClassifier
from sklearn_protlstm._labelwise import LogisticRegression as LabelLogisticRegression
from sklearn_protlstm.thresholds import LabelThresholdClassifier

# Runs only with SCIPY_ARRAY_API=1 in the environment, or needs a decision_function.
MAY_BE_SKIPPED = {
    "check_array_api_input",
    "check_classifiers_multilabel_output_format_decision_function",
}

STACK = GroupStackingClassifier([("lr", LabelLogisticRegression())], cv=2, random_state=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "has_labels"),
    [(LabelLogisticRegression(), True), (STACK, True), (LogisticRegression(), False)],
    ids=["labels", "stack", "one class"],
)
def test_every_check_passes(estimator, has_labels):
    results = check_estimator(LabelThresholdClassifier(estimator, cv=2), on_skip=None, on_fail=None)
    failures = {
        (result["check_name"], repr(result["exception"]))
        for result in results
        if result["status"] not in ("passed", "skipped")
    }
    assert failures == set()
    assert sum(result["status"] == "passed" for result in results) >= 50
    assert {result["check_name"] for result in results if result["status"] == "skipped"} <= (
        MAY_BE_SKIPPED
    )
    assert any("multilabel" in result["check_name"] for result in results) == has_labels
