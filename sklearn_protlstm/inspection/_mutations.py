"""Effect of every single substitution in a protein."""

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
from sklearn_protlstm.inspection._protein_plots import draw_substitutions
from sklearn_protlstm.inspection._targets import find_target_indices

__all__ = ["MutationScan", "mutation_scan"]


@dataclass(frozen=True, eq=False, repr=False)
class MutationScan:
    """Result of :func:`mutation_scan`.

    Parameters
    ----------
    sequence : str
        The protein.
    target : label
        The class or label whose probability changes.
    residues : str
        The substitutes, one per row of `effects`.
    effects : ndarray of shape (n_residues, n_positions), dtype float64
        Change of the probability. 0 where the substitute is the residue itself. NaN at positions
        that the network does not read, because the encoder truncates the protein or skips them
        with a long `stride`.
    probability : float
        Probability of the class or label for the original protein.
    caption : str
        Name, prediction and model, the title of the plot.

    See Also
    --------
    mutation_scan : Compute the effects.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import mutation_scan
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> mutation_scan(model, "WA", target="first").frame().shape
    (38, 4)
    """

    sequence: str
    target: object
    residues: str
    effects: np.ndarray
    probability: float
    caption: str

    def frame(self):
        """Return one row per substitution.

        Returns
        -------
        DataFrame of shape (n_substitutions, 4)
            Columns position (from 1), residue, substitute and effect. The effect is NaN at
            positions that the network does not read.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        rows = [
            (column + 1, residue, substitute, self.effects[row, column])
            for column, residue in enumerate(self.sequence)
            for row, substitute in enumerate(self.residues)
            if residue != substitute
        ]
        names = ("position", "residue", "substitute", "effect")
        return make_frame(dict(zip(names, zip(*rows))), "MutationScan.frame()")

    def plot(self, *, ax=None):
        """Draw a heat map of the effects.

        Positions that the network does not read are hatched. Long stretches of them are folded.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw on. None creates a figure.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Substitutes as rows, positions of the protein as columns. The title gives the name of
            the protein, its prediction and the model.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return draw_substitutions(
            self.sequence,
            self.residues,
            self.effects,
            self.target,
            caption=self.caption,
            ax=ax,
        ).figure

    def __repr__(self):
        return f"MutationScan({len(self.sequence)} residues, target={self.target!r})"


def mutation_scan(model, sequence, *, target=None, name=None):
    """Compute how each single substitution changes the probability of a class or label.

    Parameters
    ----------
    model : Pipeline
        Fitted pipeline of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequence : str
        The protein.
    target : label or None, default=None
        The class, or the label of a multi-label model. None takes the predicted class, or the most
        probable label.
    name : str or None, default=None
        Name of the protein for the title of the plot. None takes the id of a SeqRecord
        or of a record of a SequenceTable.

    Returns
    -------
    scan : MutationScan
        Changes of the probability.

    Raises
    ------
    TypeError
        If `model` is not such a pipeline, or `sequence` is not a single protein.
    NotFittedError
        If `model` is not fitted.
    InvalidSequenceError
        If the protein cannot be read.
    ValueError
        If `target` is not a class or label of the model.

    See Also
    --------
    position_scan : Move a motif through a protein.
    residue_attribution : Compute one score per residue.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import mutation_scan
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> mutation_scan(model, "WAAA", target="first").effects.shape
    (20, 4)
    """
    parts = find_parts_with_encoder(model)
    name = find_name(sequence, name)
    sequence = parts.check_protein(sequence)
    residues = parts.encoder.alphabet_.symbols
    read = parts.find_read_residues(len(sequence))
    with ignore_warnings_of_encoder():
        variants = _substitutions(sequence, residues, np.flatnonzero(read).tolist())
        probabilities = model.predict_proba([sequence, *variants])
    [index] = find_target_indices(target, model.classes_, probabilities[:1], parts.multilabel)
    original, *changed = probabilities[:, index].astype(np.float64)
    effects = np.full((len(residues), len(sequence)), np.nan)
    effects[:, read] = np.reshape(changed, (len(residues), -1)) - original
    unchanged = np.array(list(residues))[:, np.newaxis] == np.array(list(sequence))
    prediction = describe_prediction(model.classes_, probabilities[0], parts.multilabel)
    return MutationScan(
        sequence=sequence,
        target=model.classes_.tolist()[index],
        residues=residues,
        effects=np.where(unchanged & read, 0.0, effects),
        probability=float(original),
        caption=f"{describe_protein(name, prediction, read)}\n{describe_model(model)}",
    )


def _substitutions(sequence, residues, places):
    """Variants of the sequence: all places with the first residue, then with the next."""
    return [sequence[:i] + residue + sequence[i + 1 :] for residue in residues for i in places]
