"""Every Python block of README and docs runs, in the order of the page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(page):
    return PYTHON_BLOCK.findall(page.read_text(encoding="utf-8"))


def test_readme_and_user_guide_have_blocks():
    assert len(blocks_of(ROOT / "README.md")) >= 3
    assert len(blocks_of(ROOT / "docs" / "user_guide.md")) >= 2


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page)], ids=lambda p: p.name)
def test_blocks_run(page, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for number, block in enumerate(blocks_of(page), start=1):
        code = compile(block, f"{page.name}, block {number}", "exec")
        exec(code, namespace)
    printed = capsys.readouterr().out
    promised = re.findall(r"print\(.*\)  # (.*)$", "\n".join(blocks_of(page)), re.MULTILINE)
    for output in promised:
        assert output in printed
