"""Figures with several panels."""

import math

from sklearn_protlstm._optional import import_pyplot

# Widest figure, in inches, that a screen or a page shows at a readable size.
_MAX_WIDTH = 16


def make_grid(n_panels, size, **kwargs):
    """Make a figure with panels of about `size` inches, in rows of similar length."""
    plt = import_pyplot()
    n_rows = math.ceil(n_panels / max(1, int(_MAX_WIDTH / size[0])))
    n_columns = math.ceil(n_panels / n_rows)
    figure, panels = plt.subplots(
        n_rows,
        n_columns,
        figsize=(1.2 + size[0] * n_columns, 0.4 + size[1] * n_rows),
        squeeze=False,
        layout="constrained",
        **kwargs,
    )
    panels = panels.ravel().tolist()
    for axes in panels[n_panels:]:
        axes.remove()
    return figure, panels[:n_panels]
