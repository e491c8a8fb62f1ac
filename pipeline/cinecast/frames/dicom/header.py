"""One DICOM frame before its pixels are read: what sorts, selects and places it. Nothing about the patient is read."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, MediaStorageDirectoryStorage

from cinecast.errors import ReadError
from cinecast.frames.detect import EXTENSIONS, has_dicom_magic, may_be_bare_dicom, read_head
from cinecast.frames.dicom.enhanced import Groups, frame_groups
from cinecast.frames.timing import MICROSECONDS, parse_date, parse_date_time, parse_time

_LOG = logging.getLogger(__name__)

# Only these elements are taken from a file, so that no name, number or birth date can reach anything of ours.
_TAGS = [
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "InstanceNumber"),
    *("NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns"),
    *("BitsAllocated", "PixelRepresentation", "PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    *("ImagePositionPatient", "ImageOrientationPatient", "SliceLocation", "MRAcquisitionType"),
    *("AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "TriggerTime"),
    *("TemporalPositionIdentifier", "TemporalResolution", "RescaleSlope", "RescaleIntercept"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
]
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    NotImplementedError,
    EOFError,
)


@dataclass(frozen=True)
class FrameHeader:
    """Facts of one frame; None where the file does not say.

    Parameters
    ----------
    path, index
        The file and the frame's index in it.
    uid
        SOP instance of the file.
    series_number, series_uid, series_description
        The series that the frame belongs to.
    number
        Instance number of the file.
    rows, columns
        Size in pixels.
    colour
        Whether a pixel has more than one value.
    spacing_mm
        Distance of pixel centres along (rows, columns).
    thickness_mm
        Distance to the next plane, or the plane's thickness; 1 where unknown.
    position, orientation
        ImagePositionPatient and ImageOrientationPatient (LPS).
    plane_hint
        What tells planes apart where there is no position.
    slope, intercept
        Rescaling of stored values.
    clocks
        Microseconds by a key of `cinecast.frames.timing.CLOCKS`, of those that can be parsed.
    """

    path: Path
    index: int
    uid: str | None
    series_number: int | None
    series_uid: str | None
    series_description: str | None
    number: int | None
    rows: int
    columns: int
    colour: bool
    spacing_mm: tuple[float, float] | None
    thickness_mm: float
    position: tuple[float, ...] | None
    orientation: tuple[float, ...] | None
    plane_hint: float | int | None
    slope: float
    intercept: float
    clocks: Mapping[str, int]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom's warnings to itself: they quote values of the file, and what matters becomes a `ReadError`."""
    logger = logging.getLogger("pydicom")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def read_headers(path: Path) -> list[FrameHeader]:
    """Return the headers of the frames of one file; none, with a logged note, if it holds no DICOM image.

    Raises
    ------
    ReadError
        If the file says that it is DICOM and cannot be parsed.
    """
    head = read_head(path)
    claims = has_dicom_magic(head) or EXTENSIONS.get(path.suffix.lower()) == "dicom"
    if path.name.startswith(".") or not (claims or may_be_bare_dicom(head)):
        _LOG.info("%s is no DICOM file and is left out", path.name)
        return []
    try:
        with quiet():
            return _image_headers(path, force=not has_dicom_magic(head))
    except (InvalidDicomError, OSError, *_UNREADABLE) as error:
        if not claims:
            _LOG.info("%s is no DICOM file and is left out", path.name)
            return []
        raise _damaged(path) from error


def _image_headers(path: Path, *, force: bool) -> list[FrameHeader]:
    dataset = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS), force=force)
    if not _is_image(dataset, path):
        _LOG.info("%s holds no DICOM image and is left out", path.name)
        return []
    return [_frame(dataset, groups, path) for groups in frame_groups(dataset)]


def _damaged(path: Path) -> ReadError:
    return ReadError(
        f"{path.name} cannot be parsed as a DICOM image: it is cut short or damaged; "
        "copy or export it again, or remove it"
    )


def _is_image(dataset: FileDataset, path: Path) -> bool:
    # A file cut short can have lost what makes it an image; its class still says that it should be one.
    kind = UID(dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID") or "")
    if kind == MediaStorageDirectoryStorage:
        return False
    complete = all(tag in dataset for tag in ("Rows", "Columns", "BitsAllocated", "PixelRepresentation"))
    if kind and kind.name != kind and "Image Storage" not in kind.name:
        return False
    if not complete and (not kind or kind.name != kind):
        raise EOFError(path.name)
    return complete


def _frame(dataset: FileDataset, groups: Groups, path: Path) -> FrameHeader:
    spacing = groups.find("PixelMeasuresSequence", "PixelSpacing")
    thickness = groups.find("PixelMeasuresSequence", "SpacingBetweenSlices") or groups.find(
        "PixelMeasuresSequence", "SliceThickness"
    )
    return FrameHeader(
        path=path,
        index=groups.index,
        uid=dataset.get("SOPInstanceUID"),
        series_number=_optional(int, dataset.get("SeriesNumber")),
        series_uid=dataset.get("SeriesInstanceUID"),
        series_description=dataset.get("SeriesDescription") or None,
        number=_optional(int, dataset.get("InstanceNumber")),
        rows=int(dataset.Rows),
        columns=int(dataset.Columns),
        colour=dataset.get("SamplesPerPixel", 1) != 1 or "PALETTE" in str(dataset.get("PhotometricInterpretation", "")),
        spacing_mm=(float(spacing[0]), float(spacing[1])) if spacing else None,
        thickness_mm=abs(float(thickness or 1)) or 1.0,
        position=_numbers(groups.find("PlanePositionSequence", "ImagePositionPatient"), 3),
        orientation=_numbers(groups.find("PlaneOrientationSequence", "ImageOrientationPatient"), 6),
        plane_hint=_plane_hint(dataset, groups),
        slope=_number(groups.find("PixelValueTransformationSequence", "RescaleSlope"), 1.0),
        intercept=_number(groups.find("PixelValueTransformationSequence", "RescaleIntercept"), 0.0),
        clocks=_clocks(dataset, groups),
    )


def _optional(convert: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None or value == "" else convert(value)


def _number(value: Any, default: float) -> float:
    return default if value is None or value == "" else float(value)


def _numbers(value: Any, count: int) -> tuple[float, ...] | None:
    if not value:
        return None
    numbers = tuple(float(item) for item in value)
    if len(numbers) != count:
        raise ValueError("wrong number of values")
    return numbers


def _plane_hint(dataset: FileDataset, groups: Groups) -> float | int | None:
    if groups.count > 1 and dataset.get("MRAcquisitionType") == "3D":
        # Frames of a 3D acquisition are slices of a volume: without positions nothing else says so.
        return groups.index
    location: float | None = _optional(float, dataset.get("SliceLocation"))
    return location


def _clocks(dataset: FileDataset, groups: Groups) -> dict[str, int]:
    readings: dict[str, Callable[[], int | None]] = {
        "frame_acquisition": lambda: _optional(parse_date_time, groups.content("FrameAcquisitionDateTime")),
        "frame_reference": lambda: _optional(parse_date_time, groups.content("FrameReferenceDateTime")),
        "temporal_offset": lambda: _scaled(groups.offset("TemporalPositionTimeOffset"), 1.0, MICROSECONDS),
        "temporal_position": lambda: _scaled(
            groups.content("TemporalPositionIndex") or dataset.get("TemporalPositionIdentifier"),
            dataset.get("TemporalResolution"),
            MICROSECONDS // 1000,
        ),
    }
    if groups.count == 1:
        # Facts of a whole file are times of frames only where a file is one frame.
        readings |= {
            "acquisition_date_time": lambda: _optional(parse_date_time, dataset.get("AcquisitionDateTime")),
            "acquisition_of_date": lambda: _moment(dataset.get("AcquisitionDate"), dataset.get("AcquisitionTime")),
            "acquisition_of_day": lambda: _optional(parse_time, dataset.get("AcquisitionTime")),
            "trigger": lambda: _scaled(dataset.get("TriggerTime"), 1.0, MICROSECONDS // 1000),
        }
    found = {key: _unless_odd(reading) for key, reading in readings.items()}
    return {key: value for key, value in found.items() if value is not None}


def _unless_odd(reading: Callable[[], int | None]) -> int | None:
    # DICOM files are full of dates like 00000000; a clock that cannot be parsed says nothing about the others.
    try:
        return reading()
    except _UNREADABLE:
        return None


def _moment(date: Any, time: Any) -> int | None:
    return parse_date(date) + parse_time(time) if date and time else None


def _scaled(value: Any, step: Any, unit: int) -> int | None:
    if value in (None, "") or step in (None, ""):
        return None
    return round(float(value) * float(step) * unit)
