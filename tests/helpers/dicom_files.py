"""Real DICOM files for tests, written with pydicom: single-frame MR and enhanced multi-frame MR."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

PATIENT_NAME = "Secret^Patient"
PATIENT_ID = "ID-4711"
BIRTH_DATE = "19700131"


def clock_text(seconds: float) -> str:
    """Return a DICOM TM; seconds counted from midnight."""
    micro = round(seconds * 1e6) % (24 * 3600 * 10**6)
    whole, fraction = divmod(micro, 10**6)
    return f"{whole // 3600:02d}{whole // 60 % 60:02d}{whole % 60:02d}.{fraction:06d}"


def image(frame: NDArray[Any], **elements: Any) -> Dataset:
    """Return a single-frame MR image; `elements` replace or, when None, remove elements."""
    dataset = _base(MRImageStorage)
    _set_pixels(dataset, frame[np.newaxis])
    dataset.PixelSpacing = [1.5, 2.5]
    dataset.SliceThickness = 4
    dataset.ImagePositionPatient = [-92.0, -112.25, 134.0]
    dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    for keyword, value in elements.items():
        if value is None:
            dataset.pop(keyword, None)
        else:
            setattr(dataset, keyword, value)
    return dataset


def cine(
    frames: NDArray[Any], *, period_s: float | None = 0.25, start_s: float = 36000.0, **elements: Any
) -> list[Dataset]:
    """Return one image per frame of one series, numbered from 1, with acquisition times unless the period is None."""
    series = elements.pop("SeriesInstanceUID", generate_uid())
    made = []
    for t, frame in enumerate(frames):
        times = {}
        if period_s is not None:
            moment = start_s + t * period_s
            day = 20240228 + int(moment // 86400)  # 2024 has a 29 February
            times = {"AcquisitionDate": str(day), "AcquisitionTime": clock_text(moment)}
        own = {"SeriesInstanceUID": series, "SeriesNumber": 7, "InstanceNumber": t + 1, **times, **elements}
        made.append(image(frame, **own))
    return made


def save(folder: Path, images: SequenceOf[Dataset], names: SequenceOf[str] | None = None) -> Path:
    """Write the images as files into a folder, `image1.dcm` ... unless named; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, dataset in enumerate(images):
        name = f"image{i + 1}.dcm" if names is None else names[i]
        dataset.save_as(folder / name, enforce_file_format=True)
    return folder


def enhanced(
    frames: NDArray[Any],
    *,
    contents: SequenceOf[dict[str, Any]] | None = None,
    positions: SequenceOf[SequenceOf[float]] | None = None,
    offsets_s: SequenceOf[float] | None = None,
    rescale: tuple[float, float] | None = None,
    **elements: Any,
) -> Dataset:
    """Return an enhanced multi-frame MR; per frame its content, position, temporal offset."""
    dataset = _base(EnhancedMRImageStorage)
    _set_pixels(dataset, frames)
    dataset.NumberOfFrames = len(frames)
    dataset.SeriesInstanceUID, dataset.SeriesNumber, dataset.InstanceNumber = generate_uid(), 3, 1
    dataset.MRAcquisitionType = "2D"
    dataset.SharedFunctionalGroupsSequence = [
        _item(
            PixelMeasuresSequence=[_item(PixelSpacing=[1.5, 2.5], SliceThickness=5.0)],
            PlaneOrientationSequence=[_item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])],
        )
    ]
    if rescale is not None:
        values = _item(RescaleSlope=rescale[0], RescaleIntercept=rescale[1], RescaleType="US")
        dataset.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence = [values]
    groups = []
    for t in range(len(frames)):
        group = _item(FrameContentSequence=[_item(**(contents[t] if contents else {}))])
        position = positions[t] if positions else [10.0, 20.0, 30.0]
        group.PlanePositionSequence = [_item(ImagePositionPatient=list(position))]
        if offsets_s is not None:
            group.TemporalPositionSequence = [_item(TemporalPositionTimeOffset=offsets_s[t])]
        groups.append(group)
    dataset.PerFrameFunctionalGroupsSequence = groups
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def _item(**elements: Any) -> Dataset:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def _base(sop_class: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = PATIENT_NAME, PATIENT_ID, BIRTH_DATE
    dataset.Modality = "MR"
    # Times of reconstruction and export: plausible, and wrong as frame times.
    dataset.ContentDate, dataset.ContentTime = "20240228", clock_text(43200 + np.random.default_rng(0).random())
    dataset.InstanceCreationTime = dataset.ContentTime
    return dataset


def _set_pixels(dataset: Dataset, frames: NDArray[Any]) -> None:
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.SamplesPerPixel = frames.shape[3] if frames.ndim == 4 else 1
    dataset.PhotometricInterpretation = "RGB" if frames.ndim == 4 else "MONOCHROME2"
    if frames.ndim == 4:
        dataset.PlanarConfiguration = 0
    bits = frames.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(frames.dtype.kind == "i")
    content = frames.tobytes()
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
