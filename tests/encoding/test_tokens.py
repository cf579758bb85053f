"""Spans of residues that tokens cover."""

import pytest

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm._encoding.tokens import token_spans

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


@pytest.mark.parametrize("truncation", ["middle", "right", "left"])
@pytest.mark.parametrize("max_length", [1, 3, 20])
@pytest.mark.parametrize(("k", "stride"), [(1, 1), (2, 1), (3, 2), (2, 3)])
def test_span_of_a_token_encodes_to_this_token(k, stride, max_length, truncation):
    encoder = SequenceEncoder(k=k, stride=stride, max_length=max_length, truncation=truncation)
    for n_residues in range(1, len(RESIDUES) + 1):
        sequence = RESIDUES[:n_residues]
        tokens = encoder.fit_transform([sequence])[0]
        spans = token_spans(encoder, n_residues).tolist()
        if n_residues < k:
            assert spans == [[0, n_residues]]
        else:
            covered = [sequence[start:stop] for start, stop in spans]
            one_token = SequenceEncoder(k=k, max_length=1, truncation="error")
            assert one_token.fit_transform(covered).ravel().tolist() == tokens[tokens > 0].tolist()
