"""Homologous proteins: groups for splits that keep them together, and the most similar one."""

from sklearn_protlstm.homology._clusters import cluster_sequences
from sklearn_protlstm.homology._nearest import nearest_proteins

__all__ = ["cluster_sequences", "nearest_proteins"]
