"""What all readers have in common: kinds of files, parameters, errors and memory."""

import gzip
import io
import os
import tracemalloc
import warnings
from pathlib import Path

import pytest
from reader_cases import GENBANK, READERS, SWISSPROT

from sklearn_protlstm.exceptions import SequenceFileError, SequenceFileWarning
from sklearn_protlstm.readers import SequenceTable, read_genbank, read_swissprot


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n \n\n"])
def test_result_does_not_depend_on_line_endings_or_compression(
    name, newline, compress, end, tmp_path
):
    read, path = READERS[name]
    other = tmp_path / path.name
    content = path.read_bytes().rstrip(b"\n").replace(b"\n", newline) + end.replace(b"\n", newline)
    other.write_bytes(compress(content))
    expected, table = read(path), read(other)
    assert table.ids == expected.ids
    assert table.sequences == expected.sequences
    assert table.metadata == expected.metadata
    assert table.report.counts == expected.report.counts


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_text_is_read_as_utf8_or_latin1(name, encoding, tmp_path):
    read, path = READERS[name]
    other = tmp_path / path.name
    text = path.read_text().replace("Made-up", "Müde-up").replace("spike", "Spikë")
    other.write_bytes(text.encode(encoding))
    metadata = str(read(other).metadata)
    assert "Müde-up" in metadata or "Spikë" in metadata


@pytest.mark.parametrize("name", READERS)
def test_open_file_stays_open(name):
    read, path = READERS[name]
    with open(path, encoding="utf-8") as file:
        assert read(file).ids == read(path).ids
        assert not file.closed


@pytest.mark.parametrize("name", READERS)
def test_file_open_in_binary_mode_raises(name):
    read, path = READERS[name]
    with open(path, "rb") as file, pytest.raises(TypeError, match="Open it in text mode"):
        read(file)


@pytest.mark.parametrize("name", READERS)
def test_missing_file_raises(name):
    read, path = READERS[name]
    with pytest.raises(FileNotFoundError, match="absent"):
        read(path.parent / "absent")


@pytest.mark.parametrize("name", READERS)
def test_short_and_ambiguous_sequences_can_be_dropped(name):
    read, path = READERS[name]
    everything = read(path)
    assert any("X" in sequence.upper() for sequence in read_genbank(GENBANK, label=None).sequences)

    long = read(path, min_length=32)
    kept = [id_ for id_, s in zip(everything.ids, everything.sequences) if len(s.strip("*")) >= 32]
    assert long.ids == kept
    assert long.report.counts["too short"] == len(everything) - len(kept) > 0

    known = read(path, ambiguous="drop")
    kept = [id_ for id_, s in zip(everything.ids, everything.sequences) if "X" not in s.upper()]
    assert known.ids == kept
    assert known.report.counts.get("ambiguous residues", 0) == len(everything) - len(kept)


@pytest.mark.parametrize("name", READERS)
def test_invalid_parameters_raise(name):
    read, path = READERS[name]
    with pytest.raises(ValueError, match=r"ambiguous must be 'keep' or 'drop'; got 'mask'"):
        read(path, ambiguous="mask")
    with pytest.raises(ValueError, match=r"duplicates must be 'keep' or 'drop'; got None"):
        read(path, duplicates=None)
    with pytest.raises(
        TypeError, match=r"min_length must be a whole number .* got 3\.0 of type fl"
    ):
        read(path, min_length=3.0)


@pytest.mark.parametrize(
    ("name", "end", "message", "record"),
    [
        (
            "read_genbank",
            "MADE0004",
            "the last record breaks off: the line // at its end is missing",
            3,
        ),
        ("read_genbank", "     CDS             1", "the last record breaks off: the line //", 0),
        ("read_swissprot", "RA   Nobody N.", "ValueError: Unexpected end of stream", 0),
        ("read_swissprot", "AC   X0AAA3", "ValueError: Unexpected end of stream", 2),
    ],
)
def test_truncated_file_raises(name, end, message, record):
    read, path = READERS[name]
    text = path.read_text().partition(end)[0]
    with pytest.raises(SequenceFileError, match=message) as error:
        read(io.StringIO(text))
    assert error.value.record == record
    assert error.value.line == len(text.splitlines())
    assert error.value.file == "the open file"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "read_genbank",
            'soil virus"',
            "soil virus",
            "valid GenBank: ValueError: Problem with 'source'",
        ),
        ("read_swissprot", "(Pig).", "(Pig)", r"not valid Swiss-Prot: AssertionError: 9823; Sus"),
        ("read_swissprot", "Reviewed;", "Read;", "SwissProtParserError: Unrecognized data class"),
        ("read_swissprot", "DE   ", "D?   ", r"Unknown keyword 'D\?' found"),
        ("read_swissprot", "//\nID", "ID", r"Unknown keyword 'ID' found"),
    ],
)
def test_invalid_record_raises_with_the_error_of_biopython(name, old, new, message):
    read, path = READERS[name]
    with pytest.raises(SequenceFileError, match=message) as error:
        read(io.StringIO(path.read_text().replace(old, new)))
    assert f"record {error.value.record} (counted from 0; lines " in str(error.value)
    assert str(error.value).endswith("Download the file again, or repair or remove this record.")
    assert error.value.__cause__ is not None


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("content", ["", " \n\n"])
def test_empty_file_raises(name, content):
    read, _ = READERS[name]
    with pytest.raises(SequenceFileError, match=r"the open file is empty\. Check the download"):
        read(io.StringIO(content))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("read_fasta", "not a FASTA file: the first record must start with '>', but the first lin"),
        ("read_genbank", "not a GenBank file: no line starts with 'LOCUS', and the first line is"),
        ("read_swissprot", "not a Swiss-Prot file: the first record must start with 'ID   ', but"),
        (
            "read_table",
            r"no column 'Sequence'\. With the delimiter ',', its columns are '<!DOCTYPE html>'",
        ),
    ],
)
def test_web_page_raises(name, message):
    read, _ = READERS[name]
    with pytest.raises(SequenceFileError, match=message):
        read(io.StringIO("<!DOCTYPE html>\n<p>Sign in\n"))


@pytest.mark.parametrize("name", READERS)
def test_truncated_gzip_raises(name, tmp_path):
    read, path = READERS[name]
    broken = tmp_path / path.name
    compressed = gzip.compress(path.read_bytes())
    for content in (compressed[: len(compressed) // 2], compressed[:-4], compressed[:12]):
        broken.write_bytes(content)
        with pytest.raises(SequenceFileError, match=r"gzip file is cut short or damaged \(.*again"):
            read(broken)


@pytest.mark.parametrize("name", READERS)
def test_error_of_the_disk_is_not_an_error_of_the_format(name):
    class BadDisk(GeneratedFile):
        def __iter__(self):
            yield from self.record[:20]
            raise OSError("the disk is gone")

    read, path = READERS[name]
    with pytest.raises(OSError, match="the disk is gone"):
        read(BadDisk([], path.read_text().splitlines(keepends=True)[:3], 1))


class GeneratedFile:
    """An open text file that generates its lines on demand."""

    name = "generated"

    def __init__(self, head, record, n_records):
        self.head, self.record, self.n_records = head, record, n_records

    def read(self):
        pytest.fail("the reader read the whole file")

    def __iter__(self):
        yield from self.head
        for _ in range(self.n_records):
            yield from self.record


def peak_mib(run):
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "record", "megabytes"),
    [
        # Long lines are fast to read.
        ("read_fasta", [">x some protein\n", *["MNTQAKGDKI" * 100 + "\n"] * 50], 50),
        ("read_table", ["x,species,host,2020," + "MNTQAKGDKI" * 100 + "\n"], 50),
        ("read_genbank", GENBANK.read_text().splitlines(keepends=True), 1),
        ("read_swissprot", SWISSPROT.read_text().splitlines(keepends=True), 1),
    ],
)
def test_memory_does_not_grow_with_dropped_records(name, record, megabytes):
    read, path = READERS[name]
    head = path.read_text().splitlines(keepends=True)[:1] if name == "read_table" else []

    def drop_everything(megabytes):
        n_records = int(megabytes * 10**6 / sum(map(len, record)))
        assert len(read(GeneratedFile(head, record, n_records), min_length=10**6)) == 0

    drop_everything(megabytes / 50)
    small = peak_mib(lambda: drop_everything(megabytes / 50))
    assert peak_mib(lambda: drop_everything(megabytes)) < small + 0.1


FOLDER = os.environ.get("PROTLSTM_REAL_RECORDS")


@pytest.mark.skipif(
    FOLDER is None, reason="needs PROTLSTM_REAL_RECORDS, a folder such as Biopython's Tests"
)
@pytest.mark.parametrize(
    ("reader", "subfolder"), [(read_genbank, "GenBank"), (read_swissprot, "SwissProt")]
)
def test_real_files_are_read_or_raise_a_named_error(reader, subfolder):
    tables = []
    n_failed = 0
    files = [path for path in sorted(Path(FOLDER, subfolder).iterdir()) if path.is_file()]
    for path in files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SequenceFileWarning)
            try:
                tables.append(reader(path, label=None))
            except SequenceFileError:
                n_failed += 1
    assert sum(map(len, tables)) >= 20
    assert n_failed < len(files) / 2
    assert all(isinstance(table, SequenceTable) for table in tables)
