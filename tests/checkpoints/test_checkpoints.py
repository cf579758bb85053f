"""A training that was broken off goes on to the same bits, and nothing else is taken for it."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.model_selection import GridSearchCV, GroupShuffleSplit, ShuffleSplit
from skorch.callbacks import Callback
from tiny_language_models import random_rows, tiny_language_model
from tiny_models import assert_same_bits, labelled_rows, tiny_classifier, weights_of

from sklearn_protlstm import _atomic_write
from sklearn_protlstm._checkpoints.file import read_state, write_state
from sklearn_protlstm._training.callbacks import EpochProgress
from sklearn_protlstm._training.net import SequenceNet
from sklearn_protlstm.exceptions import CheckpointMismatchError, InvalidCheckpointError

X, Y = labelled_rows()
WEIGHTS = np.random.RandomState(0).rand(60)
GROUPS = np.random.RandomState(1).randint(15, size=60)


class StopWhen(Callback):
    """Ctrl-C in an epoch that no fingerprint knows, and a count that a checkpoint has to keep."""

    epoch = None

    def initialize(self):
        self.n_batches_ = 0
        return self

    def on_batch_end(self, net, training=False, **kwargs):
        self.n_batches_ += 1
        if training and len(net.history) == type(self).epoch:
            raise KeyboardInterrupt


@pytest.fixture
def break_off(monkeypatch):
    """Fit up to the middle of an epoch."""

    def fit_and_stop(classifier, epoch, *data):
        monkeypatch.setattr(StopWhen, "epoch", epoch)
        with pytest.raises(KeyboardInterrupt):
            classifier.fit(*data)
        monkeypatch.setattr(StopWhen, "epoch", None)

    return fit_and_stop


@pytest.fixture
def forbid_training(monkeypatch):
    """From its call on, whoever learns fails."""
    return lambda: monkeypatch.setattr(SequenceNet, "train_step_single", None)


def stoppable(folder, **params):
    callbacks = [("stop", StopWhen())]
    return tiny_classifier(checkpoint_dir=folder, resume=True, callbacks=callbacks, **params)


def files_in(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def history_of(classifier):
    return [
        {key: value for key, value in epoch.items() if key != "dur"}
        for epoch in classifier.history_
    ]


# Killed processes.


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_twenty_kills(tmp_path):
    script = Path(__file__).with_name("killed_trainings.py")
    run = subprocess.run(
        [sys.executable, script, tmp_path, "20", "0"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    trainings = [json.loads(line) for line in run.stdout.splitlines()]
    # Where a training was over before its moment came, there is another one.
    moments = [
        moment for training in trainings for moment, _, killed in training["kills"] if killed
    ]
    assert len(moments) == 20
    assert set(moments) >= {"batch", "epoch", "half written", "written"}
    assert [training for training in trainings if not training["equal"]] == []


# Ctrl-C and the way on.

SETTINGS = {
    "defaults": {},
    "dropout": {"dropout": 0.4, "token_dropout": 0.3, "num_layers": 2},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.25, "patience": 3},
    "groups": {
        "early_stopping": True,
        "validation_split": GroupShuffleSplit(1, test_size=0.3, random_state=0),
        "class_weight": "balanced",
    },
    "momentum": {"net_params": {"optimizer": torch.optim.SGD, "optimizer__momentum": 0.9}},
    "cosine, given vectors": {
        "lr_schedule": "cosine",
        "embedding": np.random.RandomState(0).rand(8, 3),
        "freeze_embedding": False,
    },
    "components": {
        "pretrained": tiny_language_model(max_epochs=1).fit(random_rows(30, n_residues=6)),
        "pretrained_lr": 0,
        "pooling": "light_attention",
        "token_dropout": 0,
    },
}


@pytest.mark.parametrize("epoch", [1, 3])
@pytest.mark.parametrize("setting", SETTINGS)
def test_goes_on_to_the_same_bits(setting, epoch, tmp_path, break_off):
    params = {"max_epochs": 4, **SETTINGS[setting]}
    data = (X, Y, WEIGHTS, GROUPS)
    through = tiny_classifier(callbacks=[("stop", StopWhen())], **params).fit(*data)
    classifier = stoppable(tmp_path, **params)
    break_off(classifier, epoch, *data)
    assert classifier.n_iter_ == epoch
    assert classifier.predict(X).shape == (60,)
    resumed = stoppable(tmp_path, **params).fit(*data)
    assert_same_bits(resumed, through, X)
    assert history_of(resumed) == history_of(through)
    assert [type(epoch["train_loss"]) for epoch in resumed.history_] == [np.float64] * 4
    counts = {dict(c.net_.callbacks_)["stop"].n_batches_ for c in (resumed, through)}
    assert len(counts) == 1
    # What comes behind the training is the same, too.
    assert_same_bits(resumed.partial_fit(X, Y), through.partial_fit(X, Y), X)


def test_early_stopping_counts_on(tmp_path, break_off):
    noise = np.random.RandomState(1).choice(["bird", "pig"], size=60)
    y = np.where(np.arange(60) % 3, Y, noise)
    params = {"early_stopping": True, "patience": 3, "max_epochs": 60, "lr_schedule": "constant"}
    through = tiny_classifier(callbacks=[("stop", StopWhen())], **params).fit(X, y)
    assert 6 < through.n_iter_ < 60
    # In the last epoch, when patience has nearly run out.
    break_off(stoppable(tmp_path, **params), through.n_iter_, X, y)
    resumed = stoppable(tmp_path, **params).fit(X, y)
    assert history_of(resumed) == history_of(through)
    assert_same_bits(resumed, through, X)


def test_checkpoints_change_nothing(tmp_path):
    plain, kept = tiny_classifier(dropout=0.4), tiny_classifier(dropout=0.4)
    assert_same_bits(plain.fit(X, Y), kept.set_params(checkpoint_dir=tmp_path).fit(X, Y), X)


def test_number_of_threads_does_not_matter(tmp_path, break_off, set_threads):
    params = {"batch_size": 40, "dropout": 0.4}
    set_threads(1)
    through = tiny_classifier(**params).fit(X, Y)
    break_off(stoppable(tmp_path, **params), 2, X, Y)
    set_threads(2)
    resumed = stoppable(tmp_path, **params).fit(X, Y)
    assert_same_bits(resumed, through, X)


@pytest.mark.parametrize("params", [{}, {"early_stopping": True, "patience": 1, "lr": 0.5}])
def test_finished_training_is_not_repeated(params, tmp_path, forbid_training):
    first = tiny_classifier(checkpoint_dir=tmp_path, max_epochs=9, **params).fit(X, Y)
    forbid_training()
    again = tiny_classifier(checkpoint_dir=tmp_path, resume=True, max_epochs=9, **params)
    assert again.fit(X, Y) is again
    assert_same_bits(again, first, X)
    assert again.n_iter_ == first.n_iter_
    assert again.history_ == first.history_


def test_partial_fit_and_pickle_after_a_finished_training(tmp_path):
    plain = tiny_classifier().fit(X, Y)
    for _ in range(2):
        classifier = tiny_classifier(checkpoint_dir=tmp_path, resume=True).fit(X, Y)
    before = (tmp_path / files_in(tmp_path)[0]).read_bytes()
    copy = pickle.loads(pickle.dumps(classifier))
    for _ in range(2):
        plain.partial_fit(X, Y)
        classifier.partial_fit(X, Y)
        copy.partial_fit(X, Y)
    assert_same_bits(classifier, plain, X)
    assert_same_bits(copy, plain, X)
    assert plain.history_[-1].keys() == classifier.history_[-1].keys()
    # partial_fit leaves the checkpoint of the training alone.
    assert [(tmp_path / name).read_bytes() for name in files_in(tmp_path)] == [before]
    assert len(pickle.dumps(classifier)) < 1.2 * len(pickle.dumps(plain))


def test_without_resume_training_starts_afresh(tmp_path, break_off):
    params = {"lr": 0.1, "lr_schedule": "constant"}
    break_off(stoppable(tmp_path, **params), 3, X, Y)
    classifier = stoppable(tmp_path, **params).set_params(resume=False)
    break_off(classifier, 1, X, Y)
    assert classifier.n_iter_ == 1


def test_no_folder_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny_classifier().fit(X, Y)
    assert files_in(tmp_path) == []
    tiny_classifier(checkpoint_dir=Path("runs/today"), resume=True, max_epochs=1).fit(X, Y)
    [name] = files_in("runs/today")
    assert name.startswith("checkpoint-")
    assert name.endswith(".pt")


def test_resume_needs_a_folder():
    with pytest.raises(ValueError, match="resume=True needs checkpoint_dir: the folder with"):
        tiny_classifier(resume=True).fit(X, Y)


def test_progress_bar_goes_on(tmp_path, break_off, monkeypatch):
    shown = []
    on_train_end = EpochProgress.on_train_end

    def note_and_close(self, net, **kwargs):
        shown.append(self.bar_.n)
        on_train_end(self, net)

    monkeypatch.setattr(EpochProgress, "on_train_end", note_and_close)
    break_off(stoppable(tmp_path, verbose=1), 3, X, Y)
    stoppable(tmp_path, verbose=1).fit(X, Y)
    assert shown == [2, 3]


# Random numbers.


def test_without_a_seed(tmp_path, break_off):
    params = {"random_state": None, "early_stopping": True, "validation_fraction": 0.25}
    stopped = stoppable(tmp_path, **params)
    break_off(stopped, 3, X, Y)
    resumed = stoppable(tmp_path, **params).fit(X, Y)
    finished = [epoch["valid_loss"] for epoch in stopped.history_[:2]]
    assert [epoch["valid_loss"] for epoch in resumed.history_[:2]] == finished
    assert_same_bits(resumed, stoppable(tmp_path, **params).fit(X, Y), X)


def test_generator_as_seed(tmp_path, break_off):
    through = tiny_classifier(random_state=np.random.RandomState(3)).fit(X, Y)
    break_off(stoppable(tmp_path, random_state=np.random.RandomState(3)), 2, X, Y)
    resumed = stoppable(tmp_path, random_state=np.random.RandomState(3)).fit(X, Y)
    assert_same_bits(resumed, through, X)
    with pytest.raises(CheckpointMismatchError, match="random_state"):
        stoppable(tmp_path, random_state=np.random.RandomState(4)).fit(X, Y)


# Whose checkpoint it is.


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"lr": 0.02}, r"lr \(0.03 there, 0.02 here\)"),
        ({"pooling": "max"}, r'pooling \(\["last", "max", "mean"\] there, "max" here\)'),
        ({"max_epochs": 9}, r"max_epochs \(3 there, 9 here\)"),
        ({"net_params": {"max_epochs": 3}}, r'net_params \(null there, {"max_epochs": 3} here\)'),
        ({"callbacks": [("stop", StopWhen())]}, r"callbacks \(null there, .* here\)"),
    ],
)
def test_other_parameters(change, difference, tmp_path):
    before = tiny_classifier(checkpoint_dir=tmp_path).fit(X, Y)
    files = {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)}
    other = tiny_classifier(checkpoint_dir=tmp_path, resume=True, **change)
    with pytest.raises(
        CheckpointMismatchError, match=rf"of other data or parameters. .* differs in {difference}\."
    ) as caught:
        other.fit(X, Y)
    assert len(caught.value.differences) == 1
    assert caught.value.path == str(tmp_path / files_in(tmp_path)[0])
    assert "another checkpoint_dir or resume=False" in str(caught.value)
    assert 'resume="matching"' in str(caught.value)
    # The old one is as it was; and where it is no error, both are kept.
    assert {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)} == files
    other.set_params(resume="matching").fit(X, Y)
    assert len(files_in(tmp_path)) == 2
    again = tiny_classifier(checkpoint_dir=tmp_path, resume=True).fit(X, Y)
    assert_same_bits(again, before, X)


@pytest.mark.parametrize(
    ("data", "subjects"),
    [
        ((X[1:], Y[1:]), {"number of distinct sequences", "sequences", "labels", "sample weights"}),
        ((np.where(X == 7, 6, X), Y), {"sequences", "labels"}),
        ((X, Y[::-1]), {"labels"}),
        ((X, np.char.upper(Y)), {"classes"}),
        ((X, Y, WEIGHTS), {"sample weights"}),
        ((np.where(X > 1, X + 1, X), Y), {"sequences"}),
    ],
    ids=["fewer", "residues", "labels", "names", "weights", "tokens"],
)
def test_other_data(data, subjects, tmp_path):
    tiny_classifier(checkpoint_dir=tmp_path, max_epochs=1).fit(X, Y)
    with pytest.raises(CheckpointMismatchError) as caught:
        tiny_classifier(checkpoint_dir=tmp_path, max_epochs=1, resume=True).fit(*data)
    found = {difference.partition(" (")[0] for difference in caught.value.differences}
    assert found == subjects


def test_the_most_similar_checkpoint_is_named(tmp_path):
    for params in ({"lr": 0.5, "hidden_size": 7, "batch_size": 9}, {"lr": 0.5}):
        tiny_classifier(checkpoint_dir=tmp_path, max_epochs=1, **params).fit(X, Y)
    (tmp_path / "checkpoint-of-something-else.pt").write_bytes(b"no checkpoint")
    with pytest.raises(CheckpointMismatchError, match=r"\(2\) are of other") as caught:
        tiny_classifier(checkpoint_dir=tmp_path, max_epochs=1, resume=True).fit(X, Y)
    assert caught.value.differences == ["lr (0.5 there, 0.03 here)"]


def test_what_does_not_matter(tmp_path, forbid_training):
    first = tiny_classifier(checkpoint_dir=tmp_path).fit(X, Y)
    forbid_training()
    order = np.random.RandomState(0).permutation(np.repeat(np.arange(60), 2))
    wide = np.hstack([X, np.zeros_like(X)]).astype(np.int64)
    again = tiny_classifier(
        checkpoint_dir=str(tmp_path), resume=True, verbose=2, device=torch.device("cpu")
    ).fit(wide[order], Y[order].tolist())
    np.testing.assert_array_equal(again.predict_proba(wide), first.predict_proba(X))


def test_file_under_a_wrong_name(tmp_path):
    for lr in (0.1, 0.2):
        tiny_classifier(checkpoint_dir=tmp_path / str(lr), lr=lr, max_epochs=1).fit(X, Y)
    [one], [other] = files_in(tmp_path / "0.1"), files_in(tmp_path / "0.2")
    os.replace(tmp_path / "0.1" / one, tmp_path / "0.2" / other)
    with pytest.raises(CheckpointMismatchError, match=r"lr \(0.1 there, 0.2 here\)"):
        tiny_classifier(
            checkpoint_dir=tmp_path / "0.2", lr=0.2, max_epochs=1, resume="matching"
        ).fit(X, Y)


def test_splitter_that_never_splits_alike(tmp_path, break_off):
    params = {"early_stopping": True, "validation_split": ShuffleSplit(1, test_size=0.3)}
    break_off(stoppable(tmp_path, **params), 2, X, Y)
    with pytest.raises(
        CheckpointMismatchError, match=r"other sequences than it did .* splitter a random_state"
    ) as caught:
        stoppable(tmp_path, **params).fit(X, Y)
    assert caught.value.differences == ["validation part"]


def test_fits_of_a_search_share_a_folder(tmp_path, forbid_training):
    def search():
        classifier = tiny_classifier(checkpoint_dir=tmp_path, resume="matching", max_epochs=2)
        return GridSearchCV(classifier, {"lr": [0.01, 0.1]}, cv=2).fit(X, Y)

    first = search()
    assert len(files_in(tmp_path)) == 5  # of each setting and fold, and of the best on all rows
    forbid_training()
    again = search()
    assert_same_bits(again.best_estimator_, first.best_estimator_, X)
    for fold in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(again.cv_results_[fold], first.cv_results_[fold])


# Files that are not whole, or not ours.


def finished_file(folder):
    tiny_classifier(checkpoint_dir=folder, max_epochs=1).fit(X, Y)
    [name] = files_in(folder)
    return folder / name


class Shout:
    """Would run code if it was unpickled."""

    def __reduce__(self):
        return pytest.fail, ("the file was unpickled",)


DAMAGES = {
    "empty": lambda content: b"",
    "a few bytes": lambda content: content[:5],
    "half": lambda content: content[: len(content) // 2],
    "last byte": lambda content: content[:-1],
    "one bit": lambda content: content[:-1000] + bytes([content[-1000] ^ 1]) + content[-999:],
    "zeros": lambda content: bytes(len(content)),
    "text": lambda content: b"epoch,loss\n1,0.5\n" * 100,
    "pickle": lambda content: pickle.dumps(Shout()),
    "torch": lambda content: b"PK\x03\x04" + content,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("resume", [True, "matching"])
def test_damaged_file(damage, resume, tmp_path):
    path = finished_file(tmp_path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    classifier = tiny_classifier(checkpoint_dir=tmp_path, max_epochs=1, resume=resume)
    with pytest.raises(
        InvalidCheckpointError,
        match=r"is not a valid checkpoint of this version, or it is damaged .* Delete it",
    ) as caught:
        classifier.fit(X, Y)
    assert caught.value.path == str(path)
    # The way out.
    path.unlink()
    assert classifier.fit(X, Y).n_iter_ == 1


def test_file_of_another_program(tmp_path):
    path = finished_file(tmp_path)
    path.write_text('{"weights": [0, 0, 0]}\n')
    with pytest.raises(InvalidCheckpointError, match="its format is None, not 'sklearn_protlstm t"):
        tiny_classifier(checkpoint_dir=tmp_path, max_epochs=1, resume=True).fit(X, Y)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_write_that_is_broken_off(error, call, tmp_path, monkeypatch):
    through = tiny_classifier().fit(X, Y)
    calls = []

    def fail_the_second_time(*args):
        calls.append(args)
        if len(calls) == 2:
            raise error("no space left on device")
        return original(*args)

    original = getattr(os, call)
    monkeypatch.setattr(_atomic_write.os, call, fail_the_second_time)
    classifier = tiny_classifier(checkpoint_dir=tmp_path)
    with pytest.raises(error) as caught:
        classifier.fit(X, Y)
    monkeypatch.undo()
    # The first epoch's checkpoint is whole, nothing else lies about, and the model is of use.
    [name] = files_in(tmp_path)
    _, state = read_state(tmp_path / name)
    assert len(state["history"]) == 1
    assert classifier.predict(X).shape == (60,)
    # What is learned behind the training does not get into its checkpoint.
    pickle.loads(pickle.dumps(classifier)).partial_fit(X, Y)
    assert classifier.n_iter_ == 2
    if error is OSError:
        assert caught.value.__notes__ == [
            f"while writing the checkpoint {tmp_path / name}; an earlier checkpoint is unchanged"
        ]
    resumed = tiny_classifier(checkpoint_dir=tmp_path, resume=True).fit(X, Y)
    assert_same_bits(resumed, through, X)


def test_leftovers_of_killed_writes(tmp_path):
    path = finished_file(tmp_path)
    old, fresh = (tmp_path / f".{path.name}.{word}.part" for word in ("old", "fresh"))
    other = tmp_path / ".checkpoint-of-another.pt.old.part"
    for part in (old, fresh, other):
        part.write_bytes(b"half a checkpoint")
    for part in (old, other):
        os.utime(part, (0, 0))
    finished_file_again = tiny_classifier(checkpoint_dir=tmp_path, max_epochs=1, resume=True)
    finished_file_again.fit(X, Y)
    # The fresh one may belong to a process that is writing right now.
    assert files_in(tmp_path) == sorted([path.name, fresh.name, other.name])


def test_checkpoint_holds_the_weights(tmp_path):
    classifier = tiny_classifier(checkpoint_dir=tmp_path).fit(X, Y)
    facts, state = read_state(tmp_path / files_in(tmp_path)[0])
    assert state["finished"]
    for name, weights in weights_of(classifier).items():
        np.testing.assert_array_equal(state["module"][name], weights)
    assert facts["data"]["number of distinct sequences"] == 60
    assert facts["parameters"]["lr"] == 0.03


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("optimizer", None),
        ("callbacks", []),
        ("order", []),
        ("order", ("MT19937", None)),
        ("module", {}),
        ("generators", [None]),
        ("generators", [torch.zeros(3, dtype=torch.uint8)]),
        ("history", {}),
        ("seed", "0"),
        ("most_rows", 1.5),
        ("optimizer", {"state": {}, "param_groups": []}),
    ],
)
def test_wrong_structure_behind_a_right_checksum(part, value, tmp_path, break_off):
    break_off(stoppable(tmp_path), 2, X, Y)
    [name] = files_in(tmp_path)
    facts, state = read_state(tmp_path / name)
    write_state(tmp_path / name, state | {part: value}, facts)
    with pytest.raises(
        InvalidCheckpointError, match="does not fit the network of these parameters"
    ):
        stoppable(tmp_path).fit(X, Y)


@pytest.mark.parametrize("state", [None, [], {}])
def test_state_that_is_not_one(state, tmp_path, break_off):
    break_off(stoppable(tmp_path), 2, X, Y)
    [name] = files_in(tmp_path)
    write_state(tmp_path / name, state, read_state(tmp_path / name)[0])
    with pytest.raises(
        InvalidCheckpointError, match="does not fit the network of these parameters"
    ):
        stoppable(tmp_path).fit(X, Y)
