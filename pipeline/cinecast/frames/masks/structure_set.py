"""RTSTRUCT: the regions of a structure set with their contours, and the images that each contour names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.multival import MultiValue
from pydicom.uid import RTStructureSetStorage

from cinecast.errors import ReadError
from cinecast.frames.dicom.header import UNREADABLE, quiet

_TAGS = ["SOPClassUID", "StructureSetROISequence", "ROIContourSequence"]


@dataclass(frozen=True, eq=False)
class Contour:
    """One contour.

    Parameters
    ----------
    kind
        Its geometric type, such as ``CLOSED_PLANAR``.
    points_mm
        Patient coordinates in mm, LPS as in DICOM, shape (N, 3).
    images
        SOP instance UID and number, from 1 or None, of the frame of each image that it lies on.
    """

    kind: str
    points_mm: NDArray[np.float64]
    images: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, eq=False)
class Region:
    """One region of interest of a structure set, by its ROI number and name, with its contours."""

    number: int
    name: str
    contours: tuple[Contour, ...]


def read_structure_set(path: Path) -> tuple[Region, ...]:
    """Read the regions of an RTSTRUCT that have contours; nothing about the patient is read.

    Parameters
    ----------
    path
        A DICOM file.

    Returns
    -------
    tuple
        In the order of the file.

    Raises
    ------
    ReadError
        If the file is damaged, or no RTSTRUCT.
    """
    try:
        with quiet():
            dataset = pydicom.dcmread(path, specific_tags=list(_TAGS), force=True)
            kind = dataset.get("SOPClassUID")
            regions = _regions(dataset) if kind == RTStructureSetStorage else ()
    except UNREADABLE as error:
        raise ReadError(
            f"{path.name} cannot be read as RTSTRUCT: it is cut short or damaged; copy or export it again"
        ) from error
    if kind != RTStructureSetStorage:
        raise ReadError(
            f"a DICOM file with contours must be an RTSTRUCT, got {getattr(kind, 'name', 'no DICOM class')} in "
            f"{path.name}; give the structure set, or a label map"
        )
    return regions


def _regions(dataset: Any) -> tuple[Region, ...]:
    names = {int(item.ROINumber): str(item.get("ROIName") or "") for item in dataset.get("StructureSetROISequence", ())}
    found = []
    for item in dataset.get("ROIContourSequence", ()):
        number = int(item.ReferencedROINumber)
        contours = tuple(_contour(each) for each in item.get("ContourSequence") or ())
        if contours:
            found.append(Region(number, names.get(number, "").strip(), contours))
    return tuple(found)


def _contour(item: Any) -> Contour:
    points = np.array([float(number) for number in item.ContourData], dtype=np.float64).reshape(-1, 3)
    if not np.isfinite(points).all():
        raise ValueError("a point of a contour is not finite")
    images = tuple(image for each in item.get("ContourImageSequence") or () for image in _images(each))
    return Contour(str(item.get("ContourGeometricType") or "of no type"), points, images)


def _images(item: Any) -> list[tuple[str, int | None]]:
    numbers = item.get("ReferencedFrameNumber")
    uid = str(item.ReferencedSOPInstanceUID)
    if numbers is None or numbers == "":
        return [(uid, None)]
    return [(uid, int(number)) for number in (numbers if isinstance(numbers, MultiValue) else [numbers])]
