"""Which residues make the network say what it says."""

from dataclasses import dataclass

import numpy as np
import torch

from sklearn_protlstm._encoding.token_matrix import residue_lengths
from sklearn_protlstm._encoding.tokens import token_spans
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._training.inference import predict_logits
from sklearn_protlstm._validation import check_sequences
from sklearn_protlstm.alphabets import PADDING, UNKNOWN
from sklearn_protlstm.inspection._gradients import BASELINES, make_baselines, score_gradients
from sklearn_protlstm.inspection._opening import (
    check_whole_number,
    choose_classes,
    letters_read,
    log_odds,
    open_model,
)
from sklearn_protlstm.inspection._pictures import draw_track

__all__ = ["ResidueAttribution", "ResidueAttributionDisplay", "residue_attribution"]

_METHODS = ("integrated_gradients", "occlusion", "gradient_x_input")


@dataclass(frozen=True, eq=False, repr=False)
class ResidueAttribution:
    """How much each residue speaks for a class.

    Parameters
    ----------
    sequences : list of str, or list of ndarray
        The proteins; rows of tokens if the model was a bare classifier.
    scores : list of ndarray of float64
        A score for each residue of each protein, in units of log-odds: above 0 it speaks for the
        class, below 0 against it. 0 where truncation has cut the residue.
    targets : ndarray of shape (n_samples,)
        The class that the scores of each protein are about.
    values : ndarray of shape (n_samples,), dtype float64
        Log-odds of that class.
    baselines : ndarray of shape (n_samples,), dtype float64
        Log-odds of what the protein was compared with, as a mean.
    residuals : ndarray of shape (n_samples,), dtype float64
        What the steps of integrated gradients missed of ``values - baselines`` before it was
        shared out; 0 for other methods. More `n_steps` make it smaller.
    method : str
        How the scores were made.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import residue_attribution
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> residue_attribution(model, ["WA", "AW"], target="first").frame()[["position", "residue"]]
       position residue
    0         1       W
    1         2       A
    2         1       A
    3         2       W
    """

    sequences: list
    scores: list
    targets: np.ndarray
    values: np.ndarray
    baselines: np.ndarray
    residuals: np.ndarray
    method: str

    def frame(self):
        """Give a row for each residue.

        Returns
        -------
        DataFrame of shape (n_residues, 5)
            Columns sequence (number of the protein, from 0), position (of the residue, from 1),
            residue, target and score.
        """
        lengths = [len(scores) for scores in self.scores]
        return make_frame(
            {
                "sequence": np.repeat(np.arange(len(lengths)), lengths),
                "position": np.concatenate([np.arange(1, length + 1) for length in lengths]),
                "residue": [residue for sequence in self.sequences for residue in sequence],
                "target": np.repeat(self.targets, lengths),
                "score": np.concatenate(self.scores),
            },
            "ResidueAttribution.frame()",
        )

    def plot(self, index=0, *, ax=None):
        """Draw one protein, each residue coloured by its score.

        Parameters
        ----------
        index : int, default=0
            Which of the proteins.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure, large enough for the protein.

        Returns
        -------
        display : ResidueAttributionDisplay
            With ``ax_`` and ``figure_``.
        """
        return ResidueAttributionDisplay(self).plot(index, ax=ax)

    def __repr__(self):
        return f"ResidueAttribution({len(self.scores)} sequences, method={self.method!r})"


class ResidueAttributionDisplay:
    """Picture of a protein whose residues are coloured by what they say of a class.

    Parameters
    ----------
    attribution : ResidueAttribution
        What to draw.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Lines of 60 residues, their numbers at both ends.
    figure_ : matplotlib.figure.Figure
        The figure around it.

    See Also
    --------
    residue_attribution : Makes the scores.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import ResidueAttributionDisplay
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    >>> model = model.fit(["WAAA", "AAAW"] * 8, ["first", "last"] * 8)
    >>> display = ResidueAttributionDisplay.from_estimator(model, "WAAA", target="first")
    >>> [text.get_text() for text in display.ax_.texts[:4]]
    ['W', 'A', 'A', 'A']
    """

    def __init__(self, attribution):
        self.attribution = attribution

    def plot(self, index=0, *, ax=None):
        """Draw one protein.

        Parameters
        ----------
        index : int, default=0
            Which of the proteins.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure, large enough for the protein.

        Returns
        -------
        display : ResidueAttributionDisplay
            Itself, with ``ax_`` and ``figure_``.

        Raises
        ------
        TypeError
            If the scores are about tokens, since the model was a bare classifier.
        """
        result = self.attribution
        sequence = result.sequences[index]
        if not isinstance(sequence, str):
            raise TypeError(
                "Only proteins can be drawn, and a bare ProtLSTMClassifier reads token numbers: "
                "call residue_attribution with the Pipeline of SequenceEncoder and "
                "ProtLSTMClassifier"
            )
        self.ax_ = draw_track(sequence, result.scores[index], result.targets[index], ax=ax)
        self.figure_ = self.ax_.figure
        return self

    @classmethod
    def from_estimator(cls, model, sequence, *, ax=None, **params):
        """Score the residues of one protein and draw it.

        Parameters
        ----------
        model : Pipeline
            Fitted, of :class:`SequenceEncoder` and :class:`ProtLSTMClassifier`.
        sequence : str
            The protein.
        ax : matplotlib.axes.Axes or None, default=None
            None makes a new figure, large enough for the protein.
        **params : dict
            Further arguments of :func:`residue_attribution`.

        Returns
        -------
        display : ResidueAttributionDisplay
            With ``ax_`` and ``figure_``.
        """
        return cls(residue_attribution(model, [sequence], **params)).plot(ax=ax)


def residue_attribution(
    model,
    sequences,
    *,
    target=None,
    method="integrated_gradients",
    baseline="shuffled",
    n_steps=32,
    random_state=0,
):
    """Score each residue by how much it speaks for a class.

    Parameters
    ----------
    model : Pipeline or ProtLSTMClassifier
        Fitted: ``make_pipeline(SequenceEncoder(), ProtLSTMClassifier())``, or a bare classifier.
    sequences : iterable of str, or token matrix of shape (n_samples, max_length)
        Proteins for a pipeline, rows of tokens for a bare classifier.
    target : label or None, default=None
        The class to score for. None takes the class that is predicted for each protein.
    method : {"integrated_gradients", "occlusion", "gradient_x_input"}, \
            default="integrated_gradients"
        "integrated_gradients" divides the whole difference between the protein and the baseline
        among the residues. "occlusion" makes one residue after the other unknown and looks at
        what is lost: easy to explain, and blind to residues that stand in for each other.
        "gradient_x_input" is the slope at the protein alone: fast and rough.
    baseline : {"shuffled", "unknown"}, default="shuffled"
        What the protein is compared with, unless by occlusion: itself with its residues
        shuffled, as a mean over 8 random orders, or a protein as long of unknown residues. A
        network has met the like of the former; what it says of the latter, and on the way from
        there, may mean little.
    n_steps : int, default=32
        Points on the paths of integrated gradients. More cost more and miss less.
    random_state : int, RandomState instance or None, default=0
        Decides how residues are shuffled.

    Returns
    -------
    attribution : ResidueAttribution
        Scores in units of log-odds.

    Raises
    ------
    TypeError
        If `model` is no such model.
    NotFittedError
        If it is not fitted.
    ValueError
        If `target` is no class of the model, or another argument is none of the above.

    See Also
    --------
    top_windows : The windows with the highest scores over many proteins.
    mutation_scan : What each substitution would do.

    Notes
    -----
    The score is about the log-odds of the class against all others, log p / (1 - p). With
    integrated gradients [1]_ the scores of a protein add up to ``values - baselines``. The paths
    from the shuffled proteins take turns in the points, as in expected gradients [2]_. What the
    points missed (``residuals``) is shared out in proportion to the size of the scores: it changes
    how high they are, not which are the highest.

    Where tokens are k-mers, the tokens are shuffled. Integrated gradients and gradient x input
    divide the score of a token equally among its residues, and occlusion makes all tokens unknown
    that hold the residue.

    References
    ----------
    .. [1] M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017.
       arXiv:1703.01365
    .. [2] G. Erion, J. D. Janizek, P. Sturmfels, S. M. Lundberg, S.-I. Lee, "Improving
       performance of deep learning models with axiomatic attribution priors and expected
       gradients", Nature Machine Intelligence 3, 620-631, 2021.
       :doi:`10.1038/s42256-021-00343-w`

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> from sklearn_protlstm.inspection import residue_attribution
    >>> lstm = ProtLSTMClassifier(hidden_size=8, batch_size=2, random_state=0)
    >>> model = make_pipeline(SequenceEncoder(), lstm)
    >>> model = model.fit(["WAAA", "AWAA", "CAAA", "ACAA"], ["w", "w", "c", "c"])
    >>> attribution = residue_attribution(model, ["AAWA"], target="w")
    >>> int(attribution.scores[0].argmax())
    2
    """
    opened = open_model(model)
    _check_arguments(method, baseline, n_steps)
    if opened.encoder is not None:
        sequences = check_sequences(sequences)
    tokens = opened.encode(sequences)
    logits = _predict(opened, tokens)
    codes = choose_classes(target, opened.classifier.classes_, logits)
    shown = _proteins(opened, sequences, tokens)
    spans = [_token_spans(opened, len(sequence)) for sequence in shown]
    if method == "occlusion":
        baselines = make_baselines(tokens, "unknown", None)
        scores = [*map(_occlude, [opened] * len(tokens), tokens, codes, spans)]
        residuals = np.zeros(len(tokens))
    else:
        baselines = make_baselines(tokens, baseline, random_state)
        steps = n_steps if method == "integrated_gradients" else None
        by_token, residuals = score_gradients(opened, tokens, baselines, codes, steps)
        scores = [*map(_share_among_residues, by_token, spans)]
    return ResidueAttribution(
        sequences=shown,
        scores=[_fill_up(values, len(sequence)) for values, sequence in zip(scores, shown)],
        targets=opened.classifier.classes_[codes],
        values=_log_odds(logits, codes),
        baselines=np.mean([_log_odds(_predict(opened, b), codes) for b in baselines], axis=0),
        residuals=residuals,
        method=method,
    )


def _check_arguments(method, baseline, n_steps):
    for name, value, known in (("method", method, _METHODS), ("baseline", baseline, BASELINES)):
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{name}={value!r} is not known. Choose one of {list(known)}")
    check_whole_number(n_steps, "n_steps")


def _predict(opened, tokens):
    return predict_logits(opened.module, tokens, opened.classifier.vocabulary_, opened.device)


def _log_odds(logits, codes):
    return log_odds(torch.from_numpy(logits).double(), torch.from_numpy(codes)).numpy()


def _proteins(opened, sequences, tokens):
    """What the scores belong to: residues, or the tokens of a bare classifier."""
    if opened.encoder is not None:
        return [*map(letters_read, sequences)]
    return [row[:length] for row, length in zip(tokens, residue_lengths(tokens))]


def _token_spans(opened, n_residues):
    """First residue of each token and the one behind its last, shape (n_tokens, 2)."""
    if opened.encoder is not None:
        return token_spans(opened.encoder, n_residues)
    starts = np.arange(n_residues)
    return np.column_stack((starts, starts + 1))


def _share_among_residues(by_token, spans):
    scores = np.zeros(spans[-1, 1])
    for value, (start, stop) in zip(by_token, spans):
        scores[start:stop] += value / (stop - start)
    return scores


def _occlude(opened, row, code, spans):
    variants = np.repeat(row[np.newaxis], spans[-1, 1] + 1, axis=0)
    for column, (start, stop) in enumerate(spans):
        if row[column] != PADDING:
            variants[start + 1 : stop + 1, column] = UNKNOWN
    answers = _log_odds(_predict(opened, variants), np.full(len(variants), code))
    return answers[0] - answers[1:]


def _fill_up(scores, n_residues):
    """Residues that were cut, or belong to no token, behind the last token."""
    return np.concatenate([scores, np.zeros(n_residues - len(scores))])
