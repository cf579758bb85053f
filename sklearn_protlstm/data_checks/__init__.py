"""Checks for problems in the data that make scores unreliable: duplicates, leaks, shortcuts."""

from sklearn_protlstm.data_checks._findings import Finding
from sklearn_protlstm.data_checks._report import DataReport, check_data
from sklearn_protlstm.data_checks._shortcuts import LabelShortcut, Shortcut

__all__ = ["DataReport", "Finding", "LabelShortcut", "Shortcut", "check_data"]
