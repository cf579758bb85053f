"""Tokens of residues and k-mers, and the residues that each token covers.

The tokens of several sequences are concatenated in one array, next to an array of lengths.
"""

import numpy as np

from sklearn_protlstm._validation import empty_sequence_error
from sklearn_protlstm.alphabets import FIRST_TOKEN, ILLEGAL, UNKNOWN
from sklearn_protlstm.exceptions import InvalidResidueError

__all__ = ["encode_residues", "kept_positions", "token_spans", "window_tokens"]


def encode_residues(sequences, alphabet, handle_unknown, first_record=0):
    """Look up the token of every residue.

    Parameters
    ----------
    sequences : list of str
        Non-empty sequences, as from ``check_sequences``.
    alphabet : Alphabet
        Alphabet with the token of each letter.
    handle_unknown : {"error", "mask"}
        What to do with symbols that are not in the alphabet.
    first_record : int, default=0
        Index of the first sequence in error messages.

    Returns
    -------
    residues : ndarray of shape (n_residues,), dtype uint8
        Tokens of all sequences, concatenated.
    lengths : ndarray of shape (n_samples,), dtype int64
        Number of residues per sequence, without a trailing ``*``.

    Raises
    ------
    InvalidResidueError
        If a symbol is not in the alphabet and ``handle_unknown="error"``.
    EmptySequenceError
        If a sequence consists of a ``*`` only.
    """
    lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    # One byte per character keeps positions unchanged. Characters beyond ASCII become "?", which
    # is not in any alphabet.
    text = "".join(sequences).encode("ascii", "replace")
    other = ILLEGAL if handle_unknown == "error" else UNKNOWN
    # bytes.translate is two to three times as fast as indexing a NumPy table.
    tokens = np.frombuffer(text.translate(alphabet.lookup_table(other).tobytes()), dtype=np.uint8)
    ends = np.cumsum(lengths)
    stops = np.frombuffer(text, dtype=np.uint8)[ends - 1] == ord("*")
    if stops.any():
        if np.any(lengths[stops] == 1):
            record = int(np.flatnonzero(stops & (lengths == 1))[0])
            raise empty_sequence_error(first_record + record)
        tokens = np.delete(tokens, ends[stops] - 1)
        lengths = lengths - stops
    if other == ILLEGAL and tokens.max() == ILLEGAL:
        raise _invalid_residue_error(sequences, tokens, lengths, alphabet, first_record)
    return tokens, lengths


def window_tokens(residues, lengths, n_symbols, k, stride=1):
    """Number the k-mers in windows over each sequence.

    Parameters
    ----------
    residues : ndarray of shape (n_residues,), dtype uint8
        Residue tokens of all sequences, concatenated.
    lengths : ndarray of shape (n_samples,), dtype int64
        Number of residues per sequence.
    n_symbols : int
        Size of the alphabet.
    k : int
        Residues per window.
    stride : int, default=1
        Residues between the starts of consecutive windows.

    Returns
    -------
    tokens : ndarray of shape (n_windows,), dtype int64
        2 plus the alphabetical rank of the k-mer, or 1 if the window has an unknown residue. A
        sequence shorter than `k` has a single token 1.
    n_windows : ndarray of shape (n_samples,), dtype int64
        Number of tokens per sequence, at least 1.
    """
    n_windows = np.where(lengths >= k, (lengths - k) // stride + 1, 1)
    offsets = np.cumsum(lengths) - lengths
    within = _positions_within(n_windows) * stride
    starts = np.repeat(offsets, n_windows) + within
    whole = within + k <= np.repeat(lengths, n_windows)
    codes = np.zeros(len(starts), dtype=np.int64)
    known = whole.copy()
    for j in range(k):
        # `whole` masks windows beyond the end. Clipping only keeps the index valid.
        residue = residues[np.minimum(starts + j, len(residues) - 1)].astype(np.int64)
        codes = codes * n_symbols + (residue - FIRST_TOKEN)
        known &= residue >= FIRST_TOKEN
    return np.where(known, codes + FIRST_TOKEN, UNKNOWN), n_windows


def kept_positions(lengths, max_length, truncation):
    """Mark the tokens that truncation keeps, for sequences concatenated in one array.

    Examples
    --------
    >>> kept_positions(np.array([4, 2]), 2, "middle")
    array([ True, False, False,  True,  True,  True])
    """
    head = {"right": max_length, "left": 0, "middle": (max_length + 1) // 2}[truncation]
    tail = max_length - head
    position = _positions_within(lengths)
    from_end = np.repeat(lengths, lengths) - position
    short = np.repeat(lengths <= max_length, lengths)
    return short | (position < head) | (from_end <= tail)


def token_spans(encoder, n_residues):
    """Find the residues that each token of a sequence covers.

    Parameters
    ----------
    encoder : SequenceEncoder
        Fitted encoder.
    n_residues : int
        Length of the sequence.

    Returns
    -------
    spans : ndarray of shape (n_tokens, 2), dtype int64
        Start and stop of each token that truncation keeps, counted from 0. The stop is exclusive.
        The single token of a sequence shorter than `k` covers all of it.

    Examples
    --------
    >>> from sklearn_protlstm import SequenceEncoder
    >>> encoder = SequenceEncoder(k=2, max_length=2).fit(["ACDEF"])
    >>> token_spans(encoder, 5)
    array([[0, 2],
           [3, 5]])
    """
    n_tokens = max(0, (n_residues - encoder.k) // encoder.stride) + 1
    kept = kept_positions(np.array([n_tokens]), encoder.max_length_, encoder.truncation)
    starts = np.flatnonzero(kept) * encoder.stride
    return np.column_stack((starts, np.minimum(starts + encoder.k, n_residues)))


def _positions_within(lengths):
    """Concatenated ranges: 0, 1, 2, ... for each length."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) - np.repeat(starts, lengths)


def _invalid_residue_error(sequences, tokens, lengths, alphabet, first_record):
    place = int(np.argmax(tokens == ILLEGAL))
    ends = np.cumsum(lengths)
    record = int(np.searchsorted(ends, place, side="right"))
    position = place - int(ends[record] - lengths[record])
    symbol = sequences[record][position]
    return InvalidResidueError(
        f"Sequence {first_record + record}: symbol {symbol!r} at residue {position + 1} is not in "
        f"the {alphabet.name!r} alphabet ({alphabet.legal}). Correct the record, or pass "
        'handle_unknown="mask" to read such symbols as unknown residues',
        record=first_record + record,
        position=position + 1,
        symbol=symbol,
    )
