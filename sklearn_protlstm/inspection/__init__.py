"""Inspect a fitted model: what it remembers while it reads, and which residues it relies on.

==================== ===========================================================
memory_trace         Probabilities after each residue
memory_horizon       Effect of a substitution by its distance to a terminus
position_scan        Probabilities as a motif moves through a protein
mutation_scan        Effect of every single substitution
residue_attribution  Contribution of each residue to the log-odds of a class or label
top_windows          Windows that contribute most, over many proteins
==================== ===========================================================

Each function returns a result with the methods ``frame()`` and ``plot()``.
"""

from sklearn_protlstm.inspection._attribution import ResidueAttribution, residue_attribution
from sklearn_protlstm.inspection._horizon import MemoryHorizon, memory_horizon
from sklearn_protlstm.inspection._mutations import MutationScan, mutation_scan
from sklearn_protlstm.inspection._positions import PositionScan, position_scan
from sklearn_protlstm.inspection._traces import MemoryTrace, memory_trace
from sklearn_protlstm.inspection._windows import TopWindows, top_windows

__all__ = [
    "MemoryHorizon",
    "MemoryTrace",
    "MutationScan",
    "PositionScan",
    "ResidueAttribution",
    "TopWindows",
    "memory_horizon",
    "memory_trace",
    "mutation_scan",
    "position_scan",
    "residue_attribution",
    "top_windows",
]
