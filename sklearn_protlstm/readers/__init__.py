"""Readers of sequence files, which all return a `SequenceTable`.

Biopython splits files into records. What is added here is what a classifier needs and a parser
leaves to its user: labels, an account of what was left out and why, and a refusal of files that
would train a wrong model without a word.

================= ================================================================
read_fasta        Sequences, and labels out of their headers
read_genbank      Translations of coding sequences, and the host of their source
read_swissprot    UniProt's text format, and the hosts that it lists for viruses
read_table        CSV and TSV with columns of the user's choice
iter_fasta        One FASTA record after the other, for files larger than memory
write_fasta       The way back
normalise_hosts   One name for each host, by a table of synonyms
================= ================================================================
"""

from sklearn_protlstm.readers._delimited import read_table
from sklearn_protlstm.readers._fasta import iter_fasta, read_fasta
from sklearn_protlstm.readers._fasta_writer import write_fasta
from sklearn_protlstm.readers._genbank import read_genbank
from sklearn_protlstm.readers._hosts import HOST_SYNONYMS, normalise_hosts
from sklearn_protlstm.readers._report import ReadReport
from sklearn_protlstm.readers._swissprot import read_swissprot
from sklearn_protlstm.readers._table import SequenceTable

__all__ = [
    "HOST_SYNONYMS",
    "ReadReport",
    "SequenceTable",
    "iter_fasta",
    "normalise_hosts",
    "read_fasta",
    "read_genbank",
    "read_swissprot",
    "read_table",
    "write_fasta",
]
