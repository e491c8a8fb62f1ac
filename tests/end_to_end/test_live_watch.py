"""`cinecast live --watch`: a scanner writes, slowly and not always well, and every good frame is forecast from."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cinecast import LiveForecaster
from cinecast.frames import read_sequence
from cinecast.settings import Settings
from end_to_end.test_live import predicted, rows, weights
from helpers.command_line import call_cli
from helpers.dicom_files import cine, image, save
from helpers.live_sessions import LiveProcess, newest_forecast_s, until_forecasts, wait_until

TRAIN, BLACK, SMALL, LOST = 24, 30, 40, 45
INTERRUPTED = 130


@pytest.fixture(scope="module")
def frames(original_phantom: Path) -> NDArray[np.generic]:
    return read_sequence(original_phantom).frames


def scan(frames: NDArray[np.generic]) -> list[Dataset | None]:
    """Return the images that a scanner writes: among them a black one and a small one; one is never written."""
    images: list[Dataset | None] = list(cine(frames, PixelSpacing=[6, 6]))
    for t, odd in ((BLACK, np.zeros_like(frames[0])), (SMALL, frames[0, :32, :32])):
        good = images[t]
        assert good is not None
        kept = {name: getattr(good, name) for name in ("AcquisitionDate", "AcquisitionTime", "SeriesInstanceUID")}
        images[t] = image(odd, SeriesNumber=7, InstanceNumber=t + 1, PixelSpacing=[6, 6], **kept)
    images[LOST] = None
    return images


def write_slowly(folder: Path, images: list[Dataset | None], made: Path, out: Path) -> None:
    for t, each in enumerate(images):
        if t == TRAIN:
            until_forecasts(out)
        if each is None:
            continue
        save(made, [each], [f"{t:03d}.dcm"])
        content = (made / f"{t:03d}.dcm").read_bytes()
        with (folder / f"{t:03d}.dcm").open("wb", buffering=0) as file:
            file.write(content[: len(content) // 2])
            time.sleep(0.01)
            file.write(content[len(content) // 2 :])


def until_frame(out: Path, t: int) -> Callable[[], bool]:
    """Return whether a session has forecast from a frame, to be asked for."""
    return lambda: newest_forecast_s(out) > 0.25 * t - 0.1


def test_frames_are_forecast_from_as_a_scanner_writes_them(frames: NDArray[np.generic], tmp_path: Path) -> None:
    folder, out = tmp_path / "scanner", tmp_path / "live"
    folder.mkdir()
    options = ("--method", "rls", "--watch", "--horizon", "0.5s", "--calibration", str(TRAIN))
    with LiveProcess(tmp_path, folder, "--out", out, *options) as session:
        write_slowly(folder, scan(frames), tmp_path / "made", out)
        outcome = session.interrupted(until_frame(out, 59))
    assert outcome.code == INTERRUPTED, outcome
    said = " ".join(outcome.errors.split())
    assert f"{BLACK:03d}.dcm (7.5000 s) is skipped: it shows no image: every pixel is 0" in said
    assert f"{SMALL:03d}.dcm (10.0000 s) is skipped: it has 32 x 32 pixels instead of 48 x 40" in said
    assert said.count("is skipped") == 2
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    table = {row["name"]: row for row in rows(out / "frames.csv")}
    assert list(table) == [f"{t:03d}.dcm" for t in range(60) if t != LOST]
    for name in (f"{BLACK:03d}.dcm", f"{SMALL:03d}.dcm"):
        assert table[name]["state"] == "skipped"
    shown = iter(rows(out / "forecasts.csv"))
    for t in range(60):
        if t in (BLACK, SMALL, LOST):
            continue
        wanted = live.push(frames[t], 0.25 * t)
        passed_over = table[f"{t:03d}.dcm"]["state"] == "passed over"  # by a session that others hold up
        if t >= TRAIN - 1 and not passed_over:  # the first though no further frame has come
            assert wanted is not None
            row = next(shown)
            assert float(row["time_s"]) == wanted.time_s
            np.testing.assert_array_equal(weights(row), wanted.weights[0])
            np.testing.assert_array_equal(predicted(out, row), wanted.frame)
    assert next(shown, None) is None
    summary = json.loads((out / "summary.json").read_text())
    assert summary["skipped"] == 2
    assert summary["forecasts"] + summary["passed_over"] == 60 - TRAIN - 2
    assert table[f"{TRAIN - 1:03d}.dcm"]["state"] == "calibrated"
    for t in (BLACK + 1, SMALL + 1, LOST + 1):
        assert table[f"{t:03d}.dcm"]["reason"].startswith("1 frame(s) lost before it, filled by interpolation")


def test_a_folder_in_which_nothing_comes(tmp_path: Path) -> None:
    folder = tmp_path / "scanner"
    folder.mkdir()
    outcome = call_cli("live", folder, "--out", tmp_path / "live", "--watch", "--idle", "0.2")
    assert (outcome.code, outcome.errors) == (0, "")
    assert "no forecast: 0 of 90 frames to calibrate on came" in outcome.output


def test_a_stream_without_spacing_is_refused_in_one_sentence(frames: NDArray[np.generic], tmp_path: Path) -> None:
    folder = save(tmp_path / "scanner", cine(frames[:30], PixelSpacing=None))
    options = ("--method", "rls", "--watch", "--idle", "3", "--calibration", "24")
    sentence = call_cli("live", folder, "--out", tmp_path / "live", *options).sentence
    assert "a stream needs a pixel spacing" in sentence
    assert "--pixel-spacing" in sentence


def test_counted_frames_are_forecast_from_in_the_order_of_a_recording(
    frames: NDArray[np.generic], tmp_path: Path
) -> None:
    images = cine(frames[:40], period_s=None, PixelSpacing=[6, 6])
    folder = save(tmp_path / "scanner", images[:TRAIN], [f"im{t}" for t in range(TRAIN)])

    options = ("--method", "rls", "--frame-period", "0.25", "--horizon", "0.5s", "--calibration", str(TRAIN))
    with LiveProcess(tmp_path, folder, "--out", tmp_path / "watched", "--watch", *options) as session:
        until_forecasts(tmp_path / "watched")
        save(folder, images[TRAIN:], [f"im{t}" for t in range(TRAIN, 40)])
        assert session.interrupted(until_frame(tmp_path / "watched", 39)).code == INTERRUPTED
    assert call_cli("live", folder, "--out", tmp_path / "recorded", "--rate", "max", *options).code == 0
    watched, recorded = (rows(tmp_path / out / "forecasts.csv") for out in ("watched", "recorded"))
    assert len(recorded) == 40 - TRAIN + 1
    told = rows(tmp_path / "watched" / "frames.csv")
    passed_over = {f"frame {t}" for t, row in enumerate(told) if row["state"] == "passed over"}
    recorded = [row for row in recorded if row["issued_at"] not in passed_over]
    assert [row["time_s"] for row in watched] == [row["time_s"] for row in recorded]
    np.testing.assert_array_equal([weights(row) for row in watched], [weights(row) for row in recorded])


@pytest.mark.parametrize("count", [TRAIN, 40])
def test_a_folder_that_is_full_already_has_its_forecast(
    frames: NDArray[np.generic], tmp_path: Path, count: int
) -> None:
    folder = save(tmp_path / "scanner", cine(frames[:count], PixelSpacing=[6, 6]))
    options = ("--method", "rls", "--horizon", "0.5s", "--calibration", str(TRAIN))
    # Nothing more comes, and the session may end before its calibration does.
    out = tmp_path / "watched"
    assert call_cli("live", folder, "--out", out, "--watch", "--idle", "0.5", *options).code == 0
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    wanted = [live.push(frames[t], 0.25 * t) for t in range(count)][-1]
    assert wanted is not None
    (watched,) = rows(out / "forecasts.csv")
    assert float(watched["time_s"]) == wanted.time_s
    np.testing.assert_array_equal(weights(watched), wanted.weights[0])
    np.testing.assert_array_equal(predicted(out, watched), wanted.frame)
    table = rows(out / "frames.csv")
    states = [*["collected"] * TRAIN, *["passed over"] * (count - TRAIN)]
    assert [row["state"] for row in table] == [*states[:-1], "calibrated"]
    assert [float(row["time_s"]) for row in table] == [0.25 * t for t in range(count)]
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["forecasts"], summary["passed_over"]) == (1, max(0, count - TRAIN - 1))


def test_a_folder_that_is_behind_passes_over_all_but_the_newest(frames: NDArray[np.generic], tmp_path: Path) -> None:
    images = cine(frames[:44], PixelSpacing=[6, 6])
    folder = save(tmp_path / "scanner", images[:TRAIN], [f"im{t:02d}" for t in range(TRAIN)])

    options, out = ("--method", "rls", "--horizon", "0.5s", "--calibration", str(TRAIN)), tmp_path / "watched"
    with LiveProcess(tmp_path, folder, "--out", out, "--watch", *options) as session:
        until_forecasts(out)
        for first in (TRAIN, 34):  # each time ten at once
            made = save(tmp_path / f"made_{first}", images[first : first + 10], [f"im{first + n}" for n in range(10)])
            with session.held():
                for n in range(10):
                    (made / f"im{first + n}").rename(folder / f"im{first + n}")
            wait_until(until_frame(out, first + 9))
        assert session.interrupted(lambda: True).code == INTERRUPTED
    assert call_cli("live", folder, "--out", tmp_path / "recorded", "--rate", "max", *options).code == 0
    told = rows(tmp_path / "watched" / "frames.csv")
    passed_over = {t for t, row in enumerate(told) if row["state"] == "passed over"}
    assert 16 <= len(passed_over) <= 18  # the session may have been held in the midst of a look
    assert passed_over.isdisjoint({TRAIN - 1, 33, 43})
    assert json.loads((tmp_path / "watched" / "summary.json").read_text())["passed_over"] == len(passed_over)
    recorded = rows(tmp_path / "recorded" / "forecasts.csv")
    recorded = [row for row in recorded if int(row["issued_at"].removeprefix("frame ")) not in passed_over]
    watched = rows(tmp_path / "watched" / "forecasts.csv")
    assert [row["time_s"] for row in watched] == [row["time_s"] for row in recorded]
    np.testing.assert_array_equal([weights(row) for row in watched], [weights(row) for row in recorded])
    assert [row["radius_1"] for row in watched] == [row["radius_1"] for row in recorded]
