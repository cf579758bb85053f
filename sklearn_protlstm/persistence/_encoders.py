"""Convert the fitted state of the encoders to JSON and arrays, and back."""

from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._values import (
    MAX_COLUMNS,
    get_entry,
    is_strictly_increasing,
    pop_array,
    truncate,
)

__all__ = [
    "encoder_state_to_data",
    "restore_encoder_state",
    "restore_vectorizer_state",
    "vectorizer_state_to_data",
]


def encoder_state_to_data(encoder, prefix, arrays):
    """Convert the fitted state of a SequenceEncoder to data."""
    max_length = int(encoder.max_length_)
    if max_length > MAX_COLUMNS:
        raise UnsavableModelError(
            f"The encoder returns {max_length} columns, but a model file can store at most "
            f"{MAX_COLUMNS}. Set max_length to the length of the longest protein, and fit again",
            name=f"{prefix}max_length",
        )
    return {"max_length": max_length}


def restore_encoder_state(encoder, state, prefix, arrays):
    """Set the fitted attributes of a SequenceEncoder."""
    max_length = get_entry(state, "max_length", int)
    _set_alphabet(encoder)
    encoder.n_tokens_ = FIRST_TOKEN + encoder.alphabet_.size**encoder.k
    encoder.max_length_ = max_length
    if not 1 <= max_length <= MAX_COLUMNS:
        raise InvalidModelContentError(
            f"an encoder cannot have {max_length} columns, expected 1 to {MAX_COLUMNS}"
        )
    if encoder.max_length not in (None, max_length):
        raise InvalidModelContentError(
            f"max_length={encoder.max_length}, but the encoder has {max_length} columns"
        )


def vectorizer_state_to_data(vectorizer, prefix, arrays):
    """Convert the fitted state of a KmerVectorizer to data, and add its ranks to `arrays`."""
    names = [f"{prefix}columns[{i}]" for i in range(len(vectorizer.columns_))]
    arrays.update(zip(names, vectorizer.columns_))
    return {"columns": names}


def restore_vectorizer_state(vectorizer, state, prefix, arrays):
    """Set the fitted attributes of a KmerVectorizer."""
    names = get_entry(state, "columns", list)
    _set_alphabet(vectorizer)
    try:
        lengths = vectorizer._lengths()
    except ValueError as error:
        raise InvalidModelContentError(str(error)) from error
    vectorizer.columns_ = [pop_array(arrays, name, "int64", 1) for name in names]
    are_ranks = len(names) == len(lengths) and all(
        is_strictly_increasing(columns, 0, vectorizer.alphabet_.size**k - 1)
        for k, columns in zip(lengths, vectorizer.columns_)
    )
    if not are_ranks:
        raise InvalidModelContentError("the columns are not increasing ranks of k-mers")


def _set_alphabet(estimator):
    try:
        estimator.alphabet_ = get_alphabet(estimator.alphabet)
    except ValueError as error:
        raise InvalidModelContentError(truncate(error)) from error
