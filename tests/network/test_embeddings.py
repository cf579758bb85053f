"""Vectors of tokens are those of their residues."""

import numpy as np
import pandas as pd
import pytest
from Bio.Align import substitution_matrices

from sklearn_protlstm import ALPHABETS, SequenceEncoder
from sklearn_protlstm._network.embeddings import blosum62_vectors, embedding_vectors, onehot_vectors

RESIDUES = ALPHABETS["protein"].symbols


def vectors_of(embedding, vocabulary, embedding_dim=4, seed=0):
    rng = np.random.RandomState(seed)
    return embedding_vectors(embedding, embedding_dim, np.array(vocabulary, dtype=np.int64), rng)


def test_blosum62_is_biopythons():
    matrix = substitution_matrices.load("BLOSUM62")
    vectors = blosum62_vectors()
    assert vectors.dtype == np.float32
    assert vectors.shape == (22, 20)
    assert not vectors[0].any()
    assert (4 * vectors[1]).tolist() == [matrix["X", residue] for residue in RESIDUES]
    for residue in RESIDUES:
        token = SequenceEncoder().fit_transform([residue])[0, 0]
        expected = [matrix[residue, other] for other in RESIDUES]
        assert (4 * vectors[token]).tolist() == expected


def test_blosum62_of_a_vocabulary():
    table = blosum62_vectors()
    np.testing.assert_array_equal(vectors_of("blosum62", [3, 9, 21]), table[[0, 1, 3, 9, 21]])
    np.testing.assert_array_equal(vectors_of("blosum62", []), table[:2])


def test_blosum62_needs_residues():
    message = (
        r'embedding="blosum62" needs the residues of the "protein" alphabet \(tokens 2 to 21\)'
    )
    with pytest.raises(ValueError, match=message + ", but token 22 occurs in X. Use SequenceEnc"):
        vectors_of("blosum62", [3, 22])


def test_onehot():
    vectors = vectors_of("onehot", [5, 6, 300])
    assert vectors.dtype == np.float32
    assert vectors.shape == (5, 4)
    assert not vectors[0].any()
    np.testing.assert_array_equal(vectors[1:], np.eye(4))
    np.testing.assert_array_equal(onehot_vectors(5), vectors)


def test_learned_vectors_are_drawn_from_the_generator_alone():
    vectors = vectors_of("learned", range(2, 500), embedding_dim=16)
    assert vectors.dtype == np.float32
    assert vectors.shape == (500, 16)
    assert not vectors[0].any()
    # 499 * 16 draws: mean and standard deviation within five standard errors
    assert abs(vectors[1:].mean()) < 5 / np.sqrt(vectors[1:].size)
    assert vectors[1:].std() == pytest.approx(1, abs=5 / np.sqrt(2 * vectors[1:].size))
    np.random.seed(0)
    np.testing.assert_array_equal(vectors_of("learned", range(2, 500), embedding_dim=16), vectors)
    assert not np.array_equal(vectors_of("learned", range(2, 500), 16, seed=1), vectors)


@pytest.mark.parametrize("pack", [np.array, np.ndarray.tolist, pd.DataFrame])
def test_table_of_the_user(pack):
    table = np.arange(30.0).reshape(10, 3)
    vectors = vectors_of(pack(table), [2, 7, 9])
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[0, 0, 0], [3, 4, 5], [6, 7, 8], [21, 22, 23], [27, 28, 29]]
    # The padding's row is zero here, but not in the table that was given.
    assert table[0].tolist() == [0, 1, 2]


def test_table_of_the_user_is_not_changed():
    table = np.ones((4, 2), dtype=np.float32)
    assert vectors_of(table, [2, 3])[0].tolist() == [0, 0]
    assert table.all()


@pytest.mark.parametrize(
    ("table", "shape"),
    [
        (np.ones((9, 3)), r"\(9, 3\)"),
        (np.ones(10), r"\(10,\)"),
        (np.ones((10, 3, 1)), r"\(10, 3, 1\)"),
        (np.ones((10, 0)), r"\(10, 0\)"),
        (np.full((10, 3), np.nan), r"\(10, 3\)"),
        (np.full((10, 3), np.inf), r"\(10, 3\)"),
    ],
)
def test_table_that_does_not_fit(table, shape):
    message = (
        rf"embedding has shape {shape}: expected finite numbers in a matrix of "
        r"\(n_tokens, n_dims\) with at least 10 rows, since token 9 occurs in X. Row 0 is padding"
    )
    with pytest.raises(ValueError, match=message):
        vectors_of(table, [2, 9])


def test_table_needs_rows_for_padding_and_unknown():
    with pytest.raises(ValueError, match="at least 2 rows, since token 1 occurs"):
        vectors_of(np.ones((1, 3)), [])
