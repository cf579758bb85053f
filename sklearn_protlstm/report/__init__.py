"""Reports to send: one HTML file about data, models and proteins.

============ ==================================================================
write_report Write a data check, a comparison and explained proteins to a file.
============ ==================================================================
"""

from sklearn_protlstm.report._write import write_report

__all__ = ["write_report"]
