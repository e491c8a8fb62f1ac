"""One DICOM frame before its pixels are read: what sorts, selects and places it. Nothing about the patient is read."""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.tag import Tag
from pydicom.uid import UID, MediaStorageDirectoryStorage

from cinecast.errors import ReadError
from cinecast.frames.detect import EXTENSIONS, has_dicom_magic, may_be_bare_dicom, read_head
from cinecast.frames.dicom.claims import check_frame_count, frame_count
from cinecast.frames.dicom.clocks import clocks_of, steady_clocks, temporal_position
from cinecast.frames.dicom.deflated import HEADER_BYTES, inflated, is_deflated
from cinecast.frames.dicom.enhanced import Groups, dimension_indices, frame_groups
from cinecast.frames.dicom.kinds import GE_COMPONENT, GE_CREATOR, ImageKind, image_kind
from cinecast.frames.dicom.raw_pixels import RawPixels, raw_pixels
from cinecast.frames.dicom.values import ODD, OddValueError, number_of, numbers_of, text_of

_LOG = logging.getLogger(__name__)

# Only these elements are taken from a file, so that no name, number or birth date can reach anything of ours.
_ELEMENTS = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "InstanceNumber"),
    *("NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    *("ImagePositionPatient", "ImageOrientationPatient", "SliceLocation", "MRAcquisitionType"),
    *("AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "TriggerTime"),
    *("FrameTime", "FrameTimeVector", "FrameIncrementPointer"),
    *("TemporalPositionIdentifier", "TemporalResolution", "RescaleSlope", "RescaleIntercept"),
    *("ImageType", "ComplexImageComponent", "EchoNumbers", "EchoTime", "FlipAngle", "InversionTime"),
    *(GE_CREATOR, GE_COMPONENT),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
)
# Looked up once: for every file it takes as long as reading it.
_TAGS = [Tag(element) for element in _ELEMENTS]
# Segmentations, registrations and raw data; pydicom knows the older classes alone, and label maps look like images.
_DERIVED = "1.2.840.10008.5.1.4.1.1.66"
# What pydicom may raise on damaged bytes.
UNREADABLE = (*ODD, InvalidDicomError, OSError, RecursionError, MemoryError, StopIteration, struct.error, zlib.error)


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
    temporal_position
        Place in time among the frames, as the file counts them.
    dimensions
        Place of the frame along each dimension of its file (time, slice, echo ...); empty where the file has none.
    kind
        What kind of image it is.
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
        Microseconds by a key of `cinecast.frames.dicom.clocks.CLOCKS`, of those that can be parsed.
    raw
        Where its file holds grey values as plain numbers; None where it has to be parsed for them.
    """

    path: Path
    index: int
    uid: str | None
    series_number: int | None
    series_uid: str | None
    series_description: str | None
    number: int | None
    temporal_position: int | None
    dimensions: tuple[int, ...]
    kind: ImageKind
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
    raw: RawPixels | None = None


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
        If the file says that it is DICOM and cannot be parsed, or that it holds more frames than it can.
    """
    head = read_head(path)
    claims = has_dicom_magic(head) or EXTENSIONS.get(path.suffix.lower()) == "dicom"
    if path.name.startswith(".") or not (claims or may_be_bare_dicom(head)):
        _LOG.info("%s is no DICOM file and is left out", path.name)
        return []
    try:
        with quiet():
            return _image_headers(path, head)
    except UNREADABLE as error:
        if not claims:
            _LOG.info("%s is no DICOM file and is left out", path.name)
            return []
        raise _odd(path, error) if isinstance(error, OddValueError) else _damaged(path) from error


def _image_headers(path: Path, head: bytes) -> list[FrameHeader]:
    force = not has_dicom_magic(head)
    with inflated(path, HEADER_BYTES)[0] if is_deflated(head) else path.open("rb") as source:
        dataset = pydicom.dcmread(source, stop_before_pixels=True, specific_tags=list(_TAGS), force=force)
        raw = None if is_deflated(head) else _raw_pixels(source, dataset)
    if not _is_image(dataset, path):
        _LOG.info("%s holds no DICOM image and is left out", path.name)
        return []
    check_frame_count(dataset, path)
    frames = [_frame(dataset, groups, path, raw) for groups in frame_groups(dataset)]
    count = frame_count(dataset)
    if count > 1 and len(frames) == 1:
        frames = [_numbered(frames[0], dataset, index) for index in range(count)]
    steady = steady_clocks(dataset, count)
    if not steady:
        return frames
    return [
        replace(frame, clocks={**frame.clocks, **{key: times[frame.index] for key, times in steady.items()}})
        for frame in frames
    ]


def _raw_pixels(file: BinaryIO, dataset: FileDataset) -> RawPixels | None:
    try:
        return raw_pixels(file, dataset)
    except UNREADABLE:  # said where the pixels are read
        return None


def _numbered(first: FrameHeader, dataset: Dataset, index: int) -> FrameHeader:
    """Return the frame of an index in a file without groups of its frames."""
    hint = index if first.plane_hint is not None and dataset.get("MRAcquisitionType") == "3D" else first.plane_hint
    return replace(first, index=index, plane_hint=hint)


def _odd(path: Path, error: OddValueError) -> ReadError:
    return ReadError(
        f"{path.name} must have numbers as its {error}, and has other text there; mend it there, or remove the file"
    )


def _damaged(path: Path) -> ReadError:
    return ReadError(
        f"{path.name} cannot be parsed as a DICOM image: it is cut short or damaged; "
        "copy or export it again, or remove it"
    )


def _is_image(dataset: FileDataset, path: Path) -> bool:
    # A file cut short can have lost what makes it an image; its class still says that it should be one.
    kind = UID(dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID") or "")
    if kind == MediaStorageDirectoryStorage or kind.startswith(_DERIVED):
        return False
    complete = all(tag in dataset for tag in ("Rows", "Columns", "BitsAllocated")) and (
        # Floating-point pixels (PS3.3 C.7.6.24) come without the elements that say how whole numbers are stored.
        "PixelRepresentation" in dataset or (dataset.BitsAllocated in (32, 64) and "BitsStored" not in dataset)
    )
    if kind and kind.name != kind and "Image Storage" not in kind.name:
        return False
    if not complete and (not kind or kind.name != kind):
        raise EOFError(path.name)
    return complete


def _frame(dataset: FileDataset, groups: Groups, path: Path, raw: RawPixels | None) -> FrameHeader:
    spacing = _numbers(groups, "PixelMeasuresSequence", "PixelSpacing", 2)
    thickness = _number(groups, "PixelMeasuresSequence", "SpacingBetweenSlices", 0.0) or _number(
        groups, "PixelMeasuresSequence", "SliceThickness", 0.0
    )
    position = temporal_position(dataset, groups)
    return FrameHeader(
        path=path,
        index=groups.index,
        uid=text_of(dataset, "SOPInstanceUID"),
        series_number=_whole(dataset, "SeriesNumber"),
        series_uid=text_of(dataset, "SeriesInstanceUID"),
        series_description=dataset.get("SeriesDescription") or None,
        number=_whole(dataset, "InstanceNumber"),
        temporal_position=position,
        dimensions=dimension_indices(groups),
        kind=image_kind(groups),
        rows=int(dataset.Rows),
        columns=int(dataset.Columns),
        colour=dataset.get("SamplesPerPixel", 1) != 1 or "PALETTE" in str(dataset.get("PhotometricInterpretation", "")),
        spacing_mm=(spacing[0], spacing[1]) if spacing else None,
        thickness_mm=abs(thickness) or 1.0,
        position=_numbers(groups, "PlanePositionSequence", "ImagePositionPatient", 3),
        orientation=_numbers(groups, "PlaneOrientationSequence", "ImageOrientationPatient", 6),
        plane_hint=_plane_hint(dataset, groups),
        slope=_number(groups, "PixelValueTransformationSequence", "RescaleSlope", 1.0),
        intercept=_number(groups, "PixelValueTransformationSequence", "RescaleIntercept", 0.0),
        clocks=clocks_of(dataset, groups, position),
        raw=raw,
    )


def _whole(dataset: Dataset, keyword: str) -> int | None:
    number = number_of(dataset, keyword)
    return None if number is None else int(number)


def _number(groups: Groups, group: str, keyword: str, default: float) -> float:
    number = number_of(groups.place(group, keyword), keyword)
    return default if number is None else number


def _numbers(groups: Groups, group: str, keyword: str, count: int) -> tuple[float, ...] | None:
    numbers = numbers_of(groups.place(group, keyword), keyword)
    if numbers and len(numbers) != count:
        raise OddValueError(keyword)
    return numbers or None


def _plane_hint(dataset: FileDataset, groups: Groups) -> float | int | None:
    in_stack = number_of(groups.own_item("FrameContentSequence"), "InStackPositionNumber")
    if in_stack is not None:
        return in_stack
    if groups.count > 1 and dataset.get("MRAcquisitionType") == "3D":
        # Frames of a 3D acquisition are slices of a volume: without positions nothing else says so.
        return groups.index
    return number_of(dataset, "SliceLocation")
