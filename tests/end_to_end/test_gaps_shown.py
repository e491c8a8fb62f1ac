"""What people see of a recording with gaps: report, figures, films and volumes say where frames are missing."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import nibabel
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from cinecast.figures import FigureChoice
from cinecast.figures.choice import frame_of, show
from cinecast.figures.images import mmode
from cinecast.figures.lines import weights
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.report.breathing import phases_of
from cinecast.report.data import ReportData
from cinecast.run.figures import FIGURE_KINDS
from cinecast.run.reports import scores_of
from cinecast.run.saved import saved_run
from helpers.browser import choose, pixels, traces, wait_for_pictures, wait_until_idle
from helpers.browser import show as show_panel
from helpers.command_line import succeed
from helpers.predicted import predicted_of
from helpers.report_targets import disc

COUNT, PERIOD = 93, 0.25
# Recorded frames by their number in the whole sequence: 2.25 s are missing from the test span.
PAUSE = range(70, 79)
KEPT = np.array([t for t in range(COUNT) if t not in (20, 90, 91) and t not in PAUSE])
TEST = KEPT[KEPT >= 62]
# One frame ahead: the history of 6 after the pause, and nothing came right before the last frame.
WITHOUT = [t for t in TEST if 79 <= t < 85 or t == 92]
METHODS = ("--method", "rls", "--method", "mixture")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of it, for reading only."""
    folder = tmp_path_factory.mktemp("shown")
    settings = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=COUNT, frame_period_s=PERIOD)
    whole = make_phantom(settings).sequence
    np.savez(
        folder / "broken.npz", frames=whole.frames[KEPT], times_s=whole.times_s[KEPT], pixel_spacing_mm=np.array([6, 6])
    )
    np.save(folder / "disc.npy", disc((48, 40), 30.0, 18.0))
    short = [part for name in METHODS[1::2] for part in ("--set", f"forecast.{name}.history_length=6")]
    options = (*METHODS, "--horizon", "1", "--horizon", "3", *short, "--set", "flow.reference=0")
    succeed("run", folder / "broken.npz", "--out", folder / "run", *options, "--target", folder / "disc.npy")
    return folder / "run"


@pytest.fixture
def page(run: Path, open_page: Callable[[Path], Page]) -> Page:
    shown = open_page(run / "report/index.html")
    wait_for_pictures(shown)
    wait_until_idle(shown)
    return shown


def test_a_gap_at_the_end_is_no_divergence(page: Page) -> None:
    assert "diverged" not in page.inner_text("#weights-words")
    forecast = [
        trace for trace in traces(page, "weights-chart") if trace["name"] != "measured" and len(trace["y"]) > 50
    ]
    assert any(value is not None for trace in forecast for value in trace["y"])
    page.evaluate(f"cinecast.setPosition({len(TEST) - 1})")
    assert "has no forecast 1 frame ahead: frames are missing before it" in page.inner_text("#player-words")
    kinds = page.eval_on_selector_all(
        "#pictures .panel", "all => all.map(p => [p.dataset.kind, p.querySelector('.no-forecast').innerText])"
    )
    said = dict(kinds)
    assert said["predicted"] == "no forecast: frames are missing before this one"
    page.evaluate(f"cinecast.setPosition({list(TEST).index(80)})")  # no history yet
    assert "frames are missing before it" in page.inner_text("#player-words")
    assert "The error of the forecast is" in page.inner_text("#pixel-words")


def test_lines_and_bands_end_where_the_recording_pauses(page: Page) -> None:
    start, end = 69 * PERIOD, 79 * PERIOD
    for chart in ("weights-chart", "pixel-chart", "time-chart", "landmark-chart"):
        for trace in traces(page, chart):
            x, y = trace["x"], trace["y"]
            if len(x) < 3:  # the level that was asked for
                continue
            for i in range(1, len(x)):
                if None not in (x[i - 1], x[i], y[i - 1], y[i]):
                    assert not (min(x[i - 1], x[i]) <= start and max(x[i - 1], x[i]) >= end), (chart, trace["name"])
    bands = [trace for trace in traces(page, "weights-chart") if trace["name"].endswith("band")]
    assert bands
    assert all(None in trace["y"] for trace in bands)


def test_mean_errors_at_a_landmark_are_of_the_same_frames(page: Page) -> None:
    page.wait_for_selector("#landmark-chart.drawn")
    panels: dict[str, list[dict[float, float]]] = {}
    for trace in traces(page, "landmark-chart"):
        known = {x: y for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None}
        panels.setdefault(trace["name"], []).append(known)
    followed = panels.pop("followed in the real frames")
    measured = panels.pop("measured motion")
    (forecast,) = panels.values()
    common = followed[0].keys() & measured[0].keys() & forecast[0].keys()
    assert len(common) < len(followed[0].keys() & measured[0].keys())
    words = page.inner_text("#landmark-words")
    for name, line in (("the measured motion", measured), ("Mixture of linear, kernel and analogue experts", forecast)):
        off = [np.hypot(*(panel[x] - real[x] for panel, real in zip(line, followed, strict=True))) for x in common]
        assert f"{name} {np.mean(off):.2f} mm" in words


def errors_shown(page: Page, chart: str) -> dict[str, dict[float, float]]:
    """Return the first line of each method in a chart over time: its numbers by their time."""
    lines: dict[str, dict[float, float]] = {}
    for trace in traces(page, chart):
        known = {x: y for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None}
        lines.setdefault(trace["name"], known)
    return lines


def mean_of(run: Path, method: str, horizon: int, region: str, metric: str) -> float:
    with (run / "score/scores.csv").open(encoding="utf-8", newline="") as file:
        (value,) = (
            float(row["value"])
            for row in csv.DictReader(file)
            if (row["method"], row["horizon_frames"], row["region"], row["metric"])
            == (method, str(horizon), region, metric)
        )
    return value


def test_a_run_says_how_many_test_frames_are_scored(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    printed = " ".join(succeed("run", run.parent / "broken.npz", "--out", tmp_path / "run").split())
    assert f"Horizon 1: {len(TEST) - len(WITHOUT)} of {len(TEST)} test frames scored; the others are faulty" in printed
    # Three frames ahead, those that came three periods after a frame of an unbroken history.
    frames = [t for t in TEST if t - 3 in KEPT and not 79 <= t < 87]
    assert f"Horizon 3: {len(frames)} of {len(TEST)} test frames scored" in printed


@pytest.mark.parametrize("horizon", [1, 3])
def test_the_oracle_has_errors_of_the_frames_of_the_methods(run: Path, page: Page, horizon: int) -> None:
    choose(page, "horizon", str(horizon))
    choose(page, "region", "image")
    wait_until_idle(page)
    lines = errors_shown(page, "time-chart")
    assert len(lines) == 4
    assert len({tuple(line) for line in lines.values()}) == 1
    (oracle,) = (line for name, line in lines.items() if name.startswith("Oracle"))
    assert len(oracle) < len(TEST)
    in_table = mean_of(run, "oracle", horizon, "image", "dvf_error_mean_mm")
    assert np.mean(list(oracle.values())) == pytest.approx(in_table, rel=1e-3)  # the page has three digits or so


def test_the_oracle_follows_the_target_in_the_frames_of_the_methods(run: Path, page: Page) -> None:
    choose(page, "method", "oracle")
    wait_until_idle(page)
    mean = mean_of(run, "oracle", 1, "target:disc", "centroid_mm")
    assert f"Oracle (measured weights): error of the centroid {mean:.2f} mm" in page.inner_text("#target-words")
    of_oracle = errors_shown(page, "target-time-chart")["Oracle (measured weights)"]
    choose(page, "method", "rls")
    wait_until_idle(page)
    (of_rls,) = (line for name, line in errors_shown(page, "target-time-chart").items() if "missed" not in name)
    assert of_oracle.keys() == of_rls.keys()
    assert np.mean(list(of_oracle.values())) == pytest.approx(mean, abs=0.005)


def test_the_last_picture_has_the_drift_of_when_it_was_forecast(
    run: Path, tmp_path: Path, open_page: Callable[[Path], Page]
) -> None:
    # Frame 80 of the run was forecast 3 instants ahead at its frame 79, when a new drift was known.
    shutil.copytree(run, tmp_path / "run")
    options = ("--out", tmp_path / "run", "--method", "mixture", "--horizon", "3")
    succeed("run", run.parent / "broken.npz", *options)
    page = open_page(tmp_path / "run/report/index.html")
    wait_for_pictures(page)
    choose(page, "horizon", "3")
    choose(page, "method", "mixture")
    page.evaluate(f"cinecast.setPosition({len(TEST) - 1})")
    predicted = predicted_of(tmp_path / "run", "mixture", 3)[-1].astype(float)
    low, high = page.evaluate("cinecast.state.window")
    shown = pixels(page, show_panel(page, 1, "predicted"))[..., 0].astype(float)
    expected = 255 * np.clip((predicted - low) / (high - low), 0, 1)
    assert np.abs(shown - expected).max() <= 2


def test_strips_of_a_line_have_the_times_of_their_frames(page: Page) -> None:
    times_s = TEST * PERIOD
    places = np.interp(np.array([0, 0.25, 0.5, 0.75, 1]) * (len(TEST) - 1), np.arange(len(TEST)), times_s)
    assert page.inner_text("#mmode-times").split("\n") == [f"{time:.1f} s" for time in places]


@pytest.mark.parametrize("kind", FIGURE_KINDS)
def test_every_figure_is_drawn(run: Path, tmp_path: Path, kind: str) -> None:
    succeed("figure", run, "--what", kind, "--out", tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").stat().st_size > 1000


@pytest.fixture(scope="module")
def data(run: Path) -> ReportData:
    with saved_run(run) as gathering:
        return gathering.report_data(scores_of(gathering))


def test_the_frame_that_a_figure_shows_has_a_forecast(data: ReportData) -> None:
    far = data.models[0].weights.copy()
    far[-1] *= 50  # the last frame moves most, and has none
    moved = replace(data, models=tuple(replace(model, weights=far) for model in data.models))
    shown = show(moved, FigureChoice(method="rls", horizon_frames=1))
    assert KEPT[frame_of(shown, FigureChoice())] not in WITHOUT


def test_an_m_mode_keeps_time_and_is_white_where_nothing_is_known(data: ReportData) -> None:
    choice = FigureChoice(method="rls", horizon_frames=1)
    axes = mmode(data, choice, 120).axes
    real, predicted = (np.ma.filled(panel.get_images()[0].get_array(), np.nan) for panel in axes[:2])
    known = np.isfinite(real).all(axis=0)
    assert [62 + i for i in np.flatnonzero(known)] == TEST.tolist()
    forecast = np.isfinite(predicted).all(axis=0)
    assert [62 + i for i in np.flatnonzero(forecast)] == [t for t in TEST if t not in WITHOUT]


def test_lines_of_weights_end_at_a_pause(data: ReportData) -> None:
    axes = weights(data, FigureChoice(method="rls", horizon_frames=1), 120).axes[0]
    for line in axes.get_lines():
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        joined = np.isfinite(y[:-1]) & np.isfinite(y[1:])
        assert np.diff(x)[joined].max() < 3.5 * PERIOD


def test_breaths_are_timed_though_frames_are_lost(data: ReportData) -> None:
    phases = phases_of(data)
    for start in range(len(KEPT) - 2):  # within a breath phases rise with time, not with frames
        part = phases[start : start + 3]
        if np.isfinite(part).all() and (np.diff(part) > 0).all():
            steps = np.diff(KEPT[start : start + 3])
            assert np.diff(part)[1] / np.diff(part)[0] == pytest.approx(steps[1] / steps[0])


def test_films_stay_where_frames_are_missing(run: Path, tmp_path: Path) -> None:
    predicted = ("--what", "predicted", "--method", "rls", "--horizon", "1")
    said = " ".join(succeed("export", run, *predicted, "--out", tmp_path / "film.mp4").split())
    assert f"{len(WITHOUT)} of them have no forecast, as frames are missing before them, and are black" in said
    assert "a picture stays where frames are missing, 2 s at most" in said
    periods = [min(step, 8) for step in np.diff(TEST)] + [1]
    with av.open(str(tmp_path / "film.mp4")) as film:
        bright = [frame.to_ndarray(format="gray").mean() > 20 for frame in film.decode(video=0)]
    assert bright == [t not in WITHOUT for t, count in zip(TEST, periods, strict=True) for _ in range(count)]
    succeed("export", run, "--what", "target", "--method", "rls", "--horizon", "1", "--out", tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as gif:
        durations = []
        for number in range(gif.n_frames):
            gif.seek(number)
            durations.append(gif.info["duration"])
    assert sum(durations) == 250 * sum(periods)


def test_volumes_say_that_their_times_are_not_those_of_the_frames(run: Path, tmp_path: Path) -> None:
    said = " ".join(succeed("export", run, "--what", "frames", "--out", tmp_path / "frames.mha").split())
    assert "12 frames are missing between these, which this file cannot say" in said
    assert "--frame-period" not in said
    forecast = ("--method", "rls", "--horizon", "1")
    for what in ("frames", "dvf", "target-masks"):
        options = () if what != "target-masks" else forecast
        said = " ".join(succeed("export", run, "--what", what, *options, "--out", tmp_path / f"{what}.nii.gz").split())
        missing = 11 if what == "target-masks" else 12
        assert f"{missing} frames are missing between these" in said
    masks = np.asarray(nibabel.load(tmp_path / "target-masks.nii.gz").dataobj)[:, :, 0]
    assert [t for t, mask in zip(TEST, np.moveaxis(masks, 2, 0), strict=True) if not mask.any()] == WITHOUT


def test_live_scores_no_motion_that_stands_for_a_forecast(run: Path, tmp_path: Path) -> None:
    options = ("--method", "rls", "--horizon", "3", "--calibration", "30", "--set", "forecast.rls.history_length=6")
    succeed("live", run.parent / "broken.npz", "--out", tmp_path / "live", "--rate", "max", *options)
    with (tmp_path / "live/frames.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # A forecast of a frame was issued 3 instants before it, after a whole history.
    forecast = {t for t in KEPT if t >= 32 and t - 3 in KEPT and not 70 <= t - 3 - 5 < 79 and not 70 <= t - 3 < 79}
    for metric in ("error_mm", "landmark_error_mm"):
        assert {t for t, row in zip(KEPT, rows, strict=True) if row[metric]} == forecast - set(range(70, 79)), metric


def test_the_share_inside_the_radius_is_drawn_only_where_there_are_forecasts(page: Page) -> None:
    shown = {trace["name"]: trace for trace in traces(page, "coverage-chart") if trace["panel"] == 0}
    (single,) = [trace for name, trace in shown.items() if "each frame" in name]
    (mean,) = [trace for name, trace in shown.items() if "mean of the last" in name]
    known = [{x for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None} for trace in (single, mean)]
    assert known[0] == known[1]
    assert len(known[0]) == len(TEST) - len(WITHOUT)
