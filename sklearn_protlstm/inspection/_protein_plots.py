"""Plots of one value, or one value per substitute, for each residue of a protein."""

import numpy as np

from sklearn_protlstm.inspection._plots import (
    HATCH,
    MAX_LETTERS,
    axes_or_new,
    find_runs,
    label_residues,
    write_caption,
)

# From purple to orange; 0 is white.
_DIVERGING = "PuOr_r"

# Colour of letters that are not read.
_UNREAD = "#888888"


def draw_residue_scores(sequence, scores, target, *, per_line=60, caption="", ax=None):
    """Draw a protein in lines of `per_line` residues, each coloured by its score.

    Residues with the score NaN are not read. They are hatched, and folded if they fill lines.
    """
    per_line = min(per_line, len(sequence))
    read = ~np.isnan(scores)
    lines = fold_lines(read, per_line)
    # The minimum height keeps the colour bar under one or two lines legible.
    ax = axes_or_new(ax, (max(5, 2.2 + 0.17 * per_line), max(2.2, 1.1 + 0.27 * len(lines))))
    table = np.full((len(lines), per_line), np.nan)
    for row, (start, stop) in zip(table, lines):
        if read[start:stop].any():
            row[: stop - start] = scores[start:stop]
    image = _show_diverging(ax, table)
    for number, (start, stop) in enumerate(lines):
        if read[start:stop].any():
            _write_residues(ax, number, sequence[start:stop], scores[start:stop], image.norm.vmax)
        else:
            _write_fold(ax, number, start, stop, per_line)
    _number_lines(ax, lines)
    bar = ax.figure.colorbar(
        image,
        ax=ax,
        location="bottom",
        aspect=60,
        shrink=0.7,
        label=f"log-odds: above 0 supports {target}, below 0 opposes it",
    )
    _explain_hatch(bar.ax, read, loc="center left", bbox_to_anchor=(1.02, 0.5))
    write_caption(ax, caption)
    return ax


def draw_substitutions(sequence, residues, effects, target, *, caption="", ax=None):
    """Draw a heat map of the change of P(target), shape (n_residues, n_positions).

    Columns of NaN are not read. They are hatched, and folded if there are many in a row.
    """
    read = ~np.isnan(effects).all(axis=0)
    columns = fold_columns(read)
    is_read = (columns >= 0) & read[columns]
    ax = axes_or_new(ax, (min(18, max(6, 2 + 0.14 * len(columns))), 4.5))
    table = np.where(is_read, effects[:, columns], np.nan)
    extent = (0.5, len(columns) + 0.5, len(residues) - 0.5, -0.5)
    image = _show_diverging(ax, table, extent=extent, interpolation="nearest")
    for start, stop in find_runs(~is_read):
        ax.axvspan(start + 0.5, stop + 0.5, **HATCH)
    ax.figure.colorbar(
        image, ax=ax, label=f"change of P({target}):\nabove 0 makes it more likely", pad=0.01
    )
    ax.set_yticks(range(len(residues)), list(residues), fontsize=7)
    _label_columns(ax, sequence, residues, columns)
    ax.set_ylabel("substitute")
    _explain_hatch(ax, read, loc="upper right", bbox_to_anchor=(1.0, -0.12))
    write_caption(ax, caption)
    return ax


def fold_lines(read, per_line):
    """Split a protein into lines, given as (start, stop); merge lines without read residues.

    Examples
    --------
    >>> fold_lines(np.array([True, False, False, False, False, False, True]), 2)
    [(0, 2), (2, 6), (6, 7)]
    """
    lines = []
    for start in range(0, len(read), per_line):
        stop = min(start + per_line, len(read))
        if lines and not read[lines[-1][0] : stop].any():
            lines[-1] = (lines[-1][0], stop)
        else:
            lines.append((start, stop))
    return lines


def fold_columns(read):
    """Choose the residues to show, with a few -1 for each long stretch that is not read.

    Examples
    --------
    >>> fold_columns(np.array([True] + [False] * 5 + [True]))
    array([ 0, -1, -1, -1,  6])
    """
    fold = np.full(max(3, np.count_nonzero(read) // 25), -1)
    pieces, end = [], 0
    for start, stop in find_runs(~read):
        if stop - start > len(fold):
            pieces += [np.arange(end, start), fold]
            end = stop
    return np.concatenate([*pieces, np.arange(end, len(read))])


def _show_diverging(ax, table, **params):
    """Show a table as an image whose colours are symmetric about 0."""
    bound = max(np.nanmax(np.abs(table)), 1e-9)
    return ax.imshow(table, cmap=_DIVERGING, vmin=-bound, vmax=bound, aspect="auto", **params)


def _write_residues(ax, line, residues, scores, bound):
    for start, stop in find_runs(np.isnan(scores)):
        _hatch_cells(ax, line, start, stop)
    style = {"ha": "center", "va": "center", "fontsize": 8, "family": "monospace"}
    for column, (residue, score) in enumerate(zip(residues, scores)):
        color = "white" if abs(score) > 0.6 * bound else _UNREAD if np.isnan(score) else "black"
        ax.text(column, line, residue, color=color, **style)


def _write_fold(ax, line, start, stop, per_line):
    _hatch_cells(ax, line, 0, per_line)
    ax.text(
        (per_line - 1) / 2,
        line,
        f"residues {start + 1} to {stop} not read",
        ha="center",
        va="center",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def _hatch_cells(ax, line, start, stop):
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((start - 0.5, line - 0.5), stop - start, 1, **HATCH))


def _explain_hatch(ax, read, **place):
    """Add a legend that counts the residues that are not read, if there are any."""
    from matplotlib.patches import Patch

    n_unread = int(np.count_nonzero(~read))
    if n_unread:
        label = f"not read: {n_unread} residue{'s' * (n_unread > 1)}"
        ax.legend(handles=[Patch(label=label, **HATCH)], frameon=False, fontsize=8, **place)


def _number_lines(ax, lines):
    """Write the position of the first and last residue beside each line, without a frame."""
    ax.set_yticks(range(len(lines)), [start + 1 for start, _ in lines])
    right = ax.secondary_yaxis("right")
    right.set_yticks(range(len(lines)), [stop for _, stop in lines])
    for axis in (ax, right):
        axis.tick_params(length=0)
    ax.set_xticks([])
    for spine in [*ax.spines.values(), *right.spines.values()]:
        spine.set_visible(False)


def _label_columns(ax, sequence, residues, columns):
    """Write the residues below a short heat map, or some positions below a long one."""
    shown = np.flatnonzero(columns >= 0)
    positions = columns[shown] + 1
    if len(columns) <= MAX_LETTERS:
        letters = [sequence[position - 1] for position in positions]
        label_residues(ax, (shown + 1).tolist(), positions.tolist(), letters)
        own = [(i + 1, residues.index(r)) for i, r in zip(shown, letters) if r in residues]
        if own:
            ax.plot(*zip(*own), ".", color="black", markersize=3)
        ax.set_xlabel("residue (dots mark the original residues)")
        return
    chosen = _choose_ticks(columns)
    ax.set_xticks(chosen + 1, (columns[chosen] + 1).tolist())
    ax.set_xlabel("position of the residue")


def _choose_ticks(columns):
    """Choose columns at the ends of each shown stretch, and some at round positions between."""
    ends = np.array([(start, stop - 1) for start, stop in find_runs(columns >= 0)]).ravel()
    step = next(
        step for step in (10, 20, 50, 100, 200, 500, 1000, 10**9) if len(columns) < 12 * step
    )
    round_positions = np.flatnonzero((columns >= 0) & ((columns + 1) % step == 0))
    distances = np.abs(round_positions[:, np.newaxis] - ends).min(axis=1)
    return np.union1d(ends, round_positions[distances > len(columns) / 25])
