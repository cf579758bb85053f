"""From letters to numbers: the tokens of many sequences at once, and the residues behind them."""

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
        Non-empty, as from ``check_sequences``.
    alphabet : Alphabet
        Gives the token of each letter.
    handle_unknown : {"error", "mask"}
        What to do with symbols outside the alphabet.
    first_record : int, default=0
        Number that the first sequence has in messages.

    Returns
    -------
    residues : ndarray of shape (n_residues,), dtype uint8
        Tokens of all sequences, one sequence after the other.
    lengths : ndarray of shape (n_samples,), dtype int64
        Residues of each sequence, without a trailing ``*``.

    Raises
    ------
    InvalidResidueError
        If a symbol is outside the alphabet and `handle_unknown` is "error".
    EmptySequenceError
        If a record holds nothing but ``*``.
    """
    lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    # One byte a character whatever the character, so that positions stay true; what is not
    # ASCII becomes "?", which is no letter of any alphabet.
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
    """Number the k-mers that windows over each sequence see.

    Parameters
    ----------
    residues : ndarray of shape (n_residues,), dtype uint8
        Residue tokens of all sequences, one sequence after the other.
    lengths : ndarray of shape (n_samples,), dtype int64
        Residues of each sequence.
    n_symbols : int
        Size of the alphabet.
    k : int
        Residues in a window.
    stride : int, default=1
        Residues from one window's start to the next.

    Returns
    -------
    tokens : ndarray of shape (n_windows,), dtype int64
        2 + the k-mer's rank in alphabetical order; 1 where the window holds an unknown residue,
        and for a sequence shorter than `k`, which has one such token.
    n_windows : ndarray of shape (n_samples,), dtype int64
        Tokens of each sequence, at least 1.
    """
    n_windows = np.where(lengths >= k, (lengths - k) // stride + 1, 1)
    offsets = np.cumsum(lengths) - lengths
    within = _positions_within(n_windows) * stride
    starts = np.repeat(offsets, n_windows) + within
    whole = within + k <= np.repeat(lengths, n_windows)
    codes = np.zeros(len(starts), dtype=np.int64)
    known = whole.copy()
    for j in range(k):
        # A window past the end is masked by `whole`; clipping only keeps the index legal.
        residue = residues[np.minimum(starts + j, len(residues) - 1)].astype(np.int64)
        codes = codes * n_symbols + (residue - FIRST_TOKEN)
        known &= residue >= FIRST_TOKEN
    return np.where(known, codes + FIRST_TOKEN, UNKNOWN), n_windows


def kept_positions(lengths, max_length, truncation):
    """Say which tokens truncation keeps.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,), dtype int64
        Tokens of each sequence.
    max_length : int
        Most tokens that are kept of one.
    truncation : {"middle", "right", "left"}
        What is cut from longer ones.

    Returns
    -------
    kept : ndarray of shape (n_tokens,), dtype bool
        For the tokens of all sequences, one sequence after the other.

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
    """Find the residues behind each token of a sequence.

    Parameters
    ----------
    encoder : SequenceEncoder
        Fitted.
    n_residues : int
        Residues of the sequence.

    Returns
    -------
    spans : ndarray of shape (n_tokens, 2), dtype int64
        First residue, counted from 0, of each token that truncation keeps, and the one behind its
        last residue. The token of a sequence shorter than `k` spans all of it.

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
    """0, 1, 2, ... for each sequence, one sequence after the other."""
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
