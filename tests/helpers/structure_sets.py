"""Real RTSTRUCT files for tests, written with pydicom."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, RTStructureSetStorage, generate_uid

from helpers.dicom_files import PATIENT_NAME


def contour(
    points_mm: NDArray[np.float64],
    *images: str | tuple[str, int],
    kind: str = "CLOSED_PLANAR",
) -> Dataset:
    """Return one contour, points (N, 3) in LPS mm, on images by SOP instance UID or (UID, frame number from 1)."""
    item = Dataset()
    item.ContourGeometricType, item.NumberOfContourPoints = kind, len(points_mm)
    item.ContourData = [f"{number:.10g}" for number in points_mm.ravel()]
    item.ContourImageSequence = [_image(each) for each in images]
    return item


def _image(named: str | tuple[str, int]) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = MRImageStorage
    if isinstance(named, str):
        item.ReferencedSOPInstanceUID = named
    else:
        item.ReferencedSOPInstanceUID, item.ReferencedFrameNumber = named
    return item


def save_structure_set(path: Path, regions: dict[str, SequenceOf[Dataset]], **elements: Any) -> Path:
    """Write a structure set of regions by name, numbered from 11; `elements` replace elements of the file."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = RTStructureSetStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.PatientName, dataset.Modality, dataset.StructureSetLabel = PATIENT_NAME, "RTSTRUCT", "test"
    rois, contours = [], []
    for number, (name, drawn) in enumerate(regions.items(), start=11):
        roi, drawing = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = number, name, generate_uid()
        drawing.ReferencedROINumber = number
        if drawn:
            drawing.ContourSequence = list(drawn)
        rois.append(roi)
        contours.append(drawing)
    dataset.StructureSetROISequence = rois
    dataset.ROIContourSequence = contours[::-1]  # the two sequences need not be in one order
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path, enforce_file_format=True)
    return path
