"""The bundled places in the cell are the set that the docstring describes."""

import builtins
import csv
import gzip
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sklearn_protlstm.datasets import _bundled, load_localization

COUNTS = {
    "Cell membrane": 434,
    "Cytoplasm": 781,
    "Endoplasmic reticulum": 268,
    "Extracellular": 636,
    "Golgi apparatus": 118,
    "Lysosome/Vacuole": 106,
    "Mitochondrion": 502,
    "Nucleus": 1282,
    "Peroxisome": 53,
    "Plastid": 243,
}


@pytest.fixture(scope="module")
def cell():
    return load_localization()


@pytest.fixture(scope="module")
def stored_rows(cell):
    """The rows of the file, with the proteins of two places."""
    with gzip.open(cell.filename, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def test_set_has_the_documented_counts(cell):
    assert Counter(cell.target.tolist()) == COUNTS
    assert cell.target_names == list(COUNTS)
    assert Counter(cell.part.tolist()) == {"train": 2768, "validation": 1655}
    assert Counter(cell.membrane.tolist()) == {"membrane": 1169, "soluble": 1598, "unknown": 1656}
    assert cell.frame is None
    lengths = np.array([len(sequence) for sequence in cell.data])
    assert (lengths.min(), np.median(lengths), lengths.max()) == (40, 425, 13_100)
    letters = Counter("".join(cell.data))
    assert set(letters) == set("ACDEFGHIKLMNPQRSTVWYXBUZ")
    assert (letters["X"], letters["B"] + letters["U"] + letters["Z"]) == (37, 7)
    assert len(set(cell.data)) == 4423
    assert cell.accession.tolist() == sorted(set(cell.accession))


def test_attributes_have_the_documented_types(cell):
    for name in ("data", "target", "groups", "part", "membrane", "accession"):
        assert isinstance(cell[name], np.ndarray)
        assert cell[name].shape == (4423,)
    for name in ("data", "accession"):
        assert cell[name].dtype == object
        assert all(type(text) is str for text in cell[name])
    for name in ("target", "part", "membrane"):
        assert cell[name].dtype.kind == "U"
    assert cell.groups.dtype == np.int64


def test_proteins_of_two_places_are_left_out(cell, stored_rows):
    two_places = {row["accession"] for row in stored_rows if row["location"] not in COUNTS}
    assert len(two_places) == 23
    assert not two_places & set(cell.accession)
    assert len(stored_rows) == 4423 + 23


def test_several_places_are_labels_of_their_own(cell, stored_rows):
    several = load_localization(several=True)
    assert (several.target.shape, several.target.dtype) == ((4446, 10), np.int64)
    assert several.target_names == cell.target_names
    assert [type(name) for name in several.target_names] == [str] * 10
    more = {"Cytoplasm": 23, "Nucleus": 23}
    counts = {name: count + more.get(name, 0) for name, count in COUNTS.items()}
    assert dict(zip(several.target_names, several.target.sum(axis=0).tolist())) == counts
    in_two = several.target.sum(axis=1) == 2
    two_places = [row["accession"] for row in stored_rows if row["location"] not in COUNTS]
    assert several.accession[in_two].tolist() == two_places
    assert set(several.part[in_two]) == {"validation"}
    for name in ("Cytoplasm", "Nucleus"):
        assert several.target[in_two, several.target_names.index(name)].tolist() == [1] * 23


def test_proteins_of_one_place_are_the_same_with_several(cell):
    several = load_localization(several=True)
    in_one = several.target.sum(axis=1) == 1
    places = np.array(several.target_names)[several.target[in_one].argmax(axis=1)]
    np.testing.assert_array_equal(places, cell.target)
    for name in ("data", "accession", "part", "membrane"):
        np.testing.assert_array_equal(several[name][in_one], cell[name])
    assert np.array_equal(np.unique(several.groups), np.arange(3730))
    assert len(set(zip(several.groups[in_one].tolist(), cell.groups.tolist()))) == 3710


def test_frame_has_a_column_for_each_of_several_places(cell):
    pd = pytest.importorskip("pandas")
    several = load_localization(several=True)
    in_frame = load_localization(several=True, as_frame=True)
    names = ["accession", "membrane", "part", "cluster", "sequence", *COUNTS]
    assert list(in_frame.frame) == names
    assert isinstance(in_frame.target, pd.DataFrame)
    assert list(in_frame.target) == list(COUNTS)
    np.testing.assert_array_equal(in_frame.target, several.target)
    pd.testing.assert_frame_equal(in_frame.frame[list(COUNTS)], in_frame.target)
    X, y = load_localization(several=True, return_X_y=True, as_frame=True)
    pd.testing.assert_series_equal(X, in_frame.data)
    pd.testing.assert_frame_equal(y, in_frame.target)
    X, y = load_localization(several=True, return_X_y=True)
    np.testing.assert_array_equal(X, several.data)
    np.testing.assert_array_equal(y, several.target)


def test_groups_are_the_clusters_of_the_proteins_that_are_left(cell, stored_rows):
    clusters = [row["cluster"] for row in stored_rows if row["location"] in COUNTS]
    assert np.array_equal(np.unique(cell.groups), np.arange(3710))
    # Clusters and groups correspond one to one.
    assert len(set(zip(clusters, cell.groups.tolist()))) == 3710 == len(set(clusters))


def test_few_groups_have_proteins_in_both_parts(cell):
    is_training = cell.part == "train"
    shared = set(cell.groups[is_training]) & set(cell.groups[~is_training])
    assert len(shared) == 12


def test_X_y_are_data_and_target(cell):
    X, y = load_localization(return_X_y=True)
    np.testing.assert_array_equal(X, cell.data)
    np.testing.assert_array_equal(y, cell.target)


def test_frame_holds_the_same_data(cell):
    pd = pytest.importorskip("pandas")
    in_frame = load_localization(as_frame=True)
    names = ["accession", "location", "membrane", "part", "cluster", "sequence"]
    assert list(in_frame.frame) == names
    assert in_frame.frame.shape == (4423, 6)
    columns = {"data": "sequence", "target": "location", "groups": "cluster"}
    columns |= {name: name for name in ("part", "membrane", "accession")}
    for name, column in columns.items():
        assert isinstance(in_frame[name], pd.Series)
        assert in_frame[name].tolist() == cell[name].tolist() == in_frame.frame[column].tolist()
    X, y = load_localization(return_X_y=True, as_frame=True)
    pd.testing.assert_series_equal(X, in_frame.data)
    pd.testing.assert_series_equal(y, in_frame.target)


def test_only_the_frame_needs_pandas(monkeypatch):
    real_import = builtins.__import__

    def import_without_pandas(name, *args, **kwargs):
        if name.partition(".")[0] == "pandas":
            raise ImportError("No module named 'pandas'")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", import_without_pandas)
    assert len(load_localization().data) == 4423
    with pytest.raises(ImportError, match=r"load_localization\(as_frame=True\)"):
        load_localization(as_frame=True)


def test_description_states_provenance_and_counts(cell):
    packed = Path(cell.filename).read_bytes()
    for content in (packed, gzip.decompress(packed)):
        assert hashlib.sha256(content).hexdigest() in cell.DESCR
    for fact in (
        "CC BY 4.0",
        "UniProt Consortium",
        "btx431",
        "Changes made",
        'cluster_sequences(sequences, identity=0.5, coverage=0.8, method="kmer")',
        "Known limits",
    ):
        assert fact in cell.DESCR
    for name in [*cell.target_names, "all"]:
        rows = (cell.target == name) | (name == "all")
        parts = Counter(cell.part[rows].tolist())
        n_clusters = np.unique(cell.groups[rows]).size
        counts = rows.sum(), parts["train"], parts["validation"], n_clusters
        cells = " | ".join(f"{count:,}" for count in counts)
        assert f"| {name} | {cells} | {(cell.membrane[rows] == 'membrane').sum():,} |" in cell.DESCR


def test_file_is_small_and_compressed_without_name_and_time(cell):
    packed = Path(cell.filename).read_bytes()
    assert len(packed) < 1_500_000
    assert packed[3:8] == bytes(5)  # RFC 1952: no optional fields and no time


def test_altered_file_is_refused(cell, tmp_path, monkeypatch):
    original = Path(cell.filename).read_bytes()
    altered = gzip.compress(gzip.decompress(original).replace(b"Nucleus", b"nucleus", 1), mtime=0)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "localization.tsv.gz").write_bytes(altered)
    monkeypatch.setattr(_bundled.resources, "files", lambda package: tmp_path)
    with pytest.raises(OSError, match=r"localization\.tsv\.gz has changed .* Reinstall"):
        load_localization()


def test_a_sample_of_the_groups_is_what_cluster_sequences_makes(cell):
    from sklearn_protlstm.homology import cluster_sequences

    # All proteins of eight groups with several proteins, and as many groups of one protein.
    sizes = np.bincount(cell.groups)
    short = np.array([len(sequence) for sequence in cell.data]) < 400
    several = [group for group in np.flatnonzero(sizes == 3) if short[cell.groups == group].all()]
    single = [group for group in np.flatnonzero(sizes == 1) if short[cell.groups == group].all()]
    rows = np.flatnonzero(np.isin(cell.groups, several[:8] + single[:8]))
    groups = cluster_sequences(cell.data[rows], method="kmer")
    pairs = set(zip(groups.tolist(), cell.groups[rows].tolist()))
    assert len(pairs) == len(set(groups.tolist())) == 16
