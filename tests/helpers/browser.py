"""What tests in a browser share: writing a report, choosing, and reading what its canvases show."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from cinecast.pictures import Window, grey_window
from cinecast.report import ReportData, render_report
from cinecast.warp import warp
from helpers.report_data import motion_of


def write(data: ReportData, folder: Path) -> Path:
    """Write a report and return the page to open."""
    for name, content in render_report(data).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / "index.html"


def wait_for_pictures(page: Page) -> None:
    page.wait_for_selector("#pictures[data-position]:not([aria-busy])")


def choose(page: Page, control: str, value: str) -> None:
    page.select_option(f"#{control}", value)
    wait_for_pictures(page)


def show(page: Page, panel: int, kind: str) -> str:
    """Let a panel show a kind of picture; return the selector of its canvas."""
    page.select_option(f"#panel-{panel} select", kind)
    return f"#panel-{panel} .base"


def pixels(page: Page, selector: str) -> NDArray[np.uint8]:
    """Return the red, green and blue of a canvas, shape (H, W, 3)."""
    return pixels_once(page, selector, "true")


def pixels_once(page: Page, selector: str, condition: str) -> NDArray[np.uint8]:
    """Return the red, green and blue of a canvas, shape (H, W, 3), at a moment at which a condition holds.

    They come as text: as a list, a million numbers take ten seconds.
    """
    image: dict[str, Any] = page.wait_for_function(
        """([selector, condition]) => {
            if (!eval(condition)) return false;
            const canvas = document.querySelector(selector), {width, height} = canvas;
            const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
            let text = "";
            for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
            return {width, height, text: btoa(text)};
        }""",
        arg=[selector, condition],
    ).json_value()
    data = np.frombuffer(base64.b64decode(image["text"]), dtype=np.uint8)
    return data.reshape(image["height"], image["width"], 4)[..., :3]


def window_of(data: ReportData) -> Window:
    span = data.sequence.split.test_frames
    return grey_window(data.sequence.frames[span.start : span.stop])


def screen(frames: NDArray[Any], window: Window) -> NDArray[np.int64]:
    """Return the grey on the screen, 0 to 255."""
    share = (frames.astype(float) - window.low) / (window.high - window.low)
    return np.floor(255 * np.clip(share, 0, 1) + 0.5).astype(np.int64)


def predicted(data: ReportData, method: str, horizon: int, position: int, run: int = 0) -> NDArray[Any]:
    """Return the frame that the warp stage predicts."""
    entry = next(e for e in data.entries if e.method == method and e.horizon.frames in (horizon, 0))
    model = data.models[entry.model]
    frame = data.sequence.split.validation_end + position
    motion = motion_of(model, entry.horizon.frames, drifts=entry.follows_drift)
    dvf = motion.dvf(frame, entry.forecasts[run, frame])
    return warp(data.sequence.frames[data.flows[model.flow].reference], dvf, entry.warp)


def real(data: ReportData, position: int) -> NDArray[Any]:
    return np.asarray(data.sequence.frames[data.sequence.split.validation_end + position])


def assert_grey(page: Page, selector: str, expected: NDArray[np.int64], tolerance: int = 0) -> None:
    shown = pixels(page, selector).astype(int)
    assert (shown[..., 0] == shown[..., 1]).all()
    assert (shown[..., 0] == shown[..., 2]).all()
    assert np.abs(shown[..., 0] - expected).max() <= tolerance


def assert_predicted(
    page: Page, selector: str, expected: NDArray[np.int64], level: int = 5, condition: str = "true"
) -> None:
    """Check a predicted frame, which the page makes of modes and weights of 16 binary digits.

    Where a grey value lies on the edge between two, in a pixel of fifty at most, it may be the next one.
    """
    shown = pixels_once(page, selector, condition).astype(int)
    assert (shown == shown[..., :1]).all()
    off = np.abs(shown[..., 0] - expected)
    assert off.max() <= level
    assert np.mean(off > 1) <= 0.02


def values(page: Page, expression: str) -> NDArray[np.float64]:
    """Return an array that a script of the page holds."""
    return np.array(page.evaluate(f"[...{expression}]"), dtype=float)


def wait_until_idle(page: Page) -> None:
    """Wait until everything below the player is drawn."""
    page.wait_for_selector("html[data-ready='true']", state="attached")


def set_size(page: Page, width: int, height: int) -> None:
    """Give the window of a page another size, and wait until what follows its size has done so.

    The page is told of sizes once for each frame that the browser draws.
    """
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("([width, height]) => innerWidth === width && innerHeight === height", arg=[width, height])
    wait_for_frames(page)


def wait_for_frames(page: Page) -> None:
    """Wait until the browser has drawn some frames of a page."""
    page.evaluate(
        """async () => {
            for (let count = 0; count < 4; count += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
        }"""
    )


def traces(page: Page, chart: str) -> list[dict[str, Any]]:
    """Return the lines of a chart in the order of its panels: name, number of the panel, x and y.

    y is None where a line is broken. A band is two lines, of which the lower one has no name.
    """
    page.wait_for_selector(f"#{chart}.drawn")
    script = """chart => plots.of(chart).flatMap((u, panel) => u.drawn.map(({ name }, i) => {
        const known = Array.from(u.data[0], (x, k) => [x, u.data[i + 1][k]]).filter(([, y]) => y !== undefined);
        return { name, panel, x: known.map(([x]) => x), y: known.map(([, y]) => y) };
    }))"""
    return list(page.eval_on_selector(f"#{chart}", script))
