"""NumPy archives: `frames` (T, H, W) and, by name, what else is known. Nothing in them is unpickled."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.npz_archive import load_archive
from cinecast.frames.sidecar import SPLIT_KEYS
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source, listing, regular_times
from cinecast.frames.spool import MEMORY, Spool
from cinecast.sequence import Roi
from cinecast.settings import FramesSettings

_LOG = logging.getLogger(__name__)

# Name: (shape, meaning); a letter stands for any length.
ARRAYS: dict[str, tuple[tuple[int | str, ...], str]] = {
    "frames": (("T", "H", "W"), "grey values (T, H, W)"),
    "times_s": (("T",), "acquisition times in s"),
    "frame_period_s": ((), "time between frames in s"),
    "pixel_spacing_mm": ((2,), "spacing in mm (row, column)"),
    "affine": ((4, 4), "map from (column, row, plane, 1) to RAS+ mm"),
    "roi": ((4,), "row_start, row_stop, column_start, column_stop"),
    "split": ((3,), ", ".join(SPLIT_KEYS)),
}


def read_npz(path: Path, settings: FramesSettings, spool: Spool = MEMORY) -> Source:
    """Read a NumPy archive with the arrays of `ARRAYS`, of which only `frames` must be there.

    Parameters
    ----------
    path
        ``.npz``.
    settings
        ``plane`` may be 0; ``memory_limit_gb``; all else is not of the file.
    spool
        Where large frames go.

    Returns
    -------
    Source
        With what is in the archive; times are counted from the first frame.

    Raises
    ------
    ReadError
        If the archive is damaged, claims more than it holds or than the limit, holds Python objects, or an array of it
        has a wrong shape.
    """
    if settings.plane not in (None, 0):
        raise ReadError(f"--plane must be 0 for NPZ, which holds one plane, got {settings.plane}; leave it out")
    arrays = _load(path, settings.memory_limit_gb, spool)
    if {"times_s", "frame_period_s"} <= arrays.keys():
        raise ReadError(f"{path.name} must hold either times_s or frame_period_s, got both; remove one")
    for key in ("roi", "split"):
        if key in arrays and arrays[key].dtype.kind not in "iu":
            raise ReadError(f"{key} of {path.name} must be whole numbers, got {arrays[key].dtype}; convert it")
    frames = spool.native(arrays["frames"])
    spacing, roi = arrays.get("pixel_spacing_mm"), arrays.get("roi")
    return Source(
        frames=frames,
        times_s=_times(arrays, len(frames)),
        spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        affine=arrays["affine"].astype(np.float64) if "affine" in arrays else None,
        roi=None if roi is None else Roi((int(roi[0]), int(roi[1])), (int(roi[2]), int(roi[3]))),
        split=dict(zip(SPLIT_KEYS, (int(end) for end in arrays.get("split", ())), strict=False)),
        origins=_origins(arrays),
        lacking={
            "frame_period_s": "the NPZ file holds neither times_s nor frame_period_s",
            "spacing_mm": "the NPZ file holds no pixel_spacing_mm",
        },
    )


def list_npz(path: Path, limit_gb: float) -> tuple[SeriesSummary, ...]:
    """Return the one series of a NumPy archive.

    Parameters
    ----------
    path
        As for `read_npz`.
    limit_gb
        ``memory_limit_gb``: it is listed by its pixels.

    Returns
    -------
    tuple[SeriesSummary, ...]
        One alone.

    Raises
    ------
    ReadError
        As `read_npz`.
    """
    count, rows, columns = _load(path, limit_gb)["frames"].shape
    return (SeriesSummary(None, None, None, count, rows, columns, (PlaneSummary(0, count),)),)


def _load(path: Path, limit_gb: float, spool: Spool = MEMORY) -> dict[str, NDArray[Any]]:
    arrays, unknown = load_archive(path, limit_gb, ARRAYS, spool)
    for name, array in arrays.items():
        wanted, meaning = ARRAYS[name]
        if not _fits(array, wanted):
            raise ReadError(
                f"{name} of {path.name} must be numbers of shape {_shown(wanted)} ({meaning}), got {array.dtype} "
                f"{array.shape}; convert it"
            )
    if unknown:
        _LOG.warning("%s: arrays %s are not used; known: %s", path.name, listing(unknown), ", ".join(ARRAYS))
    if "frames" not in arrays:
        raise ReadError(
            f"{path.name} must hold the array 'frames' (T, H, W), got {listing(unknown) or 'none'}; known: "
            f"{', '.join(ARRAYS)}"
        )
    return arrays


def _fits(array: NDArray[Any], shape: tuple[int | str, ...]) -> bool:
    same = array.ndim == len(shape) and all(
        isinstance(want, str) or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    return same and array.dtype.kind in "iuf"


def _shown(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(str(size) for size in shape)})"


def _times(arrays: dict[str, NDArray[Any]], frame_count: int) -> NDArray[np.float64] | None:
    if "times_s" in arrays:
        times = arrays["times_s"].astype(np.float64)
        return times - times[:1]
    if "frame_period_s" not in arrays:
        return None
    period = float(arrays["frame_period_s"])
    if not 0 < period < np.inf:
        raise ReadError(f"frame_period_s of an NPZ file must be a positive number, got {period}; mend it")
    return regular_times(frame_count, period)


def _origins(arrays: dict[str, NDArray[Any]]) -> dict[str, str]:
    fields = {"times_s": "frame_period_s", "pixel_spacing_mm": "spacing_mm"}
    return {fields.get(name, name): f"{name} of the NPZ file" for name in arrays}
