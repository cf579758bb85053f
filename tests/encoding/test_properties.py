"""PropertyVectorizer: composition, hydropathy and charge, checked by hand and by plain loops."""

import numpy as np
import pytest
from Bio.SeqUtils.ProtParamData import kd
from hypothesis import given
from hypothesis import strategies as st

from sklearn_protlstm import PropertyVectorizer
from sklearn_protlstm._encoding.properties import _BLOCK
from sklearn_protlstm._encoding.windows import HelixMoments, WindowSums
from sklearn_protlstm.exceptions import InvalidResidueError

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
NAMES = PropertyVectorizer().get_feature_names_out().tolist()
PROTEINS = st.lists(st.text(RESIDUES + "X", min_size=1, max_size=120), min_size=1, max_size=6)


def properties(sequence):
    return dict(zip(NAMES, PropertyVectorizer().transform([sequence])[0].tolist()))


def test_there_is_a_name_for_each_column():
    assert len(set(NAMES)) == len(NAMES) == 69
    assert PropertyVectorizer().transform(["M", "AC"]).shape == (2, 69)


def test_length_and_composition():
    found = properties("MAAX")
    assert found["log_length"] == np.log(4)
    assert (found["share_A"], found["share_M"], found["share_W"]) == (0.5, 0.25, 0)
    shares = [properties(RESIDUES)[f"share_{residue}"] for residue in RESIDUES]
    assert shares == [0.05] * 20


def test_hydropathy_is_that_of_kyte_and_doolittle():
    for residue in RESIDUES:
        assert properties(residue)["hydropathy_first_15"] == pytest.approx(kd[residue])
    assert properties("X")["hydropathy_first_15"] == 0


def test_most_hydrophobic_windows():
    # Three parts: the best window of all is behind residue 80.
    found = properties("G" * 10 + "L" * 7 + "G" * 70 + "I" * 7 + "G" * 10)
    assert (found["hydropathy_7_first_35"], found["start_of_hydropathy_7_first_35"]) == (3.8, 10)
    assert (found["hydropathy_7_first_80"], found["start_of_hydropathy_7_first_80"]) == (3.8, 10)
    # Where a window starts is counted from the start of its part.
    assert (found["hydropathy_7_after_80"], found["start_of_hydropathy_7_after_80"]) == (4.5, 7)
    assert (found["hydropathy_7_all"], found["start_of_hydropathy_7_all"]) == (4.5, 87)
    assert found["hydropathy_11_first_35"] == pytest.approx((7 * 3.8 - 4 * 0.4) / 11)


def test_first_of_equal_windows_counts():
    assert properties("G" * 5 + "L" * 20)["start_of_hydropathy_7_all"] == 5


def test_part_that_is_shorter_than_the_window_has_its_mean():
    found = properties("LLG")
    assert found["hydropathy_19_all"] == pytest.approx((3.8 + 3.8 - 0.4) / 3)
    assert found["start_of_hydropathy_19_all"] == 0
    assert (found["hydropathy_7_after_80"], found["start_of_hydropathy_7_after_80"]) == (0, 0)


def test_hydrophobic_segments():
    found = properties("L" * 19 + "D" * 30 + "L" * 40 + "D" * 11)
    assert found["hydrophobic_segments"] == 2
    # Windows of 19 residues with at least 14 L, as 14 * 3.8 - 5 * 3.5 > 19 * 1.6. With 13, it is
    # 28.4 < 30.4. Those starts are 0 to 5, and 44 to 75.
    assert found["hydrophobic_share"] == pytest.approx((6 + 32) / 82)
    assert properties("L" * 18)["hydrophobic_segments"] == 0
    # A segment at the end of a protein does not go on in the next one.
    matrix = PropertyVectorizer().transform(["LI" * 15, "LI" * 15])
    assert matrix[:, NAMES.index("hydrophobic_segments")].tolist() == [1, 1]


def test_charges():
    found = properties("KRDKK" + "G" * 20 + "DDDDDEEEEE" + "K" * 5)
    assert (found["charge_first_15"], found["charges_first_15"]) == (3, 5)
    assert (found["charge_first_40"], found["charges_first_40"]) == (-2, 20)
    assert found["charge"] == pytest.approx(-2 / 40)
    assert found["charged_share"] == 0.5
    assert (found["highest_charge_10"], found["lowest_charge_10"]) == (0.3, -1)
    assert found["highest_charge_5"] == 1


def test_moment_of_a_helix():
    # The hydrophobic residues are on one side of the helix.
    amphipathic = "".join("I" if np.cos(np.deg2rad(100) * i) > 0 else "R" for i in range(18))
    assert properties(amphipathic)["moment"] > 2
    assert properties("I" * 18)["moment"] == pytest.approx(0)
    assert properties(amphipathic)["moment_first_15"] > 2
    # The first 15 residues alone are too few for 18.
    assert properties(amphipathic[:15])["moment"] == 0


def test_moment_by_hand():
    # Two residues at right angles would have a moment of 5; at 100 degrees it is a little less.
    moment = HelixMoments(np.array([3.0, 4.0]), 2).highest(np.array([0]), np.array([2]))
    expected = np.sqrt(9 + 16 + 2 * 12 * np.cos(np.deg2rad(100))) / 2
    np.testing.assert_allclose(moment, [expected])


def plain_moment(values, width):
    if len(values) < width:
        return 0
    turns = np.exp(1j * np.deg2rad(100) * np.arange(width))
    starts = range(len(values) - width + 1)
    return max(abs(np.dot(values[i : i + width], turns)) / width for i in starts)


def plain_windows(values, width):
    if len(values) <= width:
        return (np.mean(values) if len(values) else 0), 0
    means = [sum(values[i : i + width]) / width for i in range(len(values) - width + 1)]
    return max(means), int(np.argmax(np.round(means, 9)))


@given(PROTEINS)
def test_all_sequences_at_once_equal_plain_loops(sequences):
    matrix = PropertyVectorizer().transform(sequences)
    for sequence, row in zip(sequences, matrix):
        found = dict(zip(NAMES, row))
        values = [kd.get(residue, 0) for residue in sequence]
        charges = [{"K": 1, "R": 1, "D": -1, "E": -1}.get(residue, 0) for residue in sequence]
        for width in (7, 11, 19):
            for name, part in {
                "first_35": values[:35],
                "after_80": values[80:],
                "all": values,
            }.items():
                mean, start = plain_windows(part, width)
                assert found[f"hydropathy_{width}_{name}"] == pytest.approx(mean)
                assert found[f"start_of_hydropathy_{width}_{name}"] == start
        for n in (15, 60):
            assert found[f"charge_first_{n}"] == sum(charges[:n])
            assert found[f"charges_first_{n}"] == sum(map(abs, charges[:n]))
            assert found[f"hydropathy_first_{n}"] == pytest.approx(np.mean(values[:n]))
            assert found[f"moment_first_{n}"] == pytest.approx(plain_moment(values[:n], 11))
        assert found["lowest_charge_10"] == -plain_windows([-x for x in charges], 10)[0]
        above = [sum(values[i : i + 19]) / 19 > 1.6 + 1e-9 for i in range(len(values) - 18)]
        runs = sum(here and not before for before, here in zip([False, *above], above))
        assert found["hydrophobic_segments"] == runs
        assert found["hydrophobic_share"] == pytest.approx(np.mean(above) if above else 0)


@given(PROTEINS)
def test_other_sequences_have_no_effect(sequences):
    matrix = PropertyVectorizer().transform(sequences)
    alone = [PropertyVectorizer().transform([sequence])[0] for sequence in sequences]
    np.testing.assert_array_equal(matrix, alone)


def test_blocks_of_sequences_are_joined():
    rng = np.random.RandomState(0)
    sequences = ["".join(rng.choice(list(RESIDUES), 30)) for _ in range(_BLOCK + 1)]
    matrix = PropertyVectorizer().transform(sequences)
    assert matrix.shape == (_BLOCK + 1, 69)
    np.testing.assert_array_equal(matrix[-2:], PropertyVectorizer().transform(sequences[-2:]))
    sequences[_BLOCK] = "AC-"
    with pytest.raises(InvalidResidueError, match=f"Sequence {_BLOCK}: symbol '-' at residue 3"):
        PropertyVectorizer().transform(sequences)


def test_unknown_symbols_can_be_masked():
    masked = PropertyVectorizer(handle_unknown="mask").transform(["AC-D"])
    np.testing.assert_array_equal(masked, PropertyVectorizer().transform(["ACXD"]))


def test_sums_between_places():
    sums = WindowSums(np.array([1, 2, 3, 4]))
    assert sums.between(np.array([0, 1, 2]), np.array([4, 2, 2])).tolist() == [10, 2, 0]
    assert sums.windows(3).tolist() == [6, 9]
    assert sums.windows(5).tolist() == []
