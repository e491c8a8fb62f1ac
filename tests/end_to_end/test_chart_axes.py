"""The numbers and texts beside the axes of charts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from helpers.browser import wait_until_idle, write
from helpers.charts import Draw, draw_on, line, texts
from helpers.report_data import simulated_report

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (1e-6, ["0", "2e-7", "4e-7", "6e-7", "8e-7", "1e-6"]),
        (5e-4, ["0", "0.0001", "0.0002", "0.0003", "0.0004", "0.0005"]),
        (-1000, ["-1000", "-800", "-600", "-400", "-200", "0"]),
        (1e5, ["0", "20000", "40000", "60000", "80000", "100000"]),
        (-1e6, ["-1e6", "-8e5", "-6e5", "-4e5", "-2e5", "0"]),
    ],
)
def test_numbers_of_an_axis_are_those_of_its_values(draw: Draw, most: float, expected: list[str]) -> None:
    page = draw({"lines": [line([0, most])]})
    assert [each["text"] for each in texts(page) if each["align"] == "right"] == expected


def test_numbers_of_an_axis_do_not_change_with_the_language_of_the_browser(
    chromium: Browser, rng: np.random.Generator, tmp_path: Path
) -> None:
    page = chromium.new_page(locale="de-DE")
    page.goto(write(simulated_report(rng), tmp_path).as_uri())
    wait_until_idle(page)
    page = draw_on(page, {"lines": [line([0, 1.5])]}, {"lines": [line([0, 2000])]})
    assert "0.5" in [each["text"] for each in texts(page)]
    assert "1000" in [each["text"] for each in texts(page, panel=1)]
    page.close()


def test_long_numbers_are_whole_and_panels_above_each_other_begin_at_one_place(draw: Draw) -> None:
    page = draw({"lines": [line([1, 2])]}, {"lines": [line([-1234.5, -1234.52])]}, isStacked=True)
    numbers = [each for each in texts(page, panel=1) if each["align"] == "right"]
    assert "-1234.505" in [each["text"] for each in numbers]
    assert all(each["x"] - each["width"] > 15 for each in numbers)  # beside the name of the axis
    boxes = [page.locator("#own .u-over").nth(panel).bounding_box() for panel in (0, 1)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert (boxes[0]["x"], boxes[0]["width"]) == (boxes[1]["x"], boxes[1]["width"])


def test_texts_below_a_panel_do_not_overlap(draw: Draw) -> None:
    places = [0.2, 0.3, 0.4, 2, 2.6, 3]
    x = {"range": [0, 3.1], "ticks": [[each, f"{each:.2f}\n(10)"] for each in places]}
    page = draw(*[{"lines": [line([1.0] * 6, x=places)], "x": x}] * 3, columns=3)
    shown = [each for each in texts(page) if "." in each["text"] and each["align"] == "center"]
    assert [each["text"] for each in shown] == ["0.20", "2.00", "2.60", "3.00"]
    edges = [(each["x"] - each["width"] / 2, each["x"] + each["width"] / 2) for each in shown]
    assert all(right + 3 < left for (_, right), (left, _) in pairwise(edges))


@pytest.mark.parametrize(("first", "step"), [(0, 0.1), (1234, 0.01), (1.7e9, 1)])
def test_times_below_a_panel_do_not_overlap(draw: Draw, first: float, step: float) -> None:
    page = draw({"lines": [line([1.0] * 50, x=[first + i * step for i in range(50)])]})
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function("plots.of(document.getElementById('own'))[0].width <= 700")
    shown = [
        each for each in texts(page) if each["align"] == "center" and not each["up"] and each["text"] != "time (s)"
    ]
    page.set_viewport_size({"width": 1280, "height": 900})
    assert len(shown) > 2
    edges = [(each["x"] - each["width"] / 2, each["x"] + each["width"] / 2) for each in shown]
    assert all(right + 3 < left for (_, right), (left, _) in pairwise(edges))
