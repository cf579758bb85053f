"""Random proteins, and reports on them."""

import warnings

import numpy as np

from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.exceptions import DataQualityWarning

RESIDUES = np.array(list("ACDEFGHIKLMNPQRSTVWY"))


def random_proteins(n_sequences, seed=0, length=60):
    rng = np.random.RandomState(seed)
    return ["".join(rng.choice(RESIDUES, size=length)) for _ in range(n_sequences)]


def report_of(sequences, y, groups=None):
    """Report of `check_data`, after a check that its warnings match the findings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        report = check_data(sequences, y, groups)
    assert all(warning.category is DataQualityWarning for warning in caught)
    assert all(warning.filename == __file__ for warning in caught)
    assert [str(warning.message) for warning in caught] == [
        finding.message for finding in report.findings if finding.severity == "warning"
    ]
    return report


def only_finding(report):
    assert len(report.findings) == 1, report
    return report.findings[0]


def clean_labels(n_sequences=40):
    """Proteins with the labels cat, dog and eel: half have cat, half dog, and a quarter eel."""
    places = np.arange(n_sequences)
    columns = [places % 2 == 0, places // 2 % 2 == 0, (places // 4 % 4 == 0) | (places == 5)]
    names = np.array(["cat", "dog", "eel"])
    y = [names[row].tolist() or ["cat"] for row in np.column_stack(columns)]
    return random_proteins(n_sequences), y
