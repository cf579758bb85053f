"""A small data report, comparison and attribution, with hostile names."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hostile_results import EVIL, make_proteins
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import KmerVectorizer, compare_models
from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.inspection import ResidueAttribution
from sklearn_protlstm.report import write_report


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    before = plt.get_fignums()
    yield
    assert plt.get_fignums() == before


@pytest.fixture(scope="session")
def comparison():
    proteins, hosts, groups = make_proteins()
    models = {
        f"k-mers {EVIL}": make_pipeline(KmerVectorizer(k=1), LogisticRegression()),
        # The boosting of the real length baseline would take most of the time.
        "length only": DummyClassifier(),
    }
    return compare_models(
        models,
        proteins,
        hosts,
        cv=3,
        groups=groups,
        scoring=["accuracy", "log_loss"],
        keep_probabilities=True,
    )


@pytest.fixture(scope="session")
def data_report():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check_data(*make_proteins())


@pytest.fixture(scope="session")
def attribution():
    scores = np.full(45, np.nan)
    scores[:12] = [2.0, -1.9, 0.5, -0.5, 0.1, 0, 0, 0, 0, 0, -2.0, 0]
    return ResidueAttribution(
        sequences=["MKVLAAAAAAWA" + "G" * 33],
        scores=[scores],
        targets=np.array([EVIL]),
        values=np.array([1.25]),
        baselines=np.array([-0.5]),
        residuals=np.zeros(1),
        method="integrated_gradients",
        captions=[f"{EVIL}: predicted human (probability 0.78)\n{EVIL} -> ProtLSTMClassifier()"],
    )


@pytest.fixture(scope="session")
def everything(data_report, comparison, attribution):
    """Arguments of a report with every section."""
    return {
        "title": EVIL,
        "command": f"protlstm compare {EVIL}",
        "data_report": data_report,
        "comparison": comparison,
        "attributions": [attribution],
        "tables": [("Predictions " + EVIL, {"id " + EVIL: [EVIL, "b"], "human": [0.25, np.nan]})],
        "seed": 7,
    }


@pytest.fixture(scope="session")
def full_page(everything, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, **everything)
    return path.read_text(encoding="utf-8")
