"""Trainings that are killed at chosen events and then go on, each in a process of its own.

Importing torch takes seconds, so this one imports it once, starts no thread, and forks. It prints
one JSON line for each training. Run by tests/test_checkpoints.py as

    python killed_trainings.py FOLDER N_KILLS SEED
"""

import hashlib
import json
import os
import random
import signal
import sys
import traceback
from pathlib import Path

# Run as a script, it finds the helpers of the tests one folder up.
sys.path.insert(0, str(Path(__file__).parents[1]))

import torch
from skorch.callbacks import Callback
from tiny_models import labelled_rows, tiny_classifier, weights_of

from sklearn_protlstm import _atomic_write

X, Y = labelled_rows(40)
VALUES = random.Random(0)
WEIGHTS = [VALUES.random() for _ in Y]
GROUPS = [VALUES.randrange(10) for _ in Y]

SETTINGS = {
    "plain": {"max_epochs": 4, "dropout": 0.3, "token_dropout": 0.2},
    "early stopping": {
        "max_epochs": 6,
        "early_stopping": True,
        "patience": 2,
        "validation_fraction": 0.2,
        "class_weight": "balanced",
        "lr": 0.2,
    },
    "two layers": {"max_epochs": 3, "num_layers": 2, "pooling": ("attention", "last"), "lr": 0.01},
}

# Where to kill: behind a step of the training, or in the middle of a write.
STEPS = ("batch", "epoch")
WRITES = ("half written", "written", "replaced")
MOMENTS = STEPS + WRITES


class Reporter(Callback):
    """Tell the parent about every step, through a pipe that no fingerprint sees."""

    report = None

    def on_batch_end(self, net, training=False, **kwargs):
        type(self).report("batch")

    def on_epoch_end(self, net, **kwargs):
        type(self).report("epoch")


def train(setting, folder, report=lambda event: None):
    """Fit, with a report of each step, and return all that has to be equal."""
    Reporter.report = staticmethod(report)
    classifier = tiny_classifier(
        checkpoint_dir=folder,
        resume=True,
        callbacks=[("reporter", Reporter())],
        **SETTINGS[setting],
    )
    classifier.fit(X, Y, WEIGHTS, GROUPS)
    return result_of(classifier)


def result_of(classifier):
    """Digest of weights, answers, history without times, and of what partial_fit makes of it."""
    state = hashlib.sha256()
    for weights in weights_of(classifier).values():
        state.update(weights.tobytes())
    state.update(classifier.predict_proba(X).tobytes())
    history = [
        {key: value for key, value in epoch.items() if key != "dur"}
        for epoch in classifier.history_
    ]
    state.update(repr(history).encode())
    for weights in weights_of(classifier.partial_fit(X, Y)).values():
        state.update(weights.tobytes())
    return state.hexdigest()


def stop_in_writes(is_due, stop):
    """Make the writing of checkpoints stand still where it is to be killed."""
    fsync, replace = os.fsync, os.replace

    def stop_at_half(number):
        if is_due("half written"):
            os.ftruncate(number, os.fstat(number).st_size // 2)
            stop("half written")
        fsync(number)

    def stop_around(source, target):
        if is_due("written"):
            stop("written")
        replace(source, target)
        if is_due("replaced"):
            stop("replaced")

    _atomic_write.os = type(os)("os")
    vars(_atomic_write.os).update(vars(os), fsync=stop_at_half, replace=stop_around)


def in_child(work):
    """Fork; give the child's id and the pipe that it reports to."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, os.fdopen(reading)
    try:
        os.close(reading)
        work(lambda line: os.write(writing, f"{line}\n".encode()))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def outcome(setting, folder):
    """Result of a training that nobody kills."""
    child, lines = in_child(lambda report: report(train(setting, folder)))
    result = lines.read().strip()
    assert os.waitpid(child, 0)[1] == 0
    return result


def train_until(setting, folder, moment, count):
    """Train in a child and kill it at the `count`-th `moment`; False if it ended before."""

    def work(report):
        passed = []

        def is_due(event):
            passed.append(event)
            return event == moment and passed.count(event) == count

        def stop(event):
            report(event)
            signal.pause()

        if moment in WRITES:
            stop_in_writes(is_due, stop)
            train(setting, folder)
        else:
            # Here it goes on until the signal comes, which may be a little later.
            train(setting, folder, lambda event: is_due(event) and report(event))
            if passed.count(moment) >= count:
                signal.pause()

    child, lines = in_child(work)
    if lines.readline():
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    lines.close()
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def load_optimizer():
    """Let torch import here, once, what an optimizer's first step needs; autograd stays unused."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    parameter.grad = torch.ones(1)
    torch.optim.AdamW([parameter]).step()


def main(folder, n_kills, seed):
    torch.set_num_threads(1)
    load_optimizer()
    rng = random.Random(seed)
    folder = Path(folder)
    wanted = {setting: outcome(setting, folder / setting) for setting in SETTINGS}
    number = 0
    while n_kills > 0:
        setting = list(SETTINGS)[number % len(SETTINGS)]
        place = folder / f"training {number}"
        kills = []
        # Some trainings die more than once before they come to their end.
        for _ in range(min(n_kills, rng.choice([1, 1, 2]))):
            moment = rng.choice(MOMENTS)
            count = rng.randint(1, 7 if moment == "batch" else 3)
            kills.append([moment, count, train_until(setting, place, moment, count)])
        equal = outcome(setting, place) == wanted[setting]
        print(json.dumps({"setting": setting, "kills": kills, "equal": equal}), flush=True)
        number, n_kills = number + 1, n_kills - sum(killed for *_, killed in kills)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
