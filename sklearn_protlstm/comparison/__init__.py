"""Compare models on the same folds, next to two baselines that ignore the residues.

============== ===================================================================
compare_models Which model is better, by how much, and could it be chance?
learning_curve Would more sequences help?
============== ===================================================================
"""

from sklearn_protlstm.comparison._compare import compare_models
from sklearn_protlstm.comparison._learning_curve import LearningCurve, learning_curve
from sklearn_protlstm.comparison._paired import PairedComparison
from sklearn_protlstm.comparison._permutation import PermutationTest
from sklearn_protlstm.comparison._results import ModelComparison

__all__ = [
    "LearningCurve",
    "ModelComparison",
    "PairedComparison",
    "PermutationTest",
    "compare_models",
    "learning_curve",
]
