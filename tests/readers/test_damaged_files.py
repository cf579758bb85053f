"""Readers read a damaged file or raise a named error. No other exception escapes."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts import load_script

from sklearn_protlstm.exceptions import SequenceFileError

fuzz_readers = load_script(Path(__file__).parents[1] / "fuzz" / "fuzz_readers.py")

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
def test_random_bytes_are_read_or_raise_a_named_error(name, start, content):
    read, _ = fuzz_readers.TARGETS[name]
    with tempfile.TemporaryDirectory() as folder:
        outcome = fuzz_readers.execute(read, start + content, Path(folder, "damaged"))
    assert outcome in OUTCOMES


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("name", fuzz_readers.TARGETS)
def test_damaged_records_are_read_or_raise_a_named_error(name, seed):
    read, file = fuzz_readers.TARGETS[name]
    content = fuzz_readers.mutate((fuzz_readers.DATA / file).read_bytes(), random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        outcome = fuzz_readers.execute(read, content, Path(folder, "damaged"))
    assert outcome in OUTCOMES


def test_fuzzer_reports_other_exceptions(tmp_path):
    def raise_another_error(path):
        raise ValueError(path.read_bytes())

    with pytest.raises(ValueError, match="MNTQ"):
        fuzz_readers.execute(raise_another_error, b"MNTQ", tmp_path / "damaged")

    def raise_a_named_error(path):
        raise SequenceFileError("no", "file")

    assert (
        fuzz_readers.execute(raise_a_named_error, b"", tmp_path / "damaged") == "SequenceFileError"
    )


def test_mutator_is_repeatable_and_changes_the_file(target, tmp_path):
    content = (fuzz_readers.DATA / target[1]).read_bytes()
    damaged = [fuzz_readers.mutate(content, random.Random(seed)) for seed in range(20)]
    assert damaged == [fuzz_readers.mutate(content, random.Random(seed)) for seed in range(20)]
    assert sum(version != content for version in damaged) > 15
    assert fuzz_readers.execute(target[0], content, tmp_path / "damaged") == "read"


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_made_fasta_is_read_as_by_a_simple_parser(seed):
    with tempfile.TemporaryDirectory() as folder:
        outcome = fuzz_readers.execute_made_fasta(random.Random(seed), Path(folder, "made"))
    assert outcome in OUTCOMES


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (
            b">p1 x  y\nMN\tTQ\r\nAK\r\xef\xbb\xbf>p\xe9\r\rW*",
            [("p1", "x  y", "MNTQAK"), ("p\xe9", "", "W*")],
        ),
        (b"\n \n>\xc3\xa9\nM", [("\xe9", "", "M")]),
        *((text, None) for text in (b"", b"M\n>p1\nM", b">p1\nM>p2\nM", b">p1\n*\n", b">p1\nM\0")),
        (b">p1\n" + b"M" * 100, None),
    ],
)
def test_simple_parser_of_the_fuzzer(text, records, tmp_path):
    if records is None:
        with pytest.raises(ValueError, match=r"no|too long"):
            fuzz_readers.parse_simply(text, 100)
    else:
        assert fuzz_readers.parse_simply(text, 100) == records
    # A reader with other records is found.
    assert fuzz_readers.execute_fasta(text, text, 100, tmp_path / "made") in OUTCOMES
    with pytest.raises(AssertionError, match="but the file has"):
        fuzz_readers.execute_fasta(
            text, text + b"\n>p9\nWW" if records else b">a\nM", 100, tmp_path / "made"
        )
