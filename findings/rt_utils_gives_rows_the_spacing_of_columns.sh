#!/bin/sh
# rt-utils 1.2.7, add_roi and get_roi_mask_by_name, on three axial MR slices whose rows lie 1 mm apart and whose columns
# lie 1.5 mm apart: PixelSpacing 1\1.5, as DICOM has it (PS3.3, 10.7.1.3: "adjacent row spacing" first). The target is a
# rectangle of 20 columns and 10 rows.
#
# Expected: the contour lies at x = 1.5 mm times the column and y = 1 mm times the row, and a contour from another
# program is read at its place.
# Seen: both spacings are exchanged, "row_direction * row_spacing": the spacing of rows is counted along a row. The
# target is written at 20 to 39 mm for 30 to 58.5, and 60 to 73.5 mm for 40 to 49: its middle is 27 mm beside its place,
# and it has another shape. A right contour is read into a mask that is as far off. A mask that is written and read
# again is the same pixel for pixel. With square pixels all is right, to the half pixel that another finding is on.
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

SIDE, BETWEEN_ROWS, BETWEEN_COLUMNS = 64, 1.0, 1.5
STUDY, SERIES, SPACE = generate_uid(), generate_uid(), generate_uid()
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
    dataset.PixelSpacing, dataset.SliceThickness = [BETWEEN_ROWS, BETWEEN_COLUMNS], 5.0
    dataset.SliceLocation, dataset.ImageOrientationPatient = 5.0 * k, [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0.0, 0.0, 5.0 * k]
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = SIDE, SIDE, 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelData = np.ones((SIDE, SIDE), np.uint16).tobytes()
    dataset.save_as(f"slices/{k}.dcm", enforce_file_format=True)

structures = RTStructBuilder.create_new(dicom_series_path="slices")
mask = np.zeros((SIDE, SIDE, 3), dtype=bool)
mask[40:50, 20:40, 1] = True
structures.add_roi(mask=mask, name="target")
(contour,) = structures.ds.ROIContourSequence[0].ContourSequence
x, y = np.array(contour.ContourData, dtype=float).reshape(-1, 3)[:, :2].T
print(f"written: x {x.min():g} to {x.max():g} mm, y {y.min():g} to {y.max():g} mm; right: x 30 to 58.5, y 40 to 49")
assert (structures.get_roi_mask_by_name("target") == mask).all()
wrong = np.allclose([x.min(), x.max(), y.min(), y.max()], [20, 39, 60, 73.5])

corners = [(30, 40), (58.5, 40), (58.5, 49), (30, 49)]
contour.ContourData, contour.NumberOfContourPoints = [f"{v}" for x, y in corners for v in (x, y, 5.0)], 4
rows, columns, _ = np.nonzero(structures.get_roi_mask_by_name("target"))
print(f"read: rows {rows.min()} to {rows.max()}, columns {columns.min()} to {columns.max()}; right: 40 to 49, 20 to 39")
assert wrong and columns.min() == 30 and rows.max() < 40, "rows and columns have their own spacing now"
END
