"""read_table reads sequences, labels and ids from the columns that the user names."""

import gzip
import io

import pytest
from reader_cases import CSV, TSV

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers import read_table


def test_columns_become_ids_labels_sequences_and_metadata():
    table = read_table(CSV, sequence="Sequence", label="Host", id="Accession")
    assert table.ids == ["MDC1", "MDC2", "MDC4", "MDC6"]
    assert table.labels.tolist() == ["Homo sapiens", "Sus scrofa", "Sus scrofa", "bat"]
    assert table.metadata["Species"][0] == "Made-up virus, type 1"
    assert table.metadata["Species"][3] == 'Made-up "odd" virus'
    assert table.metadata["Collection_Date"] == ["2020-01", "", "2021", "2021"]
    assert table.sequences[2] == table.sequences[1].lower() + "*"
    assert table.report.first_ids == {"no label": ("MDC3",), "no sequence": ("MDC5",)}


def test_ids_are_row_numbers_by_default():
    assert read_table(CSV, sequence="Sequence").ids == ["0", "1", "2", "3", "5"]


def test_delimiter_follows_from_the_file_name(tmp_path):
    expected = read_table(CSV, sequence="Sequence").sequences[:3]
    assert read_table(TSV, sequence="Sequence").sequences[:3] == expected
    compressed = tmp_path / "proteins.TSV.gz"
    compressed.write_bytes(gzip.compress(TSV.read_bytes()))
    assert read_table(compressed, sequence="Sequence").sequences[:3] == expected
    with open(TSV) as file:
        assert read_table(file, sequence="Sequence").sequences[:3] == expected


def test_delimiter_must_be_given_for_other_file_names(tmp_path):
    other = tmp_path / "proteins.txt"
    other.write_text("seq;host\nMNTQ;dog\n")
    with pytest.raises(ValueError, match=r"ends with none of \.csv, \.tsv, \.tab\. Pass delimiter"):
        read_table(other, sequence="seq")
    assert read_table(other, sequence="seq", label="host", delimiter=";").labels == ["dog"]


def test_quotation_mark_in_tab_delimited_file_is_an_ordinary_character():
    file = io.StringIO('name\tseq\n5" virus\tMNTQ\n"quoted"\tAKGD\n')
    table = read_table(file, sequence="seq", delimiter="\t")
    assert table.metadata["name"] == ['5" virus', '"quoted"']


@pytest.mark.parametrize("name", ["sequence", "id_", "labels", "self", "metadata"])
def test_other_columns_may_have_any_name(name):
    file = io.StringIO(f"{name},seq,host\nx,MNTQ,dog\n")
    table = read_table(file, sequence="seq", label="host", delimiter=",")
    assert table.metadata == {name: ["x"]}


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (
            "seq,host\nMNTQ,dog\nMNTQ\n",
            r"line 3 \(row 1, counted from 0\) has 1 cells, but .* 2 col",
            3,
        ),
        ("seq,host\nMNTQ,dog,x\n", r"has 3 cells, but the header names 2 columns", 2),
        ("seq,seq\nM,N\n", "has more than one column 'seq'. Rename", 1),
        ("sequence,host\nM,N\n", r"no column 'seq'\. .* 'sequence', 'host'\. Pass one of these", 1),
        (
            'seq,host\n"MNTQ,dog\n',
            r"cannot split the row that starts in line 2 .*: a quotation mark is not closed",
            2,
        ),
        (
            'seq,host\n"MN"TQ,dog\n',
            r"cannot split the row .* into cells: 'TQ,dog' follows a closing quotation mark",
            2,
        ),
        (
            'seq,host\nMNTQ,dog\nMNTQ,"a\nb\nc,d\n',
            r"that starts in line 3 .*: a quotation mark is not closed\. Close each quotation mark",
            3,
        ),
        (
            'seq,host\nMNTQ,"a\nb"c\n',
            r"that starts in line 2 .*: 'c' follows a closing quotation mark",
            2,
        ),
    ],
)
def test_invalid_table_raises(content, message, line):
    with pytest.raises(SequenceFileError, match=message) as error:
        read_table(io.StringIO(content), sequence="seq", delimiter=",")
    assert error.value.line == line
