"""The fitted encoder and classifier of a model, and the way from proteins to network input."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import expit, softmax
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._encoding.encoder import SequenceEncoder
from sklearn_protlstm._encoding.token_matrix import renumber_tokens, residue_lengths
from sklearn_protlstm._encoding.tokens import token_spans
from sklearn_protlstm._labels.models import predicts_multilabel
from sklearn_protlstm._training.devices import resolve_device
from sklearn_protlstm._training.net import move_net
from sklearn_protlstm._training.run import predict_net
from sklearn_protlstm._training.windows import choose_sizes, cut_windows
from sklearn_protlstm._validation import check_sequences, check_tokens
from sklearn_protlstm.classifier import ProtLSTMClassifier
from sklearn_protlstm.exceptions import (
    DataQualityWarning,
    InvalidSequenceError,
    TruncationWarning,
)


class FittedParts(NamedTuple):
    """A fitted classifier and its encoder; the encoder of a bare classifier is None."""

    classifier: ProtLSTMClassifier
    encoder: SequenceEncoder | None

    @property
    def device(self):
        """Device that the network runs on."""
        return resolve_device(self.classifier.device)

    @property
    def module(self):
        """Network in evaluation mode, on its device."""
        move_net(self.classifier.net_, self.device)
        return self.classifier.net_.module_.eval()

    def check_proteins(self, sequences):
        """Validate proteins and return them as the encoder reads them.

        Validation comes before any variant is made, so that errors name the user's record.
        """
        sequences = check_sequences(sequences)
        self.encode(sequences)
        return [normalise_sequence(sequence) for sequence in sequences]

    def check_protein(self, sequence, name="sequence"):
        """Validate one protein; `name` is its argument in error messages."""
        try:
            return self.check_proteins([sequence])[0]
        except TypeError:
            raise TypeError(
                f"{name}={sequence!r} of type {type(sequence).__name__} is not a single protein. "
                "Pass one str, bytes, Bio.Seq or SeqRecord, and call the function once per protein"
            ) from None
        except InvalidSequenceError as error:
            error.add_note(f"Sequence 0 is the argument {name!r}")
            raise

    def encode(self, X):
        """Encode `X` as ``predict`` does; return a token matrix."""
        if self.encoder is not None:
            X = self.encoder.transform(X)
        return check_tokens(self.classifier, X, reset=False)

    def token_spans(self, n_residues):
        """First residue and end of each token that the network reads, shape (n_tokens, 2)."""
        if self.encoder is not None:
            return token_spans(self.encoder, n_residues)
        starts = np.arange(n_residues)
        return np.column_stack((starts, starts + 1))

    def find_read_residues(self, n_residues):
        """Mark the residues that at least one token covers, shape (n_residues,), dtype bool.

        Truncation leaves residues out, and so do strides longer than k.
        """
        read = np.zeros(n_residues, dtype=bool)
        for start, stop in self.token_spans(n_residues).tolist():
            read[start:stop] = True
        return read

    def network_input(self, tokens):
        """Renumber tokens as the network does; return them and their lengths as tensors."""
        lengths = residue_lengths(tokens)
        numbers = renumber_tokens(tokens[:, : lengths.max()], self.classifier.vocabulary_)
        return (
            torch.from_numpy(numbers.astype(np.int32)).to(self.device),
            torch.from_numpy(lengths).to(self.device),
        )

    def predict_logits(self, tokens):
        """Predict an array of logits as the classifier does, shape (n_samples, n_classes)."""
        return predict_net(
            self.classifier.net_,
            tokens,
            self.classifier.vocabulary_,
            self.device,
            self._window_sizes,
            multilabel=self.multilabel,
        )

    @property
    def multilabel(self):
        """Whether the classifier predicts any number of labels."""
        return predicts_multilabel(self.classifier)

    def to_probabilities(self, logits):
        """Compute probabilities from an array of logits as ``predict_proba`` does."""
        return expit(logits) if self.multilabel else softmax(logits, axis=1)

    def cut_windows(self, lengths):
        """Lay windows over token rows of these lengths, as the classifier reads them.

        Without windows, each row has a single one that holds all its tokens.
        """
        whole = int(lengths.max())
        return cut_windows(lengths, *(self._window_sizes or (whole, whole)))

    @property
    def reads_windows(self):
        """Whether the classifier cuts long proteins into windows."""
        return self._window_sizes is not None

    @property
    def _window_sizes(self):
        return choose_sizes(self.classifier.window, self.classifier.window_step)


def find_parts(model):
    """Find the fitted classifier of a model and the encoder before it, if there is one."""
    steps = [model]
    if isinstance(model, Pipeline):
        steps = [step for _, step in model.steps if step not in (None, "passthrough")] or steps
    *before, classifier = steps
    encoders = [step for step in before if isinstance(step, SequenceEncoder)]
    if not isinstance(classifier, ProtLSTMClassifier) or len(before) > 1 or encoders != before:
        names = " -> ".join(type(step).__name__ for step in steps)
        raise TypeError(
            f"Cannot inspect {names}. Pass a fitted ProtLSTMClassifier, or a Pipeline of "
            "SequenceEncoder and ProtLSTMClassifier with no step between them. For a search, pass "
            "best_estimator_, and for a LabelThresholdClassifier its estimator_; for a calibrated "
            "classifier, pass the estimator of one of its calibrated_classifiers_"
        )
    for encoder in encoders:
        check_is_fitted(encoder, "max_length_")
    check_is_fitted(classifier, "net_")
    return FittedParts(classifier, before[0] if before else None)


def find_parts_with_encoder(model):
    """Find the fitted parts of a model that takes proteins as strings."""
    parts = find_parts(model)
    if parts.encoder is None:
        raise TypeError(
            "This function takes proteins as strings, but a bare ProtLSTMClassifier reads tokens. "
            "Pass the Pipeline of SequenceEncoder and ProtLSTMClassifier"
        )
    return parts


def normalise_sequence(sequence):
    """Return the upper-case residues without a trailing ``*``, one character for each."""
    # Upper-casing can add letters: "ß" becomes "SS". A "?" keeps it one residue.
    return sequence.encode("ascii", "replace").decode("ascii").upper().removesuffix("*")


def list_records(sequences):
    """Keep the records of an iterator, which can be read only once."""
    return list(sequences) if isinstance(sequences, Iterator) else sequences


@contextmanager
def ignore_warnings_of_encoder():
    """Silence the warnings of the encoder for variants of a protein.

    The protein itself has already been reported; each variant would count as another one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TruncationWarning)
        warnings.simplefilter("ignore", DataQualityWarning)
        yield


def check_positive_integer(value, name):
    """Raise ValueError unless `value` is an integer of at least 1."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name}={value!r} is not valid. Pass an integer of at least 1")
