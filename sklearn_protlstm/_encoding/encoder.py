"""SequenceEncoder: protein strings to a padded matrix of token numbers."""

import warnings

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._encoding.tokens import encode_residues, kept_positions, window_tokens
from sklearn_protlstm._validation import (
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

_BLOCK_SEQUENCES = 1024


class SequenceEncoder(TransformerMixin, BaseEstimator):
    """Turn protein sequences into a matrix of token numbers for :class:`ProtLSTMClassifier`.

    Each row is one protein: its tokens from the N-terminus on, then zeros. 0 is padding, 1 an
    unknown residue, and 2, 3, ... are the alphabet's residues (or k-mers) in alphabetical order,
    so that a number means the same in every fitted encoder of the same alphabet and `k`.

    Parameters
    ----------
    k : int, default=1
        Residues a token, at most 5. With 1, single amino acids are the tokens, which needs no
        knowledge of any subsequence; 2 or 3 makes overlapping k-mers the tokens, which spares
        the network steps when combined with `stride`, for 400 or 8,000 different tokens that
        each need examples.
    stride : int, default=1
        Residues from the start of one token to the start of the next. ``stride=k`` cuts the
        sequence into words without overlap; residues after the last whole token are dropped.
    alphabet : str or Alphabet, default="protein"
        "protein" (20 residues), "dayhoff6" or "murphy10" (similar residues share a token, for
        few training sequences or distant relatives), or an :class:`Alphabet`.
    max_length : int or None, default=None
        Tokens kept of each sequence, and columns of the result. None learns the longest training
        sequence. Give a number where a few giants make everything slow.
    truncation : {"middle", "right", "left", "error"}, default="middle"
        What is cut from sequences longer than `max_length`. "middle" keeps both ends, since
        signal peptides, retention signals and other terminal motifs matter; "right" keeps the
        N-terminus, "left" the C-terminus; "error" refuses.
    handle_unknown : {"error", "mask"}, default="error"
        What happens to symbols outside the alphabet, such as gaps and digits: an error that
        names the place, or the unknown token. The letters B, J, O, U, X and Z are legal and
        read as unknown either way.

    Attributes
    ----------
    alphabet_ : Alphabet
        The alphabet in use.
    max_length_ : int
        Number of columns.
    n_tokens_ : int
        Number of different tokens, padding and unknown included.

    Warns
    -----
    TruncationWarning
        In ``transform``, with the number of sequences that were cut because they are longer than
        every training sequence. Cutting to a `max_length` of your own is silent.

    See Also
    --------
    KmerVectorizer : Counts k-mers and forgets where they were.

    Notes
    -----
    Lower case reads as upper case and one trailing ``*`` (a stop codon's translation) is
    dropped; nothing else is changed without a word. :meth:`count_masked` tells how many residues
    of each sequence read as unknown.

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
            Training sequences. Also an array, a Series, or a frame of one column.
        y : None
            Ignored.

        Returns
        -------
        self : SequenceEncoder
            The fitted encoder.

        Raises
        ------
        InvalidResidueError
            If a symbol is outside the alphabet and `handle_unknown` is "error".
        EmptySequenceError
            If a record has no residue.
        """
        self._learn(X)
        return self

    def fit_transform(self, X, y=None):
        """Learn the number of columns and encode the same sequences, reading them once.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Training sequences.
        y : None
            Ignored.

        Returns
        -------
        tokens : ndarray of shape (n_samples, max_length_)
            As from :meth:`transform`.
        """
        return self._to_matrix(self._learn(X))

    def transform(self, X):
        """Encode sequences.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences of any length.

        Returns
        -------
        tokens : ndarray of shape (n_samples, max_length_), dtype uint8, uint16 or uint32
            C-contiguous, in the smallest dtype that holds `n_tokens_`, padded with 0 on the
            right.

        Raises
        ------
        InvalidResidueError
            If a symbol is outside the alphabet and `handle_unknown` is "error".
        EmptySequenceError
            If a record has no residue.
        ValueError
            If a sequence is too long and `truncation` is "error".
        """
        check_is_fitted(self, "max_length_")
        blocks = self._tokenize(X)
        lengths = np.concatenate([lengths for _, lengths in blocks])
        n_truncated = np.count_nonzero(lengths > self.max_length_)
        if n_truncated and self.truncation == "error":
            raise _too_long_error(lengths, self.max_length_)
        if n_truncated and self.max_length is None:
            # scikit-learn wraps this method, so the caller is one frame further up.
            warnings.warn(_truncation_warning(n_truncated, lengths, self), stacklevel=3)
        return self._to_matrix(blocks)

    def inverse_transform(self, X):
        """Turn token numbers back into letters.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Token numbers.

        Returns
        -------
        sequences : ndarray of shape (n_samples,), dtype object
            Strings. Unknown residues come back as "X", residues of a reduced alphabet as the
            first letter of their group, and what truncation or `stride` left out not at all
            (truncation) or as "X" (residues between tokens when ``stride > k``).

        Raises
        ------
        ValueError
            If a number is no token of this encoder.
        """
        check_is_fitted(self, "max_length_")
        given = np.atleast_2d(np.asarray(X))
        legal = (given >= 0) & (given < self.n_tokens_) & (given % 1 == 0)
        if not legal.all():
            raise ValueError(
                f"Tokens of this encoder are 0 to {self.n_tokens_ - 1}, got "
                f"{given[~legal].tolist()[0]}"
            )
        tokens = given.astype(np.int64)
        letters = _letters(tokens, self.alphabet_, self.k, self.stride)
        # A 0 before another token is a token that says nothing, as everywhere in the package.
        n_tokens = ((tokens != PADDING) * np.arange(1, tokens.shape[1] + 1)).max(axis=1, initial=0)
        n_letters = np.where(n_tokens > 0, (n_tokens - 1) * self.stride + self.k, 0)
        sequences = np.empty(len(tokens), dtype=object)
        sequences[:] = [
            row[:length].tobytes().decode("ascii")
            for row, length in zip(letters, n_letters.tolist())
        ]
        return sequences

    def count_masked(self, X):
        """Count the residues that read as unknown.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences.

        Returns
        -------
        n_masked : ndarray of shape (n_samples,), dtype int64
            Residues without a token of their own in each sequence: the ambiguous letters and,
            with ``handle_unknown="mask"``, symbols outside the alphabet.
        """
        alphabet = get_alphabet(self.alphabet)
        codes, lengths = encode_residues(check_sequences(X), alphabet, self.handle_unknown)
        starts = np.cumsum(lengths) - lengths
        return np.add.reduceat(codes == UNKNOWN, starts, dtype=np.int64)

    def get_feature_names_out(self, input_features=None):
        """Name the columns.

        Parameters
        ----------
        input_features : None
            Ignored; here for scikit-learn's sake.

        Returns
        -------
        names : ndarray of shape (max_length_,), dtype object
            "token_1", "token_2", ... from the N-terminus on.
        """
        check_is_fitted(self, "max_length_")
        return np.array([f"token_{i}" for i in range(1, self.max_length_ + 1)], dtype=object)

    def __sklearn_tags__(self):
        """Tell scikit-learn that strings go in."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags

    @fit_context(prefer_skip_nested_validation=True)
    def _learn(self, X):
        self.alphabet_ = get_alphabet(self.alphabet)
        self.n_tokens_ = FIRST_TOKEN + self.alphabet_.size**self.k
        blocks = self._tokenize(X)
        longest = max(int(lengths.max()) for _, lengths in blocks)
        max_length = longest if self.max_length is None else self.max_length
        if longest > max_length and self.truncation == "error":
            raise _too_long_error(np.concatenate([part for _, part in blocks]), max_length)
        self.max_length_ = max_length
        return blocks

    def _tokenize(self, X):
        """Tokens and lengths of the sequences, some thousand at a time to spare memory."""
        sequences = check_sequences(X)
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
        # Rows of bytes are what NumPy pads with zeros, which are PADDING, fastest of all ways.
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
    """Bytes of each sequence's tokens, as a list."""
    content = tokens.tobytes()
    ends = np.cumsum(lengths) * tokens.itemsize
    starts = ends - lengths * tokens.itemsize
    return [content[start:end] for start, end in zip(starts.tolist(), ends.tolist())]


def _letters(tokens, alphabet, k, stride):
    """ASCII codes, shape (n_samples, at least the residues of all columns); "X" where unknown."""
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


def _too_long_error(lengths, max_length):
    record = int(np.argmax(lengths > max_length))
    return ValueError(
        f"Sequence {record} has {lengths[record]} tokens, more than max_length={max_length} "
        f"({np.count_nonzero(lengths > max_length)} such sequence(s)), and truncation is "
        '"error". Raise max_length, or choose truncation="middle", "right" or "left"'
    )


def _truncation_warning(n_truncated, lengths, encoder):
    return TruncationWarning(
        f"{n_truncated} of {len(lengths)} sequences are longer than the longest training "
        f"sequence ({encoder.max_length_} tokens; the longest here has {lengths.max()}) and were "
        f"cut (truncation={encoder.truncation!r}). Set max_length to keep more",
        n_truncated=n_truncated,
    )
