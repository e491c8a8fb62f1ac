"""The frames of a case as they were recorded, blank ones too, and the geometry that masks are held against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.detect import detect_format, sequence_name
from cinecast.frames.interface import read_sequence
from cinecast.sequence import Sequence, default_split
from cinecast.settings import FramesSettings

_SCAN = re.compile(r"(.+)_frames(\d*)$")


@dataclass(frozen=True, eq=False)
class Recording:
    """A case to be tracked.

    Parameters
    ----------
    name
        Of the case.
    frames
        Grey values, shape (T, H, W); some may be blank or not finite.
    geometry
        A sequence of the same shape, spacing and position, on which masks are read. Its frames are not those of the
        case where it has blank ones.
    scan
        The file or folder with the frames.
    """

    name: str
    frames: NDArray[Any]
    geometry: Sequence
    scan: Path


def read_recording(path: Path, settings: FramesSettings | None = None, *, time_first: bool = False) -> Recording:
    """Read a TrackRAD2025 case or its file of frames, or any other sequence.

    Parameters
    ----------
    path
        Of a case in MHA no frame rate is needed, and blank frames are no error: a tracker has to live with them.
    settings
        Facts that win over the file, as in a run; with them, or in another format, blank frames are an error.
    time_first
        Whether time is the first axis of any MHA, as in a case, whatever its pixels show.

    Returns
    -------
    Recording
        Named after the case, without ``_frames``.

    Raises
    ------
    ReadError
        If the files are not a usable sequence.
    """
    path = path.absolute()
    settings = settings or FramesSettings()
    if detect_format(path) in ("mha", "trackrad") and settings == FramesSettings():
        return _read_mha(path, time_first=time_first)
    sequence = read_sequence(path, settings)
    return Recording(case_name(path), sequence.frames, sequence, path)


def case_name(path: Path) -> str:
    """Return the name of a case: that of its folder, or of its file without ``_frames``."""
    return without_frames(sequence_name(path.absolute()))


def without_frames(name: str) -> str:
    """Return the name of a case for that of its scan: ``A_001`` for ``A_001_frames``, ``A_0012`` for a second one."""
    match = _SCAN.match(name)
    return match[1] + match[2] if match else name


def _read_mha(path: Path, *, time_first: bool) -> Recording:
    from cinecast.frames.mha import mha_source_files, read_mha_values

    scan = mha_source_files(path)[0]
    # Files of the challenge have time first; of any other one the pixels tell, as in a run.
    found = read_mha_values(scan, by_pixels=not (time_first or _SCAN.match(scan.stem)))
    if found.values.dtype.kind not in "iuf":
        raise ReadError(f"{scan.name} must hold numbers as grey values, got {found.values.dtype}; convert it")
    # Masks look at nothing but the geometry: any picture and any times will do for them.
    count, *size = found.values.shape
    picture = np.broadcast_to(np.arange(size[0] * size[1], dtype=np.float32).reshape(size), found.values.shape)
    times_s = np.arange(count, dtype=np.float64)
    try:
        geometry = Sequence(
            case_name(path), picture, times_s, found.spacing_mm, default_split(count), affine=found.affine
        )
    except ReadError as error:
        raise ReadError(f"{scan.name}: {error}") from error
    return Recording(case_name(path), found.values, geometry, scan)
