"""The progress bar and the lines that compare_models and learning_curve print."""

import re

import pytest
from joblib import parallel_config
from tiny_comparisons import FailingClassifier, X, Y, compare_accuracy, position_model
from tqdm import tqdm

from sklearn_protlstm import learning_curve

MODELS = {"position": position_model()}


def last_state(capsys):
    """Return what the only bar on the screen shows at the end; nothing else may be printed."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err.split("\r")[-1]


def test_nothing_is_printed_by_default(capsys):
    compare_accuracy(MODELS, X, Y, cv=2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_one_bar_counts_all_trainings(capsys, n_jobs):
    with parallel_config("threading"):
        compare_accuracy(
            MODELS, X, Y, cv=2, n_repeats=2, order_control=True, verbose=1, n_jobs=n_jobs
        )
    # 3 models x 2 folds x 2 repeats x 2
    state = last_state(capsys)
    assert "24/24" in state
    assert "model=length only, repeat=1, fold=1]" in state


def test_bar_counts_the_trainings_of_a_learning_curve(capsys):
    learning_curve(MODELS, X, Y, cv=3, train_sizes=(0.2, 0.5, 1.0), scoring="accuracy", verbose=1)
    state = last_state(capsys)
    assert "27/27" in state
    assert "fold=2]" in state


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_interrupted_bar_stops_at_the_last_finished_training(capsys, n_jobs):
    models = {**MODELS, "slow": FailingClassifier(KeyboardInterrupt(), start=4)}
    with (
        parallel_config("threading"),
        pytest.warns(UserWarning, match=r"Interrupted after \d+ of 20 trainings") as warned,
    ):
        compare_accuracy(models, X, Y, cv=5, verbose=1, n_jobs=n_jobs)
    (n_finished,) = re.findall(r"after (\d+) of", str(warned[0].message))
    assert f" {n_finished}/20 " in last_state(capsys)
    assert not tqdm._instances


def test_bar_closes_if_no_training_finishes(capsys):
    with pytest.raises(KeyboardInterrupt):
        compare_accuracy({"slow": FailingClassifier(KeyboardInterrupt())}, X, Y, cv=2, verbose=1)
    assert "0/6" in last_state(capsys)
    assert not tqdm._instances


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_verbose_2_prints_one_line_per_training(capsys, n_jobs):
    with parallel_config("threading"):
        compare_accuracy(MODELS, X, Y, cv=2, verbose=2, n_jobs=n_jobs)
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) == 6
    start = r"\[1/6\] position, fold 0 of repeat 0 \(counted from 0\): accuracy 1.000, \d+\.\d s\n"
    assert re.match(start, out)


def test_line_of_a_failed_training_shows_the_error(capsys):
    with pytest.warns(UserWarning, match="ValueError"):
        compare_accuracy({"a": FailingClassifier(ValueError("no"))}, X, Y, cv=2, verbose=2)
    assert "[1/6] a, fold 0 of repeat 0 (counted from 0): failed: ValueError: no" in (
        capsys.readouterr().out
    )


def test_learning_curve_prints_lines_too(capsys):
    learning_curve(MODELS, X, Y, cv=2, train_sizes=(0.5,), scoring="accuracy", verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert "(counted from 0), 15 training sequences: accuracy" in lines[0]
