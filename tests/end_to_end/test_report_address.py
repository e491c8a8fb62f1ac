"""What is chosen stands in the address of the report: a link shows it again, and a wrong one shows the default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from playwright.sync_api import Page

from cinecast.report import ReportData, compare_runs
from helpers.browser import choose, wait_for_pictures, wait_until_idle, write
from helpers.report_data import Simulated, simulated_report

pytestmark = pytest.mark.browser

Open = Callable[[ReportData], Page]
OpenPath = Callable[[Path], Page]


def address(page: Page) -> dict[str, str]:
    """Return what the address says, once it has been written."""
    page.evaluate("new Promise((done) => setTimeout(done, 300))")  # it is written after 250 ms on the clock of the page
    return {name: value for name, (value,) in parse_qs(page.evaluate("location.hash.slice(1)")).items()}


def at(page: Page, where: str, text: str) -> Page:
    """Open a report with something behind the # of its address."""
    page.goto("about:blank")
    page.goto(f"{where}#{text}")
    wait_for_pictures(page)
    wait_until_idle(page)
    return page


def shown(page: Page) -> dict[str, str]:
    """Return what the controls of the page say."""
    names = ("method", "horizon", "sample", "second", "region", "pixel-row", "pixel-column", "line-at", "line-along")
    values = {name: page.input_value(f"#{name}") for name in names}
    view = page.eval_on_selector("input[name=view]:checked", "radio => radio.value")
    panels = page.eval_on_selector_all("#pictures .panel select", "all => all.map((one) => one.value).join()")
    return values | {"view": view, "panels": panels, "where": page.locator("#where").inner_text()}


def test_a_link_shows_what_its_sender_saw(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(landmarks=3)))
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    choose(page, "sample", "2")
    choose(page, "second", "linear")
    choose(page, "region", "roi")
    page.locator("#slider").fill("5")
    page.locator("#pixel-row").fill("7")
    page.locator("#pixel-row").blur()
    page.select_option("#landmark", "2")
    page.select_option("#panel-1 select", "reference")
    page.select_option("#line-along", "row")
    page.check("#show-arrows")
    page.locator("text=Swipe").click()
    told, before, link = address(page), shown(page), page.evaluate("location.href")
    assert told["method"] == "snap1"
    assert told["frame"] == "26"
    wait_until_idle(page)
    where, _, text = link.partition("#")
    at(page, where, text)
    assert shown(page) == before
    assert page.locator("#show-arrows").is_checked()
    assert page.input_value("#landmark") == "2"
    assert address(page) == told


def test_the_address_is_short_while_little_is_chosen(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    page.locator("#next").click()
    assert set(address(page)) == {"method", "horizon", "frame"}


WRONG = (
    "method=no&horizon=99&frame=1e9&view=cinema&run=7&region=&row=-3&column=x&picture1=evil&along=depth",
    "method=%3Cscript%3Ealert(1)%3C/script%3E&second=oracle%00",
    "frame=0&line=999999999999&row=99999&__proto__=1&constructor=2&landmark=0&target=0&ruler=labels",
    "=&&==&%&horizon",
    "method",
    "no-such-part",
)


@pytest.mark.parametrize("text", WRONG)
def test_wrong_values_are_passed_over(rng: np.random.Generator, open_report: Open, text: str) -> None:
    page = open_report(simulated_report(rng))
    before, where = shown(page), page.evaluate("location.href").partition("#")[0]
    at(page, where, text)  # an error of a script fails the test: see the fixture
    assert shown(page) == before


def test_what_is_right_beside_what_is_wrong_is_taken(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    at(page, page.evaluate("location.href").partition("#")[0], "method=no&horizon=3&frame=x&region=image")
    found = shown(page)
    assert (found["method"], found["horizon"], found["region"]) == ("linear", "3", "image")


def test_back_returns_to_the_part_and_the_choice_before(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    choose(page, "horizon", "3")
    page.evaluate("scrollTo(0, 0)")
    page.locator("nav a[href='#errors-heading']").click()
    page.wait_for_function("scrollY > 200")
    assert address(page)["horizon"] == "3"  # a link within the page keeps the choice
    choose(page, "method", "snap1")
    assert address(page)["method"] == "snap1"
    page.go_back()
    page.wait_for_function("scrollY < 50")
    wait_for_pictures(page)
    found = shown(page)
    assert (found["method"], found["horizon"]) == ("linear", "3")
    page.go_forward()
    page.wait_for_function("document.getElementById('method').value === 'snap1'")


def test_a_choice_is_no_step_for_back(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    steps = page.evaluate("history.length")
    for method in ("snap1", "persistence", "linear"):
        choose(page, "method", method)
        address(page)
    assert page.evaluate("history.length") == steps


def test_names_of_compared_runs_go_into_the_address(
    rng: np.random.Generator, open_page: OpenPath, tmp_path: Path
) -> None:
    data = simulated_report(rng)
    both = compare_runs(["a & b", "c=d#e"], [data, replace(data, settings_text="[flow]\nlevels = 2\n")])
    path = write(both, tmp_path)
    page = open_page(path)
    choose(page, "method", "c=d#e · snap1")
    assert address(page)["method"] == "c=d#e · snap1"
    where, _, text = page.evaluate("location.href").partition("#")
    at(page, where, text)
    assert page.input_value("#method") == "c=d#e · snap1"
