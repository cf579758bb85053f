"""A file of predictions holds whole rows of one model, in the order of its input, always."""

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
    """Gives probabilities by the counts of three residues; counts the sequences it was given."""

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
    """Input of 25 records, and the path of the output."""
    rng = np.random.RandomState(0)
    sequences = ["".join(rng.choice(list("ACDE"), size=rng.randint(1, 9))) for _ in range(25)]
    path = tmp_path / "proteins.fasta"
    write_fasta(sequences, path, ids=[f"p{number}" for number in range(25)])
    return path, tmp_path / "predictions.tsv"


def rows_of(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


def test_rows_are_those_of_the_model(files):
    model = CountingModel()
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert model.batches == [10, 10, 5]
    header, *rows = rows_of(files[1])
    assert header == ["id", "prediction", "probability_dog", "probability_human", "probability_pig"]
    sequences = files[0].read_text().splitlines()[1::2]
    wanted = model.predict_proba(sequences)
    assert [row[0] for row in rows] == [f"p{number}" for number in range(25)]
    assert [row[1] for row in rows] == CLASSES[wanted.argmax(axis=1)].tolist()
    np.testing.assert_allclose([list(map(float, row[2:])) for row in rows], wanted, atol=5e-7)


def test_packed_input_and_pipeline(files, tmp_path):
    sequences = files[0].read_text().splitlines()[1::2]
    labels = CLASSES[np.arange(25) % 3]
    model = make_kmer_baseline().fit(sequences, labels)
    packed = tmp_path / "proteins.fasta.gz"
    packed.write_bytes(gzip.compress(files[0].read_bytes()))
    predict_fasta(model, packed, files[1], chunk_size=7)
    assert [row[1] for row in rows_of(files[1])[1:]] == model.predict(sequences).tolist()


def test_protlstm_pipeline_gives_the_same_in_chunks_and_at_once(files):
    from sklearn.pipeline import make_pipeline

    sequences = files[0].read_text().splitlines()[1::2]
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(sequences, CLASSES[np.arange(25) % 3])
    predict_fasta(model, *files, chunk_size=4)
    found = [list(map(float, row[2:])) for row in rows_of(files[1])[1:]]
    np.testing.assert_allclose(found, model.predict_proba(sequences), atol=2e-6)


@pytest.mark.parametrize("n_bytes", range(0, 400, 13))
def test_run_cut_anywhere_is_continued(files, n_bytes):
    predict_fasta(CountingModel(), *files)
    whole = files[1].read_bytes()
    files[1].write_bytes(whole[:n_bytes])
    model = CountingModel()
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert files[1].read_bytes() == whole
    n_there = max(whole[:n_bytes].count(b"\n") - 1, 0)
    # The last row that was there is computed once more, to see that the model is the same.
    assert sum(model.batches) == 25 - n_there + (n_there > 0)


def test_complete_file_is_left_as_it_is(files):
    predict_fasta(CountingModel(), *files)
    before = files[1].read_bytes()
    model = CountingModel()
    assert predict_fasta(model, *files) == 25
    assert model.batches == [1]
    assert files[1].read_bytes() == before


def test_interrupted_run_leaves_whole_rows(files):
    model = CountingModel()
    model.fail_after = 2
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files, chunk_size=4)
    assert len(rows_of(files[1])) == 1 + 8
    assert files[1].read_bytes().endswith(b"\n")
    assert predict_fasta(CountingModel(), *files) == 25


def test_write_that_fails_leaves_whole_rows(files, monkeypatch):
    import builtins

    true_open = builtins.open

    class FullDisk:
        def __init__(self, file):
            self.file, self.room = file, 700

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, content):
            if not self.room:
                raise OSError(28, "No space left on device")
            n_written = self.file.write(bytes(content)[: self.room])
            self.room -= n_written
            return n_written

    def open_on_full_disk(path, mode="r", **params):
        file = true_open(path, mode, **params)
        return FullDisk(file) if mode == "ab" else file

    monkeypatch.setattr(builtins, "open", open_on_full_disk)
    with pytest.raises(OSError, match="No space left"):
        predict_fasta(CountingModel(), *files, chunk_size=4)
    monkeypatch.undo()
    assert files[1].read_bytes().endswith(b"\n")
    assert all(len(row) == 5 for row in rows_of(files[1]))
    assert len(rows_of(files[1])) % 4 == 1
    assert predict_fasta(CountingModel(), *files) == 25


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


def replace_by_one_word(files):
    files[1].write_text("i do not end")


@pytest.mark.parametrize(
    ("change", "model", "row", "message"),
    [
        (change_id, {}, 3, r"row 3 .* is of 'p3', but record 3 of .* is 'other'\. The input is an"),
        (shorten_input, {}, 7, r"row 7 .* is of 'p7', but .*proteins\.fasta has only 7 records"),
        (lose_column, {}, 1, "row 1 .* is of 'p1', but it has 4 columns where 5 were wanted"),
        (replace_by_text, {}, None, r"exists, but its first line is 'my notes\\n' where this run"),
        (replace_by_one_word, {}, None, "exists, but its first line is 'i do not end' where"),
        (lambda files: None, {"weight": 2}, 11, r"row 11 .* but this model gives .*another model"),
        (lambda files: None, {"classes": np.array(["a", "b", "c"])}, None, "probability_a"),
    ],
)
def test_file_of_another_run_is_refused_and_left(files, change, model, row, message):
    predict_fasta(CountingModel(), *files)
    cut_to(files[1], 13)
    change(files)
    before = files[1].read_bytes()
    with pytest.raises(ResumeError, match=message) as error:
        predict_fasta(CountingModel(**model), *files)
    assert error.value.row == row
    assert error.value.file == str(files[1])
    assert files[1].read_bytes() == before


def test_broken_record_keeps_the_rows_before_it(files):
    files[0].write_text(files[0].read_text() + ">x\n>y\nACD\n")
    with pytest.raises(EmptySequenceError, match=r"record 25 \('x', counted from 0\) has a header"):
        predict_fasta(CountingModel(), *files, chunk_size=10)
    assert len(rows_of(files[1])) == 1 + 20
    files[0].write_text(files[0].read_text().replace(">x\n", ">x\nA\n"))
    assert predict_fasta(CountingModel(), *files, chunk_size=10) == 27


def test_residue_that_the_model_refuses_is_named_by_its_record(files):
    from sklearn.pipeline import make_pipeline

    sequences = files[0].read_text().splitlines()[1::2]
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(sequences, CLASSES[np.arange(25) % 3])
    files[0].write_text(files[0].read_text() + ">x\nAC-D\n")
    message = r"does not take record 25 \('x', counted from 0\)\. .* record 20: .*symbol '-'"
    with pytest.raises(SequenceFileError, match=message) as error:
        predict_fasta(model, *files, chunk_size=10)
    assert error.value.record == 25


def test_arguments(files, tmp_path):
    with pytest.raises(ValueError, match=r"predictions.tsv.gz' asks for gzip, which an interrup"):
        predict_fasta(CountingModel(), files[0], tmp_path / "predictions.tsv.gz")
    with pytest.raises(ValueError, match="path_in and path_out are one file"):
        predict_fasta(CountingModel(), files[0], files[0])
    with pytest.raises(ValueError, match="chunk_size must be a number of sequences from 1; got 0"):
        predict_fasta(CountingModel(), *files, chunk_size=0)
    with pytest.raises(TypeError, match=r"str has no predict_proba and no classes_\. Fit"):
        predict_fasta("model", *files)
    with pytest.raises(ValueError, match=r"The class 'b\\tc' has a tab or line break in its name"):
        predict_fasta(CountingModel(np.array(["a", "b\tc", "d"])), *files)
    with pytest.raises(FileNotFoundError, match="absent"):
        predict_fasta(CountingModel(), tmp_path / "absent", files[1])
    assert not files[1].exists()


def test_memory_does_not_grow_with_the_file(tmp_path):
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


def test_predictions_table():
    pytest.importorskip("pandas")
    model = CountingModel()
    frame = predictions_table(model, SequenceTable(["a", "b"], ["AAC", "DD"]))
    assert list(frame) == ["id", "prediction", *(f"probability_{name}" for name in CLASSES)]
    assert frame["id"].tolist() == ["a", "b"]
    assert frame["prediction"].tolist() == ["dog", "pig"]
    np.testing.assert_array_equal(frame.iloc[:, 2:], model.predict_proba(["AAC", "DD"]))
    assert predictions_table(model, ["AAC", "DD"])["id"].tolist() == [0, 1]
    with pytest.raises(ValueError, match="2 sequences but 1 ids"):
        predictions_table(model, ["AAC", "DD"], ids=["a"])
