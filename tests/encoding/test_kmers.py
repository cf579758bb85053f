"""KmerVectorizer counts like scikit-learn's CountVectorizer of character n-grams."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_protlstm import KmerVectorizer

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"

# Few distinct residues, so that k-mers repeat.
sequences = st.lists(st.text("ACDW", min_size=1, max_size=30), min_size=1, max_size=6)
ranges = st.tuples(st.integers(1, 4), st.integers(1, 4)).map(lambda k: tuple(sorted(k)))


def assert_canonical(counts):
    """Check for the CSR format that scikit-learn's solvers expect."""
    assert isinstance(counts, csr_matrix)
    assert counts.dtype == np.float64
    assert counts.indices.dtype == np.int32
    for start, stop in zip(counts.indptr, counts.indptr[1:]):
        assert np.all(np.diff(counts.indices[start:stop]) > 0)
    assert np.all(counts.data >= 1)


@given(sequences, sequences, ranges)
def test_counts_match_character_ngrams(X, later, k):
    X = [*X, "ACDW"]  # at least one k-mer of each length
    ngrams = CountVectorizer(analyzer="char", lowercase=False, ngram_range=k).fit(X)
    vectorizer = KmerVectorizer(k=k).fit(X)
    names = vectorizer.get_feature_names_out()
    assert set(names) == set(ngrams.get_feature_names_out())
    columns = [ngrams.vocabulary_[name] for name in names]
    # `later` has other k-mers than the training sequences.
    for sequences in (X, later):
        counts = vectorizer.transform(sequences)
        assert_canonical(counts)
        expected = ngrams.transform(sequences).toarray()[:, columns]
        np.testing.assert_array_equal(counts.toarray(), expected)


@given(sequences, st.integers(1, 3))
def test_kmers_with_unknown_residues_are_not_counted(parts, k):
    # Unknown residues split a sequence into parts, which are counted separately.
    sequence = "X".join([*parts, "ACD"])
    expected = Counter(
        part[i : i + k] for part in sequence.split("X") for i in range(len(part) - k + 1)
    )
    for X, handle_unknown in ((sequence, "error"), (sequence.replace("X", "-"), "mask")):
        vectorizer = KmerVectorizer(k=k, handle_unknown=handle_unknown)
        counts = vectorizer.fit_transform([X]).toarray()[0]
        assert dict(zip(vectorizer.get_feature_names_out(), counts)) == expected


def test_columns_are_sorted_by_length_and_alphabet():
    vectorizer = KmerVectorizer(k=(1, 3)).fit(["WCA", "CA"])
    names = vectorizer.get_feature_names_out().tolist()
    assert names == ["A", "C", "W", "CA", "WC", "WCA"]
    counts = vectorizer.transform(["CACA", "W"]).toarray().tolist()
    assert counts == [[2, 2, 0, 2, 0, 0], [0, 0, 1, 0, 0, 0]]


def test_range_of_one_length_equals_a_single_length():
    X = ["ACDACD", "WWW"]
    one = KmerVectorizer(k=2).fit(X)
    for k in ((2, 2), [2, 2], np.int64(2)):
        vectorizer = KmerVectorizer(k=k).fit(X)
        assert vectorizer.get_feature_names_out().tolist() == ["AC", "CD", "DA", "WW"]
        np.testing.assert_array_equal(vectorizer.transform(X).toarray(), one.transform(X).toarray())


def test_longest_kmers_of_a_range_may_be_missing():
    vectorizer = KmerVectorizer(k=(1, 3)).fit(["AC", "W"])
    assert vectorizer.get_feature_names_out().tolist() == ["A", "C", "W", "AC"]
    counts = vectorizer.transform(["ACWACW"])
    assert_canonical(counts)
    assert counts.toarray().tolist() == [[2, 2, 2, 2]]


def test_kmers_not_in_training_are_ignored():
    vectorizer = KmerVectorizer(k=2).fit(["ACA"])
    counts = vectorizer.transform(["WACWAC", "WYW"])
    assert_canonical(counts)
    assert counts.toarray().tolist() == [[2, 0], [0, 0]]


def test_row_of_a_sequence_shorter_than_k_is_zero():
    vectorizer = KmerVectorizer(k=3)
    counts = vectorizer.fit_transform(["AC", "ACD", "A", "ACD"])
    assert_canonical(counts)
    assert counts.toarray().tolist() == [[0], [1], [0], [1]]


def test_first_and_last_of_the_longest_kmers_are_counted():
    vectorizer = KmerVectorizer(k=5).fit(["YYYYYY", "AAAAA"])
    assert vectorizer.get_feature_names_out().tolist() == ["AAAAA", "YYYYY"]
    assert vectorizer.transform(["YYYYYY"]).toarray().tolist() == [[0, 2]]


def test_reduced_alphabet_merges_kmers():
    vectorizer = KmerVectorizer(k=2, alphabet="dayhoff6").fit(["AG", "DE", "NQ"])
    assert vectorizer.get_feature_names_out().tolist() == ["AA", "DD"]
    assert vectorizer.transform(["PST", "DNG"]).toarray().tolist() == [[2, 0], [0, 1]]


@pytest.mark.parametrize("X", [["AC", "D"], ["AXCX"], ["AC-DE"]])
def test_no_kmers_raises(X):
    with pytest.raises(ValueError, match=r"No sequence has a k-mer of k=3 .* Choose a smaller k"):
        KmerVectorizer(handle_unknown="mask").fit(X)


@pytest.mark.parametrize("k", [(2, 1), (0, 2), (1, 6), (1,), (1, 2, 3), [], (1.0, 2), ("1", "2")])
def test_invalid_range_raises(k):
    message = (
        r"is not a valid range of k-mer lengths: pass \(shortest, longest\) with 1 <= shortest"
    )
    with pytest.raises(ValueError, match=message):
        KmerVectorizer(k=k).fit(["ACDE"])


@pytest.mark.parametrize(
    "parameters", [{"k": 0}, {"k": 6}, {"k": "3"}, {"alphabet": 20}, {"handle_unknown": "ignore"}]
)
def test_invalid_parameter_raises(parameters):
    name = next(iter(parameters))
    message = f"The '{name}' parameter of KmerVectorizer must be"
    with pytest.raises(InvalidParameterError, match=message):
        KmerVectorizer(**parameters).fit(["ACDE"])


def test_counts_of_real_proteins_match_character_ngrams(proteins):
    ngrams = CountVectorizer(analyzer="char", lowercase=False, ngram_range=(3, 3))
    clean = [sequence for sequence in proteins.sequences if set(sequence) <= set(RESIDUES)]
    expected = ngrams.fit_transform(clean)
    counts = KmerVectorizer().fit_transform(clean)
    assert_canonical(counts)
    assert (counts != expected).nnz == 0  # for a single k, both sort the columns alphabetically
