"""What is unlike every training protein raises the alarm; unseen families rarely do."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold
from toy_proteins import RESIDUES, make_proteins, random_protein

from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.selective._alarm import ProteinAlarm


def fold_numbers(y, families):
    numbers = np.empty(len(y), dtype=np.int64)
    splitter = StratifiedGroupKFold(4, shuffle=True, random_state=0)
    for number, (_, test) in enumerate(splitter.split(y, y, families)):
        numbers[test] = number
    return numbers


def repeat(rng):
    return random_protein(rng, length=rng.randint(5, 30)) * 30


UNLIKE_PROTEINS = {
    "poly-letter": lambda rng: rng.choice(RESIDUES) * int(rng.randint(50, 1000)),
    "DNA": lambda rng: "".join(rng.choice(list("ACGT"), size=rng.randint(50, 1000))),
    "AT-rich DNA": lambda rng: "".join(
        rng.choice(list("ACGT"), p=[0.4, 0.1, 0.1, 0.4], size=rng.randint(50, 1000))
    ),
    "two letters": lambda rng: "".join(
        rng.choice(rng.choice(RESIDUES, 2, replace=False), size=rng.randint(50, 1000))
    ),
    "repeats": repeat,
}


@pytest.fixture(scope="module")
def viruses():
    return load_virus_hosts()


@pytest.fixture(scope="module")
def alarm(viruses):
    families = np.asarray(viruses.groups)
    alarm = ProteinAlarm()
    alarm.fit(list(viruses.data), families, fold_numbers(viruses.target, families))
    return alarm


@pytest.mark.parametrize("kind", UNLIKE_PROTEINS)
def test_at_least_95_percent_are_found(alarm, kind):
    rng = np.random.RandomState(0)
    reasons = alarm.reasons([str(UNLIKE_PROTEINS[kind](rng)) for _ in range(500)])
    assert np.mean([reason != "" for reason in reasons]) >= 0.95


def test_shuffled_proteins_are_not_found(alarm, viruses):
    # The alarm knows the composition and repeats only.
    rng = np.random.RandomState(0)
    shuffled = ["".join(rng.permutation(list(protein))) for protein in viruses.data[:500]]
    assert np.mean([reason != "" for reason in alarm.reasons(shuffled)]) <= 0.02


def test_few_false_alarms_on_unseen_families(viruses):
    X, families = np.array(viruses.data, dtype=object), np.asarray(viruses.groups)
    numbers = fold_numbers(viruses.target, families)
    n_alarms = 0
    for number in range(4):
        train = numbers != number
        known = np.unique(families[train], return_inverse=True)[1]
        alarm = ProteinAlarm()
        alarm.fit(list(X[train]), known, fold_numbers(viruses.target[train], known))
        n_alarms += sum(map(bool, alarm.reasons(list(X[~train]))))
    assert n_alarms <= 0.03 * len(X)


@pytest.mark.parametrize(
    ("sequence", "reason"),
    [
        ("A" * 80, "composition"),
        ("ACGT" * 20, "composition"),
        ("XXXXXXXXXX" * 8, "unknown residues"),
        ("MNTQAKGDKIXXXXXXXXXXXX" * 4, "unknown residues"),
    ],
)
def test_reasons(sequence, reason):
    X, y, families = make_proteins()
    alarm = ProteinAlarm()
    alarm.fit(X, families, fold_numbers(y, families))
    assert alarm.reasons([sequence, X[0]]) == [reason, ""]
    assert alarm.reasons([sequence.lower() + "*"]) == [reason]


def test_lengths_and_repeats():
    rng = np.random.RandomState(1)
    X, y, families = make_proteins()
    alarm = ProteinAlarm()
    alarm.fit(X, families, fold_numbers(y, families))
    shortest, longest = alarm.lengths_
    protein = random_protein(rng, length=2 * longest + 1)
    assert alarm.reasons([protein[: shortest // 2 - 1], protein]) == ["length", "length"]
    assert alarm.reasons([protein[: 2 * longest], X[0] * 2]) == ["", "repeats"]


def test_training_proteins_that_are_unusual():
    X, y, families = make_proteins()
    X[6], X[7] = "W" * 70, "X" * 70
    is_unusual = ProteinAlarm().fit(X, families, fold_numbers(y, families))
    assert is_unusual[7]
    assert is_unusual.sum() <= 3


def test_blocks_give_the_same_reasons(monkeypatch):
    X, y, families = make_proteins()
    alarm = ProteinAlarm()
    alarm.fit(X, families, fold_numbers(y, families))
    expected = alarm.reasons([*X, "A" * 80])
    monkeypatch.setattr("sklearn_protlstm.selective._alarm._BLOCK", 7)
    assert alarm.reasons([*X, "A" * 80]) == expected
