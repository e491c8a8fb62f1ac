"""The law of laws, on frames instead of series: no frame moves a forecast that was issued before it arrived."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.frames import read_sequence
from cinecast.store import artifacts as art
from cinecast_models import METHODS
from cinecast_models.population.file import save_population
from helpers.command_line import succeed
from helpers.populations import tiny_population
from helpers.predicted import predicted_of

HORIZONS = (1, 3)
FIRST_TEST_FRAME = 40
# Newest frame that both sequences share: the last train frame, one in validation, one in test (20, 40 of 60 frames).
LAST_COMMON = (19, 30, 45)


def _write(path: Path, original: Path, frames: NDArray[np.float64]) -> Path:
    sequence = read_sequence(original)
    split = sequence.split
    np.savez(
        path,
        frames=np.clip(frames, 0, 4000).astype(np.uint16),
        times_s=sequence.times_s,
        pixel_spacing_mm=np.array(sequence.spacing_mm),
        split=np.array([split.train_end, split.validation_end, split.test_end]),
    )
    return path


def _run(source: Path, out: Path, *options: str) -> Path:
    methods = [part for name in METHODS for part in ("--method", name)]
    horizons = [part for horizon in HORIZONS for part in ("--horizon", str(horizon))]
    for horizon in HORIZONS:
        save_population(tiny_population(6, horizon, 3), out.parent / f"h{horizon}.safetensors")
    model = f"forecast.population_transformer.model={out.parent}"
    tuned = "forecast.population_transformer.fine_tune_epochs=1"
    short = "forecast.mixture.history_length=6"
    settings = [part for each in ("forecast.runs=2", model, tuned, short) for part in ("--set", each)]
    succeed("run", source, "--out", out, *methods, *horizons, *settings, *options)
    return out


def _forecasts(run: Path, method: str, horizon: int, upto: int) -> NDArray[np.float64]:
    forecasts = art.load_forecast(run / art.method_key("forecast", method, horizon), 60)
    return forecasts[:, : upto + horizon + 1]


def _predicted(run: Path, method: str, horizon: int) -> NDArray[np.uint16]:
    return predicted_of(run, method, horizon)


@pytest.fixture(scope="module")
def whole(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    frames = read_sequence(original_phantom).frames.astype(np.float64)
    return _run(_write(folder / "cine.npz", original_phantom, frames), folder / "run")


def _with_another_future(original: Path, folder: Path, last_common: int, rng: np.random.Generator) -> Path:
    frames = read_sequence(original).frames.astype(np.float64)
    later = frames[last_common + 1 :]
    later[:] = np.roll(later, 7, axis=1) + rng.normal(0, 200, later.shape)
    return _write(folder / "cine.npz", original, frames)


@pytest.mark.parametrize("last_common", LAST_COMMON)
def test_later_frames_change_no_forecast_issued_before(
    whole: Path, original_phantom: Path, tmp_path: Path, last_common: int, rng: np.random.Generator
) -> None:
    other = _run(_with_another_future(original_phantom, tmp_path, last_common, rng), tmp_path / "run")
    for name in ("mean.npy", "modes.npy", art.PIXEL_WEIGHTS_FILE):
        key = art.motion_key(20)
        assert (other / key / name).read_bytes() == (whole / key / name).read_bytes()
    for method in METHODS:
        for horizon in HORIZONS:
            expected = _forecasts(whole, method, horizon, last_common)
            got = _forecasts(other, method, horizon, last_common)
            assert np.isfinite(expected).any()
            np.testing.assert_array_equal(got, expected, err_msg=f"{method}, horizon {horizon}")
            shown = max(0, last_common + horizon + 1 - FIRST_TEST_FRAME)
            images = _predicted(other, method, horizon), _predicted(whole, method, horizon)
            np.testing.assert_array_equal(images[0][:shown], images[1][:shown], err_msg=method)


def test_the_published_protocol_breaks_the_law_so_the_law_can_fail(
    original_phantom: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    frames = read_sequence(original_phantom).frames.astype(np.float64)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    published = ("--set", "forecast.protocol=published")
    a = _run(_write(tmp_path / "a" / "cine.npz", original_phantom, frames), tmp_path / "a" / "run", *published)
    b = _run(_with_another_future(original_phantom, tmp_path / "b", 30, rng), tmp_path / "b" / "run", *published)
    assert not np.array_equal(_forecasts(a, "rls", 3, 30), _forecasts(b, "rls", 3, 30), equal_nan=True)
    assert np.array_equal(_forecasts(a, "rls", 1, 30), _forecasts(b, "rls", 1, 30), equal_nan=True)
