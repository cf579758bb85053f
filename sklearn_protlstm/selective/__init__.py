"""Answer only where a classifier is sure enough, and say "unknown" elsewhere.

=================== ================================================================
SelectiveClassifier Answers with a given precision on unseen protein families.
=================== ================================================================
"""

from sklearn_protlstm.selective._classifier import SelectiveClassifier

__all__ = ["SelectiveClassifier"]
