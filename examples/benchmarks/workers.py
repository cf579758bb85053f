"""Rivals in processes of their own, told by lines on standard input what to time.

A worker answers every line with one of its own: first what it is, then seconds. It is idle while
others are timed. This module needs no more than NumPy, so that any environment can import it.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np


class Worker:
    """A process that holds one rival, timed through the same two calls as all others.

    Parameters
    ----------
    name : str
        Of the rival.
    problem : EncodedProblem
        Handed over in an .npz file.
    python : path
        Of the environment that the worker needs.
    script : str
        File beside this one.
    *arguments : tuple of str
        Of the script, before the .npz file.
    quiet : bool, default=False
        Whether to drop what the worker writes to standard error.
    """

    def __init__(self, name, problem, python, script, *arguments, quiet=False):
        self.name = name
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "data.npz"
        np.savez(
            path,
            tokens=problem.tokens,
            labels=problem.labels,
            hidden_size=problem.hidden_size,
            batch_size=problem.batch_size,
        )
        self.process = subprocess.Popen(
            [str(python), str(Path(__file__).with_name(script)), *arguments, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            text=True,
        )
        self.about = self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: the worker stopped with {self.process.wait()}")
        return json.loads(line)

    def _ask(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return self._answer()

    def train_epoch(self):
        return self._ask("train")

    def predict(self):
        return self._ask("predict")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.folder.cleanup()


class TorchWorker(Worker):
    """A rival on PyTorch, as users run it or with subnormal numbers flushed to zero.

    torch's pool of threads takes the mode of the thread that creates it, so each mode needs a
    process.
    """

    def __init__(self, problem, way, flushed):
        name = f"{way.name}, flushed" if flushed else way.name
        arguments = (way.name, str(int(flushed)))
        super().__init__(name, problem, sys.executable, "torch_worker.py", *arguments)


class KerasWorker(Worker):
    """Keras 3 on TensorFlow in its own environment, with or without masking."""

    def __init__(self, problem, python, masked):
        name = f"Keras, {'masked' if masked else 'unmasked'}"
        arguments = (str(int(masked)),)
        super().__init__(name, problem, python, "keras_worker.py", *arguments, quiet=True)


def serve(way, version, flushes):
    """Answer the lines of a :class:`Worker` until they end.

    Parameters
    ----------
    way : object
        With methods ``train_epoch`` and ``predict`` that return seconds.
    version : str
        Name and version of what computes.
    flushes : bool
        Whether it turns subnormal numbers to zero, as a trial showed.
    """
    print(json.dumps({"version": version, "flushes": bool(flushes)}), flush=True)
    for line in sys.stdin:
        seconds = way.train_epoch() if line.strip() == "train" else way.predict()
        print(json.dumps(float(seconds)), flush=True)
