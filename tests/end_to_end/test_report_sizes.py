"""The report on screens of all sizes, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import Page

from cinecast.report import ReportData
from cinecast_models.registry import METHODS
from helpers.browser import set_size, wait_until_idle
from helpers.report_data import Simulated, simulated_report
from helpers.report_targets import with_target

pytestmark = pytest.mark.browser

Open = Callable[[ReportData], Page]
A4_WIDTH, A4_HEIGHT = 718, 1027  # in CSS pixels, within margins of 10 mm


def box(page: Page, selector: str) -> dict[str, float]:
    """Return left, top, width and height of an element."""
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return {"x": found["x"], "y": found["y"], "width": found["width"], "height": found["height"]}


def at(page: Page, width: int, height: int) -> Page:
    set_size(page, width, height)
    return page


def test_no_page_is_wider_than_its_screen(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(landmarks=3)))
    wait_until_idle(page)
    for width in (2560, 1920, 1700, 1699, 1280, 800, 600, 390, 360):  # what keeps a width sticks out at the next
        at(page, width, 900)
        page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)


def test_the_last_column_of_the_scores_is_in_sight_beside_the_longest_name_of_a_method(
    rng: np.random.Generator, open_report: Open
) -> None:
    longest = max((method.title for method in METHODS.values()), key=len)
    run = simulated_report(rng, Simulated(methods=("oracle", "persistence", "linear"), landmarks=3))
    named = tuple(replace(entry, title=longest if entry.method == "linear" else entry.title) for entry in run.entries)
    page = at(open_report(replace(run, entries=named)), 1280, 900)
    wait_until_idle(page)
    last, frame = box(page, "#scores thead th:last-child"), box(page, ".scrolled:has(#scores)")
    assert longest in (page.locator("#scores tbody").text_content() or "")
    assert last["x"] + last["width"] <= frame["x"] + frame["width"] + 1


TITLES = """(selector) => [...document.querySelectorAll(`${selector} .chart-title`)]
  .map((each) => each.getBoundingClientRect()).map(({ left, right, top, bottom }) => ({ left, right, top, bottom }))"""


@pytest.mark.parametrize(
    ("chart", "of"),
    [
        ("#horizon-chart", Simulated(landmarks=3)),
        ("#coverage-phase-chart", Simulated(frame_count=60, test_count=36)),
        ("#target-horizon-chart", Simulated()),
    ],
)
def test_panels_lie_side_by_side_and_on_a_phone_one_above_the_other(
    rng: np.random.Generator, open_report: Open, chart: str, of: Simulated
) -> None:
    run = simulated_report(rng, of)
    page = open_report(with_target(run) if "target" in chart else run)
    wait_until_idle(page)
    row = at(page, 1280, 900).evaluate(TITLES, chart)
    assert len(row) >= 2
    assert len({title["top"] for title in row}) == 1
    assert all(one["right"] < other["left"] for one, other in pairwise(row))
    at(page, 390, 844)
    wait_until_idle(page)
    column = page.evaluate(TITLES, chart)
    assert len({title["left"] for title in column}) == 1
    assert all(one["bottom"] + 100 < other["top"] for one, other in pairwise(column))
    assert max(title["right"] for title in column) <= 390


@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_legend_leaves_the_panel_as_high(rng: np.random.Generator, open_report: Open, width: int) -> None:
    page = at(open_report(simulated_report(rng)), width, 844)
    page.select_option("#region", "image", force=True)  # drawn again with the new width
    wait_until_idle(page)
    legend, panel = box(page, "#time-chart .chart-key"), box(page, "#time-chart .u-over")
    assert panel["height"] == pytest.approx(264, abs=3)
    assert legend["y"] + legend["height"] <= panel["y"] + 1
    assert legend["y"] >= box(page, "#time-chart")["y"] - 1


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844), (844, 390)])
def test_the_bar_of_a_phone_is_small(rng: np.random.Generator, open_report: Open, width: int, height: int) -> None:
    page = at(open_report(simulated_report(rng)), width, height)
    assert box(page, ".choices")["height"] <= 0.15 * height
    assert not page.locator("#region").is_visible()
    page.locator("#more-choices").click()
    page.select_option("#region", "image")
    page.locator("nav a[href='#scores-heading']").click()
    assert not page.locator("#region").is_visible()
    assert box(page, ".choices")["height"] <= box(page, "#scores-heading")["y"] + 1  # not under the bar


@pytest.mark.parametrize("width", [1920, 2560])
def test_a_wide_screen_has_pictures_beside_charts(rng: np.random.Generator, open_report: Open, width: int) -> None:
    page = at(open_report(simulated_report(rng, Simulated(landmarks=3))), width, 1080)
    wait_until_idle(page)
    player, chart = box(page, "section[aria-labelledby='player-heading']"), box(page, "#landmark-chart")
    assert player["x"] + player["width"] < chart["x"]
    assert box(page, ".page")["width"] >= 0.95 * width
    page.locator("#time-chart").scroll_into_view_if_needed()
    assert 0 <= box(page, "#pictures")["y"] < 1080  # the pictures stay
    assert box(page, "#scores-section")["width"] > 0.9 * width


def test_charts_fit_the_paper_and_lie_on_no_border(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(landmarks=3)))
    wait_until_idle(page)
    page.emulate_media(media="print")
    set_size(page, A4_WIDTH, A4_HEIGHT)
    charts = page.locator(".chart.drawn")
    assert charts.count() >= 7
    for chart in charts.all():
        for drawn in chart.locator("canvas").all():
            area = drawn.bounding_box()
            assert area is not None
            assert area["x"] >= 0
            assert area["x"] + area["width"] <= A4_WIDTH
        assert box(page, f"#{chart.get_attribute('id')}")["height"] < A4_HEIGHT
        assert chart.evaluate("chart => getComputedStyle(chart).breakInside") == "avoid"
    for selector in ("tr", "figure"):
        style = "all => new Set(all.map((one) => getComputedStyle(one).breakInside)).has('auto')"
        assert not page.eval_on_selector_all(selector, style)


def test_paper_has_what_the_screen_folds(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, Simulated(horizons=(1, 2, 3, 4, 5)))
    page = open_report(data)
    wait_until_idle(page)
    folded = "document.querySelectorAll('details:not([open])').length"
    assert page.evaluate(folded) == 1
    page.evaluate("window.addEventListener('beforeprint', () => { window.foldedOnPaper = " + folded + "; })")
    page.pdf()
    assert page.evaluate("window.foldedOnPaper") == 0
    assert page.evaluate(folded) == 1
    page.emulate_media(media="print")
    assert page.locator("#method").is_visible()  # what is shown is told
    assert page.eval_on_selector("pre[role=region]", "pre => getComputedStyle(pre).maxHeight") == "none"
