"""Small data with any number of labels for each sequence, and fast models that learn them."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiny_comparisons import X, first_residue

from sklearn_protlstm import KmerVectorizer, make_majority_baseline

NAMES = np.array(["bird", "human", "pig"])


def in_first_two(residues):
    return [any(residue in sequence[:2] for residue in residues) for sequence in X]


def first_two_residues(sequences):
    return np.hstack(
        [first_residue(sequences), first_residue([sequence[1:] for sequence in sequences])]
    )


# 1 where one of the first two residues is one of these.
MATRIX = np.column_stack([in_first_two("A"), in_first_two("C"), in_first_two("DK")]).astype(int)
LISTS = [NAMES[row == 1].tolist() for row in MATRIX]


def make_position_model():
    transformer = FunctionTransformer(first_two_residues)
    return make_pipeline(transformer, OneVsRestClassifier(LogisticRegression(C=100)))


def make_composition_model():
    return make_pipeline(KmerVectorizer(k=1), OneVsRestClassifier(LogisticRegression()))


LABEL_MODELS = {
    "position": make_position_model(),
    "composition": make_composition_model(),
    # The forest of the real length baseline would take most of the time.
    "length only": make_majority_baseline(),
}
