"""From how far away a residue still changes the answer."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.utils import check_random_state

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._opening import (
    choose_classes,
    log_odds,
    open_strings,
    quiet_truncation,
)
from sklearn_protlstm.inspection._pictures import draw_curves

__all__ = ["MemoryHorizon", "MemoryHorizonDisplay", "memory_horizon"]


@dataclass(frozen=True, eq=False, repr=False)
class MemoryHorizon:
    """How much a substituted residue matters, by its distance to the ends.

    Parameters
    ----------
    distances : ndarray of shape (n_distances,), dtype int64
        Residues between the substituted one and the C-terminus (or N-terminus).
    effects : ndarray of shape (n_distances,), dtype float64
        Mean absolute change of the log-odds of the predicted class.
    n_proteins : ndarray of shape (n_distances,), dtype int64
        Proteins that are long enough to tell.
    end : {"C-terminus", "N-terminus"}
        The end from which is counted.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import memory_horizon
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> memory_horizon(model, ["WAA", "AAAW"], end="N-terminus")
    MemoryHorizon(4 distances to the N-terminus)
    """

    distances: np.ndarray
    effects: np.ndarray
    n_proteins: np.ndarray
    end: str

    def frame(self):
        """Give a row for each distance.

        Returns
        -------
        DataFrame of shape (n_distances, 3)
            Columns distance, effect and n_proteins.
        """
        return make_frame(
            {
                "distance": self.distances,
                "effect": self.effects,
                "n_proteins": self.n_proteins,
            },
            "MemoryHorizon.frame()",
        )

    def plot(self, *, ax=None):
        """Draw the effect against the distance.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MemoryHorizonDisplay
            With ``ax_`` and ``figure_``.
        """
        return MemoryHorizonDisplay(self).plot(ax=ax)

    def __repr__(self):
        return f"MemoryHorizon({len(self.distances)} distances to the {self.end})"


class MemoryHorizonDisplay:
    """Curve of what a substitution changes against its distance to an end.

    Parameters
    ----------
    horizon : MemoryHorizon
        What to draw.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The curve.
    figure_ : matplotlib.figure.Figure
        The figure around it.

    See Also
    --------
    memory_horizon : Measures it.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import MemoryHorizonDisplay
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> display = MemoryHorizonDisplay.from_estimator(model, ["WAA", "AAAW"])
    >>> display.ax_.get_xlabel()
    'residues between the substitution and the C-terminus'
    """

    def __init__(self, horizon):
        self.horizon = horizon

    def plot(self, *, ax=None):
        """Draw the effect against the distance.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MemoryHorizonDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = draw_curves(
            self.horizon.distances,
            self.horizon.effects[:, np.newaxis],
            ["effect"],
            xlabel=f"residues between the substitution and the {self.horizon.end}",
            ylabel="mean change of the log-odds",
            ax=ax,
        )
        self.figure_ = self.ax_.figure
        return self

    @classmethod
    def from_estimator(cls, model, sequences, *, end="C-terminus", random_state=0, ax=None):
        """Measure the horizon and draw it.

        Parameters
        ----------
        model : Pipeline
            Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
        sequences : iterable of str
            Proteins to average over.
        end : {"C-terminus", "N-terminus"}, default="C-terminus"
            Where to count from.
        random_state : int, RandomState instance or None, default=0
            Chooses the substitutes.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MemoryHorizonDisplay
            With ``ax_`` and ``figure_``.
        """
        horizon = memory_horizon(model, sequences, end=end, random_state=random_state)
        return cls(horizon).plot(ax=ax)


def memory_horizon(model, sequences, *, end="C-terminus", random_state=0):
    """Measure from how far away a single residue still changes the answer.

    Parameters
    ----------
    model : Pipeline
        Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequences : iterable of str
        Proteins to average over.
    end : {"C-terminus", "N-terminus"}, default="C-terminus"
        Where to count from: a network that reads from the N-terminus has to keep a residue for
        as many steps as lie between it and the C-terminus.
    random_state : int, RandomState instance or None, default=0
        Chooses the substitutes.

    Returns
    -------
    horizon : MemoryHorizon
        Mean effects by distance.

    Raises
    ------
    TypeError
        If `model` is no such pipeline.
    ValueError
        If there is no such end.

    Notes
    -----
    Every residue of every protein is replaced once by another, drawn at random (with a reduced
    alphabet, by one that has another token), and the absolute change of the log-odds of the class
    predicted for the whole protein is taken. The effect is what the network makes of its memory:
    a residue that carries no information has none at any distance.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import memory_horizon
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> memory_horizon(model, ["WAA", "AAAW"]).n_proteins
    array([2, 2, 2, 1])
    """
    if end not in ("C-terminus", "N-terminus"):
        raise ValueError(f"end={end!r} must be 'C-terminus' or 'N-terminus'")
    opened = open_strings(model)
    rng = check_random_state(random_state)
    groups = opened.encoder.alphabet_.groups
    proteins = opened.proteins(sequences)
    with quiet_truncation():
        effects = [_substitution_effects(model, protein, groups, rng) for protein in proteins]
    longest = max(map(len, effects))
    table = np.full((len(effects), longest), np.nan)
    for row, values in zip(table, effects):
        row[: len(values)] = values[::-1] if end == "C-terminus" else values
    return MemoryHorizon(
        np.arange(longest), np.nanmean(table, axis=0), np.sum(~np.isnan(table), axis=0), end
    )


def _substitution_effects(model, sequence, groups, rng):
    """Absolute change of the log-odds for each residue, from the N-terminus on."""
    variants = []
    for i, residue in enumerate(sequence):
        # An alphabet of one group has no other residue, so that nothing changes.
        others = [group[0] for group in groups if residue not in group.upper()] or [residue]
        variants.append(sequence[:i] + others[rng.randint(len(others))] + sequence[i + 1 :])
    logits = _logits(model, [sequence, *variants])
    codes = np.repeat(choose_classes(None, model.classes_, logits[:1]), len(logits))
    odds = log_odds(torch.from_numpy(logits).double(), torch.from_numpy(codes)).numpy()
    return np.abs(odds[1:] - odds[0])


def _logits(model, sequences):
    scores = model.decision_function(sequences)
    # Of two classes scikit-learn wants one column, the difference.
    return np.column_stack([np.zeros_like(scores), scores]) if scores.ndim == 1 else scores
