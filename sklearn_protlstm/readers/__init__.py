"""Readers of sequence files, which all return a `SequenceTable`.

Biopython splits a file into records. The readers add what a classifier needs: labels, a report
of the dropped records, and an error for a file that would silently train a wrong model.

================= ================================================================
read_fasta        Sequences from FASTA, with labels from the headers
read_genbank      Translated coding sequences, with the host of their source
read_swissprot    UniProt's text format, with the hosts of viral proteins
read_table        CSV and TSV, with columns that you choose
iter_fasta        FASTA records one by one, for files larger than memory
write_fasta       Write sequences as FASTA
normalise_hosts   Replace synonyms so that each host has one name
================= ================================================================
"""

from sklearn_protlstm.readers._delimited import read_table
from sklearn_protlstm.readers._fasta import iter_fasta, read_fasta
from sklearn_protlstm.readers._fasta_writer import write_fasta
from sklearn_protlstm.readers._genbank import read_genbank
from sklearn_protlstm.readers._hosts import HOST_SYNONYMS, normalise_hosts
from sklearn_protlstm.readers._report import ReadReport
from sklearn_protlstm.readers._swissprot import read_swissprot
from sklearn_protlstm.readers._table import SequenceRecord, SequenceTable

__all__ = [
    "HOST_SYNONYMS",
    "ReadReport",
    "SequenceRecord",
    "SequenceTable",
    "iter_fasta",
    "normalise_hosts",
    "read_fasta",
    "read_genbank",
    "read_swissprot",
    "read_table",
    "write_fasta",
]
