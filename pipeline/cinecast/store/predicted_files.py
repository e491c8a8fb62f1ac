"""The files of predicted frames: NIfTI that overlays the source in any viewer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Sequence
from cinecast.store.nifti import TYPES, write_nifti


def predicted_name(run: int) -> str:
    """Return the file of the predicted test frames of one random run."""
    return f"predicted_run{run:03d}.nii"


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
    if frames.dtype.name in TYPES:
        return frames.dtype
    for wider in ("int16", "int32") if frames.dtype.kind in "iu" else ("float32",):
        limits = np.iinfo(wider) if frames.dtype.kind in "iu" else np.finfo(wider)
        if limits.min <= frames.min() and frames.max() <= limits.max:
            return np.dtype(wider)
    return np.dtype("float64")
