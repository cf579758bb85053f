"""Imports of pandas and matplotlib, which are optional."""

__all__ = ["import_pyplot", "make_frame"]


def make_frame(columns, method):
    """Make a DataFrame of columns; without pandas, raise an ImportError that names `method`."""
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise ImportError(
            f'{method} needs pandas. Install it with pip install "sklearn-protlstm[plot]"'
        ) from error
    return DataFrame(columns)


def import_pyplot():
    """Import matplotlib.pyplot, or raise an ImportError that says how to install it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            'Plots need matplotlib. Install it with pip install "sklearn-protlstm[plot]"'
        ) from error
    return plt
