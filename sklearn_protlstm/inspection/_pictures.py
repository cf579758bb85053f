"""Drawings of what the inspections find, in colours that everyone can tell apart."""

import numpy as np

from sklearn_protlstm._optional import import_pyplot, make_frame

__all__ = ["draw_curves", "draw_logo", "draw_mutations", "draw_track"]

# Okabe and Ito's colours, which colour-blind readers can tell apart.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")

# Lines of the second, third and fourth eight classes.
_STYLES = ("-", "--", ":", "-.")

# Purple against orange is told apart by colour-blind readers too; white is 0.
_DIVERGING = "PuOr_r"

# Letters are drawn where they can be read.
_READABLE = 80


def draw_curves(x, columns, names, *, xlabel, ylabel="probability", residues="", ax=None):
    """Draw one curve for each class.

    Parameters
    ----------
    x : ndarray of shape (n_points,)
        Positions.
    columns : ndarray of shape (n_points, n_classes)
        Heights of the curves.
    names : sequence of length n_classes
        Labels of the curves.
    xlabel : str
        What `x` counts.
    ylabel : str, default="probability"
        What the heights are. Probabilities get an axis from 0 to 1.
    residues : str, default=""
        Written under the points where there is room.
    ax : matplotlib.axes.Axes or None, default=None
        None makes a new figure.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The picture.
    """
    if ax is None:
        _, ax = import_pyplot().subplots(figsize=(8, 3.2), layout="constrained")
    for number, (name, values) in enumerate(zip(names, columns.T)):
        round_, place = divmod(number, len(_COLORS))
        style = {"color": _COLORS[place], "linestyle": _STYLES[round_ % len(_STYLES)]}
        # A line through a single point is invisible.
        ax.plot(x, values, marker="o" if len(x) == 1 else None, label=str(name), **style)
    if 0 < len(residues) <= _READABLE:
        numbers = [f"\n{i}" if i % 10 == 0 else "" for i in x.tolist()]
        ax.set_xticks(x, list(map("".join, zip(residues, numbers))), fontsize=8)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if ylabel == "probability":
        ax.set_ylim(-0.03, 1.03)
    else:
        ax.set_ylim(0, None)
    if len(names) > 1:
        # Beside the curves, where it hides none of them.
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return ax


def draw_mutations(sequence, residues, effects, target, *, ax=None):
    """Draw a heat map of substitutions.

    Parameters
    ----------
    sequence : str
        The protein, along the x axis.
    residues : str
        The substitutes, along the y axis.
    effects : ndarray of shape (n_residues, n_positions)
        Changes of the probability.
    target : label
        The class whose probability it is.
    ax : matplotlib.axes.Axes or None, default=None
        None makes a new figure.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The picture.
    """
    if ax is None:
        width = min(18, max(6, 2 + 0.14 * len(sequence)))
        _, ax = import_pyplot().subplots(figsize=(width, 4.2), layout="constrained")
    bound = max(np.abs(effects).max(), 1e-9)
    image = ax.imshow(
        effects,
        cmap=_DIVERGING,
        vmin=-bound,
        vmax=bound,
        aspect="auto",
        extent=(0.5, len(sequence) + 0.5, len(residues) - 0.5, -0.5),
        interpolation="nearest",
    )
    ax.figure.colorbar(
        image, ax=ax, label=f"change of P({target}):\nabove 0 makes it more likely", pad=0.01
    )
    ax.set_yticks(range(len(residues)), list(residues), fontsize=7)
    if len(sequence) <= _READABLE:
        places = range(1, len(sequence) + 1)
        numbers = [f"\n{place}" if place % 10 == 0 else "" for place in places]
        ax.set_xticks(places, list(map("".join, zip(sequence, numbers))), fontsize=8)
        own = [(i, residues.index(r)) for i, r in enumerate(sequence, start=1) if r in residues]
        if own:
            ax.plot(*zip(*own), ".", color="black", markersize=3)
        ax.set_xlabel("residue (a dot where nothing is substituted)")
    else:
        ax.set_xlabel("position of the residue")
    ax.set_ylabel("substitute")
    return ax


def draw_track(sequence, scores, target, *, per_line=60, ax=None):
    """Draw a protein in lines, each residue coloured by its score.

    Parameters
    ----------
    sequence : str
        The protein.
    scores : ndarray of shape (n_residues,)
        Above 0 for the class.
    target : label
        The class.
    per_line : int, default=60
        Residues of a line.
    ax : matplotlib.axes.Axes or None, default=None
        None makes a new figure.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The picture.
    """
    per_line = min(per_line, len(sequence))
    n_lines = -(-len(sequence) // per_line)
    if ax is None:
        # A legend beside a line or two would be too low to read.
        size = (max(5, 2.2 + 0.17 * per_line), max(1.8, 0.7 + 0.27 * n_lines))
        _, ax = import_pyplot().subplots(figsize=size, layout="constrained")
    bound = max(np.abs(scores).max(), 1e-9)
    padded = np.full(n_lines * per_line, np.nan)
    padded[: len(scores)] = scores
    image = ax.imshow(
        padded.reshape(n_lines, per_line), cmap=_DIVERGING, vmin=-bound, vmax=bound, aspect="auto"
    )
    for number, (residue, score) in enumerate(zip(sequence, scores)):
        line, column = divmod(number, per_line)
        color = "white" if abs(score) > 0.6 * bound else "black"
        style = {"ha": "center", "va": "center", "fontsize": 8, "family": "monospace"}
        ax.text(column, line, residue, color=color, **style)
    starts = range(0, len(sequence), per_line)
    ax.set_yticks(range(n_lines), [start + 1 for start in starts])
    ends = ax.secondary_yaxis("right")
    ends.set_yticks(range(n_lines), [min(start + per_line, len(sequence)) for start in starts])
    for axis in (ax, ends):
        axis.tick_params(length=0)
    ax.set_xticks([])
    for spine in [*ax.spines.values(), *ends.spines.values()]:
        spine.set_visible(False)
    ax.figure.colorbar(
        image,
        ax=ax,
        location="bottom",
        aspect=60,
        shrink=0.7,
        label=f"log-odds: above 0 speaks for {target}, below 0 against it",
    )
    return ax


def draw_logo(windows, counts, *, ax=None):
    """Draw windows as a sequence logo: letters as high as they are frequent, in bits.

    Parameters
    ----------
    windows : list of str
        All of one length.
    counts : ndarray of shape (n_windows,)
        How often each counts.
    ax : matplotlib.axes.Axes or None, default=None
        None makes a new figure.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The picture.

    Raises
    ------
    ImportError
        If logomaker is not installed.
    """
    try:
        import logomaker
    except ImportError as error:
        raise ImportError(
            'A logo needs logomaker. Install it with pip install "sklearn-protlstm[logo]"'
        ) from error
    if ax is None:
        width = 1.2 + 0.5 * len(windows[0])
        _, ax = import_pyplot().subplots(figsize=(max(4, width), 2.4), layout="constrained")
    heights = make_frame(_information(windows, counts), "TopWindows.plot()")
    heights.index += 1
    logomaker.Logo(heights, ax=ax, color_scheme=_residue_colors(heights.columns))
    ax.set_ylim(0, np.log2(20))
    ax.set_xticks(range(1, len(windows[0]) + 1))
    ax.set_xlabel("residue of the window")
    ax.set_ylabel("bits")
    return ax


def _information(windows, counts):
    """Bits of each letter at each place: its frequency times what the place tells of log2(20)."""
    letters = np.array([list(window) for window in windows])
    frequencies = {
        letter: counts @ (letters == letter) / counts.sum() for letter in np.unique(letters)
    }
    table = np.array(list(frequencies.values()))
    entropy = -np.sum(table * np.log2(np.where(table > 0, table, 1)), axis=0)
    return dict(zip(frequencies, table * (np.log2(20) - entropy)))


def _residue_colors(residues):
    # Chemical classes in colours that stay apart for colour-blind readers.
    groups = {"DE": _COLORS[1], "KRH": _COLORS[0], "STNQCGPY": _COLORS[2]}
    colors = dict.fromkeys(residues, _COLORS[6])
    for members, color in groups.items():
        colors.update({member: color for member in members if member in colors})
    return colors
