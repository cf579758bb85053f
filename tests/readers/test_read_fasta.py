"""read_fasta and iter_fasta read all residues and labels, or raise an error."""

import gzip
import io
import re
import warnings

import numpy as np
import pytest

from sklearn_protlstm.exceptions import (
    DataQualityWarning,
    EmptySequenceError,
    SequenceFileError,
)
from sklearn_protlstm.readers import iter_fasta, read_fasta

FASTA = """\
>p1 spike protein host=human
MNTQILVFIACVLIE
AKGDKICL
>p2 host=dog

MNTQAKGD
KICLILVFIACVLIE

>p3
acdef*
"""
SEQUENCES = ["MNTQILVFIACVLIEAKGDKICL", "MNTQAKGDKICLILVFIACVLIE", "acdef*"]
HOST = r"host=(\w+)"


@pytest.fixture
def write(tmp_path):
    """A function that writes text or bytes to a file and returns its path."""

    def write_file(content, name="proteins.fasta"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def two_records(*, first_header="a host=human", second_header="b host=dog"):
    return f">{first_header}\nMNTQ\n>{second_header}\nAKGD\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n  \n"])
def test_residues_do_not_depend_on_line_endings_or_compression(
    write, newline, end, compress, start
):
    content = start + (FASTA.rstrip("\n") + end).replace("\n", newline).encode()
    table = read_fasta(write(compress(content)))
    assert table.ids == ["p1", "p2", "p3"]
    assert table.sequences == SEQUENCES
    assert table.metadata == {"description": ["spike protein host=human", "host=dog", ""]}
    assert table.labels is None


@pytest.mark.parametrize("name", ["proteins.fasta", "proteins.gz", "proteins.txt"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_gzip_is_recognised_by_its_bytes(write, name, compress):
    assert read_fasta(write(compress(FASTA.encode()), name)).sequences == SEQUENCES


def test_path_can_be_a_str(write):
    path = write(FASTA)
    assert read_fasta(str(path)).sequences == read_fasta(path).sequences == SEQUENCES


def test_open_file_is_read_from_its_position_and_stays_open(write):
    with open(write(FASTA), encoding="utf-8") as file:
        file.readline()
        file.readline()
        file.readline()
        assert read_fasta(file).ids == ["p2", "p3"]
        assert not file.closed
    assert read_fasta(io.StringIO(FASTA)).sequences == SEQUENCES
    assert read_fasta(io.StringIO(FASTA.replace("\n", "\r\n"), newline="")).sequences == SEQUENCES


def test_file_is_closed(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        read_fasta(write(FASTA))
        with pytest.raises(ValueError, match="not a FASTA file"):
            read_fasta(write("no FASTA"))


def test_file_is_read_record_by_record():
    lines_read = []
    n_read_at_label = []

    class Lines:
        def read(self):
            pytest.fail("the reader read the whole file")

        def __iter__(self):
            for number in range(100):
                lines_read.append(number)
                yield f">r{number}\n" if number % 2 == 0 else "MNTQ\n"

    def label(header):
        n_read_at_label.append(len(lines_read))
        return header

    with pytest.warns(DataQualityWarning, match="a label that no other record has, such as 'r0'"):
        assert len(read_fasta(Lines(), label=label)) == 50
    assert n_read_at_label[:3] == [3, 5, 7]


def test_header_may_have_tabs_and_a_leading_space(write):
    table = read_fasta(write("> p1\tspike  of\tdog\nMNTQ\n"))
    assert table.ids == ["p1"]
    assert table.metadata["description"] == ["spike  of\tdog"]


def test_white_space_within_a_sequence_are_removed(write):
    text = ">a\nMNTQ AKGD \n KICL\n>b\nMN\tTQ\n\v\n\u00a0AK\u2028GD\n"
    assert read_fasta(write(text)).sequences == ["MNTQAKGDKICL", "MNTQAKGD"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_header_is_read_as_utf8_or_latin1(write, encoding):
    content = ">a virus of Müller's gerbil host=gerbil\nMNTQ\n>b host=dog\nAKGD\n".encode(encoding)
    table = read_fasta(write(content), label=HOST)
    assert table.metadata["description"][0] == "virus of Müller's gerbil host=gerbil"
    assert table.labels.tolist() == ["gerbil", "dog"]


@pytest.mark.parametrize(
    "label",
    [
        HOST,
        re.compile("HOST=(.+)", re.IGNORECASE),
        r"(host|taxon)=(?P<label>\w+)",
        lambda header: header.rpartition("=")[2],
    ],
)
def test_label_is_found_by_pattern_or_function(write, label):
    table = read_fasta(write(two_records()), label=label)
    assert table.labels.tolist() == ["human", "dog"]
    assert isinstance(table.labels, np.ndarray)
    assert table.labels.dtype.kind == "U"


def test_label_function_gets_the_whole_header(write):
    headers = []
    read_fasta(write(FASTA), label=lambda header: headers.append(header) or "x")
    assert headers == ["p1 spike protein host=human", "p2 host=dog", "p3"]


@pytest.mark.parametrize("label", [HOST, r"host=(\w*)|$", {"b": None}.get, lambda header: ""])
def test_missing_label_raises_and_names_the_record(write, label):
    path = write(two_records(second_header="b strain=x"))
    if callable(label):
        function, label = label, lambda header: "human" if header[0] == "a" else function(header)
    with pytest.raises(ValueError, match=r"record 1 \('b', counted from 0\) has no label") as error:
        read_fasta(path, label=label)
    message = str(error.value)
    assert str(path) in message
    assert "'b strain=x'" in message
    assert message.endswith("drop such records with unlabelled='drop'.")
    assert (error.value.file, error.value.record) == (str(path), 1)


def test_label_that_is_not_a_str_raises(write):
    message = r"label must return a str, or None .* it returned 3 of type int for the header"
    with pytest.raises(TypeError, match=message):
        read_fasta(write(two_records()), label=lambda header: 3)


def test_unlabelled_records_can_be_dropped(write):
    content = two_records() + ">c\nMNTQ\n"
    table = read_fasta(write(content), label=HOST, unlabelled="drop")
    assert table.ids == ["a", "b"]
    assert table.report.counts == {"no label": 1}
    assert table.report.first_ids == {"no label": ("c",)}
    with pytest.raises(ValueError, match="unlabelled must be 'error' or 'drop'; got 'keep'"):
        read_fasta(write(content), unlabelled="keep")


def test_error_in_the_label_function_names_the_record(write):
    with pytest.raises(KeyError) as error:
        read_fasta(write(two_records()), label={"a host=human": "human"}.__getitem__)
    assert "'b host=dog'" in error.value.__notes__[0]
    assert "record 1 ('b', counted from 0)" in error.value.__notes__[0]


@pytest.mark.parametrize(
    ("label", "error", "message"),
    [
        ("host", ValueError, r"label='host' has 0 groups.*r'host=\(\\w\+\)'"),
        (r"(a)(b)", ValueError, r"has 2 groups"),
        ("host=(", ValueError, r"label='host=\(' is not a valid regular expression: missing \)"),
        (3, TypeError, "label must be None, a regular expression or a function .* got 3 of type"),
    ],
)
def test_invalid_label_raises_before_the_file_is_opened(tmp_path, label, error, message):
    with pytest.raises(error, match=message):
        read_fasta(tmp_path / "missing.fasta", label=label)


@pytest.mark.parametrize(
    ("content", "record", "id_"),
    [
        (">a\n>b\nMNTQ\n", 0, "a"),
        (">a\nMNTQ\n>b\n\n>c\nMNTQ\n", 1, "b"),
        (">a\nMNTQ\n>b", 1, "b"),
        (">a\nMNTQ\n>b\n*\n", 1, "b"),
    ],
)
def test_record_without_residues_raises(write, content, record, id_):
    path = write(content)
    message = rf"record {record} \('{id_}', counted from 0\) has a header but no residues.*Remove"
    with pytest.raises(EmptySequenceError, match=message) as error:
        read_fasta(path)
    assert error.value.record == record
    assert str(error.value).startswith(str(path))


def test_repeated_ids_warn_once_and_all_records_are_kept(write):
    content = "".join(f">{id_}\nMNTQ\n" for id_ in ["x", "b", "a", "a", "b", "c", "b"])
    message = r"2 of 4 ids occur more than once. The first is 'b' \(3 records\)"
    with pytest.warns(UserWarning, match=message) as caught:
        table = read_fasta(write(content))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert table.ids == ["x", "b", "a", "a", "b", "c", "b"]


def test_unique_ids_do_not_warn(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = read_fasta(write(two_records()))
    assert table.ids == ["a", "b"]


@pytest.mark.parametrize("content", ["", "\n \n"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_empty_file_raises(write, content, compress):
    path = write(compress(content.encode()))
    with pytest.raises(ValueError, match=r"proteins\.fasta is empty\. Check the download"):
        read_fasta(path)


@pytest.mark.parametrize(
    ("content", "first_line"),
    [
        ("<!DOCTYPE html>\n<p>a > b\n", "<!DOCTYPE html>"),
        ("@read\nACGT\n+\nIIII\n", "@read"),
        ("MNTQ\n>a\nMNTQ\n", "MNTQ"),
        ("x" * 500, "x" * 40),
    ],
)
def test_file_of_another_format_raises(write, content, first_line):
    with pytest.raises(ValueError, match="is not a FASTA file") as error:
        read_fasta(write(content))
    assert f"first line is {first_line!r}." in str(error.value)


def test_missing_file_raises(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_fasta(tmp_path / "absent.fasta")


def test_file_open_in_binary_mode_raises(write):
    with open(write(FASTA), "rb") as file, pytest.raises(TypeError, match="Open it in text mode"):
        read_fasta(file)


def cut_short(compressed):
    return compressed[: len(compressed) // 2]


def wrong_checksum(compressed):
    return compressed[:-8] + bytes([compressed[-8] ^ 1]) + compressed[-7:]


def wrong_block(compressed):
    return compressed[:10] + b"\xff" * 20 + compressed[30:]


@pytest.mark.parametrize("damage", [cut_short, wrong_checksum, wrong_block])
def test_damaged_gzip_raises(write, damage):
    path = write(damage(gzip.compress(FASTA.encode())))
    with pytest.raises(ValueError, match=r"proteins\.fasta: the gzip file is cut short or damaged"):
        read_fasta(path)


def test_iter_fasta_yields_ids_descriptions_and_sequences():
    file = io.StringIO(">a  first one\nMNTQ\nAK\n\n>b\nac*\n")
    assert list(iter_fasta(file)) == [("a", "first one", "MNTQAK"), ("b", "", "ac*")]


def test_iter_fasta_raises_for_a_record_without_residues():
    with pytest.raises(EmptySequenceError, match=r"record 1 \('b', counted from 0\) has a header"):
        list(iter_fasta(io.StringIO(">a\nMNTQ\n>b\n")))


BEFORE = ["\ufeff", " ", "\t", " \ufeff", "\n\ufeff\n", "\u2028\n", "\u00a0"]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("line_end", ["", "\n"])
def test_header_of_a_joined_file_is_a_header(before, line_end, tmp_path):
    path = tmp_path / "joined.fasta"
    text = f"\ufeff>p1\nMNTQ\n{line_end}{before}>p2\nAKGD\n{before}>p3\nWW\n{before}"
    path.write_text(text, "utf-8")
    table = read_fasta(path)
    assert table.ids == ["p1", "p2", "p3"]
    assert table.sequences == ["MNTQ", "AKGD", "WW"]


@pytest.mark.parametrize("text", [">p1\nMNTQ>p2\nAKGD\n", ">p1\nMN\nTQ >p2\n", ">p1\n\ufeffM>\n"])
def test_header_mark_inside_a_line_is_an_error(text):
    message = r"the open file: line \d has a '>' inside: .* Put a line break before it"
    with pytest.raises(SequenceFileError, match=message) as caught:
        read_fasta(io.StringIO(text))
    assert caught.value.line == text[: text.index(">", 1)].count("\n") + 1


def test_header_mark_inside_a_header_is_part_of_it():
    table = read_fasta(io.StringIO(">p1 a->b\nMNTQ\n"))
    assert table.metadata["description"] == ["a->b"]
