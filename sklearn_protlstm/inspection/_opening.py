"""What lies between the strings a user gives and the network: one way in for all inspections."""

from typing import NamedTuple

import numpy as np
import torch
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._validation import check_tokens
from sklearn_protlstm.batching import renumber_tokens, residue_lengths
from sklearn_protlstm.classifier import ProtLSTMClassifier
from sklearn_protlstm.devices import resolve_device
from sklearn_protlstm.encoding import SequenceEncoder
from sklearn_protlstm.training import move_net

__all__ = [
    "OpenModel",
    "check_whole_number",
    "choose_classes",
    "log_odds",
    "open_model",
    "open_strings",
    "plain_residues",
]


class OpenModel(NamedTuple):
    """A fitted classifier, and the encoder before it if there is one.

    Parameters
    ----------
    classifier : ProtLSTMClassifier
        Fitted.
    encoder : SequenceEncoder or None
        None for a bare classifier, which takes token rows where a pipeline takes strings.
    """

    classifier: ProtLSTMClassifier
    encoder: SequenceEncoder | None

    @property
    def device(self):
        """Where the network computes."""
        return resolve_device(self.classifier.device)

    @property
    def module(self):
        """The network, in evaluation mode on its device."""
        move_net(self.classifier.net_, self.device)
        return self.classifier.net_.module_.eval()

    def encode(self, X):
        """Encode as ``predict`` does.

        Parameters
        ----------
        X : iterable of str, or token matrix of shape (n_samples, max_length)
            Sequences for a pipeline, tokens for a bare classifier.

        Returns
        -------
        tokens : ndarray of shape (n_samples, max_length)
            Token numbers of the encoder.
        """
        if self.encoder is not None:
            X = self.encoder.transform(X)
        return check_tokens(self.classifier, X, reset=False)

    def rows(self, tokens):
        """Number tokens as the network does.

        Parameters
        ----------
        tokens : ndarray of shape (n_samples, max_length)
            As from :meth:`encode`.

        Returns
        -------
        tokens : Tensor of shape (n_samples, longest), dtype int32
            On the network's device.
        lengths : Tensor of shape (n_samples,), dtype int64
            Tokens of each row.
        """
        lengths = residue_lengths(tokens)
        numbers = renumber_tokens(tokens[:, : lengths.max()], self.classifier.vocabulary_)
        return (
            torch.from_numpy(numbers.astype(np.int32)).to(self.device),
            torch.from_numpy(lengths).to(self.device),
        )


def open_model(model):
    """Find the classifier in a model, and its encoder.

    Parameters
    ----------
    model : Pipeline or ProtLSTMClassifier
        Fitted: ``make_pipeline(SequenceEncoder(), ProtLSTMClassifier())`` or its last step.

    Returns
    -------
    opened : OpenModel
        Both parts.

    Raises
    ------
    TypeError
        If it is anything else.
    NotFittedError
        If it is not fitted.
    """
    steps = [model]
    if isinstance(model, Pipeline):
        steps = [step for _, step in model.steps if step not in (None, "passthrough")]
    *before, classifier = steps
    encoders = [step for step in before if isinstance(step, SequenceEncoder)]
    if not isinstance(classifier, ProtLSTMClassifier) or len(before) > 1 or encoders != before:
        names = " -> ".join(type(step).__name__ for step in steps)
        raise TypeError(
            f"Cannot look into {names}: it takes a fitted ProtLSTMClassifier, or a Pipeline of "
            "SequenceEncoder and ProtLSTMClassifier with nothing between them. Of a search, give "
            "best_estimator_"
        )
    check_is_fitted(classifier, "net_")
    return OpenModel(classifier, before[0] if before else None)


def choose_classes(target, classes, logits):
    """Turn the class asked for into one class number for each sequence.

    Parameters
    ----------
    target : label or None
        None chooses the class that is predicted for each sequence.
    classes : ndarray of shape (n_classes,)
        As in ``classes_``.
    logits : ndarray of shape (n_samples, n_classes)
        What the network answers.

    Returns
    -------
    codes : ndarray of shape (n_samples,), dtype int64
        Index in `classes`.

    Raises
    ------
    ValueError
        If there is no such class.
    """
    if target is None:
        return logits.argmax(axis=1)
    code = np.flatnonzero(classes == target)
    if len(code) != 1:
        raise ValueError(f"target={target!r} is no class of the model: {classes.tolist()}")
    return np.full(len(logits), code[0])


def log_odds(logits, codes):
    """Compute the log-odds of one class against all others.

    Parameters
    ----------
    logits : Tensor of shape (n_samples, n_classes)
        Network's answer.
    codes : Tensor of shape (n_samples,), dtype int64
        A class for each row.

    Returns
    -------
    scores : Tensor of shape (n_samples,)
        For a probability p it is log p / (1 - p), for two classes the difference of their
        logits. Unlike a bare logit it does not change when the same number is added to all.
    """
    chosen = torch.nn.functional.one_hot(codes, logits.shape[1]).bool()
    others = logits.masked_fill(chosen, -torch.inf)
    return logits[chosen] - torch.logsumexp(others, dim=1)


def open_strings(model):
    """Find the classifier and the encoder of a pipeline that takes strings.

    Parameters
    ----------
    model : Pipeline
        Fitted, of SequenceEncoder and ProtLSTMClassifier.

    Returns
    -------
    opened : OpenModel
        With an encoder.

    Raises
    ------
    TypeError
        If there is no encoder.
    """
    opened = open_model(model)
    if opened.encoder is None:
        raise TypeError(
            "This takes proteins as strings, and a bare ProtLSTMClassifier reads token numbers: "
            "give the Pipeline of SequenceEncoder and ProtLSTMClassifier"
        )
    return opened


def check_whole_number(value, name, minimum):
    """Refuse what is no whole number, True and False among it.

    Parameters
    ----------
    value : object
        What came.
    name : str
        Of the argument.
    minimum : int
        Least that is allowed.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))
    if not whole or value < minimum:
        raise ValueError(f"{name}={value!r} must be a whole number of {minimum} or more")


def plain_residues(sequence):
    """Write a protein as the encoder reads it: upper case, without a stop at the end.

    Parameters
    ----------
    sequence : str
        As it came.

    Returns
    -------
    sequence : str
        The residues.
    """
    return sequence.upper().removesuffix("*")
