"""A file keeps the threshold of a selective classifier, its alarm and its training proteins."""

import numpy as np
import pytest
from model_files import change
from saved_models import load_bytes
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from sklearn_protlstm import (
    GroupStackingClassifier,
    SelectiveClassifier,
    make_kmer_baseline,
    save_model,
)
from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError

RNG = np.random.RandomState(0)
HUMAN = ["".join(RNG.choice(list("AACDEGKL"), size=40)) for _ in range(15)]
DOG = ["".join(RNG.choice(list("CDEGKLWW"), size=40)) for _ in range(15)]
X, Y = HUMAN + DOG, np.repeat(["human", "dog"], 15)
UNSEEN = [*X, "A" * 60, "MNTQ", HUMAN[0][:20] + DOG[0][20:]]


def fitted_model():
    model = SelectiveClassifier(make_kmer_baseline(k=1), precision=0.6, cv=3, random_state=0)
    return model.fit(X, Y, groups=np.arange(30))


def test_answers_and_tables_are_kept(save_and_load):
    model = fitted_model()
    loaded = save_and_load(model)
    assert vars(loaded).keys() == vars(model).keys()
    for one, other in zip(loaded.decide(UNSEEN), model.decide(UNSEEN)):
        np.testing.assert_array_equal(one, other)
    assert loaded.report(UNSEEN).equals(model.report(UNSEEN))
    assert loaded.frame().equals(model.frame())
    assert loaded.threshold_ == model.threshold_
    assert loaded.sequences_ == model.sequences_ == X
    assert loaded.set_precision(0.5).threshold_ == model.set_precision(0.5).threshold_


def test_frozen_stack_is_kept(save_and_load):
    stack = GroupStackingClassifier([("k-mers", make_kmer_baseline(k=1))], cv=3, random_state=0)
    stack.fit(X, Y, groups=np.arange(30))
    model = SelectiveClassifier(FrozenEstimator(stack), precision=0.6).fit(X, Y)
    loaded = save_and_load(model)
    np.testing.assert_array_equal(loaded.predict(UNSEEN), model.predict(UNSEEN))
    assert loaded.threshold_ == model.threshold_


def test_model_without_answers_is_kept(save_and_load):
    model = fitted_model()
    with pytest.warns(UserWarning, match="No threshold reaches"):
        model.set_precision(0.99)
    assert save_and_load(model).threshold_ == np.inf


def test_model_of_a_matrix_is_kept(save_and_load):
    rows, labels = np.arange(30.0).reshape(-1, 1) % 7, Y
    model = SelectiveClassifier(LogisticRegression(), precision=0, cv=3, random_state=0)
    loaded = save_and_load(model.fit(rows, labels))
    assert loaded.alarm_ is None
    assert loaded.sequences_ is None
    np.testing.assert_array_equal(loaded.predict(rows), model.predict(rows))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "selective.model"
    save_model(fitted_model(), path)
    return path.read_bytes()


ALARM = ["learned", "alarm_"]


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        (["learned", "sequences_"], ["MNTQ"], r"sequences_ is \['MNTQ'\], expected lines"),
        (
            ["learned", "sequences_"],
            {"lines": "alarm___mean_"},
            "the array 'alarm___mean_' has dtype f",
        ),
        (["learned", "sequences_"], None, "sequences_ and alarm_ do not fit each other"),
        (ALARM, {"class": "SequenceLength"}, "alarm_ is of class SequenceLength, expected Protein"),
        ([*ALARM, "learned", "max_distance_"], -1.0, "max_distance_ of ProteinAlarm is -1.0"),
        (["learned", "scores_"], ..., "scores_ of SelectiveClassifier is missing"),
        (["parameters", "precision"], 1.5, "The 'precision' parameter of SelectiveClassifier"),
        (["parameters", "unknown"], "dog", r"unknown='dog' is one of the classes"),
    ],
    ids=str,
)
def test_descriptions_are_checked(place, value, shown, content, path):
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(content, ["model", *place], value))


def spoil_codes(model):
    model.codes_ = model.codes_ + 1


def spoil_families(model):
    model.families_ = model.families_ + 2**40


def spoil_scores(model):
    model.scores_ = model.scores_ + 1


def spoil_sequences(model):
    model.sequences_ = model.sequences_[:3]


def spoil_letters(model):
    model.sequences_ = ["MN-T"] * 30


def spoil_types(model):
    model.sequences_ = [b"MNT"] * 30


def spoil_variances(model):
    model.alarm_.variances_ = -model.alarm_.variances_ - 1


def spoil_lengths(model):
    model.alarm_.lengths_ = model.alarm_.lengths_[::-1] + np.array([5, 0])


@pytest.mark.parametrize(
    ("spoil", "shown"),
    [
        (spoil_codes, "codes_ has numbers without a class"),
        (spoil_families, "families_ has numbers that are not those of families"),
        (spoil_scores, "the scores are not all between 0 and 1"),
        (spoil_sequences, "the numbers of sequences and labels differ"),
        (spoil_letters, "has 'MN-T', expected capital letters from A to Z"),
        (spoil_types, "expected a list of sequences"),
        (spoil_variances, "the variances or lengths of the alarm are not possible"),
        (spoil_lengths, "the variances or lengths of the alarm are not possible"),
    ],
)
def test_values_are_checked(spoil, shown, content, path):
    model = load_bytes(path, content)
    spoil(model)
    # save_model reads the content back as load_model does.
    with pytest.raises(UnsavableModelError, match=shown):
        save_model(model, path)
