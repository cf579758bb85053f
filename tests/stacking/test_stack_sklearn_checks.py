"""scikit-learn's own battery of checks: all of it, none declared an expected failure."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import check_estimator

from sklearn_protlstm import GroupStackingClassifier, _labelwise

# Runs only with SCIPY_ARRAY_API=1 in the environment.
MAY_BE_SKIPPED = {"check_array_api_input"}


ONE_CLASS = [("lr", LogisticRegression()), ("nb", GaussianNB())]
LABELS = [("lr", _labelwise.LogisticRegression()), ("prior", _labelwise.DummyClassifier())]


@pytest.mark.slow
@pytest.mark.parametrize("members", [ONE_CLASS, LABELS], ids=["one class", "labels"])
def test_every_check_passes(members):
    stack = GroupStackingClassifier(members, cv=2)
    results = check_estimator(stack, on_skip=None, on_fail=None)
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
    names = {result["check_name"] for result in results}
    assert any("multilabel" in name for name in names) == (members is LABELS)
