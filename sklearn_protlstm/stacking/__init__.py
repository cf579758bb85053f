"""Combine several classifiers into one with probabilities that hold for unseen families.

======================= ============================================================
GroupStackingClassifier A weighted pool of classifiers, fitted on held-out groups.
======================= ============================================================
"""

from sklearn_protlstm.stacking._stack import GroupStackingClassifier

__all__ = ["GroupStackingClassifier"]
