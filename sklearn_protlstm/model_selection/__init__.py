"""Splits of sequences with any number of labels, which keep homologous proteins together."""

from sklearn_protlstm.model_selection._multilabel import MultilabelStratifiedGroupKFold

__all__ = ["MultilabelStratifiedGroupKFold"]
