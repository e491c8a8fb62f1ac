#!/bin/sh
# nii2dcm 0.1.6, "nii2dcm volume.nii.gz dicom -d MR", on NIfTI images of 4 slices with one bright pixel each: in RAS, in
# LPS, turned by 23 degrees in-plane, and sagittal.
#
# Expected: the pixel lies where it was in the patient, in one of the orientations at least.
# Seen: in none. ImagePositionPatient has the numbers of NIfTI, which count to the right and to the front, where DICOM
# counts to the left and to the back. So an image that begins 60 mm to the left begins 60 mm to the right. The first
# slice has the place of one before it, and so on: all lie one slice beside their own. ImageOrientationPatient is right
# for axial images; for others the sign of its third number is turned as well, so that a sagittal image that runs to the
# feet says that it runs to the head. No word is said. (Issue 43 is open, on flipped images.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	nii2dcm==0.1.6 pydicom==2.3.0 nibabel==5.0.0 numpy==1.23.2
cd "$folder"
PATH="$folder/bin:$PATH" "$folder/bin/python" -W ignore - <<'END'
import subprocess
from pathlib import Path

import nibabel
import numpy as np
from pydicom import dcmread

COSINE, SINE = np.cos(0.4), np.sin(0.4)
TO_LPS, PIXEL = np.array([-1, -1, 1]), np.array([3, 5, 2])
STEPS = {
    "RAS": np.diag([3.0, 2, 7]),
    "LPS": np.diag([-3.0, -2, 7]),
    "turned": np.array([[COSINE, -SINE, 0], [SINE, COSINE, 0], [0, 0, 1]]) @ np.diag([-3.0, -2, 7]),
    "sagittal": np.array([[0, 0, 7.0], [3, 0, 0], [0, -2, 0]]),
}
pixels = np.ones((16, 20, 4), np.int16)
pixels[tuple(PIXEL)] = 1000
for name, steps in STEPS.items():
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = steps, [-60, -40, 30]
    nibabel.save(nibabel.Nifti1Image(pixels, affine), f"{name}.nii.gz")
    Path(name).mkdir()
    subprocess.run(["nii2dcm", f"{name}.nii.gz", name, "-d", "MR"], check=True, capture_output=True)
    slices = [dcmread(path) for path in sorted(Path(name).glob("*.dcm"))]
    assert len(slices) == 4
    (image,) = (slice_ for slice_ in slices if slice_.pixel_array.max() == 1000)
    row, column = np.argwhere(image.pixel_array == 1000)[0]
    x, y = np.split(np.array(image.ImageOrientationPatient, float), 2)
    within = column * float(image.PixelSpacing[1]) * x + row * float(image.PixelSpacing[0]) * y
    first = np.array(image.ImagePositionPatient, float)
    true_within = TO_LPS * (steps @ [*PIXEL[:2], 0])
    true_first = TO_LPS * (affine @ [0, 0, PIXEL[2], 1])[:3]
    off = np.linalg.norm(first + within - true_first - true_within)
    print(f"{name}: the slice begins at {first.round(1)}, true {true_first.round(1)}")
    print(f"  from there to the pixel {within.round(1) + 0}, true {true_within.round(1) + 0}; in all {off:.0f} mm off")
    assert np.allclose(first, TO_LPS * true_first - steps[:, 2]), "slices begin at their place now"
    assert np.allclose(within, true_within * ([1, 1, -1] if name == "sagittal" else 1))
    assert off > 70
END
