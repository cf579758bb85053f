"""The titles of plots name the protein, its prediction and the model."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from inspected_models import fitted_pipeline
from tiny_models import HOSTS, labelled_rows, tiny_classifier

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm.inspection import (
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)
from sklearn_protlstm.inspection._captions import (
    describe_model,
    describe_prediction,
    describe_protein,
    find_name,
)
from sklearn_protlstm.readers import SequenceTable

READ = np.ones(4, dtype=bool)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def captions_of(model, protein, name=None):
    """Captions of all inspections that describe a single protein."""
    names = None if name is None else [name]
    return [
        memory_trace(model, protein, name=name).caption,
        mutation_scan(model, protein, name=name).caption,
        position_scan(model, "W", protein, name=name).caption,
        residue_attribution(model, [protein], names=names).captions[0],
    ]


def test_caption_names_protein_prediction_and_model():
    model = fitted_pipeline(max_epochs=1)
    [probabilities] = model.predict_proba(["ACDE"])
    first = f"spike: predicted {model.predict(['ACDE'])[0]} (probability {probabilities.max():.2f})"
    for caption in captions_of(model, "ACDE", name="spike"):
        line, second = caption.splitlines()
        assert line == first
        assert second.startswith("SequenceEncoder() -> ProtLSTMClassifier(batch_size=16, ")


def test_name_is_the_id_of_a_record():
    model = fitted_pipeline(max_epochs=1)
    for caption in captions_of(model, SeqRecord(Seq("ACDE"), id="P0DTC2")):
        assert caption.startswith("P0DTC2: predicted ")
    for caption in captions_of(model, SeqRecord(Seq("ACDE"), id="P0DTC2"), name="spike"):
        assert caption.startswith("spike: predicted ")


def test_name_is_the_id_in_a_table():
    table = SequenceTable(["one", "two"], ["ACDE", "WY"])
    model = fitted_pipeline(max_epochs=1)
    captions = residue_attribution(model, table).captions
    assert [caption.partition(":")[0] for caption in captions] == ["one", "two"]
    for caption in captions_of(model, table[0]):
        assert caption.startswith("one: predicted ")


def test_records_of_an_iterator_keep_their_ids():
    records = (SeqRecord(Seq("ACD"), id=name) for name in ("one", "two"))
    captions = residue_attribution(fitted_pipeline(max_epochs=1), records).captions
    assert [caption.partition(":")[0] for caption in captions] == ["one", "two"]


def test_protein_without_a_name():
    assert find_name("ACD") is None
    assert find_name(SeqRecord(Seq("ACD"))) is None
    prediction = describe_prediction(HOSTS, np.array([0.2, 0.3, 0.5]), multilabel=False)
    assert describe_protein(None, prediction, READ) == "Predicted pig (probability 0.50)"


def test_bare_classifier_takes_names():
    X, y = labelled_rows()
    captions = residue_attribution(tiny_classifier().fit(X, y), X[:1], names=["row"]).captions
    assert captions[0].startswith("row: predicted ")


def test_names_of_another_number_are_refused():
    message = (
        "Got 1 names for 2 sequences. Pass one name per sequence, such as the ids of a "
        "SequenceTable, or None"
    )
    with pytest.raises(ValueError, match=message):
        residue_attribution(fitted_pipeline(max_epochs=1), ["ACD", "WY"], names=["one"])


def test_caption_counts_the_residues_that_are_not_read():
    model = fitted_pipeline(SequenceEncoder(max_length=4))
    for caption in captions_of(model, "ACDEFGHIKL"):
        assert ", 6 of 10 residues not read\n" in caption


@pytest.mark.parametrize(("probability", "text"), [(0.004, "0.00"), (0.994, "0.99"), (1, "above")])
def test_probability_is_never_rounded_to_one(probability, text):
    prediction = describe_prediction(HOSTS[:1], np.array([probability]), multilabel=False)
    assert prediction.startswith(f"predicted bird (probability {text}")


def test_long_descriptions_of_a_model_are_cut():
    text = describe_model(fitted_pipeline(pooling=("last", "max", "mean", "attention"), lr=0.01234))
    assert len(text) <= 160
    assert text.endswith("...")


def test_caption_of_many_proteins_gives_their_number():
    model = fitted_pipeline(max_epochs=1)
    assert memory_horizon(model, ["ACD", "WY"]).caption.startswith("2 proteins\nSequenceEncoder()")
    caption = top_windows(model, ["ACD", "WY", "A"], k=2).caption
    assert caption.startswith("Best window of 2 proteins for the predicted class\nSequenceEnc")
    caption = top_windows(model, ["ACD"], k=2, target="pig").caption
    assert caption.startswith("Best window of 1 protein for pig\n")


@pytest.mark.parametrize(
    ("inspect", "arguments"),
    [
        (memory_trace, ("ACD",)),
        (memory_horizon, (["ACD", "AC"],)),
        (position_scan, ("W", "ACD")),
        (mutation_scan, ("ACD",)),
        (residue_attribution, (["ACD"],)),
        (top_windows, (["ACDEFGHIK"],)),
    ],
)
def test_title_is_the_caption_wrapped_to_the_plot(inspect, arguments):
    result = inspect(fitted_pipeline(max_epochs=1), *arguments)
    caption = result.captions[0] if inspect is residue_attribution else result.caption
    title = result.plot().axes[0].get_title(loc="left")
    assert title.split() == caption.split()
    assert len(title.splitlines()) > 2
