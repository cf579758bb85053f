"""Fixtures that fetch from a local UniProt server."""

import threading
from functools import partial
from pathlib import Path

import pytest
from uniprot_server import QUERY, UniProtServer

from sklearn_protlstm.datasets import _uniprot, fetch_uniprot_hosts
from sklearn_protlstm.datasets._download import DownloadLimits


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = UniProtServer()
    monkeypatch.setattr(_uniprot, "_STREAM_URL", server.stream_url)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def fetch(server, tmp_path):
    return partial(fetch_uniprot_hosts, QUERY, data_home=tmp_path, delay=0)


@pytest.fixture
def fetch_with_limits(fetch, monkeypatch):
    """Fetch with the given limits. Return the delays before the retries without waiting."""

    def run(**limits):
        delays = []
        limits = DownloadLimits(**{"sleep": delays.append} | limits)
        monkeypatch.setattr(_uniprot, "DownloadLimits", lambda **_: limits)
        fetch()
        return delays

    return run


@pytest.fixture
def stored_files(tmp_path):
    """Return a function that lists the names of the downloaded files."""
    return lambda: sorted(path.name for path in Path(tmp_path).rglob("*") if path.is_file())
