"""A DICOM folder or file as one sequence: scan, select, order by time, read."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames.claims import GIGABYTE
from cinecast.frames.detect import FORMATS_KNOWN
from cinecast.frames.dicom.header import FrameHeader, read_headers
from cinecast.frames.dicom.kind_choice import select_kind
from cinecast.frames.dicom.order import natural_order, order_frames
from cinecast.frames.dicom.pixels import read_pixels
from cinecast.frames.dicom.planes import finest_spacing, has_spacing_of, plane_affine, split_planes
from cinecast.frames.dicom.select import select_plane, select_series, split_series, summarise, without_scouts
from cinecast.frames.headers_once import known_headers
from cinecast.frames.recording_digests import instance_digest
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source
from cinecast.frames.spool import MEMORY, Spool
from cinecast.settings import FramesSettings

# Contours in mm are placed by no other spacing than this one.
DICOM_SPACING = "PixelSpacing of the DICOM files"


def read_dicom(path: Path, settings: FramesSettings, spool: Spool = MEMORY) -> Source:
    """Read one plane and one kind of image of one series of a DICOM folder or file.

    Parameters
    ----------
    path
        A folder with DICOM files right in it, or one DICOM file.
    settings
        Series, kind of image and plane where there are several, a frame period that has times counted, and
        ``memory_limit_gb``, which the frames may take.
    spool
        Where large frames go.

    Returns
    -------
    Source
        Frames in the order of their times, or of their positions or numbers where there are no times.

    Raises
    ------
    ReadError
        If there is no DICOM image or a file is cut short; if there are several series, kinds or planes and none is
        chosen; if the frames are of several sizes, in colour, duplicate, incomplete, or contradict each other.
    """
    series = select_series(scan(path), settings.series)
    kind = select_kind(series, settings.kind)
    headers = select_plane(kind.headers, settings.plane).headers
    _check_alike(headers)
    ordered, times, clock = order_frames(headers, counted=settings.frame_period_s is not None)
    affine = plane_affine(ordered)
    origins = {
        "frames": _series_name(ordered[0]) + ("" if len(kind.headers) == len(series) else f", {kind.name}"),
        "spacing_mm": DICOM_SPACING,
        "affine": "position and orientation of the DICOM files"
        if affine is not None
        else "no position in the DICOM files",
    }
    if clock is not None:
        origins["frame_period_s"] = clock
    return Source(
        frames=read_pixels(ordered, int(settings.memory_limit_gb * GIGABYTE), spool),
        times_s=times,
        spacing_mm=finest_spacing(ordered),
        affine=affine,
        origins=origins,
        lacking={
            "frame_period_s": "no acquisition, trigger or temporal position time of the DICOM files tells frames apart",
            "spacing_mm": "the DICOM files have no PixelSpacing",
        },
        instances=_instances(ordered),
    )


def list_dicom(path: Path) -> tuple[SeriesSummary, ...]:
    """Return every series of a DICOM folder or file with its planes.

    Raises
    ------
    ReadError
        If there is no DICOM image, or a file is cut short.
    """
    return tuple(summarise(frames) for frames in split_series(scan(path)))


def list_dicom_planes(path: Path, settings: FramesSettings) -> tuple[PlaneSummary, ...]:
    """Return the planes of one series and one kind of image that are each a sequence; scouts left out are said.

    Parameters
    ----------
    path
        A folder with DICOM files right in it, or one DICOM file.
    settings
        Series and kind of image where there are several.

    Returns
    -------
    tuple of PlaneSummary
        As `read_dicom` counts them.

    Raises
    ------
    ReadError
        If there is no DICOM image, or there are several series or kinds and none is chosen.
    """
    kind = select_kind(select_series(scan(path), settings.series), settings.kind)
    planes = split_planes(kind.headers)
    kept = without_scouts(planes)
    return tuple(plane.summary(index) for index, plane in enumerate(planes) if plane in kept)


def scan(path: Path) -> list[FrameHeader]:
    """Return the headers of all frames in a folder or file, by natural order of file names (2 before 10).

    Raises
    ------
    ReadError
        If there is no DICOM image, or a file is cut short.
    """
    return known_headers(path, _scan)


def _scan(path: Path) -> list[FrameHeader]:
    if path.is_file():
        files, folders = [path], []
    else:
        entries = sorted(path.iterdir(), key=natural_order)
        files = [entry for entry in entries if entry.is_file()]
        folders = [entry.name for entry in entries if entry.is_dir()]
    headers = [header for file in files for header in read_headers(file)]
    if not headers:
        raise ReadError(_nothing_found(path, files, folders))
    return headers


def _nothing_found(path: Path, files: SequenceOf[Path], folders: SequenceOf[str]) -> str:
    if path.is_file():
        return f"{path.name} must hold a DICOM image, and holds none; give one of {FORMATS_KNOWN}"
    if not files and not folders:
        return f"the folder {path.name} is empty; give one that holds a sequence"
    held = f"{len(files)} other file(s)" + (f" and the folders {', '.join(folders[:5])}" if folders else "")
    return (
        f"the folder {path.name} must hold DICOM images, got {held}; "
        f"give a folder of DICOM images or the path of one file: {FORMATS_KNOWN}"
    )


def _check_alike(headers: SequenceOf[FrameHeader]) -> None:
    first = headers[0]
    for header in headers:
        if header.colour:
            raise ReadError(
                f"images must be grey, got colour in {header.path.name}; convert or remove the colour images"
            )
        if "MOSAIC" in header.kind.image_type:
            raise ReadError(
                f"an image must show one slice, got a mosaic of several in {header.path.name}; take them apart, as "
                "dcm2niix does, and choose one with --plane"
            )
        if (header.rows, header.columns) != (first.rows, first.columns):
            raise ReadError(
                f"all frames must have one size, got {first.rows} x {first.columns} in {first.path.name} and "
                f"{header.rows} x {header.columns} in {header.path.name}; keep one size per folder"
            )
        if not has_spacing_of(header, first):
            raise ReadError(
                f"all frames must have one pixel spacing, got {first.spacing_mm} in {first.path.name} and "
                f"{header.spacing_mm} in {header.path.name}; keep one spacing per folder"
            )


def _series_name(header: FrameHeader) -> str:
    """Return what the frames are of, for ``sequence.json``: descriptions are free text and are kept nowhere."""
    return f"DICOM series {'without number' if header.series_number is None else header.series_number}"


def _instances(headers: SequenceOf[FrameHeader]) -> tuple[str, ...]:
    digests = tuple(instance_digest(header.uid, header.index) for header in headers if header.uid)
    return digests if len(digests) == len(headers) else ()
