"""Which ITK axis of an MHA image is time, column, row and plane: TrackRAD2025 has time first, ITK's own tools last.

The header does not say. The pixels do: averaged over time, a cine keeps its structure; averaged over columns or rows it
loses it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.kept_share import CLEARLY_MORE, STRUCTURED, kept_share, thinned

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


class MhaLayout(NamedTuple):
    """Which ITK axis is what.

    Attributes
    ----------
    time, column, row
        ITK axes.
    plane
        ITK axis of planes, or None where there is none.
    size
        Length of each ITK axis.
    """

    time: int
    column: int
    row: int
    plane: int | None
    size: tuple[int, ...]

    @property
    def words(self) -> str:
        """Where time is, in words."""
        if self.time == 0:
            return "time along the first ITK axis (TrackRAD2025 layout)"
        return "time along the last ITK axis, as ITK's own tools write it (seen from the pixels)"

    @property
    def frame_count(self) -> int:
        """Number T of frames."""
        return self.size[self.time]

    @property
    def plane_count(self) -> int:
        """Number of planes."""
        return 1 if self.plane is None else self.size[self.plane]

    @property
    def rows(self) -> int:
        """Height H in pixels."""
        return self.size[self.row]

    @property
    def columns(self) -> int:
        """Width W in pixels."""
        return self.size[self.column]

    def frames(self, values: NDArray[Any], plane: int) -> NDArray[Any]:
        """Return the frames of one plane.

        Parameters
        ----------
        values
            As SimpleITK gives them: the last ITK axis first.
        plane
            Index of the plane.

        Returns
        -------
        NDArray
            Shape (T, H, W).
        """
        values = values.transpose()
        if self.plane is None:
            return values.transpose(self.time, self.row, self.column)
        of_plane: NDArray[Any] = values.transpose(self.plane, self.time, self.row, self.column)[plane]
        return of_plane

    def spacing_mm(self, image: Any) -> tuple[float, float]:
        """Return the spacing of a SimpleITK image along (rows, columns) in mm."""
        spacing = image.GetSpacing()
        return spacing[self.row], spacing[self.column]

    def time_step(self, image: Any) -> float | None:
        """Return the step along time in the header, of whatever unit; None where ITK's axis of time means none."""
        return None if self.time == 0 else float(image.GetSpacing()[self.time])

    def affine(self, image: Any, plane: int) -> NDArray[np.float64]:
        """Return the map from (column, row, plane, 1) to patient RAS+ mm.

        Parameters
        ----------
        image
            Of SimpleITK.
        plane
            Index of the plane.

        Returns
        -------
        NDArray[np.float64]
            Shape (4, 4).
        """
        count = len(self.size)
        steps = np.array(image.GetDirection()).reshape(count, count) * np.array(image.GetSpacing())
        affine = np.eye(4)
        across = self.plane if self.plane is not None else 0
        if self.plane is None and self.time != 0:  # time stands where the normal would
            normal = np.cross(steps[:3, self.column], steps[:3, self.row])
            steps = np.column_stack([steps, np.zeros(count)])
            steps[:3, -1], across = normal / (np.linalg.norm(normal) or 1.0), count
        affine[:3, :3] = steps[:3, [self.column, self.row, across]]
        affine[:3, 3] = np.array(image.GetOrigin()[:3]) + plane * affine[:3, 2]
        ras: NDArray[np.float64] = _LPS_TO_RAS @ affine
        return ras


def layout_of(image: Any, name: str) -> MhaLayout:
    """Return which axis of a SimpleITK image of 3 or 4 axes is what.

    Parameters
    ----------
    image
        Of one value per pixel.
    name
        Name of its file.

    Returns
    -------
    MhaLayout
        Of 3 axes, time is the one that keeps clearly more variance when averaged over it: the first, or the last.

    Raises
    ------
    ReadError
        If there are other numbers of axes, or the first and the last keep about as much.
    """
    size = image.GetSize()
    if len(size) == 4:
        return MhaLayout(3, 0, 1, 2, size)
    if len(size) != 3:
        raise ReadError(
            f"{name} must have 3 axes (time, column, row) as in TrackRAD2025, or (column, row, time) as ITK's own "
            f"tools write it, or 4 with a plane, got size {size}; convert it"
        )
    values = SimpleITK.GetArrayViewFromImage(image)
    first, last = _kept_shares(values)
    if last > first + CLEARLY_MORE:
        return MhaLayout(2, 0, 1, None, size)
    if max(first, last) >= STRUCTURED and first <= last + CLEARLY_MORE:
        raise ReadError(
            f"{name} must show which axis is time, the first (time, column, row: TrackRAD2025) or the last (column, "
            f"row, time: ITK's own tools), got size {size}, whose pixels fit both; convert it to NIfTI"
        )
    return MhaLayout(0, 1, 2, None, size)


def time_is_last(values: NDArray[Any]) -> bool:
    """Return whether images of three axes show clearly that time is their last ITK axis.

    Parameters
    ----------
    values
        As SimpleITK gives them: the last ITK axis first. Those that are not finite count as 0.

    Returns
    -------
    bool
    """
    some = thinned(values)
    first, last = _kept_shares(np.where(np.isfinite(some), some, 0.0))
    return last > first + CLEARLY_MORE


def _kept_shares(values: NDArray[Any]) -> tuple[float, float]:
    """Return how much is kept over the first ITK axis and over the last."""
    return kept_share(values, 2), kept_share(values, 0)
