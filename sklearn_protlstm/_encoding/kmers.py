"""KmerVectorizer: protein sequences to sparse k-mer counts."""

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._encoding.nonproteins import warn_of_nonproteins
from sklearn_protlstm._encoding.tokens import encode_residues, window_tokens
from sklearn_protlstm._validation import (
    SequenceInputMixin,
    StrOptions,
    check_sequences,
    fit_context,
    positive_integer,
)
from sklearn_protlstm.alphabets import FIRST_TOKEN, Alphabet, get_alphabet

__all__ = ["KmerVectorizer"]

_LARGEST_K = 5

# The stacklevel of the caller of transform and fit_transform, which scikit-learn wraps in one more
# frame.
_CALLER = 3


class KmerVectorizer(SequenceInputMixin, TransformerMixin, BaseEstimator):
    """Count the k-mers of protein sequences.

    A k-mer is a subsequence of `k` consecutive residues. The counts ignore positions, unlike the
    tokens of :class:`SequenceEncoder`. They are the input of :func:`make_kmer_baseline`.

    Parameters
    ----------
    k : int or (int, int), default=3
        Length of the k-mers, from 1 to 5, or the shortest and the longest length: ``(1, 3)``
        counts single residues, pairs and triplets.
    alphabet : str or Alphabet, default="protein"
        "protein", "dayhoff6", "murphy10" or an :class:`Alphabet`. A reduced alphabet has fewer
        k-mers with higher counts, which can help with distant homologs.
    handle_unknown : {"error", "mask"}, default="error"
        What to do with symbols that are not in the alphabet: raise an error that gives the
        position, or read them as unknown residues. K-mers with unknown residues are not counted.

    Attributes
    ----------
    alphabet_ : Alphabet
        The alphabet.
    columns_ : list of ndarray of int64
        For each length, the training k-mers as ranks in alphabetical order. The output has a
        column for each.

    Warns
    -----
    DataQualityWarning
        If at least 1% of the sequences look like DNA or RNA, or repeat one letter. Sequences of
        fewer than 20 residues are not judged.

    See Also
    --------
    SequenceEncoder : Keeps the order of the residues.

    Notes
    -----
    The ends of a sequence are not marked, so the counts do not show which k-mer comes first or
    last. The k-mers of a motif and its neighbours can still reveal that it lies at an end.

    Examples
    --------
    >>> from sklearn_protlstm import KmerVectorizer
    >>> vectorizer = KmerVectorizer(k=2).fit(["ACAC", "CAX"])
    >>> vectorizer.get_feature_names_out()
    array(['AC', 'CA'], dtype=object)
    >>> vectorizer.transform(["ACAC", "CAX"]).toarray()
    array([[2., 1.],
           [0., 1.]])
    """

    _parameter_constraints = {
        "k": [positive_integer(_LARGEST_K), tuple, list],
        "alphabet": [str, Alphabet],
        "handle_unknown": [StrOptions({"error", "mask"})],
    }

    def __init__(self, *, k=3, alphabet="protein", handle_unknown="error"):
        self.k = k
        self.alphabet = alphabet
        self.handle_unknown = handle_unknown

    def fit(self, X, y=None):
        """Learn the k-mers of the training sequences.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Training sequences.
        y : None
            Ignored.

        Returns
        -------
        self : KmerVectorizer
            The fitted vectorizer.

        Raises
        ------
        InvalidResidueError
            If a symbol is not in the alphabet and ``handle_unknown="error"``.
        ValueError
            If no sequence has a k-mer without unknown residues.
        """
        sequences = check_sequences(X)
        self._learn(sequences)
        warn_of_nonproteins(sequences, self.alphabet_, stacklevel=2)
        return self

    def fit_transform(self, X, y=None):
        """Learn the k-mers of the training sequences and count them in one pass.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Training sequences.
        y : None
            Ignored.

        Returns
        -------
        counts : csr_matrix of shape (n_samples, n_kmers), dtype float64
            Same as from :meth:`transform`.
        """
        sequences = check_sequences(X)
        counts = self._learn(sequences)
        warn_of_nonproteins(sequences, self.alphabet_, stacklevel=_CALLER)
        return self._select(counts)

    def transform(self, X):
        """Count the training k-mers in sequences.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences. One shorter than `k` gets a row of zeros.

        Returns
        -------
        counts : csr_matrix of shape (n_samples, n_kmers), dtype float64
            One column for each name of :meth:`get_feature_names_out`. Other k-mers are ignored.

        Raises
        ------
        InvalidResidueError
            If a symbol is not in the alphabet and ``handle_unknown="error"``.
        """
        check_is_fitted(self, "columns_")
        sequences = check_sequences(X)
        counts = self._count(sequences)
        warn_of_nonproteins(sequences, self.alphabet_, stacklevel=_CALLER)
        return self._select(counts)

    def get_feature_names_out(self, input_features=None):
        """Get the k-mers of the columns.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        kmers : ndarray of shape (n_kmers,), dtype object
            K-mers, sorted by length and then alphabetically.
        """
        check_is_fitted(self, "columns_")
        names = [
            _spell_kmers(ranks, self.alphabet_.symbols, k)
            for k, ranks in zip(self._lengths(), self.columns_)
        ]
        return np.concatenate(names).astype(object)

    @fit_context(prefer_skip_nested_validation=True)
    def _learn(self, sequences):
        self.alphabet_ = get_alphabet(self.alphabet)
        counts = self._count(sequences)
        self.columns_ = [np.unique(part.indices).astype(np.int64) for part in counts]
        if not any(len(columns) for columns in self.columns_):
            raise ValueError(
                f"No sequence has a k-mer of k={self.k} without unknown residues: all sequences "
                "are too short or masked. Choose a smaller k"
            )
        return counts

    def _count(self, sequences):
        residues, lengths = encode_residues(sequences, self.alphabet_, self.handle_unknown)
        return [_count_kmers(residues, lengths, self.alphabet_.size, k) for k in self._lengths()]

    def _select(self, counts):
        parts = [part[:, columns] for part, columns in zip(counts, self.columns_)]
        return hstack(parts, format="csr") if len(parts) > 1 else parts[0]

    def _lengths(self):
        if not isinstance(self.k, (tuple, list)):
            return range(self.k, self.k + 1)
        valid = len(self.k) == 2 and all(isinstance(k, (int, np.integer)) for k in self.k)
        if not valid or not 1 <= self.k[0] <= self.k[1] <= _LARGEST_K:
            raise ValueError(
                f"k={self.k!r} is not a valid range of k-mer lengths: pass (shortest, longest) "
                f"with 1 <= shortest <= longest <= {_LARGEST_K}"
            )
        return range(self.k[0], self.k[1] + 1)


def _spell_kmers(ranks, symbols, k):
    """Spell the k-mers that have these ranks in alphabetical order."""
    letters = np.array(list(symbols))
    digits = ranks[:, np.newaxis] // len(letters) ** np.arange(k - 1, -1, -1) % len(letters)
    return letters[digits].view(f"U{k}").ravel()


def _count_kmers(residues, lengths, n_symbols, k):
    """Counts of every possible k-mer, shape (n_samples, n_symbols**k)."""
    tokens, n_windows = window_tokens(residues, lengths, n_symbols, k)
    known = tokens >= FIRST_TOKEN
    # Windows are in row order. So the row pointers are cumulative sums, and only the few k-mers
    # within each row must be sorted.
    stops = np.concatenate(([0], np.cumsum(known)))[np.cumsum(n_windows)]
    counts = csr_matrix(
        (np.ones(stops[-1]), tokens[known] - FIRST_TOKEN, np.concatenate(([0], stops))),
        shape=(len(lengths), n_symbols**k),
    )
    counts.sum_duplicates()
    return counts
