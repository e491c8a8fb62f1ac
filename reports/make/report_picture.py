"""Picture of a report, as Debian's chromium shows it.

    make demo
    python reports/make/report_picture.py demo/run/report/index.html --out reports/gallery/report.png

Shown are method, horizon and frame of the command line, of the demo by default.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Open the report, choose what is shown, and save the picture."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, help="index.html of a report")
    parser.add_argument("--out", type=Path, required=True, help="the picture, .png")
    parser.add_argument("--method", default="mixture")
    parser.add_argument("--horizon", default="4", help="in frames")
    parser.add_argument("--position", default="67", help="of the frame among those of the test span, from 0")
    arguments = parser.parse_args()
    ready = "#pictures[data-position]:not([aria-busy])"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1342})
        page.goto(arguments.page.resolve().as_uri())
        page.wait_for_selector(ready)
        page.select_option("#method", arguments.method)
        page.wait_for_selector(ready)
        page.select_option("#horizon", arguments.horizon)
        page.wait_for_selector(ready)
        page.eval_on_selector(
            "#slider",
            "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')); }",
            arguments.position,
        )
        page.wait_for_selector(ready)
        page.check("#show-arrows")
        page.wait_for_selector(ready)
        page.screenshot(path=arguments.out)
        browser.close()


if __name__ == "__main__":
    main()
