"""What no cine-MR sequence has: a frame period, a spacing or a motion beyond all measure, or kinds of image in turn.

Nothing is refused here: each doubt is said, with the cause that is most likely.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.other_rate import changed_rate, other_rate
from cinecast.clock.regular_clock import mean_regular_interval
from cinecast.frames.block_shifts import block_shifts
from cinecast.frames.frame_look import CELLS, look_of
from cinecast.frames.grey_codes import doubt_of_grey_codes
from cinecast.frames.kept_share import CLEARLY_MORE, STRUCTURED, kept_share, thinned
from cinecast.frames.mixed_kinds import kinds_in_turn
from cinecast.frames.slices_in_turn import slices_in_turn
from cinecast.sequence import Split

SHORTEST_PERIOD_S, LONGEST_PERIOD_S = 0.02, 3.0
FINEST_SPACING_MM, COARSEST_SPACING_MM = 0.2, 10.0
# The largest bores take 550 mm.
LARGEST_FIELD_MM = 600.0
# Recorded breathing moves its fastest part by 10 mm/s or less in half of the frames, and by 3 mm a frame; hearts and
# deep breaths by some times that.
FASTEST_MM_PER_S, FARTHEST_MM_PER_FRAME = 60.0, 20.0
_PAIRS = 5
# A step that is written where no time is known: of SimpleITK's JoinSeries, of vtk-dicom, of NIfTI tools.
_UNSET_PERIOD_S = 1.0


def doubts(
    train: NDArray[Any], period_s: float, spacing_mm: tuple[float, float], period_of_header: bool = False
) -> tuple[str, ...]:
    """Return what of a sequence is beyond all measure, by its train span alone.

    Parameters
    ----------
    train
        Grey values of the train span, shape (T, H, W).
    period_s
        Time between frames in s.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    period_of_header
        Whether the period is a step in the header of a file, which has one also where no time is known.

    Returns
    -------
    tuple of str
        One sentence each; none for a plausible sequence.
    """
    by_numbers = (_doubt_of_period(period_s, period_of_header), _doubt_of_spacing(spacing_mm, train.shape[1:]))
    mixed = _doubt_of_axes(train) or doubt_of_kinds(train) or doubt_of_slices(train, period_s)
    found = [*by_numbers, mixed, doubt_of_grey_codes(train)]
    if not any(found):  # else motion in mm and s is off as well, and says nothing more
        found.append(_doubt_of_motion(train, period_s, spacing_mm))
    return tuple(each for each in found if each)


def doubt_of_rate(times_s: NDArray[np.float64], split: Split) -> str | None:
    """Return the doubt that frames come at another rate from some frame on, or in a part of the test span.

    Parameters
    ----------
    times_s
        Times of the frames in s, shape (T,).
    split
        Its spans.

    Returns
    -------
    str or None
        A sentence with both periods where they differ by a quarter or more, in the test span by more than 5 %; None
        else.
    """
    learned = mean_regular_interval(times_s[: split.train_end])
    other = other_rate(times_s[split.validation_end : split.test_end], learned)
    if other is None:
        return _doubt_of_change(times_s[: split.test_end])
    return (
        f"some frames of the test span come every {other.interval_s:.4g} s, those of the train span every "
        f"{learned:.4g} s: a horizon is so many frames, and in the test span another time than is said; "
        "read one scan alone"
    )


def _doubt_of_change(times_s: NDArray[np.float64]) -> str | None:
    """Return the doubt that frames come at a rate of their own from some frame on."""
    change = changed_rate(times_s)
    if change is None:
        return None
    if change.thinned:
        effect = f"after it a horizon that is no multiple of {change.after_s:.4g} s is scored at few frames or at none"
    elif change.stretched:
        effect = (
            f"after it {change.after_s:.4g} s count as {change.periods} frames of {change.before_s:.4g} s, and a "
            "horizon is another time than is said"
        )
    else:
        effect = "by the clock of the first ones, others are late or lost, and few or none of them are scored"
    return f"frames come {change}: {effect}; read each part alone, as a recording"


def doubt_of_kinds(train: NDArray[Any]) -> str | None:
    """Return the doubt that frames of several kinds follow each other in turn, or None.

    Parameters
    ----------
    train
        Grey values of the train span or of a calibration, shape (T, H, W).
    """
    kinds = kinds_in_turn(train)
    if kinds == 1:
        return None
    nth = {2: "next but one", 3: "third next", 4: "fourth next"}[kinds]
    return (
        f"each frame resembles the {nth} far more than the next: {kinds} kinds of image seem to follow each other in "
        "turn (planes, or magnitude and phase), and no motion between them is real; give one kind alone"
    )


def doubt_of_slices(train: NDArray[Any], period_s: float) -> str | None:
    """Return the doubt that neighbouring slices follow each other in turn, or None.

    Parameters
    ----------
    train
        Grey values of the train span or of a calibration, shape (T, H, W).
    period_s
        Time between frames in s.

    Returns
    -------
    str | None
        One sentence.
    """
    count = slices_in_turn(train, period_s)
    if count == 1:
        return None
    nth = {2: "second", 3: "third"}[count]
    return (
        f"in nearly all parts of the image every {nth} frame is alike, as no breathing does it at {period_s:.3g} s a "
        f"frame: {count} neighbouring slices seem to follow each other in turn, and no motion between them is real; "
        "give one slice alone"
    )


def _doubt_of_period(period_s: float, period_of_header: bool) -> str | None:
    if period_s > LONGEST_PERIOD_S:
        cause = f"are milliseconds taken for seconds ({period_s / 1000:.6g} s)?"
        if period_s < 1000 * SHORTEST_PERIOD_S:  # of so few ms no cine is
            cause = f"is a rate in Hz taken for a period, or a period for a rate ({1 / period_s:.6g} s)?"
        return (
            f"a frame period of {period_s:.6g} s is longer than any cine has ({LONGEST_PERIOD_S:g} s): {cause} Give "
            "--frame-period"
        )
    if period_s < SHORTEST_PERIOD_S:
        return (
            f"a frame period of {period_s:.6g} s is shorter than any cine has ({SHORTEST_PERIOD_S:g} s): is it the "
            f"time between excitations (TR), or are seconds taken for milliseconds ({1000 * period_s:.6g} s)? Give "
            "--frame-period"
        )
    if period_of_header and period_s == _UNSET_PERIOD_S:
        return (
            "a frame period of exactly 1 s in the header is what programs write where they know no time: give "
            "--frame-period if it is not true"
        )
    return None


def _doubt_of_spacing(spacing_mm: tuple[float, float], shape: tuple[int, ...]) -> str | None:
    for step in spacing_mm:
        if step > COARSEST_SPACING_MM:
            cause = "is the unit wrong, or the spacing that of an image made smaller?"
        elif step < FINEST_SPACING_MM:
            cause = "are metres or centimetres taken for millimetres?"
        else:
            continue
        return (
            f"a pixel spacing of {spacing_mm[0]:.6g} x {spacing_mm[1]:.6g} mm is beyond what any cine has "
            f"({FINEST_SPACING_MM:g} to {COARSEST_SPACING_MM:g} mm): {cause} Give --pixel-spacing"
        )
    field = tuple(size * step for size, step in zip(shape, spacing_mm, strict=True))
    if max(field) > LARGEST_FIELD_MM:
        return (
            f"a field of view of {field[0]:.0f} x {field[1]:.0f} mm is larger than any scanner has "
            f"({LARGEST_FIELD_MM:g} mm): is the spacing of {spacing_mm[0]:.4g} x {spacing_mm[1]:.4g} mm too large (a "
            "doubled sform, that of an image before it was resampled)? Give --pixel-spacing"
        )
    return None


def _doubt_of_axes(train: NDArray[Any]) -> str | None:
    thin = thinned(train)
    thin -= thin.mean(axis=(1, 2), keepdims=True)
    deviation = thin.std(axis=(1, 2), keepdims=True)
    # Each frame counts alike: neither brightness nor a few faulty frames are structure.
    alike = np.divide(thin, deviation, out=np.zeros_like(thin), where=deviation > 0)
    over_time, *over_space = (kept_share(alike, axis) for axis in range(3))
    if len(train) <= _PAIRS or max(over_space) < max(STRUCTURED, over_time + CLEARLY_MORE):
        return None
    axis = ("rows", "columns")[int(np.argmax(over_space))]
    return (
        f"averaged over its frames the sequence loses its structure, and averaged over its {axis} it keeps it: is that "
        "axis the time? Give frames as (time, row, column)"
    )


def _doubt_of_motion(train: NDArray[Any], period_s: float, spacing_mm: tuple[float, float]) -> str | None:
    moved = motion_per_frame_mm(train, spacing_mm)
    if moved > FARTHEST_MM_PER_FRAME:
        return (
            f"from frame to frame parts of the image move by {moved:.0f} mm or more in half of the frames: are frames "
            "out of order, or is the spacing too large (a doubled sform, another unit)?"
        )
    if moved > FASTEST_MM_PER_S * period_s:
        return (
            f"at a frame period of {period_s:.4g} s parts of the image move at {moved / period_s:.0f} mm/s or more in "
            "half of the frames: are frames out of order, is the frame period too short (the time between "
            "excitations), or the spacing too large?"
        )
    return None


def motion_per_frame_mm(train: NDArray[Any], spacing_mm: tuple[float, float]) -> float:
    """Return how far the fastest parts of the image move from frame to frame, coarsely.

    Parameters
    ----------
    train
        Grey values, shape (T, H, W).
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    float
        In mm: of some pairs of neighbouring frames the median of the 95th percentile over blocks; 0 where no block is
        found again, or the frames are too few.
    """
    if len(train) <= _PAIRS:
        return 0.0
    starts = np.unique(np.linspace(0, len(train) - 2, _PAIRS).astype(int))
    cell = -(-max(train.shape[1:]) // CELLS) * np.array(spacing_mm)
    moved = []
    for start in starts:
        shifts = block_shifts(look_of(train[start]), look_of(train[start + 1])) * cell
        if len(shifts):
            moved.append(float(np.percentile(np.linalg.norm(shifts, axis=1), 95)))
    return float(np.median(moved)) if moved else 0.0
