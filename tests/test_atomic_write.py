"""A file appears complete or not at all, and no error is hidden by the cleaning up."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from sklearn_protlstm._atomic_write import atomic_write, remove_drafts


def write(path, content):
    with atomic_write(path) as file:
        file.write(content)


def test_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "model"
    with atomic_write(path) as file:
        file.write(b"first half, ")
        assert not path.exists()
        file.write(b"second half")
    assert path.read_bytes() == b"first half, second half"
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize(
    "error", [OSError("disk full"), KeyboardInterrupt("stop"), ValueError("no")]
)
def test_error_leaves_the_former_file(tmp_path, error):
    path = tmp_path / "model"
    path.write_bytes(b"former")

    def fail():
        with atomic_write(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(type(error), match=re.escape(str(error))):
        fail()
    assert path.read_bytes() == b"former"
    assert os.listdir(tmp_path) == ["model"]


def test_error_of_opening_is_not_hidden(tmp_path):
    with pytest.raises(FileNotFoundError, match="no_such_folder"):
        write(tmp_path / "no_such_folder" / "model", b"")


def test_error_of_cleaning_up_does_not_hide_the_first(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    monkeypatch.setattr("pathlib.Path.unlink", lambda self: (_ for _ in ()).throw(OSError("stuck")))
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path / "model", b"")


def test_folder_is_not_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write(tmp_path / "folder", b"")
    assert os.listdir(tmp_path) == ["folder"]


def test_link_stays_a_link(tmp_path):
    (tmp_path / "file").write_bytes(b"former")
    (tmp_path / "link").symlink_to("file")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


def test_longest_file_name(tmp_path):
    write(tmp_path / ("n" * 255), b"content")
    assert os.listdir(tmp_path) == ["n" * 255]


def test_many_writers_of_one_file(tmp_path):
    path, contents = tmp_path / "model", [bytes([i]) * 100_000 for i in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write(path, content), contents))
    assert path.read_bytes() in contents
    assert os.listdir(tmp_path) == ["model"]


def test_old_drafts_are_removed_and_young_ones_stay(tmp_path):
    old, young, other = (tmp_path / f".{name}.part" for name in ("model.1", "model.2", "else.1"))
    for draft in (old, young, other):
        draft.touch()
    for draft in (old, other):
        os.utime(draft, (0, 0))
    remove_drafts(tmp_path / "model")
    assert sorted(tmp_path.iterdir()) == sorted([young, other])
