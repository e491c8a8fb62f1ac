"""The player of the report in a real browser, opened from disk: the right pixels, whatever is chosen."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page

from cinecast.pictures import Window
from cinecast.report import ReportData, compare_runs
from cinecast.report.packing import pack_floats
from cinecast.settings import Arithmetic, WarpSettings
from helpers.browser import (
    assert_grey,
    assert_predicted,
    choose,
    pixels,
    predicted,
    real,
    screen,
    show,
    values,
    wait_until_idle,
    window_of,
    write,
)
from helpers.report_data import UNUSUAL, Simulated, field_of, runs_measured_apart, simulated_report

pytestmark = pytest.mark.browser

Open = Callable[[ReportData], Page]
REFERENCE, REAL, PREDICTED, MAP = (f"#panel-{number} .base" for number in (1, 2, 3, 4))
# Vectors are stored in steps of 0.02 mm along each axis, so that their distance is off by at most this, in mm.
STORED_MM = 0.0142


def assert_real(page: Page, data: ReportData, position: int) -> None:
    exact = data.sequence.frames.dtype.kind in "iu"
    assert_grey(page, REAL, screen(real(data, position), window_of(data)), tolerance=0 if exact else 1)


def test_slider_and_keys_show_the_right_frames(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    assert_grey(page, REFERENCE, screen(data.sequence.frames[0], window_of(data)))
    assert_real(page, data, 0)
    page.locator("#slider").fill("4")
    assert_real(page, data, 4)
    assert page.locator("#where").inner_text() == "frame 25 · 6.25 s · 5 / 9"
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")
    assert_real(page, data, 5)
    page.locator("#slider").blur()
    for key, position in [("ArrowRight", 6), ("ArrowLeft", 5), ("Home", 0), ("End", 8), ("ArrowRight", 0)]:
        page.keyboard.press(key)
        assert_real(page, data, position)
    page.locator("#previous").click(click_count=2)
    assert_real(page, data, 7)  # round the start to the last frame but one
    page.locator("#next").click()
    assert_real(page, data, 8)


@pytest.mark.parametrize("arithmetic", ["unit_free", "published"])
def test_predicted_frames_are_those_of_the_warp_stage(
    rng: np.random.Generator, open_report: Open, arithmetic: Arithmetic
) -> None:
    data = simulated_report(rng, Simulated(warp=WarpSettings(arithmetic=arithmetic, half_window=2, sigma=0.7)))
    page = open_report(data)
    page.locator("#slider").fill("2")
    for method, horizon in [("linear", 1), ("linear", 3), ("oracle", 3), ("oracle", 1), ("persistence", 1)]:
        choose(page, "method", method)
        choose(page, "horizon", str(horizon))
        assert_predicted(page, PREDICTED, screen(predicted(data, method, horizon, 2), window_of(data)))
        assert_real(page, data, 2)


def test_a_forecast_is_shown_with_the_drift_known_when_it_was_issued(
    rng: np.random.Generator, open_report: Open
) -> None:
    what = Simulated(frame_count=60, test_count=40, horizons=(1, 9), drifting=("linear",))
    data = simulated_report(rng, what)
    page = open_report(data)
    for position in (0, 2, 3, 11, 12, 39):  # frames 20 to 59: the drifts known change after frames 15, 31 and 47
        page.locator("#slider").fill(str(position))
        for method, horizon in [("linear", 1), ("linear", 9), ("persistence", 1)]:
            choose(page, "method", method)
            choose(page, "horizon", str(horizon))
            expected = predicted(data, method, horizon, position)
            assert_predicted(page, PREDICTED, screen(expected, window_of(data)))
    still = replace(data, entries=tuple(replace(entry, follows_drift=False) for entry in data.entries))
    assert (predicted(data, "linear", 9, 0) != predicted(still, "linear", 9, 0)).any()


def test_each_random_run_is_shown(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "snap1")
    for run in (2, 1, 0):
        choose(page, "sample", str(run))
        assert_predicted(page, PREDICTED, screen(predicted(data, "snap1", 1, 0, run), window_of(data)))
    choose(page, "sample", "2")
    choose(page, "method", "linear")  # it has one run
    assert page.locator("#sample").is_disabled()
    assert_predicted(page, PREDICTED, screen(predicted(data, "linear", 1, 0), window_of(data)))


def test_a_second_method_stands_beside_the_first(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "linear")
    choose(page, "second", "persistence")
    expected = screen(predicted(data, "persistence", 1, 0), window_of(data))
    kinds = "all => all.map(panel => panel.dataset.kind)"
    assert page.eval_on_selector_all(".panel", kinds) == ["real", "predicted", "second", "error"]
    assert_grey(page, "#panel-3 .base", expected, tolerance=1)
    choose(page, "second", "")
    assert page.eval_on_selector_all(".panel", kinds) == ["reference", "real", "predicted", "error"]


def test_errors_of_a_second_method_are_those_against_its_own_runs_motion(
    rng: np.random.Generator, open_report: Open
) -> None:
    first, second = runs_measured_apart(rng)
    page = open_report(compare_runs(["a", "b"], [first, second]))
    choose(page, "method", "a \N{MIDDLE DOT} linear")
    choose(page, "second", "b \N{MIDDLE DOT} snap1")
    page.locator("#slider").fill("4")
    entry = next(e for e in second.entries if e.method == "snap1")
    assert entry.frame_scores is not None
    assert second.flows[0].dvf is not None
    errors = values(page, "view.errors('second-error')")
    assert errors.mean() == pytest.approx(entry.frame_scores[0, 4, 0, 0], abs=STORED_MM)
    arrows = values(page, "view.field('second-real')").reshape(2, 24, 16)
    np.testing.assert_allclose(np.moveaxis(arrows, 0, -1), second.flows[0].dvf[4], atol=STORED_MM)
    show(page, 4, "second-error")
    page.locator("#show-arrows").check()
    over = pixels(page, "#panel-4 .over")
    choose(page, "method", "b \N{MIDDLE DOT} linear")
    np.testing.assert_array_equal(pixels(page, "#panel-4 .over"), over)


def test_the_grey_window_is_one_for_all_frames(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    page.locator("#black").fill("60")
    page.locator("#white").fill("120")
    window = Window(60, 120)
    assert_grey(page, REFERENCE, screen(data.sequence.frames[0], window))
    assert_grey(page, REAL, screen(real(data, 0), window))
    method = page.locator("#method").input_value()
    assert_grey(page, PREDICTED, screen(predicted(data, method, 1, 0), window), tolerance=5)  # one of 60 grey levels
    page.locator("#black").fill("150")  # above white, which moves along
    assert page.evaluate("cinecast.state.window") == [150, 151]
    page.locator("#reset-window").click()
    assert_real(page, data, 0)


def test_the_difference_is_signed_and_scaled(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "linear")
    show(page, 4, "difference")
    difference = predicted(data, "linear", 1, 0).astype(int) - real(data, 0)
    low, high = window_of(data)
    for percent in ("100", "20"):
        page.select_option("#difference-scale", percent)
        red, _, blue = np.moveaxis(pixels(page, MAP).astype(int), -1, 0)
        assert (red > blue)[difference > 10].all()
        assert (blue > red)[difference < -10].all()
        assert (red + blue)[difference == 0].max(initial=0) < 60
        ticks = page.locator("#panel-4 .ticks").inner_text().split("\n")
        reach = math.floor((high - low) * int(percent) / 100 + 0.5)
        assert ticks == [f"\u2264 \N{MINUS SIGN}{reach}", "grey levels", f"\u2265 +{reach}"]


def test_the_value_below_the_pointer_has_its_unit(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "linear")
    row, column = 13, 4
    difference = int(predicted(data, "linear", 1, 0)[row, column]) - int(real(data, 0)[row, column])
    error = values(page, "view.errors('error')").reshape(24, 16)[row, column]
    expected = {
        "real": f"grey level {real(data, 0)[row, column]}",
        "difference": f"{difference:+d} grey levels".replace("-", "\N{MINUS SIGN}"),
        "error": f"{error:.2f} mm",
    }
    for kind, value in expected.items():
        show(page, 4, kind)
        page.locator("#panel-4 .over").scroll_into_view_if_needed()
        box = page.locator("#panel-4 .over").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * (column + 0.5) / 16, box["y"] + box["height"] * (row + 0.5) / 24)
        assert page.locator("#panel-4 .reading").inner_text() == f"row {row}, column {column}: {value}"
    page.mouse.move(1, 1)
    assert page.locator("#panel-4 .reading").inner_text().strip() == ""


def test_without_measured_motion_the_map_is_that_of_grey_levels(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(replace(data, flows=(replace(data.flows[0], dvf=None),)))
    assert page.input_value("#panel-4 select") == "difference"
    assert page.input_value("#mmode-map") == "difference"


def test_error_maps_are_in_mm_and_agree_with_the_scores(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    assert entry.frame_scores is not None
    for run, position in [(0, 0), (1, 4), (2, 8)]:
        choose(page, "sample", str(run))
        page.locator("#slider").fill(str(position))
        shown = values(page, "view.errors('error')").reshape(24, 16)
        assert shown.mean() == pytest.approx(entry.frame_scores[run, position, 0, 0], abs=STORED_MM)
        assert shown[4:20, 2:10].mean() == pytest.approx(entry.frame_scores[run, position, 1, 0], abs=STORED_MM)
        assert shown.max() == pytest.approx(entry.frame_scores[run, position, 0, 2], abs=STORED_MM)
    canvas = show(page, 4, "error")
    page.select_option("#error-scale", "30")
    brightness = pixels(page, canvas).astype(int).sum(axis=-1)
    order = np.argsort(shown.ravel())
    assert brightness.ravel()[order[-1]] > brightness.ravel()[order[0]]
    assert (np.diff(brightness.ravel()[order]) >= -30).all()  # lighter with the error, but for steps of hue
    assert "≥ 30 mm" in page.locator("#panel-4 .ticks").inner_text()


def test_words_say_when_the_forecast_was_made(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    choose(page, "sample", "1")
    words = page.locator("#player-words").inner_text()
    assert "frame 21 (5.25 s) was forecast 3 frames (0.75 s) earlier, when frame 18 had arrived" in words
    assert "run 2 of 3 random runs" in words
    choose(page, "method", "oracle")
    assert "It is no forecast" in page.locator("#player-words").inner_text()


def test_words_say_that_the_motion_of_a_faulty_frame_is_held(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(replace(data, flows=(replace(data.flows[0], held=frozenset({3, 22})),)))
    for position, faulty in ((0, False), (1, True), (2, False)):
        page.locator("#slider").fill(str(position))
        assert ("Its motion was not measured" in page.locator("#player-words").inner_text()) == faulty


def test_scores_of_the_frame_follow_slider_and_run(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "sample", "1")
    page.locator("#slider").fill("3")
    entry = next(e for e in data.entries if e.method == "snap1")
    assert entry.frame_scores is not None
    shown = page.locator("#frame-scores tr:nth-child(2) td").all_inner_texts()
    mean, p95, _, ssim, nrmse, _ = entry.frame_scores[1, 3, 1]
    assert shown == [f"{mean:.2f}", f"{p95:.2f}", f"{nrmse:.3f}", f"{ssim:.3f}"]


def test_swipe_blink_and_overlay_show_two_frames_in_one_place(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "linear")
    stage = "#stage .base"
    first, second = (screen(frame, window_of(data)) for frame in (real(data, 0), predicted(data, "linear", 1, 0)))
    page.locator(".segments").get_by_text("Swipe").click()
    page.locator("#swipe").fill("25")
    assert_predicted(page, stage, np.concatenate([first[:, :4], second[:, 4:]], axis=1))
    page.locator("#play").scroll_into_view_if_needed()
    box = page.locator("#stage .over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] - 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + box["height"] - 20)
    page.mouse.up()
    assert_predicted(page, stage, np.concatenate([first[:, :12], second[:, 12:]], axis=1))
    page.locator(".segments").get_by_text("Overlay").click()
    red, green, blue = np.moveaxis(pixels(page, stage).astype(int), -1, 0)
    assert np.abs(red - first).max() == 0
    assert np.abs(blue - second).max() <= 5
    assert np.mean(np.abs(blue - second) > 1) <= 0.02
    assert np.abs(green - (red + blue) // 2).max() == 0
    page.locator(".segments").get_by_text("Blink").click()
    for kind, expected in [("predicted", second), ("real", first)]:
        assert_predicted(
            page, stage, expected, condition=f"document.querySelector('#stage').dataset.shows === '{kind}'"
        )
    page.select_option("#stage-first", "reference")
    page.wait_for_selector("#stage[data-shows=reference]")
    assert page.locator("#panel-1").is_hidden()
    assert page.locator("#panel-4").is_visible()
    page.locator(".segments").get_by_text("Side by side").click()
    assert page.locator("#stage").is_hidden()
    assert page.locator("#panel-1").is_visible()


def drawn(page: Page, panel: int) -> int:
    """Return how many pixels of the lines over a panel are drawn."""
    counted = page.eval_on_selector(
        f"#panel-{panel} .over",
        """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
            .filter((value, i) => i % 4 === 3 && value > 0).length""",
    )
    return int(counted)


def test_arrows_and_grid_are_drawn_over_the_frames(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    show(page, 4, "error")
    before = [drawn(page, panel) for panel in (1, 2, 3, 4)]
    page.locator("#show-arrows").check()
    arrows = [drawn(page, panel) for panel in (1, 2, 3, 4)]
    assert arrows[0] == before[0]  # nothing moves in the reference frame
    assert all(now > old + 100 for now, old in zip(arrows[1:], before[1:], strict=True))
    page.select_option("#arrow-scale", "4")
    assert drawn(page, 2) > arrows[1]
    page.locator("#show-arrows").uncheck()
    page.locator("#show-grid").check()
    assert all(drawn(page, panel) > old + 100 for panel, old in zip((1, 2, 3, 4), before, strict=True))


def test_pixels_have_their_aspect_and_the_roi_its_place(rng: np.random.Generator, open_report: Open) -> None:
    # 24 rows of 2 mm, 16 columns of 1.5 mm; the ROI covers rows 4 to 19 and columns 2 to 9.
    page = open_report(simulated_report(rng))
    picture = page.locator(REAL).bounding_box()
    box = page.locator("#panel-2 .roi").bounding_box()
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
    assert page.locator(".roi:visible").count() == 5  # four panels and the place of the line


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


def test_a_diverged_run_is_said_to_have_no_forecast(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(diverged=0)))
    choose(page, "method", "snap1")
    assert page.locator(".no-forecast:visible").all_inner_texts() == ["no forecast: this run diverged"] * 2
    assert pixels(page, PREDICTED).max() == 0
    choose(page, "sample", "1")
    assert page.locator(".no-forecast:visible").count() == 0


def click_at(page: Page, panel: int, x: float, y: float) -> None:
    box = page.locator(f"#panel-{panel} .over").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + (x + 0.5) / 16 * box["width"], box["y"] + (y + 0.5) / 24 * box["height"])


def test_a_click_follows_the_tissue_under_the_pointer(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    click_at(page, 1, 7, 12)
    assert page.evaluate("cinecast.state.pixel") == [7, 12]
    choose(page, "method", "oracle")
    shift = field_of(data.models[0], data.models[0].weights[21])[12, 7]
    click_at(page, 3, 7 + shift[0], 12 + shift[1])  # where the oracle's frame shows the tissue of that pixel
    assert page.evaluate("cinecast.state.pixel") == [7, 12]


@pytest.mark.parametrize("name", list(UNUSUAL))
def test_unusual_runs_are_shown_whole(rng: np.random.Generator, open_report: Open, name: str) -> None:
    data = simulated_report(rng, UNUSUAL[name])
    page = open_report(data)
    assert_real(page, data, 0)
    page.locator("#next").click()
    assert_real(page, data, 1 % UNUSUAL[name].test_count)
    wait_until_idle(page)
    assert page.locator(".chart.drawn").count() >= 5


def test_a_long_sequence_is_thinned_evenly(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, Simulated(max_frames=4))
    page = open_report(data)
    page.locator("#slider").fill("2")
    assert_real(page, data, 6)
    assert "one test frame in 3" in page.locator(".note").first.inner_text()


def test_the_screen_shows_the_pixels_of_the_frame(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    page.locator("#show-roi").uncheck()
    page.evaluate(
        "document.querySelectorAll('.over').forEach(canvas => { canvas.style.opacity = 0; })"
    )  # the mark of the pixel
    shot = Image.open(io.BytesIO(page.locator("#panel-2 .picture").screenshot())).convert("L")
    expected = screen(real(data, 0), window_of(data))
    for row, column in [(0, 0), (5, 3), (12, 8), (20, 15), (23, 1)]:
        place = (int((column + 0.5) * shot.width / 16), int((row + 0.5) * shot.height / 24))
        assert shot.getpixel(place) == pytest.approx(expected[row, column], abs=2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, 'assets/frames.js is missing: keep the folder "assets" beside this page.'),
        ("void 0;", "assets/frames.js is damaged: write the report again."),
    ],
)
def test_without_its_frames_the_page_says_why_and_draws_its_charts(
    rng: np.random.Generator, pages: BrowserContext, tmp_path: Path, content: str | None, words: str
) -> None:
    start = write(simulated_report(rng), tmp_path)
    (tmp_path / "assets" / "frames.js").unlink()
    if content is not None:
        (tmp_path / "assets" / "frames.js").write_text(content)
    page = pages.new_page()
    page.goto(start.as_uri())
    page.wait_for_selector("#horizon-chart.drawn")
    assert page.locator("#player-words").inner_text() == words
    page.close()


def test_without_threads_the_page_does_their_work(
    rng: np.random.Generator, pages: BrowserContext, tmp_path: Path
) -> None:
    data = simulated_report(rng)
    page = pages.new_page()
    page.add_init_script("delete window.Worker")
    page.goto(write(data, tmp_path).as_uri())
    wait_until_idle(page)
    assert_real(page, data, 0)
    assert page.get_attribute("#mmode", "data-entry") == page.get_attribute("#pictures", "data-entry") != ""
    assert page.locator(".chart.drawn").count() >= 5
    page.close()


@pytest.mark.parametrize(("count", "asked"), [(1000, 0), (400_000, 1)])
def test_what_is_large_is_unpacked_beside_the_page(
    rng: np.random.Generator, pages: BrowserContext, tmp_path: Path, count: int, asked: int
) -> None:
    given = rng.normal(size=(1, 1, count)).astype(np.float32)
    page = pages.new_page()
    page.add_init_script(
        """window.asked = 0;
        window.Worker = class extends Worker { postMessage(...given) { asked += 1; super.postMessage(...given); } };"""
    )
    page.goto(write(simulated_report(rng), tmp_path).as_uri())
    wait_until_idle(page)
    before = page.evaluate("asked")
    unpacked = page.evaluate("async (packed) => [...await unpack.floats(packed)]", pack_floats(given))
    assert np.array_equal(np.array(unpacked, dtype=np.float32), given.ravel())
    assert page.evaluate("asked") == before + asked
    page.close()
