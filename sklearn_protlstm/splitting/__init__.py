"""Homology groups, so that relatives of a test protein stay out of the training set.

Random folds put close relatives on both sides of a split, and a model that remembers then looks
like one that understands. Groups of homologous proteins, handed to scikit-learn's group
splitters, keep relatives on one side.

================= ================================================================
cluster_sequences Which proteins are relatives? The ``groups`` of a cross-validation
check_data        What in the data would make any score untrue?
================= ================================================================
"""

from sklearn_protlstm.splitting._clusters import cluster_sequences
from sklearn_protlstm.splitting._findings import Finding
from sklearn_protlstm.splitting._report import DataReport, check_data
from sklearn_protlstm.splitting._shortcuts import Shortcut

__all__ = ["DataReport", "Finding", "Shortcut", "check_data", "cluster_sequences"]
