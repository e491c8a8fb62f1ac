"""The numbers that the scripts of a page are given: of which frames, runs, regions and models they are."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cinecast.pictures import difference_limit, grey_window
from cinecast.report.data import ReportData
from cinecast.report.page import render_page
from cinecast.report.page_data import data_scripts
from cinecast.report.score_table import score_rows
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.settings import WarpSettings
from helpers import packed_form
from helpers.report_data import Simulated, simulated_report

# Breaths of 12 frames, from frame 3 on; the test span begins at frame 24, and every second frame of it is shown.
BREATH, FIRST_BREATH, TEST = 12, 3, range(24, 60)
WHAT = Simulated(frame_count=60, test_count=36, max_frames=18, methods=("oracle", "persistence", "snap1"))


@pytest.fixture(scope="module")
def data() -> ReportData:
    """Return two runs in one: the second flow and model are of another reference, held frames and train span."""
    run = simulated_report(np.random.default_rng(4), WHAT)
    (flow,), (model,) = run.flows, run.models
    flows = (replace(flow, reference=3, held=frozenset({5, 30})), replace(flow, reference=7, held=frozenset({26, 40})))
    models = (model, replace(model, flow=1, train_end=9, reliability=np.linspace(0, 1, 24 * 16).reshape(24, 16)))
    warp = WarpSettings(sigma=0.25, half_window=2, arithmetic="published")
    entries = tuple(
        replace(entry, model=1, warp=warp, last_scored=30) if entry.method == "snap1" else entry
        for entry in run.entries
    )
    left_out = {3: ~np.isin(np.arange(36), (4, 9))}
    return replace(run, flows=flows, models=models, entries=(replace(entries[0], beside=left_out), *entries[1:]))


def scripts_of(data: ReportData) -> dict[str, Any]:
    """Return what each script hands over, by its name."""
    found = data_scripts(data, score_rows(data.scores))
    pattern = re.compile(rb'cinecast\.(?:start\(|receive\("\w+",)(.*)\);\n', re.DOTALL)
    return {name.removesuffix(".js"): json.loads(pattern.fullmatch(text)[1]) for name, text in found.items()}  # type: ignore[index]


@pytest.fixture(scope="module")
def scripts(data: ReportData) -> dict[str, Any]:
    return scripts_of(data)


def entry_of(scripts: dict[str, Any], method: str, horizon: int) -> dict[str, Any]:
    entries = scripts["numbers"]["entries"]
    (found,) = (each for each in entries if (each["method"], each["horizon_frames"]) == (method, horizon))
    return dict(found)


def test_scores_are_those_of_the_frames_shown(data: ReportData, scripts: dict[str, Any]) -> None:
    entry = next(each for each in data.entries if each.method == "snap1" and each.horizon.frames == 3)
    content = scripts[entry_of(scripts, "snap1", 3)["id"]]
    assert entry.frame_scores is not None
    metrics = [
        FRAME_METRICS.index(name) for name in ("dvf_error_mean_mm", "dvf_error_p95_mm", "nrmse", "ssim")
    ]  # as player.js reads them
    shown = entry.frame_scores[:, ::2][..., metrics]
    np.testing.assert_allclose(packed_form.floats(content["scores"]), shown, rtol=2.0**-16)
    assert scripts["numbers"]["player_frames"] == list(TEST[::2])
    np.testing.assert_array_equal(packed_form.integers(scripts["frames"]["real"]), data.sequence.frames[24::2])
    np.testing.assert_allclose(
        packed_form.floats(content["forecasts"]), entry.forecasts.transpose(0, 2, 1), rtol=2.0**-16
    )


def test_radii_are_told_by_the_breathing_of_the_test_frames(data: ReportData, scripts: dict[str, Any]) -> None:
    entry = next(each for each in data.entries if each.method == "persistence" and each.horizon.frames == 3)
    bands = scripts[entry_of(scripts, "persistence", 3)["id"]]["bands"]
    assert entry.bands is not None
    over_time = entry.bands.pixels[0].transpose(2, 1, 0)
    np.testing.assert_allclose(packed_form.floats(bands["over_time"]), over_time, rtol=2.0**-16)
    # The last whole breath ends with frame 51; in frame 30 the motion is held, so that it has no place in its breath.
    breathing = np.array([t for t in TEST if t != 30 and t <= FIRST_BREATH + 4 * BREATH])
    places = np.where(breathing == breathing[-1], 1.0, (breathing - FIRST_BREATH) % BREATH / BREATH)
    quarters = np.minimum(np.floor(4 * places), 3)
    of_breaths = over_time[..., breathing - TEST.start]
    wanted = np.stack([of_breaths[..., quarters == quarter].mean(axis=-1) for quarter in range(4)], axis=-1)
    np.testing.assert_allclose(packed_form.floats(bands["by_phase"]), wanted, rtol=2.0**-15)
    radius = entry.bands.weight_radius[0].T
    np.testing.assert_allclose(packed_form.floats(bands["weight_radius"]), radius, rtol=2.0**-16)
    phases = np.array(scripts["numbers"]["phases"], dtype=float)
    np.testing.assert_allclose(phases[breathing], places, atol=1e-4)


def test_models_and_entries_have_the_numbers_of_their_own_flow(data: ReportData, scripts: dict[str, Any]) -> None:
    assert [flow["held"] for flow in scripts["numbers"]["flows"]] == [[5, 30], [26, 40]]
    first, second = scripts["numbers"]["models"]
    weights = data.models[1].weights
    np.testing.assert_allclose(second["spread"], weights[:9].std(axis=0), rtol=1e-4)
    np.testing.assert_allclose(first["spread"], weights[:12].std(axis=0), rtol=1e-4)
    reliability = packed_form.integers(scripts["model_1"]["reliability"])
    np.testing.assert_allclose(reliability, np.linspace(0, 100, 24 * 16).reshape(24, 16), atol=0.51)
    assert scripts["model_0"]["reliability"] is None
    np.testing.assert_array_equal(packed_form.floats(scripts["opening"]["references"][1]), data.sequence.frames[7])
    # A Gaussian of sigma s is exp(-d^2 / (2 s^2)): 2 for half a pixel, 8 for a quarter of one.
    assert entry_of(scripts, "persistence", 1)["splat"] == {"precision": 2, "half": 3, "floors": False, "black": 0}
    assert entry_of(scripts, "snap1", 1)["splat"] == {"precision": 8, "half": 2, "floors": True, "black": 0}
    assert (entry_of(scripts, "snap1", 1)["last_scored"], entry_of(scripts, "persistence", 1)["last_scored"]) == (
        54,
        59,
    )
    assert entry_of(scripts, "oracle", 0)["left_out"] == {"3": [4, 9]}
    assert scripts["numbers"]["roi"] == {"rows": [4, 20], "columns": [2, 10]}


@pytest.mark.parametrize(("diverged", "kept", "landmarks_mm"), [(33, slice(0, 3), 2.0), (20, slice(1, 3), 2.5)])
def test_means_are_over_the_runs_that_have_the_last_scored_frame(
    diverged: int, kept: slice, landmarks_mm: float
) -> None:
    run = simulated_report(np.random.default_rng(5), replace(WHAT, diverged=diverged, landmarks=2))
    entries = tuple(replace(each, last_scored=30) if each.method == "snap1" else each for each in run.entries)
    scripts = scripts_of(replace(run, entries=entries))
    entry = next(each for each in entries if each.method == "snap1" and each.horizon.frames == 1)
    found = entry_of(scripts, "snap1", 1)
    errors = found["errors_mm"]
    assert entry.frame_scores is not None
    assert entry.bands is not None
    mean = entry.frame_scores[kept, :33, :, 0].mean(axis=0).T  # the first run has diverged by then, or not yet
    np.testing.assert_allclose([errors["image"][:33], errors["roi"][:33]], mean, rtol=1e-4)
    assert errors["landmarks"][1:33] == [landmarks_mm] * 32  # of 1, 2 and 3 mm
    radius = packed_form.floats(scripts[found["id"]]["bands"]["weight_radius"])
    own = entry.bands.weight_radius[kept, TEST.start + 5 : 57].mean(axis=0).T
    np.testing.assert_allclose(radius[:, TEST.start + 5 : 57], own, rtol=2.0**-16)


def test_drifts_are_those_that_forecasts_of_the_test_frames_are_made_with() -> None:
    """A drift is known every 16 frames: number j from frame 16 j - 1 on, and forecasts are issued a horizon before."""
    what = replace(WHAT, horizons=(1, 12), drifting=("persistence", "snap1"))
    run = simulated_report(np.random.default_rng(6), what)
    chosen = {("persistence", 1): 0, ("snap1", 12): 1}
    entries = tuple(
        replace(each, model=chosen[each.method, each.horizon.frames])
        for each in run.entries
        if (each.method, each.horizon.frames) in chosen
    )
    scripts = scripts_of(replace(run, models=run.models * 2, entries=entries))
    drifts = run.models[0].drifts
    assert drifts is not None
    for number, first in ((0, 1), (1, 0)):  # frames 23 to 58, and 12 to 47
        steps = packed_form.integers(scripts[f"model_{number}"]["drifts"])
        np.testing.assert_array_equal(steps, 128 * drifts[first:].transpose(0, 3, 1, 2))
        drift = scripts["numbers"]["models"][number]["drift"]
        assert (drift["interval"], 128 * drift["step_px"], drift["first_row"]) == (16, 1, first)


def test_places_where_nothing_lands_are_as_dark_as_the_own_reference() -> None:
    run = simulated_report(np.random.default_rng(6), replace(WHAT, dtype=np.int16))
    frames = run.sequence.frames.copy()
    frames[3, 5, 6], frames[7, 5, 6] = -20, -50
    flows = tuple(replace(run.flows[0], reference=reference) for reference in (3, 7))
    models = tuple(replace(run.models[0], flow=number) for number in (0, 1))
    entries = tuple(replace(each, model=int(each.method == "snap1")) for each in run.entries)
    sequence = replace(run.sequence, frames=frames)
    scripts = scripts_of(replace(run, sequence=sequence, flows=flows, models=models, entries=entries))
    black = [entry_of(scripts, method, 1)["splat"]["black"] for method in ("persistence", "snap1")]
    assert black == [-20, -50]


def test_points_of_a_chart_have_the_horizon_of_their_row() -> None:
    run = simulated_report(np.random.default_rng(5), replace(WHAT, landmarks=2))
    points = scripts_of(run)["numbers"]["horizon_errors"]
    at_landmarks = [each for each in points if each["region"] == "landmarks"]
    assert [(each["method"], each["frames"], each["s"], each["value"]) for each in at_landmarks] == [
        (method, frames, frames / 4, mm)
        for method, mm in (("oracle", 1.0), ("persistence", 1.0), ("snap1", 2.0), ("measured", 0.5))
        for frames in (1, 3)
    ]


def test_scales_are_those_of_the_test_frames_and_of_what_forecasts(data: ReportData, scripts: dict[str, Any]) -> None:
    bright = data.sequence.frames.astype(np.float64)
    bright[:24] *= 3  # nothing of the frames before counts ...
    bright[3] = bright[30]  # ... but for the reference of the first flow
    rows = [
        row | {"value": "400" if row["method"] == "oracle" else "4"} if row["metric"] == "dvf_error_p95_mm" else row
        for row in data.scores
    ]
    numbers = scripts_of(replace(data, sequence=replace(data.sequence, frames=bright), scores=rows))["numbers"]
    window = grey_window(bright[24:])
    assert numbers["window"] == list(window)
    assert numbers["limit_percent"] == difference_limit(bright[24:], bright[3], window) < 100
    assert numbers["limit_mm"] == 5
    assert scripts["numbers"]["window"] == list(grey_window(data.sequence.frames[24:]))


def test_a_bright_faulty_frame_sets_no_scale(data: ReportData, scripts: dict[str, Any]) -> None:
    frames = data.sequence.frames.copy()
    frames[26] *= 50
    numbers = scripts_of(replace(data, sequence=replace(data.sequence, frames=frames, faults={26: "mirrored"})))[
        "numbers"
    ]
    others = frames[[t for t in range(24, len(frames)) if t != 26]]
    window = grey_window(others)
    assert numbers["window"] == list(window)
    reference = frames[data.flows[0].reference]
    assert numbers["limit_percent"] == difference_limit(others, reference, window)
    assert numbers["window"][1] < grey_window(frames[24:]).high


@pytest.mark.parametrize("held", [True, False])
def test_the_brightness_of_faulty_frames_is_warned_of_where_they_are_measured(data: ReportData, held: bool) -> None:
    frames = np.repeat(data.sequence.frames[:1], len(data.sequence.frames), axis=0)
    frames[24:30] //= 3
    faults = dict.fromkeys(range(24, 30), "unlike the train span")
    own = frozenset(faults) if held else frozenset[int]()
    flows = tuple(replace(flow, takes_brightness_for_motion=True, held=own) for flow in data.flows)
    sequence = replace(data.sequence, frames=frames, faults=faults)
    page = render_page(replace(data, sequence=sequence, flows=flows), [], ())
    means = frames.mean(axis=(1, 2)) - np.median(frames.min(axis=(1, 2)))
    low, middle, high = np.percentile(means, [5, 50, 95])
    said = f"The brightness of whole frames varies by\n{100 * (high - low) / middle:.0f} %."
    assert (said in page) == (not held)
    assert ("The brightness of whole frames varies" in page) == (not held)
