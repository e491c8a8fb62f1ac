"""NIfTI-1 and NIfTI-2, `.nii` and `.nii.gz`: (column, row, plane, time) or (column, row, time)."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.detect import read_head
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source, listing, native, regular_times
from cinecast.settings import FramesSettings

# Codes of xyzt_units in the standard; 0 is unknown. A length without unit is taken as mm, as every viewer does.
_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
_SECONDS_PER_UNIT = {8: 1.0, 16: 1e-3, 24: 1e-6}


def read_nifti(path: Path, settings: FramesSettings) -> Source:
    """Read one plane of a NIfTI file.

    The integer type is kept where slope and intercept are identity or not set.

    Parameters
    ----------
    path
        ``.nii`` or ``.nii.gz``.
    settings
        ``plane``, where there are several.

    Returns
    -------
    Source
        Without times where the header gives no time step or no unit of it.

    Raises
    ------
    ReadError
        If the file is cut short, is no grey cine, or holds several planes and `settings.plane` chooses none.
    """
    image = _load(path)
    layout = _Layout(path, image.header)
    plane = _chosen_plane(layout, settings.plane)
    frames = layout.frames(_grey_values(path, image), plane)
    period = layout.period_s()
    lacking = {} if period is not None else {"frame_period_s": layout.why_no_period()}
    affine = layout.affine(plane)
    origins = {"frames": "NIfTI", "spacing_mm": "NIfTI header", "affine": "no sform or qform in the NIfTI header"}
    if affine is not None:
        origins["affine"] = "sform or qform of the NIfTI header"
    if period is not None:
        origins["frame_period_s"] = "NIfTI header"
    return Source(
        frames=frames,
        times_s=None if period is None else regular_times(len(frames), period),
        spacing_mm=layout.spacing_mm(),
        affine=affine,
        origins=origins,
        lacking=lacking,
    )


def list_nifti(path: Path) -> tuple[SeriesSummary, ...]:
    """Return the one series of a NIfTI file with its planes.

    Raises
    ------
    ReadError
        As `read_nifti`.
    """
    layout = _Layout(path, _load(path).header)
    planes = layout.planes()
    count = sum(plane.frame_count for plane in planes)
    return (SeriesSummary(None, None, None, count, layout.rows, layout.columns, planes),)


def read_nifti_volume(
    path: Path,
) -> tuple[NDArray[Any], NDArray[np.float64] | None, tuple[float, float, float]]:
    """Read the values of a NIfTI file of 2 to 4 axes as they stand there, such as a label map.

    Parameters
    ----------
    path
        ``.nii`` or ``.nii.gz``.

    Returns
    -------
    tuple
        Values, shape (n0, n1, n2, T); the map from indices (0, 1, 2, 1) to RAS+ mm, or None where the file has none, by
        the rules of `read_nifti`; the spacing along the first three axes in mm.

    Raises
    ------
    ReadError
        If the file is cut short, is in colour, or has more axes.
    """
    image = _load(path)
    shape = list(image.header.get_data_shape())
    while len(shape) > 4 and shape[-1] == 1:
        shape.pop()
    if not 2 <= len(shape) <= 4:
        raise ReadError(f"{path.name} must have 2 to 4 axes, got shape {tuple(shape)}; convert it")
    shape += [1] * (4 - len(shape))
    values = _grey_values(path, image).reshape(shape)
    # With three axes a layout leaves them in the order of the file.
    image.header.set_data_shape(shape[:3])
    layout = _Layout(path, image.header)
    unit = _MM_PER_UNIT.get(int(image.header["xyzt_units"]) & 0x07, 1.0)
    steps = [_decimal(step) * unit for step in image.header["pixdim"][1:4]]
    return values, layout.affine(0), (steps[0], steps[1], steps[2])


class _Layout:
    """Which axis of the array is column, row, plane and time, and what the header says along each."""

    def __init__(self, path: Path, header: Any) -> None:
        shape = list(header.get_data_shape())
        while len(shape) > 4 and shape[-1] == 1:
            shape.pop()
        if len(shape) not in (3, 4):
            raise ReadError(
                f"{path.name} must have 4 axes (column, row, plane, time) or 3 (column, row, time), got shape "
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

    def frames(self, data: NDArray[Any], plane: int) -> NDArray[Any]:
        """Return the frames of one plane, shape (T, H, W)."""
        data = data.reshape(self.shape)
        if self.has_plane_axis:
            data = np.take(data, plane, axis=self.plane_axis)
        return native(data.transpose(2, 1, 0))

    def affine(self, plane: int) -> NDArray[np.float64] | None:
        """Return the map from (column, row, plane, 1) of this plane to RAS+ mm, or None."""
        if self.header["sform_code"] > 0:
            whole = self.header.get_sform()
        elif self.header["qform_code"] > 0:
            whole = self.header.get_qform()
        else:
            return None
        whole = np.asarray(whole, dtype=np.float64).copy()
        whole[:3] *= self._mm_per_unit()
        chosen = whole[:, [self.column_axis, self.row_axis, self.plane_axis, 3]]
        chosen[:, 3] += plane * chosen[:, 2]
        return chosen

    def spacing_mm(self) -> tuple[float, float] | None:
        """Return the spacing along (rows, columns): of the affine where there is one, as viewers do, else pixdim."""
        affine = self.affine(0)
        if affine is not None:
            column, row = np.linalg.norm(affine[:3, :2], axis=0)
        else:
            steps = self.header["pixdim"][1:4]
            column, row = (_decimal(steps[axis]) * self._mm_per_unit() for axis in (self.column_axis, self.row_axis))
        return (float(row), float(column)) if row > 0 and column > 0 else None

    def period_s(self) -> float | None:
        """Return the time between frames in s, or None if the header does not say."""
        unit = _SECONDS_PER_UNIT.get(int(self.header["xyzt_units"]) & 0x38)
        step = _decimal(self.header["pixdim"][4])
        return step * unit if self.has_plane_axis and unit is not None and 0 < step < np.inf else None

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
        affine = self.affine(index)
        if affine is None:
            return PlaneSummary(index, self.frame_count)
        normal = np.cross(affine[:3, 0], affine[:3, 1])
        normal /= np.linalg.norm(normal)
        orientation = ("sagittal", "coronal", "axial")[int(np.argmax(np.abs(normal)))]
        return PlaneSummary(index, self.frame_count, orientation, float(normal @ affine[:3, 3]))

    def _mm_per_unit(self) -> float:
        return _MM_PER_UNIT.get(int(self.header["xyzt_units"]) & 0x07, 1.0)


def _load(path: Path) -> Any:
    read_head(path)  # says why a file cannot be read
    try:
        content = path.read_bytes()
        # The whole stream at once, so that its checksum is tested.
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        kind = nibabel.Nifti2Image if plain[4:8] == b"n+2\0" else nibabel.Nifti1Image
        return kind.from_bytes(plain)
    except (OSError, EOFError, ValueError, zlib.error, ImageFileError, HeaderDataError, WrapStructError) as error:
        raise _damaged(path) from error


def _grey_values(path: Path, image: Any) -> NDArray[Any]:
    if image.get_data_dtype().kind not in "iuf":
        raise ReadError(
            f"{path.name} must hold one grey value per pixel, got {image.get_data_dtype()} (colour or complex); "
            "convert it"
        )
    try:
        # nibabel moves the scaling from the header to the array; what is not set reads as the identity there.
        if (image.dataobj.slope, image.dataobj.inter) == (1.0, 0.0):
            return np.asarray(image.dataobj.get_unscaled())
        return np.asarray(image.dataobj, dtype=np.float32)
    except (OSError, EOFError, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> ReadError:
    return ReadError(f"{path.name} cannot be read as NIfTI: it is cut short or damaged; copy or export it again")


def _chosen_plane(layout: _Layout, plane: int | None) -> int:
    if plane is None and layout.plane_count == 1:
        return 0
    planes = listing([str(each) for each in layout.planes()])
    if plane is None:
        raise ReadError(
            f"one plane must be chosen where there are several, got {layout.plane_count} "
            f"({planes}); choose one with --plane"
        )
    if plane >= layout.plane_count:
        raise ReadError(f"--plane must be one of the planes {planes}, got {plane}; choose one of them")
    return plane


def _decimal(single: Any) -> float:
    # Single precision headers: 0.3145 is meant where float(single) is 0.31450000405.
    return float(str(np.float32(single))) if single.dtype == np.float32 else float(single)
