"""NIfTI-1 and NIfTI-2, `.nii` and `.nii.gz`: (column, row, plane, time) or (column, row, time)."""

from __future__ import annotations

import logging
import zlib
from pathlib import Path
from typing import IO, Any

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.volumeutils import apply_read_scaling
from nibabel.wrapstruct import WrapStructError
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.claims import (
    DEFAULT_LIMIT_GB,
    check_deflated,
    check_held,
    check_limit,
    claimed_bytes,
    open_gzip,
    read_claimed,
)
from cinecast.frames.converter_json import converter_times
from cinecast.frames.detect import read_head
from cinecast.frames.nifti_layout import NiftiLayout
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source, listing, regular_times
from cinecast.frames.spool import MEMORY, Spool, parts
from cinecast.settings import FramesSettings

_LOG = logging.getLogger(__name__)
_UNHEARD = logging.Logger("nibabel's checks")
_UNHEARD.addHandler(logging.NullHandler())  # without any handler Python prints what is logged

_GZIP = b"\x1f\x8b"
_DAMAGE = (OSError, EOFError, ValueError, OverflowError, zlib.error, HeaderDataError, WrapStructError)


def read_nifti(path: Path, settings: FramesSettings, spool: Spool = MEMORY) -> Source:
    """Read one plane of a NIfTI file.

    The integer type is kept where slope and intercept are identity or not set.

    Parameters
    ----------
    path
        ``.nii`` or ``.nii.gz``.
    settings
        ``plane``, where there are several; ``memory_limit_gb``.
    spool
        Where large frames go.

    Returns
    -------
    Source
        With the times of dcm2niix's JSON beside it, else by the header's time step; without times where neither gives
        any. Without spacing where sform and pixdim contradict each other.

    Raises
    ------
    ReadError
        If the file is cut short, is no grey cine, claims more than it holds or than the limit, or holds several planes
        and `settings.plane` chooses none.
    """
    header = _header(path)
    layout = NiftiLayout(path.name, header)
    plane = _chosen_plane(layout, settings.plane)
    stored = layout.frames(_stored_values(path, header, settings.memory_limit_gb, spool), plane)
    frames = _grey_values(path, header, stored, spool)
    geometry = layout.geometry
    origins = {"frames": "NIfTI", "spacing_mm": geometry.spacing_origin, "affine": geometry.affine_origin}
    lacking = {} if geometry.spacing_mm is not None else {"spacing_mm": geometry.why_no_spacing}
    for doubt in geometry.doubts:
        _LOG.warning("%s: %s", path.name, doubt)
    period = layout.period_s()
    beside = converter_times(path, len(frames), period, "NIfTI header")
    times = beside.times_s
    if times is None and period is not None:
        times = regular_times(len(frames), period)
    if times is None:
        lacking["frame_period_s"] = layout.why_no_period()
    else:
        origins["frame_period_s"] = beside.origin or "NIfTI header"
    if settings.frame_period_s is None:
        for doubt in beside.doubts:
            _LOG.warning("%s: %s", path.name, doubt)
    return Source(
        frames=frames,
        times_s=times,
        spacing_mm=geometry.spacing_mm,
        affine=geometry.affine(plane),
        origins=origins,
        lacking=lacking,
        step_without_unit=layout.step_without_unit(),
    )


def list_nifti(path: Path) -> tuple[SeriesSummary, ...]:
    """Return the one series of a NIfTI file with its planes, by its header alone.

    Raises
    ------
    ReadError
        As `read_nifti`.
    """
    layout = NiftiLayout(path.name, _header(path))
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
    header = _header(path)
    shape = list(header.get_data_shape())
    while len(shape) > 4 and shape[-1] == 1:
        shape.pop()
    if not 2 <= len(shape) <= 4:
        raise ReadError(f"{path.name} must have 2 to 4 axes, got shape {tuple(shape)}; convert it")
    shape += [1] * (4 - len(shape))
    stored = _stored_values(path, header, DEFAULT_LIMIT_GB, MEMORY)
    values = _scaled(path, header, stored).reshape(shape)
    # With three axes a layout leaves them in the order of the file.
    header.set_data_shape(shape[:3])
    geometry = NiftiLayout(path.name, header).geometry
    return values, geometry.affine(0), geometry.steps_mm


def _header(path: Path) -> Any:
    """Return the header, once it is known that the file can hold what it claims."""
    head = read_head(path)  # says why a file cannot be read
    try:
        with path.open("rb") as file:
            plain = (open_gzip(file) if head[:2] == _GZIP else file).read(540)
        kind: Any = nibabel.Nifti2Header if plain[4:8] == b"n+2\0" else nibabel.Nifti1Header
        header = kind(plain[: kind.template_dtype.itemsize], check=False)
        # Mended in the copy alone: nibabel makes 1 mm of a spacing that is not there.
        header.copy().check_fix(logger=_UNHEARD, error_level=40)
        claimed = _claimed(header)
    except _DAMAGE as error:
        raise _damaged(path) from error
    if 0 in header.get_data_shape():
        raise ReadError(
            f"each axis of {path.name} must have a size above 0, got {header.get_data_shape()}; export it again"
        )
    if head[:2] == _GZIP:
        check_deflated(path.name, "NIfTI", claimed, path.stat().st_size)
    else:
        check_held(path.name, "NIfTI", claimed, path.stat().st_size)
    return header


def _claimed(header: Any) -> int:
    pixels = claimed_bytes(header.get_data_shape(), header.get_data_dtype().itemsize)
    offset = int(header.get_data_offset())
    return -1 if min(pixels, offset) < 0 else offset + pixels


def _stored_values(path: Path, header: Any, limit_gb: float, spool: Spool) -> NDArray[Any]:
    kind = header.get_data_dtype()
    if kind.kind not in "iuf":
        raise ReadError(f"{path.name} must hold one grey value per pixel, got {kind} (colour or complex); convert it")
    try:
        with path.open("rb") as file:
            return _stored(path, file, header, limit_gb, spool)
    except _DAMAGE as error:
        raise _damaged(path) from error


def _stored(path: Path, file: IO[bytes], header: Any, limit_gb: float, spool: Spool) -> NDArray[Any]:
    """Return the values as they are stored; those of an uncompressed file stay on the disk until they are used."""
    shape, kind, offset = header.get_data_shape(), header.get_data_dtype(), int(header.get_data_offset())
    if file.read(2) != _GZIP:
        return np.memmap(file, kind, "r", offset, shape, order="F")
    claimed = _claimed(header)
    check_limit(path.name, claimed, limit_gb)
    file.seek(0)
    content = read_claimed(path.name, "NIfTI", open_gzip(file), claimed, spool)
    return np.frombuffer(content, kind, offset=offset).reshape(shape, order="F")


def _grey_values(path: Path, header: Any, stored: NDArray[Any], spool: Spool) -> NDArray[Any]:
    """Return stored frames (T, H, W) in grey values, contiguous and in the byte order of this machine."""
    if _scaling(path, header) is None:
        return spool.native(stored)
    scaled = (_scaled(path, header, part) for part in parts(stored))
    return spool.frames(scaled, stored.shape, np.dtype(np.float32))


def _scaling(path: Path, header: Any) -> tuple[float, float] | None:
    """Return slope and intercept; None where they change nothing."""
    try:
        slope, inter = header.get_slope_inter()
    except _DAMAGE as error:
        raise _damaged(path) from error
    return None if (slope, inter) in ((None, None), (1.0, 0.0)) else (slope, inter)


def _scaled(path: Path, header: Any, stored: NDArray[Any]) -> NDArray[Any]:
    """Return stored values of any shape in grey values."""
    scaling = _scaling(path, header)
    if scaling is None:
        return stored
    scale: Any = apply_read_scaling
    try:
        return np.asarray(scale(stored, *scaling), dtype=np.float32)
    except _DAMAGE as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> ReadError:
    return ReadError(f"{path.name} cannot be read as NIfTI: it is cut short or damaged; copy or export it again")


def _chosen_plane(layout: NiftiLayout, plane: int | None) -> int:
    if plane is None and layout.plane_count == 1:
        return 0
    planes: tuple[PlaneSummary, ...] = layout.planes()
    named = listing([str(each) for each in planes])
    if plane is None:
        raise ReadError(
            f"one plane must be chosen where there are several, got {layout.plane_count} "
            f"({named}); choose one with --plane "
            "(run, batch and info also take --plane all)"
        )
    if plane >= layout.plane_count:
        raise ReadError(f"--plane must be one of the planes {named}, got {plane}; choose one of them")
    return plane
