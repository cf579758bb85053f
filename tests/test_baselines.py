"""Each baseline uses only the information that it is documented to use."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import balanced_accuracy_score

from sklearn_protlstm import (
    Alphabet,
    make_kmer_baseline,
    make_length_baseline,
    make_majority_baseline,
    make_property_baseline,
)
from sklearn_protlstm.baselines import SequenceLength
from sklearn_protlstm.exceptions import InvalidResidueError

MAKERS = [
    make_kmer_baseline,
    make_length_baseline,
    make_property_baseline,
    make_majority_baseline,
]


def test_sequence_length_counts_residues_without_trailing_stop():
    matrix = SequenceLength().fit_transform(["ACD", "W", "AC-7*", "AC**"])
    assert matrix.dtype == np.float64
    assert matrix.tolist() == [[3], [1], [4], [3]]


def composition_task(seed, n_samples=60):
    """Two classes that differ in one residue; the lengths are independent of the class."""
    rng = np.random.RandomState(seed)
    y = np.arange(n_samples) % 2
    letters = ["ACDEFG", "ACDEFW"]
    X = ["".join(rng.choice(list(letters[i]), rng.randint(20, 40))) for i in y]
    return X, np.array(["dog", "human"])[y]


def length_task(seed, n_samples=120):
    """Two classes that differ in length; the residues are independent of the class."""
    rng = np.random.RandomState(seed)
    y = np.arange(n_samples) % 2
    X = ["".join(rng.choice(list("ACDEFG"), 20 + 20 * i + rng.randint(10))) for i in y]
    return X, np.array(["dog", "human"])[y]


def test_names_of_steps():
    assert list(make_kmer_baseline().named_steps) == ["kmers", "tfidf", "logisticregression"]
    names = ["length", "extratreesclassifier"]
    assert list(make_length_baseline().named_steps) == names
    names = ["properties", "extratreesclassifier"]
    assert list(make_property_baseline().named_steps) == names


def test_parameters_are_passed_to_the_steps():
    own = Alphabet("own", groups=("AC", "DE"))
    model = make_kmer_baseline(k=2, C=0.5, alphabet=own, handle_unknown="mask")
    parameters = model.get_params()
    assert parameters["kmers__k"] == 2
    assert parameters["kmers__alphabet"] is own
    assert parameters["kmers__handle_unknown"] == "mask"
    assert parameters["logisticregression__C"] == 0.5
    assert clone(model).get_params()["kmers__k"] == 2
    parameters = make_property_baseline(handle_unknown="mask", random_state=3).get_params()
    assert parameters["properties__handle_unknown"] == "mask"
    assert parameters["extratreesclassifier__random_state"] == 3


def test_kmer_baseline_predicts_from_a_single_residue():
    model = make_kmer_baseline().fit(*composition_task(seed=0))
    assert model.score(*composition_task(seed=1)) == 1


def test_kmer_baseline_with_k_1_ignores_the_order():
    X, y = composition_task(seed=0)
    model = make_kmer_baseline(k=1).fit(X, y)
    backwards = [sequence[::-1] for sequence in X]
    np.testing.assert_allclose(model.predict_proba(backwards), model.predict_proba(X), rtol=1e-12)


def test_length_baseline_uses_only_the_length():
    model = make_length_baseline().fit(*length_task(seed=0))
    X, y = length_task(seed=1)
    assert model.score(X, y) > 0.95
    of_one_residue = ["W" * len(sequence) for sequence in X]
    np.testing.assert_array_equal(model.predict_proba(of_one_residue), model.predict_proba(X))
    # If the lengths do not differ, the score is about chance.
    X, y = composition_task(seed=0, n_samples=400)
    assert 0.35 < make_length_baseline().fit(X[:200], y[:200]).score(X[200:], y[200:]) < 0.65


def test_length_baseline_balances_the_classes():
    X, y = length_task(seed=0)
    X, y = X + X[::2] * 9, np.concatenate([y, np.repeat("dog", 9 * len(X) // 2)])
    _, share_of_humans = make_length_baseline().fit(X, y).predict_proba(["A" * 45])[0]
    assert share_of_humans > 0.95
    # If all lengths are equal, ten times as many dogs make no difference.
    X, y = ["ACDE"] * 110, ["dog"] * 100 + ["human"] * 10
    np.testing.assert_allclose(make_length_baseline().fit(X, y).predict_proba(["ACDE"]), 0.5)


def end_task(seed, n_samples=200):
    """Two classes with the same composition: hydrophobic residues come first or last."""
    rng = np.random.RandomState(seed)
    y = np.arange(n_samples) % 2
    ends = [["".join(rng.choice(list(kind), 40)) for kind in ("AILV", "DEGN")] for _ in y]
    X = ["M" + "".join(parts[::-1] if last else parts) for parts, last in zip(ends, y)]
    return X, np.array(["first", "last"])[y]


def test_property_baseline_knows_which_end_is_hydrophobic():
    X, y = end_task(seed=1)
    assert make_property_baseline().fit(*end_task(seed=0)).score(X, y) == 1
    # Single residues do not tell the ends apart.
    assert make_kmer_baseline(k=1).fit(*end_task(seed=0)).score(X, y) < 0.65


def test_property_baseline_balances_the_classes():
    X, y = end_task(seed=0)
    X, y = X + X[::2] * 9, np.concatenate([y, np.repeat("first", 9 * len(X) // 2)])
    new, expected = end_task(seed=1)
    assert (make_property_baseline().fit(X, y).predict(new) == expected).all()


def test_majority_baseline_ignores_the_sequences():
    model = make_majority_baseline().fit(["AC", "D", "W"], ["dog", "human", "dog"])
    assert model.predict(["AC", "-"]).tolist() == ["dog", "dog"]


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS)
def test_predictions_are_reproducible(make, proteins):
    half = len(proteins.labels) // 2
    X, y = proteins.sequences, proteins.labels
    first, second = (make().fit(X[:half], y[:half]).predict(X[half:]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert set(first) <= set(y)


@pytest.mark.slow
def test_kmer_baseline_predicts_real_hosts(proteins):
    X, y = proteins.sequences, proteins.labels
    model = make_kmer_baseline().fit(X, y)
    assert balanced_accuracy_score(y, model.predict(X)) > 0.95
    # Random labels can be memorized, but not predicted.
    folds = np.arange(len(y)) % 4
    predicted = np.empty_like(y)
    for fold in range(4):
        train = np.flatnonzero(folds != fold)
        model.fit([X[i] for i in train], y[train])
        predicted[folds == fold] = model.predict([X[i] for i in np.flatnonzero(folds == fold)])
    majority = np.mean(y == make_majority_baseline().fit(X, y).predict(X[:1])[0])
    assert np.mean(predicted == y) > majority + 0.05


@pytest.mark.parametrize("make", MAKERS[:3])
def test_invalid_input_raises_the_error_of_the_first_step(make):
    model = make()
    message = r"Got one sequence \('ACDE'\) .* did you mean \[sequence\]\?"
    with pytest.raises(TypeError, match=message):
        model.fit("ACDE", ["dog"])
    model.fit(*length_task(seed=0))
    with pytest.raises(TypeError, match="Sequence 1 is None"):
        model.predict(["ACDE", None])


def test_kmer_baseline_raises_on_invalid_residue():
    model = make_kmer_baseline().fit(*composition_task(seed=0))
    with pytest.raises(InvalidResidueError, match="Sequence 0: symbol '-' at residue 3"):
        model.predict(["AC-D"])
