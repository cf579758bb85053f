"""Choose from which probability on a classifier predicts each label.

======================== ===========================================================
LabelThresholdClassifier Predicts labels with thresholds from held-out families.
======================== ===========================================================
"""

from sklearn_protlstm.thresholds._classifier import LabelThresholdClassifier

__all__ = ["LabelThresholdClassifier"]
