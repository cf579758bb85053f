"""Scans agree with the predictions for the proteins that they stand for."""

import re

import numpy as np
import pytest
from inspected_models import fitted_pipeline

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm.inspection import mutation_scan, position_scan


def test_position_scan_inserts_the_motif_at_the_given_positions():
    model = fitted_pipeline()
    scan = position_scan(model, "ww", "ACDEF", positions=[6, 1])
    assert scan.positions.tolist() == [6, 1]
    expected = model.predict_proba(["ACDEFWW", "WWACDEF"])
    np.testing.assert_allclose(scan.probabilities, expected, atol=1e-6)


def test_position_scan_removes_stop_codons():
    model = fitted_pipeline(max_epochs=1)
    scan = position_scan(model, "ww*", "acd*")
    assert (scan.motif, scan.background) == ("WW", "ACD")
    expected = model.predict_proba(["WWACD", "AWWCD", "ACWWD", "ACDWW"])
    np.testing.assert_allclose(scan.probabilities, expected, atol=1e-6)


def test_positions_out_of_range_are_refused():
    message = (
        "Position 7 is out of range. In a background of 5 residues, the motif can start at "
        "positions 1 to 6"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        position_scan(fitted_pipeline(), "W", "ACDEF", positions=[3, 7])


@pytest.mark.parametrize(
    "positions",
    [3, [], [1.0], ["1"], [True], [[1, 2]], [None], {1}, pytest.param(iter([1]), id="iterator")],
    ids=repr,
)
def test_positions_other_than_integers_are_refused(positions):
    message = "is not valid. Pass a 1-D array or list of at least one integer, such as [1, 4]"
    with pytest.raises(ValueError, match=re.escape(message)):
        position_scan(fitted_pipeline(max_epochs=1), "WW", "ACD", positions=positions)


def test_mutation_scan_gives_the_change_of_the_probability():
    model = fitted_pipeline()
    scan = mutation_scan(model, "acDE*", target="pig")
    pig = model.classes_.tolist().index("pig")
    original = model.predict_proba(["ACDE"])[0, pig]
    assert scan.probability == pytest.approx(original)
    changed = model.predict_proba(["ACWE"])[0, pig]
    effect = scan.effects[scan.residues.index("W"), 2]
    assert effect == pytest.approx(changed - original, abs=1e-6)
    for column, residue in enumerate("ACDE"):
        assert scan.effects[scan.residues.index(residue), column] == 0
    assert len(scan.frame()) == 4 * 19
    assert np.abs(scan.effects).max() > 0


@pytest.mark.parametrize(
    ("encoder", "unread"),
    [
        ({"max_length": 4}, [2, 3, 4, 5]),
        ({"max_length": 4, "truncation": "right"}, [4, 5, 6, 7]),
        ({"max_length": 4, "truncation": "left"}, [0, 1, 2, 3]),
        ({"k": 2, "stride": 3}, [2, 5]),
    ],
    ids=str,
)
def test_mutation_scan_has_no_effects_where_nothing_is_read(encoder, unread):
    model = fitted_pipeline(SequenceEncoder(**encoder))
    scan = mutation_scan(model, "ACDEFGHI", target="pig")
    assert scan.effects.shape == (20, 8)
    is_missing = np.isnan(scan.effects)
    assert (is_missing == np.isin(np.arange(8), unread)).all()
    frame = scan.frame()
    assert set(frame["position"][frame["effect"].isna()] - 1) == set(unread)
    assert len(frame) == 8 * 19


def test_mutation_scan_of_a_truncated_protein_agrees_with_predictions():
    model = fitted_pipeline(SequenceEncoder(max_length=4))
    scan = mutation_scan(model, "ACDEFGHI", target="pig")
    pig = model.classes_.tolist().index("pig")
    original, changed = model.predict_proba(["ACDEFGHI", "ACDEFGHW"])[:, pig]
    effect = scan.effects[scan.residues.index("W"), 7]
    assert effect == pytest.approx(changed - original, abs=1e-6)


def test_position_scan_knows_where_the_motif_is_not_read():
    # The network reads the first two and the last two of seven residues.
    model = fitted_pipeline(SequenceEncoder(max_length=4))
    scan = position_scan(model, "WW", "ACDEF")
    assert scan.motif_read.tolist() == [True, False, False, False, False, True]
    assert position_scan(fitted_pipeline(), "WW", "ACDEF").motif_read.all()


def test_mutation_scan_takes_any_class_and_by_default_the_predicted_one():
    model = fitted_pipeline()
    for target in model.classes_.tolist():
        assert mutation_scan(model, "ACD", target=target).target == target
    assert mutation_scan(model, "ACD").target == model.predict(["ACD"])[0]
