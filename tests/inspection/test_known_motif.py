"""Inspections find the motif that a model was trained on."""

import numpy as np
import pytest
from inspected_models import random_proteins
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import make_motif_position
from sklearn_protlstm.inspection import position_scan, residue_attribution, top_windows

MOTIF = "AKGDKICL"


@pytest.fixture(scope="module")
def motif_model():
    """Human: the motif at a terminus; dog: the motif in the middle; neither: no motif."""
    X, y = make_motif_position(600, random_state=1)
    X += random_proteins(300, seed=101, low=23, high=61)
    y = np.append(y, ["neither"] * 300)
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=0, hidden_size=32))
    return model.fit(X, y)


def mask(proteins, residues):
    """Make the given residues of each protein unknown."""
    masked = []
    for protein, indices in zip(proteins, residues):
        letters = np.array(list(protein))
        letters[indices] = "X"
        masked.append("".join(letters))
    return masked


@pytest.mark.slow
def test_masking_the_highest_scores_changes_the_prediction(motif_model):
    X, y = make_motif_position(80, random_state=2)
    right = motif_model.predict(X) == y
    X, y = [protein for protein, is_right in zip(X, right) if is_right], y[right]
    assert len(X) > 72
    rng = np.random.RandomState(0)
    scores = residue_attribution(motif_model, X).scores

    def share_lost(residues):
        probabilities = motif_model.predict_proba(mask(X, residues))
        class_indices = np.searchsorted(motif_model.classes_, y)
        return np.mean(probabilities[np.arange(len(X)), class_indices] < 0.5)

    assert share_lost([np.argsort(-values)[:8] for values in scores]) >= 0.9
    assert share_lost([rng.permutation(len(values))[:8] for values in scores]) <= 0.15


@pytest.mark.slow
def test_highest_scores_lie_in_the_motif(motif_model):
    X, _ = make_motif_position(40, random_state=2)
    scores = residue_attribution(motif_model, X).scores
    starts = [int(np.convolve(values, np.ones(8), "valid").argmax()) for values in scores]
    found = [abs(start - protein.index(MOTIF)) <= 2 for start, protein in zip(starts, X)]
    assert np.mean(found) >= 0.9


@pytest.mark.slow
def test_top_window_is_the_motif(motif_model):
    X, _ = make_motif_position(40, random_state=2)
    windows = top_windows(motif_model, X)
    best = windows.windows[0]
    assert any(MOTIF[i : i + n] in best for n in (6, 7, 8) for i in range(9 - n)), windows.frame()
    assert windows.counts.sum() == 40
    assert (np.diff(windows.counts) <= 0).all()


@pytest.mark.slow
def test_position_scan_shows_where_the_motif_changes_the_class(motif_model):
    [background] = random_proteins(1, seed=5, low=40, high=41)
    scan = position_scan(motif_model, MOTIF, background)
    assert scan.positions.tolist() == list(range(1, 42))
    human = scan.probabilities[:, scan.classes.tolist().index("human")]
    assert human[0] > 0.9
    assert human[-1] > 0.9
    assert (human[16:26] < 0.1).all()
    np.testing.assert_allclose(
        scan.probabilities[[7]],
        motif_model.predict_proba([background[:7] + MOTIF + background[7:]]),
        atol=1e-6,
    )
    assert list(scan.frame()) == ["position", "dog", "human", "neither"]
