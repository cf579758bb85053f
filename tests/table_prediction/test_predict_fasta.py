"""Predictions from file to file, in one run."""

import gzip
import re
import tracemalloc

import numpy as np
import pytest
from counting_model import CLASSES, CountingModel, interrupt, names_beside, rows_of
from tiny_models import tiny_classifier

from sklearn_protlstm import SequenceEncoder, make_kmer_baseline
from sklearn_protlstm.exceptions import EmptySequenceError
from sklearn_protlstm.table_prediction import predict_fasta


def test_rows_have_the_ids_and_the_probabilities_of_the_model(files):
    model = CountingModel()
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert model.batches == [10, 10, 5]
    header, *rows = rows_of(files[1])
    assert header == ["id", "prediction", "probability_dog", "probability_human", "probability_pig"]
    sequences = files[0].read_text().splitlines()[1::2]
    expected = CountingModel(batch_effect=0).predict_proba(sequences)
    assert [row[0] for row in rows] == [f"p{number}" for number in range(25)]
    assert [row[1] for row in rows] == CLASSES[expected.argmax(axis=1)].tolist()
    np.testing.assert_allclose([list(map(float, row[2:])) for row in rows], expected, atol=6e-6)


def test_rows_appear_when_their_chunk_is_predicted(files):
    n_rows = []

    class Watching(CountingModel):
        def predict_proba(self, sequences):
            n_rows.append(len(rows_of(files[1])) - 1)
            return super().predict_proba(sequences)

    predict_fasta(Watching(), *files, chunk_size=10)
    assert n_rows == [0, 10, 20]


def test_complete_run_leaves_only_the_output(files):
    predict_fasta(CountingModel(), *files, chunk_size=10)
    assert names_beside(files[0]) == ["predictions.tsv", "proteins.fasta"]


def test_progress_bar_counts_records(files, capsys):
    predict_fasta(CountingModel(), *files, chunk_size=10)
    assert capsys.readouterr().err == ""
    predict_fasta(CountingModel(), files[0], files[1].with_name("other.tsv"), verbose=1)
    assert re.search(r"Predicting: 100%.* 25/25 ", capsys.readouterr().err)


def test_progress_bar_of_a_resumed_run_starts_at_its_first_record(files, capsys):
    interrupt(files, 3)
    predict_fasta(CountingModel(), *files, chunk_size=4, verbose=1)
    assert re.search(r"Predicting:  32%.* 8/25 .*25/25 ", capsys.readouterr().err, re.DOTALL)


def test_progress_bar_has_no_total_if_the_input_is_damaged(files, capsys):
    files[0].write_text(files[0].read_text() + ">x\n")
    with pytest.raises(EmptySequenceError, match="record 25"):
        predict_fasta(CountingModel(), *files, verbose=1)
    assert "Predicting: 25 sequences" in capsys.readouterr().err


def test_gzip_input_gives_the_predictions_of_the_pipeline(files, tmp_path):
    sequences = files[0].read_text().splitlines()[1::2]
    labels = CLASSES[np.arange(25) % 3]
    model = make_kmer_baseline().fit(sequences, labels)
    compressed = tmp_path / "proteins.fasta.gz"
    compressed.write_bytes(gzip.compress(files[0].read_bytes()))
    predict_fasta(model, compressed, files[1], chunk_size=7)
    assert [row[1] for row in rows_of(files[1])[1:]] == model.predict(sequences).tolist()


def test_chunks_do_not_change_the_probabilities_of_protlstm(files):
    from sklearn.pipeline import make_pipeline

    sequences = files[0].read_text().splitlines()[1::2]
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(sequences, CLASSES[np.arange(25) % 3])
    predict_fasta(model, *files, chunk_size=4)
    found = [list(map(float, row[2:])) for row in rows_of(files[1])[1:]]
    np.testing.assert_allclose(found, model.predict_proba(sequences), atol=2e-6)


@pytest.mark.parametrize(
    ("model", "chunk_size", "error", "message"),
    [
        (
            CountingModel(),
            0,
            ValueError,
            "chunk_size must be a number of sequences of at least 1; got 0",
        ),
        ("model", 1, TypeError, r"str has no predict_proba and no classes_\. Fit"),
        (
            CountingModel(np.array(["a", "b\tc", "d"])),
            1,
            ValueError,
            r"The class 'b\\tc' has a tab or line break in its name",
        ),
    ],
)
def test_invalid_model_or_chunk_size_raises_and_leaves_no_file(
    files, model, chunk_size, error, message
):
    with pytest.raises(error, match=message):
        predict_fasta(model, *files, chunk_size=chunk_size)
    assert not files[1].exists()


def test_invalid_on_invalid_raises_and_leaves_no_file(files):
    with pytest.raises(ValueError, match=r"on_invalid must be 'raise' or 'skip'; got 'ignore'\."):
        predict_fasta(CountingModel(), *files, on_invalid="ignore")
    assert not files[1].exists()


def test_invalid_path_raises_and_leaves_no_file(files, tmp_path):
    with pytest.raises(ValueError, match=r"predictions.tsv.gz' asks for gzip, but an interrupted"):
        predict_fasta(CountingModel(), files[0], tmp_path / "predictions.tsv.gz")
    with pytest.raises(ValueError, match="path_in and path_out are the same file"):
        predict_fasta(CountingModel(), files[0], files[0])
    with pytest.raises(FileNotFoundError, match="absent"):
        predict_fasta(CountingModel(), tmp_path / "absent", files[1])
    assert list(tmp_path.iterdir()) == [files[0]]


def test_memory_does_not_grow_with_the_input(tmp_path):
    def peak_mib(n_records):
        path = tmp_path / f"{n_records}.fasta"
        path.write_text("".join(f">p{number}\nMNTQAKGD\n" for number in range(n_records)))
        tracemalloc.start()
        try:
            predict_fasta(CountingModel(), path, tmp_path / f"{n_records}.tsv", chunk_size=500)
            return tracemalloc.get_traced_memory()[1] / 2**20
        finally:
            tracemalloc.stop()

    peak_mib(500)
    assert peak_mib(8_000) < peak_mib(1_000) + 0.2
