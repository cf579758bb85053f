"""pandas and matplotlib, which are optional and loaded when they are first needed."""

__all__ = ["import_pyplot", "make_frame"]


def make_frame(columns, method):
    """Make a DataFrame, or say what is missing.

    Parameters
    ----------
    columns : dict of str to sequence
        All of one length.
    method : str
        Who asks, for the message.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        With a plain index.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    try:
        # Loaded when first needed: most uses of the package make no table.
        from pandas import DataFrame
    except ImportError as error:
        raise ImportError(
            f'{method} needs pandas. Install it with pip install "sklearn-protlstm[plot]".'
        ) from error
    return DataFrame(columns)


def import_pyplot():
    """Load matplotlib's pyplot, or say how to get it.

    Returns
    -------
    pyplot : module
        ``matplotlib.pyplot``.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            'Plots need matplotlib. Install it with pip install "sklearn-protlstm[plot]"'
        ) from error
    return plt
