"""What a file itself says of a sequence, before sidecar and options complete it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Roi, check_frames

# What a series may be called where settings are kept: its number, or `series_key`.
NAMES_KEPT = re.compile(r"\d+|uid-[0-9a-f]{16}")
# What a user or a sidecar says may differ from the file by rounding; by a larger share it is worth a word.
CONTRADICTION = 0.02


@dataclass(frozen=True, eq=False)
class Source:
    """Frames and facts as one format holds them; None where it holds no such fact.

    Parameters
    ----------
    frames
        Grey values, shape (T, H, W).
    times_s
        Acquisition times in s from the first frame, shape (T,).
    spacing_mm
        Distance of pixel centres along (rows, columns) in mm.
    affine
        (4, 4) map from (column, row, plane, 1) to patient RAS+ mm.
    roi
        Region of interest.
    split
        Some of ``train_end``, ``validation_end``, ``test_end``, in frames.
    origins
        Where the facts come from, by the names of the fields of `cinecast.sequence.Sequence`.
    lacking
        Why a fact is None, for the error message: ``{"frame_period_s": "its header gives no unit of time"}``.
    step_without_unit
        Step along time in the header, where it has no unit that would make times of it.
    instances
        `cinecast.frames.recording_digests.instance_digest` of each frame; empty where frames are not of DICOM.
    """

    frames: NDArray[Any]
    times_s: NDArray[np.float64] | None = None
    spacing_mm: tuple[float, float] | None = None
    affine: NDArray[np.float64] | None = None
    roi: Roi | None = None
    split: Mapping[str, int] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    step_without_unit: float | None = None
    instances: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_frames(self.frames)


@dataclass(frozen=True)
class PlaneSummary:
    """One plane of a series.

    Parameters
    ----------
    index
        What ``--plane`` takes.
    frame_count
        Frames of this plane.
    orientation
        ``sagittal``, ``coronal`` or ``axial``, whichever is nearest, or None where the source has no position.
    position_mm
        Position along the plane's normal, to the patient's right, front or head (RAS+), in mm, or None.
    """

    index: int
    frame_count: int
    orientation: str | None = None
    position_mm: float | None = None

    def __str__(self) -> str:
        where = "" if self.position_mm is None else f" at {self.position_mm:.1f} mm"
        return f"{self.index}: {self.orientation or 'unknown orientation'}{where}, {self.frame_count} frame(s)"


@dataclass(frozen=True)
class SeriesSummary:
    """One series of a file or folder, without anything about the patient.

    Parameters
    ----------
    number, uid, description
        What ``--series`` takes; None where the format has no such thing.
    frame_count
        Frames of all planes together.
    rows, columns
        Size of the images in pixels (of the first, where they differ).
    planes
        The planes, in the order that ``--plane`` counts.
    kinds
        The kinds of image in words, in the order that ``--kind`` counts; empty where there is one alone.
    other_sizes
        Whether some images have another size than the first.
    """

    number: int | None
    uid: str | None
    description: str | None
    frame_count: int
    rows: int
    columns: int
    planes: tuple[PlaneSummary, ...]
    kinds: tuple[str, ...] = ()
    other_sizes: bool = False

    def __str__(self) -> str:
        name = f"{self._number} {self.description or 'without description'!r} ({self.uid or 'no UID'})"
        return f"{name}, {self._size}"

    def without_text(self) -> str:
        """Return number and size alone: descriptions are free text, and UIDs lead back to the patient's study."""
        return f"{self._number}: {self._size}"

    @property
    def _number(self) -> str:
        return "no number" if self.number is None else str(self.number)

    @property
    def _size(self) -> str:
        sizes = f"{self.rows} x {self.columns}{' and other sizes' if self.other_sizes else ''}"
        return f"{self.frame_count} frames of {sizes} in {len(self.planes)} plane(s)"


def listing(items: SequenceOf[str], limit: int = 12) -> str:
    """Return the items in one line for an error message, the first `limit` of them.

    Parameters
    ----------
    items
        In the order in which they are listed.
    limit
        How many at most; the others are counted.

    Returns
    -------
    str
        Parted by semicolons.
    """
    more = f"; and {len(items) - limit} more" if len(items) > limit else ""
    return "; ".join(items[:limit]) + more


def without_text(wanted: str) -> str:
    """Return how a message calls what ``--series`` names: a number, or the kind of text, which may be a file's own."""
    return repr(wanted) if NAMES_KEPT.fullmatch(wanted.strip()) else "a UID or description"


def series_key(uid: str) -> str:
    """Return a name of a series that does not lead back to the patient's study, from its UID."""
    return f"uid-{hashlib.sha256(uid.strip().encode()).hexdigest()[:16]}"


def regular_times(frame_count: int, period_s: float) -> NDArray[np.float64]:
    """Return times at a constant period.

    Parameters
    ----------
    frame_count
        Number T of frames.
    period_s
        Time between frames in s.

    Returns
    -------
    NDArray[np.float64]
        s from the first frame, shape (T,).
    """
    return np.arange(frame_count, dtype=np.float64) * np.float64(period_s)


def native(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array contiguous, writable and in the byte order of this machine."""
    return np.array(array, dtype=array.dtype.newbyteorder("="), order="C")
