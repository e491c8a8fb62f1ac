"""The report in a real browser, opened from disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, sync_playwright

from cinecast.report import ReportData, render_report
from cinecast.report.pictures import grey_window, to_levels
from report_data import UNUSUAL, Simulated, simulated_report

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
Open = Callable[[ReportData], Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return the browser; skip without it, fail under CI=true."""
    if not CHROMIUM.exists():
        reason = f"no browser at {CHROMIUM}; install Debian's chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_report(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that writes a report and opens it; errors and requests to a network fail the test."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else faults.append(request.url),
    )

    def write_and_open(data: ReportData) -> Page:
        write(data, tmp_path)
        page.goto((tmp_path / "index.html").as_uri())
        wait_for_pictures(page)
        page.wait_for_selector("#time-chart.js-plotly-plot")
        return page

    yield write_and_open
    page.close()
    assert faults == []


def write(data: ReportData, folder: Path) -> None:
    for name, content in render_report(data).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def wait_for_pictures(page: Page) -> None:
    page.wait_for_selector("#pictures[data-position]:not([aria-busy])")


def choose(page: Page, control: str, value: str) -> None:
    page.select_option(f"#{control}", value)
    wait_for_pictures(page)


def pixels(page: Page, canvas: str) -> NDArray[np.uint8]:
    """Return the red, green and blue of a canvas, shape (H, W, 3)."""
    image: dict[str, Any] = page.evaluate(
        """id => {
            const canvas = document.getElementById(id);
            const {width, height} = canvas;
            return {width, height, data: [...canvas.getContext("2d").getImageData(0, 0, width, height).data]};
        }""",
        canvas,
    )
    return np.array(image["data"], dtype=np.uint8).reshape(image["height"], image["width"], 4)[..., :3]


def levels(data: ReportData, frames: NDArray[Any]) -> NDArray[np.uint8]:
    split = data.sequence.split
    return to_levels(frames, grey_window(data.sequence.frames[split.validation_end : split.test_end]))


def real_levels(data: ReportData, position: int) -> NDArray[np.uint8]:
    return levels(data, data.sequence.frames[data.sequence.split.validation_end + position])


def predicted_levels(data: ReportData, method: str, horizon: int, position: int) -> NDArray[np.uint8]:
    entry = next(e for e in data.entries if e.method == method and e.horizon.frames in (horizon, 0))
    return levels(data, entry.predicted[position])


def assert_shows(page: Page, canvas: str, expected: NDArray[np.uint8]) -> None:
    shown = pixels(page, canvas)
    for channel in range(3):
        np.testing.assert_array_equal(shown[..., channel], expected)


def test_slider_and_keys_show_the_right_frames(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    assert_shows(page, "real", real_levels(data, 0))
    page.locator("#slider").fill("4")
    assert_shows(page, "real", real_levels(data, 4))
    assert page.locator("#where").inner_text() == "frame 25 · 6.25 s · 5 / 9"
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")
    assert_shows(page, "real", real_levels(data, 5))
    page.locator("#player-heading").click()
    page.locator("#slider").blur()
    for key, position in [("ArrowRight", 6), ("ArrowLeft", 5), ("ArrowLeft", 4)]:
        page.keyboard.press(key)
        assert_shows(page, "real", real_levels(data, position))
    page.locator("#previous").click(click_count=5)
    assert_shows(page, "real", real_levels(data, 8))  # round the start to the last frame


def test_method_and_horizon_change_what_is_predicted(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    page.locator("#slider").fill("2")
    for method, horizon in [
        ("linear", 1),
        ("linear", 3),
        ("snap1", 3),
        ("oracle", 3),
        ("oracle", 1),
        ("persistence", 1),
    ]:
        choose(page, "method", method)
        choose(page, "horizon", str(horizon))
        assert_shows(page, "predicted", predicted_levels(data, method, horizon, 2))
        assert_shows(page, "real", real_levels(data, 2))


def test_words_say_when_the_forecast_was_made(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    words = page.locator("#player-words").inner_text()
    assert "for frame 21 (5.25 s) was forecast 3 frames (0.75 s) earlier, when frame 18 had arrived" in words
    assert "the first of 3 random runs" in words
    choose(page, "method", "oracle")
    assert "Not a forecast" in page.locator("#player-words").inner_text()


def test_scores_of_the_frame_follow_the_slider(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "snap1")
    page.locator("#slider").fill("3")
    entry = next(e for e in data.entries if e.method == "snap1")
    shown = page.locator("#frame-scores tr:nth-child(2) td").all_inner_texts()
    mean, p95, _, ssim, nrmse, _ = entry.frame_scores[0, 3, 1]
    assert shown == [f"{mean:.2f}", f"{p95:.2f}", f"{nrmse:.3f}", f"{ssim:.3f}"]


def test_the_difference_is_signed(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "linear")
    difference = predicted_levels(data, "linear", 1, 0).astype(int) - real_levels(data, 0)
    red, _, blue = np.moveaxis(pixels(page, "difference").astype(int), -1, 0)
    assert (red > blue)[difference > 20].all()
    assert (blue > red)[difference < -20].all()
    assert (red + blue)[difference == 0].max() < 40


def test_pixels_have_their_aspect_and_the_roi_its_place(rng: np.random.Generator, open_report: Open) -> None:
    # 24 rows of 2 mm, 16 columns of 1.5 mm; the ROI covers rows 4 to 19 and columns 2 to 9.
    page = open_report(simulated_report(rng))
    picture = page.locator("#real").bounding_box()
    box = page.locator("#real + .roi").bounding_box()
    assert picture is not None
    assert box is not None
    assert picture["width"] / picture["height"] == pytest.approx(16 * 1.5 / (24 * 2.0), rel=0.01)
    expected = [
        picture["x"] + picture["width"] / 8,
        picture["y"] + picture["height"] / 6,
        picture["width"] / 2,
        picture["height"] * 2 / 3,
    ]
    assert [box["x"], box["y"], box["width"], box["height"]] == pytest.approx(expected, abs=1.5)
    page.locator("#show-roi").uncheck()
    assert page.locator(".roi:visible").count() == 0
    page.locator("#show-roi").check()
    assert page.locator(".roi:visible").count() == 3


def test_play_runs_and_stops(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    page.select_option("#speed", "4")
    page.locator("#play").click()
    page.wait_for_selector("#pictures[data-position='2']")
    page.locator("#play").click()
    assert page.locator("#play").inner_text() == "Play"
    position = page.locator("#slider").input_value()
    page.wait_for_timeout(200)  # three intervals
    assert page.locator("#slider").input_value() == position


def column(page: Page, heading: str) -> list[str]:
    place: int = page.locator(f"th[data-metric={heading}]").evaluate("th => th.cellIndex + 1")
    return page.locator(f"#scores tbody tr:visible > :nth-child({place})").all_inner_texts()


def test_the_table_sorts_and_follows_the_region(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    page.locator("th[data-metric=ssim] button").click()
    ascending = [float(text.split(" ")[0]) for text in column(page, "ssim")]
    page.locator("th[data-metric=ssim] button").click()
    descending = [float(text.split(" ")[0]) for text in column(page, "ssim")]
    assert len(ascending) == 8
    assert ascending == sorted(ascending)
    assert descending == ascending[::-1]
    assert page.locator("th[data-metric=ssim]").get_attribute("aria-sort") == "descending"
    assert page.locator("#scores [aria-sort]").count() == 1
    page.select_option("#region", "image")
    assert column(page, "ssim") != [f"{value:.3f}" for value in descending]
    assert page.locator("th[data-metric=cross_correlation]").is_hidden()
    page.select_option("#columns", "all")
    assert page.locator("th[data-metric=cross_correlation]").is_visible()


def test_rows_without_a_score_stay_last(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, Simulated(roi=None))
    for row in data.scores:
        if row["method"] == "linear":
            row["value"] = ""
    page = open_report(data)
    for _ in range(2):
        page.locator("th[data-metric=ssim] button").click()
        texts = column(page, "ssim")
        assert [text == "\N{EN DASH}" for text in texts] == [False] * 6 + [True] * 2


def traces(page: Page, chart: str) -> list[dict[str, Any]]:
    return list(page.evaluate("id => document.getElementById(id).data.map(({name, y}) => ({name, y: [...y]}))", chart))


def test_charts_draw_the_numbers(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    page.wait_for_function("document.getElementById('weights-chart').data.length === 8")  # band, measured, forecast
    _, _, measured, forecast = traces(page, "weights-chart")[:4]
    np.testing.assert_allclose(measured["y"], entry.weights[:, 0], rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(forecast["y"][20:], entry.forecasts[:, 20:, 0].mean(axis=0), rtol=1e-4)
    assert forecast["y"][0] is None
    drawn = {trace["name"]: trace["y"] for trace in traces(page, "time-chart")}
    assert list(drawn) == ["Persistence", "Linear regression", "Recurrent net", "Oracle"]
    np.testing.assert_allclose(drawn["Recurrent net"], entry.frame_scores[:, :, 1, 0].mean(axis=0), rtol=1e-4)
    assert len(traces(page, "horizon-chart")) == 8  # methods, regions


# Edges of the area in which a chart draws its lines, from the layer that catches the mouse over it.
PLOT_AREA = "chart => chart.querySelector('.draglayer .nsewdrag').getBoundingClientRect().toJSON()"


def test_the_cursor_of_the_charts_follows_the_player(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    page.wait_for_selector("#weights-chart.js-plotly-plot")
    page.locator("#slider").fill("8")  # the last frame, at the right edge of both charts
    for chart in ("weights-chart", "time-chart"):
        area = page.locator(f"#{chart}").evaluate(PLOT_AREA)
        cursor = page.locator(f"#{chart} + .cursor").bounding_box()
        assert cursor is not None
        assert cursor["x"] == pytest.approx(area["right"], abs=2)
    page.locator("#span-test").click()
    page.locator("#slider").fill("0")
    area = page.locator("#weights-chart").evaluate(PLOT_AREA)
    page.wait_for_function(
        "left => Math.abs(document.querySelector('#weights-chart + .cursor').getBoundingClientRect().left - left) < 2",
        arg=area["left"],
    )


def test_no_button_of_a_chart_sends_data_anywhere(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    titles = page.locator("#time-chart .modebar-btn").evaluate_all("buttons => buttons.map(b => b.dataset.title)")
    assert titles == ["Download plot as a PNG", "Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"]


def test_text_of_inputs_runs_nowhere(rng: np.random.Generator, open_report: Open) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    page = open_report(
        simulated_report(rng, Simulated(name=evil, methods=("oracle", evil)), settings_text=evil, versions={evil: evil})
    )
    assert evil in page.locator("h1").inner_text()
    assert page.title().startswith(evil)
    assert page.locator("pre").inner_text() == evil
    assert evil in page.locator("#method option").all_inner_texts()
    assert evil in page.locator("#time-chart .legendtext").all_text_contents()


def test_a_diverged_run_is_said_to_have_no_forecast(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(diverged=True)))
    choose(page, "method", "snap1")
    assert page.locator(".no-forecast:visible").count() == 2
    choose(page, "method", "linear")
    assert page.locator(".no-forecast:visible").count() == 0


def test_the_non_causal_banner_is_visible(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(protocol="published")))
    assert page.locator("#non-causal").is_visible()
    choose(page, "horizon", "3")
    assert "2 frames before it existed (non-causal)" in page.locator("#player-words").inner_text()
    assert any("non-causal" in trace["name"] for trace in traces(page, "time-chart"))


def test_a_dark_page_has_dark_charts(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    colour = "document.getElementById('time-chart').layout.font.color"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{colour} !== '{light}'")


# Grey values reach the browser as levels, so one other type of them is enough here.
@pytest.mark.parametrize("name", [name for name in UNUSUAL if name not in ("uint8", "int16")])
def test_unusual_runs_open_without_errors(rng: np.random.Generator, open_report: Open, name: str) -> None:
    data = simulated_report(rng, UNUSUAL[name])
    page = open_report(data)
    assert_shows(page, "real", real_levels(data, 0))
    assert page.locator("#missing-scripts").is_hidden()
    assert page.locator("#scores tbody tr:visible").count() > 0


def test_a_missing_file_is_named(rng: np.random.Generator, chromium: Browser, tmp_path: Path) -> None:
    write(simulated_report(rng), tmp_path)
    for file in (tmp_path / "assets").glob("frames_*.js"):
        file.unlink()
    page = chromium.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_text('.js is missing: keep the folder "assets" beside this page.').wait_for()
    page.close()


def test_the_page_alone_says_what_it_lacks(rng: np.random.Generator, chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(render_report(simulated_report(rng))["index.html"])
    page = chromium.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    assert page.locator("#missing-scripts").is_visible()
    assert page.locator("#scores tbody tr").count() == 16
    page.close()
