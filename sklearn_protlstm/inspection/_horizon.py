"""Effect of a substitution by its distance to a terminus."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_random_state

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._captions import describe_model
from sklearn_protlstm.inspection._fitted_parts import (
    find_parts_with_encoder,
    ignore_warnings_of_encoder,
)
from sklearn_protlstm.inspection._plots import draw_horizon
from sklearn_protlstm.inspection._targets import find_target_indices, log_odds_of_arrays

__all__ = ["MemoryHorizon", "memory_horizon"]


@dataclass(frozen=True, eq=False, repr=False)
class MemoryHorizon:
    """Result of :func:`memory_horizon`.

    Parameters
    ----------
    distances : ndarray of shape (n_distances,), dtype int64
        Number of residues between the substitution and the terminus.
    effects : ndarray of shape (n_distances,), dtype float64
        Mean absolute change of the log-odds of the predicted class, or of the most probable
        label. NaN where no protein has a residue that the network reads.
    n_proteins : ndarray of shape (n_distances,), dtype int64
        Number of proteins behind each effect: they are long enough, and the encoder does not
        remove their residue at this distance. An effect of few proteins is uncertain.
    end : {"C-terminus", "N-terminus"}
        The terminus.
    caption : str
        Number of proteins and the model, the title of the plot.

    See Also
    --------
    memory_horizon : Compute the effects.

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
    caption: str

    def frame(self):
        """Return one row per distance.

        Returns
        -------
        DataFrame of shape (n_distances, 3)
            Columns distance, effect and n_proteins.

        Raises
        ------
        ImportError
            If pandas is not installed.
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
        """Draw the effect and the number of proteins against the distance.

        Open circles and a dashed line mark effects of fewer than 10 proteins.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw on. None creates a figure.

        Returns
        -------
        figure : matplotlib.figure.Figure
            The effects as a curve, the number of proteins as a grey area with an axis on the
            right.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return draw_horizon(
            self.distances,
            self.effects,
            self.n_proteins,
            xlabel=f"residues between the substitution and the {self.end}",
            caption=self.caption,
            ax=ax,
        ).figure

    def __repr__(self):
        return f"MemoryHorizon({len(self.distances)} distances to the {self.end})"


def memory_horizon(model, sequences, *, end="C-terminus", random_state=0):
    """Measure how far from a terminus a single residue still changes the prediction.

    Parameters
    ----------
    model : Pipeline
        Fitted pipeline of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequences : iterable of str
        Proteins to average over.
    end : {"C-terminus", "N-terminus"}, default="C-terminus"
        Terminus to measure the distance from. A network that reads from the N-terminus must
        remember a residue for as many steps as separate it from the C-terminus.
    random_state : int, RandomState instance or None, default=0
        Controls the choice of the substitutes.

    Returns
    -------
    horizon : MemoryHorizon
        Mean effects by distance.

    Raises
    ------
    TypeError
        If `model` is not such a pipeline.
    NotFittedError
        If `model` is not fitted.
    InvalidSequenceError
        If a protein cannot be read.
    ValueError
        If `end` is not valid.

    See Also
    --------
    memory_trace : Follow the prediction for one protein.

    Notes
    -----
    Each residue of each protein is replaced once by a random residue with a different token. The
    effect is the absolute change of the log-odds of the class predicted for the original protein,
    or of its most probable label if the model is multi-label. It measures what the network uses,
    not what it could store: a residue that carries no information has no effect at any distance.
    Residues that the encoder removes are left out.

    A classifier with a `window` remembers nothing beyond it. Distant residues then have effects
    through their own windows, and the effects are small in long proteins, which have many.

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
        raise ValueError(f"end={end!r} is not valid. Use 'C-terminus' or 'N-terminus'")
    parts = find_parts_with_encoder(model)
    rng = check_random_state(random_state)
    proteins = parts.check_proteins(sequences)
    with ignore_warnings_of_encoder():
        effects = [_substitution_effects(model, parts, protein, rng) for protein in proteins]
    table = _align_at_terminus(effects, end)
    n_proteins = np.sum(~np.isnan(table), axis=0)
    means = np.nansum(table, axis=0) / np.where(n_proteins, n_proteins, np.nan)
    return MemoryHorizon(
        distances=np.arange(table.shape[1]),
        effects=means,
        n_proteins=n_proteins,
        end=end,
        caption=f"{len(proteins)} protein{'s' * (len(proteins) > 1)}\n{describe_model(model)}",
    )


def _substitution_effects(model, parts, sequence, rng):
    """Absolute change of the log-odds for each residue from the N-terminus on, NaN if unread."""
    read, groups = parts.find_read_residues(len(sequence)), parts.encoder.alphabet_.groups
    variants = []
    for i in np.flatnonzero(read).tolist():
        residue = sequence[i]
        # An alphabet with a single group has no substitute; the residue stays.
        others = [group[0] for group in groups if residue not in group.upper()] or [residue]
        variants.append(sequence[:i] + others[rng.randint(len(others))] + sequence[i + 1 :])
    logits = _predict_logits(model, [sequence, *variants])
    [predicted] = find_target_indices(None, model.classes_, logits[:1], parts.multilabel)
    values = log_odds_of_arrays(logits, np.full(len(logits), predicted), parts.multilabel)
    effects = np.full(len(sequence), np.nan)
    effects[read] = np.abs(values[1:] - values[0])
    return effects


def _predict_logits(model, sequences):
    scores = model.decision_function(sequences)
    # decision_function returns the difference of the two logits in binary problems.
    return np.column_stack([np.zeros_like(scores), scores]) if scores.ndim == 1 else scores


def _align_at_terminus(effects, end):
    """Table of proteins by distance to the terminus, NaN where no residue is read."""
    table = np.full((len(effects), max(map(len, effects))), np.nan)
    for row, values in zip(table, effects):
        row[: len(values)] = values[::-1] if end == "C-terminus" else values
    return table
