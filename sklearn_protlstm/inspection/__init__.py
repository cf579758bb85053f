"""Look into a fitted model: what it remembers while it reads, and where it looks.

==================== =================================================================
memory_trace         What does it believe after each residue?
memory_horizon       From how far away does a residue still count?
position_scan        What if a motif stood elsewhere?
mutation_scan        What if one residue were another?
residue_attribution  Which residues speak for the class?
top_windows          Which windows speak loudest, over many proteins?
==================== =================================================================

Each gives a result with ``frame()`` and ``plot()``, and has a Display with ``from_estimator``.
"""

from sklearn_protlstm.inspection._attribution import (
    ResidueAttribution,
    ResidueAttributionDisplay,
    residue_attribution,
)
from sklearn_protlstm.inspection._horizon import (
    MemoryHorizon,
    MemoryHorizonDisplay,
    memory_horizon,
)
from sklearn_protlstm.inspection._mutations import (
    MutationScan,
    MutationScanDisplay,
    mutation_scan,
)
from sklearn_protlstm.inspection._positions import (
    PositionScan,
    PositionScanDisplay,
    position_scan,
)
from sklearn_protlstm.inspection._traces import MemoryTrace, MemoryTraceDisplay, memory_trace
from sklearn_protlstm.inspection._windows import TopWindows, TopWindowsDisplay, top_windows

__all__ = [
    "MemoryHorizon",
    "MemoryHorizonDisplay",
    "MemoryTrace",
    "MemoryTraceDisplay",
    "MutationScan",
    "MutationScanDisplay",
    "PositionScan",
    "PositionScanDisplay",
    "ResidueAttribution",
    "ResidueAttributionDisplay",
    "TopWindows",
    "TopWindowsDisplay",
    "memory_horizon",
    "memory_trace",
    "mutation_scan",
    "position_scan",
    "residue_attribution",
    "top_windows",
]
