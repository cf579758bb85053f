"""Windows with the highest attribution over many proteins."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._attribution import residue_attribution
from sklearn_protlstm.inspection._captions import describe_model
from sklearn_protlstm.inspection._fitted_parts import (
    check_positive_integer,
    find_parts_with_encoder,
)
from sklearn_protlstm.inspection._logos import draw_logo
from sklearn_protlstm.inspection._plots import find_runs

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
    composition : dict of str to float
        Share of each residue in all proteins. The plot compares the windows with it.
    caption : str
        Number of windows, target and model, the title of the plot.

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
    composition: dict
    caption: str

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

        A column has letters only if it has more information than chance would give for this number
        of windows. If no column has, the plot says that the windows have no common motif.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw on. None creates a figure.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Letter heights in bits [1]_, drawn by logomaker [3]_.

        Raises
        ------
        ImportError
            If logomaker, matplotlib or pandas is not installed.

        Notes
        -----
        The information of a column is the entropy expected for as many residues drawn at random
        from the proteins, minus the entropy of the column. This corrects for the number of
        windows [2]_: a few random residues also seem to agree. A column is drawn if fewer than
        0.05 / k of 5,000 random columns have at most its entropy. The random columns are drawn
        from the residues of the proteins, and again from those of the windows, as if these were
        shuffled. A residue in more than half of the windows passes without the second comparison.

        The best window often starts and ends with residues of high scores, which can give its
        first and last column some tenths of a bit without a motif. Each protein counts as
        independent. Homologous proteins share windows by descent, so keep one protein per cluster.

        References
        ----------
        .. [1] T. D. Schneider, R. M. Stephens, "Sequence logos: a new way to display consensus
           sequences", Nucleic Acids Research 18, 6097-6100, 1990.
           :doi:`10.1093/nar/18.20.6097`
        .. [2] T. D. Schneider, G. D. Stormo, L. Gold, A. Ehrenfeucht, "Information content of
           binding sites on nucleotide sequences", Journal of Molecular Biology 188, 415-431,
           1986. :doi:`10.1016/0022-2836(86)90165-8`
        .. [3] A. Tareen, J. B. Kinney, "Logomaker: beautiful sequence logos in Python",
           Bioinformatics 36, 2272-2274, 2020. :doi:`10.1093/bioinformatics/btz921`
        """
        return draw_logo(
            self.windows, self.counts, self.composition, caption=self.caption, ax=ax
        ).figure

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
        Class to explain, or label of a multi-label model. None explains the predicted class of
        each protein, or its most probable label.
    method : {"integrated_gradients", "occlusion", "gradient_x_input"}, \
            default="integrated_gradients"
        Method of :func:`residue_attribution`.

    Returns
    -------
    windows : TopWindows
        Distinct windows, sorted by the number of proteins and then by score. The network reads
        all residues of a window. Proteins without `k` such residues in a row have no window.

    Raises
    ------
    TypeError
        If `model` is not such a pipeline.
    NotFittedError
        If `model` is not fitted.
    InvalidSequenceError
        If a protein cannot be read.
    ValueError
        If `k` is not a positive integer, if no protein has `k` residues in a row that the network
        reads, or if `target` or `method` is not valid.

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
    parts = find_parts_with_encoder(model)
    check_positive_integer(k, "k")
    attribution = residue_attribution(model, sequences, target=target, method=method)
    scores = _scores_by_window(attribution, k)
    if not scores:
        raise _too_long_error(attribution, k)
    ranked = sorted(scores.items(), key=lambda item: (-len(item[1]), -np.mean(item[1]), item[0]))
    return TopWindows(
        windows=[window for window, _ in ranked],
        counts=np.array([len(sums) for _, sums in ranked]),
        scores=np.array([np.mean(sums) for _, sums in ranked]),
        composition=_find_composition(attribution.sequences),
        caption=_describe_windows(scores, target, model, parts.multilabel),
    )


def _too_long_error(attribution, k):
    longest = max(map(len, attribution.sequences))
    if k > longest:
        return ValueError(f"k={k} is longer than the longest protein, which has {longest} residues")
    runs = [run for scores in attribution.scores for run in find_runs(~np.isnan(scores))]
    longest_run = max(stop - start for start, stop in runs)
    return ValueError(
        f"k={k} is too long: the network reads at most {longest_run} residues in a row of these "
        "proteins, because the encoder leaves out the others. Decrease k, or fit a "
        "SequenceEncoder with a larger max_length or a smaller stride"
    )


def _find_composition(sequences):
    residues, counts = np.unique(list("".join(sequences)), return_counts=True)
    return dict(zip(residues.tolist(), (counts / counts.sum()).tolist()))


def _describe_windows(scores, target, model, multilabel):
    n_windows = sum(map(len, scores.values()))
    predicted = "the most probable label" if multilabel else "the predicted class"
    label = predicted if target is None else target
    windows = f"Best window of {n_windows} protein{'s' * (n_windows > 1)}"
    return f"{windows} for {label}\n{describe_model(model)}"


def _scores_by_window(attribution, k):
    """Scores of the best windows of all proteins, as lists by the residues of the window."""
    found = {}
    for sequence, scores in zip(attribution.sequences, attribution.scores):
        # A window with a residue that is not read has the sum NaN.
        sums = np.convolve(scores, np.ones(k), mode="valid") if len(sequence) >= k else np.array([])
        if not np.isnan(sums).all():
            start = int(np.nanargmax(sums))
            found.setdefault(sequence[start : start + k], []).append(sums[start])
    return found
