"""Alias of :mod:`homology` and :mod:`data_checks`, kept for old imports."""

from sklearn_protlstm.data_checks import DataReport, Finding, Shortcut, check_data
from sklearn_protlstm.homology import cluster_sequences

__all__ = ["DataReport", "Finding", "Shortcut", "check_data", "cluster_sequences"]
