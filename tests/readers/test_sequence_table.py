"""SequenceTable and ReadReport show what a reader kept and dropped."""

import builtins
import io

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.model_selection import cross_val_score, train_test_split

from sklearn_protlstm import SequenceEncoder, make_kmer_baseline
from sklearn_protlstm.readers import ReadReport, SequenceTable, read_fasta, read_table

FASTA = ">a host=human\nMNTQ\n>b host=dog\nAKGD\n"
HOST = r"host=(\w+)"


def read(text, **params):
    return read_fasta(io.StringIO(text), **params)


def test_columns_of_different_lengths_raise():
    with pytest.raises(ValueError, match=r"'id': 2, 'sequence': 1"):
        SequenceTable(["a", "b"], ["MNTQ"])
    with pytest.raises(ValueError, match=r"'label': 1"):
        SequenceTable(["a", "b"], ["MNTQ", "AKGD"], np.array(["dog"]))
    with pytest.raises(ValueError, match=r"'strain': 0"):
        SequenceTable(["a"], ["MNTQ"], metadata={"strain": []})


def test_repr_is_short():
    assert repr(read(FASTA)) == "SequenceTable(2 records, length 4 to 4)"
    assert repr(read(FASTA, label=HOST)) == "SequenceTable(2 records, length 4 to 4, 2 classes)"
    assert repr(read(FASTA, min_length=5)) == "SequenceTable(0 records, 2 dropped)"
    assert (
        repr(SequenceTable(["a", "b"], ["M", "MNT"])) == "SequenceTable(2 records, length 1 to 3)"
    )
    assert repr(SequenceTable([], [])) == "SequenceTable(0 records)"


def test_table_is_frozen():
    table = read(FASTA)
    assert len(table) == 2
    with pytest.raises(AttributeError):
        table.ids = []


def test_X_y_returns_sequences_and_labels():
    X, y = read(FASTA, label=HOST).X_y()
    assert X == ["MNTQ", "AKGD"]
    assert y.tolist() == ["human", "dog"]


def test_X_y_without_labels_raises():
    with pytest.raises(ValueError, match=r"has no labels\. Read the file with label="):
        read(FASTA).X_y()


def test_X_y_without_records_raises_with_the_report():
    table = read(">a\nMNTQ\n", label="host=(.)", unlabelled="drop")
    assert repr(table) == "SequenceTable(0 records, 0 classes, 1 dropped)"
    assert table.metadata == {"description": []}
    with pytest.raises(ValueError, match=r"no records to learn from[^|]*no label: 1"):
        table.X_y()


def test_to_frame_has_one_column_for_each_field():
    pytest.importorskip("pandas")
    assert read(FASTA, label=HOST).to_frame().to_dict("list") == {
        "id": ["a", "b"],
        "sequence": ["MNTQ", "AKGD"],
        "label": ["human", "dog"],
        "description": ["host=human", "host=dog"],
    }
    assert list(read(FASTA).to_frame()) == ["id", "sequence", "description"]


def test_to_frame_renames_metadata_with_the_name_of_another_column():
    file = io.StringIO("id,label,seq\nx,y,MNTQ\n")
    pytest.importorskip("pandas")
    frame = read_table(file, sequence="seq", delimiter=",").to_frame()
    assert frame.to_dict("list") == {
        "id": ["0"],
        "sequence": ["MNTQ"],
        "id_": ["x"],
        "label": ["y"],
    }


def test_to_frame_without_pandas_raises(monkeypatch):
    table = read(FASTA)
    original_import = builtins.__import__

    def without_pandas(name, *args, **kwargs):
        if name.partition(".")[0] == "pandas":
            raise ImportError("No module named 'pandas'")
        return original_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ImportError, match=r'pip install "sklearn-protlstm\[plot\]"'):
        table.to_frame()


def test_duplicates_have_the_same_residues_and_label():
    file = ">a host=dog\nMNTQ\n>b host=dog\nmntq*\n>c host=pig\nMNTQ\n>d host=dog\nMNTQ\n"
    table = read(file, label=HOST, duplicates="drop")
    assert table.ids == ["a", "c"]
    assert table.report.first_ids == {"duplicate": ("b", "d")}
    assert read(file, duplicates="drop").ids == ["a"]
    assert len(read(file)) == 4


def test_report_lists_counts_and_first_ids():
    file = "".join(f">r{number}\nMNT\n" for number in range(7)) + ">x\nMNTQ\n>y\nMNTX\n"
    report = read(file, min_length=4, ambiguous="drop").report
    assert str(report) == (
        "the open file: 1 of 9 records kept, 8 dropped\n"
        "  too short: 7 (r0, r1, r2, r3, r4, ...)\n"
        "  ambiguous residues: 1 (y)"
    )
    assert (report.n_kept, report.n_dropped) == (1, 8)
    assert str(ReadReport("a.fasta", 3)) == "a.fasta: all 3 records kept"
    pytest.importorskip("pandas")
    assert report.frame().to_dict("list") == {
        "reason": ["too short", "ambiguous residues"],
        "n_dropped": [7, 1],
        "first_ids": ["r0, r1, r2, r3, r4", "y"],
    }


def labelled_table():
    return SequenceTable(
        list("abcdef"),
        ["MNTQ", "AKGD", "MNTQA", "AKGDM", "MNT", "AKG"],
        np.array(["human", "dog"] * 3),
        {"year": [1, 2, 3, 4, 5, 6]},
    )


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        (slice(2, 4), "cd"),
        (slice(None, None, -2), "fdb"),
        ([3, 0, 3], "dad"),
        (np.array([-1, 1]), "fb"),
        (np.array([True, False, False, True, False, False]), "ad"),
        ([False, True, False, False, False, False], "b"),
        (pd.Series([True, False, False, False, False, True]), "af"),
        (pl.Series([True, False, False, False, False, True]), "af"),
        ([], ""),
    ],
)
def test_slice_mask_or_array_selects_a_table(key, ids):
    table = labelled_table()
    part = table[key]
    places = ["abcdef".index(id_) for id_ in ids]
    assert part.ids == list(ids)
    assert part.sequences == [table.sequences[place] for place in places]
    assert part.labels.tolist() == table.labels[places].tolist()
    assert part.metadata == {"year": [place + 1 for place in places]}
    assert len(part) == len(ids)


def test_number_selects_a_record():
    table = labelled_table()
    assert table[1] == table[-5] == ("b", "AKGD", "dog", {"year": 2})
    assert table[np.int64(1)].sequence == "AKGD"
    assert type(table[1].label) is str
    assert SequenceTable(["a"], ["M"])[0] == ("a", "M", None, {})


def test_loop_gives_the_records():
    records = list(labelled_table())
    assert [record.id for record in records] == list("abcdef")
    assert [label for _, _, label, _ in records] == ["human", "dog"] * 3
    assert list(SequenceTable([], [])) == []


def test_part_of_a_table_has_no_report_and_maybe_no_labels():
    table = read(FASTA)
    assert table.report is not None
    assert table[:1].report is None
    assert table[:1].labels is None


@pytest.mark.parametrize("key", ["id", "a", None, np.zeros((2, 2), dtype=int)])
def test_other_keys_raise(key):
    message = (
        r"Cannot select .* from a SequenceTable: expected a number, a slice, a mask or a list of "
        r"numbers\. For columns, use \.ids, \.sequences, \.labels and \.metadata, or make a "
        r"DataFrame with \.to_frame\(\)\."
    )
    with pytest.raises(TypeError, match=message.replace(".*", "[^|]*")):
        labelled_table()[key]


@pytest.mark.parametrize("key", [6, [0, -7], [True, False]])
def test_key_out_of_range_raises(key):
    with pytest.raises(IndexError, match="6"):
        labelled_table()[key]


def test_train_test_split_gives_tables():
    table = labelled_table()
    train, test, y_train, y_test = train_test_split(
        table, table.labels, stratify=table.labels, test_size=2, random_state=0
    )
    assert isinstance(train, SequenceTable)
    assert sorted(train.ids + test.ids) == table.ids
    assert y_train.tolist() == train.labels.tolist()
    assert y_test.tolist() == test.labels.tolist()


def test_estimators_take_a_table_or_its_records():
    table = labelled_table()
    X, y = table.X_y()
    expected = SequenceEncoder().fit_transform(X)
    for given in (table, list(table), table[:]):
        np.testing.assert_array_equal(SequenceEncoder().fit_transform(given), expected)
    model = make_kmer_baseline().fit(table, y)
    assert model.predict(table).tolist() == model.predict(X).tolist()
    scores = cross_val_score(model, table, y, cv=3, error_score="raise")
    assert scores.tolist() == cross_val_score(model, X, y, cv=3).tolist()
