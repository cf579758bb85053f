"""Families of similar random proteins, whose composition hints at the class."""

import numpy as np

from sklearn_protlstm import SelectiveClassifier, make_kmer_baseline

RESIDUES = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
HUMAN, DOG = np.ones(20), np.ones(20)
HUMAN[:5], DOG[5:10] = 1.4, 1.4


def random_protein(rng, weights=HUMAN + DOG, length=None):
    length = rng.randint(60, 120) if length is None else length
    return "".join(rng.choice(RESIDUES, size=length, p=weights / weights.sum()))


def mutate(rng, protein):
    letters = np.array(list(protein))
    places = rng.choice(len(letters), size=len(letters) // 10, replace=False)
    letters[places] = rng.choice(RESIDUES, size=len(places))
    return "".join(letters)


def make_proteins(n_families=80, seed=0):
    """Two proteins per family, with the labels and the families."""
    rng = np.random.RandomState(seed)
    X, y, families = [], [], []
    for family in range(n_families):
        weights, host = ((HUMAN, "human"), (DOG, "dog"))[family % 2]
        first = random_protein(rng, weights)
        X += [first, mutate(rng, first)]
        y += [host] * 2
        families += [family] * 2
    return X, np.array(y), np.array(families)


def protein_model(**params):
    params = {"precision": 0.7, "cv": 3, "random_state": 0, **params}
    return SelectiveClassifier(make_kmer_baseline(k=1), **params)
