"""docs/reading.md quotes the error messages of the readers verbatim."""

import gzip
from pathlib import Path

import pytest

from sklearn_protlstm.exceptions import EmptySequenceError, SequenceFileError
from sklearn_protlstm.readers import read_fasta, read_genbank, read_swissprot, read_table

PAGE = Path(__file__).parents[2] / "docs" / "reading.md"
DATA = Path(__file__).parents[1] / "data"
GENBANK, SWISSPROT = (DATA / "viruses.gb").read_text(), (DATA / "viruses.dat").read_text()


def read_sequences(path):
    return read_table(path, sequence="sequence")


def read_short_records(path):
    return read_fasta(path, max_record_length=9)


def read_labelled(path):
    return read_fasta(path, label=r"host=(\w+)")


def read_all_labels(path):
    return read_fasta(path, label=r"host=(.+)", hosts="all")


@pytest.mark.parametrize(
    ("read", "name", "content"),
    [
        (read_fasta, "a.fasta", ""),
        (read_fasta, "a.fasta", "<!DOCTYPE html>\n"),
        (read_fasta, "a.fasta", ">p1\nMNTQ\n>p2\n"),
        (read_labelled, "a.fasta", ">p1 host=dog\nMNTQ\n>p2 strain=x\nMNTQ\n"),
        (read_fasta, "a.fasta.gz", gzip.compress(b">p1\nMNTQ\n", mtime=0)[:-6]),
        (read_fasta, "a.fasta.gz", gzip.compress(b">p1\nMNTQ\n", mtime=0) + b">p2\n"),
        (read_fasta, "a.fasta", ">p1\nMNTQ\n".encode("utf-16")),
        (read_short_records, "a.fasta", ">p1\nMNTQ\n>p2\nMNTQAKGDKI\n"),
        (read_genbank, "a.gb", ">p1\nMNTQ\n"),
        (read_genbank, "a.gb", GENBANK[:3000]),
        (read_genbank, "a.gb", GENBANK.replace("LOCUS       MADE0002", "LOCSU       MADE0002")),
        (read_genbank, "a.gb", GENBANK.replace('soil virus"', "soil virus")),
        (read_swissprot, "a.dat", ">p1\nMNTQ\n"),
        (read_swissprot, "a.dat", SWISSPROT.replace("         25 AA", "         99 AA")),
        (read_swissprot, "a.dat", SWISSPROT[:900]),
        (read_sequences, "a.csv", "id,seq\np1,MNTQ\n"),
        (read_sequences, "a.csv", "id,sequence\np1,MNTQ,dog\n"),
        (read_sequences, "a.csv", 'id,sequence\n"p1,MNTQ\n'),
        (read_sequences, "a.csv", "id,sequence\np1,MNTQ\nid,sequence\n"),
        (read_all_labels, "a.fasta", ">p1 host=dog;pig\nMNTQ\n"),
        (read_sequences, "a.txt", "id,sequence\np1,MNTQ\n"),
    ],
)
def test_page_quotes_the_message(read, name, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises((SequenceFileError, EmptySequenceError, ValueError)) as error:
        read(name)
    assert f"`{error.value}`" in PAGE.read_text(encoding="utf-8")
