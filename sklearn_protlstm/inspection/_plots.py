"""Plots of inspection results, in colours that colour-blind readers can distinguish.

Each function draws on `ax`, or on a new figure if it is None, and returns the Axes.
"""

import numpy as np

from sklearn_protlstm._optional import import_pyplot, make_frame

# Palette of Okabe and Ito.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")

# Each repetition of the palette has its own line style.
_STYLES = ("-", "--", ":", "-.")

# From purple to orange; 0 is white.
_DIVERGING = "PuOr_r"

# The longest protein whose residues fit along an axis as letters.
_MAX_LETTERS = 80


def draw_curves(x, columns, names, *, xlabel, ylabel="probability", residues="", ax=None):
    """Draw one curve per column, with the residues as tick labels if they fit."""
    ax = _axes_or_new(ax, (8, 3.2))
    for number, (name, values) in enumerate(zip(names, columns.T)):
        repetition, place = divmod(number, len(_COLORS))
        style = {"color": _COLORS[place], "linestyle": _STYLES[repetition % len(_STYLES)]}
        # A line through a single point is invisible.
        ax.plot(x, values, marker="o" if len(x) == 1 else None, label=str(name), **style)
    if 0 < len(residues) <= _MAX_LETTERS:
        _label_residues(ax, x.tolist(), residues)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if ylabel == "probability":
        ax.set_ylim(-0.03, 1.03)
    else:
        ax.set_ylim(0, None)
    if len(names) > 1:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return ax


def draw_substitutions(sequence, residues, effects, target, *, ax=None):
    """Draw a heat map of the change of P(target), shape (n_residues, n_positions)."""
    ax = _axes_or_new(ax, (min(18, max(6, 2 + 0.14 * len(sequence))), 4.2))
    extent = (0.5, len(sequence) + 0.5, len(residues) - 0.5, -0.5)
    image = _show_diverging(ax, effects, effects, extent=extent, interpolation="nearest")
    ax.figure.colorbar(
        image, ax=ax, label=f"change of P({target}):\nabove 0 makes it more likely", pad=0.01
    )
    ax.set_yticks(range(len(residues)), list(residues), fontsize=7)
    if len(sequence) <= _MAX_LETTERS:
        _label_residues(ax, range(1, len(sequence) + 1), sequence)
        _mark_unchanged(ax, sequence, residues)
        ax.set_xlabel("residue (dots mark the original residues)")
    else:
        ax.set_xlabel("position of the residue")
    ax.set_ylabel("substitute")
    return ax


def draw_residue_scores(sequence, scores, target, *, per_line=60, ax=None):
    """Draw a protein in lines of `per_line` residues, each coloured by its score."""
    per_line = min(per_line, len(sequence))
    n_lines = -(-len(sequence) // per_line)
    # The minimum height keeps the colour bar under one or two lines legible.
    ax = _axes_or_new(ax, (max(5, 2.2 + 0.17 * per_line), max(1.8, 0.7 + 0.27 * n_lines)))
    padded = np.full(n_lines * per_line, np.nan)
    padded[: len(scores)] = scores
    image = _show_diverging(ax, padded.reshape(n_lines, per_line), scores)
    _write_residues(ax, sequence, np.abs(scores) > 0.6 * image.norm.vmax, per_line)
    _number_lines(ax, len(sequence), per_line)
    ax.figure.colorbar(
        image,
        ax=ax,
        location="bottom",
        aspect=60,
        shrink=0.7,
        label=f"log-odds: above 0 supports {target}, below 0 opposes it",
    )
    return ax


def draw_logo(windows, counts, *, ax=None):
    """Draw a sequence logo of windows of equal length, weighted by their counts."""
    try:
        import logomaker
    except ImportError as error:
        raise ImportError(
            "TopWindows.plot() needs logomaker. Install it with pip install "
            '"sklearn-protlstm[logo]"'
        ) from error
    ax = _axes_or_new(ax, (max(4, 1.2 + 0.5 * len(windows[0])), 2.4))
    heights = make_frame(letter_heights(windows, counts), "TopWindows.plot()")
    heights.index += 1
    logomaker.Logo(heights, ax=ax, color_scheme=_residue_colors(heights.columns))
    ax.set_ylim(0, np.log2(20))
    ax.set_xticks(range(1, len(windows[0]) + 1))
    ax.set_xlabel("residue of the window")
    ax.set_ylabel("bits")
    return ax


def letter_heights(windows, counts):
    """Compute the height of each letter at each place of a logo, in bits.

    The height is the frequency of the letter times the information at this place, which is
    log2(20) minus the entropy of the frequencies.
    """
    letters = np.array([list(window) for window in windows])
    frequencies = {
        letter: counts @ (letters == letter) / counts.sum() for letter in np.unique(letters)
    }
    table = np.array(list(frequencies.values()))
    entropy = -np.sum(table * np.log2(np.where(table > 0, table, 1)), axis=0)
    return dict(zip(frequencies, table * (np.log2(20) - entropy)))


def _axes_or_new(ax, figsize):
    if ax is None:
        _, ax = import_pyplot().subplots(figsize=figsize, layout="constrained")
    return ax


def _show_diverging(ax, table, values, **params):
    """Show a table as an image whose colours are symmetric about 0."""
    bound = max(np.abs(values).max(), 1e-9)
    return ax.imshow(table, cmap=_DIVERGING, vmin=-bound, vmax=bound, aspect="auto", **params)


def _label_residues(ax, positions, residues):
    """Write each residue below the x axis, and every tenth position below it."""
    labels = [
        f"{residue}\n{position}" if position % 10 == 0 else residue
        for position, residue in zip(positions, residues)
    ]
    ax.set_xticks(positions, labels, fontsize=8)


def _mark_unchanged(ax, sequence, residues):
    own = [(i, residues.index(r)) for i, r in enumerate(sequence, start=1) if r in residues]
    if own:
        ax.plot(*zip(*own), ".", color="black", markersize=3)


def _write_residues(ax, sequence, is_dark, per_line):
    style = {"ha": "center", "va": "center", "fontsize": 8, "family": "monospace"}
    for number, (residue, dark) in enumerate(zip(sequence, is_dark)):
        line, column = divmod(number, per_line)
        ax.text(column, line, residue, color="white" if dark else "black", **style)


def _number_lines(ax, n_residues, per_line):
    """Write the position of the first and last residue beside each line, without a frame."""
    starts = range(0, n_residues, per_line)
    ax.set_yticks(range(len(starts)), [start + 1 for start in starts])
    right = ax.secondary_yaxis("right")
    right.set_yticks(range(len(starts)), [min(start + per_line, n_residues) for start in starts])
    for axis in (ax, right):
        axis.tick_params(length=0)
    ax.set_xticks([])
    for spine in [*ax.spines.values(), *right.spines.values()]:
        spine.set_visible(False)


def _residue_colors(residues):
    """Colour acidic, basic, polar and all other residues differently."""
    groups = {"DE": _COLORS[1], "KRH": _COLORS[0], "STNQCGPY": _COLORS[2]}
    colors = dict.fromkeys(residues, _COLORS[6])
    for members, color in groups.items():
        colors.update({member: color for member in members if member in colors})
    return colors
