"""Tables and files of a model that says why it does not answer."""

import numpy as np
import pytest
from counting_model import CountingModel, rows_of

from sklearn_protlstm.exceptions import ResumeError
from sklearn_protlstm.table_prediction import predict_fasta, predictions_table


class CautiousModel(CountingModel):
    """Answers only if the highest probability reaches a threshold."""

    unknown_ = "unknown"

    def __init__(self, threshold=0.6, **params):
        super().__init__(**params)
        self.threshold = threshold

    def decide(self, sequences):
        probabilities = self.predict_proba(sequences)
        is_low = probabilities.max(axis=1) < self.threshold
        best = self.classes_[probabilities.argmax(axis=1)]
        reasons = np.where(is_low, "probability", "").astype(object)
        return np.where(is_low, self.unknown_, best), reasons, probabilities


def test_table_has_the_reason():
    pytest.importorskip("pandas")
    frame = predictions_table(CautiousModel(), ["AAC", "ACD"], ids=["a", "b"])
    assert list(frame)[:4] == ["id", "prediction", "reason", "probability_dog"]
    assert frame["prediction"].tolist() == ["dog", "unknown"]
    assert frame["reason"].tolist() == ["", "probability"]


def test_file_has_the_reason(files):
    assert predict_fasta(CautiousModel(), *files) == 25
    header, *rows = rows_of(files[1])
    assert header[:4] == ["id", "prediction", "reason", "probability_dog"]
    assert {tuple(row[1:3]) for row in rows} == {
        ("dog", ""),
        ("human", ""),
        ("pig", ""),
        ("unknown", "probability"),
    }


@pytest.mark.parametrize("n_chunks", [1, 3, 5])
@pytest.mark.parametrize("keep_progress", [True, False])
def test_resumed_file_has_the_same_bytes(files, n_chunks, keep_progress):
    path_out = files[1]
    predict_fasta(CautiousModel(), *files, chunk_size=4)
    expected = path_out.read_bytes()
    path_out.unlink()
    model = CautiousModel()
    model.fail_after = n_chunks
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files, chunk_size=4)
    if not keep_progress:
        path_out.with_name(f"{path_out.name}.resume").unlink()
    # A kill can leave a part of a row.
    path_out.write_bytes(path_out.read_bytes() + b"p1")
    assert predict_fasta(CautiousModel(), *files, chunk_size=4) == 25
    assert path_out.read_bytes() == expected
    assert predict_fasta(CautiousModel(), *files, chunk_size=4) == 25
    assert path_out.read_bytes() == expected


def test_another_threshold_is_refused(files):
    predict_fasta(CautiousModel(), *files)
    before = files[1].read_bytes()
    with pytest.raises(ResumeError, match=r"has the prediction .*another precision of this model"):
        predict_fasta(CautiousModel(threshold=2), *files)
    assert files[1].read_bytes() == before


def test_file_without_reasons_is_refused(files):
    predict_fasta(CountingModel(), *files)
    with pytest.raises(ResumeError, match=r"first line is .* where this run writes 'id.*reason"):
        predict_fasta(CautiousModel(), *files)


@pytest.mark.parametrize(
    ("column", "value"), [(1, "dog"), (1, "cat"), (2, ""), (3, "x")], ids=lambda value: str(value)
)
def test_changed_row_is_refused(files, column, value):
    predict_fasta(CautiousModel(), *files, chunk_size=4)
    rows = rows_of(files[1])
    number = next(i for i, row in enumerate(rows) if row[1] == "unknown")
    rows[number][column] = value
    files[1].write_text("".join("\t".join(row) + "\n" for row in rows))
    message = rf"cannot be resumed: row {number - 1} \(counted from 0"
    with pytest.raises(ResumeError, match=message):
        predict_fasta(CautiousModel(), *files, chunk_size=4)
