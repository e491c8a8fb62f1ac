"""One validated cine-MR sequence: frames, times, spacing, geometry, ROI and split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import NONE, Instants, instants_of, periods_before
from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.clock.other_rate import changed_rate
from cinecast.clock.regular_clock import (
    INTERVAL_TOLERANCE,
    MOST_SHORT,
    filled_between_bunches,
    mean_regular_interval,
    short_intervals,
)
from cinecast.errors import ReadError

# Head to foot, front to back, side to side.
PATIENT_AXES = ("SI", "AP", "LR")


@dataclass(frozen=True)
class Roi:
    """Region of interest on the reference grid, 0-based and half open, in pixels.

    Parameters
    ----------
    rows, columns
        ``(start, stop)`` along the row and the column axis.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]

    def slices(self) -> tuple[slice, slice]:
        """Return ``(rows, columns)`` as slices of an ``(H, W)`` array."""
        return slice(*self.rows), slice(*self.columns)


@dataclass(frozen=True)
class Split:
    """Consecutive spans of one sequence, as numbers of frames from its start.

    Frames ``[0, train_end)`` are train, ``[train_end, validation_end)`` validation and
    ``[validation_end, test_end)`` test.
    """

    train_end: int
    validation_end: int
    test_end: int

    @property
    def test_frames(self) -> range:
        """Indices of the test frames."""
        return range(self.validation_end, self.test_end)


def default_split(frame_count: int) -> Split:
    """Return the split into three equal spans, as the published OvGU evaluation has it; train has 2 frames or more."""
    train_end = max(2, frame_count // 3)
    return Split(train_end, max(train_end, 2 * frame_count // 3), frame_count)


@dataclass(frozen=True, eq=False)
class Sequence:
    """A 2D cine sequence that later stages can rely on; an invalid one cannot be made.

    Parameters
    ----------
    name
        Name of the sequence (file or folder name without extension).
    frames
        Grey values, shape (T, H, W), integer or floating point as in the source, finite.
    times_s
        Acquisition time of each frame in s from the first, shape (T,), strictly increasing. Frames may be missing, and
        some may come between two instants of a regular clock; most lie at one.
    spacing_mm
        Distance between pixel centres along (rows, columns) in mm: first the step from one row to the next.
    split
        Train, validation and test spans.
    roi
        Region of interest, or None for the whole image only.
    affine
        (4, 4) map from (column, row, plane, 1) to patient RAS+ mm, or None where the source has no position.
    axes
        The patient's axes along (rows, columns), two of ``SI``, ``AP`` and ``LR``, where the affine does not tell them;
        None where they are unknown.
    published
        The sidecar's ``published`` block: settings of a published evaluation of this very sequence.
    origins
        Where each fact came from, for people: ``{"spacing_mm": "sidecar eth-1.json", ...}``.
    faults
        What is wrong with which frames, by their index, from `cinecast.frames.frame_faults`: ``{12: "nearly black"}``.
    instances
        `cinecast.frames.recording_digests.instance_digest` of each frame's DICOM image, by which contours find
        it; empty where frames are not of DICOM.
    longest_gap_s
        Up to a gap of so many s lost frames are filled in; after a longer one the history begins anew.

    Raises
    ------
    ReadError
        If one of these rules is broken.
    """

    name: str
    frames: NDArray[Any]
    times_s: NDArray[np.float64]
    spacing_mm: tuple[float, float]
    split: Split
    roi: Roi | None = None
    affine: NDArray[np.float64] | None = None
    axes: tuple[str, str] | None = None
    published: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[int, str] = field(default_factory=dict)
    instances: tuple[str, ...] = ()
    longest_gap_s: float = LONGEST_GAP_S

    def __repr__(self) -> str:
        frames, rows, columns = self.frames.shape
        size = f"{frames} frames of {rows} x {columns} pixels, {self.frames.dtype}"
        spacing = " x ".join(f"{step:.4g}" for step in self.spacing_mm)
        return f"<Sequence {self.name}: {size}, {self.frame_period_s:.4g} s apart, {spacing} mm>"

    def __post_init__(self) -> None:
        check_frames(self.frames)
        check_times(self.times_s, len(self.frames))
        check_spacing(self.spacing_mm)
        _check_split(self.split, len(self.frames))
        if self.roi is not None:
            _check_roi(self.roi, self.frames.shape[1:])
        if self.affine is not None:
            _check_affine(self.affine)
        if self.axes is not None:
            _check_axes(self.axes)
        if self.instances and len(self.instances) != len(self.frames):
            raise ReadError(
                f"every frame needs one instance, got {len(self.instances)} for {len(self.frames)} frames; give one "
                "for each, or none"
            )
        check_clock(self.times_s, self.frame_period_s, self.longest_gap_s)

    @cached_property
    def frame_period_s(self) -> float:
        """Mean of the regular intervals between frames of the train span, in s."""
        return mean_regular_interval(self.times_s[: self.split.train_end])

    @cached_property
    def instants(self) -> Instants:
        """Where the frames lie on the regular clock of that period."""
        return instants_of(self.times_s, self.frame_period_s, self.longest_gap_s)

    @cached_property
    def periods_before_frames(self) -> NDArray[np.int64]:
        """How many periods lie before each frame, pauses counted, shape (T,); -1 for a frame between two instants."""
        numbers = periods_before(self.times_s, self.instants, self.frame_period_s)
        return np.where(self.instants.instant_of == NONE, NONE, numbers).astype(np.int64)

    def frames_before(self, periods: int) -> int:
        """Return how many frames lie in so many periods from the start; where none is missing, that is as many."""
        if self.instants.regular:
            return periods
        return int(np.searchsorted(periods_before(self.times_s, self.instants, self.frame_period_s), periods))


def check_frames(frames: NDArray[Any]) -> None:
    """Check the grey values alone, shape (T, H, W), before anything else of the sequence is known.

    Raises
    ------
    ReadError
        If they are not at least two finite grey images of 8 x 8 pixels or more, none of them constant.
    """
    if frames.ndim != 3:
        raise ReadError(f"frames must have shape (T, H, W), got {frames.shape}; give one 2D grey image per frame")
    check_grey_values(frames)
    if len(frames) < 2:
        raise ReadError(
            f"a sequence needs at least 2 frames, got {len(frames)}; give the folder or file that holds the others"
        )
    if min(frames.shape[1:]) < 8:
        raise ReadError(
            f"frames must be at least 8 x 8 pixels, got {frames.shape[1]} x {frames.shape[2]}; check which axes are "
            "rows and columns, or give larger frames"
        )
    if frames.dtype.kind == "f" and not np.isfinite(frames).all():
        t, y, x = (int(i) for i in np.argwhere(~np.isfinite(frames))[0])
        raise ReadError(
            f"pixels must be finite numbers, got {frames[t, y, x]} in frame {t} at row {y}, column {x}; "
            "fill such pixels before reading"
        )
    for t in range(len(frames)):
        if frames[t].min() == frames[t].max():
            raise ReadError(
                f"every frame must show an image, got frame {t} with the constant value {frames[t, 0, 0]}; "
                "remove such frames or export the sequence again"
            )


def check_grey_values(frames: NDArray[Any]) -> None:
    """Check of frames of any shape that each pixel has one grey value.

    Raises
    ------
    ReadError
        If they are neither integers nor floating point, such as complex ones, or pixels are masked.
    """
    if frames.dtype.kind not in "iuf":
        raise ReadError(f"grey values must be integers or floating point, got {frames.dtype}; convert them first")
    if np.ma.is_masked(frames):
        masked = int(np.ma.getmaskarray(frames).sum())
        raise ReadError(f"each pixel must have a grey value, got {masked} that are masked; fill them in first")


def check_times(times_s: NDArray[np.float64], frame_count: int) -> None:
    """Check the times of frames.

    Parameters
    ----------
    times_s
        Time of each frame in s, shape (T,).
    frame_count
        Number T of frames.

    Raises
    ------
    ReadError
        If they are not one per frame, finite and increasing.
    """
    if times_s.shape != (frame_count,):
        raise ReadError(
            f"every frame needs one time, got {len(times_s)} times for {frame_count} frames; mend them in the source, "
            "or give --frame-period to set them by frame count"
        )
    if not np.isfinite(times_s).all():
        t = int(np.argmin(np.isfinite(times_s)))
        raise ReadError(
            f"frame times must be finite numbers, got {times_s[t]} at frame {t}; give --frame-period to set them by "
            "frame count"
        )
    intervals = np.diff(times_s)
    if (intervals == 0).any():
        t = int(np.argmax(intervals == 0))
        raise ReadError(
            f"frame times must increase, got {times_s[t]:.4f} s for both frame {t} and frame {t + 1}: a duplicate; "
            "remove it, or give --frame-period to set times by frame count"
        )
    if (intervals < 0).any():
        t = int(np.argmax(intervals < 0))
        raise ReadError(
            f"frame times must increase, got {times_s[t]:.4f} s then {times_s[t + 1]:.4f} s at frame {t + 1}; "
            "order the frames by time, or give --frame-period to set times by frame count"
        )


def check_clock(times_s: NDArray[np.float64], period_s: float, longest_gap_s: float) -> None:
    """Check that frames have a period.

    Parameters
    ----------
    times_s
        Increasing times of the frames in s, shape (T,).
    period_s
        Their period in s.
    longest_gap_s
        Longest gap that is filled in, in s.

    Raises
    ------
    ReadError
        If fewer than half of the intervals are one period long, or more than a tenth are shorter: frames can be lost,
        and one may be late, but none comes too early. The sentence says where the rate changes, if it does. Or if more
        frames are lost than there are: of frames that come in pairs, the time between two of a pair is no period.
    """
    intervals = np.diff(times_s)
    regular = int(np.count_nonzero(np.abs(intervals / period_s - 1) <= INTERVAL_TOLERANCE))
    short = int(np.count_nonzero(short_intervals(intervals, period_s)))
    if short > MOST_SHORT * len(intervals):
        if (change := changed_rate(times_s)) is not None:
            raise ReadError(f"frames must come at one rate, got one {change}; read each part alone, as a recording")
        raise ReadError(
            f"frames must not come sooner than after one frame period, got {short} of {len(intervals)} intervals well "
            f"below {period_s:.4f} s, {intervals.min():.4g} s at the least: the clock is too coarse, or not that of "
            "these frames; give the source a better one (another --clock, for a stream), or --frame-period where they "
            "are known to be equally spaced"
        )
    if 2 * regular < len(intervals):
        raise ReadError(
            f"half of the intervals between frames or more must be one frame period, got {regular} of {len(intervals)} "
            f"near {period_s:.4f} s; read one plane and one kind of image alone, or mend the times in the source"
        )
    filled = filled_between_bunches(times_s, period_s, longest_gap_s)
    if filled:
        raise ReadError(
            f"more frames must be there than are lost between them, got {len(times_s)} and {filled} at a period of "
            f"{period_s:.4f} s: frames come in pairs or bunches, or their times do; read one plane and one kind of "
            "image alone, mend the times in the source (another --clock, for a stream), or give --frame-period where "
            "frames are known to be equally spaced"
        )


def check_spacing(spacing_mm: tuple[float, float]) -> None:
    """Check a pixel spacing along (rows, columns) in mm.

    Raises
    ------
    ReadError
        If it is not two positive numbers.
    """
    if len(spacing_mm) != 2 or not all(np.isfinite(s) and s > 0 for s in spacing_mm):
        raise ReadError(
            f"pixel spacing must be two positive numbers in mm (rows, columns), got {spacing_mm}; give them, as by "
            "--pixel-spacing"
        )


def _check_split(split: Split, frame_count: int) -> None:
    if not 2 <= split.train_end <= split.validation_end < split.test_end <= frame_count:
        raise ReadError(
            f"the split must satisfy 2 <= train_end <= validation_end < test_end <= {frame_count} frames, got "
            f"{split.train_end}, {split.validation_end}, {split.test_end}; "
            "set frames.train_end and frames.validation_end"
        )


def _check_roi(roi: Roi, shape: tuple[int, ...]) -> None:
    for name, (start, stop), size in (("rows", roi.rows, shape[0]), ("columns", roi.columns, shape[1])):
        if not 0 <= start < stop <= size:
            raise ReadError(
                f"ROI {name} must satisfy 0 <= start < stop <= {size}, got {start} to {stop}; "
                "mend the ROI of the sidecar"
            )


def _check_affine(affine: NDArray[np.float64]) -> None:
    if affine.shape != (4, 4):
        raise ReadError(f"the affine must have shape (4, 4), got {affine.shape}; mend or remove it in the source")
    # A plane needs two independent directions; the third column (slice) must be one more to make an image in space.
    if not np.isfinite(affine).all() or not (affine[3] == (0, 0, 0, 1)).all() or np.linalg.det(affine) == 0:
        raise ReadError(
            f"the affine must be finite and invertible with last row 0, 0, 0, 1, got {affine.tolist()}; "
            "mend or remove it in the source"
        )


def _check_axes(axes: tuple[str, str]) -> None:
    if len(axes) != 2 or axes[0] == axes[1] or not {*axes} <= {*PATIENT_AXES}:
        raise ReadError(
            f"the axes must be two different ones of {', '.join(PATIENT_AXES)}, along [row, column], got {axes!r}; "
            "mend the axes of the sidecar"
        )
