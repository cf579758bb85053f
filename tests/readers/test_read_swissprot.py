"""read_swissprot reads viral proteins with the hosts of their virus."""

import io

import pytest
from reader_cases import GENBANK, SWISSPROT

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers import read_genbank, read_swissprot


def test_sequences_and_hosts_are_read():
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


def test_label_can_be_the_taxonomy_id():
    table = read_swissprot(SWISSPROT, label="host_taxonomy_id")
    assert table.labels.tolist() == ["9606", "9823", "9823", "9685"]


def test_proteins_without_host_are_kept_if_label_is_none():
    table = read_swissprot(SWISSPROT, label=None)
    assert len(table) == 6
    assert table.metadata["host_taxonomy_ids"][2:4] == ["9606; 9615", ""]


def test_unknown_label_raises():
    message = "label must be 'host', 'host_taxonomy_id' or None; got 'organism'"
    with pytest.raises(ValueError, match=message):
        read_swissprot(SWISSPROT, label="organism")


def test_first_of_several_hosts_can_be_used():
    table = read_swissprot(SWISSPROT, several_hosts="first")
    assert "several hosts" not in table.report.counts
    assert table.labels[table.ids.index("X0AAA3")] == "Homo sapiens (Human)"


def test_missing_residues_raise():
    text = SWISSPROT.read_text()
    start = text.index("CRC64;\n") + len("CRC64;\n")
    text = text[:start] + text[text.index("\n", start) + 1 :]
    message = r"record 0 \('SPIKE_MADEH', counted from 0\) has 10 residues, but its ID line says 70"
    with pytest.raises(SequenceFileError, match=message):
        read_swissprot(io.StringIO(text))
