"""Recordings with lost frames, pauses and frames out of time: run, live, tune and report go on by time."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.frames import read_sequence
from cinecast.frames.missing_frames import missing_frames_text
from cinecast.motion.drift import ForecastMotion
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.score.bands import instant_conditions, pixel_bands
from cinecast.settings.toml_file import build_settings, read_settings_file
from cinecast.store import artifacts as art
from cinecast_models import Conditions, forecast_series, method_settings
from helpers.command_line import call_aloud, succeed
from helpers.predicted import predicted_of
from helpers.report_targets import disc

COUNT, PERIOD = 170, 0.25
METHOD_NAMES = ("persistence", "linear", "rls", "snap1", "mixture")
SHORT = {"linear": 6, "rls": 6, "snap1": 6, "mixture": 6}
# Recorded frames by their number in the whole sequence: 2.5 s are missing from the train span, 3 s from the test span.
# The first forecast one frame ahead is of one that is lost.
LOST = (7, 20, 21, 56, 75, 150)
PAUSES = (range(30, 40), range(128, 140))
LATE = 62  # comes 0.1 s late, between two instants
# A single one, one beside a lost frame, and three in a row.
DARK = [70, 74, 90, 91, 92]
HELD = [*DARK, 75]
KEPT = np.array([t for t in range(COUNT) if t not in LOST and not any(t in pause for pause in PAUSES)])


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a phantom of which frames are missing, for reading only."""
    settings = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=COUNT, frame_period_s=PERIOD)
    whole = make_phantom(settings).sequence
    frames, times_s = whole.frames.copy(), whole.times_s.copy()
    frames[DARK] //= 200
    times_s[LATE] += 0.1
    folder = tmp_path_factory.mktemp("gaps")
    np.savez(
        folder / "broken.npz", frames=frames[KEPT], times_s=times_s[KEPT], pixel_spacing_mm=np.array(whole.spacing_mm)
    )
    np.save(folder / "disc.npy", disc((48, 40), 30.0, 18.0))
    return folder / "broken.npz"


@pytest.fixture(scope="module")
def finished(broken: Path) -> Path:
    out = broken.parent / "run"
    methods = [part for name in METHOD_NAMES for part in ("--method", name)]
    short = [part for name, length in SHORT.items() for part in ("--set", f"forecast.{name}.history_length={length}")]
    options = ("--horizon", "1", "--horizon", "3", "--set", "forecast.runs=2", "--set", "flow.reference=0")
    target = ("--target", broken.parent / "disc.npy", "--latency", "0.5")
    succeed("run", broken, "--out", out, *methods, *options, *short, *target)
    return out


def table_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_missing_is_said(broken: Path, finished: Path) -> None:
    said = (
        "6 frames lost (before frames 7, 19, 43, 61, 123), filled in from the frames around; 2 pauses (2.75 s "
        "before frame 27, 3.25 s before frame 113), after which histories begin anew; 1 frame out of time (frame 48), "
        "neither learned from nor scored"
    )
    sequence = read_sequence(broken)
    late = int(np.flatnonzero(KEPT == LATE)[0])
    assert sequence.instants.instant_of[late] == -1
    table = succeed("info", broken).replace("│", " ")
    assert said.split("; ")[2] in " ".join(line.strip() for line in table.splitlines()) or "out of time" in table
    assert missing_frames_text(sequence) == said
    page = (finished / "report/index.html").read_text(encoding="utf-8")
    assert 'id="missing-frames"' in page
    assert "2 pauses (2.75 s before frame 27, 3.25 s before frame 113)" in page


def test_splits_and_period_are_those_of_the_whole_recording(broken: Path) -> None:
    sequence = read_sequence(broken)
    assert sequence.frame_period_s == PERIOD
    # A third of 170 frames is 56: where they end is the same time, whatever is missing.
    assert KEPT[sequence.split.train_end - 1] == 55
    assert KEPT[sequence.split.train_end] == 57
    assert KEPT[sequence.split.validation_end - 1] == 112
    assert sequence.split.test_end == len(KEPT)


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("method", METHOD_NAMES)
def test_forecasts_are_those_of_the_series_by_time(finished: Path, method: str, horizon: int) -> None:
    """The series is put on its clock here by hand, with the frame out of time as the neighbour that it is."""
    sequence = art.load_sequence(finished / art.FRAMES)
    split = sequence.split
    weights = art.load_weights(finished / art.motion_key(split.train_end))
    wanted = art.load_forecast(finished / art.method_key("forecast", method, horizon), len(KEPT))
    by_hand = np.full((COUNT, weights.shape[1]), np.nan)
    on_time = KEPT != LATE
    by_hand[KEPT[on_time]] = weights[on_time]
    at = np.where(KEPT == LATE, LATE + 0.4, KEPT)
    filled = [*LOST, LATE]
    for t in filled:
        after = int(np.searchsorted(at, t))
        share = (t - at[after - 1]) / (at[after] - at[after - 1])
        by_hand[t] = weights[after - 1] + share * (weights[after] - weights[after - 1])
    lost = [*filled, *(t for pause in PAUSES for t in pause)]
    settings = build_settings(read_settings_file(finished / "settings.toml"))
    modes = wanted.shape[-1]
    result = forecast_series(
        by_hand[:, :modes],
        method=method,
        settings=method_settings(method, settings.forecast.method_settings.get(method)),
        horizon=horizon,
        train_end=56,
        runs=2,
        seed=settings.forecast.seed,
        lost=lost,
        held=HELD,
    ).forecasts[:, KEPT]
    result[:, ~on_time] = np.nan
    np.testing.assert_allclose(wanted, result, rtol=1e-6, atol=1e-9)


def pixel_radii_of(run: Path, motion: ForecastMotion, forecasts: NDArray[np.float64]) -> dict[int, NDArray[np.float32]]:
    """Return the radii (H, W) of the first random run by frame, from what lies on the disk."""
    sequence, dvf = art.load_sequence(run / art.FRAMES), art.load_array(run / art.FLOW / "dvf.npy")
    (folder,) = (run / "motion").glob("train_*")
    weights = art.load_weights(folder)[:, : forecasts.shape[-1]]
    instants = sequence.instants
    found = instant_conditions(
        weights,
        forecasts[:1],
        horizon=motion.horizon,
        instants=instants,
        left_out=sequence.faults,
        train_end=sequence.split.train_end,
    )
    bands = pixel_bands(
        dvf,
        motion,
        forecasts[0],
        spacing_mm=sequence.spacing_mm,
        level=0.9,
        instants=instants,
        conditions=Conditions(found.difficulty[0], found.place[0]),
        left_out=sequence.faults,
    )
    return {band.frame: band.radius_mm for band in bands}


def target_radii_of(run: Path, method: str, horizon: int) -> dict[int, float]:
    table = table_of(run / art.method_key("score", method, horizon) / art.TARGET_SCORES_FILE)
    rows = [row for row in table if row["run"] == "0" and row["against"] == "measured"]
    return {int(row["frame"]): float(row["radius_mm"]) for row in rows if row["centroid_mm"]}


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("method", METHOD_NAMES)
def test_replay_is_the_run_to_the_bit(broken: Path, finished: Path, method: str, horizon: int) -> None:
    settings = build_settings(read_settings_file(finished / "settings.toml"))
    sequence = read_sequence(broken, settings.frames)
    split, instants = sequence.split, sequence.instants
    live = LiveForecaster(
        settings,
        method=method,
        horizon=str(horizon),
        calibration_frames=split.train_end,
        spacing_mm=lambda: sequence.spacing_mm,
    )
    wanted = art.load_forecast(finished / art.method_key("forecast", method, horizon), len(KEPT))
    bands = art.load_bands(finished / art.method_key("score", method, horizon), wanted.shape)
    predicted = predicted_of(finished, method, horizon)
    folder = finished / art.motion_key(split.train_end)
    drifts = art.load_drifts(finished / art.drift_key(split.train_end))
    issued = instants.issued(horizon)
    motion = ForecastMotion(art.load_motion_model(folder).first(wanted.shape[-1]), horizon, drifts, issued)
    pixels = pixel_radii_of(finished, motion, wanted)
    targets = target_radii_of(finished, method, horizon)
    compared = dict.fromkeys(("train", "test", "without", "target"), 0)
    for t in range(len(KEPT)):
        if t == split.train_end:
            (target,) = art.load_targets(finished / art.MEASURED_TARGET)
            live.set_target(target, spacing_mm=sequence.spacing_mm)
        got = live.push(sequence.frames[t], float(sequence.times_s[t]))
        for aim in np.flatnonzero(issued == t) if got else ():
            if np.isnan(wanted[:, aim]).all():
                assert got.without_history
                compared["without"] += 1
                continue
            assert not got.without_history
            np.testing.assert_array_equal(got.weights, wanted[:, aim])
            if aim not in sequence.faults:  # a band of a motion that was not measured is none
                np.testing.assert_array_equal(got.weights + got.radius, bands.high[:, aim])
                np.testing.assert_array_equal(got.pixel_radius_mm, pixels[aim])
            if aim in targets and t >= split.train_end:
                assert got.target_radii_mm["disc"] == targets[aim]
                compared["target"] += 1
            np.testing.assert_array_equal(got.dvf, motion.dvf(aim, wanted[got.run, aim]))
            compared["train"] += 1
            if aim >= split.validation_end:
                np.testing.assert_array_equal(got.frame, predicted[aim - split.validation_end])
                compared["test"] += 1
    forecast = np.isfinite(wanted).all(axis=(0, 2))
    assert compared["train"] == forecast.sum() > 60
    assert compared["test"] == forecast[split.validation_end :].sum() > 30
    assert compared["target"] > 30
    assert np.isfinite(list(targets.values())).all()
    assert compared["without"] == (0 if method == "persistence" else 5)


def test_radii_of_landmarks_and_of_the_target_are_in_the_tables(finished: Path) -> None:
    folder = finished / art.method_key("score", "rls", 3)
    scores = [
        row for row in table_of(finished / art.SCORES_FILE) if (row["method"], row["horizon_frames"]) == ("rls", "3")
    ]
    found = {(row["region"], row["metric"]): float(row["value"]) for row in scores if row["value"]}
    assert 0.5 < found["landmarks", "landmarks_inside"] <= 1
    assert 0.5 < found["target:disc", "centroid_inside"] <= 1
    radii = table_of(folder / "landmark_radii.csv")
    frames = [row for row in table_of(folder / "per_frame.csv") if row["region"] == "landmarks"]
    assert [(row["run"], row["frame"]) for row in radii] == [(row["run"], row["frame"]) for row in frames]
    columns = [name for name in radii[0] if name.startswith("radius_mm_")]
    assert len(columns) > 3
    largest = max(float(row[name]) for row in radii for name in columns if row[name])
    shares = [float(row["landmarks_inside"]) for row in frames if row["landmarks_inside"]]
    assert 0 < max(float(row["landmarks_radius_mm"] or 0) for row in frames) <= largest
    assert len(shares) > 30
    errors = [row for row in table_of(folder / art.TARGET_SCORES_FILE) if row["radius_mm"] and row["centroid_mm"]]
    held = np.mean([float(row["centroid_mm"]) <= float(row["radius_mm"]) for row in errors])
    assert found["target:disc", "centroid_inside"] == pytest.approx(held)
    assert not any(
        row["metric"] == "centroid_inside" for row in table_of(finished / art.SCORES_FILE) if row["method"] == "oracle"
    )


@pytest.mark.parametrize("horizon", [1, 3])
def test_all_methods_are_scored_on_the_same_frames(finished: Path, horizon: int) -> None:
    test = [t for t in range(113, COUNT) if t in KEPT]
    unknown = [t for pause in PAUSES for t in pause]
    # The longest history, 6 samples, lies after the pause, and a frame came when the forecast was issued.
    scored = [t for t in test if t - horizon in KEPT and not any(t - horizon - 5 <= gone <= t for gone in unknown)]
    for method in METHOD_NAMES:
        rows = table_of(finished / art.method_key("score", method, horizon) / "per_frame.csv")
        image = [row for row in rows if row["region"] == "image" and row["run"] == "0"]
        numbers = {int(row["frame"]): float(row["dvf_error_mean_mm"] or "nan") for row in image}
        assert [KEPT[t] for t in sorted(numbers)] == test
        assert [KEPT[t] for t, value in numbers.items() if np.isfinite(value)] == scored
        table = {
            (row["region"], row["metric"]): float(row["value"])
            for row in table_of(finished / "score/scores.csv")
            if (row["method"], row["horizon_frames"]) == (method, str(horizon)) and row["runs"] == "1"
        }
        if ("image", "dvf_error_mean_mm") in table:
            mean = np.mean([value for value in numbers.values() if np.isfinite(value)])
            assert table["image", "dvf_error_mean_mm"] == pytest.approx(mean, rel=1e-9)
        targets = list(
            csv.DictReader((finished / art.method_key("score", method, horizon) / art.TARGET_SCORES_FILE).open())
        )
        assert sorted({int(KEPT[int(row["frame"])]) for row in targets}) == scored
        gated = {int(KEPT[int(row["frame"])]) for row in targets if row["beam_on"]}
        late = max(0, 2 - horizon)  # the beam acts on the forecast of so many frames before
        assert gated == {t for t in scored if t >= 113 + 2 and t - late in scored}


def test_a_late_beam_acts_on_no_forecast_from_before_a_pause(finished: Path, tmp_path: Path) -> None:
    """With a pause as long as one frame, it took one of 4 s before for one of the latency."""
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    succeed("run", finished.parent / "broken.npz", "--out", run, "--latency", "4")
    own = art.method_key("score", "rls", 3)
    rows = table_of(run / own / art.TARGET_SCORES_FILE)
    scored = {int(KEPT[int(row["frame"])]) for row in rows}
    gated = {int(KEPT[int(row["frame"])]) for row in rows if row["beam_on"]}
    assert gated == {t for t in scored if t >= 113 + 16 and t - (16 - 3) in scored}
    assert len(gated) > 5


def scores_at(run: Path, method: str, horizon: int) -> dict[tuple[str, str], float]:
    """Return the values of one method at a horizon, without those against labels."""
    rows = [row for row in table_of(run / art.SCORES_FILE) if row["against"] != "labels"]
    own = [row for row in rows if (row["method"], row["horizon_frames"]) == (method, str(horizon))]
    return {(row["region"], row["metric"]): float(row["value"]) for row in own}


def measured_errors_mm(run: Path, frames: set[int]) -> list[float]:
    """Return how far the measured motion is off at each landmark that was followed in the frames, by plain bilinear."""
    dvf, spacing_mm = np.load(run / "flow/dvf.npy"), 6.0
    places = {
        row["name"]: (float(row["row"]), float(row["column"])) for row in table_of(run / "landmarks/landmarks.csv")
    }
    errors = []
    for row in table_of(run / "landmarks/tracks.csv"):
        if int(row["frame"]) not in frames or not row["dx_px"]:
            continue
        y, x = places[row["name"]]
        i, j = int(y), int(x)
        (a, b), u = (y - i, x - j), dvf[int(row["frame"])]
        upper, lower = (1 - b) * u[i, j] + b * u[i, j + 1], (1 - b) * u[i + 1, j] + b * u[i + 1, j + 1]
        off = (1 - a) * upper + a * lower - [float(row["dx_px"]), float(row["dy_px"])]
        errors.append(spacing_mm * float(np.hypot(*off)))
    return errors


@pytest.mark.parametrize("horizon", [1, 3])
def test_floors_are_of_the_frames_that_the_methods_are_scored_on(finished: Path, horizon: int) -> None:
    own = finished / art.method_key("score", "rls", horizon)
    frames = {int(row["frame"]) for row in table_of(own / "per_frame.csv") if row["dvf_error_mean_mm"]}
    expected = measured_errors_mm(finished, frames)
    measured = scores_at(finished, "measured", horizon)
    assert measured["landmarks", "landmark_error_mean_mm"] == pytest.approx(np.mean(expected), rel=1e-6)
    assert measured["landmarks", "landmark_error_p95_mm"] == pytest.approx(np.percentile(expected, 95), rel=1e-6)
    of_oracle = table_of(finished / art.method_key("score", "oracle", 0) / "per_frame.csv")
    errors = {int(row["frame"]): row["dvf_error_mean_mm"] for row in of_oracle if row["region"] == "image"}
    assert len(frames) < sum(bool(value) for value in errors.values())
    mean = np.mean([float(errors[t]) for t in frames])
    assert scores_at(finished, "oracle", horizon)["image", "dvf_error_mean_mm"] == pytest.approx(mean, rel=1e-9)
    gated = [int(row["inside"]) for row in table_of(own / art.TARGET_SCORES_FILE) if row["inside"]]
    assert 0 < sum(gated) < len(gated)
    perfect = scores_at(finished, "perfect", horizon)
    assert perfect["target:disc", "duty_cycle"] == pytest.approx(np.mean(gated), rel=1e-9)


def test_what_is_said_of_a_frame_depends_on_no_later_gap(broken: Path, finished: Path, tmp_path: Path) -> None:
    with np.load(broken) as file:
        arrays = dict(file)
    after = np.arange(len(KEPT))
    fewer = after[(after < 115) | (after % 3 > 0)]
    arrays["frames"], arrays["times_s"] = arrays["frames"][fewer], arrays["times_s"][fewer]
    np.savez(tmp_path / "other.npz", **arrays)
    options = ("--method", "rls", "--method", "mixture", "--horizon", "3", "--set", "flow.reference=0")
    short = ("--set", "forecast.rls.history_length=6", "--set", "forecast.mixture.history_length=6")
    succeed("run", tmp_path / "other.npz", "--out", tmp_path / "run", *options, *short)
    for method in ("rls", "mixture"):
        key = art.method_key("forecast", method, 3)
        one, other = art.load_forecast(finished / key, len(KEPT)), art.load_forecast(tmp_path / "run" / key, len(fewer))
        np.testing.assert_array_equal(one[:, :115], other[:, :115])
        assert np.isfinite(one[:, :115]).all(axis=2).sum() > 40


def test_the_published_protocol_has_no_gaps(broken: Path, tmp_path: Path) -> None:
    done = call_aloud(
        "run", broken, "--out", tmp_path / "run", "--method", "rls", "--set", "forecast.protocol=published"
    )
    assert done.code == 2
    assert "the published protocol needs a sequence without gaps, got one that misses frames" in done.errors


def test_settings_are_tuned_on_it(broken: Path, tmp_path: Path) -> None:
    options = ("--method", "rls", "--horizon", "2", "--thin", "1", "--modes", "2")
    succeed("tune", broken, "--out", tmp_path / "run", *options)
    tuned = build_settings(read_settings_file(tmp_path / "run/tuned.toml")).forecast.tuned_at("rls", 2)
    assert tuned is not None


def test_the_same_recording_in_other_words_is_batch_work(
    broken: Path, finished: Path, tmp_path: Path, address: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/broken.npz").write_bytes(broken.read_bytes())
    options = ("--method", "rls", "--horizon", "3", "--set", "flow.reference=0")
    succeed("batch", tmp_path / "in", "--out", tmp_path / "out", *options, "--scheduler", address, *_history("rls"))
    (run,) = (path.parent.parent for path in (tmp_path / "out").rglob("score/scores.csv"))
    key = art.method_key("forecast", "rls", 3)
    # The other run has fitted more modes for `mixture`, which changes the last bits of the first ones.
    here, there = (art.load_forecast(root / key, len(KEPT)) for root in (run, finished))
    np.testing.assert_allclose(here, there, rtol=1e-9, atol=1e-12)


def _history(method: str) -> tuple[str, str]:
    return "--set", f"forecast.{method}.history_length=6"
