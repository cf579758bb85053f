"""What all inspections share: the models and proteins they take, and no side effects."""

import re

import numpy as np
import pytest
import torch
from inspected_models import fitted_pipeline, random_proteins
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiny_models import tiny_classifier, weights_of

from sklearn_protlstm import SequenceEncoder, make_kmer_baseline
from sklearn_protlstm.exceptions import (
    DataQualityWarning,
    EmptySequenceError,
    InvalidResidueError,
    TruncationWarning,
)
from sklearn_protlstm.inspection import (
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)

# Inspections of one protein, with the name of its argument.
OF_ONE_PROTEIN = [
    pytest.param(memory_trace, "sequence", id="memory_trace"),
    pytest.param(mutation_scan, "sequence", id="mutation_scan"),
    pytest.param(lambda model, x: position_scan(model, x, "ACD"), "motif", id="motif"),
    pytest.param(lambda model, x: position_scan(model, "W", x), "background", id="background"),
]
OF_MANY_PROTEINS = [memory_horizon, residue_attribution, top_windows]


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (make_kmer_baseline(), "KmerVectorizer -> TfidfTransformer -> LogisticRegression"),
        (
            make_pipeline(SequenceEncoder(), FunctionTransformer(), tiny_classifier()),
            "SequenceEncoder -> FunctionTransformer -> ProtLSTMClassifier",
        ),
        (make_pipeline(FunctionTransformer(), tiny_classifier()), "FunctionTransformer -> Prot"),
        (GridSearchCV(tiny_classifier(), {}), "GridSearchCV"),
        (SequenceEncoder(), "SequenceEncoder"),
        (Pipeline([("nothing", "passthrough")]), "Pipeline"),
    ],
)
def test_other_models_are_refused(model, names):
    with pytest.raises(TypeError, match=f"Cannot inspect {names}") as error:
        residue_attribution(model, ["ACD"])
    assert "For a search, pass best_estimator_" in str(error.value)


def test_unfitted_models_are_refused():
    with pytest.raises(NotFittedError):
        residue_attribution(make_pipeline(SequenceEncoder(), tiny_classifier()), ["ACD"])
    classifier = fitted_pipeline(max_epochs=1)[-1]
    with pytest.raises(NotFittedError, match="This SequenceEncoder instance is not fitted yet"):
        mutation_scan(make_pipeline(SequenceEncoder(), classifier), "ACD")


@pytest.mark.parametrize(
    ("inspect", "arguments"),
    [
        (memory_trace, ("ACD",)),
        (memory_horizon, (["ACD"],)),
        (position_scan, ("A", "ACD")),
        (mutation_scan, ("ACD",)),
        (top_windows, (["ACD"],)),
    ],
)
def test_inspections_of_strings_refuse_a_bare_classifier(inspect, arguments):
    classifier = fitted_pipeline(max_epochs=1)[-1]
    with pytest.raises(TypeError, match="a bare ProtLSTMClassifier reads tokens"):
        inspect(classifier, *arguments)


@pytest.mark.parametrize(("inspect", "name"), OF_ONE_PROTEIN)
def test_errors_about_a_single_protein_name_the_argument(inspect, name):
    model = fitted_pipeline(max_epochs=1)
    message = (
        f"{name}=['ACD'] of type list is not a single protein. Pass one str, bytes, Bio.Seq or "
        "SeqRecord"
    )
    with pytest.raises(TypeError, match=re.escape(message)):
        inspect(model, ["ACD"])
    with pytest.raises(InvalidResidueError) as error:
        inspect(model, "A1C")
    assert (error.value.position, error.value.symbol) == (2, "1")
    assert error.value.__notes__ == [f"Sequence 0 is the argument {name!r}"]
    with pytest.raises(EmptySequenceError):
        inspect(model, "*")


@pytest.mark.parametrize("inspect", OF_MANY_PROTEINS)
def test_errors_name_the_record(inspect):
    model = fitted_pipeline(max_epochs=1)
    with pytest.raises(InvalidResidueError, match="Sequence 1") as error:
        inspect(model, ["ACD", "A-C"])
    assert (error.value.record, error.value.position, error.value.symbol) == (1, 2, "-")
    with pytest.raises(EmptySequenceError, match="Sequence 1") as error:
        inspect(model, ["ACD", "*"])
    assert error.value.record == 1


@pytest.mark.parametrize("inspect", OF_MANY_PROTEINS)
def test_truncated_proteins_are_reported_once(inspect):
    with pytest.warns(TruncationWarning) as caught:
        inspect(fitted_pipeline(max_epochs=1), random_proteins(2, low=30, high=31))
    assert [warning.message.n_truncated for warning in caught] == [2]


@pytest.mark.parametrize("inspect", [memory_trace, mutation_scan])
def test_truncated_variants_are_not_reported(inspect):
    [protein] = random_proteins(1, low=30, high=31)
    with pytest.warns(TruncationWarning) as caught:
        inspect(fitted_pipeline(max_epochs=1), protein)
    assert [warning.message.n_truncated for warning in caught] == [1]


@pytest.mark.parametrize("inspect", [memory_trace, mutation_scan])
def test_variants_that_repeat_one_letter_are_not_reported(inspect):
    with pytest.warns(DataQualityWarning) as caught:
        inspect(fitted_pipeline(SequenceEncoder(max_length=30), max_epochs=1), "A" * 25)
    assert len(caught) == 1


def test_position_scan_reports_the_truncated_insertions():
    [protein] = random_proteins(1, low=30, high=31)
    with pytest.warns(TruncationWarning) as caught:
        position_scan(fitted_pipeline(max_epochs=1), "W", protein, positions=[1, 2, 3])
    assert [warning.message.n_truncated for warning in caught] == [3]


@pytest.fixture
def _four_threads(set_threads):
    set_threads(4)


# Several threads must not restore each other's global switches.
@pytest.mark.usefixtures("_four_threads")
def test_inspecting_leaves_the_model_and_global_state_unchanged():
    model = fitted_pipeline(max_epochs=1)
    weights, torch_state = weights_of(model[-1]), torch.get_rng_state()
    numpy_state = np.random.get_state()[1].copy()
    enabled = torch.backends.cudnn.enabled
    X = random_proteins(400, seed=7)
    residue_attribution(model, X, n_steps=1, random_state=np.random.RandomState(3))
    memory_trace(model, "ACD")
    memory_horizon(model, ["ACD"])
    mutation_scan(model, "ACD")
    for name, values in weights_of(model[-1]).items():
        np.testing.assert_array_equal(values, weights[name])
    assert torch.equal(torch.get_rng_state(), torch_state)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)
    assert torch.backends.cudnn.enabled is enabled
