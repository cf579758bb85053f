"""The readers, each with a small file that it can read."""

from pathlib import Path

from sklearn_protlstm.readers import read_fasta, read_genbank, read_swissprot, read_table

DATA = Path(__file__).parents[1] / "data"
GENBANK, SWISSPROT = DATA / "viruses.gb", DATA / "viruses.dat"
CSV, TSV = DATA / "ncbi_virus.csv", DATA / "ncbi_virus.tsv"


def read_ncbi_csv(path, **params):
    return read_table(path, sequence="Sequence", id="Accession", delimiter=",", **params)


READERS = {
    "read_fasta": (read_fasta, DATA / "hosts.fasta"),
    "read_genbank": (read_genbank, GENBANK),
    "read_swissprot": (read_swissprot, SWISSPROT),
    "read_table": (read_ncbi_csv, CSV),
}
