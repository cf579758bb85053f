"""Predictions of a table in memory."""

import numpy as np
import pytest
from counting_model import CLASSES, CountingModel

from sklearn_protlstm.readers import SequenceTable
from sklearn_protlstm.table_prediction import predictions_table


def test_predictions_table_has_ids_predictions_and_probabilities():
    pytest.importorskip("pandas")
    model = CountingModel()
    frame = predictions_table(model, SequenceTable(["a", "b"], ["AAC", "DD"]))
    assert list(frame) == ["id", "prediction", *(f"probability_{name}" for name in CLASSES)]
    assert frame["id"].tolist() == ["a", "b"]
    assert frame["prediction"].tolist() == ["dog", "pig"]
    np.testing.assert_array_equal(frame.iloc[:, 2:], model.predict_proba(["AAC", "DD"]))
    assert predictions_table(model, ["AAC", "DD"])["id"].tolist() == [0, 1]


def test_predictions_table_needs_one_id_per_sequence():
    with pytest.raises(ValueError, match="2 sequences but 1 ids"):
        predictions_table(CountingModel(), ["AAC", "DD"], ids=["a"])
