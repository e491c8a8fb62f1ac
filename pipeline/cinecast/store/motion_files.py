"""The files of a motion model, of the weights that it gives all frames, and of the drifts of its mean."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cinecast.store.arrays import load_array, save_array, save_fields
from cinecast.store.tables import read_numbers, write_table

if TYPE_CHECKING:
    from cinecast.motion import MotionModel

# Beside the files of a motion model whose pixels do not all count alike.
PIXEL_WEIGHTS_FILE = "pixel_weights.npy"
# Beside the files of a motion model, for methods that follow the drift of its mean.
DRIFTS_FILE = "drifts.npy"


def save_motion(folder: Path, model: MotionModel, weights: NDArray[np.float64], times_s: NDArray[np.float64]) -> None:
    """Write a motion model and the weights (T, K) of all frames.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    model
        Mean DVF, modes, shares of variance and, where they do not all count alike, weights of pixels.
    weights
        Shape (T, K), pixels.
    times_s
        Time of each frame in s, shape (T,), a column beside the weights.
    """
    save_array(folder / "mean.npy", model.mean)
    save_array(folder / "modes.npy", model.modes)
    if model.pixel_weights is not None:
        save_array(folder / PIXEL_WEIGHTS_FILE, model.pixel_weights)
    names = [f"weight_{k + 1}" for k in range(weights.shape[1])]
    rows = ((t, time, *row) for t, (time, row) in enumerate(zip(times_s.tolist(), weights.tolist(), strict=True)))
    write_table(folder / "weights.csv", ["frame", "time_s", *names], rows)
    shares = [(k + 1, share) for k, share in enumerate(model.explained_variance.tolist())]
    write_table(folder / "variance.csv", ["mode", "explained_variance"], shares)


def load_motion_model(folder: Path) -> MotionModel:
    """Read a motion model back."""
    from cinecast.motion import MotionModel

    shares = read_numbers(folder / "variance.csv")[1][:, 1]
    own = folder / PIXEL_WEIGHTS_FILE
    pixel_weights = np.array(load_array(own)) if own.exists() else None
    mean, modes = (np.array(load_array(folder / name)) for name in ("mean.npy", "modes.npy"))
    return MotionModel(mean, modes, shares, pixel_weights)


def load_weights(folder: Path) -> NDArray[np.float64]:
    """Return the weights (T, K) that a motion model gives all frames."""
    return np.ascontiguousarray(read_numbers(folder / "weights.csv")[1][:, 2:])


def save_drifts(folder: Path, drifts: Iterable[NDArray[np.float32]], shape: tuple[int, int, int]) -> None:
    """Write the drifts of a motion model's mean, `cinecast.motion.drift.each_drift`, one after another.

    Parameters
    ----------
    folder
        An existing folder.
    drifts
        J arrays of shape (H, W, 2), pixels, last axis (x = column, y = row); taken one at a time.
    shape
        (J, H, W).
    """
    save_fields(folder / DRIFTS_FILE, drifts, shape)


def load_drifts(folder: Path) -> NDArray[np.float32]:
    """Return the drifts (J, H, W, 2) of a motion model's mean, memory-mapped."""
    return load_array(folder / DRIFTS_FILE)
