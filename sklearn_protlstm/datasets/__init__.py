"""Datasets to train, test and compare models on.

The generated sets have a known answer: the class depends on the positions of motifs, not on which
motifs occur. They show whether a model uses positions or counts k-mers. The other sets hold real
proteins, with the hosts of their viruses or with their place in the cell.

===================== ==============================================================
make_motif_position   Is the motif at an end of the sequence or in the middle?
make_motif_order      Which of two motifs comes first?
make_motif_labels     Several labels, each the order of two motifs
load_localization     4,423 proteins of ten places in the cell, with homology groups
load_virus_hosts      1,179 viral proteins of six host groups, with homology groups
fetch_uniprot_hosts   Viral proteins and hosts of any UniProt query
===================== ==============================================================
"""

from sklearn_protlstm.datasets._generators import make_motif_order, make_motif_position
from sklearn_protlstm.datasets._localization import load_localization
from sklearn_protlstm.datasets._motif_labels import make_motif_labels
from sklearn_protlstm.datasets._uniprot import fetch_uniprot_hosts
from sklearn_protlstm.datasets._virus_hosts import load_virus_hosts

__all__ = [
    "fetch_uniprot_hosts",
    "load_localization",
    "load_virus_hosts",
    "make_motif_labels",
    "make_motif_order",
    "make_motif_position",
]
