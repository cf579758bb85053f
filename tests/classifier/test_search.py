"""Searches over the pipeline: groups, halving, cached encoding, and workers on a dask cluster."""

import os
import warnings

import joblib
import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    StratifiedGroupKFold,
)
from sklearn.pipeline import Pipeline
from tiny_models import tiny_classifier

from sklearn_protlstm import SequenceEncoder

# Other processes do not inherit the switch that tests/as_other_processors.py turns oneDNN off with.
needs_equal_kernels = pytest.mark.skipif(
    os.environ.get("PROTLSTM_TEST_ONEDNN") == "off", reason="workers would compute with oneDNN"
)


GRID = {"lstm__lr": [0.001, 0.01, 0.1], "lstm__hidden_size": [2, 4]}


@pytest.fixture(scope="module")
def hosts(proteins):
    """Starts of proteins from two kinds of hosts, with their families."""
    rows = np.flatnonzero(np.isin(proteins.labels, ["bacteria", "plant"]))
    sequences = np.array([proteins.sequences[row][:40] for row in rows], dtype=object)
    return sequences, proteins.labels[rows], proteins.groups[rows]


class CountingEncoder(SequenceEncoder):
    """Notes every encoding in a file, since a clone forgets."""

    def __init__(self, log=None, *, max_length=None):
        super().__init__(max_length=max_length)
        self.log = log

    def fit_transform(self, X, y=None):
        with open(self.log, "a") as file:
            file.write("encoded\n")
        return super().fit_transform(X, y)


def pipeline(encoder=None, memory=None):
    steps = [
        ("encoder", encoder or SequenceEncoder(max_length=40)),
        ("lstm", tiny_classifier(max_epochs=2)),
    ]
    return Pipeline(steps, memory=memory)


def grid_search(model, hosts, **params):
    X, y, groups = hosts
    search = GridSearchCV(
        model, GRID, cv=GroupKFold(2), scoring="neg_log_loss", error_score="raise", **params
    )
    return search.fit(X, y, groups=groups)


def assert_same_search(search, other):
    assert search.best_params_ == other.best_params_
    scores = search.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(other.cv_results_["mean_test_score"], scores)
    assert len(set(scores)) > 1


@needs_equal_kernels
@pytest.mark.slow
def test_randomized_search_is_reproducible(hosts):
    X, y, groups = hosts
    searches = [
        RandomizedSearchCV(
            pipeline(),
            {"lstm__lr": loguniform(1e-3, 1e-1)},
            n_iter=3,
            cv=StratifiedGroupKFold(2),
            scoring="neg_log_loss",
            random_state=0,
            n_jobs=n_jobs,
            error_score="raise",
        ).fit(X, y, groups=groups)
        for n_jobs in (1, 2)
    ]
    assert_same_search(*searches)


def test_halving_search_spends_epochs_on_the_best(hosts):
    # max_epochs as the resource: bad settings are dropped after a short training.
    X, y, groups = hosts
    search = HalvingGridSearchCV(
        pipeline(),
        {"lstm__lr": GRID["lstm__lr"]},
        resource="lstm__max_epochs",
        min_resources=1,
        max_resources=3,
        factor=3,
        cv=GroupKFold(2),
        random_state=0,
        error_score="raise",
    ).fit(X, y, groups=groups)
    assert search.n_resources_ == [1, 3]
    assert search.n_candidates_ == [3, 1]
    assert len(search.best_estimator_.named_steps["lstm"].history_) == 3


def test_memory_encodes_each_fold_once(hosts, tmp_path):
    log = tmp_path / "log"
    encoder = CountingEncoder(str(log), max_length=40)
    cached = grid_search(pipeline(encoder, memory=str(tmp_path / "cache")), hosts)
    # Two folds and the refit, however many settings of the classifier there are.
    assert log.read_text().count("encoded") == 3
    assert_same_search(cached, grid_search(pipeline(), hosts))


@needs_equal_kernels
@pytest.mark.slow
def test_dask_cluster_finds_the_same(hosts):
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        # What the cluster's web server and its shut-down say is not ours.
        warnings.simplefilter("ignore")
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        )
        with cluster, distributed.Client(cluster) as client:
            with joblib.parallel_config("dask"):
                remote = grid_search(pipeline(), hosts)
            assert len(client.has_what()) == 2
    assert_same_search(remote, grid_search(pipeline(), hosts, n_jobs=1))
