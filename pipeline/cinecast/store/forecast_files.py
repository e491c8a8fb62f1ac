"""The files of forecast weights, of the time that a step takes, of the bands of the weights, and radii of landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cinecast.store.tables import read_numbers, write_table

if TYPE_CHECKING:
    from cinecast_models import Bands


def save_forecast(
    folder: Path,
    forecasts: NDArray[np.float64],
    step_time_ms: NDArray[np.float64],
    times_s: NDArray[np.float64],
) -> None:
    """Write forecasts (R, T, K) of the weights, frames without one left out, and the time per step (T,) in ms.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    forecasts
        Weights of R random runs, shape (R, T, K), pixels: those of frame t stand at t, whenever they were issued.
    step_time_ms
        Shape (T,); NaN where a frame had no step.
    times_s
        Time of each frame in s, shape (T,).
    """
    names = [f"weight_{k + 1}" for k in range(forecasts.shape[2])]
    issued = np.flatnonzero(np.isfinite(forecasts).any(axis=(0, 2)))
    times = times_s.tolist()
    rows = ((r, t, times[t], *forecasts[r, t].tolist()) for r in range(len(forecasts)) for t in issued.tolist())
    write_table(folder / "weights.csv", ["run", "frame", "time_s", *names], rows)
    write_table(folder / "step_times.csv", ["frame", "milliseconds"], list(enumerate(step_time_ms.tolist())))


def load_forecast(folder: Path, frame_count: int) -> NDArray[np.float64]:
    """Return forecasts (R, T, K) of the weights; NaN where a frame has none.

    Parameters
    ----------
    folder
        What `save_forecast` wrote to.
    frame_count
        Number T of frames of the sequence, which the table may end before.

    Returns
    -------
    NDArray[np.float64]
        Shape (R, T, K), pixels.
    """
    columns, numbers = read_numbers(folder / "weights.csv")
    runs, frames = numbers[:, 0].astype(int), numbers[:, 1].astype(int)
    forecasts = np.full((int(runs.max()) + 1, frame_count, len(columns) - 3), np.nan)
    forecasts[runs, frames] = numbers[:, 3:]
    return forecasts


def load_step_times(folder: Path) -> NDArray[np.float64]:
    """Return the time per forecasting step in ms, shape (T,); NaN where there was none."""
    return np.ascontiguousarray(read_numbers(folder / "step_times.csv")[1][:, 1])


def save_bands(folder: Path, bands: Bands, times_s: NDArray[np.float64]) -> None:
    """Write the bands (R, T, K) of the weights; frames without one are left out.

    Parameters
    ----------
    folder
        The folder of the artifact in ``score``.
    bands
        Lower and upper limits of the weights, each of shape (R, T, K), pixels.
    times_s
        Time of each frame in s, shape (T,).
    """
    names = [f"{end}_{k + 1}" for k in range(bands.low.shape[2]) for end in bands._fields]
    limits = np.stack(bands, axis=-1)
    known = np.flatnonzero(np.isfinite(bands.low).any(axis=(0, 2))).tolist()
    times = times_s.tolist()
    rows = ((r, t, times[t], *limits[r, t].ravel().tolist()) for r in range(len(limits)) for t in known)
    write_table(folder / "bands.csv", ["run", "frame", "time_s", *names], rows)


def load_bands(folder: Path, shape: tuple[int, int, int]) -> Bands:
    """Return the bands of the weights in the shape (R, T, K) of their forecasts; NaN where there is none.

    Parameters
    ----------
    folder
        What `save_bands` wrote to.
    shape
        (R, T, K) of the forecasts that the bands belong to.

    Returns
    -------
    Bands
        Lower and upper limits, each of that shape, pixels.
    """
    from cinecast_models import Bands

    numbers = read_numbers(folder / "bands.csv")[1]
    limits = np.full((*shape, len(Bands._fields)), np.nan)
    runs, frames = numbers[:, 0].astype(int), numbers[:, 1].astype(int)
    limits[runs, frames] = numbers[:, 3:].reshape(-1, *limits.shape[2:])
    return Bands(limits[..., 0], limits[..., 1])


def save_landmark_radii(
    folder: Path,
    names: Sequence[str],
    radii_mm: NDArray[np.float64],
    frames: Sequence[int],
    times_s: NDArray[np.float64],
) -> None:
    """Write the radius of the forecast at each landmark; a cell is empty where there is none.

    Parameters
    ----------
    folder
        The folder of the artifact in ``score``.
    names
        Names of the N landmarks.
    radii_mm
        Shape (R, F, N), mm.
    frames
        Indices of the F frames.
    times_s
        Time of each frame of the sequence in s, shape (T,).
    """
    times = times_s.tolist()
    rows = (
        (r, t, times[t], *radii)
        for r, run in enumerate(radii_mm.tolist())
        for t, radii in zip(frames, run, strict=True)
    )
    write_table(
        folder / "landmark_radii.csv", ["run", "frame", "time_s", *(f"radius_mm_{name}" for name in names)], rows
    )
