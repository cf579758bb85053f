"""Fixtures of the tests of comparisons."""

import matplotlib.pyplot as plt
import pytest
from threadpoolctl import threadpool_limits
from tiny_comparisons import GROUPS, MODELS, FailingClassifier, X, Y

from sklearn_protlstm import compare_models


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    # On a handful of sequences, boosting with two threads mostly waits.
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(autouse=True)
def _reset_n_fits():
    FailingClassifier.n_fits = 0


@pytest.fixture(scope="session")
def comparison():
    return compare_models(MODELS, X, Y, cv=5, groups=GROUPS)
