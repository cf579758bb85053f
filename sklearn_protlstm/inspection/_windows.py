"""Windows that speak loudest for a class, over many proteins."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._attribution import residue_attribution
from sklearn_protlstm.inspection._opening import check_whole_number, open_strings
from sklearn_protlstm.inspection._pictures import draw_logo

__all__ = ["TopWindows", "TopWindowsDisplay", "top_windows"]


@dataclass(frozen=True, eq=False, repr=False)
class TopWindows:
    """Windows with the highest attribution, most frequent first.

    Parameters
    ----------
    windows : list of str
        Residues of each window.
    counts : ndarray of shape (n_windows,), dtype int64
        Proteins whose best window it is.
    scores : ndarray of shape (n_windows,), dtype float64
        Mean sum of its residues' scores in those proteins, in units of log-odds.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import top_windows
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> list(top_windows(model, ["WAAA", "AAAW"], k=2).frame())
    ['window', 'count', 'score']
    """

    windows: list
    counts: np.ndarray
    scores: np.ndarray

    def frame(self):
        """Give a row for each window.

        Returns
        -------
        DataFrame of shape (n_windows, 3)
            Columns window, count and score.
        """
        return make_frame(
            {"window": self.windows, "count": self.counts, "score": self.scores},
            "TopWindows.frame()",
        )

    def plot(self, *, ax=None):
        """Draw a logo of all windows, each counted as often as it was found.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : TopWindowsDisplay
            With ``ax_`` and ``figure_``.
        """
        return TopWindowsDisplay(self).plot(ax=ax)

    def __repr__(self):
        return f"TopWindows({len(self.windows)} windows)"


class TopWindowsDisplay:
    """Sequence logo of the windows that speak loudest.

    Parameters
    ----------
    top_windows : TopWindows
        What to draw.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Letters as high as they are frequent at their place, in bits.
    figure_ : matplotlib.figure.Figure
        The figure around it.

    See Also
    --------
    top_windows : Finds the windows.

    References
    ----------
    T. D. Schneider, R. M. Stephens. Sequence logos: a new way to display consensus sequences.
    Nucleic Acids Research 18(20), 1990. :doi:`10.1093/nar/18.20.6097`

    A. Tareen, J. B. Kinney. Logomaker: beautiful sequence logos in Python. Bioinformatics 36(7),
    2020. :doi:`10.1093/bioinformatics/btz921`

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import TopWindowsDisplay
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> display = TopWindowsDisplay.from_estimator(model, ["WAAA", "AAAW"], k=2)
    >>> display.ax_.get_ylabel()
    'bits'
    """

    def __init__(self, top_windows):
        self.top_windows = top_windows

    def plot(self, *, ax=None):
        """Draw the logo.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : TopWindowsDisplay
            Itself, with ``ax_`` and ``figure_``.

        Raises
        ------
        ImportError
            If logomaker is not installed.
        """
        self.ax_ = draw_logo(self.top_windows.windows, self.top_windows.counts, ax=ax)
        self.figure_ = self.ax_.figure
        return self

    @classmethod
    def from_estimator(
        cls, model, sequences, *, k=8, target=None, method="integrated_gradients", ax=None
    ):
        """Find the windows that speak loudest and draw their logo.

        Parameters
        ----------
        model : Pipeline
            Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
        sequences : iterable of str
            Proteins.
        k : int, default=8
            Residues of a window.
        target : label or None, default=None
            As in :func:`top_windows`.
        method : str, default="integrated_gradients"
            As in :func:`residue_attribution`.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : TopWindowsDisplay
            With ``ax_`` and ``figure_``.
        """
        return cls(top_windows(model, sequences, k=k, target=target, method=method)).plot(ax=ax)


def top_windows(model, sequences, *, k=8, target=None, method="integrated_gradients"):
    """Find the windows that speak loudest for a class.

    Parameters
    ----------
    model : Pipeline
        Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequences : iterable of str
        Proteins.
    k : int, default=8
        Residues of a window.
    target : label or None, default=None
        The class; None takes the predicted one of each protein.
    method : str, default="integrated_gradients"
        As in :func:`residue_attribution`.

    Returns
    -------
    windows : TopWindows
        The best window of each protein, equal ones counted together; of equal counts the one
        with the higher score comes first. Proteins shorter than `k` have none.

    Raises
    ------
    TypeError
        If `model` is no such pipeline.
    ValueError
        If `k` is no whole number of 1 or more, or longer than every protein.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import top_windows
    >>> lstm = ProtLSTMClassifier(hidden_size=8, batch_size=2, random_state=0)
    >>> model = make_pipeline(SequenceEncoder(), lstm)
    >>> model = model.fit(["WAAA", "AWAA", "CAAA", "ACAA"], ["w", "w", "c", "c"])
    >>> top_windows(model, ["AAWA", "AAAW"], k=1, target="w").windows
    ['W']
    """
    open_strings(model)
    check_whole_number(k, "k")
    attribution = residue_attribution(model, sequences, target=target, method=method)
    found = {}
    for sequence, scores in zip(attribution.sequences, attribution.scores):
        if len(sequence) >= k:
            sums = np.convolve(scores, np.ones(k), mode="valid")
            start = int(sums.argmax())
            found.setdefault(sequence[start : start + k], []).append(sums[start])
    if not found:
        longest = max(map(len, attribution.sequences))
        raise ValueError(f"k={k} is longer than every protein; the longest has {longest} residues")
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), -np.mean(item[1]), item[0]))
    return TopWindows(
        [window for window, _ in ranked],
        np.array([len(sums) for _, sums in ranked]),
        np.array([np.mean(sums) for _, sums in ranked]),
    )
