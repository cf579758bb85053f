"""Windows with the highest attribution over many proteins."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._attribution import residue_attribution
from sklearn_protlstm.inspection._fitted_parts import (
    check_positive_integer,
    find_parts_with_encoder,
)
from sklearn_protlstm.inspection._plots import draw_logo

__all__ = ["TopWindows", "top_windows"]


@dataclass(frozen=True, eq=False, repr=False)
class TopWindows:
    """Result of :func:`top_windows`, most frequent window first.

    Parameters
    ----------
    windows : list of str
        Residues of each window.
    counts : ndarray of shape (n_windows,), dtype int64
        Number of proteins whose best window this is.
    scores : ndarray of shape (n_windows,), dtype float64
        Sum of the residue scores of the window, averaged over these proteins, in units of
        log-odds.

    See Also
    --------
    top_windows : Find the windows.

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
        """Return one row per window.

        Returns
        -------
        DataFrame of shape (n_windows, 3)
            Columns window, count and score.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return make_frame(
            {"window": self.windows, "count": self.counts, "score": self.scores},
            "TopWindows.frame()",
        )

    def plot(self, *, ax=None):
        """Draw a sequence logo of the windows, weighted by their counts.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw on. None creates a figure.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Letter heights in bits [1]_, drawn by logomaker [2]_.

        Raises
        ------
        ImportError
            If logomaker, matplotlib or pandas is not installed.

        References
        ----------
        .. [1] T. D. Schneider, R. M. Stephens, "Sequence logos: a new way to display consensus
           sequences", Nucleic Acids Research 18, 6097-6100, 1990.
           :doi:`10.1093/nar/18.20.6097`
        .. [2] A. Tareen, J. B. Kinney, "Logomaker: beautiful sequence logos in Python",
           Bioinformatics 36, 2272-2274, 2020. :doi:`10.1093/bioinformatics/btz921`
        """
        return draw_logo(self.windows, self.counts, ax=ax).figure

    def __repr__(self):
        return f"TopWindows({len(self.windows)} windows)"


def top_windows(model, sequences, *, k=8, target=None, method="integrated_gradients"):
    """Find the window of each protein with the highest attribution.

    Parameters
    ----------
    model : Pipeline
        Fitted pipeline of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequences : iterable of str
        Proteins.
    k : int, default=8
        Number of residues in a window.
    target : label or None, default=None
        Class to explain. None explains the predicted class of each protein.
    method : {"integrated_gradients", "occlusion", "gradient_x_input"}, \
            default="integrated_gradients"
        Method of :func:`residue_attribution`.

    Returns
    -------
    windows : TopWindows
        Distinct windows, sorted by the number of proteins and then by score. Proteins shorter
        than `k` have no window.

    Raises
    ------
    TypeError
        If `model` is not such a pipeline.
    NotFittedError
        If `model` is not fitted.
    InvalidSequenceError
        If a protein cannot be read.
    ValueError
        If `k` is not a positive integer or exceeds the length of all proteins, or if `target` or
        `method` is not valid.

    See Also
    --------
    residue_attribution : Compute the scores of the residues.

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
    find_parts_with_encoder(model)
    check_positive_integer(k, "k")
    attribution = residue_attribution(model, sequences, target=target, method=method)
    scores = _scores_by_window(attribution, k)
    if not scores:
        longest = max(map(len, attribution.sequences))
        raise ValueError(f"k={k} is longer than the longest protein, which has {longest} residues")
    ranked = sorted(scores.items(), key=lambda item: (-len(item[1]), -np.mean(item[1]), item[0]))
    return TopWindows(
        windows=[window for window, _ in ranked],
        counts=np.array([len(sums) for _, sums in ranked]),
        scores=np.array([np.mean(sums) for _, sums in ranked]),
    )


def _scores_by_window(attribution, k):
    """Scores of the best windows of all proteins, as lists by the residues of the window."""
    found = {}
    for sequence, scores in zip(attribution.sequences, attribution.scores):
        if len(sequence) >= k:
            sums = np.convolve(scores, np.ones(k), mode="valid")
            start = int(sums.argmax())
            found.setdefault(sequence[start : start + k], []).append(sums[start])
    return found
