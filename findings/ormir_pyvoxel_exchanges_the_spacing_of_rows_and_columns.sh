#!/bin/sh
# ormir-pyvoxel 0.0.11 (voxel: images with their place, from DICOM and NIfTI), DicomReader on MR slices with pixels that
# are not square: rows 2 mm apart, columns 1.25 mm.
#
# Expected: the two numbers of Pixel Spacing are the distance of rows, then that of columns, as DICOM has it. A step
# along the columns of an image, the second axis of the volume, is 1.25 mm.
# Seen: the vector from column to column gets the first number, the one from row to row the second. A square of 60 mm
# from left to right and 60 mm from front to back is one of 96 and 37.5 mm, and its middle lies 37 mm from where it is.
# Lengths, displacements and what is written as NIfTI are wrong by 1.6 and 1 / 1.6. Square pixels are right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check ormir-pyvoxel==0.0.11 pydicom==3.0.2 \
	numpy==2.4.6 nibabel==5.4.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from voxel import DicomReader

SLICES, ROWS, COLUMNS = 5, 50, 90
square = np.zeros((ROWS, COLUMNS), "<u2")


def read(row, column):
    """Size and middle of a square of 60 mm by the package, from left to right and front to back, in mm."""
    square[:] = 0
    tall, wide = round(60 / row), round(60 / column)
    square[10 : 10 + tall, 20 : 20 + wide] = 1000
    folder = Path(f"{row}-{column}")
    folder.mkdir()
    for number in range(SLICES):
        made = Dataset()
        for keyword, value in {
            "SOPClassUID": MRImageStorage, "SOPInstanceUID": generate_uid(), "SeriesInstanceUID": "1.2.3",
            "StudyInstanceUID": "1.2", "Modality": "MR", "PatientID": "square", "InstanceNumber": number + 1,
            "ImagePositionPatient": [-50.0, -40.0, 8.0 * number], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": [row, column], "SliceThickness": 8.0, "Rows": ROWS, "Columns": COLUMNS,
            "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelRepresentation": 0, "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2", "PixelData": square.tobytes(), "file_meta": FileMetaDataset(),
        }.items():
            setattr(made, keyword, value)
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = MRImageStorage
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        made.save_as(folder / f"{number}.dcm", enforce_file_format=True)
    volume = DicomReader(group_by=None).load(str(folder))
    nibabel.save(volume.to_nib(), "square.nii")
    stored = nibabel.load("square.nii")
    places = nibabel.affines.apply_affine(stored.affine, np.argwhere(stored.get_fdata() > 500))
    places = places * [-1, -1, 1]  # as DICOM counts
    step = np.abs(stored.affine[:3, :3]).max(axis=1)
    true = [-50 + (20 + (wide - 1) / 2) * column, -40 + (10 + (tall - 1) / 2) * row]
    return (np.ptp(places, axis=0) + step)[:2], places.mean(axis=0)[:2], np.array(true)


for row, column, seen in ((1.5, 1.5, [60, 60]), (2.0, 1.25, [96, 37.5])):
    size, middle, true = read(row, column)
    print(f"rows {row} mm apart, columns {column} mm: {size} mm from left to right and front to back, truth 60 and 60; "
          f"middle at {middle} mm, truth {true}")
    assert np.allclose(size, seen, atol=0.01), "rows have the spacing of rows now"
    assert np.allclose(middle, true, atol=0.01) == (row == column)
END
