"""MHA and MHD: time first as in the TrackRAD2025 challenge (time, column, row), or last as ITK's own tools write it.

The frame rate stands in a JSON file of its own, a bare number of Hz. No step of ITK has a unit of time.
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
from cinecast.frames.claims import DEFAULT_LIMIT_GB
from cinecast.frames.detect import mha_files
from cinecast.frames.mha_header import check_mha_header, has_position, mha_data_file, mha_fields, why_no_spacing
from cinecast.frames.mha_layout import MhaLayout, layout_of, time_is_last
from cinecast.frames.sidecar import positive, read_json
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source, regular_times
from cinecast.frames.spool import MEMORY, Spool
from cinecast.settings import FramesSettings

_LOG = logging.getLogger(__name__)

_CIRCUMSTANCES = {
    "b-field-strength": "field_strength_t",
    "field-strength": "field_strength_t",
    "scanned-region": "scanned_region",
}


def read_mha(path: Path, settings: FramesSettings, spool: Spool = MEMORY) -> Source:
    """Read an MHA or MHD file, or a patient folder whose `images` holds one.

    Parameters
    ----------
    path
        ``.mha`` or ``.mhd``, or a patient folder of TrackRAD2025.
    settings
        ``plane``, where there are several, and ``memory_limit_gb``; all else is not of the file.
    spool
        Where large frames go once the file has been unfolded, which SimpleITK does in memory.

    Returns
    -------
    Source
        Without times where no ``frame-rate.json`` belongs to the scan.

    Raises
    ------
    ReadError
        If the file is cut short, of another layout, or claims more than it holds or than the limit; if the folder holds
        several scans, or the frame rate is no positive number.
    """
    file = _scan(path)
    image, layout = _image(file, settings.memory_limit_gb)
    plane = _checked_plane(settings.plane, layout)
    frames = spool.native(layout.frames(SimpleITK.GetArrayViewFromImage(image), plane))
    rate_file = _companion(file, "frame-rate")
    rate = None if rate_file is None else positive(read_json(rate_file), f"the frame rate in Hz in {rate_file.name}")
    origins = {
        "frames": f"MHA, {layout.words}",
        "spacing_mm": "MHA header",
        **_circumstances(file),
    }
    fields = mha_fields(file)
    no_spacing = why_no_spacing(fields)
    placed = no_spacing is None and has_position(fields)
    if placed:
        origins["affine"] = "origin and direction of the MHA header"
    lacking = {} if no_spacing is None else {"spacing_mm": no_spacing}
    step = layout.time_step(image) if no_spacing is None else None
    if rate is None:
        unit = "" if step is None else f", and the step of {step:g} along time in its header has no unit"
        lacking["frame_period_s"] = f"there is no {_rate_name(file)} with its frame rate in Hz{unit}"
    if rate_file is not None:
        origins["frame_period_s"] = rate_file.name
    return Source(
        frames=frames,
        times_s=None if rate is None else regular_times(len(frames), 1 / rate),
        spacing_mm=layout.spacing_mm(image) if no_spacing is None else None,
        affine=layout.affine(image, plane) if placed else None,
        origins=origins,
        lacking=lacking,
        step_without_unit=step,
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


def list_mha(path: Path, limit_gb: float) -> tuple[SeriesSummary, ...]:
    """Return the one series of an MHA file or patient folder.

    Parameters
    ----------
    path
        As for `read_mha`.
    limit_gb
        ``memory_limit_gb``: it is listed by its pixels.

    Returns
    -------
    tuple[SeriesSummary, ...]
        One alone.

    Raises
    ------
    ReadError
        As `read_mha`.
    """
    _, layout = _image(_scan(path), limit_gb)
    planes = tuple(PlaneSummary(index, layout.frame_count) for index in range(layout.plane_count))
    count = layout.frame_count * layout.plane_count
    return (SeriesSummary(None, None, None, count, layout.rows, layout.columns, planes),)


class MhaValues(NamedTuple):
    """What an MHA or MHD file holds, whatever it means.

    Attributes
    ----------
    values
        Shape (T, H, W), in the file's own type.
    spacing_mm
        Pixel spacing along (rows, columns) in mm; 1 where the header says none, with a warning.
    affine
        (column, row, through plane, 1) to patient RAS+ mm, shape (4, 4).
    """

    values: NDArray[Any]
    spacing_mm: tuple[float, float]
    affine: NDArray[np.float64]


def read_mha_values(file: Path, *, by_pixels: bool = False) -> MhaValues:
    """Read an MHA or MHD file that need not show images: labels, of which a frame may be empty.

    Parameters
    ----------
    file
        With three axes.
    by_pixels
        Whether time is taken to be last where the pixels show it clearly; otherwise it is always first.

    Returns
    -------
    MhaValues
        Values with their geometry.

    Raises
    ------
    ReadError
        If the file is cut short or of another layout.
    """
    image = _load(file, DEFAULT_LIMIT_GB)
    if image.GetDimension() != 3:
        raise ReadError(f"{file.name} must have 3 axes (time, column, row), got size {image.GetSize()}; convert it")
    last = by_pixels and time_is_last(SimpleITK.GetArrayViewFromImage(image))
    layout = MhaLayout(*((2, 0, 1) if last else (0, 1, 2)), None, image.GetSize())
    values = MEMORY.native(layout.frames(SimpleITK.GetArrayViewFromImage(image), 0))
    found = MhaValues(values, layout.spacing_mm(image), layout.affine(image, 0))
    if (no_spacing := why_no_spacing(mha_fields(file))) is not None:
        _LOG.warning("%s: %s; a pixel counts as %g x %g mm", file.name, no_spacing, *found.spacing_mm)
    return found


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


def _image(file: Path, limit_gb: float) -> tuple[Any, MhaLayout]:
    image = _load(file, limit_gb)
    return image, layout_of(image, file.name)


def _load(file: Path, limit_gb: float) -> Any:
    check_mha_header(file, limit_gb)
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        image = SimpleITK.ReadImage(str(file), imageIO="MetaImageIO")
    except (RuntimeError, MemoryError) as error:
        raise ReadError(
            f"{file.name} cannot be read as MHA: it is cut short, damaged or lacks its data file; "
            "copy or export it again"
        ) from error
    if (components := image.GetNumberOfComponentsPerPixel()) != 1:
        kind = "colour" if components <= 4 else "vectors; if they are frames, save each as an image of its own"
        raise ReadError(f"{file.name} must hold one grey value per pixel, got {components} ({kind}); convert it")
    return image


def _checked_plane(plane: int | None, layout: MhaLayout) -> int:
    if layout.plane_count == 1 and plane not in (None, 0):
        raise ReadError(f"--plane must be 0 for MHA of one plane, got {plane}; leave it out")
    if plane is None and layout.plane_count > 1:
        raise ReadError(
            f"one plane must be chosen where there are several, got {layout.plane_count}; choose one with --plane "
            "(run, batch and info also take --plane all)"
        )
    if plane is not None and plane >= layout.plane_count:
        raise ReadError(
            f"--plane must be below the {layout.plane_count} planes of the MHA, got {plane}; choose another"
        )
    return plane or 0


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
