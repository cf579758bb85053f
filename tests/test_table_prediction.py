"""Predictions of tables and of FASTA files, in runs that may be interrupted and resumed."""

import gzip
import tracemalloc

import numpy as np
import pytest
from tiny_models import tiny_classifier

from sklearn_protlstm import SequenceEncoder, make_kmer_baseline
from sklearn_protlstm.exceptions import EmptySequenceError, ResumeError, SequenceFileError
from sklearn_protlstm.readers import SequenceTable, write_fasta
from sklearn_protlstm.table_prediction import predict_fasta, predictions_table

CLASSES = np.array(["dog", "human", "pig"])


class CountingModel:
    """A classifier by the counts of three residues, which records the sizes of its batches."""

    classes_ = CLASSES

    def __init__(self, classes=CLASSES, weight=1):
        self.classes_ = classes
        self.weight = weight
        self.batches = []
        self.fail_after = None

    def predict_proba(self, sequences):
        self.batches.append(len(sequences))
        if self.fail_after is not None and len(self.batches) > self.fail_after:
            raise KeyboardInterrupt
        counts = np.array([[s.count(r) for r in "ACD"[: len(self.classes_)]] for s in sequences])
        scores = np.exp(self.weight * counts)
        return scores / scores.sum(axis=1, keepdims=True)


@pytest.fixture
def files(tmp_path):
    """The path of a FASTA file of 25 records, and the path of the output."""
    rng = np.random.RandomState(0)
    sequences = ["".join(rng.choice(list("ACDE"), size=rng.randint(1, 9))) for _ in range(25)]
    path = tmp_path / "proteins.fasta"
    write_fasta(sequences, path, ids=[f"p{number}" for number in range(25)])
    return path, tmp_path / "predictions.tsv"


def rows_of(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


def test_rows_have_the_ids_and_the_probabilities_of_the_model(files):
    model = CountingModel()
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert model.batches == [10, 10, 5]
    header, *rows = rows_of(files[1])
    assert header == ["id", "prediction", "probability_dog", "probability_human", "probability_pig"]
    sequences = files[0].read_text().splitlines()[1::2]
    expected = model.predict_proba(sequences)
    assert [row[0] for row in rows] == [f"p{number}" for number in range(25)]
    assert [row[1] for row in rows] == CLASSES[expected.argmax(axis=1)].tolist()
    np.testing.assert_allclose([list(map(float, row[2:])) for row in rows], expected, atol=5e-7)


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


@pytest.mark.parametrize("n_bytes", range(0, 400, 13))
def test_run_resumes_wherever_the_file_is_cut(files, n_bytes):
    predict_fasta(CountingModel(), *files)
    complete = files[1].read_bytes()
    files[1].write_bytes(complete[:n_bytes])
    model = CountingModel()
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert files[1].read_bytes() == complete
    n_rows = max(complete[:n_bytes].count(b"\n") - 1, 0)
    # The last row is predicted again, to check that the model is the same.
    assert sum(model.batches) == 25 - n_rows + (n_rows > 0)


def test_complete_file_stays_unchanged(files):
    predict_fasta(CountingModel(), *files)
    before = files[1].read_bytes()
    model = CountingModel()
    assert predict_fasta(model, *files) == 25
    assert model.batches == [1]
    assert files[1].read_bytes() == before


def test_interrupted_run_leaves_only_complete_rows(files):
    model = CountingModel()
    model.fail_after = 2
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files, chunk_size=4)
    assert len(rows_of(files[1])) == 1 + 8
    assert files[1].read_bytes().endswith(b"\n")
    assert predict_fasta(CountingModel(), *files) == 25


def test_failed_write_leaves_only_complete_rows(files, monkeypatch):
    import builtins

    original_open = builtins.open

    class FullDisk:
        def __init__(self, file):
            self.file, self.n_bytes_left = file, 700

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, content):
            if not self.n_bytes_left:
                raise OSError(28, "No space left on device")
            n_written = self.file.write(bytes(content)[: self.n_bytes_left])
            self.n_bytes_left -= n_written
            return n_written

    def open_on_full_disk(path, mode="r", **params):
        file = original_open(path, mode, **params)
        return FullDisk(file) if mode == "ab" else file

    monkeypatch.setattr(builtins, "open", open_on_full_disk)
    with pytest.raises(OSError, match="No space left"):
        predict_fasta(CountingModel(), *files, chunk_size=4)
    monkeypatch.undo()
    assert files[1].read_bytes().endswith(b"\n")
    assert all(len(row) == 5 for row in rows_of(files[1]))
    assert len(rows_of(files[1])) % 4 == 1
    assert predict_fasta(CountingModel(), *files) == 25


def test_run_resumes_if_the_header_is_cut_within_a_character(files):
    model = CountingModel(np.array(["dog", "höst", "pig"]))
    predict_fasta(model, *files)
    complete = files[1].read_bytes()
    files[1].write_bytes(complete[: complete.index("ö".encode()) + 1])
    predict_fasta(model, *files)
    assert files[1].read_bytes() == complete


def cut_to(path, n_lines):
    lines = path.read_bytes().splitlines(keepends=True)[:n_lines]
    path.write_bytes(b"".join(lines))


def change_id(files):
    files[0].write_text(files[0].read_text().replace(">p3\n", ">other\n"))


def shorten_input(files):
    files[0].write_text(files[0].read_text().partition(">p7\n")[0])


def lose_column(files):
    lines = files[1].read_text().splitlines(keepends=True)
    lines[2] = lines[2].rpartition("\t")[0] + "\n"
    files[1].write_text("".join(lines))


def replace_by_text(files):
    files[1].write_text("my notes\nare here\n")


def replace_by_text_without_line_break(files):
    files[1].write_text("i do not end")


@pytest.mark.parametrize(
    ("change", "model", "row", "message"),
    [
        (
            change_id,
            {},
            3,
            r"row 3 .* has the id 'p3', but record 3 of .* has the id 'other'\. The input is a",
        ),
        (
            shorten_input,
            {},
            7,
            r"row 7 .* has the id 'p7', but .*proteins\.fasta has only 7 records",
        ),
        (lose_column, {}, 1, "row 1 .* has the id 'p1', and 4 columns, but this run writes 5"),
        (replace_by_text, {}, None, r"exists, but its first line is 'my notes\\n', where this run"),
        (
            replace_by_text_without_line_break,
            {},
            None,
            "exists, but its first line is 'i do not end', where",
        ),
        (lambda files: None, {"weight": 2}, 11, r"row 11 .* but this model gives .*another model"),
        (lambda files: None, {"classes": np.array(["a", "b", "c"])}, None, "probability_a"),
    ],
)
def test_output_of_another_run_raises_and_stays_unchanged(files, change, model, row, message):
    predict_fasta(CountingModel(), *files)
    cut_to(files[1], 13)
    change(files)
    before = files[1].read_bytes()
    with pytest.raises(ResumeError, match=message) as error:
        predict_fasta(CountingModel(**model), *files)
    assert error.value.row == row
    assert error.value.file == str(files[1])
    assert files[1].read_bytes() == before


def test_rows_before_an_empty_record_are_kept(files):
    files[0].write_text(files[0].read_text() + ">x\n>y\nACD\n")
    with pytest.raises(EmptySequenceError, match=r"record 25 \('x', counted from 0\) has a header"):
        predict_fasta(CountingModel(), *files, chunk_size=10)
    assert len(rows_of(files[1])) == 1 + 20
    files[0].write_text(files[0].read_text().replace(">x\n", ">x\nA\n"))
    assert predict_fasta(CountingModel(), *files, chunk_size=10) == 27


def test_error_names_the_record_that_the_model_rejects(files):
    from sklearn.pipeline import make_pipeline

    sequences = files[0].read_text().splitlines()[1::2]
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(sequences, CLASSES[np.arange(25) % 3])
    files[0].write_text(files[0].read_text() + ">x\nAC-D\n")
    message = r"rejects record 25 \('x', counted from 0\)\. .* record 20: .*symbol '-'"
    with pytest.raises(SequenceFileError, match=message) as error:
        predict_fasta(model, *files, chunk_size=10)
    assert error.value.record == 25


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


def test_predictions_table_has_ids_predictions_and_probabilities():
    pytest.importorskip("pandas")
    model = CountingModel()
    frame = predictions_table(model, SequenceTable(["a", "b"], ["AAC", "DD"]))
    assert list(frame) == ["id", "prediction", *(f"probability_{name}" for name in CLASSES)]
    assert frame["id"].tolist() == ["a", "b"]
    assert frame["prediction"].tolist() == ["dog", "pig"]
    np.testing.assert_array_equal(frame.iloc[:, 2:], model.predict_proba(["AAC", "DD"]))
    assert predictions_table(model, ["AAC", "DD"])["id"].tolist() == [0, 1]


def test_predictions_table_needs_one_id_per_sequence():
    with pytest.raises(ValueError, match="2 sequences but 1 ids"):
        predictions_table(CountingModel(), ["AAC", "DD"], ids=["a"])
