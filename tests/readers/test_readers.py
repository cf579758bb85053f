"""GenBank, Swiss-Prot and tables become sequences and labels, and nothing is lost unsaid."""

import gzip
import io
import os
import tracemalloc
import warnings
from pathlib import Path

import pytest

from sklearn_protlstm.exceptions import EmptySequenceError, SequenceFileError, SequenceFileWarning
from sklearn_protlstm.readers import (
    ReadReport,
    SequenceTable,
    iter_fasta,
    read_fasta,
    read_genbank,
    read_swissprot,
    read_table,
)

DATA = Path(__file__).parents[1] / "data"
GENBANK, SWISSPROT = DATA / "viruses.gb", DATA / "viruses.dat"
CSV, TSV = DATA / "ncbi_virus.csv", DATA / "ncbi_virus.tsv"
HUMAN = "Homo sapiens; male; age 23"

READ = {
    "read_fasta": (read_fasta, DATA / "hosts.fasta"),
    "read_genbank": (read_genbank, GENBANK),
    "read_swissprot": (read_swissprot, SWISSPROT),
    "read_table": (
        lambda path, **params: read_table(
            path, sequence="Sequence", id="Accession", delimiter=",", **params
        ),
        CSV,
    ),
}


def test_genbank_translations_and_hosts():
    table = read_genbank(GENBANK)
    assert dict(zip(table.ids, table.labels.tolist())) == {
        "MDA00001.1": HUMAN,
        "MDA00002.1": HUMAN,
        "PV_1": "Sus scrofa",
        "MADE0002.1:cds1": "Sus scrofa",
        "MDA00007.1": HUMAN,
        "MDA00008.1": "Sus scrofa",
    }
    assert [len(sequence) for sequence in table.sequences] == [70, 25, 31, 31, 25, 31]
    assert {name: column[0] for name, column in table.metadata.items()} == {
        "accession": "MADE0001.1",
        "organism": "Made-up influenza-like virus",
        "strain": "A/Nowhere/1/2020",
        "host": HUMAN,
        "product": "spike",
    }
    assert table.report == ReadReport(
        str(GENBANK),
        6,
        {"no translation": 1, "no host": 1, "several hosts": 1, "no CDS": 1},
        {
            "no translation": ("MD_3",),
            "no host": ("MDA00005.1",),
            "several hosts": ("MDA00006.1",),
            "no CDS": ("MADE0005.1",),
        },
    )


def test_genbank_translation_is_the_one_in_the_file():
    written = "".join(GENBANK.read_text().split())
    for sequence in read_genbank(GENBANK).sequences:
        assert f'/translation="{sequence}"' in written


def test_genbank_without_labels_keeps_what_has_no_host():
    table = read_genbank(GENBANK, label=None)
    assert table.labels is None
    assert table.report.counts == {"no translation": 1, "no CDS": 1}
    hosts = dict(zip(table.ids, table.metadata["host"]))
    assert hosts["MDA00005.1"] == ""
    assert hosts["MDA00006.1"] == "Homo sapiens; Canis lupus familiaris"


def test_genbank_label_of_another_qualifier():
    table = read_genbank(GENBANK, label="strain")
    assert set(table.labels) == {"A/Nowhere/1/2020", "PV-1"}
    assert table.report.counts["no strain"] == 2


def test_genbank_source_is_the_one_that_spans_the_gene():
    # A record of two sources, one after the other, with a gene in each.
    table = read_genbank(GENBANK)
    assert table.labels[-2:].tolist() == [HUMAN, "Sus scrofa"]
    across = GENBANK.read_text().replace("CDS             79..174", "CDS             70..174")
    table = read_genbank(io.StringIO(across))
    assert "MDA00008.1" not in table.ids
    assert table.report.first_ids["several hosts"] == ("MDA00006.1", "MDA00008.1")


def test_genpept_record_is_one_protein():
    table = read_genbank(DATA / "proteins.gp")
    assert table.ids == ["MDP00001.1"]
    assert table.labels.tolist() == ["Desmodus rotundus"]
    assert table.metadata["product"] == ["spike"]
    assert table.sequences == read_genbank(GENBANK).sequences[:1]


@pytest.mark.parametrize("reader", [read_genbank, read_swissprot])
def test_first_of_several_hosts(reader):
    path = GENBANK if reader is read_genbank else SWISSPROT
    table = reader(path, several_hosts="first")
    assert "several hosts" not in table.report.counts
    row = table.ids.index("MDA00006.1" if reader is read_genbank else "X0AAA3")
    assert table.labels[row].startswith("Homo sapiens")


def test_swissprot_hosts():
    table = read_swissprot(SWISSPROT)
    assert dict(zip(table.ids, table.labels.tolist())) == {
        "X0AAA1": "Homo sapiens (Human)",
        "X0AAA2": "Sus scrofa (Pig)",
        "X0AAA5": "Sus scrofa (Pig)",
        "X0AAA6": "Felis catus (Cat) (Felis silvestris catus)",
    }
    assert table.sequences[0] == read_genbank(GENBANK).sequences[0]
    assert {name: column[0] for name, column in table.metadata.items()} == {
        "entry_name": "SPIKE_MADEH",
        "organism": "Made-up influenza-like virus (strain A/Nowhere/1/2020)",
        "hosts": "Homo sapiens (Human)",
        "host_taxonomy_ids": "9606",
    }
    assert table.report.first_ids == {"several hosts": ("X0AAA3",), "no host": ("X0AAA4",)}


def test_swissprot_taxonomy_numbers_as_labels():
    table = read_swissprot(SWISSPROT, label="host_taxonomy_id")
    assert table.labels.tolist() == ["9606", "9823", "9823", "9685"]
    everything = read_swissprot(SWISSPROT, label=None)
    assert len(everything) == 6
    assert everything.metadata["host_taxonomy_ids"][2:4] == ["9606; 9615", ""]
    with pytest.raises(ValueError, match="label='organism' is not known; choose one of host, host"):
        read_swissprot(SWISSPROT, label="organism")


def test_table_columns():
    table = read_table(CSV, sequence="Sequence", label="Host", id="Accession")
    assert table.ids == ["MDC1", "MDC2", "MDC4", "MDC6"]
    assert table.labels.tolist() == ["Homo sapiens", "Sus scrofa", "Sus scrofa", "bat"]
    assert table.metadata["Species"][0] == "Made-up virus, type 1"
    assert table.metadata["Species"][3] == 'Made-up "odd" virus'
    assert table.metadata["Collection_Date"] == ["2020-01", "", "2021", "2021"]
    assert table.sequences[2] == table.sequences[1].lower() + "*"
    assert table.report.first_ids == {"no label": ("MDC3",), "no sequence": ("MDC5",)}


def test_table_without_ids_counts_rows():
    assert read_table(CSV, sequence="Sequence").ids == ["0", "1", "2", "3", "5"]


def test_table_delimiter_follows_from_the_name(tmp_path):
    wanted = read_table(CSV, sequence="Sequence").sequences[:3]
    assert read_table(TSV, sequence="Sequence").sequences[:3] == wanted
    packed = tmp_path / "proteins.TSV.gz"
    packed.write_bytes(gzip.compress(TSV.read_bytes()))
    assert read_table(packed, sequence="Sequence").sequences[:3] == wanted
    with open(TSV) as file:
        assert read_table(file, sequence="Sequence").sequences[:3] == wanted
    other = tmp_path / "proteins.txt"
    other.write_text("seq;host\nMNTQ;dog\n")
    with pytest.raises(ValueError, match=r"ends with none of \.csv, \.tsv, \.tab\. Pass delimiter"):
        read_table(other, sequence="seq")
    assert read_table(other, sequence="seq", label="host", delimiter=";").labels == ["dog"]


def test_quotation_mark_in_tab_delimited_file_is_a_character():
    file = io.StringIO('name\tseq\n5" virus\tMNTQ\n"quoted"\tAKGD\n')
    table = read_table(file, sequence="seq", delimiter="\t")
    assert table.metadata["name"] == ['5" virus', '"quoted"']


def test_frame_keeps_columns_apart():
    file = io.StringIO("id,label,seq\nx,y,MNTQ\n")
    pytest.importorskip("pandas")
    frame = read_table(file, sequence="seq", delimiter=",").to_frame()
    assert frame.to_dict("list") == {
        "id": ["0"],
        "sequence": ["MNTQ"],
        "id_": ["x"],
        "label": ["y"],
    }


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n \n\n"])
def test_line_endings_packing_and_the_last_line_do_not_matter(name, newline, pack, end, tmp_path):
    read, path = READ[name]
    other = tmp_path / path.name
    content = path.read_bytes().rstrip(b"\n").replace(b"\n", newline) + end.replace(b"\n", newline)
    other.write_bytes(pack(content))
    wanted, table = read(path), read(other)
    assert table.ids == wanted.ids
    assert table.sequences == wanted.sequences
    assert table.metadata == wanted.metadata
    assert table.report.counts == wanted.report.counts


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_that_are_not_ascii(name, encoding, tmp_path):
    read, path = READ[name]
    other = tmp_path / path.name
    text = path.read_text().replace("Made-up", "Müde-up").replace("spike", "Spikë")
    other.write_bytes(text.encode(encoding))
    metadata = str(read(other).metadata)
    assert "Müde-up" in metadata or "Spikë" in metadata


@pytest.mark.parametrize("name", READ)
def test_open_file_is_left_open(name):
    read, path = READ[name]
    with open(path, encoding="utf-8") as file:
        assert read(file).ids == read(path).ids
        assert not file.closed
    with open(path, "rb") as file, pytest.raises(TypeError, match="Open it in text mode"):
        read(file)
    with pytest.raises(FileNotFoundError, match="absent"):
        read(path.parent / "absent")


@pytest.mark.parametrize("name", READ)
def test_what_is_dropped_is_the_users_choice(name):
    read, path = READ[name]
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

    with pytest.raises(ValueError, match=r"ambiguous='mask' is not known; choose one of keep, dro"):
        read(path, ambiguous="mask")
    with pytest.raises(ValueError, match=r"duplicates=None is not known; choose one of keep, drop"):
        read(path, duplicates=None)
    with pytest.raises(
        TypeError, match=r"min_length must be a whole number .* got 3\.0 of type fl"
    ):
        read(path, min_length=3.0)


def test_duplicates_share_residues_and_label():
    file = ">a host=dog\nMNTQ\n>b host=dog\nmntq*\n>c host=pig\nMNTQ\n>d host=dog\nMNTQ\n"
    read = {"label": r"host=(\w+)", "duplicates": "drop"}
    table = read_fasta(io.StringIO(file), **read)
    assert table.ids == ["a", "c"]
    assert table.report.first_ids == {"duplicate": ("b", "d")}
    assert read_fasta(io.StringIO(file), duplicates="drop").ids == ["a"]
    assert len(read_fasta(io.StringIO(file))) == 4


def test_report_prints_and_counts():
    file = "".join(f">r{number}\nMNT\n" for number in range(7)) + ">x\nMNTQ\n>y\nMNTX\n"
    report = read_fasta(io.StringIO(file), min_length=4, ambiguous="drop").report
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


def test_table_of_which_nothing_is_left():
    table = read_fasta(io.StringIO(">a\nMNTQ\n"), label="host=(.)", unlabelled="drop")
    assert repr(table) == "SequenceTable(0 records, 0 classes, 1 dropped)"
    assert table.metadata == {"description": []}
    with pytest.raises(
        ValueError, match=r"no records, so there is nothing to learn[^|]*no label: 1"
    ):
        table.X_y()


@pytest.mark.parametrize(
    ("name", "end", "message", "record"),
    [
        ("read_genbank", "MADE0004", "the last record has no end: the line // is missing", 3),
        ("read_genbank", "     CDS             1", "the last record has no end: the line //", 0),
        ("read_swissprot", "RA   Nobody N.", "ValueError: Unexpected end of stream", 0),
        ("read_swissprot", "AC   X0AAA3", "ValueError: Unexpected end of stream", 2),
    ],
)
def test_file_that_breaks_off(name, end, message, record):
    read, path = READ[name]
    text = path.read_text().partition(end)[0]
    with pytest.raises(SequenceFileError, match=message) as error:
        read(io.StringIO(text))
    assert error.value.record == record
    assert error.value.line == len(text.splitlines())
    assert error.value.file == "the open file"


def test_damaged_start_of_a_record_does_not_lose_it():
    text = GENBANK.read_text().replace("LOCUS       MADE0003", "LOCSU       MADE0003")
    line = text[: text.index("LOCSU")].count("\n") + 1
    message = rf"line {line} should start a record with 'LOCUS       ', but it is 'LOCSU       MADE"
    with pytest.raises(SequenceFileError, match=message) as error:
        read_genbank(io.StringIO(text))
    assert (error.value.record, error.value.line) == (2, line)
    with pytest.raises(SequenceFileError, match="line 1 should start a record") as error:
        read_genbank(io.StringIO(GENBANK.read_text().replace("LOCUS ", "LOCUS", 1)))
    assert error.value.record == 0
    with pytest.raises(SequenceFileError, match=r"line 31 should start a record .* is '//'"):
        read_genbank(io.StringIO(GENBANK.read_text().replace("LOCUS ", "SUCOL ", 1)))


def test_preamble_of_a_genbank_release_is_skipped():
    preamble = "GBVRL1.SEQ          Genetic Sequence Data Bank\n\n   6 loci\n\n"
    assert len(read_genbank(io.StringIO(preamble + GENBANK.read_text()))) == 6


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("read_genbank", 'soil virus"', "soil virus", "GenBank: ValueError: Problem with 'source'"),
        ("read_swissprot", "(Pig).", "(Pig)", r"no readable Swiss-Prot: AssertionError: 9823; Sus"),
        ("read_swissprot", "Reviewed;", "Read;", "SwissProtParserError: Unrecognized data class"),
        ("read_swissprot", "DE   ", "D?   ", r"Unknown keyword 'D\?' found"),
        ("read_swissprot", "//\nID", "ID", r"Unknown keyword 'ID' found"),
    ],
)
def test_what_the_parser_says_is_passed_on(name, old, new, message):
    read, path = READ[name]
    with pytest.raises(SequenceFileError, match=message) as error:
        read(io.StringIO(path.read_text().replace(old, new)))
    assert f"record {error.value.record} (counted from 0; lines " in str(error.value)
    assert str(error.value).endswith("Get the file again, or repair or remove this record.")
    assert error.value.__cause__ is not None


def test_doubts_of_the_parser_are_one_warning():
    text = GENBANK.read_text().replace("01-JAN-2024", "01/JAN/2024")
    message = r"6 record\(s\) are not quite as GenBank files .*first is record 0 .*position 71"
    with pytest.warns(SequenceFileWarning, match=message) as caught:
        table = read_genbank(io.StringIO(text))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert caught[0].message.n_records == 6
    assert len(table) == 6


def test_lost_residues_are_noticed():
    text = SWISSPROT.read_text()
    start = text.index("CRC64;\n") + len("CRC64;\n")
    text = text[:start] + text[text.index("\n", start) + 1 :]
    message = r"record 0 \('SPIKE_MADEH', counted from 0\) has 10 residues, but its ID line says 70"
    with pytest.raises(SequenceFileError, match=message):
        read_swissprot(io.StringIO(text))


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("content", ["", " \n\n"])
def test_empty_file(name, content):
    read, _ = READ[name]
    with pytest.raises(SequenceFileError, match=r"the open file is empty\. Check the download"):
        read(io.StringIO(content))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("read_fasta", "not a FASTA file: the first record must start with '>', but the first lin"),
        ("read_genbank", "not a GenBank file: no line starts with 'LOCUS', and the first line is"),
        ("read_swissprot", "not a Swiss-Prot file: the first record must start with 'ID   ', but"),
        ("read_table", r"no column 'Sequence'; delimited by ',' its columns are '<!DOCTYPE html>'"),
    ],
)
def test_web_page_saved_by_mistake(name, message):
    read, _ = READ[name]
    with pytest.raises(SequenceFileError, match=message):
        read(io.StringIO("<!DOCTYPE html>\n<p>Sign in\n"))


@pytest.mark.parametrize("name", READ)
def test_truncated_gzip(name, tmp_path):
    read, path = READ[name]
    broken = tmp_path / path.name
    packed = gzip.compress(path.read_bytes())
    for content in (packed[: len(packed) // 2], packed[:-4], packed[:12]):
        broken.write_bytes(content)
        with pytest.raises(SequenceFileError, match=r"gzip file is cut short or damaged \(.*again"):
            read(broken)


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (
            "seq,host\nMNTQ,dog\nMNTQ\n",
            r"line 3 \(row 1, counted from 0\) has 1 cells, but .* 2",
            3,
        ),
        ("seq,host\nMNTQ,dog,x\n", r"has 3 cells, but the first line names 2 columns", 2),
        ("seq,seq\nM,N\n", "names the column 'seq' more than once. Rename one", 1),
        ("sequence,host\nM,N\n", r"no column 'seq'; .* 'sequence', 'host'\. Pass one of these", 1),
        ('seq,host\n"MNTQ,dog\n', r"ends in line 2 cannot be split into cells: unexpected end", 2),
        ('seq,host\n"MN"TQ,dog\n', r"cannot be split into cells: ',' expected after '\"'", 2),
    ],
)
def test_table_that_is_none(content, message, line):
    with pytest.raises(SequenceFileError, match=message) as error:
        read_table(io.StringIO(content), sequence="seq", delimiter=",")
    assert error.value.line == line


def test_iter_fasta_gives_records():
    file = io.StringIO(">a  first one\nMNTQ\nAK\n\n>b\nac*\n")
    assert list(iter_fasta(file)) == [("a", "first one", "MNTQAK"), ("b", "", "ac*")]
    with pytest.raises(EmptySequenceError, match=r"record 1 \('b', counted from 0\) has a header"):
        list(iter_fasta(io.StringIO(">a\nMNTQ\n>b\n")))


class Generated:
    """An open text file whose lines are made as they are read."""

    name = "generated"

    def __init__(self, head, record, n_records):
        self.head, self.record, self.n_records = head, record, n_records

    def read(self):
        pytest.fail("the whole text was asked for")

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


@pytest.mark.parametrize(
    ("name", "record", "megabytes"),
    [
        # Long lines, to read much in no time.
        ("read_fasta", [">x some protein\n", *["MNTQAKGDKI" * 100 + "\n"] * 50], 50),
        ("read_table", ["x,species,host,2020," + "MNTQAKGDKI" * 100 + "\n"], 50),
        ("read_genbank", GENBANK.read_text().splitlines(keepends=True), 1),
        ("read_swissprot", SWISSPROT.read_text().splitlines(keepends=True), 1),
    ],
)
def test_memory_is_flat_for_what_is_dropped(name, record, megabytes):
    read, path = READ[name]
    head = path.read_text().splitlines(keepends=True)[:1] if name == "read_table" else []

    def drop_everything(megabytes):
        n_records = int(megabytes * 10**6 / sum(map(len, record)))
        assert len(read(Generated(head, record, n_records), min_length=10**6)) == 0

    drop_everything(megabytes / 50)
    little = peak_mib(lambda: drop_everything(megabytes / 50))
    assert peak_mib(lambda: drop_everything(megabytes)) < little + 0.1


def test_error_of_the_file_is_no_error_of_the_format():
    class BadDisk(Generated):
        def __iter__(self):
            yield from self.record[:20]
            raise OSError("the disk is gone")

    for name in READ:
        read, path = READ[name]
        with pytest.raises(OSError, match="the disk is gone"):
            read(BadDisk([], path.read_text().splitlines(keepends=True)[:3], 1))


REAL = os.environ.get("PROTLSTM_REAL_RECORDS")


@pytest.mark.skipif(
    REAL is None, reason="PROTLSTM_REAL_RECORDS does not name a folder such as Biopython's Tests"
)
@pytest.mark.parametrize(
    ("reader", "folder"), [(read_genbank, "GenBank"), (read_swissprot, "SwissProt")]
)
def test_real_records(reader, folder):
    """Every file of the folder is read or refused by name, and most are read."""
    tables = []
    refused = 0
    files = [path for path in sorted(Path(REAL, folder).iterdir()) if path.is_file()]
    for path in files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SequenceFileWarning)
            try:
                tables.append(reader(path, label=None))
            except SequenceFileError:
                refused += 1
    assert sum(map(len, tables)) >= 20
    assert refused < len(files) / 2
    assert all(isinstance(table, SequenceTable) for table in tables)
