"""Run the Python blocks of a page in a folder, beside the files of docs/data.

    python docs/run_page.py docs/get_started.md FOLDER

Prints what each block prints. FOLDER keeps the files that the blocks write, such as the figures of
the page.
"""

import argparse
import contextlib
import io
import re
import shutil
from pathlib import Path

DATA = Path(__file__).parent / "data"
BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\n\n^```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    text = arguments.page.read_text(encoding="utf-8")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for output in run_blocks(text, arguments.folder):
        print(output)


def promised_outputs(text):
    """What the page says that each Python block prints."""
    return [match["output"] or "" for match in BLOCK.finditer(text)]


def run_blocks(text, folder):
    """Run the blocks in order, and yield what each prints."""
    for file in DATA.glob("*.fasta"):
        shutil.copy(file, folder)
    namespace = {}
    for match in BLOCK.finditer(text):
        printed = io.StringIO()
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            exec(compile(match["code"], "block", "exec"), namespace)
        yield printed.getvalue()


if __name__ == "__main__":
    main()
