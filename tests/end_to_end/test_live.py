"""`cinecast live` replays a sequence: its forecasts, its figures, what Ctrl-C and a full disk leave."""

from __future__ import annotations

import csv
import json
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.frames import read_sequence
from cinecast.motion import MotionModel
from cinecast.score import pixel_distance_mm
from cinecast.settings import WarpSettings
from cinecast.store import artifacts as art
from cinecast.warp import warp
from helpers.command_line import call_cli, digests, environment, on_terminal, run_cli, succeed
from helpers.live_sessions import LiveProcess, until_forecasts
from helpers.predicted import predicted_of
from helpers.stream_server import image, server

TRAIN, FRAMES = 20, 60
# Known after 16, 32 and 48 frames.
DRIFTS = tuple(f"drift_{number:05d}.npy" for number in range(3))
OPTIONS = ("--method", "snap1", "--horizon", "2", "--set", "forecast.runs=3")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def predicted(live: Path, row: dict[str, str]) -> NDArray[np.generic]:
    data = np.asarray(nibabel.load(live / row["file"]).dataobj)  # type: ignore[attr-defined]
    return data[:, :, 0, int(row["index"])].T


def weights(row: dict[str, str]) -> NDArray[np.float64]:
    return np.array([float(row[f"weight_{k}"]) for k in (1, 2, 3)])


@pytest.fixture(scope="module")
def replayed(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("live") / "live"
    return out, succeed("live", original_phantom, "--out", out, *OPTIONS, "--rate", "max")


def test_what_is_written_is_what_the_run_has(original_run: Path, replayed: tuple[Path, str]) -> None:
    live, _ = replayed
    wanted = art.load_forecast(original_run / "forecast/snap1/h002", FRAMES)
    frames = predicted_of(original_run, "snap1", 2)
    forecasts = rows(live / "forecasts.csv")
    assert len(forecasts) == 3 * (FRAMES - TRAIN + 1)
    for i, row in enumerate(forecasts):
        aim, run = TRAIN + 1 + i // 3, i % 3
        assert (row["issued_at"], int(row["run"])) == (f"frame {aim - 2}", run)
        assert float(row["time_s"]) == pytest.approx(aim * 0.25)
        if aim < FRAMES:
            np.testing.assert_array_equal(weights(row), wanted[run, aim])
        if run == 0 and 40 <= aim < FRAMES:
            np.testing.assert_array_equal(predicted(live, row), frames[aim - 40])
    assert sorted(path.name for path in (live / "predicted").iterdir()) == [
        "predicted_000000.nii",
        "predicted_000001.nii",
    ]


def test_the_calibration_is_written_and_makes_the_vectors(original_run: Path, replayed: tuple[Path, str]) -> None:
    live, _ = replayed
    assert digests(live / "calibration_000").keys() == {
        "reference.npy",
        *art.FILES["motion"],
        art.PIXEL_WEIGHTS_FILE,
        *DRIFTS,
    }
    for name in ("mean.npy", "modes.npy", art.PIXEL_WEIGHTS_FILE):
        assert (live / "calibration_000" / name).read_bytes() == (
            original_run / art.motion_key(TRAIN) / name
        ).read_bytes()


def test_weights_model_and_drift_make_the_predicted_frames(original_phantom: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    options = ("--method", "mixture", "--horizon", "2", "--set", "forecast.mixture.history_length=6")
    succeed("live", original_phantom, "--out", live, *options, "--rate", "max")
    calibration = live / "calibration_000"
    model, reference = art.load_motion_model(calibration), np.load(calibration / "reference.npy")
    forecasts = rows(live / "forecasts.csv")
    for row in forecasts:
        own = np.array([float(row[f"weight_{k + 1}"]) for k in range(12)])
        dvf = model.reconstruct(own) + np.load(live / row["drift"])
        np.testing.assert_array_equal(predicted(live, row), warp(reference, dvf, WarpSettings()))
    files = list(dict.fromkeys(row["drift"] for row in forecasts))
    assert files == [f"calibration_000/{name}" for name in DRIFTS]
    # The first is that of frames which the modes were fitted to, and may be less than a step.
    assert all(np.load(live / file).any() for file in files[1:])


def test_the_running_error_is_that_of_the_forecasts(
    original_phantom: Path, original_run: Path, replayed: tuple[Path, str]
) -> None:
    live, printed = replayed
    model: MotionModel = art.load_motion_model(original_run / art.motion_key(TRAIN))
    truth = art.load_array(original_run / "flow/dvf.npy")
    spacing = read_sequence(original_phantom).spacing_mm
    shown = [row for row in rows(live / "forecasts.csv") if row["run"] == "0"]
    errors = [
        pixel_distance_mm(
            model.first(3).reconstruct(weights(row), np.load(live / row["drift"])),
            truth[TRAIN + 1 + i],
            spacing_mm=spacing,
        ).mean()
        for i, row in enumerate(shown)
        if TRAIN + 1 + i < FRAMES
    ]
    summary = json.loads((live / "summary.json").read_text())
    assert summary["error_forecasts"] == len(errors) == FRAMES - TRAIN - 1
    assert summary["error_mm"] == pytest.approx(np.mean(errors))
    assert f"{np.mean(errors):.3f}" in printed
    said = [float(row["error_mm"]) for row in rows(live / "frames.csv") if row["error_mm"]]
    np.testing.assert_allclose(said, errors)


def test_every_frame_has_its_row_and_its_times(replayed: tuple[Path, str]) -> None:
    live, printed = replayed
    frames = rows(live / "frames.csv")
    assert [row["name"] for row in frames] == [f"frame {t}" for t in range(FRAMES)]
    states = ["collected"] * (TRAIN - 1) + ["calibrated"] + ["forecast"] * (FRAMES - TRAIN)
    assert [row["state"] for row in frames] == states
    steps = ("flow_ms", "projection_ms", "forecast_ms", "reconstruction_ms", "warp_ms")
    latencies = []
    for row in frames[TRAIN:]:
        assert all(float(row[step]) > 0 for step in steps)
        assert float(row["latency_ms"]) >= sum(float(row[step]) for step in steps)
        latencies.append(float(row["latency_ms"]))
    summary = json.loads((live / "summary.json").read_text())
    assert summary["latency_worst_ms"] == max(latencies)
    assert summary["latency_median_ms"] == pytest.approx(np.median(latencies), rel=0.2)
    assert {name: summary[name] for name in ("method", "horizon", "forecasts", "skipped", "unwritten")} == {
        "method": "snap1",
        "horizon": "2",
        "forecasts": FRAMES - TRAIN + 1,
        "skipped": 0,
        "unwritten": 0,
    }
    assert "calibrated at frame 19: forecasts begin" in printed
    assert re.search(r"latency median, ms .*latency 95 %.*latency 99 %.*latency worst.*error, mm", printed, re.DOTALL)


def test_a_horizon_in_seconds_is_not_rounded(original_phantom: Path, tmp_path: Path) -> None:
    options = ("--method", "rls", "--horizon", "0.4s", "--rate", "max")
    succeed("live", original_phantom, "--out", tmp_path / "live", *options)
    forecasts = rows(tmp_path / "live" / "forecasts.csv")
    ahead = [float(row["time_s"]) - float(row["issued_s"]) for row in forecasts]
    np.testing.assert_allclose(ahead, 0.4, rtol=1e-9)
    assert len(forecasts) == FRAMES - TRAIN + 1


def test_real_rate_takes_the_time_of_the_sequence(original_phantom: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    options = ("--frame-period", "0.01", "--horizon", "2", "--calibration", "30")
    succeed("live", original_phantom, "--out", tmp_path / "live", *options)
    assert time.monotonic() - began > 0.59
    states = [row["state"] for row in rows(tmp_path / "live" / "frames.csv")]
    assert states[:30] == ["collected"] * 30
    assert len(states) == 60


def test_at_real_rate_the_calibration_goes_on_beside_the_stream(original_phantom: Path, tmp_path: Path) -> None:
    options = ("--method", "mixture", "--horizon", "2", "--calibration", "30")
    began = time.monotonic()
    printed = succeed("live", original_phantom, "--out", tmp_path / "real", *options, "--frame-period", "0.1")
    took_s = time.monotonic() - began
    succeed("live", original_phantom, "--out", tmp_path / "max", *options, "--frame-period", "0.1", "--rate", "max")
    told = rows(tmp_path / "real" / "frames.csv")
    passed = [row for row in told if row["state"] == "passed over"]
    first = next(t for t, row in enumerate(told) if row["state"] == "calibrated")
    assert first >= 29
    states = ["collected"] * 30 + ["passed over"] * (first - 30)
    # A forecast that a slow machine has out too late is stale, and says so.
    later = ["stale" if "the instant that it is of has passed" in row["reason"] else "forecast" for row in told]
    assert [row["state"] for row in told] == [*states[:first], "calibrated", *later[first + 1 :]]
    assert {row["reason"] for row in passed} <= {"it came during the calibration: learned from, not forecast from"}
    assert {bool(row["latency_ms"]) for row in told[:first]} == {False}
    assert all(row["latency_ms"] for row in told[first + 1 :])  # the first may have waited
    summary = json.loads((tmp_path / "real" / "summary.json").read_text())
    assert summary["passed_over"] == len(passed)
    assert summary["forecasts"] == 60 - first
    assert 0 < summary["calibration_s"] < took_s
    assert f"calibrated at frame {first}: forecasts begin" in printed
    got, wanted = (rows(tmp_path / rate / "forecasts.csv") for rate in ("real", "max"))
    assert len(got) == 60 - first <= len(wanted) == 31
    for own, other in zip(got, wanted[-len(got) :], strict=True):
        assert own.keys() == other.keys()
        assert all(own[name] == other[name] for name in own if name not in ("file", "index", "drift"))
        drifts = [np.load(tmp_path / rate / row["drift"]) for rate, row in (("real", own), ("max", other))]
        np.testing.assert_array_equal(*drifts)
        np.testing.assert_array_equal(predicted(tmp_path / "real", own), predicted(tmp_path / "max", other))


def _interrupted(
    source: Path, out: Path, after_rows: int, *options: str, name: str = "frames.csv"
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cinecast", "live", str(source), "--out", str(out), *options]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    table = out / name
    while process.poll() is None and (not table.exists() or table.read_bytes().count(b"\n") <= after_rows):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=300)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def test_ctrl_c_leaves_complete_results(original_phantom: Path, replayed: tuple[Path, str], tmp_path: Path) -> None:
    out = tmp_path / "live"
    done = _interrupted(original_phantom, out, 3 * 5, *OPTIONS, "--frame-period", "0.25", name="forecasts.csv")
    assert done.returncode == 130
    assert done.stderr == "cinecast: interrupted; what is finished is kept\n"
    assert "latency median, ms" in done.stdout
    forecasts = rows(out / "forecasts.csv")
    whole = rows(replayed[0] / "forecasts.csv")
    assert 3 * 5 <= len(forecasts) < len(whole)
    first = next(i for i, row in enumerate(whole) if row["issued_s"] == forecasts[0]["issued_s"])
    for got, wanted in zip(forecasts, whole[first:], strict=False):
        np.testing.assert_array_equal(weights(got), weights(wanted))
        if got["run"] == "0":
            np.testing.assert_array_equal(predicted(out, got), predicted(replayed[0], wanted))
    assert json.loads((out / "summary.json").read_text())["forecasts"] == len(forecasts) // 3


def test_ctrl_c_before_the_first_forecast(original_phantom: Path, tmp_path: Path) -> None:
    done = _interrupted(original_phantom, tmp_path / "live", 2)
    assert done.returncode == 130
    assert re.search(r"no forecast: \d+ of 20 frames to calibrate on came", done.stdout)


def test_a_table_on_a_terminal(original_phantom: Path, tmp_path: Path) -> None:
    options = ("--out", str(tmp_path / "live"), "--method", "rls", "--horizon", "2", "--frame-period", "0.05")
    code, shown = on_terminal("live", str(original_phantom), *options)
    assert code == 0
    assert re.search(r"breathing\.nii\.gz, rls 2 ahead: frame \d+, (collected|forecast)", shown)
    assert shown.count("latency median, ms") > 3


def test_without_space_the_stream_goes_on_and_what_is_missing_is_counted(
    original_phantom: Path, replayed: tuple[Path, str], tmp_path: Path
) -> None:
    out, limit = tmp_path / "live", 3000
    command = ["live", str(original_phantom), "--out", str(out), *OPTIONS, "--rate", "max"]
    done = run_cli(*command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.code == 0
    assert done.errors.count("needs space on the disk") == 1
    assert "the stream goes on; what is not written is counted" in " ".join(done.errors.split())
    kept, whole = rows(out / "forecasts.csv"), rows(replayed[0] / "forecasts.csv")
    assert 0 < len(kept) < len(whole)
    # What found no room is left out whole; a shorter forecast after it may still find some.
    known = {(row["issued_at"], row["run"]): weights(row).tolist() for row in whole}
    order = list(known)
    places = [order.index((row["issued_at"], row["run"])) for row in kept]
    assert places == sorted(set(places))
    assert [weights(row).tolist() for row in kept] == [known[order[place]] for place in places]
    assert list((out / "predicted").iterdir()) == []
    frames = rows(out / "frames.csv")
    of_calibration = 2 + len(DRIFTS)  # its model, and the landmarks
    missing = (FRAMES - len(frames)) + (len(whole) - len(kept)) + (FRAMES - TRAIN + 1) + of_calibration
    assert f"{missing} results found no place on the disk" in done.output
    assert json.loads((out / "summary.json").read_text())["unwritten"] == missing


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--rate", "fast"), "--rate must be real or max, got 'fast'"),
        (("--horizon", "soon"), "a horizon must be a number of frames such as 3, or of seconds such as 0.5s"),
        (("--horizon", "0s"), "a horizon must be above 0 s, got 0s"),
        (("--horizon", "30"), "must be 42 or more, for a history of 12 frames and a horizon of 30, got"),
        (("--method", "guess"), "a method must be one of persistence, linear"),
        (("--calibration", "1"), "frames.train_end must be a whole number of frames, 2 or more, got 1"),
        (("--calibration", "3"), "the frames to calibrate on must be 4 or more, for the reference frame and 3 modes"),
        (("--set", "forecast.protocol=published"), "live forecasting needs forecast.protocol to be causal"),
        (("--set", "flow.levels=6"), "flow.levels must leave 4 pixels or more on the coarsest level"),
        (("--idle", "3"), "--idle takes a positive number of seconds, with --watch or a stream, got 3"),
        (("--watch",), "a folder to watch must exist"),
        (("--watch", "--rate", "max"), "--rate must be left out with --watch or a stream, got max"),
    ],
)
def test_mistakes_are_answered_in_one_sentence(
    original_phantom: Path, tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    rate = () if "--rate" in options or "--watch" in options else ("--rate", "max")
    assert sentence in call_cli("live", original_phantom, "--out", tmp_path / "live", *rate, *options).sentence
    assert not (tmp_path / "live").exists()


def test_a_folder_that_holds_something_is_left_alone(original_phantom: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    sentence = call_cli("live", original_phantom, "--out", tmp_path, "--rate", "max").sentence
    assert "a live session needs a new or empty folder" in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_patient_who_moved_is_fitted_anew(original_phantom: Path, tmp_path: Path) -> None:
    still = read_sequence(original_phantom).frames
    cycle = np.concatenate([still, still[-2:0:-1]])  # no frame comes twice in a row
    moved = np.roll(cycle, 3, axis=1)
    out, sent = tmp_path / "live", 0

    def talk(connected: socket.socket) -> None:
        """Send each frame once there is a forecast of the one before, until the model has been fitted anew."""
        nonlocal sent
        while sent < 40 or "recalibrated" not in (out / "frames.csv").read_text():
            frame = (cycle if sent < 80 else moved)[sent % len(cycle)]
            connected.sendall(image(sent, frame, affine=np.diag([6.0, 6.0, 1.0, 1.0])))
            sent += 1
            if sent >= 40:
                until_forecasts(out, sent - 39)

    facts = ("--recalibrate", "--calibration", "40", "--horizon", "2")
    with server([talk]) as port, LiveProcess(tmp_path, f"igtl://127.0.0.1:{port}", "--out", out, *facts) as live:
        outcome = live.interrupted(lambda: (out / "calibration_001").exists() and "has ended" in live.said)
    assert outcome.code == 130, outcome
    table = rows(tmp_path / "live" / "frames.csv")
    states = [row["state"] for row in table]
    # A slow machine may be late with one or the other, too.
    why = [[each for each in row["reason"].split("; ") if each and "has passed" not in each] for row in table]
    stale = [state == "stale" and bool(reasons) for state, reasons in zip(states, why, strict=True)]
    assert stale.index(True) == 84
    renewed = states.index("recalibrated")
    assert renewed >= 80 + 20
    forecasts = rows(tmp_path / "live" / "forecasts.csv")
    calibrations = {row["issued_at"]: row["calibration"] for row in forecasts}
    assert calibrations[f"frame {renewed - 1}"] == "0"
    assert calibrations[f"frame {renewed}"] == "1"
    model = art.load_motion_model
    assert model(tmp_path / "live/calibration_001").modes.shape == (12, 48, 40, 2)
    assert np.array_equal(
        np.load(tmp_path / "live/calibration_000/reference.npy"),
        np.load(tmp_path / "live/calibration_001/reference.npy"),
    )
