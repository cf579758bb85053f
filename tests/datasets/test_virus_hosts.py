"""The bundled virus hosts are the set that the docstring describes."""

import builtins
import csv
import gzip
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from sklearn_protlstm.datasets import _bundled, load_virus_hosts


def test_set_has_the_documented_counts():
    hosts = load_virus_hosts()
    assert Counter(hosts.target.tolist()) == {
        "human": 374,
        "mammal": 230,
        "bacteria": 209,
        "plant": 167,
        "pig": 119,
        "bird": 80,
    }
    assert hosts.target_names == ["bacteria", "bird", "human", "mammal", "pig", "plant"]
    assert hosts.frame is None
    lengths = np.array([len(sequence) for sequence in hosts.data])
    assert (lengths.min(), np.median(lengths), lengths.max()) == (32, 259, 6705)
    assert set("".join(hosts.data)) == set("ACDEFGHIKLMNPQRSTVWYXB")
    assert len(set(hosts.accession)) == 1179
    assert len(set(hosts.organism)) == 511


def test_attributes_have_the_documented_types():
    hosts = load_virus_hosts()
    for name in ("data", "target", "groups", "accession", "organism"):
        assert isinstance(hosts[name], np.ndarray)
        assert hosts[name].shape == (1179,)
    assert hosts.data.dtype == object
    assert all(type(sequence) is str for sequence in hosts.data)
    assert hosts.target.dtype.kind == "U"
    assert Path(hosts.filename).is_file()


def test_groups_are_the_clusters_and_stay_together():
    hosts = load_virus_hosts()
    with gzip.open(hosts.filename, "rt", encoding="utf-8", newline="") as lines:
        clusters = [row["cluster"] for row in csv.DictReader(lines, delimiter="\t")]
    assert hosts.groups.dtype.kind == "i"
    assert np.array_equal(np.unique(hosts.groups), np.arange(551))
    # Clusters and groups correspond one to one.
    assert len(set(zip(clusters, hosts.groups.tolist()))) == 551 == len(set(clusters))

    splitter = StratifiedGroupKFold(n_splits=3)
    for train, test in splitter.split(hosts.data, hosts.target, hosts.groups):
        assert not set(hosts.groups[train]) & set(hosts.groups[test])


def test_X_y_are_data_and_target():
    hosts = load_virus_hosts()
    X, y = load_virus_hosts(return_X_y=True)
    np.testing.assert_array_equal(X, hosts.data)
    np.testing.assert_array_equal(y, hosts.target)


def test_frame_holds_the_same_data():
    pd = pytest.importorskip("pandas")
    arrays = load_virus_hosts()
    hosts = load_virus_hosts(as_frame=True)
    assert list(hosts.frame) == ["accession", "organism", "host", "cluster", "sequence"]
    columns = {"data": "sequence", "target": "host", "groups": "cluster"}
    for name, column in columns.items() | {("accession", "accession"), ("organism", "organism")}:
        assert isinstance(hosts[name], pd.Series)
        assert hosts[name].tolist() == arrays[name].tolist() == hosts.frame[column].tolist()
    X, y = load_virus_hosts(return_X_y=True, as_frame=True)
    pd.testing.assert_series_equal(X, hosts.data)
    pd.testing.assert_series_equal(y, hosts.target)


def test_only_the_frame_needs_pandas(monkeypatch):
    real_import = builtins.__import__

    def import_without_pandas(name, *args, **kwargs):
        if name.partition(".")[0] == "pandas":
            raise ImportError("No module named 'pandas'")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", import_without_pandas)
    assert len(load_virus_hosts().data) == 1179
    with pytest.raises(ImportError, match=r'pip install "sklearn-protlstm\[plot\]"'):
        load_virus_hosts(as_frame=True)


def test_description_states_provenance_and_counts():
    hosts = load_virus_hosts()
    packed = Path(hosts.filename).read_bytes()
    for content in (packed, gzip.decompress(packed)):
        assert hashlib.sha256(content).hexdigest() in hosts.DESCR
    for fact in ("CC BY 4.0", "UniProt Consortium", "Changes made", "1,179", "551", "Known limits"):
        assert fact in hosts.DESCR
    for name in hosts.target_names:
        rows = hosts.target == name
        n_clusters = np.unique(hosts.groups[rows]).size
        n_organisms = len(set(hosts.organism[rows]))
        assert f"| {name} | {rows.sum()} | {n_clusters} | {n_organisms} |" in hosts.DESCR


def test_file_is_compressed_without_name_and_time():
    packed = Path(load_virus_hosts().filename).read_bytes()
    assert packed[3:8] == bytes(5)  # RFC 1952: no optional fields and no time


def test_altered_file_is_refused(tmp_path, monkeypatch):
    original = Path(load_virus_hosts().filename).read_bytes()
    altered = gzip.compress(gzip.decompress(original).replace(b"human", b"horse", 1), mtime=0)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "virus_hosts.tsv.gz").write_bytes(altered)
    monkeypatch.setattr(_bundled.resources, "files", lambda package: tmp_path)
    with pytest.raises(OSError, match=r"virus_hosts\.tsv\.gz has changed .* Reinstall"):
        load_virus_hosts()
