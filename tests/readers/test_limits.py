"""No file makes a reader use much more memory than `max_record_length` allows."""

import csv
import gzip
import io
import itertools
import re
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_cases import READERS

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers import iter_fasta, read_fasta, read_table

# After which line of its first record a file of each format may have a line any number of times.
MORE_LINES = {
    "read_fasta": (">", "MNTQAKGDKI\n"),
    "read_genbank": ("FEATURES ", '                     /note="made up"\n'),
    "read_swissprot": ("DE   ", "CC   -!- FUNCTION: Made up.\n"),
    "read_table": ('"MDC0', "A quotation that is not closed.\n"),
}


def with_many_lines(name, path, n_characters):
    """The lines of the file, with a first record of at least so many characters."""
    start, more = MORE_LINES[name]
    lines = path.read_text().splitlines(keepends=True)
    if name == "read_table":
        lines.insert(1, '"MDC0\n')
    place = next(i for i, line in enumerate(lines) if line.startswith(start)) + 1
    return [*lines[:place], *[more] * (n_characters // len(more) + 1), *lines[place:]], place


@pytest.mark.parametrize("name", READERS)
def test_long_record_raises(name):
    read, path = READERS[name]
    lines, place = with_many_lines(name, path, 5000)
    with pytest.raises(SequenceFileError, match="has more than max_record_length=5_000 ") as error:
        read(io.StringIO("".join(lines)), max_record_length=5000)
    message = str(error.value)
    assert message.startswith("the open file: record 0 (counted from 0; lines ")
    assert f" to {error.value.line}) has more" in message
    assert message.endswith("If the file is right, pass a larger max_record_length to the reader.")
    assert (error.value.file, error.value.record) == ("the open file", 0)
    characters = list(itertools.accumulate(map(len, lines[place - 1 :])))
    assert place < error.value.line <= place + sum(n <= 5000 for n in characters)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("as_path", [True, False])
def test_long_line_raises(name, compress, as_path, tmp_path):
    read, path = READERS[name]
    long = tmp_path / "long"
    long.write_bytes(compress(path.read_bytes() + b"M" * 10_000 + b"\nx\n"))
    n_lines = len(path.read_text().splitlines()) + 1
    with (
        gzip.open(long, "rt") if compress is gzip.compress else open(long) as file,
        pytest.raises(SequenceFileError, match="has more than max_record_length=9_000") as error,
    ):
        read(long if as_path else file, max_record_length=9000)
    assert error.value.line == n_lines


@pytest.mark.parametrize("name", READERS)
def test_first_line_can_be_too_long(name):
    read, _ = READERS[name]
    message = "the open file: line 1 has more than max_record_length=100 characters"
    with pytest.raises(SequenceFileError, match=message) as error:
        read(io.StringIO("M" * 101), max_record_length=100)
    assert (error.value.record, error.value.line) == (None, 1)


def test_long_header_raises():
    text = ">p1\nMNTQ\n>" + "x" * 100
    message = r"the open file: line 3 has more than max_record_length=90 characters"
    with pytest.raises(SequenceFileError, match=message) as error:
        list(iter_fasta(io.StringIO(text), max_record_length=90))
    assert (error.value.record, error.value.line) == (1, 3)


@pytest.mark.parametrize("name", READERS)
def test_record_of_the_greatest_length_is_read(name):
    read, path = READERS[name]
    start = "^" if name == "read_table" else "^(?=>|LOCUS|ID   )"
    records = re.split(start, path.read_text(), flags=re.MULTILINE)
    longest = max(map(len, records))
    assert longest < sum(map(len, records)) * 0.6
    assert read(path, max_record_length=longest).sequences == read(path).sequences
    with pytest.raises(SequenceFileError, match="has more than max_record_length="):
        read(path, max_record_length=longest - 1)


def test_length_counts_from_the_header_to_the_last_line_end():
    text = ">a\nMNTQ\n>b\nAKGDK\n"
    assert [*iter_fasta(io.StringIO(text), max_record_length=9)][1] == ("b", "", "AKGDK")
    with pytest.raises(SequenceFileError, match=r"record 1 \(counted from 0; lines 3 to 4\)"):
        list(iter_fasta(io.StringIO(text), max_record_length=8))


def test_byte_order_mark_does_not_hide_that_a_line_is_too_long():
    file = io.StringIO("\ufeff>" + "x" * 99 + "y\nMNTQ\n")
    with pytest.raises(SequenceFileError, match="line 1 has more than max_record_length=100 char"):
        list(iter_fasta(file, max_record_length=100))


def test_blank_rows_count_for_no_record():
    text = "seq\nMNTQ\n\n \n\nAKGDKICL\n"
    assert len(read_table(io.StringIO(text), sequence="seq", delimiter=",", max_record_length=9))
    with pytest.raises(SequenceFileError, match="line 6 has more than") as error:
        read_table(io.StringIO(text), sequence="seq", delimiter=",", max_record_length=8)
    assert error.value.record == 1


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (0, ValueError, "max_record_length must be at least 1 character; got 0"),
        (1e6, TypeError, r"max_record_length must be a whole number .* got 1000000\.0 of type flo"),
        (True, TypeError, "got True of type bool"),
        (None, TypeError, "got None of type NoneType"),
    ],
)
def test_invalid_max_record_length_raises(name, value, error, message):
    read, path = READERS[name]
    with pytest.raises(error, match=message):
        read(path, max_record_length=value)


def test_max_record_length_can_be_a_numpy_integer():
    file = io.StringIO(">a\nMNTQ\n")
    assert len(read_fasta(file, max_record_length=np.int64(100))) == 1


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["line", "record"])
def test_memory_does_not_grow_with_the_file(name, kind, tmp_path):
    read, path = READERS[name]
    lines, _ = with_many_lines(name, path, 10**6 if kind == "line" else 10**7)
    content = "".join(lines).encode()
    bomb = tmp_path / "bomb.gz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        file.write(b"M" * 10**7 + content if kind == "line" else content)
    del content, lines
    read(path)  # imports what the reader needs
    tracemalloc.start()
    try:
        with pytest.raises(SequenceFileError, match="more than max_record_length=100_000 char"):
            read(bomb, max_record_length=100_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The file has at least 10 million characters.
    assert peak < 2_000_000


# Long cells.


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_cell_of_any_length_is_read(quote, delimiter):
    if delimiter == "\t":
        quote = ""
    limit = csv.field_size_limit()
    gene = "MNTQAKGDKI" * (limit // 10 + 1)
    file = io.StringIO(f"id{delimiter}seq\np1{delimiter}{quote}{gene}{quote}\n")
    assert read_table(file, sequence="seq", delimiter=delimiter).sequences == [gene]
    assert csv.field_size_limit() == limit


def test_threads_do_not_disturb_each_other():
    limit, gene = csv.field_size_limit(), "MNTQAKGDKI" * 20_000
    text = "id,seq\n" + f'p1,"{gene}"\n' * 5
    tables = []

    def read():
        tables.append(read_table(io.StringIO(text), sequence="seq", delimiter=","))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [table.sequences for table in tables] == [[gene] * 5] * 4
    assert csv.field_size_limit() == limit


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(['"', '""', ",", "\n", "M", " ", ',"', '",', '"\n']), max_size=20))
def test_rows_are_split_as_by_the_csv_module(pieces):
    text = "seq,b\n" + "".join(pieces)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if "".join(row).strip()]
        if any(len(row) != 2 for row in rows):
            rows = None
    except csv.Error:
        rows = None
    try:
        table = read_table(io.StringIO(text), sequence="seq", delimiter=",")
    except SequenceFileError:
        assert rows is None
    else:
        kept = [row for row in rows[1:] if row[0].strip()]
        assert table.sequences == ["".join(row[0].split()) for row in kept]
        assert table.metadata["b"] == [row[1] for row in kept]


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\r", None, 3])
def test_invalid_delimiter_raises(delimiter, tmp_path):
    message = "delimiter must be one character.*got " if delimiter is not None else "Pass delimiter"
    with pytest.raises(ValueError, match=message):
        read_table(tmp_path / "absent.txt", sequence="seq", delimiter=delimiter)
