#!/bin/sh
# read-nii-to-numpy 0.1.0, nii_file_to_numpy: the voxels of a NIfTI file, resampled to the spacing asked for.
#
# Expected: without a spacing, the stored voxels: "Get original data matrix", says its page, and each spacing that is
# not given becomes the one that the file has. The axes may be put into the order right, anterior, superior.
# Seen: so for axial images. The spacings are those of the axes of the file, and are handed on as those of right,
# anterior and superior. A sagittal image of 64 x 64 pixels of 1.25 mm and 10 slices of 8 mm is sampled each 8 mm from
# bottom to top and each 1.25 mm from left to right: 59 x 64 x 11 voxels come back. 53 of 64 rows are gone, and 49 of
# 59 slices are made up. A coronal image loses rows likewise. The spacing that nii_file_original_zoom says, 1.25, 1.25
# and 8 mm, is that of the axes of the file. Measured with it, a body of 60 mm from bottom to top is 9 mm high.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check read-nii-to-numpy==0.1.0 nibabel==5.4.2 \
	numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" - <<'END'
import nibabel
import numpy as np
from read_nii_to_numpy import nii_file_original_zoom, nii_file_to_numpy

SPACING, SHAPE = np.array([1.25, 1.25, 8.0]), (64, 64, 10)
DIRECTIONS = {  # of columns, rows and slices, to the right, anterior and superior
    "axial": np.eye(3),
    "coronal": np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]]),
    "sagittal": np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
}
found = {}
for name, direction in DIRECTIONS.items():
    affine = np.eye(4)
    affine[:3, :3] = direction * SPACING
    indices = np.indices(SHAPE).reshape(3, -1)
    affine[:3, 3] = -affine[:3, :3] @ (np.array(SHAPE) - 1) / 2  # the middle is at zero
    place = affine[:3, :3] @ indices + affine[:3, 3:]
    body = (np.abs(place[2]) < 30).reshape(SHAPE).astype(np.float32)  # 60 mm from bottom to top
    nibabel.save(nibabel.Nifti1Image(body, affine), "body.nii")
    array = nii_file_to_numpy("body.nii")
    stored = nibabel.as_closest_canonical(nibabel.load("body.nii"))
    rows = (array > 0.5).any(axis=(0, 1)).sum()
    height = rows * nii_file_original_zoom("body.nii")[int(np.argmax(direction[2]))]
    found[name] = array.shape, rows, height
    true = (stored.get_fdata() > 0.5).any(axis=(0, 1)).sum()
    print(f"{name}: {array.shape} voxels, stored {stored.shape}; the body takes {rows} places from bottom to top, "
          f"stored {true}; at the spacing that the package says it is {height:.0f} mm high")
    if name == "axial":
        assert array.shape == stored.shape and rows == true
    else:
        assert array.shape != stored.shape and true == 48, "the stored voxels come back now"
assert found["sagittal"] == ((59, 64, 11), 7, 8.75) and found["coronal"] == ((64, 59, 11), 7, 8.75)
END
