"""Predictions that are killed at every step and resumed, each run in a process of its own.

The imports take seconds, so this process imports once and forks. Run by test_killed_predictions.py
as

    python killed_predictions.py FASTA FOLDER

It prints the number of steps of a run, and the steps after which the resumed files differ.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path

# Run as a script, it finds the helpers of the tests one folder up.
sys.path.insert(0, str(Path(__file__).parents[1]))

from counting_model import CountingModel

from sklearn_protlstm.table_prediction import _output, predict_fasta


def predict(path_in, path_out, kill_at=None):
    """Predict, count the steps, and kill this process at one of them."""
    n_steps = 0

    def step(before=lambda: None):
        nonlocal n_steps
        n_steps += 1
        if n_steps == kill_at:
            before()
            os.kill(os.getpid(), signal.SIGKILL)

    def with_step(function):
        def call(*args, **kwargs):
            step()
            return function(*args, **kwargs)

        return call

    class Model(CountingModel):
        predict_proba = with_step(CountingModel.predict_proba)

    class HalfWrittenOutput(_output.Output):
        def _append(self, rows):
            content = b"".join(rows)
            step(before=lambda: self.file.write(content[: len(content) // 2]))
            super()._append(rows)

    originals = os.fsync, os.replace, _output.Output
    os.fsync, os.replace, _output.Output = (
        with_step(os.fsync),
        with_step(os.replace),
        HalfWrittenOutput,
    )
    try:
        predict_fasta(Model(), path_in, path_out, chunk_size=4, on_invalid="skip")
    finally:
        os.fsync, os.replace, _output.Output = originals
    return n_steps


def predict_in_child(*args):
    """Predict in a process of its own, and return whether it was killed."""
    child = os.fork()
    if not child:
        try:
            predict(*args)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("a run failed")
    return os.WIFSIGNALED(status)


def contents(folder):
    """Return what a complete run leaves. A kill can leave a hidden draft of a side file."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if not path.name.endswith(".part")
    }


def main(path_in, folder):
    """Kill at each step, kill the resumed run at another step, and resume."""
    n_steps = predict(path_in, make_folder(folder, 0) / "predictions.tsv")
    complete = contents(folder / "0")
    differing, n_kills = [], 0
    for step in range(1, n_steps + 1):
        path_out = make_folder(folder, step) / "predictions.tsv"
        for kill_at in (step, 1 + step * 5 % n_steps, None):
            n_kills += predict_in_child(path_in, path_out, kill_at)
        if contents(folder / str(step)) != complete:
            differing.append(step)
    print(json.dumps({"steps": n_steps, "kills": n_kills, "differing": differing}))


def make_folder(folder, number):
    """Return a new folder."""
    path = folder / str(number)
    path.mkdir()
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
