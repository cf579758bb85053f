"""SequenceEncoder gives the same result as slow reference implementations."""

import warnings
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_protlstm import ALPHABETS, Alphabet, SequenceEncoder
from sklearn_protlstm.exceptions import EmptySequenceError, InvalidResidueError, TruncationWarning

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
POLARITY = Alphabet("polarity", groups=("AVLIPFWMG", "STCYNQ", "DE", "KRH"))

clean_sequences = st.lists(st.text(RESIDUES, min_size=1, max_size=24), min_size=1, max_size=6)
sequences = st.lists(
    st.builds(
        lambda letters, stop: letters + stop,
        st.text(RESIDUES + "BJOUXZ" + "acdxy", min_size=1, max_size=24),
        st.sampled_from(["", "*"]),
    ),
    min_size=1,
    max_size=6,
)
alphabets = st.sampled_from(["protein", "dayhoff6", "murphy10", POLARITY])


def groups_of(alphabet):
    return (ALPHABETS[alphabet] if isinstance(alphabet, str) else alphabet).groups


def reference_tokens(sequence, alphabet="protein", k=1, stride=1):
    """Tokens of a sequence, computed one window at a time."""
    groups = groups_of(alphabet)
    rank = {kmer: i for i, kmer in enumerate(product(range(len(groups)), repeat=k))}
    letters = sequence.upper().removesuffix("*")
    digits = [next((i for i, g in enumerate(groups) if letter in g), None) for letter in letters]
    starts = range(0, len(digits) - k + 1, stride)
    tokens = [2 + rank.get(tuple(digits[start : start + k]), -1) for start in starts]
    return tokens or [1]


def reference_truncation(tokens, max_length, truncation):
    if len(tokens) <= max_length or truncation == "right":
        return tokens[:max_length]
    if truncation == "left":
        return tokens[len(tokens) - max_length :]
    tail = max_length // 2
    return tokens[: max_length - tail] + tokens[len(tokens) - tail :]


def pad(rows, width):
    return [row + [0] * (width - len(row)) for row in rows]


def test_tokens_follow_the_alphabet():
    matrix = SequenceEncoder().fit_transform([RESIDUES, "BJOUXZ", "WY*"])
    assert matrix[0].tolist() == list(range(2, 22))
    assert matrix[1].tolist() == [1] * 6 + [0] * 14
    assert matrix[2].tolist() == [20, 21] + [0] * 18


@given(sequences, st.integers(1, 3), st.integers(1, 4), alphabets)
def test_tokens_of_kmers_match_the_reference(X, k, stride, alphabet):
    rows = [reference_tokens(sequence, alphabet, k, stride) for sequence in X]
    encoder = SequenceEncoder(k=k, stride=stride, alphabet=alphabet).fit(X)
    assert encoder.max_length_ == max(map(len, rows))
    assert encoder.n_tokens_ == 2 + len(groups_of(alphabet)) ** k
    assert encoder.transform(X).tolist() == pad(rows, encoder.max_length_)


@given(
    sequences,
    st.integers(1, 9),
    st.sampled_from(["middle", "right", "left"]),
    st.sampled_from([(1, 1), (2, 1), (3, 2)]),
)
def test_truncation_matches_the_reference(X, max_length, truncation, k_stride):
    k, stride = k_stride
    encoder = SequenceEncoder(k=k, stride=stride, max_length=max_length, truncation=truncation)
    rows = [
        reference_truncation(
            reference_tokens(sequence, "protein", k, stride), max_length, truncation
        )
        for sequence in X
    ]
    expected = pad(rows, max_length)
    assert encoder.fit_transform(X).tolist() == expected
    # The same truncation with a learned max_length gives a warning.
    encoder.set_params(max_length=None).fit(["A" * ((max_length - 1) * stride + k)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TruncationWarning)
        assert encoder.transform(X).tolist() == expected


def test_middle_keeps_both_ends():
    encoder = SequenceEncoder(max_length=5)
    matrix = encoder.fit_transform(["ACDEFGHIKL"])
    assert encoder.inverse_transform(matrix).tolist() == ["ACDKL"]


@pytest.mark.parametrize("max_length", [None, 4])
def test_too_long_sequence_raises_if_truncation_is_error(max_length):
    X = ["ACDE*", "ACDEFG", "ACDEFGH"]
    encoder = SequenceEncoder(max_length=max_length, truncation="error").fit(["ACDE"])
    message = r"Sequence 1 has 6 tokens, more than max_length=4, and truncation="
    message += r'"error" \(2 such sequence\(s\) in total\)\. Increase max_length'
    with pytest.raises(ValueError, match=message):
        encoder.transform(X)
    if max_length:
        with pytest.raises(ValueError, match=message):
            encoder.fit(X)
        unfitted = SequenceEncoder(max_length=max_length, truncation="error")
        with pytest.raises(ValueError, match=message):
            unfitted.fit_transform(X)
        # The failed fit leaves the encoder unfitted.
        for method in (unfitted.transform, unfitted.inverse_transform):
            with pytest.raises(NotFittedError, match="is not fitted yet"):
                method(X)
        with pytest.raises(NotFittedError, match="is not fitted yet"):
            unfitted.get_feature_names_out()
    assert encoder.transform(["ACDE*"]).tolist() == [[2, 3, 4, 5]]


def test_truncation_warning_has_count_and_location_of_the_call():
    encoder = SequenceEncoder().fit(["ACDE", "AC"])
    message = (
        r"2 of 3 sequences are longer than the longest training sequence \(4 tokens; the longest "
        r"here has 6\) and were truncated \(truncation='middle'\)\. Set max_length to keep more "
        "tokens"
    )
    with pytest.warns(TruncationWarning, match=message) as caught:
        encoder.transform(["ACDEF", "A", "ACDEFG"])
    assert len(caught) == 1
    assert caught[0].message.n_truncated == 2
    assert caught[0].filename == __file__


def test_no_truncation_warning_if_max_length_is_set():
    # pytest turns warnings into errors.
    cut = SequenceEncoder(max_length=2)
    assert cut.fit(["ACDE"]).transform(["ACDEFGH"]).shape == (1, 2)
    assert cut.fit_transform(["ACDE"]).shape == (1, 2)
    assert SequenceEncoder().fit(["ACDE"]).transform(["ACDE*", "A"]).shape == (2, 4)


@pytest.mark.parametrize(
    ("alphabet", "k", "dtype"),
    [
        ("protein", 1, "uint8"),
        (Alphabet("fifteen", tuple(RESIDUES[:15])), 2, "uint8"),  # 227 tokens
        (Alphabet("sixteen", tuple(RESIDUES[:16])), 2, "uint16"),  # 258 tokens
        ("dayhoff6", 3, "uint8"),
        ("protein", 2, "uint16"),
        ("protein", 3, "uint16"),
        ("protein", 4, "uint32"),
    ],
)
def test_matrix_is_c_contiguous_with_the_smallest_dtype(alphabet, k, dtype):
    encoder = SequenceEncoder(alphabet=alphabet, k=k)
    for matrix in (encoder.fit_transform(["ACDEFG", "AC"]), encoder.transform(["ACD"])):
        assert matrix.dtype == dtype
        assert matrix.flags.c_contiguous
        assert matrix.flags.writeable
    last = groups_of(alphabet)[-1][-1] * k
    assert encoder.transform([last])[0, 0] == encoder.n_tokens_ - 1


@given(sequences, st.data())
def test_transform_of_parts_equals_transform_of_all(X, data):
    cut = data.draw(st.integers(0, len(X) - 1))
    encoder = SequenceEncoder(k=2).fit(X)
    parts = [encoder.transform(part) for part in (X[:cut], X[cut:]) if part]
    np.testing.assert_array_equal(np.vstack(parts), encoder.transform(X))


@given(sequences, st.integers(1, 4), st.sampled_from([(1, 1), (2, 1), (2, 3)]))
def test_block_size_does_not_change_the_result(X, block, k_stride):
    k, stride = k_stride
    encoder = SequenceEncoder(k=k, stride=stride, max_length=8)
    expected = encoder.fit_transform(X)
    lengths = SequenceEncoder(k=k, stride=stride).fit(X).max_length_
    with patch("sklearn_protlstm._encoding.encoder._BLOCK_SEQUENCES", block):
        np.testing.assert_array_equal(encoder.fit_transform(X), expected)
        np.testing.assert_array_equal(encoder.transform(X), expected)
        assert SequenceEncoder(k=k, stride=stride).fit(X).max_length_ == lengths


@pytest.mark.parametrize("block", [1, 2, 3])
def test_messages_count_records_across_blocks(block):
    encoder = SequenceEncoder().fit(["ACDE"])
    with patch("sklearn_protlstm._encoding.encoder._BLOCK_SEQUENCES", block):
        with pytest.raises(InvalidResidueError, match="Sequence 4: symbol '-' at residue 2") as bad:
            encoder.transform(["AC", "AC*", "DE*", "A", "C-D"])
        assert bad.value.record == 4
        with pytest.raises(EmptySequenceError, match="Sequence 3 is empty") as empty:
            encoder.transform(["AC", "AC*", "DE*", "*", "*"])
        assert empty.value.record == 3
        with pytest.warns(TruncationWarning, match=r"2 of 4 sequences .* longest here has 7\)"):
            encoder.transform(["ACDEF", "A", "A", "ACDEFGH"])


def test_residues_of_a_group_share_a_token():
    matrix = SequenceEncoder(alphabet="dayhoff6").fit_transform(["AGPST", "C", "DENQ", "FWY"])
    assert [set(row[row > 0].tolist()) for row in matrix] == [{2}, {3}, {4}, {5}]
    # Named alphabets have a token for each of the 20 residues.
    for alphabet in ALPHABETS:
        assert SequenceEncoder(alphabet=alphabet).fit_transform([RESIDUES]).min() >= 2


def test_custom_alphabet():
    binary = Alphabet("hydropathy", groups=("acfilmv", "DEHKNQR"), ambiguous="X")
    encoder = SequenceEncoder(alphabet=binary).fit(["AcDx"])
    assert encoder.transform(["AcDx"]).tolist() == [[2, 2, 3, 1]]
    assert encoder.inverse_transform([[2, 2, 3, 1]]).tolist() == ["AADX"]
    message = r"symbol 'W' at residue 2 is not in the 'hydropathy' alphabet \(ACDEFHIKLMNQRVX\)"
    with pytest.raises(InvalidResidueError, match=message):
        encoder.transform(["AWD"])


@pytest.mark.parametrize(
    ("sequence", "tokens"),
    [
        ("A-C", [2, 1, 3]),
        ("A*C*", [2, 1, 3]),
        ("AC**", [2, 3, 1]),
        ("**", [1]),
        ("AÑ", [2, 1]),
        ("\N{DNA DOUBLE HELIX}C", [1, 3]),
        ("A?C", [2, 1, 3]),
    ],
)
def test_masked_symbols_are_encoded_as_unknown(sequence, tokens):
    encoder = SequenceEncoder(handle_unknown="mask")
    assert encoder.fit_transform([sequence]).tolist() == [tokens]
    assert encoder.count_masked([sequence]).tolist() == [tokens.count(1)]


def test_empty_sequence_raises_with_mask():
    encoder = SequenceEncoder(handle_unknown="mask").fit(["AC"])
    with pytest.raises(EmptySequenceError, match="Sequence 1 is empty"):
        encoder.transform(["AC*", "*"])


@given(sequences)
def test_count_masked_counts_ambiguous_letters(X):
    expected = [sum(letter in "BJOUXZ" for letter in sequence.upper()) for sequence in X]
    # No fit is needed, and k-mers and truncation do not change the counts.
    counts = SequenceEncoder(k=2, stride=3, max_length=1).count_masked(X)
    assert counts.dtype == np.int64
    assert counts.tolist() == expected


def test_count_masked_raises_on_invalid_residues():
    with pytest.raises(InvalidResidueError, match="Sequence 1: symbol '-' at residue 2"):
        SequenceEncoder().count_masked(["AC", "A-"])


@given(clean_sequences)
def test_inverse_transform_restores_sequences(X):
    encoder = SequenceEncoder()
    restored = encoder.inverse_transform(encoder.fit_transform(X))
    assert restored.dtype == object
    assert restored.tolist() == X


@given(st.lists(st.text(RESIDUES, min_size=3, max_size=20), min_size=1, max_size=4))
def test_inverse_transform_restores_overlapping_kmers(X):
    for k in (2, 3):
        encoder = SequenceEncoder(k=k)
        assert encoder.inverse_transform(encoder.fit_transform(X)).tolist() == X


@given(clean_sequences, alphabets)
def test_inverse_transform_gives_first_letters_of_groups(X, alphabet):
    first = {letter: group[0] for group in groups_of(alphabet) for letter in group}
    encoder = SequenceEncoder(alphabet=alphabet)
    expected = ["".join(first[letter] for letter in sequence) for sequence in X]
    assert encoder.inverse_transform(encoder.fit_transform(X)).tolist() == expected


@pytest.mark.parametrize(
    ("k", "stride", "restored"),
    [
        (2, 2, "ACDEFG"),  # the incomplete last word is dropped
        (3, 2, "ACDEFGH"),
        (1, 3, "AXXEXXH"),  # residues between tokens are unknown
        (2, 3, "ACXEF"),
    ],
)
def test_inverse_transform_with_stride(k, stride, restored):
    encoder = SequenceEncoder(k=k, stride=stride)
    assert encoder.inverse_transform(encoder.fit_transform(["ACDEFGH"])).tolist() == [restored]


def test_inverse_transform_gives_x_for_unknown_residues():
    encoder = SequenceEncoder().fit(["ABCU"])
    assert encoder.inverse_transform(encoder.transform(["ABCU", "u"])).tolist() == ["AXCX", "X"]
    # An unknown residue masks the k-mers that contain it, but not its neighbors in other k-mers.
    encoder = SequenceEncoder(k=2).fit(["ACXDE"])
    assert encoder.inverse_transform(encoder.transform(["ACXDE"])).tolist() == ["ACXDE"]


def test_inverse_transform_ignores_trailing_padding_only():
    encoder = SequenceEncoder().fit(["ACDE"])
    # A 0 before another token is unknown; a row of zeros has no residues.
    assert encoder.inverse_transform([[2, 0, 3, 0], [0, 0, 0, 0]]).tolist() == ["AXC", ""]
    assert encoder.inverse_transform([2, 3]).tolist() == ["AC"]
    assert encoder.inverse_transform(np.array([[2.0, 3.0]])).tolist() == ["AC"]
    frame = encoder.set_output(transform="pandas").transform(["EDA"])
    assert encoder.inverse_transform(frame).tolist() == ["EDA"]


@pytest.mark.parametrize(("k", "stride"), [(1, 1), (1, 3), (5, 2), (2, 3)])
def test_inverse_transform_of_no_columns_is_empty(k, stride):
    encoder = SequenceEncoder(k=k, stride=stride).fit(["ACDEFG"])
    assert encoder.inverse_transform(np.zeros((2, 0))).tolist() == ["", ""]


@pytest.mark.parametrize(
    ("tokens", "shown"),
    [([[2, 22]], "22"), ([[-1, 2]], "-1"), ([[2.5]], r"2\.5"), ([[np.nan]], "nan")],
)
def test_inverse_transform_raises_on_invalid_tokens(tokens, shown):
    encoder = SequenceEncoder().fit(["ACDE"])
    with pytest.raises(
        ValueError, match=f"The tokens of this encoder are the integers from 0 to 21, got {shown}$"
    ):
        encoder.inverse_transform(tokens)


@pytest.mark.parametrize(
    "parameters",
    [
        {"k": 0},
        {"k": 6},
        {"k": 1.5},
        {"k": "1"},
        {"stride": 0},
        {"stride": None},
        {"alphabet": None},
        {"max_length": 0},
        {"max_length": 2.0},
        {"truncation": "center"},
        {"truncation": None},
        {"handle_unknown": "ignore"},
    ],
)
def test_invalid_parameter_raises(parameters):
    name = next(iter(parameters))
    message = f"The '{name}' parameter of SequenceEncoder must be"
    with pytest.raises(InvalidParameterError, match=message):
        SequenceEncoder(**parameters).fit(["ACDE"])


def test_unknown_alphabet_raises():
    message = r"alphabet='dna' is not known\. Choose one of \['dayhoff6', 'murphy10', 'protein'\]"
    with pytest.raises(ValueError, match=message):
        SequenceEncoder(alphabet="dna").fit(["ACDE"])


def test_feature_names_number_the_tokens():
    encoder = SequenceEncoder().fit(["ACD"])
    assert encoder.get_feature_names_out().tolist() == ["token_1", "token_2", "token_3"]


def test_inverse_transform_restores_real_proteins(proteins):
    encoder = SequenceEncoder()
    matrix = encoder.fit_transform(proteins.sequences)
    assert encoder.inverse_transform(matrix).tolist() == proteins.sequences
    assert (matrix == 1).sum() == encoder.count_masked(proteins.sequences).sum()
