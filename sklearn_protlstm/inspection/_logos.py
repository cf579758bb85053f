"""Sequence logos of windows, without the information that chance would give."""

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._plots import COLORS, axes_or_new, write_caption

_N_DRAWS = 5000

# Chance that a logo of windows without a motif shows any column.
_LEVEL = 0.05


def draw_logo(windows, counts, composition, *, caption="", ax=None):
    """Draw a sequence logo of windows of equal length, or say that they have no common motif."""
    try:
        import logomaker
    except ImportError as error:
        raise ImportError(
            "TopWindows.plot() needs logomaker. Install it with pip install "
            '"sklearn-protlstm[logo]"'
        ) from error
    ax = axes_or_new(ax, (max(4, 1.2 + 0.5 * len(windows[0])), 2.8))
    heights = make_frame(letter_heights(windows, counts, composition), "TopWindows.plot()")
    heights.index += 1
    if heights.to_numpy().any():
        logomaker.Logo(heights, ax=ax, color_scheme=_residue_colors(heights.columns))
    else:
        _write_no_motif(ax, int(counts.sum()))
    ax.set_xlim(0.5, len(windows[0]) + 0.5)
    ax.set_ylim(0, np.log2(20))
    ax.set_xticks(range(1, len(windows[0]) + 1))
    ax.set_xlabel("residue of the window")
    ax.set_ylabel("bits")
    write_caption(ax, caption)
    return ax


def letter_heights(windows, counts, composition):
    """Compute the height of each letter at each place of a logo, in bits.

    The height is the frequency of the letter times the information at this place: the entropy
    expected for as many residues drawn from the proteins, minus the entropy found. It is 0 at
    places where chance explains the information.
    """
    letters = np.array([list(window) for window in windows])
    by_letter = {letter: counts @ (letters == letter) for letter in np.unique(letters)}
    table = np.array(list(by_letter.values()))
    frequencies = table / counts.sum()
    found = _entropies(frequencies)
    drawn = _draw_entropies(counts.sum(), list(composition.values()))
    information = np.maximum(drawn.mean() - found, 0)
    shown = _differs_from_chance(frequencies, found, drawn, counts.sum())
    return dict(zip(by_letter, frequencies * np.where(shown, information, 0.0)))


def _differs_from_chance(frequencies, found, drawn, n_windows):
    """Whether each place has less entropy than drawn residues and than shuffled windows.

    The windows have high scores, so they are rich in the residues that the network likes. This
    alone is not a motif, and shuffled windows keep it. They also keep a repeat of one residue,
    so a residue with a majority only needs to differ from drawn residues.
    """
    shuffled = _draw_entropies(n_windows, frequencies.mean(axis=1))
    from_drawn, from_shuffled = (
        np.mean(control[:, np.newaxis] <= found + 1e-9, axis=0) < _LEVEL / len(found)
        for control in (drawn, shuffled)
    )
    return from_drawn & (from_shuffled | (frequencies.max(axis=0) > 0.5))


def _draw_entropies(n_residues, composition):
    """Entropies of `n_residues` random residues, in many draws."""
    rng = np.random.RandomState(0)
    table = rng.multinomial(n_residues, composition, size=_N_DRAWS).T / n_residues
    return _entropies(table)


def _entropies(frequencies):
    """Entropies of the columns in bits."""
    return -np.sum(frequencies * np.log2(np.where(frequencies > 0, frequencies, 1)), axis=0)


def _write_no_motif(ax, n_windows):
    number = "the single window" if n_windows == 1 else f"the {n_windows} windows"
    ax.text(
        0.5,
        0.5,
        f"No motif common to {number}:\nno column has more information\nthan chance would give",
        transform=ax.transAxes,
        ha="center",
        va="center",
    )


def _residue_colors(residues):
    """Colour acidic, basic, polar and all other residues differently."""
    groups = {"DE": COLORS[1], "KRH": COLORS[0], "STNQCGPY": COLORS[2]}
    colors = dict.fromkeys(residues, COLORS[6])
    for members, color in groups.items():
        colors.update({member: color for member in members if member in colors})
    return colors
