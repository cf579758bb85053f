"""write_fasta writes files that read_fasta reads back unchanged, or raises an error."""

import builtins
import gzip
import string
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_protlstm.exceptions import EmptySequenceError, InvalidSequenceError
from sklearn_protlstm.readers import SequenceTable, read_fasta, write_fasta

words = st.text(
    st.characters(codec="utf-8", exclude_characters="\0").filter(
        lambda symbol: not symbol.isspace()
    ),
    min_size=1,
)
descriptions = st.lists(words, max_size=3).map("  ".join)
sequences = st.text(string.ascii_letters + "*-.", min_size=1, max_size=200).filter(
    lambda sequence: sequence != "*"
)
records = st.lists(st.tuples(words, descriptions, sequences), min_size=1, max_size=5)


@settings(deadline=None, max_examples=80)
@given(records, st.integers(1, 100), st.sampled_from(["x.fasta", "x.fasta.gz"]))
def test_table_is_read_back_unchanged(records, width, name):
    ids, headers, residues = map(list, zip(*records))
    table = SequenceTable(ids, residues, metadata={"description": headers})
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*ids occur more than once")
        path = Path(folder, name)
        write_fasta(table, path, width=width)
        back = read_fasta(path)
    assert back.ids == ids
    assert back.sequences == residues
    assert back.metadata == {"description": headers}


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=12))
def test_any_text_is_read_back_or_raises(id_, description, residues):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.fasta")
        table = SequenceTable([id_], [residues], None, {"description": [description]})
        with suppress(InvalidSequenceError):
            write_fasta(table, path)
        if path.exists():
            back = read_fasta(path)
            assert (back.ids, back.sequences) == ([id_], [residues])
            assert back.metadata["description"] == [description.strip()]
        else:
            assert list(path.parent.iterdir()) == []


def test_sequences_are_wrapped_and_ids_numbered(tmp_path):
    path = tmp_path / "x.fasta"
    write_fasta(["MNTQAKG", "MN"], path, width=3)
    assert path.read_bytes() == b">sequence_0\nMNT\nQAK\nG\n>sequence_1\nMN\n"
    write_fasta(iter(["MNTQ"]), str(path), ids=["p1"])
    assert path.read_bytes() == b">p1\nMNTQ\n"
    assert list(tmp_path.iterdir()) == [path]


def test_labels_are_written_to_the_headers(tmp_path):
    labels = np.array(["dog", "guinea pig"])
    table = SequenceTable(["a", "b"], ["MNTQ", "AKGD"], labels, {"description": ["spike", ""]})
    write_fasta(table, tmp_path / "x.fasta", label_key="host")
    assert (tmp_path / "x.fasta").read_text().splitlines()[::2] == [
        ">a spike host=dog",
        ">b host=guinea pig",
    ]
    back = read_fasta(tmp_path / "x.fasta", label=r"host=(.+)$")
    assert back.labels.tolist() == labels.tolist()


def test_gzip_output_is_reproducible(tmp_path):
    write_fasta(["MNTQ"], tmp_path / "x.fasta.gz")
    write_fasta(["MNTQ"], tmp_path / "y.fasta.gz")
    compressed = (tmp_path / "x.fasta.gz").read_bytes()
    assert compressed == (tmp_path / "y.fasta.gz").read_bytes()
    assert compressed[4:8] == bytes(4), "the header contains a time"
    assert gzip.decompress(compressed) == b">sequence_0\nMNTQ\n"


@pytest.mark.parametrize(
    ("sequences", "params", "error", "message"),
    [
        ("MNTQ", {}, TypeError, "got a single str. Put it in a list"),
        ([], {}, ValueError, "There are no sequences to write"),
        (["MNTQ"], {"ids": ["a", "b"]}, ValueError, "1 sequences but 2 ids"),
        (
            ["MNTQ"],
            {"ids": ["a b"]},
            InvalidSequenceError,
            r"Record 0 .* has the id 'a b'\. .*white space.*under",
        ),
        (["MNTQ"], {"ids": [""]}, InvalidSequenceError, "has the id ''"),
        (["MNTQ"], {"label_key": "host"}, ValueError, "label_key='host' asks for labels"),
        (
            ["MNTQ"],
            {"width": 0},
            ValueError,
            "width must be a number of residues of at least 1; got 0",
        ),
        (["MNTQ", ""], {}, EmptySequenceError, r"Record 1 \(counted from 0\) has no residues"),
        (["*"], {}, EmptySequenceError, r"Record 0 \(counted from 0\) has no residues"),
        (["MNTQ", "M>N"], {}, InvalidSequenceError, "Record 1 .* contains '>', which would not"),
        (["MN TQ"], {}, InvalidSequenceError, "contains ' ', which would not be read back"),
        (["MNÄ"], {}, InvalidSequenceError, "contains 'Ä'"),
        ([None], {}, InvalidSequenceError, "must be a str of residues; got None of type NoneType"),
        (SequenceTable(["a"], ["M"]), {"ids": ["b"]}, TypeError, "this table has ids of its own"),
        (
            SequenceTable(["a"], ["M"], None, {"description": ["x\ny"]}),
            {},
            InvalidSequenceError,
            r"has a header with a line break.* 'a x\\ny'",
        ),
        (["MNTQ"], {"ids": ["a\0"]}, InvalidSequenceError, r"line break, a NUL or .*'a\\x00'"),
    ],
)
def test_invalid_input_raises_and_keeps_the_file(sequences, params, error, message, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text("the old file")
    with pytest.raises(error, match=message):
        write_fasta(sequences, path, **params)
    assert path.read_text() == "the old file"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["x.fasta", "x.fasta.gz"])
def test_error_of_opening_the_file_is_raised(name, tmp_path, monkeypatch):
    def open_without_permission(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", open_without_permission)
        with pytest.raises(PermissionError, match="Permission denied"):
            write_fasta(["MNTQ"], tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.fasta", "x.fasta.gz"])
def test_two_writers_of_one_file_do_not_interfere(name, tmp_path):
    path = tmp_path / name

    class WrittenInBetween(str):
        """A sequence during whose writing another writer writes the same file."""

        def __getitem__(self, key):
            write_fasta(["AKGD"], path)
            assert read_fasta(path).sequences == ["AKGD"]
            return super().__getitem__(key)

    write_fasta([WrittenInBetween("MNTQ")], path)
    assert read_fasta(path).sequences == ["MNTQ"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["x.fasta", "x.fasta.gz"])
def test_interrupted_write_keeps_the_old_file(name, tmp_path):
    class Interrupts(str):
        def __getitem__(self, key):
            raise KeyboardInterrupt

    path = tmp_path / name
    write_fasta(["AKGD"], path)
    with pytest.raises(KeyboardInterrupt):
        write_fasta(["MNTQ" * 10_000, Interrupts("MNTQ")], path)
    assert read_fasta(path).sequences == ["AKGD"]
    assert list(tmp_path.iterdir()) == [path]
