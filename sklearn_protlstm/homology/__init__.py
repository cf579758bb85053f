"""Grouping of homologous proteins, for splits that keep them together."""

from sklearn_protlstm.homology._clusters import cluster_sequences

__all__ = ["cluster_sequences"]
