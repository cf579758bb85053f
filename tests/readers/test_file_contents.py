"""Readers warn of DNA, of repeats of one letter, and of identifiers instead of classes."""

import io
import itertools

import numpy as np
import pytest

from sklearn_protlstm.exceptions import DataQualityWarning
from sklearn_protlstm.readers import iter_fasta, read_fasta


def fasta(letters, n_records, length=40):
    rows = np.random.RandomState(0).choice(list(letters), size=(n_records, length))
    return "".join(
        f">sp|P{number}|SPIKE host={'dog' if number % 2 else 'human'}\n{''.join(row)}\n"
        for number, row in enumerate(rows)
    )


PROTEINS = fasta("ACDEFGHIKLMNPQRSTVWY", 20)
DNA = fasta("acgt", 20)


def test_dna_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "genes.fasta").write_text(PROTEINS + DNA.replace(">sp|", ">tr|"))
    with pytest.warns(DataQualityWarning) as caught:
        table = read_fasta("genes.fasta")
    assert len(table) == 40
    assert [str(w.message) for w in caught] == [
        "genes.fasta: 20 of 40 sequences (50.0%) consist of the letters A, C, G, T, U and N. They "
        "look like DNA or RNA, but each letter is read as an amino acid. Translate them first, for "
        "example with Biopython's Seq.translate"
    ]
    assert caught[0].message.kind == "nucleotide sequences"
    assert caught[0].filename == __file__


def test_repeats_of_one_letter_are_a_warning():
    with pytest.warns(DataQualityWarning, match=r"the open file: 1 of 21 sequences \(4\.8%\) rep"):
        read_fasta(io.StringIO(PROTEINS + f">x\n{'A' * 40}\n"))


def test_iter_fasta_warns_at_the_end_of_a_short_file():
    with pytest.warns(DataQualityWarning, match="the open file: 20 of 20 sequences") as caught:
        records = list(iter_fasta(io.StringIO(DNA)))
    assert len(records) == 20
    assert [w.filename for w in caught] == [__file__]


def test_iter_fasta_warns_once_after_500_records_of_a_long_file():
    records = iter_fasta(io.StringIO(fasta("ACGT", 1100)))
    assert len(list(itertools.islice(records, 500))) == 500
    message = "the open file, first 500 records: 500 of 500 sequences"
    with pytest.warns(DataQualityWarning, match=message):
        assert next(records)[0] == "sp|P500|SPIKE"
    assert len(list(records)) == 599


def test_proteins_are_no_warning():
    assert len(read_fasta(io.StringIO(PROTEINS), label=r"host=(\w+)")) == 20
    assert len(list(iter_fasta(io.StringIO(PROTEINS)))) == 20


def test_accessions_as_labels_are_a_warning():
    with pytest.warns(DataQualityWarning) as caught:
        read_fasta(io.StringIO(PROTEINS), label=r"\|(\w+)\|")
    assert [str(w.message) for w in caught] == [
        "the open file: 20 of 20 records have a label that no other record has, such as 'P0'. The "
        "labels look like identifiers, not classes. Check where label= finds them."
    ]
    assert caught[0].message.kind == "identifier labels"
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "labels",
    [
        list("abcdefghi"),  # fewer than ten
        list("aabbcdefghijklmnopqr"),  # 16 of 20 occur once
    ],
)
def test_few_or_repeated_labels_are_no_warning(labels):
    file = io.StringIO(fasta("ACDEFGHIKLMNPQRSTVWY", len(labels)))
    given = iter(labels)
    assert read_fasta(file, label=lambda header: next(given)).labels.tolist() == labels


def test_labels_of_which_90_percent_occur_once_are_a_warning():
    given = iter("aabcdefghijklmnopqrs")
    with pytest.warns(DataQualityWarning, match="18 of 20 records .*such as 'b'"):
        read_fasta(io.StringIO(PROTEINS), label=lambda header: next(given))
