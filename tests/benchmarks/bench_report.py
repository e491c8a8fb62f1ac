"""How fast the report opens and how smoothly it scrubs, in a real browser, and how large its folder is.

Beside it stands what no report can be sooner than: an empty page, and one that draws a single chart and nothing else.

    python tests/benchmarks/bench_report.py [RUN]

RUN is a run folder; without it a phantom of 158 test frames is forecast with 5 methods at 13 horizons first, which
takes some minutes. Needs Debian's chromium.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.run.reports import report_run
from cinecast.run.runner import run_sequence
from cinecast.settings import ForecastSettings, Settings

CHROMIUM = "/usr/bin/chromium"
METHODS = ("linear", "lms", "rls", "kernel_ridge", "snap1")
HORIZONS = tuple(str(h) for h in range(1, 14))
TRIES = 5

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


def make_run(folder: Path) -> Path:
    """Forecast a phantom of the size of the OvGU sequences."""
    phantom = PhantomSettings(rows=176, columns=140, pixel_spacing_mm=(1.8, 1.8), frame_count=474, frame_period_s=0.17)
    write_phantom(folder / "phantom.nii.gz", make_phantom(phantom))
    settings = Settings(forecast=ForecastSettings(methods=METHODS, horizons=HORIZONS, runs=5))
    run_sequence(folder / "phantom.nii.gz", folder / "run", settings)
    return folder / "run"


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


def print_opening(browser: Browser, page_path: Path, limits: dict[str, Path]) -> None:
    """Open all pages in turn, so that all meet the same load, and print when what is on them is there."""
    tries: dict[str, list[float]] = {}
    for _ in range(TRIES):
        for name, path in limits.items():
            tries.setdefault(name, []).append(open_limit(browser, path))
        for moment, value in open_once(browser, page_path).items():
            tries.setdefault(moment, []).append(value)
    for name, values in tries.items():
        print(f"opening, {name}: median {median(values):.0f} ms, best {min(values):.0f} ms of {TRIES}")


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
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run = Path(sys.argv[1]) if len(sys.argv) > 1 else make_run(folder)
        page_path = report_run(run, folder / "page").page
        size = sum(path.stat().st_size for path in page_path.parent.rglob("*") if path.is_file())
        print(f"folder: {size / 1e6:.1f} MB")
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            with as_file(files("cinecast.report").joinpath("static", "uplot", "uPlot.iife.min.js")) as library:
                print_opening(browser, page_path, write_limits(folder, library))
            for kind in ("difference", "error"):
                for turn, times in scrub(browser, page_path, kind).items():
                    p95 = np.percentile(times, 95)
                    print(f"a step, {kind}, {turn}: median {median(times):.1f} ms, 95 % within {p95:.1f} ms")
            browser.close()


if __name__ == "__main__":
    main()
