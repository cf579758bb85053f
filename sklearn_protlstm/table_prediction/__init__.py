"""Predict tables in memory, and FASTA files of any size.

================= ================================================================
predictions_table Predictions of a table in memory
predict_fasta     Predictions from file to file, in runs that can be resumed
================= ================================================================
"""

from sklearn_protlstm.table_prediction._fasta import predict_fasta
from sklearn_protlstm.table_prediction._in_memory import predictions_table

__all__ = ["predict_fasta", "predictions_table"]
