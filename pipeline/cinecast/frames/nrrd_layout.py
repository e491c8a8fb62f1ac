"""Which axis of an NRRD array is time, column, row and plane, where it lies in the patient, and when frames came."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.nrrd_header import NrrdHeader
from cinecast.frames.source import regular_times

# Kinds of an axis along which frames or other samples follow each other.
_NOT_IN_SPACE = ("list", "time", "none", "point", "vector", "covariant-vector", "stub", "scalar")
_SECONDS_PER_UNIT = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "usec", "µs", "microsecond", "microseconds"), 1e-6),
}
# A length without a unit is taken as mm, as every viewer does.
_MM_PER_UNIT = {
    **dict.fromkeys(("", "mm", "millimeter", "millimeters", "millimetre", "millimetres"), 1.0),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 10.0),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1000.0),
    **dict.fromkeys(("um", "µm", "micron", "microns", "micrometer", "micrometers"), 1e-3),
}
_TO_RAS = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}

Double = NDArray[np.float64]


class NrrdLayout:
    """Which axis of an NRRD array is what.

    Parameters
    ----------
    header
        Its header.

    Raises
    ------
    ReadError
        If it has not 3 or 4 axes of which one may be time.
    """

    def __init__(self, header: NrrdHeader) -> None:
        self.header = header
        count, kinds = len(header.sizes), [kind.lower() for kind in header.per_axis("kinds")]
        outside = [axis for axis, kind in enumerate(kinds) if kind in _NOT_IN_SPACE]
        if count not in (3, 4) or len(outside) > 1:
            raise ReadError(
                f"{header.name} must have 3 or 4 axes, one of them time (list, column, row, plane in Slicer's "
                f".seq.nrrd), got sizes {header.sizes} of kinds {header.fields.get('kinds', 'unknown')}; convert it"
            )
        self.time = outside[0] if outside else count - 1
        self.told = bool(outside)
        space = [axis for axis in range(count) if axis != self.time]
        self.plane = (
            None if count == 3 else next((axis for axis in reversed(space) if header.sizes[axis] == 1), space[2])
        )
        self.column, self.row = (axis for axis in space if axis != self.plane)
        self.columns, self.rows = header.sizes[self.column], header.sizes[self.row]
        self.frame_count = header.sizes[self.time]
        self.plane_count = 1 if self.plane is None else header.sizes[self.plane]

    @property
    def words(self) -> str:
        """Where time is, in words."""
        how = "by its kind" if self.told else "no axis is named as such"
        return f"time along axis {self.time} of {len(self.header.sizes)} ({how})"

    def frames(self, values: NDArray[Any], plane: int) -> NDArray[Any]:
        """Return the frames of one plane.

        Parameters
        ----------
        values
            In the order of the header.
        plane
            Index of the plane.

        Returns
        -------
        NDArray
            Shape (T, H, W).
        """
        if self.plane is None:
            return values.transpose(self.time, self.row, self.column)
        of_plane: NDArray[Any] = values.transpose(self.plane, self.time, self.row, self.column)[plane]
        return of_plane

    def times(self) -> tuple[Double | None, str]:
        """Return times in s from the first frame, shape (T,), or None, and where they come from."""
        key, unit = f"axis {self.time} index values", self._time_unit()
        if key in self.header.pairs and unit is not None:
            return self._listed(self.header.pairs[key], unit, key), f"{key} of the NRRD header"
        period = self.period_s()
        if period is None:
            return None, ""
        return regular_times(self.frame_count, period), "step of the time axis in the NRRD header"

    def period_s(self) -> float | None:
        """Return the step of the time axis in s where the header has one with a unit, or the mean of listed times."""
        unit, key = self._time_unit(), f"axis {self.time} index values"
        if unit is None:
            return None
        if key in self.header.pairs:
            return float(self._listed(self.header.pairs[key], unit, key)[-1]) / max(1, self.frame_count - 1)
        try:
            step = float(self.header.per_axis("spacings")[self.time]) * unit
        except ValueError:
            return None
        return step if 0 < step < np.inf else None

    def step_without_unit(self) -> float | None:
        """Return the step along time, or the mean one of listed times, where it has no unit; else None."""
        if self._time_unit() is not None:
            return None
        key = f"axis {self.time} index values"
        try:
            if key in self.header.pairs:
                return float(self._listed(self.header.pairs[key], 1.0, key)[-1]) / max(1, self.frame_count - 1)
            vector = _vector(self.header.per_axis("space directions")[self.time], 3, 4)
            if vector is not None:  # ITK gives time a direction in space
                return float(np.linalg.norm(vector))
            return float(self.header.per_axis("spacings")[self.time])
        except (ReadError, ValueError):  # an index that is no time
            return None

    def why_no_times(self) -> str:
        """Return why there are no times."""
        if f"axis {self.time} index values" in self.header.pairs:
            label = self.header.per_axis("labels")[self.time] or "without a name"
            return f"the index of its frames in the NRRD header ({label}) has no unit of time"
        return "the NRRD header says no time step with a unit (if no axis is time, this is a volume, no cine)"

    def spacing_mm(self) -> tuple[float, float] | None:
        """Return the spacing along (rows, columns) in mm, or None."""
        row, column = (length * _MM_PER_UNIT.get(unit, np.nan) for length, unit in self._spacing())
        return (row, column) if 0 < row < np.inf and 0 < column < np.inf else None

    def why_no_spacing(self) -> str:
        """Return why there is no spacing in mm."""
        other = [unit for _, unit in self._spacing() if unit not in _MM_PER_UNIT]
        return f"that of the NRRD header has the unit {other[0]!r:.40}" if other else "the NRRD header gives none"

    def _spacing(self) -> list[tuple[float, str]]:
        """Return the spacing along rows and columns, NaN where the header gives none, each with its unit."""
        steps, axes = self._steps(), (self.row, self.column)
        if steps is not None:
            return [(float(np.linalg.norm(steps[axis])), self._unit_in_space()) for axis in axes]
        spacings, units = self.header.per_axis("spacings"), self.header.per_axis("units")
        try:
            return [(float(spacings[axis]), units[axis].strip().lower()) for axis in axes]
        except ValueError:
            return [(np.nan, "")] * 2

    def affine(self, plane: int) -> Double | None:
        """Return the map from (column, row, plane, 1) to patient RAS+ mm, shape (4, 4), or None."""
        steps, turn = self._steps(), _to_ras(self.header.fields.get("space", ""))
        origin = _vector(self.header.fields.get("space origin", ""), 3)
        mm = _MM_PER_UNIT.get(self._unit_in_space())
        if steps is None or turn is None or origin is None or mm is None:
            return None
        steps, origin = steps * mm, origin * mm
        affine = np.eye(4)
        affine[:3, :2] = np.column_stack([steps[self.column], steps[self.row]])
        normal = np.cross(affine[:3, 0], affine[:3, 1])
        if not np.linalg.norm(normal) > 0:
            return None
        across = np.zeros(3) if self.plane is None else steps[self.plane]
        flat = abs(normal @ across) <= 1e-6 * np.linalg.norm(normal) * np.linalg.norm(across)
        if flat and self.plane_count > 1:
            return None
        affine[:3, 2] = normal / np.linalg.norm(normal) if flat else across
        affine[:3, 3] = origin + plane * affine[:3, 2]
        return turn @ affine

    def _steps(self) -> Double | None:
        """Return the step along each axis, in the unit of the space, 0 for those outside; shape (axes, 3), or None."""
        vectors = [_in_space(text) for text in self.header.per_axis("space directions")]
        needed = [self.column, self.row]
        if any(vectors[axis] is None for axis in needed):
            return None
        return np.array([np.zeros(3) if each is None else each for each in vectors])

    def _unit_in_space(self) -> str:
        """Return the unit of the space; where its three axes have not one unit, all of these."""
        units = self.header.fields.get("space units", "").replace('"', " ").lower().split()[:3]
        return " ".join(dict.fromkeys(units))

    def _time_unit(self) -> float | None:
        unit = self.header.per_axis("units")[self.time] or self.header.pairs.get(f"axis {self.time} index unit", "")
        return _SECONDS_PER_UNIT.get(unit.strip().lower())

    def _listed(self, text: str, unit: float, key: str) -> Double:
        words = text.split()
        try:
            times = np.array([float(word) for word in words]) * unit
        except ValueError:
            times = np.array([])
        if len(times) != self.frame_count or not np.isfinite(times).all():
            raise ReadError(
                f"{key} of {self.header.name} must be one time for each of its {self.frame_count} frames, got "
                f"{len(words)} word(s); mend it, or save the sequence again"
            )
        if (np.diff(times) <= 0).any():
            t = int(np.argmax(np.diff(times) <= 0))
            raise ReadError(
                f"{key} of {self.header.name} must increase, got {times[t]:g} s and then {times[t + 1]:g} s at frame "
                f"{t + 1}: the frames are not in order of time; save the sequence again"
            )
        times -= times[0]
        return times


def _vector(text: str, *lengths: int) -> Double | None:
    try:
        vector = np.array([float(word) for word in text.strip("()").split(",")])
    except ValueError:
        return None
    return vector if len(vector) in lengths and np.isfinite(vector).all() else None


def _in_space(text: str) -> Double | None:
    """Return a step in space; ITK writes 4 numbers where an image has 4 axes, the last of them along time."""
    vector = _vector(text, 3, 4)
    if vector is None or (len(vector) == 4 and vector[3] != 0):
        return None
    return vector[:3]


def _to_ras(space: str) -> Double | None:
    """Return the map to RAS of a space such as ``left-posterior-superior`` or ``LPS``, or None where it is another."""
    names = space.strip().upper().split("-")
    letters = [name[:1] for name in names] if len(names) == 3 else list(space.strip().upper())
    if len(letters) != 3 or any(letter not in _TO_RAS for letter in letters):
        return None
    turn = np.zeros((4, 4))
    turn[3, 3] = 1.0
    for axis, letter in enumerate(letters):
        place, sign = _TO_RAS[letter]
        turn[place, axis] = sign
    return turn if abs(np.linalg.det(turn)) == 1 else None
