"""Contribution of each residue to the log-odds of a class or label."""

from dataclasses import dataclass

import numpy as np

from sklearn_protlstm._encoding.token_matrix import residue_lengths
from sklearn_protlstm._optional import make_frame
from sklearn_protlstm._validation import check_sequences
from sklearn_protlstm.alphabets import PADDING, UNKNOWN
from sklearn_protlstm.inspection._captions import (
    describe_model,
    describe_prediction,
    describe_protein,
    find_names,
)
from sklearn_protlstm.inspection._fitted_parts import (
    check_positive_integer,
    find_parts,
    list_records,
    normalise_sequence,
)
from sklearn_protlstm.inspection._gradients import (
    BASELINES,
    attribute_by_gradients,
    make_baselines,
)
from sklearn_protlstm.inspection._protein_plots import draw_residue_scores
from sklearn_protlstm.inspection._targets import find_target_indices, log_odds_of_arrays

__all__ = ["ResidueAttribution", "residue_attribution"]

_METHODS = ("integrated_gradients", "occlusion", "gradient_x_input")


@dataclass(frozen=True, eq=False, repr=False)
class ResidueAttribution:
    """Result of :func:`residue_attribution`.

    Parameters
    ----------
    sequences : list of str, or list of ndarray
        The proteins. Rows of tokens if the model is a bare classifier.
    scores : list of ndarray of float64
        Score of each residue of each protein, in units of log-odds. A residue with a positive
        score makes the class or label more likely. NaN marks the residues that the network does
        not read, because the encoder truncates the protein or skips them with a long `stride`.
        Use ``np.nansum`` and ``np.nanargmax``.
    targets : ndarray of shape (n_samples,)
        Class or label explained for each protein.
    values : ndarray of shape (n_samples,), dtype float64
        Log-odds of that class or label.
    baselines : ndarray of shape (n_samples,), dtype float64
        Mean log-odds of that class or label over the baselines.
    residuals : ndarray of shape (n_samples,), dtype float64
        Numerical error of integrated gradients: the part of ``values - baselines`` that the raw
        scores do not sum to. It shrinks with more `n_steps`. 0 for other methods.
    method : str
        Method that computed the scores.
    captions : list of str
        Name, prediction and model of each protein, the titles of the plots.

    See Also
    --------
    residue_attribution : Compute the scores.

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
    captions: list

    def frame(self):
        """Return one row per residue.

        Returns
        -------
        DataFrame of shape (n_residues, 5)
            Columns sequence (index of the protein, from 0), position (of the residue, from 1),
            residue, target and score. The score of a residue that is not read is NaN.

        Raises
        ------
        ImportError
            If pandas is not installed.
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
        """Draw one protein with each residue coloured by its score.

        Residues that the network does not read are hatched. Lines without any other residue are
        folded into one.

        Parameters
        ----------
        index : int, default=0
            Index of the protein.
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw on. None creates a figure that fits the length of the protein.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Lines of 60 residues, numbered at both ends. The title gives the name of the protein,
            its prediction and the model.

        Raises
        ------
        TypeError
            If the model is a bare classifier, whose tokens have no letters.
        ImportError
            If matplotlib is not installed.
        """
        sequence = self.sequences[index]
        if not isinstance(sequence, str):
            raise TypeError(
                "Cannot plot scores of a bare ProtLSTMClassifier, which reads tokens. Call "
                "residue_attribution with the Pipeline of SequenceEncoder and ProtLSTMClassifier"
            )
        return draw_residue_scores(
            sequence,
            self.scores[index],
            self.targets[index],
            caption=self.captions[index],
            ax=ax,
        ).figure

    def __repr__(self):
        return f"ResidueAttribution({len(self.scores)} sequences, method={self.method!r})"


def residue_attribution(
    model,
    sequences,
    *,
    target=None,
    method="integrated_gradients",
    baseline="shuffled",
    n_steps=32,
    random_state=0,
    names=None,
):
    """Score each residue by its contribution to the log-odds of a class or label.

    Parameters
    ----------
    model : Pipeline or ProtLSTMClassifier
        Fitted ``make_pipeline(SequenceEncoder(), ProtLSTMClassifier())``, or a bare classifier.
    sequences : iterable of str, or token matrix of shape (n_samples, max_length)
        Proteins for a pipeline, tokens for a bare classifier.
    target : label or None, default=None
        Class to explain, or label of a multi-label model. None explains the predicted class of
        each protein, or its most probable label.
    method : {"integrated_gradients", "occlusion", "gradient_x_input"}, \
            default="integrated_gradients"
        "integrated_gradients" distributes the difference between the protein and the baseline
        over the residues. "occlusion" makes one residue at a time unknown and measures the loss.
        It is easy to explain, but misses residues that can replace each other.
        "gradient_x_input" uses the gradient at the protein alone. It is fast and rough.
    baseline : {"shuffled", "unknown"}, default="shuffled"
        What to compare the protein with. "shuffled" is the mean over 8 random orders of its
        residues. "unknown" is a protein of the same length made of unknown residues. The network
        was trained on proteins similar to the shuffled ones, but never on unknown residues only,
        so scores relative to "unknown" can mislead. Occlusion always uses "unknown".
    n_steps : int, default=32
        Points on the paths of integrated gradients. Time grows in proportion, the numerical
        error (``residuals``) shrinks.
    random_state : int, RandomState instance or None, default=0
        Controls the shuffling of the baselines.
    names : sequence of str or None, default=None
        Names of the proteins for the titles of the plots. None takes the ids of a SequenceTable
        or of SeqRecords; other proteins have no name.

    Returns
    -------
    attribution : ResidueAttribution
        Scores in units of log-odds.

    Raises
    ------
    TypeError
        If `model` is not a model of this kind.
    NotFittedError
        If `model` is not fitted.
    InvalidSequenceError
        If a protein cannot be read.
    ValueError
        If `target` is not a class or label of the model, `names` has another length than
        `sequences`, or another argument is not valid.

    See Also
    --------
    top_windows : Find the windows with the highest scores over many proteins.
    mutation_scan : Compute the effect of each substitution.

    Notes
    -----
    Scores refer to the log-odds of the class against all others, log p / (1 - p). For a label of a
    multi-label model, these are its logit, in which the other labels play no part. Integrated
    gradients [1]_ add up to ``values - baselines`` over the residues that the network reads.
    Successive points lie on the paths from different shuffled proteins, as in expected gradients
    [2]_. The numerical error is distributed in proportion to the absolute scores. This changes
    their size, not their order.

    With k-mer tokens, the tokens are shuffled. Gradient methods divide the score of a token
    equally among its residues. Occlusion makes all tokens unknown that contain the residue.

    If the classifier has a `window`, the scores explain the prediction for the whole protein, the
    mean over its windows. One residue of a long protein changes few of them, so its score is
    small.

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
    parts = find_parts(model)
    _check_arguments(method, baseline, n_steps)
    records = list_records(sequences)
    sequences = records if parts.encoder is None else check_sequences(records)
    tokens = parts.encode(sequences)
    names = find_names(records, names, len(tokens))
    logits = parts.predict_logits(tokens)
    classes = parts.classifier.classes_
    indices = find_target_indices(target, classes, logits, parts.multilabel)
    scored = _scored_sequences(parts, sequences, tokens)
    spans = [parts.token_spans(len(sequence)) for sequence in scored]
    read = [parts.find_read_residues(len(sequence)) for sequence in scored]
    if method == "occlusion":
        baselines = make_baselines(tokens, "unknown", None)
        scores = [_occlude(parts, *sample) for sample in zip(tokens, indices, spans, read)]
        residuals = np.zeros(len(tokens))
    else:
        baselines = make_baselines(tokens, baseline, random_state)
        steps = n_steps if method == "integrated_gradients" else None
        by_token, residuals = attribute_by_gradients(parts, tokens, baselines, indices, steps)
        scores = [*map(_share_among_residues, by_token, spans, read)]
    return ResidueAttribution(
        sequences=scored,
        scores=scores,
        targets=classes[indices],
        values=log_odds_of_arrays(logits, indices, parts.multilabel),
        baselines=_mean_log_odds(parts, baselines, indices),
        residuals=residuals,
        method=method,
        captions=_describe_all(model, parts, names, logits, read),
    )


def _describe_all(model, parts, names, logits, read):
    predictions = [
        describe_prediction(parts.classifier.classes_, row, parts.multilabel)
        for row in parts.to_probabilities(logits)
    ]
    text = describe_model(model)
    return [f"{describe_protein(*each)}\n{text}" for each in zip(names, predictions, read)]


def _check_arguments(method, baseline, n_steps):
    for name, value, valid in (("method", method, _METHODS), ("baseline", baseline, BASELINES)):
        if not isinstance(value, str) or value not in valid:
            raise ValueError(f"{name}={value!r} is not valid. Use one of {list(valid)}")
    check_positive_integer(n_steps, "n_steps")


def _mean_log_odds(parts, baselines, indices):
    return np.mean([_predict_log_odds(parts, each, indices) for each in baselines], axis=0)


def _predict_log_odds(parts, tokens, indices):
    return log_odds_of_arrays(parts.predict_logits(tokens), indices, parts.multilabel)


def _scored_sequences(parts, sequences, tokens):
    """Residues of each protein, or the tokens of a bare classifier without padding."""
    if parts.encoder is not None:
        return [normalise_sequence(sequence) for sequence in sequences]
    return [row[:length] for row, length in zip(tokens, residue_lengths(tokens))]


def _share_among_residues(by_token, spans, read):
    """Divide the score of each token equally among its residues; NaN for unread residues."""
    scores = np.where(read, 0.0, np.nan)
    for value, (start, stop) in zip(by_token, spans):
        scores[start:stop] += value / (stop - start)
    return scores


def _occlude(parts, row, index, spans, read):
    """Loss of log-odds when all tokens that contain a residue become unknown, NaN if unread."""
    # One variant for each residue that is read, after the row itself.
    place = np.cumsum(read)
    variants = np.repeat(row[np.newaxis], place[-1] + 1, axis=0)
    for column, (start, stop) in enumerate(spans):
        if row[column] != PADDING:
            variants[place[start:stop], column] = UNKNOWN
    values = _predict_log_odds(parts, variants, np.full(len(variants), index))
    scores = np.full(len(read), np.nan)
    scores[read] = values[0] - values[1:]
    return scores
