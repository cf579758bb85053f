"""Files that were joined or saved by other programs are read, or raise a named error."""

import gzip
import io

import pytest
from reader_cases import CSV, READERS

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers import read_fasta, read_table

# The table format has a header row, which cannot be joined.
JOINABLE = [name for name in READERS if name != "read_table"]


@pytest.mark.parametrize("name", JOINABLE)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.filterwarnings("ignore:.*ids occur more than once")
def test_joined_files_are_read(name, mark, compress, tmp_path):
    read, path = READERS[name]
    joined = tmp_path / "joined"
    joined.write_bytes(compress(mark.encode() + path.read_bytes()) * 3)
    assert read(joined).sequences == read(path).sequences * 3
    text = (mark + path.read_text()) * 3
    assert read(io.StringIO(text)).sequences == read(path).sequences * 3


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_repeated_header_of_a_table_raises(mark):
    text = CSV.read_text()
    message = r"\(row 6, counted from 0\) repeats the header\. .* remove this line"
    with pytest.raises(SequenceFileError, match=message) as error:
        read_table(io.StringIO(text + mark + text), sequence="Sequence", delimiter=",")
    assert error.value.record == 6
    assert error.value.line == len(text.splitlines()) + 1


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_raises(name, encoding, tmp_path):
    read, path = READERS[name]
    other = tmp_path / "other"
    other.write_bytes(path.read_text().encode(encoding))
    message = r"line 1 has a NUL character, .* encoded as UTF-16, save it as UTF-8"
    with pytest.raises(SequenceFileError, match=message) as error:
        read(other)
    assert (error.value.file, error.value.line) == (str(other), 1)


@pytest.mark.parametrize("name", READERS)
def test_nul_character_raises(name):
    read, path = READERS[name]
    text = path.read_text()
    place = len(text) - 8
    message = "the open file: line .* has a NUL character, which text files do not have"
    with pytest.raises(SequenceFileError, match=message) as error:
        read(io.StringIO(text[:place] + "\0" + text[place:]))
    assert error.value.line == text[:place].count("\n") + 1


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("newline", ["\r", "\r\n"])
def test_line_ends_of_an_open_file_do_not_matter(name, newline):
    read, path = READERS[name]
    text = path.read_text().replace("\n", newline)
    # newline="" and "\n" keep the line ends of the file.
    for kept in ("", "\n"):
        assert read(io.StringIO(text, newline=kept)).sequences == read(path).sequences


def test_mixed_line_ends_of_an_open_file_lose_no_residues():
    table = read_fasta(io.StringIO(">p1\rMNTQ\nAKGD\r\n>p2\rWW\r\rKI"))
    assert table.ids == ["p1", "p2"]
    assert table.sequences == ["MNTQAKGD", "WWKI"]


@pytest.mark.parametrize("name", READERS)
def test_data_after_a_gzip_file_raises(name, tmp_path):
    read, path = READERS[name]
    other = tmp_path / "other"
    other.write_bytes(gzip.compress(path.read_bytes()) + b"<html>")
    message = r"the gzip file is followed by other data \(.*\)\. Download it again, or decompress"
    with pytest.raises(SequenceFileError, match=message) as error:
        read(other)
    assert error.value.line == len(path.read_text().splitlines()) + 1


@pytest.mark.parametrize("name", READERS)
def test_zeros_after_a_gzip_file_are_ignored(name, tmp_path):
    read, path = READERS[name]
    other = tmp_path / "other"
    other.write_bytes(gzip.compress(path.read_bytes()) + bytes(512))
    assert read(other).sequences == read(path).sequences


def test_messages_shorten_long_headers():
    header = "p" * 5000
    with pytest.raises(SequenceFileError, match="has no label") as error:
        read_fasta(io.StringIO(f">{header}\nMNTQ\n"), label=r"host=(\w+)")
    assert len(str(error.value)) < 1000
    assert "p" * 200 + "...'" in str(error.value)
