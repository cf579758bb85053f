"""Facts are the same in every process, and tell one training from another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.model_selection import GroupShuffleSplit
from skorch.callbacks import LRScheduler

from sklearn_protlstm._checkpoints.fingerprint import data_facts, describe, differences, digest
from sklearn_protlstm._training.data import make_training_set

VALUES = {
    "None": None,
    "number": np.float64(0.1),
    "tuple": ("last", "max"),
    "array": np.arange(6.0).reshape(2, 3),
    "tensor": torch.arange(3),
    "objects": np.array(["a", None], dtype=object),
    "class": torch.optim.SGD,
    "function": np.mean,
    "splitter": GroupShuffleSplit(1, random_state=0),
    "generator": np.random.RandomState(0),
    "callbacks": [("rates", LRScheduler())],
    "set": {"b", "a", "c"},
    "path": Path("runs"),
    "complex": 1 + 2j,
    "dict": {1: "a", None: 2},
}


@pytest.mark.parametrize("name", VALUES)
def test_descriptions_are_for_json(name):
    description = describe(VALUES[name])
    assert json.loads(json.dumps(description)) == description
    assert " at 0x" not in str(description)


DESCRIBE = """
import json, os
import numpy as np
from sklearn_protlstm._checkpoints.fingerprint import describe
values = [{"b", "a", "c"}, {"z": 1, "a": np.float32(0.1)}, np.random.RandomState(0), json.dumps]
print(json.dumps(describe([*values, json.JSONDecodeError, np.arange(3), json.JSONEncoder()])))
"""


def test_descriptions_are_the_same_in_every_process():
    runs = [
        subprocess.run(
            [sys.executable, "-c", DESCRIBE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert "JSONEncoder" in runs[0].stdout


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(3, dtype=np.float32)),
        (np.zeros(3), [0.0, 0.0, 0.0]),
        (np.random.RandomState(0), np.random.RandomState(1)),
        (GroupShuffleSplit(1, random_state=0), GroupShuffleSplit(1, random_state=1)),
        (torch.optim.SGD, torch.optim.Adam),
        ([LRScheduler()], [LRScheduler(monitor="valid_loss")]),
        (np.array(["a", None], dtype=object), np.array(["b", None], dtype=object)),
    ],
)
def test_other_values_have_other_descriptions(one, other):
    assert describe(one) != describe(other)


def test_objects_that_hold_themselves():
    knot = GroupShuffleSplit(1)
    knot.knot = knot
    assert describe(knot)["knot"]["knot"]["class"].endswith("GroupShuffleSplit")


def test_digest_reads_views_as_copies():
    array = np.arange(12).reshape(3, 4)
    assert digest(array[:, ::2]) == digest(array[:, ::2].copy())
    assert digest(array, array) != digest(array)


def test_differences():
    there = {"data": {"sequences": "ab", "rows": 3}, "parameters": {"lr": float("nan"), "old": 1}}
    here = {"data": {"sequences": "cd", "rows": 3}, "parameters": {"lr": float("nan"), "new": [2]}}
    assert differences(there, here) == [
        'sequences ("ab" there, "cd" here)',
        "new (nothing there, [2] here)",
        "old (1 there, nothing here)",
    ]
    assert differences(here, here) == []
    assert differences({}, {"device": {"kind": "cpu"}}) == ['kind (nothing there, "cpu" here)']
    long = differences({"data": {"a": "x" * 100}}, {"data": {"a": 1}})
    assert long == [f'a ("{"x" * 56}... there, 1 here)']


def test_data_facts_do_not_depend_on_order_or_width():
    tokens = np.random.RandomState(0).randint(2, 6, size=(20, 5)).astype(np.uint8)
    labels, groups = np.arange(20) % 3, np.arange(20) // 4
    wide = np.hstack([tokens, np.zeros((20, 3), dtype=np.uint8)])
    order = np.random.RandomState(1).permutation(20)
    classes, vocabulary = np.array(["a", "b", "c"]), np.arange(2, 6)

    def facts(tokens, labels, groups):
        training_set = make_training_set(tokens, labels, np.ones(20), groups)
        return data_facts(training_set, classes, vocabulary)

    wanted = facts(tokens, labels, groups)
    assert facts(wide[order], labels[order], groups[order]) == wanted
    assert facts(tokens, labels, None)["groups"] != wanted["groups"]
    assert wanted["classes"] == ["a", "b", "c"]
