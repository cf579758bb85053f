"""load_model rejects files that are damaged, hostile or of another format."""

import json
import os
import re
import tracemalloc
import zipfile

import joblib
import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given
from hypothesis import strategies as st
from model_files import change, join_file, mend, split_file
from saved_models import CLASSIFIER, SEQUENCES, load_bytes

from sklearn_protlstm import load_model
from sklearn_protlstm.exceptions import (
    DamagedModelFileError,
    ForeignFileError,
    InvalidModelContentError,
    MissingModelFileError,
    ModelFileError,
    NewerModelFileError,
    UnreadableModelFileError,
)


def test_missing_file_raises(path):
    with pytest.raises(MissingModelFileError, match=r"host\.model: the file does not exist") as e:
        load_model(path)
    assert isinstance(e.value, FileNotFoundError)
    assert e.value.path == str(path)


def test_folder_pipe_and_device_raise(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(UnreadableModelFileError, match="this is a folder or a device"):
            load_model(place)
    with pytest.raises(UnreadableModelFileError, match="cannot be opened: embedded null byte"):
        load_model("host\0.model")
    with pytest.raises(TypeError, match="int"):
        load_model(0)


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda path: path.touch(), "the file is empty"),
        (lambda path: path.write_text("ACDEFGHIKL"), r"starts with b'ACDEFGHIK'"),
        (lambda path: path.write_text("{}"), "starts with b'{}'"),
        (lambda path: joblib.dump([1], path), r"a Python pickle.*joblib\.load.*run any code"),
        (lambda path: torch.save(torch.ones(2), path), r"a zip archive, as written by torch\.save"),
        (lambda path: joblib.dump([1], path, compress=("gzip", 1)), "a gzip archive"),
        (
            lambda path: safetensors.numpy.save_file({"a": np.ones(3)}, path),
            "a safetensors file, but save_model did not write it",
        ),
    ],
)
def test_file_of_another_format_raises(make, shown, path):
    make(path)
    with pytest.raises(ForeignFileError, match=shown):
        load_model(path)


def test_zip_archive_of_a_model_raises(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("host.model", content)
    with pytest.raises(ForeignFileError, match="a zip archive"):
        load_model(path)


def test_newer_format_raises(path, content):
    with pytest.raises(
        NewerModelFileError,
        match=r"has format 4, but this version .* reads formats up to 3\. Update",
    ):
        load_bytes(path, change(content, ["format"], 4))


def test_file_truncated_anywhere_raises(path, content):
    for length in [0, 1, 7, 8, 9, 20, *range(100, len(content), 101), len(content) - 1]:
        with pytest.raises((DamagedModelFileError, ForeignFileError)):
            load_bytes(path, content[:length])


@pytest.mark.parametrize(
    ("alter", "shown"),
    [
        (lambda content: content[:500], "the end of the file is missing"),
        (lambda content: content[:-1], r"the file has \d+ bytes, but its header describes \d+"),
        (lambda content: content + b"\0", r"the file has \d+ bytes, but its header describes \d+"),
    ],
    ids=["header cut off", "last byte missing", "one byte more"],
)
def test_file_of_another_size_raises(alter, shown, path, content):
    with pytest.raises(DamagedModelFileError, match=shown):
        load_bytes(path, alter(content))


def test_any_altered_byte_raises(path, content):
    for place in range(0, len(content), 7):
        altered = bytearray(content)
        altered[place] ^= 1
        with pytest.raises(ModelFileError) as caught:
            load_bytes(path, bytes(altered))
        assert type(caught.value) is not InvalidModelContentError


def test_altered_weight_fails_the_checksum(path, content):
    with pytest.raises(DamagedModelFileError, match=r"checksum is .*: the file has changed"):
        load_bytes(path, content[:-1] + bytes([content[-1] ^ 1]))


@given(
    changes=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4),
    mended=st.booleans(),
)
def test_altered_bytes_raise_or_give_a_valid_model(
    changes, mended, content, pipeline, tmp_path_factory
):
    altered = bytearray(content)
    for place, byte in changes:
        altered[place % len(content)] = byte
    altered = mend(bytes(altered)) if mended else bytes(altered)
    try:
        loaded = load_bytes(tmp_path_factory.getbasetemp() / "altered.model", altered)
    except ModelFileError as error:
        assert re.search(r"altered\.model: .", str(error))  # noqa: PT017
    else:
        # With a correct checksum this is another model. Otherwise nothing has changed.
        assert mended or altered == content
        assert loaded.predict_proba(SEQUENCES).shape == (12, 2)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"sha256":', "the description is not valid JSON"),
        ('{"format":1,"format":1}', "a key occurs twice"),
        ('{"format":NaN}', "NaN is not an allowed number"),
        ('{"format":1e999}', "'1e999' is not an allowed number"),
        ('{"format":' + "9" * 5000 + "}", "is not an allowed number"),
        ('{"format":' + "[" * 200_000, "recursion"),
        ('{"format":true}', "format number is True"),
        ('{"format":0}', "format number is 0"),
        ('{"format":1,"sha256":"\\ud800"}', r"checksum is '\\ud800', expected 64"),
        ("[]", r"the description is \[\]"),
    ],
    ids=lambda value: value[:30],
)
def test_invalid_description_raises(text, shown, path, content):
    header, _, data = split_file(content)
    with pytest.raises(DamagedModelFileError, match=shown):
        load_bytes(path, join_file(header, text, data))


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (b"{" + b"x" * 9, "the header is not valid JSON"),
        (b"{\xff}", "the header is not valid JSON"),
        (b'{"a":' + b"[" * 100_000, "the header is not valid JSON"),
        (b"{}", "save_model did not write it"),
        (b'{"__metadata__":[]}', "save_model did not write it"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_invalid_header_raises(header, shown, path):
    with pytest.raises(ModelFileError, match=shown):
        load_bytes(path, join_file(header, "", b""))


@pytest.mark.parametrize(
    ("entry", "kind", "shown"),
    [
        ({"dtype": "F99"}, DamagedModelFileError, "expected dtype"),
        (
            {"shape": [2**62, 2**62]},
            DamagedModelFileError,
            r"the file has \d+ bytes, but its header describes",
        ),
        ({"shape": [-1, -2]}, DamagedModelFileError, "expected dtype"),
        ({"shape": [1] * 100}, DamagedModelFileError, "expected dtype"),
        ({"shape": "2"}, DamagedModelFileError, "expected dtype"),
        ({"data_offsets": [0, 8]}, InvalidModelContentError, "the arrays cannot be read"),
        ({"data_offsets": [-8, 0]}, InvalidModelContentError, "the arrays cannot be read"),
        ({"data_offsets": [2**70, 2**70]}, DamagedModelFileError, "the header is not valid JSON"),
        ({"data_offsets": None}, InvalidModelContentError, "the arrays cannot be read"),
        ({"dtype": "I32"}, InvalidModelContentError, "dtype int32 and 1 dimensions, expected"),
    ],
    ids=str,
)
def test_invalid_array_entry_raises(entry, kind, shown, path, content):
    header, description, data = split_file(content)
    header["protlstmclassifier__weights.head.bias"] |= entry
    with pytest.raises(kind, match=shown):
        load_bytes(path, join_file(header, description, data))


def test_overlapping_arrays_raise(path, content):
    header, description, data = split_file(content)
    header["copy"] = header["protlstmclassifier__weights.head.bias"]
    with pytest.raises(InvalidModelContentError, match="the arrays cannot be read"):
        load_bytes(path, join_file(header, description, data + bytes(8)))


def test_repeated_or_unused_array_raises(path, content):
    header, description, data = split_file(content)
    offsets = [len(data), len(data) + 8]
    header["../../etc/passwd"] = {"dtype": "F32", "shape": [2], "data_offsets": offsets}
    with pytest.raises(
        InvalidModelContentError, match=r"the array '\.\./\.\./etc/passwd' is not used"
    ):
        load_bytes(path, join_file(header, description, data + bytes(8)))
    text = json.dumps(header).encode()[:-1] + b', "a": 1, "a": 1}'
    with pytest.raises(DamagedModelFileError, match="a key occurs twice"):
        load_bytes(path, join_file(text, "", data))


def test_long_values_do_not_make_long_messages(path, content):
    for place in (["model", "class"], [*CLASSIFIER, "parameters", "lr"], ["model", "steps"]):
        with pytest.raises(ModelFileError) as caught:
            load_bytes(path, change(content, place, "x" * 10**6))
        assert len(str(caught.value)) < 1500


def peak_memory(path, error):
    """Bytes that Python and NumPy allocate until load_model raises the error."""
    tracemalloc.start()
    try:
        with pytest.raises(error):
            load_model(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_hostile_file_takes_little_memory(path, content):
    header, description, data = split_file(content)
    offsets = {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}
    renamed = {**header, "x": header["protlstmclassifier__weights.embedding.weight"]}
    del renamed["protlstmclassifier__weights.embedding.weight"]
    wide = [*CLASSIFIER, "parameters", "embedding_dim"]
    hostile = {
        "header of many bytes": (2**62).to_bytes(8, "little") + b"{" + bytes(1000),
        "header above the limit": (2**22 + 1).to_bytes(8, "little") + b"{" + bytes(2**22),
        "array of many bytes": join_file({"a": offsets}, description, data),
        "wide layers": change(content, [*CLASSIFIER, "parameters", "hidden_size"], 10**12),
        "many layers": change(content, [*CLASSIFIER, "parameters", "num_layers"], 10**12),
        "wide embedding": change(content, wide, 10**9),
        "wide embedding without weights": change(
            join_file(renamed, description, data), wide, 10**9
        ),
        "wide labels": change(content, [*CLASSIFIER, "learned", "classes", "dtype"], "<U9999999"),
    }
    for name, bad in hostile.items():
        path.write_bytes(bad)
        del bad
        assert peak_memory(path, ModelFileError) < 2**20, name


def test_worst_header_takes_limited_memory(path):
    text = b'{"a":[' + b"[]," * 100_000 + b"[]]}"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    assert peak_memory(path, ForeignFileError) < 40 * len(text)


def test_large_file_of_another_format_is_not_read(path):
    safetensors.numpy.save_file({"a": np.ones(3)}, path)
    os.truncate(path, 2**40)
    assert peak_memory(path, ForeignFileError) < 2**20
