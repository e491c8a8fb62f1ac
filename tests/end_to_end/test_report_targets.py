"""Targets in the report, in a real browser, opened from disk: contours, places, errors, worst frames."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page
from skimage.measure import find_contours

from cinecast.report import ReportData, compare_runs
from cinecast.report.data import ReportGate
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.browser import choose, pixels, traces, wait_until_idle
from helpers.command_line import succeed
from helpers.report_data import Simulated, simulated_report
from helpers.report_targets import LABELLED, MISSED, OFF, REAL, WITHOUT_LABEL, forecast_masks, real_masks, with_target

pytestmark = pytest.mark.browser

Open = Callable[[ReportData], Page]
FIRST = 21  # first test frame of the simulated run
MM = np.array([1.5, 2.0])  # of a column and a row
SNAP1 = "Recurrent net"


def edges(lines: Any) -> set[frozenset[tuple[float, float]]]:
    """Return the pieces of closed lines of (x, y)."""
    return {
        frozenset((tuple(map(float, a)), tuple(map(float, b))))  # type: ignore[arg-type]
        for line in lines
        for a, b in zip(line, [*line[1:], line[0]], strict=True)
    }


def expected_edges(mask: NDArray[np.bool_]) -> set[frozenset[tuple[float, float]]]:
    lines = find_contours(np.pad(mask, 1).astype(float), 0.5)
    return edges([(line[:-1, ::-1] - 1).tolist() for line in lines])


def contours_on(page: Page, *kinds: str) -> dict[str, Any]:
    found = page.evaluate(f"contours.contoursOn({json.dumps(kinds)})")
    assert len({each["style"] for each in found}) == len(found)
    return {each["style"]: edges(each["lines"]) for each in found}


def at(page: Page, method: str = "snap1", horizon: int = 3, run: int = 2, position: int = 2) -> None:
    choose(page, "method", method)
    choose(page, "horizon", str(horizon))
    if method == "snap1":
        choose(page, "sample", str(run))
    page.locator("#slider").fill(str(position))


def chart(page: Page, name: str) -> list[dict[str, Any]]:
    wait_until_idle(page)
    return traces(page, name)


def line(drawn: list[dict[str, Any]], name: str, panel: int) -> NDArray[np.float64]:
    (found,) = [each for each in drawn if each["name"] == name and each["panel"] == panel]
    return np.array(found["y"], dtype=float)


# Contours


def test_lines_around_masks_are_those_of_marching_squares(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_target(simulated_report(rng)))
    masks = [rng.random((9, 7)) < share for share in (0.15, 0.4, 0.6, 0.9)]
    masks += [np.zeros((9, 7), dtype=bool), np.ones((9, 7), dtype=bool)]
    for mask in masks:
        lines = page.evaluate(f"contours.trace({json.dumps(mask.astype(int).ravel().tolist())}, 9, 7)")
        assert edges(lines) == expected_edges(mask)
        assert sum(map(len, lines)) == len(edges(lines))  # each piece once


def test_pictures_carry_the_contours_of_their_frame_run_and_method(rng: np.random.Generator, open_report: Open) -> None:
    data = with_target(simulated_report(rng))
    page = open_report(data)
    at(page)
    real = expected_edges(real_masks(data)[2])
    forecast = expected_edges(forecast_masks(data, 2)[2])
    plan = expected_edges(data.targets[0].mask)
    assert contours_on(page, "reference") == {"plan": plan}
    for kind in ("real", "predicted", "error"):
        assert contours_on(page, kind) == {"real": real, "forecast": forecast}
    assert contours_on(page, "difference") == {}
    choose(page, "second", "linear")
    second = expected_edges(forecast_masks(data, 0)[2])
    assert contours_on(page, "second") == {"real": real, "second": second}
    assert contours_on(page, "predicted", "second") == {"forecast": forecast, "second": second}
    assert page.locator("#second-key").is_visible()
    page.locator("#slider").fill(str(MISSED))
    assert contours_on(page, "predicted") == {"real": expected_edges(real_masks(data)[MISSED]), "forecast": set()}


def test_contours_are_drawn_where_they_lie_and_the_box_hides_them(rng: np.random.Generator, open_report: Open) -> None:
    data = with_target(simulated_report(rng))
    page = open_report(data)
    at(page)
    over = page.locator("#panel-2 .over").bounding_box()
    assert over is not None
    scale = np.array([over["width"] / 16, over["height"] / 24])

    def hits(colour: tuple[int, int, int], lines: set[frozenset[tuple[float, float]]]) -> float:
        shown = pixels(page, "#panel-2 .over").astype(int)
        near = np.abs(shown - colour).max(axis=-1) < 60
        middles = [(np.mean([np.array(place) for place in piece], axis=0) + 0.5) * scale for piece in lines]
        places = [(round(y), round(x)) for x, y in middles]
        return float(np.mean([near[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3].any() for y, x in places]))

    real, forecast = contours_on(page, "real")["real"], contours_on(page, "real")["forecast"]
    # A solid line is hit where no other line lies on it; a broken one has gaps.
    assert hits((255, 210, 63), real) > 0.75
    assert 0.4 < hits((76, 201, 240), forecast) <= 1
    page.locator("#show-contours").uncheck()
    assert hits((76, 201, 240), forecast) == 0


@pytest.mark.parametrize("view", ["swipe", "overlay", "blink"])
def test_two_frames_in_one_place_carry_both_contours(rng: np.random.Generator, open_report: Open, view: str) -> None:
    page = open_report(with_target(simulated_report(rng)))
    at(page)
    page.locator(f"input[value={view}]").check(force=True)
    page.locator("#show-landmarks, #show-contours").first.wait_for()
    shown = pixels(page, "#stage .over").astype(int)
    for colour in ((255, 210, 63), (76, 201, 240)):
        assert (np.abs(shown - colour).max(axis=-1) < 40).sum() > 30
    assert set(page.evaluate("contours.contoursOn(stage.shownKinds()).map(({style}) => style)")) == {"real", "forecast"}


def test_the_real_contour_is_the_labels_or_the_measured_one(rng: np.random.Generator, open_report: Open) -> None:
    data = with_target(simulated_report(rng), labels=True)
    page = open_report(data)
    at(page)
    labelled = expected_edges(real_masks(data, REAL + LABELLED)[2])
    assert page.locator("#target-ruler").input_value() == "labels"
    assert contours_on(page, "real")["real"] == labelled
    places = line(chart(page, "place-chart"), "real (labels)", 0)
    expected = (REAL + LABELLED)[:, 0] * MM[1]
    np.testing.assert_allclose(np.delete(places, WITHOUT_LABEL), np.delete(expected, WITHOUT_LABEL), atol=0.006)
    assert np.isnan(places[WITHOUT_LABEL])
    page.locator("#slider").fill(str(WITHOUT_LABEL))
    assert contours_on(page, "real")["real"] == set()
    page.select_option("#target-ruler", "measured")
    wait_until_idle(page)
    assert contours_on(page, "real")["real"] == expected_edges(real_masks(data)[WITHOUT_LABEL])
    np.testing.assert_allclose(
        line(chart(page, "place-chart"), "real (measured motion)", 0), REAL[:, 0] * 2, atol=0.006
    )
    assert "against the measured motion" in page.locator("#target-words").inner_text()


# Charts and words


def test_places_are_drawn_along_the_axes_with_missed_frames_as_gaps(
    rng: np.random.Generator, open_report: Open
) -> None:
    page = open_report(with_target(simulated_report(rng)))
    at(page)
    found = chart(page, "place-chart")
    for panel in (0, 1):
        along = MM[1 - panel]
        np.testing.assert_allclose(line(found, "real (measured motion)", panel), REAL[:, panel] * along, atol=0.006)
        forecast = line(found, SNAP1, panel)
        expected = (REAL + OFF[2])[:, panel] * along
        np.testing.assert_allclose(np.delete(forecast, MISSED), np.delete(expected, MISSED), atol=0.006)
        assert np.isnan(forecast[MISSED])
        crosses = line(found, f"missed: {SNAP1}", panel)
        assert np.flatnonzero(np.isfinite(crosses)).tolist() == [MISSED]
        assert crosses[MISSED] == 0


def test_the_gating_window_is_a_band_around_the_plan(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(replace(with_target(simulated_report(rng)), gate=ReportGate(3.5)))
    chart(page, "place-chart")
    # Whether each panel is shaded at places in mm from the plan, at its left edge, where no grid line goes.
    script = """chart => plots.of(chart).map((u) => [-3.6, -3.4, 3.4, 3.6].map((place) => u.ctx.getImageData(
        u.bbox.left + 3, Math.round(u.valToPos(place, "y", true)), 1, 1).data[3] > 0))"""
    assert page.eval_on_selector("#place-chart", script) == [[False, True, True, False]] * 2


def test_errors_over_time_are_the_scores_and_a_missed_frame_has_no_distance(
    rng: np.random.Generator, open_report: Open
) -> None:
    data = with_target(simulated_report(rng))
    page = open_report(data)
    at(page)
    found = chart(page, "target-time-chart")
    own = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3).targets[0]
    assert own is not None
    for metric in range(3):
        expected = own.scores["measured"][2, :, metric].copy()
        drawn = line(found, SNAP1, metric)
        if metric != 2:
            expected[MISSED] = np.nan
            top = line(found, f"missed: {SNAP1}", metric)[MISSED]
            assert top >= np.nanmax(drawn)
        np.testing.assert_allclose(drawn, expected, atol=0.006)
    assert line(found, SNAP1, 2)[MISSED] == 0
    words = page.locator("#target-words").inner_text()
    mean = own.scores["measured"][2].mean(axis=0)
    assert f"{SNAP1} (run 3): error of the centroid {mean[0]:.2f} mm, HD95 {mean[1]:.2f} mm, DSC {mean[2]:.3f}" in words
    assert "missed in 1 of 9 frames" in words


def test_errors_against_horizon_are_those_of_the_table(rng: np.random.Generator, open_report: Open) -> None:
    data = with_target(simulated_report(rng), labels=True)
    page = open_report(data)
    found = chart(page, "target-horizon-chart")
    for metric, panel in (("centroid_mm", 0), ("hd95_mm", 1), ("dice", 2)):
        expected = [
            float(s["value"])
            for s in data.scores
            if (s["method"], s["metric"], s["against"]) == ("linear", metric, "labels")
        ]
        np.testing.assert_allclose(line(found, "Linear regression", panel), expected, rtol=1e-4)


def test_a_diverged_run_has_no_contour_and_no_line(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_target(simulated_report(rng, Simulated(diverged=0))))
    at(page, run=0)
    assert contours_on(page, "predicted")["forecast"] == set()
    found = chart(page, "place-chart")
    assert np.isnan(line(found, SNAP1, 0)).all()
    assert not [trace for trace in found if trace["name"].startswith("missed")]
    assert page.locator("#worst tbody tr").count() == 0
    assert "no scored frame" in page.locator("#worst-words").inner_text()


# Worst frames


def worst(page: Page) -> list[list[str]]:
    script = "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    return list(page.eval_on_selector_all("#worst tbody tr", script))


@pytest.mark.parametrize(("by", "metric", "sign"), [("centroid_mm", 0, -1), ("hd95_mm", 1, -1), ("dice", 2, 1)])
def test_the_worst_frames_come_first_and_lead_to_the_player(
    rng: np.random.Generator, open_report: Open, by: str, metric: int, sign: int
) -> None:
    data = with_target(simulated_report(rng, Simulated(frame_count=50, test_count=9)), labels=False)
    own = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3).targets[0]
    assert own is not None
    own.scores["measured"][1, :, :] = rng.uniform(0.1, 0.9, (9, 3))
    own.scores["measured"][1, 6] = np.nan  # not scored
    page = open_report(data)
    at(page, run=1)
    page.select_option("#worst-by", by)
    wait_until_idle(page)
    rows = worst(page)
    values = own.scores["measured"][1, :, metric]
    order = [i for i in np.argsort(sign * values) if np.isfinite(values[i]) and i != MISSED]
    assert [int(row[0]) - 41 for row in rows] == [MISSED, *order]
    assert rows[0][2:4] == ["missed", "missed"]
    assert rows[1][5] == "Show"
    page.locator("#worst tbody tr").nth(1).locator("button").click()
    assert page.evaluate("cinecast.state.position") == order[0]
    assert page.evaluate("document.getElementById('player-heading').getBoundingClientRect().top") < 200


def test_a_worst_frame_that_the_player_skips_names_the_nearest(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_target(simulated_report(rng, Simulated(max_frames=3))))
    wait_until_idle(page)
    assert worst(page)[0][0] == str(FIRST + MISSED)
    assert worst(page)[0][5] == f"Show {FIRST + 3}, the nearest in the player"
    page.locator("#worst tbody button").first.click()
    assert page.evaluate("motion.frameOf(cinecast.state.position)") == FIRST + 3


def test_on_a_phone_a_worst_frame_takes_one_line(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(with_target(simulated_report(rng)))
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until_idle(page)
    number = page.locator("#worst tbody th").first
    lines = number.evaluate(
        "(cell) => { const r = document.createRange(); r.selectNodeContents(cell); return r.getClientRects().length; }"
    )
    assert lines == 1


# Runs


def test_compared_runs_show_the_target_of_the_first(rng: np.random.Generator, open_report: Open) -> None:
    run = with_target(simulated_report(rng))
    bare = replace(run, targets=(), entries=tuple(replace(each, targets=()) for each in run.entries))
    page = open_report(compare_runs(["a", "b"], [run, bare]))
    choose(page, "method", "b \N{MIDDLE DOT} linear")
    wait_until_idle(page)
    assert set(contours_on(page, "predicted")) == {"real"}
    assert "Nothing is known of it for what is chosen" in page.locator("#target-words").inner_text()
    choose(page, "method", "a \N{MIDDLE DOT} linear")
    assert set(contours_on(page, "predicted")) == {"real", "forecast"}


def test_without_a_target_the_page_has_nothing_of_it(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    for part in ("#targets-section", "#place-chart", "#show-contours", "#contour-keys", "#worst"):
        assert page.locator(part).count() == 0


def size_of_data(report: Path) -> int:
    """Return the bytes of a report without the library of charts, which is the same in all."""
    return sum(file.stat().st_size for file in report.rglob("*") if file.is_file())


def test_the_report_of_a_run_agrees_with_its_files(
    target_run: Path, original_run: Path, tmp_path: Path, open_page: Callable[[Path], Page]
) -> None:
    report = target_run / "report"
    page = open_page(report / "index.html")
    wait_until_idle(page)
    assert size_of_data(report) < 1.10 * size_of_data(original_run / "report")
    scores = [
        row
        for row in read_table(target_run / "score" / "scores.csv")
        if row["region"].startswith("target:") and row["metric"] == "dice" and row["method"] in ("linear", "snap1")
    ]
    assert len(scores) >= 2
    for score in scores:
        choose(page, "method", score["method"])
        choose(page, "horizon", score["horizon_frames"])
        runs = page.evaluate("view.shown.targets.main[0].scores.measured.dice")
        means = [np.mean([value for value in run if value is not None]) for run in runs]
        assert np.mean(means) == pytest.approx(float(score["value"]), abs=1e-4)
        key = f"target/{score['method']}/h{int(score['horizon_frames']):03d}"
        stored = art.load_masks(target_run / key)
        for run in range(len(runs)):
            if len(runs) > 1:
                choose(page, "sample", str(run))
            page.locator("#slider").fill("7")
            assert contours_on(page, "predicted")["forecast"] == expected_edges(stored.masks.mask(0, run, 7))


def test_a_damaged_target_is_left_out_and_named(target_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(target_run, tmp_path / "run"))
    masks = run / "target" / "linear" / "h002" / "masks.npz"
    masks.write_bytes(masks.read_bytes()[:-40] + bytes(40))
    succeed("report", run, "--out", tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    assert "target/linear/h002: damaged" in page
    assert 'id="targets-heading"' in page
