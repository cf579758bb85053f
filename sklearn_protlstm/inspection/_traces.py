"""What the network believes and keeps while it reads."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import softmax

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.inspection._opening import open_strings, quiet_truncation
from sklearn_protlstm.inspection._pictures import draw_curves

__all__ = ["MemoryTrace", "MemoryTraceDisplay", "memory_trace"]

_DIRECTIONS = ("forward", "backward")


@dataclass(frozen=True, eq=False, repr=False)
class MemoryTrace:
    """Belief and state of a model after every residue of a protein.

    Parameters
    ----------
    sequence : str
        The protein.
    classes : ndarray of shape (n_classes,)
        The class labels.
    forward : ndarray of shape (n_residues, n_classes), dtype float32
        Probabilities after the first 1, 2, ... residues, as ``predict_proba`` of that prefix.
    backward : ndarray of shape (n_residues, n_classes), dtype float32
        Row i holds the probabilities of the protein from residue i + 1 to its end: read it from
        the last row up.
    hidden : ndarray of shape (n_directions, n_tokens, hidden_size), dtype float32
        Hidden states of the first layer beside each token, whichever way it is read: [0] is
        reached from the N-terminus, [1], of a bidirectional network, from the C-terminus.
    cell : ndarray of shape (n_directions, n_tokens, hidden_size), dtype float32
        Its cell states, which are the memory proper.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import memory_trace
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> memory_trace(model, "AWA").cell_norm.shape
    (2, 3)
    """

    sequence: str
    classes: np.ndarray
    forward: np.ndarray
    backward: np.ndarray
    hidden: np.ndarray
    cell: np.ndarray

    @property
    def hidden_norm(self):
        """Euclidean norms of the hidden states, shape (n_directions, n_tokens)."""
        return np.linalg.norm(self.hidden, axis=2)

    @property
    def cell_norm(self):
        """Euclidean norms of the cell states, shape (n_directions, n_tokens)."""
        return np.linalg.norm(self.cell, axis=2)

    def frame(self):
        """Give a row for each residue and direction.

        Returns
        -------
        DataFrame of shape (2 * n_residues, 3 + n_classes)
            Columns direction ("forward" or "backward"), position (of the residue read last, from
            1), residue, and the probability of each class.
        """
        n = len(self.sequence)
        probabilities = np.vstack([self.forward, self.backward])
        return make_frame(
            {
                "direction": np.repeat(_DIRECTIONS, n),
                "position": np.tile(np.arange(1, n + 1), 2),
                "residue": list(self.sequence) * 2,
                **dict(zip(self.classes.tolist(), probabilities.T)),
            },
            "MemoryTrace.frame()",
        )

    def plot(self, *, direction="forward", ax=None):
        """Draw the probability of each class against the residues read.

        Parameters
        ----------
        direction : {"forward", "backward"}, default="forward"
            Whether the protein is read from the N-terminus or the C-terminus.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MemoryTraceDisplay
            With ``ax_`` and ``figure_``.
        """
        return MemoryTraceDisplay(self).plot(direction=direction, ax=ax)

    def __repr__(self):
        return f"MemoryTrace({len(self.sequence)} residues, {len(self.classes)} classes)"


class MemoryTraceDisplay:
    """Curves of what a model believes after every residue read.

    Parameters
    ----------
    trace : MemoryTrace
        What to draw.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        A curve for each class.
    figure_ : matplotlib.figure.Figure
        The figure around it.

    See Also
    --------
    memory_trace : Makes the curves.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import MemoryTraceDisplay
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> display = MemoryTraceDisplay.from_estimator(model, "AWA")
    >>> [line.get_label() for line in display.ax_.lines]
    ['first', 'last']
    """

    def __init__(self, trace):
        self.trace = trace

    def plot(self, *, direction="forward", ax=None):
        """Draw the probability of each class against the residues read.

        Parameters
        ----------
        direction : {"forward", "backward"}, default="forward"
            Whether the protein is read from the N-terminus or the C-terminus. The axis of
            "backward" runs from right to left, in the order of reading.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MemoryTraceDisplay
            Itself, with ``ax_`` and ``figure_``.

        Raises
        ------
        ValueError
            If there is no such direction.
        """
        if direction not in _DIRECTIONS:
            raise ValueError(f"direction={direction!r} must be 'forward' or 'backward'")
        start = "N" if direction == "forward" else "C"
        self.ax_ = draw_curves(
            np.arange(1, len(self.trace.sequence) + 1),
            getattr(self.trace, direction),
            self.trace.classes,
            xlabel=f"residue read last, from the {start}-terminus on",
            residues=self.trace.sequence,
            ax=ax,
        )
        if direction == "backward":
            self.ax_.invert_xaxis()
        self.figure_ = self.ax_.figure
        return self

    @classmethod
    def from_estimator(cls, model, sequence, *, direction="forward", ax=None):
        """Follow the model through a protein and draw it.

        Parameters
        ----------
        model : Pipeline
            Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
        sequence : str
            The protein.
        direction : {"forward", "backward"}, default="forward"
            As in :meth:`plot`.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure.

        Returns
        -------
        display : MemoryTraceDisplay
            With ``ax_`` and ``figure_``.
        """
        return cls(memory_trace(model, sequence)).plot(direction=direction, ax=ax)


def memory_trace(model, sequence):
    """Follow what a model believes while it reads a protein.

    Parameters
    ----------
    model : Pipeline
        Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequence : str
        The protein.

    Returns
    -------
    trace : MemoryTrace
        Probabilities after every residue, from both ends, and the states of the first layer.

    Raises
    ------
    TypeError
        If `model` is no such pipeline.

    See Also
    --------
    memory_horizon : From how far away a substitution is felt.

    Notes
    -----
    Every value is what ``predict_proba`` says of the part that was read. A network that reads one
    way (``bidirectional=False``) gives all prefixes in one pass. Otherwise, and for suffixes,
    each part is predicted by itself, so that time grows with the square of the length.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import memory_trace
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> memory_trace(model, "AWA").forward.shape
    (3, 2)
    """
    opened = open_strings(model)
    sequence = opened.protein(sequence)
    with quiet_truncation():
        vectors = _embed(opened, sequence)
        forward, backward = _read_parts(opened, model, sequence, vectors)
    hidden, cell = _read_states(opened.module.layers[0], vectors)
    return MemoryTrace(sequence, model.classes_, forward, backward, hidden, cell)


def _embed(opened, sequence):
    rows, lengths = opened.rows(opened.encode([sequence]))
    with torch.no_grad():
        return opened.module.embedding(rows)[0, : lengths[0]]


def _read_parts(opened, model, sequence, vectors):
    suffixes = [sequence[i:] for i in range(len(sequence))]
    if _is_one_pass(opened, sequence):
        return _read_prefixes(opened, model, sequence, vectors), model.predict_proba(suffixes)
    prefixes = [sequence[: i + 1] for i in range(len(sequence))]
    # In one call, which computes the whole protein once.
    return np.split(model.predict_proba(prefixes + suffixes), 2)


def _is_one_pass(opened, sequence):
    """Whether the tokens of every prefix are the first ones of the protein's, read one way."""
    tokens = 1 + max(0, len(sequence) - opened.encoder.k) // opened.encoder.stride
    # The network's own word: set_params may have changed the parameter since.
    one_way = opened.module.layers[0].backward_lstm is None
    return one_way and tokens <= opened.encoder.max_length_


def _read_prefixes(opened, model, sequence, vectors):
    encoder = opened.encoder
    with torch.inference_mode():
        logits = opened.module.read_prefixes(vectors[None])[0].cpu().numpy()
    after = softmax(logits, axis=1)
    # The first k - 1 residues make no token of their own.
    short = [sequence[: i + 1] for i in range(min(encoder.k - 1, len(sequence)))]
    n_residues = np.arange(len(short) + 1, len(sequence) + 1)
    read = after[(n_residues - encoder.k) // encoder.stride]
    return np.vstack([model.predict_proba(short), read]) if short else read


def _read_states(layer, vectors):
    """Hidden and cell states beside each token, each (n_directions, n_tokens, hidden_size)."""
    with torch.inference_mode():
        states = [_step_through(layer.forward_lstm, vectors)]
        if layer.backward_lstm is not None:
            states.append(_step_through(layer.backward_lstm, vectors.flip(0)).flip(1))
    return torch.stack(states, 1).cpu().numpy()


def _step_through(lstm, vectors):
    """States at each step, shape (2, n_steps, hidden_size)."""
    # torch's LSTM tells the hidden state of every step but the cell state of the last one only.
    state, states = None, []
    for vector in vectors:
        _, state = lstm(vector[None, None], state)
        states.append(torch.cat(state)[:, 0])
    return torch.stack(states, 1)
