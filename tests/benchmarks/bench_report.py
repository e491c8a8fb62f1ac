"""How fast the report opens and how smoothly it scrubs, in a real browser, and how large its folder is.

    python tests/benchmarks/bench_report.py [RUN]

RUN is a run folder; without it a phantom of 158 test frames is forecast with 5 methods at 13 horizons first, which
takes some minutes. Needs Debian's chromium.
"""

from __future__ import annotations

import sys
import tempfile
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
            tries = [open_once(browser, page_path) for _ in range(TRIES)]
            for moment in tries[0]:
                values = [each[moment] for each in tries]
                print(f"opening, {moment}: median {median(values):.0f} ms, best {min(values):.0f} ms of {TRIES}")
            for kind in ("difference", "error"):
                for turn, times in scrub(browser, page_path, kind).items():
                    p95 = np.percentile(times, 95)
                    print(f"a step, {kind}, {turn}: median {median(times):.1f} ms, 95 % within {p95:.1f} ms")
            browser.close()


if __name__ == "__main__":
    main()
