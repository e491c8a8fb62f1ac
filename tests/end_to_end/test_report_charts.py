"""M-mode, charts, tables and texts of the report in a real browser, opened from disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from cinecast.report import ReportData, compare_runs
from cinecast.report.breathing import busiest_column, phases_of
from cinecast.report.data import ReportFlow
from cinecast.score import mean_by_phase
from helpers.browser import (
    assert_grey,
    assert_predicted,
    choose,
    pixels,
    predicted,
    real,
    screen,
    traces,
    wait_until_idle,
    window_of,
)
from helpers.report_data import TITLES, UNUSUAL, Simulated, field_of, runs_measured_apart, simulated_report, with_modes

pytestmark = pytest.mark.browser

Open = Callable[[ReportData], Page]


# M-mode and pixel


def wait_for_line(page: Page, line: str) -> None:
    page.wait_for_selector(f"#mmode[data-line='{line}']")


def test_the_m_mode_is_one_line_of_every_frame(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "linear")
    wait_until_idle(page)
    column = busiest_column(data.models[0], data.sequence.roi)
    wait_for_line(page, f"column {column}")
    assert_strips(page, data, lambda frame: frame[:, column])
    page.locator("#line-at").fill("3")
    wait_for_line(page, "column 3")
    assert_strips(page, data, lambda frame: frame[:, 3])
    page.select_option("#line-along", "row")
    page.locator("#line-at").fill("20")
    wait_for_line(page, "row 20")
    assert_strips(page, data, lambda frame: frame[20])


def assert_strips(page: Page, data: ReportData, line_of: Callable[[np.ndarray], np.ndarray]) -> None:  # type: ignore[type-arg]
    window = window_of(data)
    reals = np.stack([screen(line_of(real(data, i)), window) for i in range(9)], axis=1)
    forecasts = np.stack([screen(line_of(predicted(data, "linear", 1, i)), window) for i in range(9)], axis=1)
    assert_grey(page, "#mmode-real", reals)
    assert_predicted(page, "#mmode-predicted", forecasts)


def test_the_m_mode_shows_either_error(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    before = pixels(page, "#mmode-error")
    assert page.locator("#mmode-error-words").inner_text().endswith("mm or more")
    page.select_option("#mmode-map", "difference")
    page.wait_for_function("document.getElementById('mmode-error-words').textContent.includes('grey levels')")
    assert (pixels(page, "#mmode-error") != before).any()


def test_the_line_is_dragged_and_a_strip_moves_the_player(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    page.locator("#locator").scroll_into_view_if_needed()
    box = page.locator("#locator .over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 2.5 / 16, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 12.5 / 16, box["y"] + 30)
    page.mouse.up()
    wait_for_line(page, "column 12")
    strip = page.locator("#mmode-real").bounding_box()
    assert strip is not None
    page.mouse.click(strip["x"] + strip["width"] * 6.5 / 9, strip["y"] + 10)
    assert page.locator("#slider").input_value() == "6"


def motion_of_pixel(page: Page, row: int, column: int) -> list[dict[str, Any]]:
    """Ask for the motion of a pixel and return what is drawn of it."""
    page.locator("#pixel-row").fill(str(row))
    page.locator("#pixel-column").fill(str(column))
    page.locator("#pixel-column").press("Enter")
    page.wait_for_selector(f"#pixel-chart[data-pixel='{row},{column}']")
    return traces(page, "pixel-chart")


def test_the_motion_of_a_pixel_is_drawn_in_mm(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "sample", "1")
    wait_until_idle(page)
    drawn = motion_of_pixel(page, 10, 6)
    assert [trace["name"] for trace in drawn] == ["measured", "Recurrent net"] * 2
    assert data.flows[0].dvf is not None
    measured = data.flows[0].dvf[:, 10, 6].astype(float)
    weights = next(e for e in data.entries if e.method == "snap1").forecasts[1, 21:]
    forecast = np.stack([field_of(data.models[0], w)[10, 6] for w in weights])
    for trace, axis, expected in [(0, 1, measured), (1, 1, forecast), (2, 0, measured), (3, 0, forecast)]:
        np.testing.assert_allclose(drawn[trace]["y"], expected[:, axis] * (1.5, 2.0)[axis], atol=0.011)
    distance = np.hypot(*((measured - forecast) * (1.5, 2.0)).T)
    assert f"error of the forecast is {np.sqrt((distance**2).mean()):.1f}" in page.locator("#pixel-words").inner_text()


def test_where_motion_is_held_nothing_is_drawn_as_measured_nor_counted(
    rng: np.random.Generator, open_report: Open
) -> None:
    data = simulated_report(rng)
    page = open_report(replace(data, flows=(replace(data.flows[0], held=frozenset({3, 24})),)))
    choose(page, "method", "linear")
    wait_until_idle(page)
    drawn = motion_of_pixel(page, 10, 6)
    assert data.flows[0].dvf is not None
    measured = data.flows[0].dvf[:, 10, 6].astype(float)
    measured[3] = np.nan  # frame 24 of the test span from 21 on
    weights = next(e for e in data.entries if e.method == "linear").forecasts[0, 21:]
    forecast = np.stack([field_of(data.models[0], w)[10, 6] for w in weights])
    np.testing.assert_allclose([np.nan if y is None else y for y in drawn[0]["y"]], measured[:, 1] * 2.0, atol=0.011)
    distance = np.hypot(*((measured - forecast) * (1.5, 2.0)).T)
    expected = np.sqrt(np.nanmean(distance**2))
    assert float(page.locator("#pixel-chart").get_attribute("data-error") or "nan") == pytest.approx(
        expected, abs=0.011
    )
    first_mode = next(trace for trace in traces(page, "weights-chart") if trace["name"] == "measured")
    assert [i for i, y in enumerate(first_mode["y"]) if y is None] == [3, 24]
    assert page.locator("#mmode-error-words").inner_text().endswith("mm or more; green: not known")
    green = (pixels(page, "#mmode-error")[..., :3] == (84, 130, 112)).all(axis=2)
    assert green.all(axis=0).tolist() == [column == 3 for column in range(9)]
    assert not green[:, [*range(3), *range(4, 9)]].any()  # black there would be an error of 0 mm


def test_references_of_compared_runs_are_told_apart(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(compare_runs(["a", "b"], list(runs_measured_apart(rng))))
    looks = page.evaluate(
        """cinecast.methods().filter(({ reference }) => reference).map(({ name }) => {
            const { colour, dash, mark } = charts.styleOf(name);
            return [name, colour, dash, mark];
        })"""
    )
    assert {name.split(" ")[0] for name, *_ in looks} == {"a", "b"}
    assert len(looks) == 4
    for kind in ("persistence", "oracle"):
        own = [look for look in looks if look[0].endswith(kind)]
        assert len({colour for _, colour, _, _ in own}) == 1
        assert len({dash for _, _, dash, _ in own}) == len({mark for _, _, _, mark in own}) == 2


def test_the_motion_of_a_pixel_is_that_of_each_run_compared(rng: np.random.Generator, open_report: Open) -> None:
    first, second = runs_measured_apart(rng)
    page = open_report(compare_runs(["a", "b"], [first, second]))
    choose(page, "method", "a \N{MIDDLE DOT} linear")
    names = [trace["name"] for trace in traces(page, "pixel-chart")]
    assert names == ["measured", "a \N{MIDDLE DOT} Linear regression"] * 2
    choose(page, "second", "b \N{MIDDLE DOT} linear")
    wait_until_idle(page)
    drawn = motion_of_pixel(page, 10, 6)
    assert [trace["name"] for trace in drawn[:2]] == ["measured", "measured, second method's run"]
    for trace, run in zip(drawn, (first, second), strict=False):
        assert run.flows[0].dvf is not None
        np.testing.assert_allclose(trace["y"], run.flows[0].dvf[:, 10, 6, 1] * 2.0, atol=0.011)


# Charts


def test_charts_draw_the_numbers(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    assert entry.frame_scores is not None
    wait_until_idle(page)
    below, above, low, high, measured, forecast = traces(page, "weights-chart")[:6]
    np.testing.assert_allclose(measured["y"], data.models[0].weights[:, 0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(forecast["y"][20:], entry.forecasts[:, 20:, 0].mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(low["y"][20:], entry.forecasts[:, 20:, 0].min(axis=0), rtol=1e-4)
    np.testing.assert_allclose(high["y"][20:], entry.forecasts[:, 20:, 0].max(axis=0), rtol=1e-4)
    assert forecast["y"][0] is None
    assert entry.bands is not None
    radius = entry.bands.weight_radius[:, 21:, 0].mean(axis=0)
    np.testing.assert_allclose(above["y"][21:], entry.forecasts[:, 21:, 0].mean(axis=0) + radius, rtol=1e-3, atol=0.01)
    np.testing.assert_allclose(below["y"][21:], entry.forecasts[:, 21:, 0].mean(axis=0) - radius, rtol=1e-3, atol=0.01)
    assert above["name"] == "90 % band"
    drawn = {trace["name"]: trace["y"] for trace in traces(page, "time-chart")}
    assert list(drawn) == ["Persistence", "Linear regression", "Recurrent net", "Oracle"]
    errors = entry.frame_scores[:, :, 1, 0].mean(axis=0)
    np.testing.assert_allclose(drawn["Recurrent net"], errors, rtol=1e-4)
    assert len(traces(page, "horizon-chart")) == 8  # methods, regions
    distribution = {trace["name"]: trace for trace in traces(page, "distribution-chart")}["Recurrent net"]
    of_own = np.searchsorted(distribution["x"], np.sort(errors) * (1 + 1e-4), side="right") - 1
    np.testing.assert_allclose(np.array(distribution["x"])[of_own], np.sort(errors), rtol=1e-4)
    np.testing.assert_allclose(np.array(distribution["y"])[of_own], 100 * np.arange(1, 10) / 9)


def test_the_distribution_of_many_errors_has_places_for_the_pixels(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, Simulated(frame_count=1700, test_count=1600, shape=(8, 8), roi=None, horizons=(1,)))
    page = open_report(data)
    wait_until_idle(page)
    errors = {
        e.method: np.sort(e.frame_scores[:, :, 0, 0].mean(axis=0)) for e in data.entries if e.frame_scores is not None
    }
    largest = max(own[-1] for own in errors.values())
    drawn = {trace["name"]: trace for trace in traces(page, "distribution-chart")}
    for method, name in TITLES.items():
        x, y = np.array(drawn[name]["x"]), np.array(drawn[name]["y"])
        assert len(x) <= 5001
        assert x[-1] == pytest.approx(largest, rel=1e-4)
        nearest = np.searchsorted(x, errors[method] * (1 - 1e-4))  # no error is moved by more than a part of a pixel
        assert (x[nearest] - errors[method] < largest / 4000).all()
        shares = 100 * np.searchsorted(errors[method], x * (1 + 1e-6), side="right") / len(errors[method])
        np.testing.assert_allclose(y, shares, atol=0.3)


@pytest.mark.parametrize("unusual", ["oracle alone", "one horizon", "a diverged run"])
def test_every_point_against_horizon_is_in_sight(rng: np.random.Generator, open_report: Open, unusual: str) -> None:
    page = open_report(simulated_report(rng, replace(UNUSUAL[unusual], landmarks=2)))
    wait_until_idle(page)
    outside = """(chart) => plots.of(chart).flatMap(({ scales: { x, y }, data: [places, ...lines] }) => {
        const isIn = ([place, value]) => x.min < place && place < x.max && y.min <= value && value < y.max;
        const points = lines.flatMap((line) => Array.from(line, (value, i) => [places[i], value]));
        return points.filter(([, value]) => value !== null && value !== undefined).filter((point) => !isIn(point));
    })"""
    assert page.eval_on_selector("#horizon-chart", outside) == []
    assert len(traces(page, "horizon-chart")) > 2


def test_times_of_a_clock_are_drawn_as_they_are(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    times = data.sequence.times_s + 1.7e9
    page = open_report(replace(data, sequence=replace(data.sequence, times_s=times)))
    wait_until_idle(page)
    np.testing.assert_allclose(np.array(traces(page, "time-chart")[0]["x"]) - 1.7e9, times[-9:] - 1.7e9, atol=1e-5)


def test_the_time_of_a_single_frame_is_in_the_middle(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, UNUSUAL["one test frame"])
    page = open_report(data)
    wait_until_idle(page)
    for chart in ("time-chart", "pixel-chart", "coverage-chart"):
        scales = page.eval_on_selector(
            f"#{chart}", "(chart) => plots.of(chart).map(({ scales: { x } }) => [x.min, x.max])"
        )
        assert scales == [[6.75, 7.75]] * len(scales), chart
    assert data.sequence.times_s[-1] == 7.25


def test_a_run_that_diverged_half_way_is_no_part_of_a_chart(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, Simulated(diverged=5))
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    assert entry.frame_scores is not None
    assert entry.bands is not None
    wait_until_idle(page)
    below, above, low, high, _, forecast = traces(page, "weights-chart")[:6]
    kept = entry.forecasts[1:, 20:, 0]
    np.testing.assert_allclose(forecast["y"][20:], kept.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(low["y"][20:], kept.min(axis=0), rtol=1e-4)
    np.testing.assert_allclose(high["y"][20:], kept.max(axis=0), rtol=1e-4)
    assert high["name"] == "smallest to largest of 2 runs"
    radius = np.subtract(above["y"][21:], below["y"][21:]) / 2
    np.testing.assert_allclose(radius, entry.bands.weight_radius[1:, 21:, 0].mean(axis=0), rtol=1e-3, atol=0.01)
    assert "1 of 3 random runs diverged and are left out" in page.locator("#weights-words").inner_text()
    drawn = {trace["name"]: trace["y"] for trace in traces(page, "time-chart")}
    np.testing.assert_allclose(drawn["Recurrent net"], entry.frame_scores[1:, :, 1, 0].mean(axis=0), rtol=1e-4)


def test_errors_lie_in_their_part_of_the_breathing_cycle(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, Simulated(frame_count=60, test_count=36))
    page = open_report(data)
    choose(page, "method", "linear")
    wait_until_idle(page)
    drawn = {trace["name"]: trace for trace in traces(page, "phase-chart")}["Linear regression"]
    entry = next(e for e in data.entries if e.method == "linear")
    assert entry.frame_scores is not None
    # Mode 1 moves down as 100 sin(2 pi t / 12): lowest at t = 3, 15, 27, 39, 51.
    # Frame 51 ends the last breath of the span, as phase 1: the last part, as in `cinecast.score.mean_by_phase`.
    phases = np.append((np.arange(24, 51) - 3) % 12, 12) / 12
    errors = entry.frame_scores[0, :28, 1, 0]
    np.testing.assert_allclose(drawn["y"], mean_by_phase(errors, phases, 8), rtol=1e-4)
    assert "28 of 36 test frames" in page.locator("#phase-words").inner_text()


def test_without_a_whole_breath_the_page_says_so(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(frame_count=16, test_count=3)))
    wait_until_idle(page)
    assert page.locator("#phase-chart").is_hidden()
    assert "No whole breath" in page.locator("#phase-words").inner_text()


@pytest.mark.parametrize(("region", "place", "words"), [("image", 0, "of the image"), ("roi", 1, "of the ROI")])
def test_the_radius_is_shown_over_time_and_by_phase(
    rng: np.random.Generator, open_report: Open, region: str, place: int, words: str
) -> None:
    data = simulated_report(rng, Simulated(frame_count=60, test_count=36))
    page = open_report(data)
    choose(page, "method", "snap1")
    choose(page, "horizon", "3")
    choose(page, "region", region)
    wait_until_idle(page)
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    assert entry.bands is not None
    inside, radius = np.moveaxis(entry.bands.pixels[:, :, place].mean(axis=0), 1, 0)
    asked, frames, mean, drawn_radius, errors = traces(page, "coverage-chart")
    assert set(asked["y"]) == {90}
    np.testing.assert_allclose(frames["y"], 100 * inside, rtol=1e-4)
    running = [100 * inside[max(0, i - 39) : i + 1].mean() for i in range(36)]  # 10 s are 40 frames
    np.testing.assert_allclose(mean["y"], running, rtol=1e-4)
    np.testing.assert_allclose(drawn_radius["y"], radius, rtol=1e-4)
    np.testing.assert_allclose(errors["y"], entry.frame_scores[:, :, place, 0].mean(axis=0), rtol=1e-4)  # type: ignore[index]
    # Mode 1 moves down as 100 sin(2 pi t / 12): lowest at t = 3, 15, 27, 39, 51.
    quarters = ((np.arange(24, 52) - 3) % 12 / 12 * 4).astype(int)
    quarters[-1] = 3  # the very end of the last breath
    by_phase = [np.array([values[:28][quarters == q].mean() for q in range(4)]) for values in (inside, radius)]
    shares, radii = traces(page, "coverage-phase-chart")
    np.testing.assert_allclose(shares["y"], 100 * by_phase[0], rtol=1e-4)
    np.testing.assert_allclose(radii["y"], by_phase[1], rtol=1e-4)
    said = page.locator("#coverage-words").inner_text()
    assert (
        f"{100 * inside.mean():.1f} % of the pixels {words} lie within the radius over the test span; "
        "90 % are required." in said
    )
    assert f"In the worst quarter of the breathing cycle it is {100 * by_phase[0].min():.1f} %" in said
    assert f"The mean radius is {radius.mean():.2f} mm (mean over random runs)" in said
    page.select_option("#rows", "chosen")
    page.select_option("#columns", "all")
    assert f"{by_phase[0].min():.3f}" in column(page, "pixels_inside_worst_phase")


def test_the_radius_of_landmarks_is_shown_where_they_are_chosen(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, Simulated(frame_count=60, test_count=36, landmarks=2))
    own = np.stack([rng.uniform(0.5, 1, (3, 36)), rng.uniform(1, 2, (3, 36))], axis=-1)
    entries = tuple(
        replace(entry, bands=entry.bands and replace(entry.bands, landmarks=own[: len(entry.bands.pixels)]))
        for entry in data.entries
    )
    page = open_report(replace(data, entries=entries))
    choose(page, "method", "snap1")
    choose(page, "region", "landmarks")
    wait_until_idle(page)
    inside, radius = np.moveaxis(own.mean(axis=0), 1, 0)
    _, frames, _, drawn_radius, _ = traces(page, "coverage-chart")
    np.testing.assert_allclose(frames["y"], 100 * inside, rtol=1e-4)
    np.testing.assert_allclose(drawn_radius["y"], radius, rtol=1e-4)
    said = page.locator("#coverage-words").inner_text()
    assert f"{100 * inside.mean():.1f} % of the landmarks lie within the radius over the test span" in said


def test_the_radius_of_a_second_method_stands_beside(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(frame_count=60, test_count=36)))
    choose(page, "method", "linear")
    choose(page, "second", "persistence")
    wait_until_idle(page)
    names = [trace["name"] for trace in traces(page, "coverage-chart")]
    assert names.count("required: 90 %") == 1
    assert {"Linear regression: each frame", "Persistence: each frame"} < set(names)
    assert [trace["name"] for trace in traces(page, "coverage-phase-chart")] == [
        "Linear regression",
        "Persistence",
    ] * 2


def test_the_oracle_has_no_radius_and_the_page_says_so(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    choose(page, "method", "oracle")
    wait_until_idle(page)
    assert "forecasts nothing" in page.locator("#coverage-words").inner_text()
    assert page.locator("#coverage-body").is_hidden()
    choose(page, "method", "linear")
    wait_until_idle(page)
    assert page.locator("#coverage-body").is_visible()


def test_without_a_whole_breath_the_radius_has_no_phases(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(frame_count=16, test_count=3)))
    wait_until_idle(page)
    assert page.locator("#coverage-phases").is_hidden()
    assert "No whole breath lies in the test span" in page.locator("#coverage-words").inner_text()


def test_where_a_quarter_of_whole_breaths_has_no_frames_no_worst_one_is_said(
    rng: np.random.Generator, open_report: Open
) -> None:
    data = simulated_report(rng)
    (model,) = data.models
    weights = np.zeros_like(model.weights)
    weights[:, 0] = np.cos(np.pi / 2 * np.arange(len(weights)))  # a test span of nine frames holds a whole breath
    data = replace(data, models=(replace(model, weights=weights),))
    parts = phases_of(data)[data.sequence.split.test_frames.start :] * 4 % 4
    assert {0, 1, 2, 3} <= set(parts)
    for entry in data.entries:
        if entry.bands is not None:
            entry.bands.pixels[:, parts < 1] = np.nan  # as after a pause
    page = open_report(data)
    wait_until_idle(page)
    words = page.locator("#coverage-words").inner_text()
    assert "Not every quarter of the breathing cycle has frames" in words
    assert "No whole breath" not in words
    assert "worst quarter" not in words


def test_a_run_without_bands_leaves_their_section_out(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(replace(data, entries=tuple(replace(entry, bands=None) for entry in data.entries)))
    wait_until_idle(page)
    assert page.locator("#coverage-heading").count() == 0
    assert "90 % band" not in {trace["name"] for trace in traces(page, "weights-chart")}


# Edges of the area in which a chart draws its lines, from the layer that catches the mouse over it.
PLOT_AREA = "chart => chart.querySelector('.u-over').getBoundingClientRect().toJSON()"


def test_the_cursor_of_the_charts_follows_the_player(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    page.locator("#slider").fill("8")  # the last frame, at the right edge of the charts
    for chart in ("weights-chart", "time-chart", "coverage-chart", "pixel-chart"):
        area = page.locator(f"#{chart}").evaluate(PLOT_AREA)
        cursor = page.locator(f"#{chart} + .cursor").bounding_box()
        assert cursor is not None
        assert cursor["x"] == pytest.approx(area["right"], abs=2)
    page.locator("#span-test").click()
    page.locator("#slider").fill("0")
    page.wait_for_function(
        """() => {
            const left = document.querySelector("#weights-chart .u-over").getBoundingClientRect().left;
            return Math.abs(document.querySelector("#weights-chart + .cursor").getBoundingClientRect().left - left) < 2;
        }"""
    )


def test_a_click_beside_the_lines_of_the_weights_goes_to_its_time(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    area = page.locator("#weights-chart .u-over").first
    area.scroll_into_view_if_needed()
    for side, position in ((0, 0), (1, 8)):
        for down in (0.1, 0.4, 0.6, 0.9):  # lines run through some of these places at most
            page.evaluate("cinecast.setPosition(3)")
            box = area.bounding_box()  # the words above it may be a line more
            assert box is not None
            x, y = box["x"] + 1 + side * (box["width"] - 2), box["y"] + down * box["height"]
            page.mouse.move(x, y, steps=3)
            page.wait_for_selector("#weights-chart .chart-reading:not([hidden])")
            page.mouse.click(x, y)
            page.wait_for_function(f"cinecast.state.position === {position}")


def test_no_button_of_a_chart_sends_data_anywhere(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    assert page.locator("#time-chart .chart-tools button").all_text_contents() == ["Whole range", "Save as PNG"]


def test_modes_say_what_they_hold_and_what_they_leave(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(data)
    wait_until_idle(page)
    assert page.locator("#modes figure").count() == 2
    captions = page.locator("#modes figcaption").all_inner_texts()
    assert captions[0].startswith("Mode 1: 80.0 %")
    longest = 2 * data.models[0].weights[:10, 0].std() * 2.0 * np.abs(data.models[0].modes[0, ..., 1]).max()
    assert f"up to {longest:.1f} mm" in captions[0]
    floor = next(float(s["value"]) for s in data.scores if s["method"] == "oracle" and s["region"] == "roi")
    assert f"is {floor:.2f} mm in the ROI" in page.locator("#modes-words").inner_text()
    page.select_option("#mode-scale", "4")
    page.wait_for_function("document.querySelector('#modes figcaption').innerText.includes('drawn 4 \u00d7')")


def test_modes_beyond_the_few_that_matter_are_folded(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_modes(simulated_report(rng), 5))
    wait_until_idle(page)
    assert page.locator("#modes figure").count() == 2
    assert page.locator("#more-modes").inner_text() == "3 more modes"
    assert len([trace for trace in traces(page, "weights-chart") if trace["name"] == "measured"]) == 2
    page.locator("#more-modes").click()
    page.wait_for_function("document.querySelectorAll('#modes figure').length === 5")
    page.wait_for_selector("#weights-chart[data-modes='5']")
    assert len([trace for trace in traces(page, "weights-chart") if trace["name"] == "measured"]) == 5
    page.locator("#more-weights").click()
    page.wait_for_function("document.querySelectorAll('#modes figure').length === 2")


def test_the_floor_is_that_of_the_run_shown(rng: np.random.Generator, open_report: Open) -> None:
    first, second = runs_measured_apart(rng)
    scores = [s | {"value": "7.89"} if s["method"] == "oracle" else s for s in second.scores]
    page = open_report(compare_runs(["a", "b"], [first, replace(second, scores=scores)]))
    for method, number in [("a \N{MIDDLE DOT} linear", 0), ("b \N{MIDDLE DOT} linear", 1)]:
        choose(page, "method", method)
        page.wait_for_selector(f"#modes[data-model='{number}']")
        assert ("is 7.89 mm" in page.locator("#modes-words").inner_text()) == bool(number)


# Tables and texts


def column(page: Page, heading: str) -> list[str]:
    place: int = page.locator(f"th[data-metric={heading}]").evaluate("th => th.cellIndex + 1")
    return page.locator(f"#scores tbody tr:visible > :nth-child({place})").all_inner_texts()


def test_the_table_sorts_and_follows_region_and_horizon(rng: np.random.Generator, open_report: Open) -> None:
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
    page.select_option("#rows", "chosen")
    assert len(column(page, "ssim")) == 4
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


def test_the_table_is_copied_as_it_is_shown(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value; })")
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.locator("[data-copies=scores]").click()
    page.wait_for_function("window.copied")
    lines = str(page.evaluate("window.copied")).split("\n")
    assert len(lines) == 9  # heading, 4 methods at 2 horizons
    assert {len(line.split("\t")) for line in lines} == {12}
    assert lines[1].startswith("Oracle\toracle\t0.25 (1)\t")
    assert page.locator("[data-copies=scores] + [role=status]").inner_text() == "9 lines copied"


def test_text_of_inputs_runs_nowhere(rng: np.random.Generator, open_report: Open) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    page = open_report(
        simulated_report(rng, Simulated(name=evil, methods=("oracle", evil)), settings_text=evil, versions={evil: evil})
    )
    wait_until_idle(page)
    assert evil in page.locator("h1").inner_text()
    assert page.title().startswith(evil)
    assert page.locator("pre").inner_text() == evil
    assert evil in page.locator("#method option").all_inner_texts()
    assert evil in page.locator("#time-chart .chart-key-entry").all_text_contents()


def test_the_non_causal_banner_is_visible(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng, Simulated(protocol="published")))
    assert page.locator("#non-causal").is_visible()
    choose(page, "horizon", "3")
    wait_until_idle(page)
    assert "2 frames before it existed (non-causal)" in page.locator("#player-words").inner_text()
    assert any("non-causal" in trace["name"] for trace in traces(page, "time-chart"))


def test_dark_and_light_follow_the_system_or_the_reader(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    colour = "plots.of(document.getElementById('time-chart'))[0].axes[0].stroke()"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{colour} !== '{light}'")
    page.select_option("#theme", "light")
    page.wait_for_function(f"{colour} === '{light}'")


def test_a_run_without_forecasts_shows_its_frames(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng)
    page = open_report(replace(data, entries=(), models=(), scores=[], missing=("motion is missing",)))
    wait_until_idle(page)
    assert_grey(page, "#panel-2 .base", screen(real(data, 0), window_of(data)))
    assert page.locator("#panel-3 .no-forecast").inner_text() == "no forecast in this run"
    assert page.locator("#missing").is_visible()
    assert page.locator("#modes-section").is_hidden()


def test_a_run_without_measured_motion_shows_its_forecasts(rng: np.random.Generator, open_report: Open) -> None:
    data = simulated_report(rng, flows=(ReportFlow(0, None),), missing=("flow is damaged",))
    page = open_report(data)
    wait_until_idle(page)
    page.select_option("#panel-4 select", "error")
    assert page.locator("#panel-4 .no-forecast").inner_text() == "no measured motion"


@pytest.mark.parametrize(("width", "columns"), [(1280, 4), (820, 2), (480, 1)])
def test_the_page_fits_screens_of_all_widths(
    rng: np.random.Generator, open_report: Open, width: int, columns: int
) -> None:
    page = open_report(simulated_report(rng))
    page.set_viewport_size({"width": width, "height": 900})
    wait_until_idle(page)
    lefts = page.locator("#pictures .panel").evaluate_all("all => all.map(e => e.getBoundingClientRect().left)")
    assert len(set(lefts)) == columns
    page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)


def test_every_control_has_a_name_and_is_reached_with_the_keyboard(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    nameless = page.locator("select, input, button").evaluate_all(
        "all => all.filter(e => !(e.labels?.length || e.ariaLabel || e.innerText)).map(e => e.outerHTML)"
    )
    assert nameless == []
    page.locator("#theme").focus()
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    assert {
        "method",
        "horizon",
        "second",
        "region",
        "show-roi",
        "show-arrows",
        "show-grid",
        "previous",
        "play",
    } <= reached


def test_the_text_for_a_paper_is_copied_as_it_is_in_the_file(
    rng: np.random.Generator, open_report: Open, tmp_path: Path
) -> None:
    page = open_report(simulated_report(rng))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("button[data-copies='methods']").click()
    page.wait_for_function("document.querySelector('#methods-section [role=status]').textContent.includes('copied')")
    assert page.evaluate("navigator.clipboard.readText()") == (tmp_path / "methods.txt").read_text(encoding="utf-8")
