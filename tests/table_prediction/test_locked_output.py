"""One run at a time writes to a file of predictions."""

import errno
import json
import os
import platform
from types import SimpleNamespace

import pytest
from counting_model import CountingModel, names_beside, rows_of

from sklearn_protlstm.exceptions import FileInUseError
from sklearn_protlstm.table_prediction import _lock, predict_fasta


class Nested(CountingModel):
    """A model that starts a second run while the first one waits for its predictions."""

    def __init__(self, files, prepare=lambda: None):
        super().__init__()
        self.files = files
        self.prepare = prepare
        self.errors = []

    def predict_proba(self, sequences):
        self.prepare()
        try:
            predict_fasta(CountingModel(), *self.files, chunk_size=4)
        except OSError as error:
            self.errors.append(error)
        return super().predict_proba(sequences)


def test_second_run_is_refused_and_harms_nothing(files):
    predict_fasta(CountingModel(), *files, chunk_size=10)
    complete = files[1].read_bytes()
    files[1].unlink()
    model = Nested(files)
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert files[1].read_bytes() == complete
    assert [type(error) for error in model.errors] == [FileInUseError] * 3
    error = model.errors[1]
    assert str(error) == (
        f"{files[1]} is in use: process {os.getpid()} on {platform.node()} writes predictions to "
        "it. Wait until that run is complete or stop it, or choose another path_out."
    )
    assert error.file == str(files[1])
    assert error.process == os.getpid()


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"process": "x", "host": 1}'])
def test_refusal_does_not_need_the_name_of_the_process(files, content):
    side = files[1].with_name("predictions.tsv.resume")

    def spoil():
        side.unlink()
        if content is not None:
            side.write_text(content)

    model = Nested(files, spoil)
    predict_fasta(model, *files)
    assert "in use: another process writes" in str(model.errors[0])
    assert model.errors[0].process is None


def test_lock_ends_with_an_error(files):
    model = CountingModel()
    model.fail_after = 0
    with pytest.raises(KeyboardInterrupt):
        predict_fasta(model, *files)
    assert predict_fasta(CountingModel(), *files) == 25


def test_file_system_without_locks_gives_a_warning(files, monkeypatch):
    def refuse(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(_lock, "_lock", refuse)
    with pytest.warns(UserWarning, match=r"predictions\.tsv cannot be locked .*No locks available"):
        assert predict_fasta(CountingModel(), *files) == 25


def test_windows_locks_one_byte(files, monkeypatch):
    calls = []

    def locking(descriptor, mode, n_bytes):
        calls.append((os.lseek(descriptor, 0, os.SEEK_CUR), mode, n_bytes))
        if len(calls) > 1:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(_lock, "fcntl", None)
    fake = SimpleNamespace(locking=locking, LK_NBLCK=2)
    monkeypatch.setattr(_lock, "msvcrt", fake, raising=False)
    model = Nested(files)
    assert predict_fasta(model, *files, chunk_size=10) == 25
    assert calls == [(2**31 - 2, 2, 1)] * 4
    assert [type(error) for error in model.errors] == [FileInUseError] * 3
    assert len(rows_of(files[1])) == 26
    assert names_beside(files[0]) == ["predictions.tsv", "proteins.fasta"]


def test_side_file_names_the_process(files):
    side = files[1].with_name("predictions.tsv.resume")
    contents = []
    model = Nested(files, lambda: contents.append(json.loads(side.read_text())))
    predict_fasta(model, *files, chunk_size=10)
    assert [content["process"] for content in contents] == [os.getpid()] * 3
    assert [content["progress"] and content["progress"]["n_rows"] for content in contents] == [
        None,
        10,
        20,
    ]
