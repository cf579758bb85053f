"""Resume trainings from altered checkpoints: a training resumes, or raises a named error.

    python tests/fuzz/fuzz_checkpoints.py --executions 10000 --seed 0

Most alterations would end at the checksum. So the file gets a new checksum that is right.
"""

import argparse
import copy
import hashlib
import io
import json
import random
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from skorch.callbacks import Callback

from sklearn_protlstm import ProtLSTMClassifier
from sklearn_protlstm._checkpoints.file import read_state
from sklearn_protlstm.exceptions import (
    CheckpointMismatchError,
    InvalidCheckpointError,
    NonFiniteLossError,
)

# With the weights or the state of the optimizer in a checkpoint, a training can diverge.
NAMED_ERRORS = (CheckpointMismatchError, InvalidCheckpointError, NonFiniteLossError)

ROWS = np.random.RandomState(0).randint(2, 8, size=(12, 5))
LABELS = np.arange(12) % 2
# Early stopping, dropout and a seed that is drawn add to what a checkpoint holds.
TRAININGS = [
    {"max_epochs": 2, "dropout": 0.0, "token_dropout": 0.0},
    {"max_epochs": 2, "random_state": None, "pooling": "attention"},
    {"max_epochs": 3, "early_stopping": True, "patience": 2},
]
ODD_NUMBERS = [0, -1, 1, 2, 2**31, 2**63, 2**64, 1.5, -0.5, 1e-300, 1e308, np.nan, np.inf]
ODD_VALUES = [
    *(None, True, "", "x", "MT19937", "a" * 300, [], [[]], [1, 2], (), ("x",), {}, {"a": 1}),
    *({0: {}}, [{}], [{"train_loss": "x"}], {"x": [{"y": ()}]}, *ODD_NUMBERS, *ODD_NUMBERS),
]
ODD_ARRAYS = [
    *(np.float64(0.5), np.bool_(True), np.zeros(3), np.zeros(624, np.uint32), torch.zeros(())),
    *(torch.zeros(0), torch.zeros(2, 3), torch.tensor(np.nan), torch.zeros(3, dtype=torch.int8)),
    *(torch.zeros(4, dtype=torch.complex64), torch.zeros(5056, dtype=torch.uint8)),
]


def train(folder, params, **others):
    small = {"hidden_size": 2, "embedding_dim": 2, "batch_size": 8, "device": "cpu"}
    model = ProtLSTMClassifier(
        **{**small, "random_state": 0, "checkpoint_dir": folder, "resume": True, **params, **others}
    )
    return model.fit(ROWS, LABELS)


class CopyCheckpoint(Callback):
    """Keep the checkpoint that is there when the second epoch begins."""

    def __init__(self, folder):
        self.folder = folder

    def on_epoch_begin(self, net, **kwargs):
        if len(net.history) == 2:
            (path,) = self.folder.glob("*.pt")
            (self.folder / "copy").write_bytes(path.read_bytes())


def make_checkpoints(folder):
    """Train, and return the name of each checkpoint and its bytes after the first epoch."""
    checkpoints = []
    for number, params in enumerate(TRAININGS):
        inner = folder / str(number)
        inner.mkdir()
        # The class of a callback belongs to the fingerprint, so the name comes without it.
        train(inner, params)
        (path,) = inner.glob("*.pt")
        name, facts = path.name, read_state(path)[0]
        path.unlink()
        train(inner, params, callbacks=[("copy", CopyCheckpoint(inner))])
        state = read_state(inner / "copy")[1]
        state["callbacks"].pop("copy", None)
        checkpoints.append((name, facts, state))
    return checkpoints


def join_file(facts, content):
    """Return the bytes of a checkpoint with a checksum that is right."""
    facts = json.loads(json.dumps(facts, skipkeys=True))  # keys in JSON are text
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    digest.update(content)
    header = {"format": "sklearn_protlstm training checkpoint 2", "facts": facts}
    return json.dumps({**header, "sha256": digest.hexdigest()}).encode() + b"\n" + content


def places_in(data, place=()):
    """Paths to every entry of nested lists, tuples and dicts."""
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in entries:
        yield (*place, key)
        if isinstance(value, (dict, list, tuple)):
            yield from places_in(value, (*place, key))


def entry_at(data, place):
    for key in place:
        data = data[key]
    return data


def alter_entry(data, place, change):
    """Return the data with one entry set to `change(entry)`, or removed if that is `...`."""
    key, *rest = place
    value = alter_entry(data[key], rest, change) if rest else change(data[key])
    entries = dict(data) if isinstance(data, dict) else dict(enumerate(data))
    if value is ...:
        del entries[key]
    else:
        entries[key] = value
    return entries if isinstance(data, dict) else type(data)(entries.values())


def alter_data(data, odd_values, rng):
    """Set, remove, move or change one entry."""
    places = list(places_in(data))
    # Half of the entries belong to the optimizer, so the first key is chosen first.
    first = rng.choice(sorted({place[0] for place in places}, key=str))
    place = rng.choice([place for place in places if place[0] == first])
    action = rng.randrange(5)
    if action == 0:
        return alter_entry(data, place, lambda entry: ...)
    if action == 1:
        other = copy.deepcopy(entry_at(data, rng.choice(places)))
        return alter_entry(data, place, lambda entry: other)
    if action == 2:
        return alter_entry(data, place, lambda entry: alter_slightly(entry, rng))
    return alter_entry(data, place, lambda entry: copy.deepcopy(rng.choice(odd_values)))


def alter_slightly(value, rng):
    """Return a value of the same type, where that is possible."""
    if isinstance(value, torch.Tensor):
        odd = torch.tensor(float(rng.choice(ODD_NUMBERS)))
        return rng.choice(
            [value.flatten()[:-1], value.flatten(), value * odd, value.to(torch.float64)]
        )
    if isinstance(value, np.ndarray):
        return rng.choice([value[:-1], value * 0, value.astype(float)])
    if isinstance(value, dict):
        return {**value, rng.choice(["x", 0, "step", "on_epoch_end"]): rng.choice(ODD_VALUES)}
    if isinstance(value, (list, tuple)):
        return value + value
    if isinstance(value, (int, float)):
        return rng.choice(ODD_NUMBERS)
    return value


def alter_bytes(content, rng):
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        place = rng.randrange(len(content) + 1)
        end = place + rng.choice([1, 1, 4, 50])
        content[place:end] = rng.randbytes(rng.choice([0, 1, end - place]))
    return bytes(content)


def alter(facts, state, rng):
    """Return the bytes of one altered checkpoint."""
    kind = rng.random()
    if kind < 0.15:
        for _ in range(rng.choice([1, 1, 2])):
            facts = alter_data({"facts": facts}, ODD_VALUES, rng).get("facts")
            if not facts or not isinstance(facts, dict):
                break
    elif kind < 0.75:
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            state = alter_data(state, ODD_VALUES + ODD_ARRAYS, rng) or state
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    if kind > 0.75:
        content = alter_bytes(content, rng)
    sealed = join_file(facts, content)
    return alter_bytes(sealed, rng) if kind > 0.95 else sealed


def execute(folder, name, params, content):
    """Resume from a file, and return "resumed" or the name of the error."""
    path = folder / name
    path.write_bytes(content)
    try:
        train(folder, params)
    except NAMED_ERRORS as error:
        return type(error).__name__
    finally:
        path.unlink(missing_ok=True)
        for left in folder.glob("checkpoint-*"):
            left.unlink()
    return "resumed"


def run(executions, seed, folder):
    """Resume from altered checkpoints, and print how often each outcome occurs."""
    checkpoints = make_checkpoints(folder)
    trial = folder / "trial"
    trial.mkdir()
    outcomes, start = Counter(), time.perf_counter()
    for execution in range(executions):
        rng = random.Random(f"{seed} {execution}")
        number = rng.randrange(len(TRAININGS))
        name, facts, state = checkpoints[number]
        content = alter(facts, state, rng)
        # A file of another name is looked at only to say in what it differs.
        name = "checkpoint-0.pt" if rng.random() < 0.05 else name
        try:
            outcomes[execute(trial, name, TRAININGS[number], content)] += 1
        except Exception:
            Path("crash.pt").write_bytes(content)
            print(f"seed {seed}, execution {execution}: an unnamed error; the file is crash.pt")
            raise
    seconds = time.perf_counter() - start
    print(f"{executions} executions in {seconds:.0f} s, seed {seed}: only named errors")
    for outcome, count in outcomes.most_common():
        print(f"{count:9d} {outcome}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        run(options.executions, options.seed, Path(folder))


if __name__ == "__main__":
    main()
