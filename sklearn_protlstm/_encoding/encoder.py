"""SequenceEncoder: protein sequences to a padded matrix of tokens."""

import warnings

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._encoding.nonproteins import warn_of_nonproteins
from sklearn_protlstm._encoding.tokens import encode_residues, kept_positions, window_tokens
from sklearn_protlstm._validation import (
    SequenceInputMixin,
    StrOptions,
    check_sequences,
    fit_context,
    positive_integer,
)
from sklearn_protlstm.alphabets import (
    FIRST_TOKEN,
    PADDING,
    UNKNOWN,
    Alphabet,
    get_alphabet,
)
from sklearn_protlstm.exceptions import TruncationWarning

__all__ = ["SequenceEncoder"]

# Sequences tokenized at a time, which limits the memory for temporary arrays.
_BLOCK_SEQUENCES = 1024

# The stacklevel of the caller of transform and fit_transform, which scikit-learn wraps in one more
# frame.
_CALLER = 3


class SequenceEncoder(SequenceInputMixin, TransformerMixin, BaseEstimator):
    """Encode protein sequences as the token matrix that :class:`ProtLSTMClassifier` takes.

    Each row holds the tokens of one protein from the N-terminus on, followed by zeros. Token 0 is
    padding and 1 an unknown residue. The residues (or k-mers) of the alphabet follow from 2 in
    alphabetical order. Encoders with the same alphabet and `k` therefore use the same tokens.

    Parameters
    ----------
    k : int, default=1
        Residues per token, from 1 to 5. With 1, each amino acid is a token. With 2 or 3, tokens
        are overlapping k-mers; together with a larger `stride`, they shorten the input of the
        network. But there are 400 or 8,000 of them, and each needs training examples.
    stride : int, default=1
        Residues between the starts of consecutive tokens. ``stride=k`` splits the sequence into
        non-overlapping words. Residues after the last complete token are dropped.
    alphabet : str or Alphabet, default="protein"
        "protein" has a token for each of the 20 residues. In "dayhoff6" and "murphy10", similar
        residues share a token, which can help with few training sequences or distant homologs. An
        :class:`Alphabet` defines custom groups.
    max_length : int or None, default=None
        Number of columns. Longer sequences are truncated to this many tokens. None uses the
        length of the longest training sequence. Set it if a few very long sequences make training
        slow.
    truncation : {"middle", "right", "left", "error"}, default="middle"
        What to remove from sequences longer than `max_length`. "middle" keeps both ends, where
        signal peptides and other terminal motifs lie. "right" keeps the N-terminus and "left" the
        C-terminus. "error" raises a ValueError instead.
    handle_unknown : {"error", "mask"}, default="error"
        What to do with symbols that are not in the alphabet, such as gaps and digits: raise an
        error that gives the position, or encode them as unknown. The ambiguous letters B, J, O,
        U, X and Z are always encoded as unknown.

    Attributes
    ----------
    alphabet_ : Alphabet
        The alphabet.
    max_length_ : int
        Number of columns.
    n_tokens_ : int
        Number of distinct tokens, including padding and unknown.

    Warns
    -----
    TruncationWarning
        If ``max_length=None`` and ``transform`` truncates sequences that are longer than the
        longest training sequence. There is no warning if you set `max_length`.
    DataQualityWarning
        If at least 1% of the sequences look like DNA or RNA, or repeat one letter. Sequences of
        fewer than 20 residues are not judged.

    See Also
    --------
    KmerVectorizer : Counts k-mers and ignores their positions.

    Notes
    -----
    Lower case is read as upper case, and one trailing ``*`` (stop codon) is removed.
    :meth:`count_masked` counts the residues that are encoded as unknown.

    Examples
    --------
    >>> from sklearn_protlstm import SequenceEncoder
    >>> encoder = SequenceEncoder().fit(["ACDX", "acd*"])
    >>> encoder.transform(["ACDX", "acd*"])
    array([[2, 3, 4, 1],
           [2, 3, 4, 0]], dtype=uint8)
    >>> encoder.inverse_transform([[2, 3, 4, 0]])
    array(['ACD'], dtype=object)
    """

    _parameter_constraints = {
        "k": [positive_integer(5)],
        "stride": [positive_integer()],
        "alphabet": [str, Alphabet],
        "max_length": [positive_integer(), None],
        "truncation": [StrOptions({"middle", "right", "left", "error"})],
        "handle_unknown": [StrOptions({"error", "mask"})],
    }

    def __init__(
        self,
        *,
        k=1,
        stride=1,
        alphabet="protein",
        max_length=None,
        truncation="middle",
        handle_unknown="error",
    ):
        self.k = k
        self.stride = stride
        self.alphabet = alphabet
        self.max_length = max_length
        self.truncation = truncation
        self.handle_unknown = handle_unknown

    def fit(self, X, y=None):
        """Learn the number of columns.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Training sequences, also as a Series, array, SequenceTable or DataFrame with one
            column.
        y : None
            Ignored.

        Returns
        -------
        self : SequenceEncoder
            The fitted encoder.

        Raises
        ------
        InvalidResidueError
            If a symbol is not in the alphabet and ``handle_unknown="error"``.
        EmptySequenceError
            If a sequence has no residues.
        """
        sequences = check_sequences(X)
        self._learn(sequences)
        warn_of_nonproteins(sequences, self.alphabet_, stacklevel=2)
        return self

    def fit_transform(self, X, y=None):
        """Learn the number of columns and encode the same sequences in one pass.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Training sequences.
        y : None
            Ignored.

        Returns
        -------
        tokens : ndarray of shape (n_samples, max_length)
            Same as from :meth:`transform`.
        """
        sequences = check_sequences(X)
        blocks = self._learn(sequences)
        warn_of_nonproteins(sequences, self.alphabet_, stacklevel=_CALLER)
        return self._to_matrix(blocks)

    def transform(self, X):
        """Encode sequences.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences to encode.

        Returns
        -------
        tokens : ndarray of shape (n_samples, max_length), dtype uint8, uint16 or uint32
            Tokens, padded with 0 on the right. C-contiguous, with the smallest dtype that fits
            all tokens.

        Raises
        ------
        InvalidResidueError
            If a symbol is not in the alphabet and ``handle_unknown="error"``.
        EmptySequenceError
            If a sequence has no residues.
        ValueError
            If a sequence is longer than `max_length_` and ``truncation="error"``.
        """
        check_is_fitted(self, "max_length_")
        sequences = check_sequences(X)
        blocks = self._tokenize(sequences)
        lengths = np.concatenate([lengths for _, lengths in blocks])
        n_truncated = np.count_nonzero(lengths > self.max_length_)
        if n_truncated and self.truncation == "error":
            raise _too_long_error(lengths, self.max_length_)
        if n_truncated and self.max_length is None:
            warnings.warn(_truncation_warning(n_truncated, lengths, self), stacklevel=_CALLER)
        warn_of_nonproteins(sequences, self.alphabet_, stacklevel=_CALLER)
        return self._to_matrix(blocks)

    def inverse_transform(self, X):
        """Decode tokens to sequences.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Tokens, padded with 0.

        Returns
        -------
        sequences : ndarray of shape (n_samples,), dtype object
            One string per row. Unknown residues are decoded as "X", and residues of a reduced
            alphabet as the first letter of their group. Truncated residues are missing. If
            ``stride > k``, the residues between two tokens are decoded as "X".

        Raises
        ------
        ValueError
            If a number is not a token of this encoder.
        """
        check_is_fitted(self, "max_length_")
        tokens = _check_encoded(X, self.n_tokens_)
        letters = _decode_letters(tokens, self.alphabet_, self.k, self.stride)
        n_letters = _count_letters(tokens, self.k, self.stride)
        sequences = np.empty(len(tokens), dtype=object)
        sequences[:] = [
            row[:length].tobytes().decode("ascii")
            for row, length in zip(letters, n_letters.tolist())
        ]
        return sequences

    def count_masked(self, X):
        """Count the residues that are encoded as unknown.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences. The encoder need not be fitted.

        Returns
        -------
        n_masked : ndarray of shape (n_samples,), dtype int64
            Number of ambiguous letters in each sequence and, with ``handle_unknown="mask"``, of
            symbols that are not in the alphabet.
        """
        alphabet = get_alphabet(self.alphabet)
        codes, lengths = encode_residues(check_sequences(X), alphabet, self.handle_unknown)
        starts = np.cumsum(lengths) - lengths
        return np.add.reduceat(codes == UNKNOWN, starts, dtype=np.int64)

    def get_feature_names_out(self, input_features=None):
        """Get the column names.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of shape (max_length,), dtype object
            "token_1", "token_2", ... from the N-terminus on.
        """
        check_is_fitted(self, "max_length_")
        return np.array([f"token_{i}" for i in range(1, self.max_length_ + 1)], dtype=object)

    @fit_context(prefer_skip_nested_validation=True)
    def _learn(self, sequences):
        self.alphabet_ = get_alphabet(self.alphabet)
        self.n_tokens_ = FIRST_TOKEN + self.alphabet_.size**self.k
        blocks = self._tokenize(sequences)
        longest = max(int(lengths.max()) for _, lengths in blocks)
        max_length = longest if self.max_length is None else self.max_length
        if longest > max_length and self.truncation == "error":
            raise _too_long_error(np.concatenate([part for _, part in blocks]), max_length)
        self.max_length_ = max_length
        return blocks

    def _tokenize(self, sequences):
        """Tokens and lengths of the sequences, as one pair per block."""
        return [
            self._tokenize_block(sequences[start : start + _BLOCK_SEQUENCES], start)
            for start in range(0, len(sequences), _BLOCK_SEQUENCES)
        ]

    def _tokenize_block(self, sequences, first_record):
        residues, lengths = encode_residues(
            sequences, self.alphabet_, self.handle_unknown, first_record
        )
        if self.k == 1 and self.stride == 1:
            return residues, lengths
        tokens, lengths = window_tokens(residues, lengths, self.alphabet_.size, self.k, self.stride)
        return tokens.astype(self._token_dtype()), lengths

    def _to_matrix(self, blocks):
        n_samples = sum(len(lengths) for _, lengths in blocks)
        dtype = self._token_dtype()
        # NumPy pads byte strings with zeros, which is the fastest way to write the padding.
        matrix = np.empty(n_samples, dtype=f"S{self.max_length_ * dtype.itemsize}")
        start = 0
        for tokens, lengths in blocks:
            if lengths.max() > self.max_length_:
                tokens = tokens[kept_positions(lengths, self.max_length_, self.truncation)]
                lengths = np.minimum(lengths, self.max_length_)
            matrix[start : start + len(lengths)] = _split_rows(tokens, lengths)
            start += len(lengths)
        return matrix.view(dtype).reshape(n_samples, self.max_length_)

    def _token_dtype(self):
        return np.min_scalar_type(self.n_tokens_ - 1)


def _split_rows(tokens, lengths):
    """Tokens of each sequence as bytes."""
    content = tokens.tobytes()
    ends = np.cumsum(lengths) * tokens.itemsize
    starts = ends - lengths * tokens.itemsize
    return [content[start:end] for start, end in zip(starts.tolist(), ends.tolist())]


def _check_encoded(X, n_tokens):
    """Return `X` as a matrix of integers, or raise a ValueError if one is not a token."""
    given = np.atleast_2d(np.asarray(X))
    valid = (given >= 0) & (given < n_tokens) & (given % 1 == 0)
    if not valid.all():
        raise ValueError(
            f"The tokens of this encoder are the integers from 0 to {n_tokens - 1}, got "
            f"{given[~valid].tolist()[0]}"
        )
    return given.astype(np.int64)


def _decode_letters(tokens, alphabet, k, stride):
    """ASCII codes of the residues of each row, with "X" for unknown residues."""
    n_samples, n_columns = tokens.shape
    letters = np.full((n_samples, n_columns * stride + k), ord("X"), dtype=np.uint8)
    symbols = np.frombuffer(alphabet.symbols.encode("ascii"), dtype=np.uint8)
    known = tokens >= FIRST_TOKEN
    ranks = np.where(known, tokens - FIRST_TOKEN, 0)
    for j in range(k):
        symbol = symbols[ranks // alphabet.size ** (k - 1 - j) % alphabet.size]
        columns = letters[:, j : j + n_columns * stride : stride]
        columns[known] = symbol[known]
    return letters


def _count_letters(tokens, k, stride):
    # Only trailing zeros are padding. A 0 before another token is read as unknown.
    n_tokens = ((tokens != PADDING) * np.arange(1, tokens.shape[1] + 1)).max(axis=1, initial=0)
    return np.where(n_tokens > 0, (n_tokens - 1) * stride + k, 0)


def _too_long_error(lengths, max_length):
    record = int(np.argmax(lengths > max_length))
    return ValueError(
        f"Sequence {record} has {lengths[record]} tokens, more than max_length={max_length}, and "
        f'truncation="error" ({np.count_nonzero(lengths > max_length)} such sequence(s) in total). '
        'Increase max_length, or choose truncation="middle", "right" or "left"'
    )


def _truncation_warning(n_truncated, lengths, encoder):
    return TruncationWarning(
        f"{n_truncated} of {len(lengths)} sequences are longer than the longest training "
        f"sequence ({encoder.max_length_} tokens; the longest here has {lengths.max()}) and were "
        f"truncated (truncation={encoder.truncation!r}). Set max_length to keep more tokens",
        n_truncated=n_truncated,
    )
