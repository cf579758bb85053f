"""The answer of a model to every single substitution in a protein."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._opening import choose_classes, open_strings, quiet_truncation
from sklearn_protlstm.inspection._pictures import draw_mutations

__all__ = ["MutationScan", "MutationScanDisplay", "mutation_scan"]


@dataclass(frozen=True, eq=False, repr=False)
class MutationScan:
    """What every single substitution does to the answer.

    Parameters
    ----------
    sequence : str
        The protein.
    target : label
        The class looked at.
    residues : str
        The residues put in, one a row.
    effects : ndarray of shape (n_residues, n_positions), dtype float64
        Change of the probability of the class; 0 where nothing was changed.
    probability : float
        That of the protein as it is.

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

    def frame(self):
        """Give a row for each substitution.

        Returns
        -------
        DataFrame of shape (n_substitutions, 4)
            Columns position (from 1), residue, substitute and effect.
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
        """Draw a heat map: substitutes against positions.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MutationScanDisplay
            With ``ax_`` and ``figure_``.
        """
        return MutationScanDisplay(self).plot(ax=ax)

    def __repr__(self):
        return f"MutationScan({len(self.sequence)} residues, target={self.target!r})"


class MutationScanDisplay:
    """Heat map of what every single substitution does.

    Parameters
    ----------
    scan : MutationScan
        What to draw.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Substitutes from top to bottom, the protein from left to right.
    figure_ : matplotlib.figure.Figure
        The figure around it.

    See Also
    --------
    mutation_scan : Makes the numbers.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import MutationScanDisplay
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> display = MutationScanDisplay.from_estimator(model, "WAAA", target="first")
    >>> display.ax_.get_ylabel()
    'substitute'
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
        display : MutationScanDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = draw_mutations(
            self.scan.sequence, self.scan.residues, self.scan.effects, self.scan.target, ax=ax
        )
        self.figure_ = self.ax_.figure
        return self

    @classmethod
    def from_estimator(cls, model, sequence, *, target=None, ax=None):
        """Try every substitution and draw what it does.

        Parameters
        ----------
        model : Pipeline
            Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
        sequence : str
            The protein.
        target : label or None, default=None
            The class to look at; None takes the predicted one.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MutationScanDisplay
            With ``ax_`` and ``figure_``.
        """
        return cls(mutation_scan(model, sequence, target=target)).plot(ax=ax)


def mutation_scan(model, sequence, *, target=None):
    """Put every other residue at every position, one at a time.

    Parameters
    ----------
    model : Pipeline
        Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequence : str
        The protein.
    target : label or None, default=None
        The class to look at; None takes the predicted one.

    Returns
    -------
    scan : MutationScan
        Changes of the probability.

    Raises
    ------
    TypeError
        If `model` is no such pipeline.
    ValueError
        If `target` is no class of the model.

    See Also
    --------
    position_scan : Moves a motif.
    residue_attribution : One score for each residue.

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
    opened = open_strings(model)
    sequence = opened.protein(sequence)
    residues = opened.encoder.alphabet_.symbols
    variants = [
        sequence[:i] + residue + sequence[i + 1 :]
        for residue in residues
        for i in range(len(sequence))
    ]
    with quiet_truncation():
        probabilities = model.predict_proba([sequence, *variants])
    [code] = choose_classes(target, model.classes_, probabilities[:1])
    own, *changed = probabilities[:, code].astype(np.float64)
    effects = np.reshape(changed, (len(residues), len(sequence))) - own
    same = np.array(list(residues))[:, np.newaxis] == np.array(list(sequence))
    return MutationScan(
        sequence,
        model.classes_.tolist()[code],
        residues,
        np.where(same, 0.0, effects),
        float(own),
    )
