"""NumPy archives: `frames` (T, H, W) and, by name, what else is known. Nothing in them is unpickled."""

from __future__ import annotations

import logging
import lzma
import struct
import sys
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.claims import check_deflated, check_held, check_limit, claimed_bytes, read_claimed
from cinecast.frames.detect import read_head
from cinecast.frames.sidecar import SPLIT_KEYS
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source, listing, native, regular_times
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
# All that a damaged zip or the text of an array's header can raise.
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    RuntimeError,
    MemoryError,
    OverflowError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def read_npz(path: Path, settings: FramesSettings) -> Source:
    """Read a NumPy archive with the arrays of `ARRAYS`, of which only `frames` must be there.

    Parameters
    ----------
    path
        ``.npz``.
    settings
        ``plane`` may be 0; ``memory_limit_gb``; all else is not of the file.

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
    arrays = _load(path, settings.memory_limit_gb)
    if {"times_s", "frame_period_s"} <= arrays.keys():
        raise ReadError(f"{path.name} must hold either times_s or frame_period_s, got both; remove one")
    for key in ("roi", "split"):
        if key in arrays and arrays[key].dtype.kind not in "iu":
            raise ReadError(f"{key} of {path.name} must be whole numbers, got {arrays[key].dtype}; convert it")
    frames = native(arrays["frames"])
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


def list_npz(path: Path) -> tuple[SeriesSummary, ...]:
    """Return the one series of a NumPy archive.

    Raises
    ------
    ReadError
        As `read_npz`.
    """
    count, rows, columns = _load(path, sys.float_info.max)["frames"].shape
    return (SeriesSummary(None, None, None, count, rows, columns, (PlaneSummary(0, count),)),)


def _load(path: Path, limit_gb: float) -> dict[str, NDArray[Any]]:
    read_head(path)  # says why a file cannot be read
    try:
        with zipfile.ZipFile(path) as archive:
            members = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            unknown = sorted(set(members) - set(ARRAYS))
            _check_sizes(path, [members[name] for name in ARRAYS if name in members], limit_gb)
            arrays = {name: _array(archive, members[name], name, path) for name in ARRAYS if name in members}
    except _DAMAGE as error:
        raise ReadError(
            f"{path.name} cannot be read as NPZ: it is cut short or damaged; copy or export it again"
        ) from error
    if unknown:
        _LOG.warning("%s: arrays %s are not used; known: %s", path.name, listing(unknown), ", ".join(ARRAYS))
    if "frames" not in arrays:
        raise ReadError(
            f"{path.name} must hold the array 'frames' (T, H, W), got {listing(unknown) or 'none'}; known: "
            f"{', '.join(ARRAYS)}"
        )
    return arrays


def _check_sizes(path: Path, members: list[zipfile.ZipInfo], limit_gb: float) -> None:
    """Check what the archive claims to hold, before anything of it is unfolded."""
    packed = [each for each in members if each.compress_type != zipfile.ZIP_STORED]
    check_limit(path.name, sum(each.file_size for each in packed), limit_gb)
    for each in members:
        if each.compress_type == zipfile.ZIP_DEFLATED:
            check_deflated(path.name, "NPZ", each.file_size, min(each.compress_size, path.stat().st_size))
        elif each.compress_type == zipfile.ZIP_STORED:
            check_held(path.name, "NPZ", each.file_size, path.stat().st_size)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, path: Path) -> NDArray[Any]:
    with archive.open(member) as stream:
        shape, order, kind = _npy_header(stream)
        if kind.hasobject:
            raise ReadError(
                f"{name} of {path.name} holds Python objects, which are never unpickled; save it as a plain "
                "array of numbers"
            )
        claimed = claimed_bytes(shape, kind.itemsize)
        check_held(path.name, "NPZ", claimed, member.file_size)
        content = read_claimed(path.name, "NPZ", stream, claimed)
    array = np.frombuffer(content, kind).reshape(shape, order=order)
    wanted, meaning = ARRAYS[name]
    if not _fits(array, wanted):
        raise ReadError(
            f"{name} of {path.name} must be numbers of shape {_shown(wanted)} ({meaning}), got {array.dtype} "
            f"{array.shape}; convert it"
        )
    return array


def _npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], Literal["C", "F"], np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, kind = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, kind = np.lib.format.read_array_header_2_0(stream)
    else:  # only fields with names beyond Latin-1 need a newer one
        raise ValueError("of another version")
    return shape, "F" if fortran else "C", kind


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
