"""Records that the model or the reader rejects."""

import errno

import numpy as np
import pytest
from counting_model import CLASSES, CountingModel, interrupt, names_beside, rows_of
from sklearn.pipeline import make_pipeline
from tiny_models import tiny_classifier

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm.exceptions import (
    EmptySequenceError,
    InvalidSequenceError,
    ResumeError,
    SequenceFileError,
)
from sklearn_protlstm.table_prediction import predict_fasta
from sklearn_protlstm.table_prediction._output import Output

HEADER = ["record", "id", "position", "symbol", "reason"]


@pytest.fixture
def gaps(files):
    """The paths of a file in which the records 4 to 9, 13, 14 and 24 have a gap, and the output."""
    lines = files[0].read_text().splitlines()
    for record in (4, 5, 6, 7, 8, 9, 13, 14, 24):
        lines[2 * record + 1] = "AC-D" if record % 2 else "-"
    files[0].write_text("\n".join(lines) + "\n")
    return files


def report_of(files):
    return files[1].with_name("predictions.tsv.skipped.tsv")


def contents(files):
    return files[1].read_bytes(), report_of(files).read_bytes()


def remove_outputs(files):
    for path in files[1].parent.glob("predictions.tsv*"):
        path.unlink()


def test_rows_before_an_empty_record_are_written(files):
    files[0].write_text(files[0].read_text() + ">x\n>y\nACD\n")
    with pytest.raises(EmptySequenceError, match=r"record 25 \('x', counted from 0\) has a header"):
        predict_fasta(CountingModel(), *files, chunk_size=10)
    assert len(rows_of(files[1])) == 1 + 25
    files[0].write_text(files[0].read_text().replace(">x\n", ">x\nA\n"))
    assert predict_fasta(CountingModel(), *files, chunk_size=10) == 27


def test_error_names_the_record_that_the_model_rejects(files):
    sequences = files[0].read_text().splitlines()[1::2]
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(sequences, CLASSES[np.arange(25) % 3])
    files[0].write_text(files[0].read_text() + ">x\nAC-D\n>y\nA\n>z\n-\n")
    message = r"rejects record 25 \('x', counted from 0\)\. .* record 20: .*symbol '-'"
    with pytest.raises(SequenceFileError, match=message) as error:
        predict_fasta(model, *files, chunk_size=10)
    assert error.value.record == 25
    assert len(rows_of(files[1])) == 1 + 25
    assert predict_fasta(model, *files, chunk_size=10, on_invalid="skip") == 26
    assert [row[0] for row in rows_of(files[1])[24:]] == ["p23", "p24", "y"]
    assert rows_of(report_of(files)) == [
        HEADER,
        ["25", "x", "3", "-", "symbol not in the alphabet"],
        ["27", "z", "1", "-", "symbol not in the alphabet"],
    ]


def test_error_says_where_the_rows_are_and_how_to_skip(gaps):
    message = (
        r"The rows before it are in .*predictions\.tsv\. Correct the record, or pass "
        r"on_invalid='skip' to leave out such records, and call predict_fasta again\."
    )
    for _ in range(2):
        with pytest.raises(SequenceFileError, match=message) as error:
            predict_fasta(CountingModel(), *gaps)
        assert error.value.record == 4
        assert [row[0] for row in rows_of(gaps[1])[1:]] == ["p0", "p1", "p2", "p3"]
    assert not report_of(gaps).exists()


@pytest.mark.parametrize("chunk_size", [1, 4, 100])
def test_skipped_records_have_a_report_and_no_row(gaps, chunk_size):
    n_rows = predict_fasta(CountingModel(), *gaps, chunk_size=chunk_size, on_invalid="skip")
    assert n_rows == 16
    kept = [*range(4), *range(10, 13), *range(15, 24)]
    assert [row[0] for row in rows_of(gaps[1])[1:]] == [f"p{record}" for record in kept]
    header, *rows = rows_of(report_of(gaps))
    assert header == HEADER
    assert [row[:2] for row in rows] == [
        [str(record), f"p{record}"] for record in range(25) if record not in kept
    ]
    assert rows[0] == ["4", "p4", "1", "-", "symbol not in the alphabet"]
    assert rows[1] == ["5", "p5", "3", "-", "symbol not in the alphabet"]
    assert names_beside(gaps[0]) == [
        "predictions.tsv",
        "predictions.tsv.skipped.tsv",
        "proteins.fasta",
    ]


def test_other_errors_are_reported_in_their_own_words(files):
    class Strict(CountingModel):
        def predict_proba(self, sequences):
            for record, sequence in enumerate(sequences):
                if len(sequence) < 2:
                    raise EmptySequenceError("too short", record)
                if len(sequence) > 7:
                    raise InvalidSequenceError("too\tlong\nfor it", record)
            return super().predict_proba(sequences)

    files[0].write_text(">a\nA\n>b\nAC\n>c\nACDACDACD\n")
    assert predict_fasta(Strict(), *files, on_invalid="skip") == 1
    assert rows_of(report_of(files))[1:] == [
        ["0", "a", "", "", "no residues"],
        ["2", "c", "", "", "too long for it"],
    ]


@pytest.mark.parametrize("n_chunks", range(1, 13))
def test_resumed_run_skips_the_same_records(gaps, n_chunks):
    predict_fasta(CountingModel(), *gaps, chunk_size=4, on_invalid="skip")
    complete = contents(gaps)
    remove_outputs(gaps)
    interrupt(gaps, n_chunks, on_invalid="skip")
    assert predict_fasta(CountingModel(), *gaps, chunk_size=4, on_invalid="skip") == 16
    assert contents(gaps) == complete


def test_run_that_stopped_at_a_record_can_skip_it(gaps):
    predict_fasta(CountingModel(), *gaps, chunk_size=10, on_invalid="skip")
    complete = contents(gaps)
    remove_outputs(gaps)
    with pytest.raises(SequenceFileError, match="rejects record 4 "):
        predict_fasta(CountingModel(), *gaps, chunk_size=10)
    predict_fasta(CountingModel(), *gaps, chunk_size=10, on_invalid="skip")
    assert contents(gaps) == complete


def test_failed_rewrite_of_a_chunk_can_resume(gaps, monkeypatch):
    predict_fasta(CountingModel(), *gaps, chunk_size=20, on_invalid="skip")
    complete = contents(gaps)
    remove_outputs(gaps)
    with pytest.raises(SequenceFileError, match="rejects record 4 "):
        predict_fasta(CountingModel(), *gaps, chunk_size=20)

    def fail(self, rows):
        raise OSError(errno.ENOSPC, "No space left on device")

    # The chunk has other batches now, so its rows are written again.
    monkeypatch.setattr(Output, "_append", fail)
    with pytest.raises(OSError, match="No space left"):
        predict_fasta(CountingModel(), *gaps, chunk_size=20, on_invalid="skip")
    monkeypatch.undo()
    assert len(rows_of(gaps[1])) < 1 + 4
    predict_fasta(CountingModel(), *gaps, chunk_size=20, on_invalid="skip")
    assert contents(gaps) == complete


@pytest.mark.parametrize("chunk_size", [4, 7, 100])
def test_complete_file_and_report_stay_unchanged(gaps, chunk_size):
    predict_fasta(CountingModel(), *gaps, chunk_size=4, on_invalid="skip")
    complete = contents(gaps)
    predict_fasta(CountingModel(), *gaps, chunk_size=chunk_size, on_invalid="skip")
    assert contents(gaps) == complete


def test_raise_after_skip_is_refused(gaps):
    predict_fasta(CountingModel(), *gaps, chunk_size=4, on_invalid="skip")
    complete = contents(gaps)
    message = (
        r"with on_invalid='raise': an earlier run skipped 9 records, which .*skipped\.tsv lists"
    )
    with pytest.raises(ResumeError, match=message):
        predict_fasta(CountingModel(), *gaps, chunk_size=4)
    assert contents(gaps) == complete


def test_report_of_a_removed_output_is_removed(gaps, files):
    predict_fasta(CountingModel(), *gaps, on_invalid="skip")
    gaps[1].unlink()
    files[0].write_text(">a\nA\n")
    assert predict_fasta(CountingModel(), *files) == 1
    assert not report_of(files).exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "my notes\n" + text, r"skipped\.tsv should list the records that an earlier"),
        (lambda text: text.replace("\tp5", ""), r"skipped\.tsv should list the records"),
        (lambda text: text.replace("\tp5", "\tq5"), "skipped record 5 with the id 'q5', but this"),
        (lambda text: text.partition("6\t")[0], "the id 'p10', but record 6 of .* has the id 'p6'"),
    ],
)
def test_changed_report_is_refused(gaps, change, message):
    predict_fasta(CountingModel(), *gaps, chunk_size=4, on_invalid="skip")
    report = report_of(gaps)
    report.write_text(change(report.read_text()))
    before = contents(gaps)
    with pytest.raises(ResumeError, match=message):
        predict_fasta(CountingModel(), *gaps, chunk_size=4, on_invalid="skip")
    assert contents(gaps) == before
