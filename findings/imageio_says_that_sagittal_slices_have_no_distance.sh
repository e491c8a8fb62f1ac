#!/bin/sh
# imageio 2.38.1, volumes of DICOM folders (mvolread and volread), six slices of 20 by 24 pixels of 2 mm, 5 mm apart.
#
# Expected: "sampling" has "the voxel distances of the data (dz, dy, dx)": 5, 2 and 2 mm, whichever way the slices
# lie.
# Seen: right for transversal slices. Sagittal and coronal ones have a distance of 0 mm, oblique ones at 45 degrees
# 3.5 mm: only the third coordinate of the positions, towards the head, is looked at. SliceThickness and
# SpacingBetweenSlices say 5, and are not asked. No word is said. A sagittal stack, as it is taken for breathing,
# looks like a cine by it, and volumes and distances in mm are 0 or too small.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check imageio==2.38.1 numpy==2.4.6 pydicom==3.0.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import imageio.v2 as imageio
import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

SLANT = 0.5**0.5
AXES = {
    "transversal": [1, 0, 0, 0, 1, 0],
    "sagittal": [0, 1, 0, 0, 0, -1],
    "coronal": [1, 0, 0, 0, 0, -1],
    "oblique": [1, 0, 0, 0, SLANT, SLANT],
}


def write(name, axes):
    Path(name).mkdir()
    series, study = generate_uid(), generate_uid()
    normal = np.cross(axes[:3], axes[3:])
    for number in range(6):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = MRImageStorage, generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        image.SOPClassUID, image.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
        image.SeriesInstanceUID, image.StudyInstanceUID, image.Modality = series, study, "MR"
        image.InstanceNumber, image.SliceThickness, image.SpacingBetweenSlices = number + 1, 5, 5
        image.ImagePositionPatient = [round(float(place), 4) for place in 5 * number * normal]
        image.ImageOrientationPatient, image.PixelSpacing = [round(axis, 6) for axis in axes], [2, 2]
        image.Rows, image.Columns, image.SamplesPerPixel, image.PhotometricInterpretation = 20, 24, 1, "MONOCHROME2"
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
        image.PixelData = np.full((20, 24), number, dtype="<u2").tobytes()
        image.save_as(f"{name}/{number}.dcm", enforce_file_format=True)


found = {}
for name, axes in AXES.items():
    write(name, axes)
    (volume,) = imageio.mvolread(name, "DICOM")
    assert volume.shape == (6, 20, 24) and volume[:, 3, 4].tolist() == list(range(6))
    found[name] = [round(float(distance), 3) for distance in volume.meta["sampling"]]
    print(f"{name} slices 5 mm apart: sampling {found[name]}")
assert found["transversal"] == [5, 2, 2]
assert found["sagittal"] == found["coronal"] == [0, 2, 2], "sagittal slices have a distance now"
assert found["oblique"] == [3.536, 2, 2], "oblique slices have their distance now"
END
