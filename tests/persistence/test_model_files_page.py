"""The errors in docs/model_files.md are those that load_model raises."""

import re
from pathlib import Path

import joblib
import numpy as np
import pytest
import safetensors.numpy
import torch
from model_files import change
from saved_models import CLASSIFIER, ENCODER

from sklearn_protlstm import load_model
from sklearn_protlstm.exceptions import ModelFileError

PAGE = Path(__file__).parents[2] / "docs" / "model_files.md"
TABLE_ROW = re.compile(r"^\| (.+?) \| `(\w+Error)` \| (.+) \|$", re.MULTILINE)
# Sizes, checksums and the current folder differ from run to run.
VARIABLE = re.compile(r"'/[^']*'|\b[0-9a-f]{12}\b|\d+")


def test_documented_errors_are_the_raised_errors(content, pipeline, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("hosts.model")
    hidden_size = [*CLASSIFIER, "parameters", "hidden_size"]
    make = {
        "missing": lambda: None,
        "a folder": path.mkdir,
        "empty": path.touch,
        "from `joblib.dump`": lambda: joblib.dump(pipeline, path),
        "from `torch.save`": lambda: torch.save({}, path),
        "FASTA": lambda: path.write_text(">sp|P0DTC2|SPIKE_SARS2"),
        "other safetensors": lambda: safetensors.numpy.save_file({"a": np.ones(2)}, path),
        "incomplete download": lambda: path.write_bytes(content[:-9]),
        "one altered byte": lambda: path.write_bytes(content[:-1] + b"?"),
        "from a later version": lambda: path.write_bytes(change(content, ["format"], 4)),
        "hostile: names a class": lambda: path.write_bytes(
            change(content, [*ENCODER, "class"], "os.system")
        ),
        "hostile: giant layer": lambda: path.write_bytes(change(content, hidden_size, 10**12)),
    }
    rows = TABLE_ROW.findall(PAGE.read_text(encoding="utf-8"))
    documented = {file: (kind, text.replace("\\|", "|")) for file, kind, text in rows}
    assert make.keys() == documented.keys()
    for file, write in make.items():
        write()
        with pytest.raises(ModelFileError) as caught:
            load_model(path)
        kind, text = documented[file]
        assert type(caught.value).__name__ == kind
        assert VARIABLE.sub("#", str(caught.value)) == VARIABLE.sub("#", text), file
        if path.is_dir():
            path.rmdir()
