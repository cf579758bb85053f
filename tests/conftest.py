"""What every test relies on: one thread, examples that never change, a handful of real proteins.

``make test-processors`` runs the tests with other numbers of threads, by PROTLSTM_TEST_THREADS, and
without oneDNN, by PROTLSTM_TEST_ONEDNN=off.
"""

import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import settings

from sklearn_protlstm.datasets import load_virus_hosts

pytest.register_assert_rewrite("string_checks")

torch.set_num_threads(int(os.environ.get("PROTLSTM_TEST_THREADS", "1")))
if os.environ.get("PROTLSTM_TEST_ONEDNN") == "off":
    torch.backends.mkldnn.set_flags(False)

settings.register_profile("reproducible", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("reproducible")


def pytest_collection_modifyitems(items):
    """Refuse names of tests that hold a memory address: no two workers would agree on them."""
    unstable = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if unstable:
        raise pytest.UsageError(f"tests need ids that are the same in every run: {unstable}")


@pytest.fixture
def set_threads():
    """Set the number of torch's threads until the end of the test."""
    n_threads = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(n_threads)


@pytest.fixture(scope="session")
def proteins():
    """120 viral proteins cut to 60 residues: sequences, labels (six hosts), groups (families)."""
    hosts = load_virus_hosts()
    rows = np.random.RandomState(0).permutation(len(hosts.data))[:120]
    return SimpleNamespace(
        sequences=[sequence[:60] for sequence in hosts.data[rows]],
        labels=hosts.target[rows],
        groups=hosts.groups[rows],
    )
