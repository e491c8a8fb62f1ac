"""The law of live forecasting: a recorded sequence, pushed frame by frame, gives its run to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast import LiveForecaster
from cinecast.frames import read_sequence
from cinecast.horizon import parse_horizon
from cinecast.motion.drift import ForecastMotion
from cinecast.settings.toml_file import build_settings, read_settings_file
from cinecast.store import artifacts as art
from helpers.command_line import succeed
from helpers.predicted import predicted_of

PHANTOM_METHODS = ("persistence", "linear", "lms", "nlms", "rls", "svr", "kernel_ridge", "fixed", "rtrl", "snap1")


def _assert_replay_is_the_run(source: Path, run: Path, method: str, horizon_text: str) -> None:
    settings = build_settings(read_settings_file(run / "settings.toml"))
    sequence = read_sequence(source, settings.frames)
    horizon = parse_horizon(horizon_text, sequence.frame_period_s)
    split = sequence.split
    live = LiveForecaster(settings, method=method, horizon=horizon_text, calibration_frames=split.train_end)
    wanted = art.load_forecast(run / art.method_key("forecast", method, horizon.frames), len(sequence.frames))
    predicted = predicted_of(run, method, horizon.frames)
    folder = run / art.motion_key(split.train_end)
    drifts = art.load_drifts(run / art.drift_key(split.train_end))
    model = art.load_motion_model(folder).first(wanted.shape[-1])
    motion = ForecastMotion(model, horizon.frames, drifts)
    measured = art.load_array(run / "flow" / "dvf.npy")
    assert len(wanted) == (1 if method not in ("snap1", "rtrl", "fixed") else settings.forecast.runs)
    compared = 0
    for t in range(len(sequence.frames)):
        got, aim = live.push(sequence.frames[t], float(sequence.times_s[t])), t + horizon.frames
        assert (got is None) == (t < split.train_end - 1)
        if got is None:
            continue
        # A few frames of the real sequence move as none of its train span did: said, and forecast all the same.
        held = f"it is {sequence.faults.get(t)}: the motion of the frame before is held"
        assert set(got.reasons) <= {"the motion is not explained by the motion model", held}
        assert got.held == (held in got.reasons) == (t in sequence.faults and t >= split.train_end)
        np.testing.assert_array_equal(got.measured, measured[t])
        if aim >= len(sequence.frames):
            continue
        np.testing.assert_array_equal(got.weights, wanted[:, aim])
        np.testing.assert_array_equal(got.dvf, motion.dvf(aim, wanted[got.run, aim]))
        np.testing.assert_allclose(got.time_s, sequence.times_s[aim], atol=0.01)
        if aim >= split.validation_end:
            np.testing.assert_array_equal(got.frame, predicted[aim - split.validation_end])
            compared += 1
    assert compared == len(split.test_frames)


@pytest.fixture(scope="module")
def finished(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("live") / "run"
    methods = [part for name in PHANTOM_METHODS for part in ("--method", name)]
    options = ("--horizon", "1", "--horizon", "3", "--set", "forecast.runs=3", "--set", "motion.modes=4")
    succeed("run", original_phantom, "--out", out, *methods, *options)
    return out


@pytest.mark.parametrize("horizon", ["1", "3"])
@pytest.mark.parametrize("method", PHANTOM_METHODS)
def test_replay_of_the_phantom_is_its_run(original_phantom: Path, finished: Path, method: str, horizon: str) -> None:
    _assert_replay_is_the_run(original_phantom, finished, method, horizon)


@pytest.mark.parametrize("method", ["linear", "snap1", "mixture"])
def test_replay_of_faulty_frames_is_their_run(faulty_phantom: Path, faulty_run: Path, method: str) -> None:
    _assert_replay_is_the_run(faulty_phantom, faulty_run, method, "2")


@pytest.mark.shared
def test_replay_of_a_real_sequence_is_its_run(shared: Path, tmp_path: Path) -> None:
    source = shared / "data/cine/ovgu-3.nii.gz"
    options = (
        "--method",
        "rls",
        "--method",
        "snap1",
        "--method",
        "mixture",
        "--horizon",
        "4",
        "--set",
        "forecast.runs=2",
    )
    succeed("run", source, "--out", tmp_path / "run", *options)
    for method in ("rls", "snap1", "mixture"):
        _assert_replay_is_the_run(source, tmp_path / "run", method, "4")
