"""Position and spacing by a NIfTI header, which says them up to three times: in sform, qform and pixdim."""

from __future__ import annotations

from typing import Any

import numpy as np
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

# Codes of xyzt_units in the standard; 0 is unknown. A length without unit is taken as mm, as every viewer does.
_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
# Rounding of single precision and of text is far below this share.
_SAME_SPACING = 0.02
# Two maps that put a corner of the image so many pixels apart do not show the same place.
_SAME_PLACE = 1.0

Double = NDArray[np.float64]


class NiftiGeometry:
    """Where the pixels of a NIfTI file lie, by sform, else by qform; pixdim is held against them.

    Parameters
    ----------
    header
        Header of nibabel.
    axes
        Which axis of the array is column, row and plane.
    sizes
        Numbers of columns, rows and planes.

    Attributes
    ----------
    spacing_mm
        Spacing along (rows, columns) in mm, or None where it is unknown or contradicts itself.
    why_no_spacing
        Why it is None.
    steps_mm
        ``pixdim`` along the first three axes of the array in mm.
    spacing_origin, affine_origin
        Where they come from.
    doubts
        Sentences for warnings.
    """

    def __init__(self, header: Any, axes: tuple[int, int, int], sizes: tuple[int, int, int]) -> None:
        self._unit = _MM_PER_UNIT.get(int(header["xyzt_units"]) & 0x07, 1.0)
        self._sizes, self._qform_coded = sizes, header["qform_code"] > 0
        header = header.copy()
        header["pixdim"][1:4] = np.abs(header["pixdim"][1:4])  # a sign there means nothing
        steps = [decimal(step) * self._unit for step in header["pixdim"][1:4]]
        self.steps_mm = (steps[0], steps[1], steps[2])
        self._pixdim = (steps[axes[1]], steps[axes[0]])
        self._plane_step = steps[axes[2]]
        self.doubts: tuple[str, ...] = ()
        forms = {"sform": self._sform(header), "qform": self._qform(header)}
        told = {name: whole[:, [*axes, 3]] for name, whole in forms.items() if whole is not None}
        placed = {name: whole for name, whole in told.items() if _spans_a_plane(whole)}
        empty = [name for name in told if name not in placed]
        used = next(iter(placed), None)
        self._affine = None if used is None else self._with_normal(placed[used])
        left = f"; its {' and '.join(empty)} {'spans' if len(empty) == 1 else 'span'} no plane" if empty else ""
        self.affine_origin = f"{used or 'no sform or qform'} {'of' if used else 'in'} the NIfTI header{left}"
        if used and self._affine is None:
            self.affine_origin = f"the {used} of the NIfTI header does not say where which plane lies"
        self.spacing_origin = f"{used or 'pixdim'} of the NIfTI header"
        self.why_no_spacing = f"the NIfTI header gives a pixdim of {self._pixdim[0]:g} x {self._pixdim[1]:g} mm"
        self.spacing_mm = self._spacing(used)
        self.doubts += self._doubts(placed)

    def affine(self, plane: int) -> Double | None:
        """Return the map from (column, row, plane, 1) of this plane to RAS+ mm, shape (4, 4), or None."""
        if self._affine is None:
            return None
        chosen = self._affine.copy()
        chosen[:, 3] += plane * chosen[:, 2]
        return chosen

    def _sform(self, header: Any) -> Double | None:
        return None if header["sform_code"] <= 0 else self._in_mm(header.get_sform())

    def _qform(self, header: Any) -> Double | None:
        if header["qform_code"] <= 0:
            return None
        try:
            return self._in_mm(header.get_qform())
        except (HeaderDataError, ValueError):
            return np.zeros((4, 4))

    def _in_mm(self, matrix: Any) -> Double:
        whole = np.asarray(matrix, dtype=np.float64).copy()
        whole[:3] *= self._unit
        return whole

    def _with_normal(self, placed: Double) -> Double | None:
        """Return the map with a third axis: some converters leave it 0 where there is one plane."""
        normal = np.cross(placed[:3, 0], placed[:3, 1])
        normal /= np.linalg.norm(normal)
        if abs(normal @ placed[:3, 2]) > 1e-6 * np.linalg.norm(placed[:3, 2]):
            return placed
        if self._sizes[2] > 1:  # which plane lies where is lost
            return None
        mended = placed.copy()
        mended[:3, 2] = normal * (self._plane_step or 1.0)
        return mended

    def _spacing(self, used: str | None) -> tuple[float, float] | None:
        row, column = self._pixdim
        if self._affine is None or used is None:
            return (row, column) if row > 0 and column > 0 and np.isfinite([row, column]).all() else None
        column, row = (float(step) for step in np.linalg.norm(self._affine[:3, :2], axis=0))
        if not all(0 < step < np.inf for step in self._pixdim):
            return row, column
        if np.allclose((row, column), self._pixdim, rtol=_SAME_SPACING, atol=0):
            return row, column
        both = f"its {used} says {row:g} x {column:g} mm, its pixdim"
        of_pixdim = f"{self._pixdim[0]:g} x {self._pixdim[1]:g} mm (rows x columns)"
        if not self._qform_coded:
            self.doubts = (
                f"the NIfTI header contradicts itself: {both} {of_pixdim}; the {used} is taken, give --pixel-spacing "
                "if it is wrong",
            )
            return row, column
        self.why_no_spacing = f"the NIfTI header contradicts itself: {both} and qform {of_pixdim}"
        return None

    def _doubts(self, placed: dict[str, Double]) -> tuple[str, ...]:
        if len(placed) < 2 or self.spacing_mm is None:
            return ()
        columns, rows = self._sizes[0] - 1, self._sizes[1] - 1
        corners = np.array([[0, 0, 0, 1], [columns, 0, 0, 1], [0, rows, 0, 1], [columns, rows, 0, 1]]).T
        first, second = (whole @ corners for whole in placed.values())
        apart = float(np.linalg.norm((first - second)[:3], axis=0).max())
        if apart <= _SAME_PLACE * max(self.spacing_mm):
            return ()
        return (f"sform and qform of its header put the image up to {apart:.1f} mm apart; the sform is used",)


def _spans_a_plane(whole: Double) -> bool:
    if not np.isfinite(whole).all():
        return False
    column, row = whole[:3, 0], whole[:3, 1]
    area, product = float(np.linalg.norm(np.cross(column, row))), float(np.linalg.norm(column) * np.linalg.norm(row))
    return product > 0 and area > 1e-3 * product


def decimal(single: Any) -> float:
    """Return a number of a header as it was meant: 0.3145 where single precision has 0.31450000405."""
    return float(str(np.float32(single))) if single.dtype == np.float32 else float(single)
