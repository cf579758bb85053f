"""What lies between the strings a user gives and the network: one way in for all inspections."""

import warnings
from contextlib import contextmanager
from numbers import Integral
from typing import NamedTuple

import numpy as np
import torch
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._encoding.encoder import SequenceEncoder
from sklearn_protlstm._encoding.token_matrix import renumber_tokens, residue_lengths
from sklearn_protlstm._training.devices import resolve_device
from sklearn_protlstm._training.net import move_net
from sklearn_protlstm._validation import check_sequences, check_tokens
from sklearn_protlstm.classifier import ProtLSTMClassifier
from sklearn_protlstm.exceptions import InvalidSequenceError, TruncationWarning

__all__ = [
    "OpenModel",
    "check_whole_number",
    "choose_classes",
    "letters_read",
    "log_odds",
    "open_model",
    "open_strings",
    "quiet_truncation",
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

    def proteins(self, sequences):
        """Judge proteins as they were given, before variants of them are predicted.

        Parameters
        ----------
        sequences : iterable of str, bytes, Bio.Seq.Seq or Bio.SeqRecord.SeqRecord
            As for ``predict``.

        Returns
        -------
        proteins : list of str
            What the encoder reads of them.

        Raises
        ------
        InvalidSequenceError
            If a protein cannot be read; it names the record in `sequences`.
        """
        sequences = check_sequences(sequences)
        self.encode(sequences)
        return [*map(letters_read, sequences)]

    def protein(self, sequence, name="sequence"):
        """Judge one protein.

        Parameters
        ----------
        sequence : str, bytes, Bio.Seq.Seq or Bio.SeqRecord.SeqRecord
            As given.
        name : str, default="sequence"
            The argument that it was given as, for messages.

        Returns
        -------
        protein : str
            What the encoder reads of it.

        Raises
        ------
        TypeError
            If it is no sequence, or several.
        InvalidSequenceError
            If it cannot be read.
        """
        try:
            return self.proteins([sequence])[0]
        except TypeError:
            raise TypeError(
                f"{name}={sequence!r} of type {type(sequence).__name__} is not one protein: give a "
                "str, bytes, Bio.Seq or SeqRecord. Of several proteins, give one at a time"
            ) from None
        except InvalidSequenceError as error:
            error.add_note(f"Sequence 0 is the argument {name!r}")
            raise

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
        steps = [step for _, step in model.steps if step not in (None, "passthrough")] or steps
    *before, classifier = steps
    encoders = [step for step in before if isinstance(step, SequenceEncoder)]
    if not isinstance(classifier, ProtLSTMClassifier) or len(before) > 1 or encoders != before:
        names = " -> ".join(type(step).__name__ for step in steps)
        raise TypeError(
            f"Cannot look into {names}: it takes a fitted ProtLSTMClassifier, or a Pipeline of "
            "SequenceEncoder and ProtLSTMClassifier with nothing between them. Of a search, give "
            "best_estimator_; of a calibration, the estimator of one of its "
            "calibrated_classifiers_"
        )
    for encoder in encoders:
        check_is_fitted(encoder, "max_length_")
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
    try:
        code = classes.tolist().index(target)
    except (TypeError, ValueError):  # pandas' NA and arrays cannot be compared
        raise ValueError(
            f"target={target!r} is no class of the model: {classes.tolist()}. Give one of these, "
            "or None for the class that is predicted"
        ) from None
    return np.full(len(logits), code)


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


def letters_read(sequence):
    """Spell a sequence as the encoder reads it.

    Parameters
    ----------
    sequence : str
        As from ``check_sequences``.

    Returns
    -------
    letters : str
        Upper case, without a trailing ``*``; one character for each residue.
    """
    # Outside of ASCII, upper case can have more letters than lower case has.
    return sequence.encode("ascii", "replace").decode("ascii").upper().removesuffix("*")


@contextmanager
def quiet_truncation():
    """Silence the warning of cut sequences, which was given for the proteins themselves.

    Yields
    ------
    None
        Variants of a protein are cut as it is, and would be counted as further proteins.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TruncationWarning)
        yield


def check_whole_number(value, name):
    """Refuse what does not count anything.

    Parameters
    ----------
    value : int
        1 or more.
    name : str
        Name of the argument.

    Raises
    ------
    ValueError
        If it is below 1, or no whole number.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name}={value!r} must be a whole number of 1 or more")
