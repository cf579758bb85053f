"""A checkpoint that was altered on purpose, with a checksum that is right, raises a named error."""

import io
import random
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from scripts import load_script

from sklearn_protlstm.exceptions import InvalidCheckpointError

fuzz_checkpoints = load_script(Path(__file__).parents[1] / "fuzz" / "fuzz_checkpoints.py")

EARLY_STOPPING = 2
ORDER = ("MT19937", np.zeros(624, np.uint32), 0, 0, 0.0)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    return fuzz_checkpoints.make_checkpoints(tmp_path_factory.mktemp("seeds"))


def resume(folder, checkpoint, *, facts=None, state=None, kind=EARLY_STOPPING):
    name, own_facts, own_state = checkpoint
    buffer = io.BytesIO()
    torch.save(own_state if state is None else state, buffer)
    content = fuzz_checkpoints.join_file(own_facts if facts is None else facts, buffer.getvalue())
    (folder / name).write_bytes(content)
    fuzz_checkpoints.train(folder, fuzz_checkpoints.TRAININGS[kind])


@pytest.mark.parametrize("kind", range(len(fuzz_checkpoints.TRAININGS)))
def test_unaltered_state_resumes(checkpoints, kind, tmp_path):
    resume(tmp_path, checkpoints[kind], kind=kind)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("seed",), -1, "its seed is -1"),
        (("seed",), 2**32, "its seed is 4294967296"),
        (("most_rows",), 0, "its most_rows is 0"),
        (("order",), (*ORDER[:2], 625, *ORDER[3:]), "its order is not the state of a random gen"),
        (("order",), (*ORDER[:3], 2**70, 0.0), "its order is not the state of a random generator"),
        (("order",), (), "its order is not the state of a random generator"),
        (("history",), [{}], "its history is not a list of epochs"),
        (("history", 0, "batches"), [3], "its history is not a list of epochs"),
        (
            ("module", "head.bias"),
            torch.zeros(7),
            r"module head.bias is not a tensor of shape \(2,",
        ),
        (("module", "head.bias"), torch.zeros(2, dtype=torch.complex64), "module head.bias is not"),
        (("module", "x"), torch.zeros(2), "its module has other weights"),
        (("criterion", "x"), torch.zeros(2), "its criterion has other weights"),
        (("optimizer", "param_groups"), [], "its optimizer has other groups of parameters"),
        (("optimizer", "param_groups", 0), {}, "its optimizer lacks lr"),
        (("optimizer", "param_groups", 0, "lr"), float("nan"), "lr of its optimizer is nan"),
        (("optimizer", "param_groups", 0, "lr"), "x", "lr of its optimizer is 'x'"),
        (("optimizer", "param_groups", 0, "betas"), (0.9,), r"betas of its optimizer is \(0.9,\)"),
        (("optimizer", "param_groups", 0, "amsgrad"), True, "amsgrad of its optimizer is True"),
        (("optimizer", "param_groups", 0, "params", 0), 1, r"params of its optimizer is \[1, 1, "),
        (("optimizer", "state"), [], "its optimizer has other parameters"),
        (("optimizer", "state", 99), {}, "its optimizer has other parameters"),
        (("optimizer", "state", 0), [], "the state of its optimizer is a list"),
        (("optimizer", "state", 0), {"step": torch.zeros(())}, "its optimizer lacks a part of its"),
        # The fused step would write past the end of the tensor.
        (
            ("optimizer", "state", 0, "exp_avg"),
            torch.zeros(1),
            "optimizer's exp_avg is not a tenso",
        ),
        (("optimizer", "state", 0, "step"), torch.zeros(3), r"step is not a tensor of shape \(\)"),
        (("callbacks", "schedule"), 3, "its callback schedule is a int"),
        (("callbacks", "schedule", "step_"), "x", "step_ of its callback schedule is a str"),
        (("callbacks", "schedule", "schedule"), "x", "schedule has the attribute 'schedule'"),
        (("callbacks", "last_good_weights", "good_"), {}, "last_good_weights has other weights"),
    ],
)
def test_altered_state_raises(checkpoints, place, value, message, tmp_path):
    state = checkpoints[EARLY_STOPPING][2]
    *parents, key = place
    parent = fuzz_checkpoints.entry_at(state, parents)
    if isinstance(parent, dict) and key not in parent:
        parents, key, value = parents[:-1], parents[-1], {**parent, key: value}
    altered = fuzz_checkpoints.alter_entry(state, (*parents, key), lambda entry: value)
    with pytest.raises(InvalidCheckpointError, match=message) as error:
        resume(tmp_path, checkpoints[EARLY_STOPPING], state=altered)
    assert "Delete it and train from the start, or give another checkpoint_dir" in str(error.value)
    assert Path(error.value.path).parent == tmp_path


@pytest.mark.parametrize("facts", [[], 3, "x", {"data": []}])
def test_altered_facts_raise(checkpoints, facts, tmp_path):
    with pytest.raises(InvalidCheckpointError, match="its facts are not in the form of this versi"):
        resume(tmp_path, checkpoints[EARLY_STOPPING], facts=facts)


def test_storage_of_no_type_raises(checkpoints, tmp_path):
    """torch itself raises an AttributeError."""
    buffer, altered = io.BytesIO(), io.BytesIO()
    torch.save({"x": torch.zeros(3)}, buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(altered, "w") as new:
        for name in old.namelist():
            text = b"X\x01\x00\x00\x00x"  # opcode of a str
            content = old.read(name).replace(b"ctorch\nFloatStorage\n", text)
            new.writestr(name, content)
    name, facts, _ = checkpoints[0]
    (tmp_path / name).write_bytes(fuzz_checkpoints.join_file(facts, altered.getvalue()))
    with pytest.raises(InvalidCheckpointError, match="holds something else than data") as error:
        fuzz_checkpoints.train(tmp_path, fuzz_checkpoints.TRAININGS[0])
    assert "'str' object has no attribute" in str(error.value.__cause__.__cause__)


@pytest.mark.slow
def test_altered_checkpoints_resume_or_raise_a_named_error(checkpoints, tmp_path):
    outcomes = Counter()
    for seed in range(60):
        rng = random.Random(seed)
        kind = rng.randrange(len(checkpoints))
        name, facts, state = checkpoints[kind]
        content = fuzz_checkpoints.alter(facts, state, rng)
        params = fuzz_checkpoints.TRAININGS[kind]
        outcomes[fuzz_checkpoints.execute(tmp_path, name, params, content)] += 1
    assert {"resumed", "InvalidCheckpointError"} <= set(outcomes)


def test_fuzzer_does_not_hide_other_errors(checkpoints, tmp_path, monkeypatch):
    def fail(*args, **params):
        raise KeyError("x")

    monkeypatch.setattr(fuzz_checkpoints, "train", fail)
    with pytest.raises(KeyError):
        fuzz_checkpoints.execute(tmp_path, "checkpoint-0.pt", {}, b"")
    assert list(tmp_path.iterdir()) == []
