#!/bin/sh
# rt-utils 1.2.7 on discs of known area, pixels of 2 mm: mask to structure set (add_roi, create_new), structure set to
# mask (get_roi_mask_by_name).
#
# Expected: contour and mask have the same area, to a few per cent.
# Seen: a contour made from a mask runs through the middles of its outermost pixels, so half a pixel is lost all round:
# a disc of radius 10 mm comes out with 82 % of its area, one of 5 mm with 65 %. The other way, every pixel that the
# contour touches is in the mask, so half a pixel is won all round: 125 and 153 %. A mask that is written and read
# again is the same pixel for pixel, so that a test by a round trip sees neither.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	rt-utils==1.2.7 pydicom==3.0.1 numpy==2.2.6 opencv-python-headless==4.11.0.86
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from rt_utils import RTStructBuilder

SIDE, SPACING, STUDY, SERIES, SPACE = 64, 2.0, generate_uid(), generate_uid(), generate_uid()
Path("slices").mkdir()
for k in range(3):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = MRImageStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = STUDY, SERIES, SPACE
    dataset.Modality, dataset.InstanceNumber, dataset.StudyDate, dataset.StudyTime = "MR", k + 1, "20240101", "100000"
    dataset.StudyID, dataset.PatientName, dataset.PatientID = "1", "Phantom", "1"
    dataset.PatientBirthDate = dataset.PatientSex = dataset.PatientAge = ""
    dataset.PixelSpacing, dataset.SliceThickness, dataset.SliceLocation = [SPACING, SPACING], 5.0, 5.0 * k
    dataset.ImagePositionPatient, dataset.ImageOrientationPatient = [0.0, 0.0, 5.0 * k], [1, 0, 0, 0, 1, 0]
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = SIDE, SIDE, 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelData = np.ones((SIDE, SIDE), np.uint16).tobytes()
    dataset.save_as(f"slices/{k}.dcm", enforce_file_format=True)

y, x = SPACING * np.mgrid[:SIDE, :SIDE]
seen = {}
for radius in (5, 10, 20):
    structures = RTStructBuilder.create_new(dicom_series_path="slices")
    mask = np.zeros((SIDE, SIDE, 3), dtype=bool)
    mask[..., 1] = np.hypot(x - 70.7, y - 60.4) < radius
    structures.add_roi(mask=mask, name="target")
    (contour,) = structures.ds.ROIContourSequence[0].ContourSequence
    u, v = np.array(contour.ContourData, dtype=float).reshape(-1, 3)[:, :2].T
    written = abs(u @ np.roll(v, -1) - v @ np.roll(u, -1)) / 2 / (mask.sum() * SPACING**2)
    assert (structures.get_roi_mask_by_name("target") == mask).all()

    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    points = np.stack([70.7 + radius * np.cos(angles), 60.4 + radius * np.sin(angles), np.full(200, 5.0)], axis=-1)
    contour.ContourData, contour.NumberOfContourPoints = [f"{value:.3f}" for value in points.ravel()], 200
    read = structures.get_roi_mask_by_name("target").sum() * SPACING**2 / (np.pi * radius**2)
    seen[radius] = round(100 * float(written)), round(100 * float(read))
    print(f"disc of {radius} mm: contour has {seen[radius][0]} % of the area of its mask,", end=" ")
    print(f"mask {seen[radius][1]} % of that of its contour")
assert all(written < 95 and read > 105 for written, read in seen.values()), "contours and masks have one area now"
END
