"""What the library is for: the place and the order of motifs, where k-mer counts are blind."""

import pytest
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder, make_kmer_baseline
from sklearn_protlstm.datasets import make_motif_order, make_motif_position


def held_out_accuracy(model, sequences, y):
    """Accuracy on the second half of the sequences, learned on the first."""
    half = len(sequences) // 2
    return model.fit(sequences[:half], y[:half]).score(sequences[half:], y[half:])


def lstm(**params):
    return make_pipeline(SequenceEncoder(), ProtLSTMClassifier(device="cpu", **params))


@pytest.mark.slow
def test_motif_position_with_default_parameters():
    accuracies = []
    for seed in range(5):
        sequences, y = make_motif_position(1000, length=(23, 60), random_state=seed)
        accuracies.append(held_out_accuracy(lstm(random_state=seed), sequences, y))
    assert sum(accuracy >= 0.99 for accuracy in accuracies) >= 4, accuracies


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "params"),
    [
        (make_motif_position, {"length": (40, 80), "margin": 3}),
        (make_motif_order, {"length": (60, 80), "gap": (3, 30)}),
    ],
)
def test_lstm_sees_what_kmer_counts_cannot(make, params):
    sequences, y = make(2000, random_state=0, **params)
    assert held_out_accuracy(lstm(max_epochs=8, random_state=0), sequences, y) >= 0.98
    assert held_out_accuracy(make_kmer_baseline(), sequences, y) <= 0.60
