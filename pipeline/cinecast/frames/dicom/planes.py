"""Planes of a DICOM series, and where a plane lies in the patient."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.source import PlaneSummary

# Positions of one plane differ by rounding only, those of two planes by a slice; directions by rounding.
_SAME_DIRECTION = 1e-3
_SAME_POSITION_MM = 0.1
# Spacings of one series differ by rounding only: 1.41 for 1.40625.
_SAME_SPACING = 3e-3

_ORIENTATIONS = ("sagittal", "coronal", "axial")
_LPS_TO_RAS = (-1, -1, 1)


@dataclass(frozen=True)
class Plane:
    """Frames that image one plane.

    Parameters
    ----------
    headers
        Its frames, in the order they were given.
    normal
        Unit normal in patient space (LPS), or None where the source has no orientation.
    position_mm
        Position along the normal, or what else tells the planes apart, or None.
    """

    headers: tuple[FrameHeader, ...]
    normal: tuple[float, ...] | None
    position_mm: float | None

    def summary(self, index: int) -> PlaneSummary:
        """Return what `cinecast info` lists."""
        if self.normal is None:
            return PlaneSummary(index, len(self.headers))
        axis = int(np.argmax(np.abs(self.normal)))
        # Directions of rows and columns decide where the plane's own normal points: it says nothing to people.
        sign = np.sign(self.normal[axis]) * _LPS_TO_RAS[axis]
        position = None if self.position_mm is None else float(sign * self.position_mm) + 0.0  # no negative zero
        return PlaneSummary(index, len(self.headers), _ORIENTATIONS[axis], position)


def split_planes(headers: SequenceOf[FrameHeader]) -> list[Plane]:
    """Return the planes of a series, ordered by orientation, then by position along the normal."""
    groups: list[tuple[tuple[float, ...], float | None, list[FrameHeader]]] = []
    for header in headers:
        direction, position = _key(header)
        for known_direction, known_position, members in groups:
            if _same(direction, known_direction, _SAME_DIRECTION) and _same_position(position, known_position):
                members.append(header)
                break
        else:
            groups.append((direction, position, [header]))
    planes = [
        Plane(tuple(members), _normal(direction) if direction else None, position)
        for direction, position, members in groups
    ]
    return sorted(planes, key=_rank)


def moved_slice(planes: SequenceOf[Plane]) -> str | None:
    """Return in words that a slice was moved during the recording, or None where the planes are slices of their own.

    Slices of their own lie half their thickness apart at least.
    """
    if len({plane.normal and _rank(plane)[:2] for plane in planes}) > 1 or planes[0].normal is None:
        return None
    positions = sorted(plane.position_mm for plane in planes if plane.position_mm is not None)
    nearest = min((later - earlier for earlier, later in pairwise(positions)), default=np.inf)
    if nearest >= planes[0].headers[0].thickness_mm / 2:
        return None
    return (
        f"all frames must show one slice, got {len(planes)} positions of it from {positions[0]:.1f} to "
        f"{positions[-1]:.1f} mm, as near as {nearest:.2g} mm, so that it was moved while it was imaged; give a "
        "recording of a slice that stands still, or the frames of one position with --plane"
    )


def plane_affine(headers: SequenceOf[FrameHeader]) -> NDArray[np.float64] | None:
    """Return the map from (column, row, plane, 1) to patient RAS+ mm, or None where there is no position.

    References
    ----------
    DICOM PS3.3, C.7.6.2.1.1 (image plane), whose axes are LPS.

    Raises
    ------
    ReadError
        If the image moves within its plane from frame to frame.
    """
    first = headers[0]
    if first.position is None or first.orientation is None:
        return None
    _check_still(headers)
    row_step, column_step = finest_spacing(headers) or (1.0, 1.0)
    affine = np.eye(4)
    affine[:3, 0] = np.multiply(first.orientation[:3], column_step)
    affine[:3, 1] = np.multiply(first.orientation[3:], row_step)
    affine[:3, 2] = np.multiply(_normal(first.orientation), first.thickness_mm)
    affine[:3, 3] = first.position
    affine[:2] *= -1
    return affine + 0.0  # no negative zeros


def has_spacing_of(header: FrameHeader, first: FrameHeader) -> bool:
    """Return whether two frames have one pixel spacing, or none of them has any.

    Parameters
    ----------
    header
        A frame.
    first
        The frame that it is compared with.

    Returns
    -------
    bool
        True also where they differ by rounding alone; False where one of them has a spacing and the other has none.
    """
    if header.spacing_mm is None or first.spacing_mm is None:
        return header.spacing_mm is first.spacing_mm
    pairs = zip(header.spacing_mm, first.spacing_mm, strict=True)
    return all(abs(own - other) <= _SAME_SPACING * abs(other) for own, other in pairs)


def finest_spacing(headers: SequenceOf[FrameHeader]) -> tuple[float, float] | None:
    """Return the pixel spacing that is written with the most digits: frames of one series may be rounded differently.

    Parameters
    ----------
    headers
        Frames of one plane, of which `has_spacing_of` holds.

    Returns
    -------
    tuple[float, float] | None
        Along (rows, columns) in mm.
    """
    spacings = {header.spacing_mm for header in headers if header.spacing_mm is not None}
    return max(sorted(spacings), key=lambda spacing: len(f"{spacing[0]!r}{spacing[1]!r}"), default=None)


def shift_mm(header: FrameHeader, first: FrameHeader) -> float:
    """Return how far a frame has moved within its plane.

    Parameters
    ----------
    header
        A frame.
    first
        A frame of the same plane.

    Returns
    -------
    float
        Distance of the corners in mm; 0 within rounding or where a position is unknown.
    """
    if header.position is None or first.position is None or first.orientation is None:
        return 0.0
    if _same(header.position, first.position, _SAME_POSITION_MM):
        return 0.0
    return float(np.linalg.norm(np.subtract(header.position, first.position)))


def _check_still(headers: SequenceOf[FrameHeader]) -> None:
    for header in headers:
        shift = shift_mm(header, headers[0])
        if shift > 0:
            raise ReadError(
                f"all frames must show the same place, got {header.path.name} moved by {shift:.1f} mm within the "
                "plane; resample the frames onto one grid or remove those that moved"
            )


def _key(header: FrameHeader) -> tuple[tuple[float, ...], float | None]:
    if header.orientation is None or header.position is None:
        return (), header.plane_hint
    return header.orientation, float(np.dot(_normal(header.orientation), header.position))


def _normal(orientation: tuple[float, ...]) -> tuple[float, ...]:
    normal = np.cross(orientation[:3], orientation[3:])
    length = float(np.linalg.norm(normal)) or 1.0
    return tuple(float(part) / length for part in normal)


def _same(one: tuple[float, ...], other: tuple[float, ...], tolerance: float) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def _same_position(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME_POSITION_MM


def _rank(plane: Plane) -> tuple[int, tuple[float, ...], float]:
    direction = tuple(round(part, 2) for part in plane.normal or ())
    nearest = int(np.argmax(np.abs(direction))) if direction else -1
    return nearest, direction, plane.position_mm or 0.0
