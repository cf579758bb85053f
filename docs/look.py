"""Take a picture of every page of the built documentation, and list what is wrong with it.

    make docs
    pip install playwright axe-playwright-python
    python docs/look.py pictures
    python docs/look.py pictures --pages "user_guide.html" "auto_examples/*"

Each page is shown in a wide and in a narrow window, light and dark. The script prints pages that
scroll sideways, code that is cut off in the wide window, scripts that fail, and violations of the
accessibility guidelines (WCAG 2.1, level A and AA). It needs Chromium.
"""

import argparse
import shutil
import sys
from fnmatch import fnmatch
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

HTML = Path(__file__).parent / "_build" / "html"
WIDE, NARROW = 1440, 390
GUIDELINES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT_OFF_CODE = """
    Array.from(document.querySelectorAll("pre"))
        .filter(block => block.scrollWidth > block.clientWidth)
        .map(block => block.textContent.trim().split("\\n")[0])
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pictures", type=Path, help="folder for the pictures")
    parser.add_argument("--html", type=Path, default=HTML, help="folder of the built pages")
    parser.add_argument("--pages", nargs="+", default=["*.html"], help="patterns of page names")
    arguments = parser.parse_args()
    pages = find_pages(arguments.html, arguments.pages)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless=new", "--no-sandbox"]
        )
        problems = [
            f"{name}, {width} px, {scheme}: {problem}"
            for scheme in ("light", "dark")
            for width in (WIDE, NARROW)
            for name, problem in look(browser, arguments, pages, width, scheme)
        ]
    print(*problems, f"{len(pages)} pages, {len(problems)} problems", sep="\n")
    return bool(problems)


def find_pages(html, patterns):
    names = sorted(path.relative_to(html).as_posix() for path in html.rglob("*.html"))
    return [
        name
        for name in names
        if not name.startswith("_") and any(fnmatch(name, pattern) for pattern in patterns)
    ]


def look(browser, arguments, pages, width, scheme):
    """Take the pictures of one kind of window, and yield the problems of each page."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    for name in pages:
        page = context.new_page()
        failures = []
        page.on("pageerror", lambda error, failures=failures: failures.append(str(error)))
        page.goto((arguments.html / name).resolve().as_uri())
        picture = arguments.pictures / f"{width}-{scheme}" / f"{name.removesuffix('.html')}.png"
        page.screenshot(path=picture, full_page=True)
        for problem in [*failures, *find_problems(page, width)]:
            yield name, problem
        page.close()
    context.close()


def find_problems(page, width):
    if page.evaluate(SCROLLS_SIDEWAYS):
        yield "scrolls sideways"
    if width == WIDE:
        for line in page.evaluate(CUT_OFF_CODE):
            yield f"cuts off code: {line}"
    guidelines = {"runOnly": {"type": "tag", "values": GUIDELINES}}
    for violation in Axe().run(page, options=guidelines).response["violations"]:
        place = violation["nodes"][0]["target"]
        yield f"{violation['id']} ({violation['impact']}): {violation['help']}, {place}"


if __name__ == "__main__":
    sys.exit(main())
