"""Alias of :mod:`table_prediction`, kept for old imports."""

from sklearn_protlstm.table_prediction import predict_fasta, predictions_table

__all__ = ["predict_fasta", "predictions_table"]
