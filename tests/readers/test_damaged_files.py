"""Whatever bytes a reader meets, it succeeds or raises a named error."""

import importlib.util
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_protlstm.exceptions import SequenceFileError

FUZZER = Path(__file__).parents[1] / "fuzz" / "fuzz_readers.py"
_spec = importlib.util.spec_from_file_location("fuzz_readers", FUZZER)
fuzz_readers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fuzz_readers)

OUTCOMES = {"read", "EmptySequenceError", "SequenceFileError"}
STARTS = [
    b"",
    b">",
    b"ID   ",
    b"LOCUS       ",
    b"Sequence,Host\n",
    b"\x1f\x8b\x08",
    b"\xef\xbb\xbf",
]


@pytest.fixture(params=fuzz_readers.TARGETS)
def target(request):
    return fuzz_readers.TARGETS[request.param]


@settings(deadline=None, max_examples=60)
@given(start=st.sampled_from(STARTS), content=st.binary(max_size=300))
@pytest.mark.parametrize("name", fuzz_readers.TARGETS)
def test_random_bytes(name, start, content):
    read, _ = fuzz_readers.TARGETS[name]
    with tempfile.TemporaryDirectory() as folder:
        outcome = fuzz_readers.execute(read, start + content, Path(folder, "damaged"))
    assert outcome in OUTCOMES


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("name", fuzz_readers.TARGETS)
def test_damaged_records(name, seed):
    read, file = fuzz_readers.TARGETS[name]
    content = fuzz_readers.mutate((fuzz_readers.DATA / file).read_bytes(), random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        outcome = fuzz_readers.execute(read, content, Path(folder, "damaged"))
    assert outcome in OUTCOMES


def test_the_fuzzer_lets_no_other_error_pass(tmp_path):
    def broken(path):
        raise ValueError(path.read_bytes())

    with pytest.raises(ValueError, match="MNTQ"):
        fuzz_readers.execute(broken, b"MNTQ", tmp_path / "damaged")

    def named(path):
        raise SequenceFileError("no", "file")

    assert fuzz_readers.execute(named, b"", tmp_path / "damaged") == "SequenceFileError"


def test_the_mutator_is_repeatable_and_does_damage(target, tmp_path):
    content = (fuzz_readers.DATA / target[1]).read_bytes()
    damaged = [fuzz_readers.mutate(content, random.Random(seed)) for seed in range(20)]
    assert damaged == [fuzz_readers.mutate(content, random.Random(seed)) for seed in range(20)]
    assert sum(other != content for other in damaged) > 15
    assert fuzz_readers.execute(target[0], content, tmp_path / "damaged") == "read"
