"""Which axis of a NIfTI array is column, row, plane and time, and what the header says along each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.nifti_geometry import NiftiGeometry, decimal
from cinecast.frames.source import PlaneSummary

# Codes of xyzt_units in the standard.
_SECONDS_PER_UNIT = {8: 1.0, 16: 1e-3, 24: 1e-6}


class NiftiLayout:
    """Which axis of the array is column, row, plane and time.

    Parameters
    ----------
    name
        Name of the file.
    header
        Its header, of nibabel.

    Raises
    ------
    ReadError
        If there are fewer or more axes, or every plane has one frame only.
    """

    def __init__(self, name: str, header: Any) -> None:
        shape = list(header.get_data_shape())
        while len(shape) > 4 and shape[-1] == 1:
            shape.pop()
        if len(shape) not in (3, 4):
            raise ReadError(
                f"{name} must have 4 axes (column, row, plane, time) or 3 (column, row, time), got shape "
                f"{tuple(shape)}; convert it"
            )
        self.header = header
        self.shape = tuple(shape)
        self.has_plane_axis = len(shape) == 4
        # Files in canonical orientation put the single plane of a sagittal or coronal cine first or second.
        single = [axis for axis in (0, 1) if shape[axis] == 1]
        self.plane_axis = single[0] if self.has_plane_axis and shape[2] > 1 and len(single) == 1 else 2
        self.column_axis, self.row_axis = (axis for axis in range(3) if axis != self.plane_axis)
        self.columns, self.rows = shape[self.column_axis], shape[self.row_axis]
        self.plane_count = shape[self.plane_axis] if self.has_plane_axis else 1
        self.frame_count = shape[-1]
        if self.frame_count == 1 < self.plane_count:
            raise ReadError(
                f"{name} must have time along its 4th axis, got shape {self.shape}: {self.plane_count} planes of one "
                "frame each; if the 3rd axis is time, save it as (column, row, 1, time) with its time step"
            )
        axes = (self.column_axis, self.row_axis, self.plane_axis)
        self.geometry = NiftiGeometry(header, axes, (self.columns, self.rows, self.plane_count))

    def frames(self, data: NDArray[Any], plane: int) -> NDArray[Any]:
        """Return the frames of one plane.

        Parameters
        ----------
        data
            Values in the order of the file.
        plane
            Index of the plane.

        Returns
        -------
        NDArray
            Shape (T, H, W); a view.
        """
        data = data.reshape(self.shape, order="A")
        if self.has_plane_axis:
            data = data[(slice(None),) * self.plane_axis + (plane,)]
        return data.transpose(2, 1, 0)

    def period_s(self) -> float | None:
        """Return the time between frames in s, or None if the header does not say."""
        unit = _SECONDS_PER_UNIT.get(int(self.header["xyzt_units"]) & 0x38)
        step = decimal(self.header["pixdim"][4])
        return step * unit if self.has_plane_axis and unit is not None and 0 < step < np.inf else None

    def step_without_unit(self) -> float | None:
        """Return the step along time where the header does not say in which unit it is, else None."""
        told = int(self.header["xyzt_units"]) & 0x38 in _SECONDS_PER_UNIT
        return None if told or not self.has_plane_axis else decimal(self.header["pixdim"][4])

    def why_no_period(self) -> str:
        """Return why `period_s` is None."""
        if not self.has_plane_axis:
            return (
                "a NIfTI header with 3 axes has no time step (if the third axis is not time, this is a volume, no cine)"
            )
        if int(self.header["xyzt_units"]) & 0x38 not in _SECONDS_PER_UNIT:
            return "the NIfTI header does not say in which unit its time step is"
        return f"the NIfTI header gives a time step of {self.header['pixdim'][4]:g}"

    def planes(self) -> tuple[PlaneSummary, ...]:
        """Return what `cinecast info` lists of each plane."""
        return tuple(self._plane(index) for index in range(self.plane_count))

    def _plane(self, index: int) -> PlaneSummary:
        affine = self.geometry.affine(index)
        if affine is None:
            return PlaneSummary(index, self.frame_count)
        normal = np.cross(affine[:3, 0], affine[:3, 1])
        normal /= np.linalg.norm(normal)
        axis = int(np.argmax(np.abs(normal)))
        position = np.sign(normal[axis]) * (normal @ affine[:3, 3]) + 0.0  # no negative zero
        return PlaneSummary(index, self.frame_count, ("sagittal", "coronal", "axial")[axis], float(position))
