"""How fast the report opens and how smoothly it scrubs, in a real browser, and how large its folder is.

Beside it stand the report that an earlier revision makes of the same images, and what no report can be sooner than: an
empty page, and one that draws a single chart and nothing else. All pages are opened in turn.

Run ``python tests/benchmarks/bench_report.py [--against REVISION] [--folder FOLDER]``. A phantom of 158 test frames is
forecast with 5 methods at 13 horizons by both revisions first, which takes some minutes; runs that FOLDER holds already
are taken as they are. Needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from bench_run import cost_of, folder_mb
from bench_start import ROOT, add_missing, unpack
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom

CHROMIUM = "/usr/bin/chromium"
METHODS = ("linear", "lms", "rls", "kernel_ridge", "snap1")
HORIZONS = tuple(str(h) for h in range(1, 14))
TRIES = 5
MOMENTS = ("first picture", "measured motion", "all charts")

# Notes when the first frame is on the screen, when all four pictures are right, and when the last chart is drawn.
WATCH = """
window.moments = {};
const note = (name, is) => { if (is && !(name in window.moments)) window.moments[name] = performance.now(); };
new MutationObserver(() => {
  const pictures = document.getElementById("pictures");
  note("first picture", pictures?.dataset.position !== undefined);
  note("measured motion", pictures?.dataset.entry !== undefined);
  note("all charts", document.documentElement.dataset.ready === "true");
}).observe(document, { subtree: true, attributes: true });
"""
# Pages that say of themselves when they are there; of the second, `LIBRARY` is the address of the library of charts.
LIMITS = {
    "an empty page": "<script>requestAnimationFrame(() => { moments = { there: performance.now() }; });</script>",
    "one chart alone": """<div id="chart"></div><script src="LIBRARY"></script><script>
      const hooks = { draw: [() => { moments = { there: performance.now() }; }] };
      const shape = { width: 900, height: 360, series: [{}, { stroke: "black" }], scales: { x: { time: false } } };
      new uPlot({ ...shape, hooks }, [[1, 2, 3], [1, 3, 2]], document.getElementById("chart"));
    </script>""",
}
# Time of each step of the slider until its pixels are on the canvases, twice over all frames.
SCRUB = """
async () => {
  const pass = async () => {
    const times = [];
    for (let i = 0; i < cinecast.state.numbers.player_frames.length; i++) {
      await new Promise(requestAnimationFrame);
      const start = performance.now();
      cinecast.setPosition(i);
      times.push(performance.now() - start);
    }
    return times;
  };
  return { first: await pass(), again: await pass() };
}
"""


def make_phantom_file(path: Path) -> None:
    """Write a phantom of the size of the OvGU sequences."""
    phantom = PhantomSettings(rows=176, columns=140, pixel_spacing_mm=(1.8, 1.8), frame_count=474, frame_period_s=0.17)
    write_phantom(path, make_phantom(phantom))


def make_page(phantom: Path, run: Path, code: list[Path]) -> Path:
    """Forecast the phantom by the code of these folders, unless that has been done; return the page of its report."""
    if not (run / "report" / "index.html").exists():
        command = [sys.executable, "-m", "cinecast", "run", str(phantom), "--out", str(run), "--set", "forecast.runs=5"]
        command += [part for method in METHODS for part in ("--method", method)]
        command += [part for horizon in HORIZONS for part in ("--horizon", horizon)]
        cost_of(command, code)
    return run / "report" / "index.html"


def open_once(browser: Browser, page_path: Path) -> dict[str, float]:
    """Return the moments of opening in ms since the navigation began."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(WATCH)
    page.goto(page_path.as_uri())
    page.wait_for_function("'all charts' in window.moments")
    moments: dict[str, float] = page.evaluate("window.moments")
    page.close()
    return moments


def open_limit(browser: Browser, page_path: Path) -> float:
    """Return when a page of `LIMITS` is there, in ms since the navigation began."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_path.as_uri())
    page.wait_for_function("window.moments")
    moment: float = page.evaluate("moments.there")
    page.close()
    return moment


def write_limits(folder: Path, library: Path) -> dict[str, Path]:
    """Write the pages of `LIMITS`; return their paths by what they are."""
    paths = {name: folder / f"limit_{number}.html" for number, name in enumerate(LIMITS)}
    for name, path in paths.items():
        path.write_text(
            f'<!doctype html><meta charset="utf-8"><body>{LIMITS[name].replace("LIBRARY", library.as_uri())}'
        )
    return paths


def opening(browser: Browser, pages: dict[str, Path], limits: dict[str, Path]) -> dict[str, dict[str, list[float]]]:
    """Open all pages in turn, so that all meet the same load; return by page when what is on it is there, in ms."""
    tries: dict[str, dict[str, list[float]]] = {name: {} for name in (*limits, *pages)}
    for _ in range(TRIES):
        for name, path in limits.items():
            tries[name].setdefault("there", []).append(open_limit(browser, path))
        for name, path in pages.items():
            for moment, value in open_once(browser, path).items():
                tries[name].setdefault(moment, []).append(value)
    return tries


def scrub(browser: Browser, page_path: Path, kind: str) -> dict[str, Any]:
    """Return the times of steps in ms, with a kind of picture in the last panel."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    page.select_option("#panel-4 select", kind)
    times: dict[str, Any] = page.evaluate(SCRUB)
    page.close()
    return times


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--against", default="d5cf09a", help="Revision to compare with.")
    arguments.add_argument("--folder", type=Path, default=None, help="Where phantom and runs are, or will be.")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        phantom = folder / "phantom.nii.gz"
        if not phantom.exists():
            make_phantom_file(phantom)
        old = unpack(given.against, Path(temporary) / "old")
        add_missing(old, Path(temporary) / "extra")
        before = [old / "pipeline", old / "models", Path(temporary) / "extra"]
        pages = {
            "now": make_page(phantom, folder / "now", [ROOT / "pipeline", ROOT / "models"]),
            given.against: make_page(phantom, folder / given.against, before),
        }
        table = Table("158 frames, 5 methods, 13 horizons", *pages, "share", title=f"medians of {TRIES} (best)")
        with sync_playwright() as playwright:
            arguments_of_browser = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments_of_browser)
            with as_file(files("cinecast.report").joinpath("static", "uplot", "uPlot.iife.min.js")) as library:
                limits = write_limits(Path(temporary), library)
                tries = opening(browser, pages, limits)
            for name in limits:
                there = tries[name]["there"]
                table.add_row(f"{name}, ms", f"{median(there):.0f} ({min(there):.0f})", "", "")
            for moment in MOMENTS:
                both = [tries[name][moment] for name in pages]
                share = median(a / b for a, b in zip(*both, strict=True))
                cells = [f"{median(each):.0f} ({min(each):.0f})" for each in both]
                table.add_row(f"{moment}, ms", *cells, f"{100 * share:.0f} %")
            for kind in ("difference", "error"):
                steps = [scrub(browser, page, kind) for page in pages.values()]
                for turn in steps[0]:
                    cells = [f"{median(each[turn]):.1f} ({np.percentile(each[turn], 95):.1f})" for each in steps]
                    table.add_row(f"a step, {kind}, {turn}, ms (95 % within)", *cells, "")
            browser.close()
        sizes = [folder_mb(page.parent) for page in pages.values()]
        table.add_row("folder, MB", *(f"{size:.1f}" for size in sizes), f"{100 * sizes[0] / sizes[1]:.0f} %")
        Console().print(table)


if __name__ == "__main__":
    main()
