"""Sums and extremes of values in windows over parts of sequences, all sequences at once."""

import numpy as np

__all__ = ["HelixMoments", "WindowSums"]

# Residues of an alpha helix point in directions that are 100 degrees apart.
_HELIX_TURN = np.deg2rad(100)


class WindowSums:
    """Sums of consecutive integers. They are exact, so other sequences have no effect on them.

    Parameters
    ----------
    values : ndarray of shape (n_residues,), an int dtype or bool
        Values of all sequences, concatenated.
    """

    def __init__(self, values):
        self._sums = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))

    def between(self, starts, stops):
        """Sum up ``values[start:stop]`` for each start and stop."""
        return self._sums[stops] - self._sums[starts]

    def windows(self, width):
        """Sum up each window of `width` residues. Some windows lie in two sequences."""
        return self._sums[width:] - self._sums[:-width]

    def highest(self, width, starts, stops):
        """Find the highest mean of a window in each part.

        Parameters
        ----------
        width : int
            Residues of a window.
        starts, stops : ndarray of shape (n_parts,), dtype int64
            Start and stop of each part.

        Returns
        -------
        means : ndarray of shape (n_parts,), dtype float64
            Mean of the highest window. If the part is shorter than a window, its own mean; if it
            is empty, 0.
        offsets : ndarray of shape (n_parts,), dtype int64
            Where the first of the highest windows starts within its part.
        """
        means = self.between(starts, stops) / np.maximum(stops - starts, 1)
        offsets = np.zeros(len(starts), dtype=np.int64)
        long = np.flatnonzero(stops - starts >= width)
        if len(long):
            windows = self.windows(width)
            # One number has the sum of a window, and its place to decide between equal sums.
            ranks = windows * len(windows) + np.arange(len(windows))[::-1]
            best = _maximum(ranks, starts[long], stops[long] - width + 1)
            means[long] = best // len(windows) / width
            offsets[long] = len(windows) - 1 - best % len(windows) - starts[long]
        return means, offsets


class HelixMoments:
    """Moments of all helices of some residues: the length of the mean of their vectors.

    Parameters
    ----------
    values : ndarray of shape (n_residues,), dtype float64
        Hydropathy of all sequences, concatenated.
    width : int
        Residues of a helix.
    """

    def __init__(self, values, width):
        self._width = width
        n_windows = max(len(values) - width + 1, 0)
        # Term by term, so that other sequences have no effect on the rounding.
        total = np.zeros(n_windows, dtype=np.complex128)
        for place in range(width):
            total += values[place : place + n_windows] * np.exp(1j * _HELIX_TURN * place)
        self._lengths = np.abs(total)

    def highest(self, starts, stops):
        """Find the highest moment in each part; 0 if the part is shorter than a helix."""
        moments = np.zeros(len(starts))
        long = np.flatnonzero(stops - starts >= self._width)
        if len(long):
            best = _maximum(self._lengths, starts[long], stops[long] - self._width + 1)
            moments[long] = best / self._width
        return moments


def _maximum(values, starts, stops):
    """Maximum of ``values[start:stop]`` for each start and stop. None of them is empty."""
    pairs = np.column_stack((starts, stops)).ravel()
    return np.maximum.reduceat(np.append(values, values[-1]), pairs)[::2]
