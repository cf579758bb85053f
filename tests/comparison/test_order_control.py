"""order_control: scores on sequences with shuffled residues."""

import re

import numpy as np
import pytest
from tiny_comparisons import MODELS, FailingClassifier, X, Y, compare_accuracy

from sklearn_protlstm.comparison._compare import shuffle_residues


def test_only_a_model_that_uses_residue_order_loses_its_score():
    comparison = compare_accuracy(MODELS, X, Y, cv=5, order_control=True, n_repeats=2)
    frame = comparison.order_frame().query("metric == 'accuracy'").set_index("model")
    assert list(comparison.order_frame()) == [
        "model",
        "metric",
        "intact",
        "shuffled",
        "difference",
        "low",
        "high",
        "p_value",
    ]
    assert frame.loc["position", "intact"] == 1
    assert frame.loc["position", "shuffled"] < 0.6
    assert frame.loc["position", "low"] > 0.2
    assert frame.loc["position", "p_value"] < 0.001
    for name in ("composition", "majority", "length only"):
        assert frame.loc[name, "difference"] == 0
        # The same difference on all folds has no estimate of its error.
        assert frame.loc[name, ["low", "high", "p_value"]].isna().all()
    assert re.search(r"residues of each sequence shuffled: position 0\.\d\d, ", str(comparison))


def test_order_control_does_not_change_the_predictions():
    plain = compare_accuracy(MODELS, X, Y, cv=3)
    controlled = compare_accuracy(MODELS, X, Y, cv=3, order_control=True)
    np.testing.assert_array_equal(plain.predicted, controlled.predicted)


def test_order_frame_without_order_control_raises(comparison):
    with pytest.raises(ValueError, match="Call compare_models with order_control=True"):
        comparison.order_frame()


def test_order_frame_has_nan_for_a_model_that_failed():
    models = {"late": FailingClassifier(OSError("disk full"), start=3)}
    with pytest.warns(UserWarning, match="fold 0 of .*, residues shuffled: OSError"):
        comparison = compare_accuracy(models, X, Y, cv=2, order_control=True)
    frame = comparison.order_frame()
    assert frame["difference"].isna().tolist() == [True, False, False]


def test_shuffling_keeps_composition_copies_and_stop_codons():
    sequences = ["ACDEFGHIKL" * 3, "mntq*", "W", "ACDEFGHIKL" * 3]
    shuffled = shuffle_residues(sequences, np.random.RandomState(0))
    assert [sorted(s) for s in shuffled] == [sorted(s) for s in sequences]
    assert shuffled[0] == shuffled[3] != sequences[0]
    assert shuffled[1].endswith("*")
    assert shuffled == shuffle_residues(sequences, np.random.RandomState(0))
