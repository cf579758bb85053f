"""String estimators pass the checks of string_checks."""

import pytest
from string_checks import string_checks

from sklearn_protlstm import Alphabet, KmerVectorizer, PropertyVectorizer, SequenceEncoder
from sklearn_protlstm.baselines import SequenceLength

POLARITY = Alphabet("polarity", groups=("AVLIPFWMG", "STCYNQ", "DE", "KRH"))

ESTIMATORS = [
    SequenceEncoder(),
    SequenceEncoder(k=2, stride=2, alphabet="dayhoff6"),
    SequenceEncoder(alphabet=POLARITY, max_length=30, truncation="left"),
    KmerVectorizer(),
    KmerVectorizer(k=(1, 2), alphabet="murphy10"),
    KmerVectorizer(k=[2, 2], alphabet=POLARITY),
    PropertyVectorizer(),
    SequenceLength(),
]
CHECKS = [
    pytest.param(check, id=f"{i}-{type(estimator).__name__}-{name}")
    for i, estimator in enumerate(ESTIMATORS)
    for name, check in string_checks(estimator)
]


@pytest.mark.parametrize("check", CHECKS)
def test_string_estimator(check):
    check()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_names_of_checks_are_distinct(estimator):
    names = [name for name, _ in string_checks(estimator)]
    assert len(names) >= 20
    assert len(set(names)) == len(names)
