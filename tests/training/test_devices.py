"""Devices are found or refused, and random numbers are drawn without a trace."""

import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from tiny_models import labelled_rows, tiny_classifier

from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training.devices import available_devices, resolve_device, seeded_torch
from sklearn_protlstm._training.net import SequenceNet
from sklearn_protlstm.exceptions import DeviceUnavailableError

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
CPU = torch.device("cpu")


def test_devices_that_are_there():
    names = available_devices()
    assert names[-1] == "cpu"
    assert len(names) >= 1 + torch.cuda.device_count()
    for name in names:
        assert str(resolve_device(name)) == name
    assert str(resolve_device("auto")) == names[0]
    assert resolve_device(CPU) == CPU


@pytest.mark.parametrize("device", ["cuda:99", "gpu", "", "meta", torch.device("meta")])
def test_devices_that_are_not(device):
    listed = ", ".join(available_devices())
    with pytest.raises(DeviceUnavailableError, match=f"there is {listed}") as caught:
        resolve_device(device)
    assert caught.value.device == str(device)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.device) == (str(caught.value), str(device))


def test_bare_cuda_is_the_first(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert available_devices()[:2] == ["cuda:0", "cuda:1"]
    assert resolve_device("cuda") == torch.device("cuda", 0)
    assert resolve_device("cuda:1") == torch.device("cuda", 1)
    assert resolve_device("auto") == torch.device("cuda", 0)
    with pytest.raises(DeviceUnavailableError, match=r"there is cuda:0, cuda:1,.* cpu"):
        resolve_device("cuda:2")


def test_seed_decides_inside_and_nothing_changes_outside():
    before = torch.get_rng_state()
    with seeded_torch(3, CPU):
        first = torch.rand(5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(1)
    with seeded_torch(3, CPU):
        assert torch.equal(torch.rand(5), first)
    with seeded_torch(4, CPU):
        assert not torch.equal(torch.rand(5), first)


def test_generators_are_restored_after_an_exception():
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()

    def draw_and_fail():
        with seeded_torch(3, CPU):
            torch.rand(5)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        draw_and_fail()
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)


@pytest.mark.parametrize("n_torch_threads", [1, 2])
def test_threads_that_share_a_model(n_torch_threads, set_threads):
    X, y = labelled_rows(300)
    classifier = tiny_classifier(pooling=("last", "max", "mean", "attention")).fit(X[:60], y[:60])
    parts = [X[start::8] for start in range(8)]
    wanted = [classifier.predict_proba(part) for part in parts]
    ready = threading.Barrier(8)

    def predict(part):
        ready.wait()
        return [classifier.predict_proba(part) for _ in range(5)]

    set_threads(n_torch_threads)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(predict, parts))
    assert torch.get_num_threads() == n_torch_threads
    for answer, right in zip(answers, wanted):
        for one in answer:
            np.testing.assert_array_equal(one, right)


# Only where there is a GPU.


def device_of(classifier):
    [device] = {parameter.device for parameter in classifier.net_.module_.parameters()}
    return device


@pytest.fixture
def full_precision(monkeypatch):
    """Turn off the 10-bit mantissas that cuDNN may use for speed."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", False)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_network_reads_batches_from_its_device(bidirectional, monkeypatch):
    moved, read = [], []

    def move(net, data):
        if isinstance(data, dict):
            data = {name: values.clone() for name, values in data.items()}
            moved.append(data["tokens"])
        return data

    def note(compute):
        def compute_and_note(module, tokens, *args):
            read.append(tokens)
            return compute(module, tokens, *args)

        return compute_and_note

    monkeypatch.setattr(SequenceNet, "_on_device", move)
    for method in ("forward", "learn_two_ways"):
        monkeypatch.setattr(SequenceLSTM, method, note(getattr(SequenceLSTM, method)))
    tiny_classifier(bidirectional=bidirectional).fit(*labelled_rows())
    assert read
    assert all(any(tokens is copy for copy in moved) for tokens in read)


@needs_cuda
def test_auto_is_cuda():
    X, y = labelled_rows()
    assert resolve_device("auto") == torch.device("cuda", 0)
    classifier = tiny_classifier(device="auto", max_epochs=15, lr=0.1).fit(X, y)
    assert device_of(classifier) == torch.device("cuda", 0)
    assert classifier.score(X, y) > 0.9


@needs_cuda
@pytest.mark.usefixtures("full_precision")
@pytest.mark.parametrize("trained_on", ["cpu", "cuda"])
def test_model_moves_between_devices(trained_on):
    X, y = labelled_rows()
    classifier = tiny_classifier(
        device=trained_on, num_layers=2, pooling=("last", "max", "mean", "attention")
    ).fit(X, y)
    answers = {}
    for device in ("cuda", "cpu", "cuda"):
        answers[device] = classifier.set_params(device=device).predict_proba(X)
        assert device_of(classifier).type == device
    np.testing.assert_allclose(answers["cuda"], answers["cpu"], rtol=0, atol=1e-4)
    # The running means of the optimizer move along, or the step would fail.
    for device in ("cpu", "cuda"):
        classifier.set_params(device=device).partial_fit(X, y)
        assert device_of(classifier).type == device
    assert classifier.n_iter_ == 5


@needs_cuda
@pytest.mark.usefixtures("full_precision")
def test_training_on_both_devices_is_alike():
    # Without dropout, whose masks a GPU draws in its own way, only rounding differs.
    X, y = labelled_rows()
    params = {"dropout": 0, "token_dropout": 0, "max_epochs": 1}
    on_cpu = tiny_classifier(device="cpu", **params).fit(X, y)
    on_gpu = tiny_classifier(device="cuda", **params).fit(X, y)
    np.testing.assert_allclose(on_gpu.predict_proba(X), on_cpu.predict_proba(X), atol=1e-3)


@needs_cuda
def test_generators_of_the_gpu_stay_as_they_were():
    X, y = labelled_rows()
    before, cpu_before = torch.cuda.get_rng_state(), torch.get_rng_state()
    tiny_classifier(device="cuda", early_stopping=True).fit(X, y).predict(X)
    assert torch.equal(torch.cuda.get_rng_state(), before)
    assert torch.equal(torch.get_rng_state(), cpu_before)


@needs_cuda
def test_error_names_the_gpu():
    X, y = labelled_rows()
    with pytest.raises(DeviceUnavailableError, match="there is cuda:0"):
        tiny_classifier(device="cuda:99").fit(X, y)


LOAD_AND_PREDICT = """
import pickle, sys
import numpy as np, torch
assert not torch.cuda.is_available()
with open(sys.argv[1], "rb") as file:
    classifier, X = pickle.load(file)
np.save(sys.argv[2], classifier.predict_proba(X))
classifier.partial_fit(X, classifier.predict(X))
"""


@needs_cuda
@pytest.mark.usefixtures("full_precision")
def test_pickle_from_a_gpu_loads_without_one(tmp_path):
    X, y = labelled_rows()
    classifier = tiny_classifier(device="auto", early_stopping=True).fit(X, y)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps((classifier, X)))
    subprocess.run(
        [
            sys.executable,
            "-c",
            LOAD_AND_PREDICT,
            str(tmp_path / "model.pkl"),
            str(tmp_path / "answer.npy"),
        ],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        check=True,
    )
    np.testing.assert_allclose(
        np.load(tmp_path / "answer.npy"), classifier.predict_proba(X), rtol=0, atol=1e-4
    )
