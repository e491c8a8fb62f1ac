"""Landmarks and reliability in the report, in a real browser, opened from disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion.pixel_weights import weights_of
from cinecast.report import ReportData, compare_runs
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.browser import choose, pixels, traces, wait_until_idle
from helpers.report_data import Simulated, motion_of, runs_measured_apart, simulated_report

pytestmark = pytest.mark.browser

Open = Callable[[ReportData], Page]
FIRST, COUNT = 21, 30  # test frames of the simulated run
SPACING_MM = np.array([1.5, 2.0])  # (x, y)
PLACES = np.array([[4.25, 6.5], [11.0, 17.75]])
LOST = 3  # test frame in which the first landmark was not found


def with_landmarks(data: ReportData, names: tuple[str, str] = ("L01", "L02")) -> ReportData:
    displacements = np.random.default_rng(7).normal(0, 0.8, (2, len(data.sequence.frames), 2))
    displacements[0, data.sequence.split.validation_end + LOST] = np.nan
    displacements[1, :10] *= 2  # moves most in the train span, so it is shown first
    return replace(data, landmarks=Landmarks(names, PLACES, displacements, np.ones(displacements.shape[:2])))


def interpolated(field: NDArray[np.float64], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the vector of a field at a place (x, y) between pixels."""
    (x, y), (right, down) = place.astype(int), place % 1
    above = (1 - right) * field[y, x] + right * field[y, x + 1]
    below = (1 - right) * field[y + 1, x] + right * field[y + 1, x + 1]
    return np.asarray((1 - down) * above + down * below)


def forecast_mm(
    data: ReportData, method: str, horizon: int, number: int, run: int = 0, moved: Any = 0
) -> NDArray[np.float64]:
    """Return the forecast displacements of a landmark over the test frames, shape (frames, 2), mm, (x, y).

    ``moved`` says how far it lies from its place in the reference frame that the forecasts begin from, in pixels.
    """
    entry = next(e for e in data.entries if e.method == method and e.horizon.frames in (horizon, 0))
    motion = motion_of(data.models[entry.model], entry.horizon.frames, drifts=entry.follows_drift)
    fields = [motion.dvf(t, entry.forecasts[run, t]) for t in data.sequence.split.test_frames]
    return np.stack([moved + interpolated(field, PLACES[number] + moved) for field in fields]) * SPACING_MM


def marks(page: Page, kind: str) -> list[tuple[int, float, float]]:
    found = page.evaluate(f"landmarks.marksOn('{kind}').map((mark) => [mark.number, ...mark.place])")
    return [(int(number), x, y) for number, x, y in found]


def drawn_pink(page: Page, panel: int) -> NDArray[np.bool_]:
    """Return where the lines over a panel have the colour of what was followed."""
    red, green, blue = np.moveaxis(pixels(page, f"#panel-{panel} .over").astype(int), -1, 0)
    return np.asarray((red > 200) & (blue > 170) & (green < 190) & (red - green > 60))


def drawn_lines(page: Page, count: int) -> list[list[float | None]]:
    page.wait_for_selector("#landmark-chart.drawn")
    wait_until_idle(page)
    found = traces(page, "landmark-chart")
    assert len(found) == count
    return [trace["y"] for trace in found]


def test_marks_lie_where_landmarks_were_followed_and_where_forecasts_put_them(
    rng: np.random.Generator, open_report: Open
) -> None:
    data = with_landmarks(simulated_report(rng))
    assert data.landmarks is not None
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    choose(page, "sample", "2")
    page.locator("#slider").fill("5")
    for number in (0, 1):
        followed = PLACES[number] + data.landmarks.displacements[number, FIRST + 5]
        put = PLACES[number] + forecast_mm(data, "snap1", 3, number, run=2)[5] / SPACING_MM
        assert marks(page, "reference")[number] == (number, *PLACES[number])
        assert marks(page, "real")[number] == pytest.approx((number, *followed), abs=0.005)
        assert marks(page, "predicted")[number] == pytest.approx((number, *put), abs=1e-3)
        assert marks(page, "error")[number + 2] == marks(page, "predicted")[number]
    assert marks(page, "difference") == []


def test_marks_are_drawn_at_their_places_and_the_box_hides_them(rng: np.random.Generator, open_report: Open) -> None:
    data = with_landmarks(simulated_report(rng))
    page = open_report(data)
    over = page.locator("#panel-2 .over").bounding_box()
    assert over is not None
    scale = over["width"] / 16
    pink = drawn_pink(page, 2)
    for _, x, y in marks(page, "real"):
        row, column = int((y + 0.5) * scale * 2.0 / 1.5), int((x + 0.5) * scale)
        assert pink[max(row - 8, 0) : row + 9, max(column - 8, 0) : column + 9].sum() > 8
    page.locator("#show-landmarks").uncheck()
    assert not drawn_pink(page, 2).any()
    page.locator("#show-landmarks").check()
    assert drawn_pink(page, 2).any()


def test_a_landmark_that_was_not_found_has_no_mark_in_that_frame(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_landmarks(simulated_report(rng)))
    page.locator("#slider").fill(str(LOST))
    for kind in ("real", "predicted"):
        assert [number for number, *_ in marks(page, kind)] == [1]
    page.locator("#slider").fill(str(LOST + 1))
    assert [number for number, *_ in marks(page, "real")] == [0, 1]


def test_the_chart_draws_what_was_followed_measured_and_forecast(rng: np.random.Generator, open_report: Open) -> None:
    data = with_landmarks(simulated_report(rng))
    assert data.landmarks is not None
    assert data.flows[0].dvf is not None
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    choose(page, "sample", "1")
    page.select_option("#landmark", "0")
    lines = drawn_lines(page, 6)  # of each axis, rows first: followed, measured, forecast
    followed = data.landmarks.displacements[0, FIRST:] * SPACING_MM
    measured = np.stack([interpolated(field, PLACES[0]) for field in data.flows[0].dvf]) * SPACING_MM
    forecast = forecast_mm(data, "snap1", 3, 0, run=1)
    for place, axis in ((0, 1), (3, 0)):
        assert lines[place][LOST] is None
        for line, expected in zip(lines[place : place + 3], (followed, measured, forecast), strict=True):
            np.testing.assert_allclose(np.array(line, dtype=float), expected[:, axis], atol=0.0051)
    off = np.nanmean(np.hypot(*(forecast - followed).T))
    words = page.locator("#landmark-words").inner_text()
    assert "L01: found well enough in 8 of 9 test frames." in words
    assert f"Recurrent net (run 2) {off:.2f} mm; the measured motion " in words


def test_the_chart_shows_all_test_frames_of_a_thinned_player(rng: np.random.Generator, open_report: Open) -> None:
    what = Simulated(frame_count=60, test_count=40, horizons=(9,), drifting=("linear",), max_frames=7)
    data = with_landmarks(simulated_report(rng, what))
    page = open_report(data)
    choose(page, "method", "linear")
    assert page.locator("#landmark").input_value() == "1"
    forecast = forecast_mm(data, "linear", 9, 1)
    lines = drawn_lines(page, 6)
    assert {len(line) for line in lines} == {40}
    np.testing.assert_allclose(np.array(lines[2], dtype=float), forecast[:, 1], atol=0.0051)  # as the mean had drifted
    np.testing.assert_allclose(np.array(lines[5], dtype=float), forecast[:, 0], atol=0.0051)


def test_a_click_on_a_mark_shows_that_landmark(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_landmarks(simulated_report(rng)))
    drawn_lines(page, 6)
    before = page.evaluate("cinecast.state.pixel")
    page.locator("#panel-2 .over").scroll_into_view_if_needed()
    box = page.locator("#panel-2 .over").bounding_box()
    assert box is not None
    _, x, y = marks(page, "real")[0]
    place = (box["x"] + (x + 0.5) / 16 * box["width"] + 3, box["y"] + (y + 0.5) / 24 * box["height"] - 3)
    page.mouse.click(*place)
    assert page.locator("#landmark").input_value() == "0"
    page.wait_for_function("document.getElementById('landmark-words').textContent.startsWith('L01')")
    assert page.evaluate("cinecast.state.pixel") == before
    page.locator("#show-landmarks").uncheck()
    page.mouse.click(*place)
    assert page.evaluate("cinecast.state.pixel") != before  # with marks hidden the tissue is followed, as ever


def test_names_of_a_users_list_stay_text(rng: np.random.Generator, open_report: Open) -> None:
    evil = "<img src=x onerror=alert(1)>"
    page = open_report(with_landmarks(simulated_report(rng), (evil, "vein")))
    page.select_option("#landmark", "0")
    page.wait_for_function("document.getElementById('landmark-words').textContent.startsWith('<img')")
    assert page.locator("#landmark option").first.inner_text() == evil


def test_without_landmarks_the_page_says_so(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    assert "No landmark" in page.locator("#without-landmarks").inner_text()
    assert page.locator("#landmark-chart").count() == 0
    assert page.locator("#show-landmarks").count() == 0


def test_a_second_run_is_drawn_against_its_own_measured_motion(rng: np.random.Generator, open_report: Open) -> None:
    first, second = runs_measured_apart(rng)
    first = with_landmarks(first)
    assert first.landmarks is not None
    moved = np.array([0.5, -1.25])
    first.landmarks.displacements[1, 3] = moved  # the second run measures from frame 3
    page = open_report(compare_runs(["a", "b"], [first, second]))
    choose(page, "method", "a \N{MIDDLE DOT} linear")
    choose(page, "second", "b \N{MIDDLE DOT} linear")
    lines = drawn_lines(page, 10)
    assert second.flows[0].dvf is not None
    measured = np.stack([moved + interpolated(field, PLACES[1] + moved) for field in second.flows[0].dvf])
    np.testing.assert_allclose(np.array(lines[2], dtype=float), 2.0 * measured[:, 1], atol=0.0051)
    forecast = forecast_mm(second, "linear", 1, 1, moved=moved)
    np.testing.assert_allclose(np.array(lines[4], dtype=float), forecast[:, 1], atol=0.0051)


def test_a_diverged_run_has_no_line_and_no_mark(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_landmarks(simulated_report(rng, Simulated(diverged=0))))
    choose(page, "method", "snap1")
    assert marks(page, "predicted") == []
    assert drawn_lines(page, 6)[2] == [None] * 9
    assert "Recurrent net" not in page.locator("#landmark-words").inner_text()


# Reliability


def test_the_map_of_reliability_lies_over_the_modes(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    shares = np.ones((24, 16), dtype=np.float32)
    shares[:, 8:] = 0
    page = open_report(replace(data, models=(replace(data.models[0], reliability=shares),)))
    wait_until_idle(page)
    canvas = "#modes figure:first-child .base"
    plain = pixels(page, canvas).astype(int)
    assert (plain.max(axis=-1) == plain.min(axis=-1)).all()
    assert page.locator("#reliability").is_hidden()
    page.locator("#show-reliability").check()
    page.wait_for_selector("#modes[data-reliability='true']")
    assert page.locator("#reliability").is_visible()
    assert "0: says nothing" in page.locator("#reliability .ticks").inner_text()
    red, green, _ = np.moveaxis(pixels(page, canvas).astype(int), -1, 0)
    assert (red == green)[:, :8].all()
    assert (red - green > 40)[:, 8:].all()  # 0.6 of the veil's 90
    page.locator("#show-reliability").uncheck()
    page.wait_for_selector("#modes[data-reliability='false']")
    np.testing.assert_array_equal(pixels(page, canvas), plain)


def test_without_reliability_there_is_no_switch(rng: np.random.Generator, open_report: Open) -> None:
    first, second = runs_measured_apart(rng)
    shares = np.full((24, 16), 0.5, dtype=np.float32)
    trusted = replace(first, models=(replace(first.models[0], reliability=shares),))
    page = open_report(second)
    wait_until_idle(page)
    assert page.locator("#show-reliability").count() == 0
    page = open_report(compare_runs(["a", "b"], [trusted, second]))
    for method, number in [("a \N{MIDDLE DOT} linear", 0), ("b \N{MIDDLE DOT} linear", 1)]:
        choose(page, "method", method)
        page.wait_for_selector(f"#modes[data-model='{number}']")
        assert page.locator("#reliability-choice").is_visible() == (number == 0)


# Of a run


def test_the_report_of_a_run_agrees_with_its_scores(original_run: Path, open_page: Callable[[Path], Page]) -> None:
    page = open_page(original_run / "report" / "index.html")
    wait_until_idle(page)
    frames = art.load_sequence(original_run / "frames").frames
    landmarks = art.load_landmarks(original_run / "landmarks", len(frames))
    assert len(landmarks.names) > 0
    scores = [s for s in read_table(original_run / "score/scores.csv") if s["metric"] == "landmark_error_mean_mm"]
    methods = [s for s in scores if s["method"] not in ("measured", "oracle")]
    assert methods
    # The mean over all landmarks and frames in which they were followed, of the mean over the runs.
    script = """() => {
        const { state } = cinecast, [x, y] = [0, 1], { tracked } = view.shown.tracks, off = [];
        for (let run = 0; run < view.shown.main.own.scoredRuns; run++) {
            tracked.forEach((track, number) => track[x].forEach((right, i) => {
                if (right === null) return;
                const put = landmarks.forecastDisplacement(view.shown.main, run, number, state.numbers.split[1] + i);
                off.push(Math.hypot(put[x] - right, put[y] - track[y][i]));
            }));
        }
        return off.reduce((sum, each) => sum + each, 0) / off.length;
    }"""
    for score in methods:
        choose(page, "method", score["method"])
        choose(page, "horizon", score["horizon_frames"])
        assert page.evaluate(script) == pytest.approx(float(score["value"]), abs=0.005)


def test_the_map_of_a_run_is_what_its_pixels_were_weighted_by(
    original_run: Path, open_page: Callable[[Path], Page]
) -> None:
    page = open_page(original_run / "report" / "index.html")
    wait_until_idle(page)
    shown = np.array(page.evaluate("motion.model(0).then((model) => [...model.reliability])")) / 100
    (folder,) = (original_run / "motion").glob("train_*")
    weights = np.load(folder / "pixel_weights.npy")
    np.testing.assert_allclose(weights_of(shown.reshape(weights.shape)), weights, atol=0.05 * weights.max())
    assert shown.max() <= 1
