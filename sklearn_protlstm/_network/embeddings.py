"""Initial vectors of the tokens: drawn, one-hot, or substitution scores."""

import numpy as np
from Bio.Align import substitution_matrices

from sklearn_protlstm.alphabets import ALPHABETS, FIRST_TOKEN, PADDING, UNKNOWN

__all__ = ["blosum62_vectors", "embedding_vectors", "onehot_vectors"]


def embedding_vectors(embedding, embedding_dim, vocabulary, rng):
    """Make the initial vectors of the tokens that occur in training.

    Parameters
    ----------
    embedding : {"learned", "onehot", "blosum62"} or array-like of shape (n_tokens, n_dims)
        Source of the vectors. The rows of an array are token numbers. Row 0, the padding, has no
        effect.
    embedding_dim : int
        Width of learned vectors.
    vocabulary : ndarray of shape (n_known,)
        Token numbers seen in training, sorted, from 2 on.
    rng : numpy.random.RandomState
        Draws learned vectors from the standard normal distribution.

    Returns
    -------
    vectors : ndarray of shape (2 + n_known, n_dims), dtype float32
        Rows for padding (all zero), unknown, and the vocabulary.

    Raises
    ------
    ValueError
        If the array does not fit the tokens, or BLOSUM62 is used for tokens other than the
        residues of the "protein" alphabet.
    """
    n_known = len(vocabulary)
    if not isinstance(embedding, str):
        table = _check_table(embedding, vocabulary)
    elif embedding == "blosum62":
        table = _check_residues(blosum62_vectors(), vocabulary)
    elif embedding == "onehot":
        return onehot_vectors(FIRST_TOKEN + n_known)
    else:
        vectors = rng.standard_normal((FIRST_TOKEN + n_known, embedding_dim)).astype(np.float32)
        vectors[PADDING] = 0
        return vectors
    vectors = table[np.concatenate(([PADDING, UNKNOWN], vocabulary))]
    vectors[PADDING] = 0
    return vectors


def _check_table(embedding, vocabulary):
    table = np.asarray(embedding, dtype=np.float32)
    n_tokens = max(UNKNOWN, vocabulary.max(initial=0)) + 1
    fits = table.ndim == 2 and len(table) >= n_tokens and table.shape[1] > 0
    if not fits or not np.isfinite(table).all():
        raise ValueError(
            f"embedding has shape {table.shape}: expected finite numbers in a matrix of "
            f"(n_tokens, n_dims) with at least {n_tokens} rows, since token {n_tokens - 1} occurs "
            "in X. Row 0 is padding, row 1 an unknown residue, rows 2 and on the alphabet"
        )
    return table


def _check_residues(table, vocabulary):
    if vocabulary.max(initial=0) >= len(table):
        raise ValueError(
            f'embedding="blosum62" needs the residues of the "protein" alphabet (tokens 2 to '
            f"{len(table) - 1}), but token {vocabulary.max()} occurs in X. Use SequenceEncoder() "
            'with k=1 and that alphabet, or embedding="learned"'
        )
    return table


def onehot_vectors(n_tokens):
    """Vectors with one dimension for each token except the padding, whose row is zero.

    Examples
    --------
    >>> onehot_vectors(3)
    array([[0., 0.],
           [1., 0.],
           [0., 1.]], dtype=float32)
    """
    return np.eye(n_tokens, dtype=np.float32)[:, 1:]


def blosum62_vectors():
    """Substitution scores of each residue with the 20 residues, as Biopython ships them.

    Returns
    -------
    vectors : ndarray of shape (22, 20), dtype float32
        Row 0 (padding) is zero, row 1 is the matrix's own X, and rows 2 to 21 are the residues
        in the order of the "protein" alphabet. Scores in half-bits are divided by 4, so that
        typical entries are about 1.

    References
    ----------
    Henikoff S, Henikoff JG. Amino acid substitution matrices from protein blocks. PNAS 89 (1992)
    10915-10919. :doi:`10.1073/pnas.89.22.10915`

    Examples
    --------
    >>> blosum62_vectors()[2, :3] * 4  # alanine with A, C, D
    array([ 4.,  0., -2.], dtype=float32)
    """
    residues = ALPHABETS["protein"].symbols
    matrix = substitution_matrices.load("BLOSUM62")
    vectors = np.zeros((FIRST_TOKEN + len(residues), len(residues)), dtype=np.float32)
    for row, letter in enumerate("X" + residues, start=UNKNOWN):
        vectors[row] = [matrix[letter, other] for other in residues]
    return vectors / 4
