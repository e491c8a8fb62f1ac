"""The report and the figure of a series: what they show of forecasts, bands, gaps and units, in a real browser."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from cinecast.store.tables import read_numbers, write_table
from helpers.browser import traces
from helpers.command_line import call_cli, made_at, redone, succeed

LOCAL = ("file:", "data:", "blob:")
OPTIONS = ("--method", "rls", "--method", "linear", "--horizon", "0.3s", "--horizon", "5", "--unit", "mm")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace of two columns at 10 Hz with a short and a long gap in its test span, one name of which is markup."""
    path = tmp_path_factory.mktemp("series") / "belt.csv"
    times = np.arange(300) / 10
    noise = np.random.default_rng(3).normal(0, 0.1, (300, 2))
    samples = np.stack([4 * np.sin(1.6 * times), np.cos(1.6 * times)], axis=1) + noise
    kept = np.r_[0:220, 223:240, 260:300]
    write_table(path, ("time_s", "<b>up</b>", "side"), np.column_stack([times, samples])[kept].tolist())
    return path


@pytest.fixture(scope="module")
def finished(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "out"
    succeed("series", recording, "--out", out, *OPTIONS, "--figure", out.parent / "figure.svg")
    return out


@pytest.fixture
def open_series(pages: BrowserContext) -> Iterator[Callable[[Path], Page]]:
    """A function that opens the report of a series; errors and requests to a network fail the test."""
    page = pages.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(LOCAL) else faults.append(request.url))

    def open_from_disk(report: Path) -> Page:
        page.goto((report / "index.html").as_uri())
        page.wait_for_selector("#trace-chart[data-shown]")
        return page

    yield open_from_disk
    page.close()
    assert faults == []


@pytest.fixture
def page(finished: Path, tmp_path: Path, open_series: Callable[[Path], Page]) -> Page:
    """The report alone, at another place."""
    return open_series(Path(shutil.copytree(finished / "report", tmp_path / "report")))


def table(finished: Path, key: str, name: str) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    columns, numbers = read_numbers(finished / key / name)
    return dict(zip(columns, numbers.T, strict=True))


@pytest.mark.browser
def test_the_chart_draws_samples_forecasts_and_bands(finished: Path, page: Page) -> None:
    page.select_option("#method", "linear")
    page.select_option("#horizon", "5")
    page.select_option("#object", "1")
    page.wait_for_selector("#trace-chart[data-shown='linear 5 1']")
    low, high, recorded, forecast, filled = traces(page, "trace-chart")
    own = table(finished, "forecast/linear/h005", "forecasts.csv")
    first = round(forecast["x"][0] * 10)
    expected = {int(t): value for t, value in zip(own["sample"], own["side"], strict=True) if t >= first}
    drawn = {first + i: value for i, value in enumerate(forecast["y"]) if value is not None}
    assert drawn.keys() == expected.keys()
    np.testing.assert_allclose([drawn[t] for t in expected], list(expected.values()), rtol=1e-4)
    limits = table(finished, "forecast/linear/h005", "bands.csv")
    inside = limits["sample"] >= first
    edges = sorted(value for value in low["y"] + high["y"] if value is not None)
    stated = sorted([*limits["side_low"][inside], *limits["side_high"][inside]])
    assert edges[0] == pytest.approx(stated[0], rel=1e-4)
    assert edges[-1] == pytest.approx(stated[-1], rel=1e-4)
    assert [i for i, value in enumerate(recorded["y"]) if value is None] == [*range(220, 223), *range(240, 260)]
    assert [i for i, value in enumerate(filled["y"]) if value is not None] == [*range(219, 224)]


@pytest.mark.browser
def test_the_legend_switches_a_line_in_all_panels(tmp_path: Path, open_series: Callable[[Path], Page]) -> None:
    times = np.arange(200) / 10
    samples = np.stack([np.sin(1.6 * times + phase) for phase in range(3)], axis=1)
    write_table(tmp_path / "marker.csv", ("time_s", "m_x", "m_y", "m_z"), np.column_stack([times, samples]).tolist())
    options = ("--method", "linear", "--horizon", "3", "--unit", "mm")
    succeed("series", tmp_path / "marker.csv", "--out", tmp_path / "out", *options)
    page = open_series(tmp_path / "out" / "report")
    page.locator("#trace-chart .chart-key-entry").filter(has_text="recorded").click()
    script = """chart => plots.of(chart).map((u) =>
        u.drawn.filter((_, i) => !u.series[i + 1].show).map(({ name }) => name))"""
    assert page.eval_on_selector("#trace-chart", script) == [["recorded"]] * 3


@pytest.mark.browser
def test_the_page_fits_a_screen_and_a_phone(page: Page) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(f"document.documentElement.scrollWidth === {width}")  # charts follow a moment later


@pytest.mark.browser
def test_the_tables_are_those_of_the_scores(finished: Path, page: Page) -> None:
    with (finished / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    (stated,) = [r for r in rows if (r["method"], r["horizon_frames"], r["metric"]) == ("linear", "5", "inside")]
    headings = page.locator("#scores thead th").all_inner_texts()
    lines = [line.locator("th, td").all_inner_texts() for line in page.locator("#scores tbody tr").all()]
    shown = lines[[line[1] for line in lines].index("linear", 3)][headings.index("Inside band")]
    assert float(shown) == pytest.approx(float(stated["value"]), abs=5e-4)
    assert [heading.split() for heading in headings if "RMSE" in heading] == [["RMSE", "mm"], ["nRMSE"]]


def test_gaps_and_clock_are_said(finished: Path) -> None:
    text = (finished / "report" / "index.html").read_text()
    assert "23 samples: 3 filled in, 20 in 1 long gap<" in text
    assert "<tr><td>23.900</td><td>26.000</td><td>20</td></tr>" in text
    assert "belt.csv: times from column" in text
    assert "<b>up</b>" not in text


def test_the_figure_has_the_unit_and_is_the_same_twice(recording: Path, finished: Path, tmp_path: Path) -> None:
    drawn = (finished.parent / "figure.svg").read_bytes()
    assert b"side (mm)" in drawn
    assert b"0.30 s ahead" in drawn
    before = made_at(finished)
    succeed("series", recording, "--out", finished, *OPTIONS, "--figure", tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_bytes() == drawn
    assert redone(before, finished) == set()


def test_a_figure_of_an_unknown_kind_is_refused_before_anything_is_done(recording: Path, tmp_path: Path) -> None:
    outcome = call_cli("series", recording, "--out", tmp_path / "out", *OPTIONS, "--figure", tmp_path / "figure.doc")
    assert outcome.code == 2
    assert "a figure must end in .pdf, .svg, .png, got 'figure.doc'" in outcome.sentence
    assert not (tmp_path / "out").exists()


def test_another_unit_is_another_page_and_no_other_forecast(recording: Path, finished: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(finished, tmp_path / "out"))
    before = made_at(out)
    printed = succeed("series", recording, "--out", out, *OPTIONS[:-1], "cm")
    assert "Errors in cm" in printed
    assert redone(before, out) == {"report"}


@pytest.mark.browser
def test_a_forecast_that_comes_late_is_not_drawn_over_what_was_chosen_since(page: Page) -> None:
    shown = page.get_attribute("#trace-chart", "data-shown")
    assert shown is not None
    method, horizon, _ = shown.split()
    other = "linear" if method == "rls" else "rls"
    # The script of the other method waits until the first one is chosen again.
    script = """([method, other]) => new Promise((resolve) => {
        const select = document.getElementById("method");
        const choose = (value) => { select.value = value; select.dispatchEvent(new Event("change")); };
        const own = document.head.append;
        document.head.append = (script) => {
            document.head.append = own;
            choose(method);
            script.addEventListener("load", () => setTimeout(resolve, 100));
            setTimeout(() => own.call(document.head, script), 100);
        };
        choose(other);
    })"""
    page.evaluate(script, [method, other])
    assert page.get_attribute("#trace-chart", "data-shown") == shown
    assert f"{method}, 0.30 s ahead" in page.locator("#trace-chart .chart-key-entry").all_inner_texts()
    page.select_option("#method", other)
    page.wait_for_selector(f"#trace-chart[data-shown='{other} {horizon} 0']")


@pytest.mark.browser
def test_samples_far_from_zero_and_times_of_a_clock_are_drawn_as_they_are(
    tmp_path: Path, open_series: Callable[[Path], Page]
) -> None:
    times = 1.7e9 + np.arange(200) / 8
    samples = 1e5 + 3 * np.sin(1.6 * times) + np.random.default_rng(0).normal(0, 0.1, 200)
    write_table(tmp_path / "far.csv", ("time_s", "far"), np.column_stack([times, samples]).tolist())
    succeed("series", tmp_path / "far.csv", "--out", tmp_path / "out", "--method", "linear", "--horizon", "3")
    page = open_series(tmp_path / "out/report")
    recorded, forecast = (
        each for each in traces(page, "trace-chart") if each["name"].startswith(("recorded", "linear"))
    )
    np.testing.assert_allclose(recorded["y"], samples, rtol=0, atol=1e-4)
    np.testing.assert_allclose(np.diff(recorded["x"]), 0.125, rtol=0, atol=2e-6)
    own = table(tmp_path / "out", "forecast/linear/h003", "forecasts.csv")
    known = [value for value in forecast["y"] if value is not None]
    np.testing.assert_allclose(known, own["far"][-len(known) :], rtol=0, atol=1e-4)
    box = page.locator("#trace-chart .u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 40, steps=3)
    page.wait_for_selector("#trace-chart .chart-reading:not([hidden])")
    said = page.locator("#trace-chart .chart-reading-row").first.inner_text().removeprefix("recorded: ")
    assert np.abs(samples - float(said)).min() < 0.006
    assert "." in said
    assert page.locator("#trace-chart .chart-title").inner_text() == "far"


def test_a_small_half_range_is_never_a_false_zero(recording: Path, tmp_path: Path) -> None:
    # Nets that hardly learn hardly differ: "1.000 ± 0.000" would say that all runs are the same.
    alike = ("--set", "snap1.learning_rate=1e-6", "--set", "snap1.weight_std=1e-3")
    succeed("series", recording, "--out", tmp_path, "--method", "snap1", "--runs", "2", "--horizon", "5", *alike)
    with (tmp_path / "scores.csv").open() as file:
        row = next(r for r in csv.DictReader(file) if (r["method"], r["metric"]) == ("snap1", "nrmse"))
    assert 0 < float(row["half_range_95"]) < 5e-4
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert f"{float(row['value']):.3f} ± &lt;0.001" in page
