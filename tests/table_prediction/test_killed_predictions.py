"""A run that is killed at any step resumes to the same bytes, and its lock is gone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sklearn_protlstm.readers import write_fasta

SCRIPT = Path(__file__).with_name("killed_predictions.py")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the script forks")
def test_killed_runs_resume_to_the_same_bytes(tmp_path):
    path = tmp_path / "proteins.fasta"
    sequences = ["A-" if record in (1, 5, 9) else "ACD" * (record % 4 + 1) for record in range(11)]
    write_fasta(sequences, path, ids=[f"p{record}" for record in range(11)])
    folder = tmp_path / "runs"
    folder.mkdir()
    command = [sys.executable, SCRIPT, path, folder]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert answer["differing"] == []
    assert answer["kills"] > answer["steps"] > 20
