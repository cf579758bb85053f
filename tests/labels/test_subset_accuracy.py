"""Subset accuracy leaves out unknown labels."""

import numpy as np

from sklearn_protlstm._labels.accuracy import subset_accuracy


def test_subset_accuracy_by_hand():
    predicted = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    y = [[1, 0], [0, np.nan], [1, 0], [1, 0]]
    classes = np.array(["bird", "pig"])
    assert subset_accuracy(predicted, y, classes) == 0.5
    assert subset_accuracy(predicted, y, classes, [3, 1, 2, 2]) == 0.5
    assert subset_accuracy(predicted, y, classes, [5, 1, 1, 1]) == 0.75
    assert subset_accuracy(predicted, [["bird"], [], ["bird", "pig"], []], classes) == 0.75
