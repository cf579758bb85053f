"""The answer of a model while a motif moves through a protein."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._opening import open_strings, quiet_truncation
from sklearn_protlstm.inspection._pictures import draw_curves

__all__ = ["PositionScan", "PositionScanDisplay", "position_scan"]


@dataclass(frozen=True, eq=False, repr=False)
class PositionScan:
    """Probabilities of the classes while a motif moves through a background.

    Parameters
    ----------
    motif : str
        What moved.
    background : str
        Where it moved.
    positions : ndarray of shape (n_positions,), dtype int64
        First residue of the motif, counted from 1.
    probabilities : ndarray of shape (n_positions, n_classes)
        Columns in the order of `classes`.
    classes : ndarray of shape (n_classes,)
        The class labels.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import position_scan
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> list(position_scan(model, "W", "AAA", positions=[1, 4]).frame())
    ['position', 'first', 'last']
    """

    motif: str
    background: str
    positions: np.ndarray
    probabilities: np.ndarray
    classes: np.ndarray

    def frame(self):
        """Give a row for each position.

        Returns
        -------
        DataFrame of shape (n_positions, 1 + n_classes)
            Column position, and the probability of each class.
        """
        return make_frame(
            {"position": self.positions, **dict(zip(self.classes.tolist(), self.probabilities.T))},
            "PositionScan.frame()",
        )

    def plot(self, *, ax=None):
        """Draw the probability of each class against the position.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : PositionScanDisplay
            With ``ax_`` and ``figure_``.
        """
        return PositionScanDisplay(self).plot(ax=ax)

    def __repr__(self):
        return f"PositionScan({self.motif!r}, {len(self.positions)} positions)"


class PositionScanDisplay:
    """Curves of what a model believes, against the place of a motif.

    Parameters
    ----------
    scan : PositionScan
        What to draw.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        A curve for each class.
    figure_ : matplotlib.figure.Figure
        The figure around it.

    See Also
    --------
    position_scan : Makes the curves.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import PositionScanDisplay
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> display = PositionScanDisplay.from_estimator(model, "W", "AAA")
    >>> display.ax_.get_xlabel()
    'position of the first residue of W'
    """

    def __init__(self, scan):
        self.scan = scan

    def plot(self, *, ax=None):
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : PositionScanDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = draw_curves(
            self.scan.positions,
            self.scan.probabilities,
            self.scan.classes,
            xlabel=f"position of the first residue of {self.scan.motif}",
            ax=ax,
        )
        self.figure_ = self.ax_.figure
        return self

    @classmethod
    def from_estimator(cls, model, motif, background, *, positions=None, ax=None):
        """Move a motif through a background and draw what the model believes.

        Parameters
        ----------
        model : Pipeline
            Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
        motif : str
            Residues to insert.
        background : str
            Protein to insert them into.
        positions : array-like of int or None, default=None
            As in :func:`position_scan`.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : PositionScanDisplay
            With ``ax_`` and ``figure_``.
        """
        return cls(position_scan(model, motif, background, positions)).plot(ax=ax)


def position_scan(model, motif, background, positions=None):
    """Put a motif into a background at one position after the other.

    Parameters
    ----------
    model : Pipeline
        Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    motif : str
        Residues to insert.
    background : str
        Protein to insert them into; nothing of it is lost.
    positions : array-like of int or None, default=None
        Where the first residue of the motif comes to stand, counted from 1. None takes all, from
        before the first to behind the last residue of the background.

    Returns
    -------
    scan : PositionScan
        Probabilities of all classes at each position.

    Raises
    ------
    TypeError
        If `model` is no such pipeline.
    ValueError
        If a position is outside of the background, or no whole number.

    See Also
    --------
    mutation_scan : Changes one residue after the other.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import position_scan
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> position_scan(model, "W", "AAA").probabilities.shape
    (4, 2)
    """
    opened = open_strings(model)
    # What may be too long is the background with the motif in it.
    with quiet_truncation():
        motif = opened.protein(motif, "motif")
        background = opened.protein(background, "background")
    places = _check_positions(positions, len(background))
    variants = [background[: i - 1] + motif + background[i - 1 :] for i in places.tolist()]
    return PositionScan(motif, background, places, model.predict_proba(variants), model.classes_)


def _check_positions(positions, n_residues):
    last = n_residues + 1
    if positions is None:
        return np.arange(1, last + 1)
    places = np.asarray(positions)
    if places.dtype.kind not in "iu" or places.ndim != 1 or not places.size:
        raise ValueError(
            f"positions={positions!r} must be a list or array of one or more whole numbers, such "
            f"as [1, {last}]"
        )
    outside = places[(places < 1) | (places > last)]
    if len(outside):
        raise ValueError(
            f"Position {outside[0]} is outside: the motif can begin at 1 to {last} in a background "
            f"of {n_residues} residues"
        )
    return places.astype(np.int64)
