"""Predictions and states of the network while it reads a protein."""

from dataclasses import dataclass

import numpy as np
import torch

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
from sklearn_protlstm.inspection._plots import draw_curves

__all__ = ["MemoryTrace", "memory_trace"]

_DIRECTIONS = ("forward", "backward")


@dataclass(frozen=True, eq=False, repr=False)
class MemoryTrace:
    """Result of :func:`memory_trace`.

    Parameters
    ----------
    sequence : str
        The protein.
    classes : ndarray of shape (n_classes,)
        Classes, or labels of a multi-label model.
    forward : ndarray of shape (n_residues, n_classes), dtype float32
        Row i holds the probabilities for the first i + 1 residues.
    backward : ndarray of shape (n_residues, n_classes), dtype float32
        Row i holds the probabilities for the protein without its first i residues.
    hidden : ndarray of shape (n_directions, n_tokens, hidden_size), dtype float32
        Hidden states of the first layer after each token, in the order of the protein.
        ``hidden[0]`` reads from the N-terminus. ``hidden[1]``, if the network is bidirectional,
        reads from the C-terminus.
    cell : ndarray of shape (n_directions, n_tokens, hidden_size), dtype float32
        Cell states of the first layer, which are the long-term memory of an LSTM.
    caption : str
        Name, prediction and model, the title of the plot.
    multilabel : bool, default=False
        Whether the model is multi-label. Then the probabilities do not sum to 1.

    See Also
    --------
    memory_trace : Compute the probabilities and states.

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
    caption: str
    multilabel: bool = False

    @property
    def hidden_norm(self):
        """Euclidean norms of the hidden states, shape (n_directions, n_tokens)."""
        return np.linalg.norm(self.hidden, axis=2)

    @property
    def cell_norm(self):
        """Euclidean norms of the cell states, shape (n_directions, n_tokens)."""
        return np.linalg.norm(self.cell, axis=2)

    def frame(self):
        """Return one row per direction and residue.

        Returns
        -------
        DataFrame of shape (2 * n_residues, 3 + n_classes)
            Columns direction ("forward" or "backward"), position (of the last residue read, from
            1), residue, then one column of probabilities per class or label.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        n_residues = len(self.sequence)
        probabilities = np.vstack([self.forward, self.backward])
        return make_frame(
            {
                "direction": np.repeat(_DIRECTIONS, n_residues),
                "position": np.tile(np.arange(1, n_residues + 1), 2),
                "residue": list(self.sequence) * 2,
                **dict(zip(self.classes.tolist(), probabilities.T)),
            },
            "MemoryTrace.frame()",
        )

    def plot(self, *, direction="forward", ax=None):
        """Draw the probability of each class or label against the last residue read.

        With more than three classes, the two classes with the highest probabilities for the whole
        protein are coloured. The others are grey, and named at their peak if they lead there with
        a probability of at least 0.5. With more than three labels, those that are predicted for
        the whole protein are coloured, too, and a grey label need not lead to be named.

        Parameters
        ----------
        direction : {"forward", "backward"}, default="forward"
            "forward" reads from the N-terminus. "backward" reads from the C-terminus, and its
            axis runs from right to left.
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw on. None creates a figure.

        Returns
        -------
        figure : matplotlib.figure.Figure
            One curve per class or label. The title gives the name of the protein, its prediction
            and the model.

        Raises
        ------
        ValueError
            If `direction` is not valid.
        ImportError
            If matplotlib is not installed.
        """
        if direction not in _DIRECTIONS:
            raise ValueError(f"direction={direction!r} is not valid. Use 'forward' or 'backward'")
        start = "N" if direction == "forward" else "C"
        ax = draw_curves(
            np.arange(1, len(self.sequence) + 1),
            getattr(self, direction),
            self.classes,
            xlabel=f"last residue read, starting at the {start}-terminus",
            residues=self.sequence,
            coloured=_leading_classes(self.forward[-1], self.multilabel),
            multilabel=self.multilabel,
            caption=self.caption,
            ax=ax,
        )
        if direction == "backward":
            ax.invert_xaxis()
        return ax.figure

    def __repr__(self):
        kind = "labels" if self.multilabel else "classes"
        return f"MemoryTrace({len(self.sequence)} residues, {len(self.classes)} {kind})"


def memory_trace(model, sequence, *, name=None):
    """Follow the prediction while the network reads a protein residue by residue.

    Parameters
    ----------
    model : Pipeline
        Fitted pipeline of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
    sequence : str
        The protein.
    name : str or None, default=None
        Name of the protein for the title of the plot. None takes the id of a SeqRecord
        or of a record of a SequenceTable.

    Returns
    -------
    trace : MemoryTrace
        Probabilities after each residue, from both termini, and the states of the first layer.

    Raises
    ------
    TypeError
        If `model` is not such a pipeline, or `sequence` is not a single protein.
    NotFittedError
        If `model` is not fitted.
    InvalidSequenceError
        If the protein cannot be read.

    See Also
    --------
    memory_horizon : Measure the effect of distant residues.

    Notes
    -----
    Each row equals ``predict_proba`` of the residues read so far. A unidirectional network
    (``bidirectional=False``) computes all prefixes in one pass. Other prefixes and all suffixes
    are predicted one by one, so time grows with the square of the length.

    If the classifier has a `window`, nothing is remembered from one window to the next. The states
    at a residue are then those of the window in which most residues are read before it: the first
    window with this residue for the direction from the N-terminus, the last one for the other.

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
    parts = find_parts_with_encoder(model)
    name = find_name(sequence, name)
    sequence = parts.check_protein(sequence)
    with ignore_warnings_of_encoder():
        vectors = _embed(parts, sequence)
        forward, backward = _predict_prefixes_and_suffixes(parts, model, sequence, vectors)
    starts, width = parts.cut_windows(np.array([len(vectors)]))[1:]
    hidden, cell = _compute_states(
        parts.module.layers[0], vectors, starts, min(width, len(vectors))
    )
    read = parts.find_read_residues(len(sequence))
    prediction = describe_prediction(model.classes_, forward[-1], parts.multilabel)
    return MemoryTrace(
        sequence=sequence,
        classes=model.classes_,
        forward=forward,
        backward=backward,
        hidden=hidden,
        cell=cell,
        caption=f"{describe_protein(name, prediction, read)}\n{describe_model(model)}",
        multilabel=parts.multilabel,
    )


def _leading_classes(probabilities, multilabel):
    """Indices of the two most likely classes, or of all classes if there are at most three.

    Of many labels also those that are predicted.
    """
    n_leading = max(2, multilabel * np.count_nonzero(probabilities > 0.5))
    if len(probabilities) <= 3:
        n_leading = len(probabilities)
    return np.sort(np.argsort(-probabilities, kind="stable")[:n_leading]).tolist()


def _embed(parts, sequence):
    rows, lengths = parts.network_input(parts.encode([sequence]))
    with torch.no_grad():
        return parts.module.embedding(rows)[0, : lengths[0]]


def _predict_prefixes_and_suffixes(parts, model, sequence, vectors):
    suffixes = [sequence[i:] for i in range(len(sequence))]
    if _shares_prefix_tokens(parts, sequence):
        prefixes = _predict_prefixes_in_one_pass(parts, model, sequence, vectors)
        return prefixes, model.predict_proba(suffixes)
    prefixes = [sequence[: i + 1] for i in range(len(sequence))]
    # One call, because predict_proba computes equal sequences (here the whole protein) once.
    return np.split(model.predict_proba(prefixes + suffixes), 2)


def _shares_prefix_tokens(parts, sequence):
    """Whether the network reads each prefix as the first tokens of the protein, in one window."""
    n_tokens = 1 + max(0, len(sequence) - parts.encoder.k) // parts.encoder.stride
    # Ask the network: set_params may have changed the parameter after fit.
    in_one_pass = parts.module.reads_prefixes
    return in_one_pass and n_tokens <= parts.encoder.max_length_ and not parts.reads_windows


def _predict_prefixes_in_one_pass(parts, model, sequence, vectors):
    encoder = parts.encoder
    with torch.inference_mode():
        logits = parts.module.read_prefixes(vectors[None])[0].cpu().numpy()
    by_token = parts.to_probabilities(logits)
    # A prefix shorter than k has one token, which longer prefixes do not contain.
    short = [sequence[: i + 1] for i in range(min(encoder.k - 1, len(sequence)))]
    n_residues = np.arange(len(short) + 1, len(sequence) + 1)
    long = by_token[(n_residues - encoder.k) // encoder.stride]
    return np.vstack([model.predict_proba(short), long]) if short else long


def _compute_states(layer, vectors, starts, width):
    """Hidden and cell states at each token, each (n_directions, n_tokens, hidden_size).

    A direction starts in each window without a memory. Of the windows with a token, the states
    come from the one in which the direction has read most tokens before it.
    """
    windows = vectors.unfold(0, width, 1)[starts].transpose(1, 2)
    tokens = np.arange(len(vectors))
    first = np.searchsorted(starts + width, tokens, side="right")
    last = np.searchsorted(starts, tokens, side="right") - 1
    with torch.inference_mode():
        states = [_run_stepwise(layer.forward_lstm, windows)[:, first, tokens - starts[first]]]
        if layer.backward_lstm is not None:
            backward = _run_stepwise(layer.backward_lstm, windows.flip(1)).flip(2)
            states.append(backward[:, last, tokens - starts[last]])
    return torch.stack(states, 1).cpu().numpy()


def _run_stepwise(lstm, windows):
    """Hidden and cell states after each step, shape (2, n_windows, n_steps, hidden_size)."""
    # torch.nn.LSTM returns the cell state of the last step only.
    state, states = None, []
    for vectors in windows.split(1, dim=1):
        _, state = lstm(vectors, state)
        states.append(torch.cat(state))
    return torch.stack(states, 2)
