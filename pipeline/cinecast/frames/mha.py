"""MHA and MHD in the layout of the TrackRAD2025 challenge: the first ITK axis is time, then columns, then rows.

The frame rate stands in a JSON file of its own, a bare number of Hz.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.detect import mha_files, read_head
from cinecast.frames.sidecar import positive, read_json
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source, native, regular_times
from cinecast.settings import FramesSettings

_LOG = logging.getLogger(__name__)

_CIRCUMSTANCES = {
    "b-field-strength": "field_strength_t",
    "field-strength": "field_strength_t",
    "scanned-region": "scanned_region",
}
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def read_mha(path: Path, settings: FramesSettings) -> Source:
    """Read an MHA or MHD file, or a patient folder whose `images` holds one.

    Parameters
    ----------
    path
        ``.mha`` or ``.mhd``, or a patient folder of TrackRAD2025.
    settings
        ``plane`` may be 0; all else is not of the file.

    Returns
    -------
    Source
        Without times where no ``frame-rate.json`` belongs to the scan.

    Raises
    ------
    ReadError
        If the file is cut short or of another layout, the folder holds several scans, or the frame rate is no
        positive number.
    """
    file = _scan(path)
    image = _load(file)
    _check_plane(settings.plane)
    frames = native(np.moveaxis(SimpleITK.GetArrayFromImage(image), -1, 0))
    rate_file = _companion(file, "frame-rate")
    rate = None if rate_file is None else positive(read_json(rate_file), f"the frame rate in Hz in {rate_file.name}")
    spacing = image.GetSpacing()
    origins = {
        "frames": "MHA, time along the first ITK axis (TrackRAD2025 layout)",
        "spacing_mm": "MHA header",
        "affine": "origin and direction of the MHA header",
        **_circumstances(file),
    }
    if rate_file is not None:
        origins["frame_period_s"] = rate_file.name
    return Source(
        frames=frames,
        times_s=None if rate is None else regular_times(len(frames), 1 / rate),
        spacing_mm=(spacing[2], spacing[1]),
        affine=_affine(image),
        origins=origins,
        lacking={}
        if rate is not None
        else {"frame_period_s": f"there is no {_rate_name(file)} with its frame rate in Hz"},
    )


def mha_source_files(path: Path) -> list[Path]:
    """Return the files that an MHA sequence is read from: images, the data of an MHD, and what stands beside them.

    Raises
    ------
    ReadError
        If a patient folder holds several scans, or the data are spread over several files.
    """
    file = _scan(path)
    companions = [_companion(file, stem) for stem in ("frame-rate", *_CIRCUMSTANCES)]
    return [file, *(extra for extra in (mha_data_file(file), *companions) if extra is not None and extra.is_file())]


def list_mha(path: Path) -> tuple[SeriesSummary, ...]:
    """Return the one series of an MHA file or patient folder.

    Raises
    ------
    ReadError
        As `read_mha`.
    """
    frames, columns, rows = _load(_scan(path)).GetSize()
    return (SeriesSummary(None, None, None, frames, rows, columns, (PlaneSummary(0, frames),)),)


class MhaValues(NamedTuple):
    """What an MHA or MHD file holds, whatever it means.

    Attributes
    ----------
    values
        Shape (T, H, W), in the file's own type.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    affine
        (column, row, through plane, 1) to patient RAS+ mm, shape (4, 4).
    """

    values: NDArray[Any]
    spacing_mm: tuple[float, float]
    affine: NDArray[np.float64]


def read_mha_values(file: Path) -> MhaValues:
    """Read an MHA or MHD file that need not show images: labels, of which a frame may be empty.

    Raises
    ------
    ReadError
        If the file is cut short or of another layout.
    """
    image = _load(file)
    spacing = image.GetSpacing()
    values = native(np.moveaxis(SimpleITK.GetArrayFromImage(image), -1, 0))
    return MhaValues(values, (spacing[2], spacing[1]), _affine(image))


def _scan(path: Path) -> Path:
    if path.is_file():
        return path
    files = mha_files(path / "images")
    if len(files) != 1:
        raise ReadError(
            f"{path.name} must hold one scan in images/, got {', '.join(file.name for file in files)}; "
            "give the path of one of them"
        )
    return files[0]


def _load(file: Path) -> Any:
    mha_data_file(file)  # says why a file cannot be read
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        image = SimpleITK.ReadImage(str(file), imageIO="MetaImageIO")
    except RuntimeError as error:
        raise ReadError(
            f"{file.name} cannot be read as MHA: it is cut short, damaged or lacks its data file; "
            "copy or export it again"
        ) from error
    if image.GetNumberOfComponentsPerPixel() != 1:
        raise ReadError(
            f"{file.name} must hold one grey value per pixel, got {image.GetNumberOfComponentsPerPixel()} (colour); "
            "convert it"
        )
    if image.GetDimension() != 3:
        raise ReadError(
            f"{file.name} must have 3 axes (time, column, row) as in TrackRAD2025, got size {image.GetSize()}; "
            "convert it"
        )
    return image


def mha_data_file(file: Path) -> Path | None:
    """Return the file that the header names for the data; LOCAL, the header's own, names none that exists."""
    named = re.search(rb"ElementDataFile *= *([^\r\n]+)", read_head(file))
    if named is None:
        return None
    name = named.group(1).decode(errors="replace").strip()
    # ITK takes every name that begins so for a list, and every one with a % for a pattern of file names.
    if name.startswith("LIST") or "%" in name:
        raise ReadError(
            f"ElementDataFile of {file.name} must name one data file or be LOCAL, got {name!r}, which stands "
            "for several; convert it to one MHA file"
        )
    return file.parent / name


def _check_plane(plane: int | None) -> None:
    if plane not in (None, 0):
        raise ReadError(f"--plane must be 0 for MHA, which holds one plane, got {plane}; leave it out")


def _affine(image: Any) -> NDArray[np.float64]:
    direction = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine = np.eye(4)
    affine[:3, :3] = direction[:, [1, 2, 0]]
    affine[:3, 3] = image.GetOrigin()
    ras: NDArray[np.float64] = _LPS_TO_RAS @ affine
    return ras


def _rate_name(file: Path) -> str:
    return f"frame-rate{_scan_number(file)}.json"


def _scan_number(file: Path) -> str:
    # A second scan of a patient has its own frame rate; that of the first would be wrong and plausible.
    match = re.search(r"_frames(\d*)$", file.stem)
    return match.group(1) if match else ""


def _companion(file: Path, stem: str) -> Path | None:
    name = f"{stem}{_scan_number(file)}.json"
    folders = [file.parent, file.parent.parent] if file.absolute().parent.name == "images" else [file.parent]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _circumstances(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for stem, key in _CIRCUMSTANCES.items():
        companion = _companion(file, stem)
        if companion is None:
            continue
        try:
            found.setdefault(key, f"{read_json(companion)} ({companion.name})")
        except ReadError as error:
            _LOG.warning("%s; it is left out", error)
    return found
