"""What the plots of inspection results share, and the plots of curves.

Each function that draws a plot draws on `ax`, or on a new figure if it is None, and returns the
Axes. Colour-blind readers can distinguish the colours.
"""

import textwrap

import numpy as np

from sklearn_protlstm._optional import import_pyplot

# Palette of Okabe and Ito.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")

# Each repetition of the palette has its own line style.
_STYLES = ("-", "--", ":", "-.")

_GREY = "#999999"

# Hatching marks residues that the network does not read.
HATCH = {"facecolor": "white", "edgecolor": "#CCCCCC", "hatch": "/////", "linewidth": 0}

# The longest protein whose residues fit along an axis as letters.
MAX_LETTERS = 80

# Means over fewer proteins are marked as uncertain.
_FEW_PROTEINS = 10


def draw_curves(
    x,
    columns,
    names,
    *,
    xlabel,
    coloured=None,
    multilabel=False,
    residues="",
    caption="",
    ax=None,
):
    """Draw one curve of probabilities per column, with the residues as tick labels if they fit.

    Columns other than `coloured` are grey. None colours all of them.
    """
    ax = axes_or_new(ax, (8, 3.2))
    coloured = range(len(names)) if coloured is None else coloured
    # A line through a single point is invisible.
    marker = "o" if len(x) == 1 else None
    for number, place in enumerate(coloured):
        repetition, color = divmod(number, len(COLORS))
        style = {"color": COLORS[color], "linestyle": _STYLES[repetition % len(_STYLES)]}
        ax.plot(x, columns[:, place], marker=marker, label=str(names[place]), **style)
    _draw_others(ax, x, columns, names, coloured, marker, multilabel)
    if 0 < len(residues) <= MAX_LETTERS:
        label_residues(ax, x.tolist(), x.tolist(), residues)
    ax.set_xlabel(xlabel)
    ax.set_ylabel("probability")
    ax.set_ylim(-0.03, 1.03)
    _add_legend(ax)
    write_caption(ax, caption)
    return ax


def draw_horizon(distances, effects, n_proteins, *, xlabel, caption="", ax=None):
    """Draw effects by distance over a grey area for the number of proteins behind each of them."""
    ax = axes_or_new(ax, (8, 3.2))
    few = n_proteins < _FEW_PROTEINS
    counts = ax.twinx()
    counts.fill_between(distances, n_proteins, step="mid", color=_GREY, alpha=0.25, linewidth=0)
    counts.set_ylim(0, 1.05 * n_proteins.max())
    counts.yaxis.get_major_locator().set_params(integer=True)
    counts.set_ylabel("number of proteins (grey)")
    # The curve goes on top of the area.
    ax.set_zorder(counts.get_zorder() + 1)
    ax.patch.set_visible(False)
    ax.plot(distances, effects, "--", color=COLORS[0], linewidth=0.8)
    for chosen, face, label in (
        (~few, COLORS[0], f"at least {_FEW_PROTEINS} proteins"),
        (few, "white", f"fewer than {_FEW_PROTEINS} proteins"),
    ):
        if chosen.any():
            line = "none" if face == "white" else "-"
            values = np.where(chosen, effects, np.nan)
            ax.plot(distances, values, "o", ls=line, ms=3, color=COLORS[0], mfc=face, label=label)
    ax.set_ylim(0, None)
    ax.set_xlabel(xlabel)
    ax.set_ylabel("mean change of the log-odds")
    ax.legend(loc="best", frameon=False, fontsize=8)
    write_caption(ax, caption)
    return ax


def hatch_positions(ax, positions, label):
    """Hatch the x axis around integer positions, with one entry in the legend."""
    is_marked = np.zeros(max(positions, default=0) + 1, dtype=bool)
    is_marked[positions] = True
    for number, (start, stop) in enumerate(find_runs(is_marked)):
        style = {"label": label if number == 0 else None, "zorder": 0, **HATCH}
        ax.axvspan(start - 0.5, stop - 0.5, **style)
    if len(positions):
        _add_legend(ax)


def find_runs(is_marked):
    """Starts and stops of the stretches of True, as a list of tuples.

    Examples
    --------
    >>> find_runs(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(is_marked.astype(np.int8), prepend=0, append=0))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist()))


def axes_or_new(ax, figsize):
    """Return `ax`, or the Axes of a new figure if it is None."""
    if ax is None:
        _, ax = import_pyplot().subplots(figsize=figsize, layout="constrained")
    return ax


def write_caption(ax, caption):
    """Write a title over the Axes, wrapped to their width."""
    width = ax.get_position().width * ax.figure.get_figwidth()
    # About 15 letters of 9 points fit into an inch.
    lines = [textwrap.fill(line, max(20, int(15 * width))) for line in caption.splitlines()]
    ax.set_title("\n".join(lines), fontsize=9, loc="left")


def label_residues(ax, places, positions, residues):
    """Write each residue below the x axis, and every tenth position below it."""
    labels = [
        f"{residue}\n{position}" if position % 10 == 0 else residue
        for position, residue in zip(positions, residues)
    ]
    ax.set_xticks(places, labels, fontsize=8)


def _draw_others(ax, x, columns, names, coloured, marker, multilabel):
    """Draw the other columns in grey, and name each that leads somewhere with at least 0.5.

    Labels need not lead, because a protein can have several.
    """
    kind = "labels" if multilabel else "classes"
    others = [place for place in range(len(names)) if place not in coloured]
    for number, place in enumerate(others):
        values = columns[:, place]
        label = f"{len(others)} other {kind}" if number == 0 else None
        ax.plot(x, values, marker=marker, color=_GREY, linewidth=0.8, zorder=1, label=label)
        peak = int(values.argmax())
        if values[peak] >= 0.5 and (multilabel or values[peak] == columns[peak].max()):
            ax.annotate(str(names[place]), (x[peak], values[peak]), color="#555555", fontsize=8)


def _add_legend(ax):
    handles, labels = ax.get_legend_handles_labels()
    if len(handles) > 1:
        ax.legend(handles, labels, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
