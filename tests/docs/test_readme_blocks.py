"""Each Python block of the README runs by itself in a new process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block_runs_alone(number, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", BLOCKS[number]],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    for output in re.findall(r"print\(.*\)  # (.*)$", BLOCKS[number], re.MULTILINE):
        assert output in run.stdout
    for picture in re.findall(r'savefig\("(.*)"\)', BLOCKS[number]):
        assert (tmp_path / picture).stat().st_size > 0


def test_picture_follows_the_block_that_draws_it():
    assert re.search(
        r'savefig\("scan\.png"\)\n```\n\n!\[.*\]\(docs/images/readme_scan\.png\)', README
    )
    assert sum("savefig" in block for block in BLOCKS) == 1
