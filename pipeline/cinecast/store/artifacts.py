"""The registry of what a run holds: where each artifact lies, which files it has, how they are written and read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Roi, Sequence, Split
from cinecast.store.nifti import write_nifti
from cinecast.store.tables import read_numbers, write_table

if TYPE_CHECKING:
    from cinecast.motion import MotionModel
    from cinecast_models import Bands

FRAMES = "frames"
FLOW = "flow"
REPORT = "report"
SCORES_FILE = "score/scores.csv"
SETTINGS_FILE = "settings.toml"
# Beside the files of a motion model, for methods that follow the drift of its mean.
DRIFTS_FILE = "drifts.npy"

# What NIfTI viewers show.
_VIEWABLE = ("uint8", "int16", "uint16", "int32", "float32", "float64")

# Files of each stage's artifacts, in writing order.
FILES = {
    "frames": ("frames.npy", "times.csv", "sequence.json"),
    "flow": ("dvf.npy",),
    "motion": ("mean.npy", "modes.npy", "weights.csv", "variance.csv"),
    "forecast": ("weights.csv", "step_times.csv"),
    "warp": ("predicted_run000.nii",),
    "score": ("scores.csv", "per_frame.csv", "bands.csv"),
    "report": ("index.html",),
}


def motion_key(train_end: int) -> str:
    """Return the key of the motion model fitted to the first ``train_end`` frames."""
    return f"motion/train_{train_end:04d}"


def method_key(stage: str, method: str, horizon: int) -> str:
    """Return the key of one method at one horizon (frames) in ``forecast``, ``warp`` or ``score``.

    Parameters
    ----------
    stage
        ``forecast``, ``warp`` or ``score``.
    method
        Name of a method or of a reference.
    horizon
        Horizon in frames; 0 for the oracle.

    Returns
    -------
    str
        Path of the artifact relative to the run, such as ``forecast/rls/h002``.
    """
    return f"{stage}/{method}/h{horizon:03d}"


def predicted_name(run: int) -> str:
    """Return the file of the predicted test frames of one random run."""
    return f"predicted_run{run:03d}.nii"


def save_sequence(folder: Path, sequence: Sequence) -> None:
    """Write a sequence: frames as .npy, times as CSV, the rest as JSON.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    sequence
        What is written; `load_sequence` gives back the same.
    """
    np.save(folder / "frames.npy", sequence.frames, allow_pickle=False)
    write_table(folder / "times.csv", ["frame", "time_s"], list(enumerate(sequence.times_s)))
    rest = {
        "name": sequence.name,
        "pixel_spacing_mm": sequence.spacing_mm,
        "roi": asdict(sequence.roi) if sequence.roi else None,
        "split": asdict(sequence.split),
        "affine": None if sequence.affine is None else sequence.affine.tolist(),
        "published": dict(sequence.published),
        "origins": dict(sequence.origins),
    }
    (folder / "sequence.json").write_text(json.dumps(rest, indent=1), encoding="utf-8")


def load_sequence(folder: Path) -> Sequence:
    """Read a sequence back; frames are memory-mapped."""
    rest = json.loads((folder / "sequence.json").read_text(encoding="utf-8"))
    roi, affine = rest["roi"], rest["affine"]
    return Sequence(
        name=rest["name"],
        frames=load_array(folder / "frames.npy"),
        times_s=np.ascontiguousarray(read_numbers(folder / "times.csv")[1][:, 1]),
        spacing_mm=(rest["pixel_spacing_mm"][0], rest["pixel_spacing_mm"][1]),
        split=Split(**rest["split"]),
        roi=Roi(rows=tuple(roi["rows"]), columns=tuple(roi["columns"])) if roi else None,
        affine=None if affine is None else np.array(affine),
        published=rest["published"],
        origins=rest["origins"],
    )


def load_array(path: Path) -> NDArray[Any]:
    """Memory-map an .npy file; never unpickles."""
    # As a plain array on the mapped file: the class of memory maps makes each small operation twice as slow.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def save_dvf(folder: Path, fields: Iterable[NDArray[np.float32]], shape: tuple[int, int, int]) -> None:
    """Write DVFs (H, W, 2) one after another as one float32 .npy array (T, H, W, 2).

    Written as a stream: a memory map of a file on a full disk would kill the process instead of raising.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    fields
        T arrays of shape (H, W, 2), pixels, last axis (x = column, y = row); taken one at a time.
    shape
        (T, H, W), known before the first of them is.
    """
    with (folder / "dvf.npy").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (*shape, 2)}
        np.lib.format.write_array_header_1_0(file, header)
        for field in fields:
            file.write(np.ascontiguousarray(field, dtype="<f4").data)


def save_motion(folder: Path, model: MotionModel, weights: NDArray[np.float64], times_s: NDArray[np.float64]) -> None:
    """Write a motion model and the weights (T, K) of all frames.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    model
        Mean DVF, modes and shares of variance.
    weights
        Shape (T, K), pixels.
    times_s
        Time of each frame in s, shape (T,), a column beside the weights.
    """
    np.save(folder / "mean.npy", model.mean, allow_pickle=False)
    np.save(folder / "modes.npy", model.modes, allow_pickle=False)
    names = [f"weight_{k + 1}" for k in range(weights.shape[1])]
    rows = [(t, times_s[t], *row) for t, row in enumerate(weights.tolist())]
    write_table(folder / "weights.csv", ["frame", "time_s", *names], rows)
    shares = [(k + 1, share) for k, share in enumerate(model.explained_variance.tolist())]
    write_table(folder / "variance.csv", ["mode", "explained_variance"], shares)


def load_motion_model(folder: Path) -> MotionModel:
    """Read a motion model back."""
    from cinecast.motion import MotionModel

    shares = read_numbers(folder / "variance.csv")[1][:, 1]
    return MotionModel(np.array(load_array(folder / "mean.npy")), np.array(load_array(folder / "modes.npy")), shares)


def save_drifts(folder: Path, drifts: NDArray[np.float32]) -> None:
    """Write the drifts (J, H, W, 2) of a motion model's mean, `cinecast.motion.drift.follow_drift`.

    Parameters
    ----------
    folder
        The folder that `save_motion` writes to as well.
    drifts
        Shape (J, H, W, 2), pixels, last axis (x = column, y = row).
    """
    np.save(folder / DRIFTS_FILE, drifts, allow_pickle=False)


def load_drifts(folder: Path) -> NDArray[np.float32]:
    """Return the drifts (J, H, W, 2) of a motion model's mean, memory-mapped."""
    return load_array(folder / DRIFTS_FILE)


def load_weights(folder: Path) -> NDArray[np.float64]:
    """Return the weights (T, K) that a motion model gives all frames."""
    return np.ascontiguousarray(read_numbers(folder / "weights.csv")[1][:, 2:])


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
    rows = [(r, t, times_s[t], *forecasts[r, t].tolist()) for r in range(len(forecasts)) for t in issued.tolist()]
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
    rows = [(r, t, times_s[t], *limits[r, t].ravel().tolist()) for r in range(len(limits)) for t in known]
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


def save_predicted(folder: Path, run: int, frames: NDArray[Any], sequence: Sequence) -> None:
    """Write the predicted test frames (T, H, W) of one run as NIfTI, so that they overlay the source in a viewer.

    Types that NIfTI viewers do not know become the next wider one that they do: int64, say, int32 or float64.

    Parameters
    ----------
    folder
        The folder of the artifact in ``warp``.
    run
        Random run, counted from 0; it is in the name of the file.
    frames
        Predicted frames of the test span, shape (T, H, W).
    sequence
        The real frames: their position, spacing, frame period and range of grey values.
    """
    write_nifti(
        folder / predicted_name(run),
        viewable(frames, like=sequence.frames),
        spacing_mm=sequence.spacing_mm,
        frame_period_s=sequence.frame_period_s,
        affine=sequence.affine,
    )


def load_predicted(folder: Path, run: int) -> NDArray[Any]:
    """Return the predicted test frames (T, H, W) of one run, memory-mapped.

    Parameters
    ----------
    folder
        The folder of the artifact in ``warp``.
    run
        Random run, counted from 0.

    Returns
    -------
    NDArray[Any]
        Shape (T, H, W), in the type and unit that they were written in.
    """
    import nibabel

    data = np.asarray(nibabel.load(folder / predicted_name(run)).dataobj)  # type: ignore[attr-defined]
    return np.moveaxis(data[:, :, 0, :], (2, 1, 0), (0, 1, 2))


def viewable(frames: NDArray[Any], like: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return frames in a type that NIfTI viewers know and that holds the grey values of ``like``, or their own.

    Parameters
    ----------
    frames
        Shape (T, H, W).
    like
        Frames whose range decides on the type: the real ones, so that predicted frames get the same.

    Returns
    -------
    NDArray[Any]
        The frames themselves where viewers know their type, else in int16, int32, float32 or float64.
    """
    return frames.astype(_viewable_type(frames if like is None else like), copy=False)


def _viewable_type(frames: NDArray[Any]) -> np.dtype[Any]:
    if frames.dtype.name in _VIEWABLE:
        return frames.dtype
    for wider in ("int16", "int32") if frames.dtype.kind in "iu" else ("float32",):
        limits = np.iinfo(wider) if frames.dtype.kind in "iu" else np.finfo(wider)
        if limits.min <= frames.min() and frames.max() <= limits.max:
            return np.dtype(wider)
    return np.dtype("float64")
