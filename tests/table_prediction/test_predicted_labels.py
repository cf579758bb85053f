"""Tables and files of a model that predicts any number of labels."""

import numpy as np
import pytest
from counting_model import CLASSES, CountingModel, names_beside, rows_of
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from tiny_models import tiny_classifier

from sklearn_protlstm import (
    GroupStackingClassifier,
    KmerVectorizer,
    ProtLSTMClassifier,
    SequenceEncoder,
    make_kmer_baseline,
)
from sklearn_protlstm.exceptions import ResumeError
from sklearn_protlstm.table_prediction import predict_fasta, predictions_table

HEADER = ["id", "prediction", "probability_dog", "probability_human", "probability_pig"]


class LabellingModel(CountingModel):
    """Gives the labels whose probability reaches a threshold of its own."""

    multilabel_ = True

    def __init__(self, thresholds=(0.2, 0.3, 0.5), **params):
        super().__init__(**params)
        self.thresholds = thresholds

    def predict(self, sequences):
        return (self.predict_proba(sequences) > self.thresholds).astype(np.int64)


def sequences_of(files):
    return files[0].read_text().splitlines()[1::2]


def joined(model, sequences):
    indicator = model.predict(sequences)
    return [";".join(np.asarray(model.classes_)[row == 1].tolist()) for row in indicator]


def test_table_joins_the_labels():
    pytest.importorskip("pandas")
    frame = predictions_table(LabellingModel(), ["AC", "DD", "CCD"], ids=["a", "b", "c"])
    assert list(frame) == HEADER
    assert frame["prediction"].tolist() == ["dog;human", "pig", "human"]
    expected = LabellingModel().predict_proba(["AC", "DD", "CCD"])
    np.testing.assert_array_equal(frame.iloc[:, 2:], expected)


def test_prediction_without_labels_is_empty(files):
    model = LabellingModel(thresholds=(0.9, 0.9, 0.9))
    predict_fasta(model, *files)
    texts = {row[1] for row in rows_of(files[1])[1:]}
    assert texts == set(joined(model, sequences_of(files)))
    assert "" in texts


def test_file_has_the_labels_and_a_probability_for_each(files):
    model = LabellingModel()
    assert predict_fasta(model, *files) == 25
    header, *rows = rows_of(files[1])
    assert header == HEADER
    assert [row[1] for row in rows] == joined(model, sequences_of(files))
    assert {"dog", "dog;human", "pig"} <= {row[1] for row in rows}
    found = [list(map(float, row[2:])) for row in rows]
    np.testing.assert_allclose(found, model.predict_proba(sequences_of(files)), atol=6e-7)


def test_thresholds_are_applied_to_the_probabilities_of_one_pass(files):
    class ThresholdModel(CountingModel):
        multilabel_ = True
        thresholds_ = np.array([0.2, 0.3, np.inf])

    model = ThresholdModel()
    predict_fasta(model, *files, chunk_size=25)
    assert model.batches == [25]
    expected = model.predict_proba(sequences_of(files)) >= model.thresholds_
    texts = [";".join(CLASSES[row].tolist()) for row in expected]
    assert [row[1] for row in rows_of(files[1])[1:]] == texts
    assert {"dog", "human", "dog;human", ""} == set(texts)


def test_network_gives_the_labels_and_probabilities_of_the_pipeline(files, monkeypatch):
    sequences = sequences_of(files)
    y = [["pig"] * ("A" in sequence) + ["dog"] * ("D" in sequence) for sequence in sequences]
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=3)).fit(sequences, y)
    labels, probabilities = joined(model, sequences), model.predict_proba(sequences)
    # The network reads the sequences once.
    monkeypatch.setattr(ProtLSTMClassifier, "predict", None)
    monkeypatch.setattr(ProtLSTMClassifier, "predict_proba", None)
    predict_fasta(model, *files)
    rows = rows_of(files[1])[1:]
    assert [row[1] for row in rows] == labels
    found = [list(map(float, row[2:])) for row in rows]
    np.testing.assert_allclose(found, probabilities, atol=6e-7)


def test_stack_predicts_its_labels_and_probabilities_in_one_pass(files, monkeypatch):
    pytest.importorskip("pandas")
    sequences = sequences_of(files)
    y = [["pig"] * ("A" in sequence) + ["dog"] * ("D" in sequence) for sequence in sequences]
    model = GroupStackingClassifier([("k-mers", make_kmer_baseline(k=1))], cv=2, random_state=0)
    model.fit(sequences, y, groups=range(len(y)))
    labels, probabilities = joined(model, sequences), model.predict_proba(sequences)
    monkeypatch.setattr(GroupStackingClassifier, "predict", None)
    monkeypatch.setattr(GroupStackingClassifier, "predict_proba", None)
    frame = predictions_table(model, sequences)
    assert frame["prediction"].tolist() == labels
    assert {"", "dog", "pig", "dog;pig"} >= set(labels) > {"dog"}
    np.testing.assert_array_equal(frame.iloc[:, 2:], probabilities)


def test_numbers_are_names_of_labels(files):
    sequences = sequences_of(files)
    y = np.array([["A" in sequence, "D" in sequence] for sequence in sequences], dtype=int)
    model = make_pipeline(KmerVectorizer(k=1), OneVsRestClassifier(LogisticRegression(C=100)))
    predict_fasta(model.fit(sequences, y), *files)
    header, *rows = rows_of(files[1])
    assert header[2:] == ["probability_0", "probability_1"]
    assert {row[1] for row in rows} == {"", "0", "1", "0;1"}


@pytest.mark.parametrize("n_chunks", [1, 5])
@pytest.mark.parametrize("keep_progress", [True, False])
def test_resumed_file_has_the_same_bytes(files, n_chunks, keep_progress):
    path_out = files[1]
    predict_fasta(LabellingModel(), *files, chunk_size=4)
    expected = path_out.read_bytes()
    path_out.unlink()
    model = LabellingModel()
    model.fail_after = 2 * n_chunks
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files, chunk_size=4)
    if not keep_progress:
        path_out.with_name(f"{path_out.name}.resume").unlink()
    assert predict_fasta(LabellingModel(), *files, chunk_size=4) == 25
    assert path_out.read_bytes() == expected
    assert names_beside(files[0]) == ["predictions.tsv", "proteins.fasta"]


def test_records_that_the_model_rejects_are_skipped(files):
    files[0].write_text(files[0].read_text() + ">gap\nA-C\n>last\nACD\n")
    assert predict_fasta(LabellingModel(), *files, on_invalid="skip") == 26
    assert rows_of(files[1])[-1][0] == "last"
    assert rows_of(files[1].with_name("predictions.tsv.skipped.tsv"))[1][:2] == ["25", "gap"]


def test_other_thresholds_are_refused(files):
    predict_fasta(LabellingModel(), *files)
    before = files[1].read_bytes()
    message = (
        r"row \d+ \(counted from 0 after the header\) has the labels '.*', but this model gives "
        r"'.*'\. The file comes from another model, or from other thresholds of this model\. Remove"
    )
    with pytest.raises(ResumeError, match=message):
        predict_fasta(LabellingModel(thresholds=(0.9, 0.9, 0.9)), *files)
    assert files[1].read_bytes() == before


@pytest.mark.parametrize("text", ["cat", "human;dog", "dog;dog", ";"])
def test_changed_labels_are_refused(files, text):
    model = LabellingModel()
    model.fail_after = 6
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files, chunk_size=4)
    files[1].with_name("predictions.tsv.resume").unlink()
    rows = rows_of(files[1])
    rows[2][1] = text
    files[1].write_text("".join("\t".join(row) + "\n" for row in rows))
    with pytest.raises(ResumeError, match=f"row 1 .* predicts '{text}', but its probabilities"):
        predict_fasta(LabellingModel(), *files, chunk_size=4)


def test_separator_in_a_label_raises_and_leaves_no_file(files):
    model = LabellingModel(classes=np.array(["dog", "cat;lynx", "pig"]))
    message = (
        "The label 'cat;lynx' has a ';' in its name, which separates the labels of a sequence in "
        "the column prediction. Rename the label and fit the model again."
    )
    with pytest.raises(ValueError, match=message):
        predict_fasta(model, *files)
    assert not files[1].exists()
    with pytest.raises(ValueError, match=message):
        predictions_table(model, ["AC"])
    # The name of a class may have one.
    predict_fasta(CountingModel(np.array(["dog", "cat;lynx", "pig"])), *files)


class ThresholdModel(LabellingModel):
    """Says its thresholds, as LabelThresholdClassifier does."""

    def __init__(self, thresholds=(0.2, 0.3, 0.5), **params):
        super().__init__(thresholds, **params)
        self.thresholds_ = np.array(thresholds)


def test_every_row_must_follow_from_the_thresholds(files):
    """The last chunk alone would not tell: no protein in it has labels."""
    model = ThresholdModel()
    files[0].write_text(
        "".join(f">p{number}\n{'AC' if number < 5 else 'DDD'}\n" for number in range(9))
    )
    model.fail_after = 2
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files, chunk_size=4)
    message = (
        r"row 0 \(counted from 0 after the header\) has the labels .dog;human., which do not "
        r"follow from its probabilities and the thresholds of this model\. The file comes from"
    )
    with pytest.raises(ResumeError, match=message):
        predict_fasta(ThresholdModel(thresholds=(0.9, 0.3, 0.5)), *files, chunk_size=4)
    assert predict_fasta(ThresholdModel(), *files, chunk_size=4) == 9


def test_a_matrix_for_each_label_does_not_fit_into_a_table():
    model = make_pipeline(KmerVectorizer(k=1), RandomForestClassifier(2, random_state=0))
    model.fit(["AC", "DD", "CC", "AD"], np.array([[1, 0], [0, 1], [1, 1], [0, 0]]))
    message = "Pipeline predicts a matrix for each label, which does not fit into a table. Fit OneV"
    with pytest.raises(TypeError, match=message):
        predictions_table(model, ["AC"])
