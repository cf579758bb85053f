"""Runs that are interrupted and resumed."""

import numpy as np
import pytest
from counting_model import CountingModel, interrupt, names_beside, rows_of

from sklearn_protlstm.exceptions import InvalidSequenceError, ResumeError
from sklearn_protlstm.table_prediction import predict_fasta


@pytest.mark.parametrize("n_bytes", range(0, 400, 13))
def test_run_resumes_wherever_the_file_is_cut(files, n_bytes):
    predict_fasta(CountingModel(), *files, chunk_size=10)
    complete = files[1].read_bytes()
    files[1].write_bytes(complete[:n_bytes])
    model = CountingModel()
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert files[1].read_bytes() == complete
    n_rows = max(complete[:n_bytes].count(b"\n") - 1, 0)
    # The chunk of the last row is predicted again, to check that the model is the same.
    assert sum(model.batches) == 25 - max(n_rows - 1, 0) // 10 * 10


def test_complete_file_stays_unchanged(files):
    predict_fasta(CountingModel(), *files)
    before, modified = files[1].read_bytes(), files[1].stat().st_mtime_ns
    model = CountingModel()
    assert predict_fasta(model, *files) == 25
    assert model.batches == [25]
    assert files[1].read_bytes() == before
    assert files[1].stat().st_mtime_ns == modified


def test_interrupted_run_leaves_only_complete_rows(files):
    interrupt(files, 2)
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
        return FullDisk(file) if mode == "a+b" else file

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
        (lambda files: None, {"weight": 2}, 0, r"row 0 .* but this model gives .*another model"),
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


def cut_after_row(files):
    cut_to(files[1], 6)


def change_sequence(files):
    lines = files[0].read_text().splitlines()
    lines[5] += "A"
    files[0].write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            cut_after_row,
            r"it has 5 complete rows, but the earlier run wrote 8\. It was cut\. Remove",
        ),
        (
            change_sequence,
            r"a sequence of .*proteins\.fasta was changed whose row is among the fir",
        ),
    ],
)
def test_checksums_show_what_changed(files, change, message):
    interrupt(files, 2)
    change(files)
    before = files[1].read_bytes()
    with pytest.raises(ResumeError, match=message) as error:
        predict_fasta(CountingModel(), *files, chunk_size=4)
    assert error.value.row is None
    assert error.value.file == str(files[1])
    assert files[1].read_bytes() == before


@pytest.mark.parametrize("place", range(0, 300, 11))
def test_changed_byte_raises(files, place):
    interrupt(files, 2)
    changed = bytearray(files[1].read_bytes())
    assert len(changed) > 300
    changed[place] ^= 1
    files[1].write_bytes(changed)
    with pytest.raises(ResumeError):
        predict_fasta(CountingModel(), *files, chunk_size=4)
    assert files[1].read_bytes() == changed


def test_without_checksums_the_rows_are_trusted(files):
    interrupt(files, 2)
    change_sequence(files)
    files[1].with_name("predictions.tsv.resume").unlink()
    assert predict_fasta(CountingModel(), *files, chunk_size=4) == 25


def test_changed_prediction_of_a_complete_file_raises(files):
    predict_fasta(CountingModel(), *files, chunk_size=10)
    lines = files[1].read_text().splitlines()
    fields = lines[4].split("\t")
    other = "pig" if fields[1] == "dog" else "dog"
    lines[4] = "\t".join([fields[0], other, *fields[2:]])
    files[1].write_text("\n".join(lines) + "\n")
    message = (
        rf"row 3 \(counted from 0 after the header\) predicts '{other}', but its probabilities"
    )
    with pytest.raises(ResumeError, match=message) as error:
        predict_fasta(CountingModel(), *files, chunk_size=10)
    assert error.value.row == 3


@pytest.mark.parametrize("content", ["", "[]", '{"progress": {"n_rows": 8}}', "notes"])
def test_damaged_side_file_raises_and_stays(files, content):
    interrupt(files, 2)
    side = files[1].with_name("predictions.tsv.resume")
    side.write_text(content)
    with pytest.raises(ResumeError, match=r"predictions\.tsv\.resume should hold") as error:
        predict_fasta(CountingModel(), *files)
    assert error.value.file == str(side)
    assert side.read_text() == content


def test_run_starts_again_if_the_output_is_removed(files):
    predict_fasta(CountingModel(), *files, chunk_size=4)
    complete = files[1].read_bytes()
    files[1].unlink()
    interrupt(files, 2)
    files[1].unlink()
    assert predict_fasta(CountingModel(), *files, chunk_size=4) == 25
    assert files[1].read_bytes() == complete
    assert names_beside(files[0]) == ["predictions.tsv", "proteins.fasta"]


@pytest.mark.parametrize("n_chunks", range(7))
def test_resumed_run_writes_the_same_bytes(files, n_chunks):
    predict_fasta(CountingModel(), *files, chunk_size=4)
    complete = files[1].read_bytes()
    files[1].unlink()
    interrupt(files, n_chunks)
    # Rows of a chunk that was not written completely.
    rest = complete[files[1].stat().st_size :]
    with files[1].open("ab") as file:
        file.write(rest[:70])
    predict_fasta(CountingModel(), *files, chunk_size=4)
    assert files[1].read_bytes() == complete
    assert names_beside(files[0]) == ["predictions.tsv", "proteins.fasta"]


@pytest.mark.parametrize("chunk_size", [1, 3, 5, 100])
def test_run_can_resume_with_another_chunk_size(files, chunk_size):
    interrupt(files, 2)
    assert predict_fasta(CountingModel(), *files, chunk_size=chunk_size) == 25
    assert [row[0] for row in rows_of(files[1])[1:]] == [f"p{number}" for number in range(25)]


def test_another_model_is_refused_after_a_complete_chunk(files):
    interrupt(files, 2)
    with pytest.raises(ResumeError, match=r"row 4 .* but this model gives .*another model"):
        predict_fasta(CountingModel(weight=2), *files, chunk_size=4)
    assert predict_fasta(CountingModel(), *files, chunk_size=4) == 25


def test_model_that_rejects_an_earlier_record_is_refused(files):
    class Strict(CountingModel):
        def predict_proba(self, sequences):
            if len(sequences) == 25:
                raise InvalidSequenceError("too short", 24)
            return super().predict_proba(sequences)

    predict_fasta(CountingModel(), *files)
    with pytest.raises(ResumeError, match=r"row 24 .* 'p24', but this model rejects its sequence"):
        predict_fasta(Strict(), *files)
