"""Charts of their own on a page, and what they draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

Draw = Callable[..., Page]
RED, GREEN, BLUE = "#ff0000", "#00ff00", "#0000ff"
CHANNEL = {RED: 0, GREEN: 1, BLUE: 2}


def draw_on(page: Page, *panels: dict[str, Any], **more: Any) -> Page:
    """Draw a chart at the top of a page, or draw it anew."""
    given = [{"x": {"label": "time (s)"}, "y": {"label": "mm"}, **panel} for panel in panels]
    page.evaluate(
        """(chart) => {
            const known = document.getElementById("own");
            const own = known ?? Object.assign(document.createElement("div"), { id: "own", className: "chart" });
            if (!known) document.body.prepend(own);
            plots.draw(own, chart);
        }""",
        {"panels": given, "height": 200, **more},
    )
    page.wait_for_function("plots.of(document.getElementById('own')).every((u) => u.status === 1)")
    return page


def coloured(page: Page, colour: str, x: float, y: float, panel: int = 0, reach: int = 1) -> bool:
    """Return whether a place of a panel, or a pixel near it, has a pure colour."""
    at = """([panel, x, y, reach]) => {
        const u = plots.of(document.getElementById("own"))[panel];
        const [left, top] = [u.valToPos(x, "x", true), u.valToPos(y, "y", true)].map(Math.round);
        return [...u.ctx.getImageData(left - reach, top - reach, 2 * reach + 1, 2 * reach + 1).data];
    }"""
    pixels: NDArray[np.int64] = np.array(page.evaluate(at, [panel, x, y, reach])).reshape(-1, 4)
    channel = CHANNEL[colour]
    others = [other for other in range(3) if other != channel]
    return bool(((pixels[:, channel] > 150) & (pixels[:, others].max(axis=1) < 90) & (pixels[:, 3] > 40)).any())


def line(y: list[float | None], **more: Any) -> dict[str, Any]:
    return {"name": "one", "x": list(range(len(y))), "y": y, "colour": RED, "width": 2, **more}


def texts(page: Page, panel: int = 0) -> list[dict[str, Any]]:
    """Return the texts that a panel draws: text, place x, y in pixels of its canvas, width, align, upwards or not."""
    script = """(panel) => new Promise((resolve) => {
        const u = plots.of(document.getElementById("own"))[panel];
        const all = [];
        u.ctx.fillText = function (text, x, y) {
            const { e, f, b } = this.getTransform();
            const { width } = this.measureText(text);
            all.push({ text, x: x + e, y: y + f, width, align: this.textAlign, up: b !== 0 });
            CanvasRenderingContext2D.prototype.fillText.call(this, text, x, y);
        };
        u.redraw(false);
        setTimeout(() => { delete u.ctx.fillText; resolve(all); }, 50);
    })"""
    return list(page.evaluate(script, panel))


def hover(page: Page, x: float, panel: int = 0) -> str:
    box = page.locator("#own .u-over").nth(panel).bounding_box()
    assert box is not None
    script = "([panel, x]) => plots.of(document.getElementById('own'))[panel].valToPos(x, 'x')"
    page.mouse.move(box["x"] + page.evaluate(script, [panel, x]), box["y"] + 90, steps=3)
    page.wait_for_selector("#own .chart-reading:not([hidden])")
    return page.locator("#own .chart-reading").inner_text()


def ends(page: Page) -> list[list[float]]:
    script = "plots.of(document.getElementById('own')).map(({ scales: { x } }) => [x.min, x.max])"
    return [list(each) for each in page.evaluate(script)]
