"""Worker threads flush subnormal numbers to zero; the thread of the caller never does."""

import threading

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback
from tiny_models import StopAt, labelled_rows, tiny_classifier

from sklearn_protlstm._training.threads import worker_threads
from sklearn_protlstm.inspection import residue_attribution

CPU = torch.device("cpu")
X, Y = labelled_rows()


def tiny_product():
    """1e-40, which single precision holds as a subnormal number only."""
    return float(torch.tensor(1e-20) * torch.tensor(1e-20))


def can_flush():
    """Ask a thread of its own, whose mode is nobody else's."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(torch.set_flush_denormal(True)))
    thread.start()
    thread.join()
    return answers[0]


needs_flush = pytest.mark.skipif(not can_flush(), reason="the processor cannot flush to zero")


@pytest.fixture(params=[1, 2, 4])
def n_threads(request, set_threads):
    set_threads(request.param)
    return request.param


@pytest.fixture
def _caller_is_unchanged():
    """Check that the test leaves the mode and the number of threads of its own thread alone."""
    assert tiny_product() != 0
    before = torch.get_num_threads()
    yield
    assert tiny_product() != 0
    assert torch.get_num_threads() == before


class Probe(Callback):
    """Collect tiny products: in the criterion, on the way back, and in a callback."""

    inside, backward, outside = [], [], []

    def on_batch_end(self, net, **kwargs):
        self.outside.append(tiny_product())


class ProbedLoss(torch.nn.CrossEntropyLoss):
    def forward(self, logits, labels):
        Probe.inside.append(tiny_product())
        if logits.requires_grad:
            logits.register_hook(lambda gradient: Probe.backward.append(tiny_product()))
        return super().forward(logits, labels)


@pytest.fixture
def probed():
    for products in (Probe.inside, Probe.backward, Probe.outside):
        products.clear()
    return {
        "callbacks": [("probe", Probe())],
        "net_params": {"criterion": ProbedLoss, "callbacks__probe": Probe()},
    }


# The workers themselves.


@needs_flush
@pytest.mark.usefixtures("_caller_is_unchanged")
def test_workers_flush_and_the_caller_does_not(n_threads):
    with worker_threads(CPU) as workers:
        products = list(workers.map(lambda _: tiny_product(), range(20)))
        assert tiny_product() != 0
    assert products == [0] * 20


@pytest.mark.usefixtures("_caller_is_unchanged")
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), MemoryError()])
def test_errors_in_a_worker_reach_the_caller(n_threads, error):
    def fail(_):
        raise error

    with pytest.raises(type(error)), worker_threads(CPU) as workers:
        list(workers.map(fail, range(3)))


@pytest.mark.usefixtures("_caller_is_unchanged")
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_errors_in_the_caller(n_threads, error):
    def fail():
        with worker_threads(CPU):
            raise error

    with pytest.raises(type(error)):
        fail()


def test_results_come_in_order(n_threads):
    with worker_threads(CPU) as workers:
        assert list(workers.map(pow, range(50), [2] * 50)) == [i**2 for i in range(50)]


def test_other_devices_have_one_worker_the_caller():
    with worker_threads(torch.device("meta")) as workers:
        assert list(workers.map(lambda _: threading.current_thread(), [0])) == [
            threading.current_thread()
        ]
        assert workers.both(lambda: 1, lambda: 2) == (1, 2)


# Two functions at once.


def test_both_results_in_order(n_threads):
    with worker_threads(CPU) as workers:
        assert list(workers.map(lambda i: workers.both(lambda: i, lambda: -i), range(30))) == [
            (i, -i) for i in range(30)
        ]


def test_both_run_at_once(set_threads):
    set_threads(2)
    meet = threading.Barrier(2, timeout=30)
    with worker_threads(CPU) as workers:
        first, second = workers.map(workers.both, [meet.wait], [meet.wait]).__next__()
    assert {first, second} == {0, 1}


@pytest.mark.parametrize("failing", [0, 1])
def test_errors_of_both(n_threads, failing):
    def fail():
        raise OSError("disk full")

    functions = [lambda: 1, lambda: 2]
    functions[failing] = fail
    with pytest.raises(OSError, match="disk full"), worker_threads(CPU) as workers:
        list(workers.map(workers.both, *([function] for function in functions)))


# Training, prediction, inspection.


@needs_flush
@pytest.mark.usefixtures("_caller_is_unchanged")
@pytest.mark.parametrize("params", [{}, {"num_layers": 2}, {"early_stopping": True}])
def test_training_flushes_forward_and_back(n_threads, probed, params):
    tiny_classifier(validation_fraction=0.2, **params, **probed).fit(X, Y)
    assert len(Probe.inside) >= 12
    assert set(Probe.backward) == {0}
    if "early_stopping" not in params:  # the loss of validation is computed by the caller
        assert set(Probe.inside) == {0}
    assert 0 not in Probe.outside
    assert len(Probe.outside) >= 12


@needs_flush
@pytest.mark.usefixtures("_caller_is_unchanged")
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_caller_is_unchanged_after_a_training_that_fails(n_threads, probed, error):
    probed["callbacks"].append(("stop", StopAt(error)))
    with pytest.raises(type(error)):
        tiny_classifier(**probed).fit(X, Y)
    assert set(Probe.inside) == {0}


@needs_flush
@pytest.mark.usefixtures("_caller_is_unchanged")
def test_prediction_flushes(n_threads):
    classifier = tiny_classifier().fit(X, Y)
    products = []
    hook = classifier.net_.module_.head.register_forward_hook(
        lambda *_: products.append(tiny_product())
    )
    classifier.predict(X)
    hook.remove()
    assert set(products) == {0}


@needs_flush
@pytest.mark.usefixtures("_caller_is_unchanged")
def test_attribution_flushes_on_the_way_back(n_threads):
    classifier = tiny_classifier().fit(X, Y)
    products = []
    hook = classifier.net_.module_.head.register_full_backward_hook(
        lambda *_: products.append(tiny_product())
    )
    residue_attribution(classifier, X[:3])
    hook.remove()
    assert set(products) == {0}


@needs_flush
def test_gradients_that_fade_become_zero(set_threads):
    # Gates that hardly let anything through: the slope falls below 1e-38 within a few residues.
    set_threads(1)
    lstm = torch.nn.LSTM(2, 3, batch_first=True)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.fill_(0.01)
        lstm.bias_hh_l0[3:6] = -6.0
    vectors = torch.ones(1, 60, 2, requires_grad=True)

    def slope():
        return torch.autograd.grad(lstm(vectors)[0][0, -1].sum(), vectors)[0].abs().numpy()

    smallest = np.finfo(np.float32).smallest_normal
    plain = slope()
    assert ((plain > 0) & (plain < smallest)).any()
    with worker_threads(CPU) as workers:
        [flushed] = workers.map(lambda _: slope(), [0])
    assert not ((flushed > 0) & (flushed < smallest)).any()
    large = plain > 1e-30
    np.testing.assert_allclose(flushed[large], plain[large], rtol=1e-5)
