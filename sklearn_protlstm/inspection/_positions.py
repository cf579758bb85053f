"""Probabilities as a motif moves through a protein."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._captions import (
    describe_model,
    describe_prediction,
    describe_protein,
    find_name,
)
from sklearn_protlstm.inspection._fitted_parts import (
    find_parts_with_encoder,
    ignore_warnings_of_encoder,
)
from sklearn_protlstm.inspection._plots import draw_curves, hatch_positions

__all__ = ["PositionScan", "position_scan"]


@dataclass(frozen=True, eq=False, repr=False)
class PositionScan:
    """Result of :func:`position_scan`.

    Parameters
    ----------
    motif : str
        The inserted residues.
    background : str
        The protein that the motif moves through.
    positions : ndarray of shape (n_positions,), dtype int64
        Position of the first residue of the motif, counted from 1.
    probabilities : ndarray of shape (n_positions, n_classes), dtype float32
        Probabilities, columns in the order of `classes`. Those of a multi-label model do not sum
        to 1.
    classes : ndarray of shape (n_classes,)
        Classes, or labels of a multi-label model.
    motif_read : ndarray of shape (n_positions,), dtype bool
        Whether the network reads all residues of the motif. False where truncation removes some of
        them; the probabilities there say little about the motif.
    caption : str
        Name and prediction of the background, and the model. The title of the plot.

    See Also
    --------
    position_scan : Compute the probabilities.

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
    motif_read: np.ndarray
    caption: str

    def frame(self):
        """Return one row per position.

        Returns
        -------
        DataFrame of shape (n_positions, 1 + n_classes)
            Column position, then one column of probabilities per class or label.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return make_frame(
            {"position": self.positions, **dict(zip(self.classes.tolist(), self.probabilities.T))},
            "PositionScan.frame()",
        )

    def plot(self, *, ax=None):
        """Draw the probability of each class or label against the position.

        Positions where the network does not read the whole motif are hatched.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw on. None creates a figure.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One curve per class or label. The title gives the name of the background, its prediction
            without the motif, and the model.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = draw_curves(
            self.positions,
            self.probabilities,
            self.classes,
            xlabel=f"position of the first residue of {self.motif}",
            caption=self.caption,
            ax=ax,
        )
        hatch_positions(ax, self.positions[~self.motif_read], f"{self.motif} not read")
        return ax.figure

    def __repr__(self):
        return f"PositionScan({self.motif!r}, {len(self.positions)} positions)"


def position_scan(model, motif, background, positions=None, *, name=None):
    """Insert a motif at each position of a protein and predict.

    Parameters
    ----------
    model : Pipeline
        Fitted pipeline of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    motif : str
        Residues to insert.
    background : str
        Protein to insert them into. It keeps all its residues.
    positions : array-like of int or None, default=None
        Positions of the first residue of the motif, counted from 1. None takes all, from 1 (before
        the background) to ``len(background) + 1`` (after it).
    name : str or None, default=None
        Name of the background for the title of the plot. None takes the id of a SeqRecord
        or of a record of a SequenceTable.

    Returns
    -------
    scan : PositionScan
        Probabilities of all classes or labels at each position.

    Raises
    ------
    TypeError
        If `model` is not such a pipeline, or `motif` or `background` is not a single protein.
    NotFittedError
        If `model` is not fitted.
    InvalidSequenceError
        If `motif` or `background` cannot be read.
    ValueError
        If a position is not an integer or is out of range.

    See Also
    --------
    mutation_scan : Change one residue at a time.

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
    parts = find_parts_with_encoder(model)
    name = find_name(background, name)
    # Only the predicted proteins, with the motif inserted, are reported.
    with ignore_warnings_of_encoder():
        motif = parts.check_protein(motif, "motif")
        background = parts.check_protein(background, "background")
        [without_motif] = model.predict_proba([background])
    positions = _check_positions(positions, len(background))
    variants = [background[: i - 1] + motif + background[i - 1 :] for i in positions.tolist()]
    read = parts.find_read_residues(len(background))
    prediction = describe_prediction(model.classes_, without_motif, parts.multilabel)
    text = describe_protein(name or "background", prediction, read)
    return PositionScan(
        motif=motif,
        background=background,
        positions=positions,
        probabilities=model.predict_proba(variants),
        classes=model.classes_,
        motif_read=_find_read_motifs(parts, len(motif), positions, len(background)),
        caption=f"{text}\n{describe_model(model)}",
    )


def _find_read_motifs(parts, n_motif, positions, n_background):
    """Whether the network reads the whole motif, for each position of its first residue."""
    read = parts.find_read_residues(n_background + n_motif)
    return np.array([read[i - 1 : i - 1 + n_motif].all() for i in positions.tolist()])


def _check_positions(positions, n_residues):
    """Return the positions as an array of int64, all of them for None."""
    last = n_residues + 1
    if positions is None:
        return np.arange(1, last + 1)
    checked = np.asarray(positions)
    if checked.dtype.kind not in "iu" or checked.ndim != 1 or not checked.size:
        raise ValueError(
            f"positions={positions!r} is not valid. Pass a 1-D array or list of at least one "
            f"integer, such as [1, {last}]"
        )
    out_of_range = checked[(checked < 1) | (checked > last)]
    if len(out_of_range):
        raise ValueError(
            f"Position {out_of_range[0]} is out of range. In a background of {n_residues} "
            f"residues, the motif can start at positions 1 to {last}"
        )
    return checked.astype(np.int64)
