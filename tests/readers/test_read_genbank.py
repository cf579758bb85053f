"""read_genbank reads translated coding sequences with the hosts of their sources."""

import io

import pytest
from reader_cases import DATA, GENBANK

from sklearn_protlstm.exceptions import SequenceFileError, SequenceFileWarning
from sklearn_protlstm.readers import ReadReport, read_genbank

HUMAN = "Homo sapiens; male; age 23"


def test_translations_and_hosts_are_read():
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


def test_translation_is_copied_from_the_file():
    text = "".join(GENBANK.read_text().split())
    for sequence in read_genbank(GENBANK).sequences:
        assert f'/translation="{sequence}"' in text


def test_proteins_without_host_are_kept_if_label_is_none():
    table = read_genbank(GENBANK, label=None)
    assert table.labels is None
    assert table.report.counts == {"no translation": 1, "no CDS": 1}
    hosts = dict(zip(table.ids, table.metadata["host"]))
    assert hosts["MDA00005.1"] == ""
    assert hosts["MDA00006.1"] == "Homo sapiens; Canis lupus familiaris"


def test_label_can_be_another_qualifier():
    table = read_genbank(GENBANK, label="strain")
    assert set(table.labels) == {"A/Nowhere/1/2020", "PV-1"}
    assert table.report.counts["no strain"] == 2


def test_host_comes_from_the_source_that_spans_the_gene():
    # The last record has two adjacent sources, with a gene in each.
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


def test_first_of_several_hosts_can_be_used():
    table = read_genbank(GENBANK, several_hosts="first")
    assert "several hosts" not in table.report.counts
    assert table.labels[table.ids.index("MDA00006.1")] == "Homo sapiens"


def test_damaged_locus_line_raises():
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


def test_warnings_of_biopython_become_one_warning():
    text = GENBANK.read_text().replace("01-JAN-2024", "01/JAN/2024")
    message = (
        r"6 record\(s\) do not quite follow the GenBank format.*first is record 0 .*position 71"
    )
    with pytest.warns(SequenceFileWarning, match=message) as caught:
        table = read_genbank(io.StringIO(text))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert caught[0].message.n_records == 6
    assert len(table) == 6
