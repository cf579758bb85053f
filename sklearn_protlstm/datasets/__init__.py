"""Sequence sets to learn on, test with and compare models by.

Two generators make sequences whose answer is known, because it was planted: it lies in where
motifs stand, never in which motifs there are. They tell a model that reads positions from one
that counts k-mers. One loader brings real proteins with the hosts that their viruses infect, and
one fetcher downloads more of them.

===================== ============================================================
make_motif_position   Is the motif at an end of the sequence, or in its middle?
make_motif_order      Which of two motifs comes first?
load_virus_hosts      1,179 viral proteins of six host groups, with homology groups
fetch_uniprot_hosts   Viral proteins and hosts of any UniProt query, downloaded once
===================== ============================================================
"""

from sklearn_protlstm.datasets._generators import make_motif_order, make_motif_position
from sklearn_protlstm.datasets._uniprot import fetch_uniprot_hosts
from sklearn_protlstm.datasets._virus_hosts import load_virus_hosts

__all__ = ["fetch_uniprot_hosts", "load_virus_hosts", "make_motif_order", "make_motif_position"]
