#!/bin/sh
# nifti-zarr 1.0.0rc8, nii2zarr and zarr2nii, of a NIfTI image that keeps its values as whole numbers with a slope and
# an intercept, as nibabel, ITK and dcm2niix write PET, dose and quantitative maps.
#
# Expected: to Zarr and back, each voxel has its value again. The Zarr store keeps the header, with ScaleSlope and
# ScaleOffset, for that.
# Seen: the stored whole numbers come back as values, in the image that zarr2nii gives and in the file that it writes,
# which has a slope of 1 and an intercept of 0. A dose of 0 to 2 Gy has a mean of 501 for 1.01 and runs from -32767 to
# 32767; a map of times in ms with a slope of 0.5 and no intercept is twice as long, which nobody sees. Smaller levels
# of the pyramid have it too. Places, spacing and images without a slope are right. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check nifti-zarr==1.0.0rc8 numpy==2.4.6 \
	nibabel==5.4.2 zarr==3.1.6 dask==2026.8.0 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import shutil
import struct

import nibabel
import numpy as np
from niizarr import nii2zarr, zarr2nii

random = np.random.default_rng(0)
AFFINE = np.diag([1.5, 2.0, 3.0, 1.0])
SHAPE = (16, 12, 8)


def there_and_back(name):
    shutil.rmtree("image.zarr", ignore_errors=True)
    nii2zarr(name, "image.zarr", nb_levels=2, chunk=16)
    zarr2nii("image.zarr", "back.nii")
    back = nibabel.load("back.nii")
    assert np.allclose(back.affine, AFFINE) and back.shape == SHAPE
    mapped, small = (np.asarray(zarr2nii("image.zarr", level=level).get_fdata()) for level in (0, 1))
    return back.get_fdata(), mapped, small


def write(name, values, kind):
    image = nibabel.Nifti1Image(values, AFFINE)
    image.set_data_dtype(kind)
    image.set_qform(AFFINE, 1)
    nibabel.save(image, name)


write("dose.nii", random.uniform(0, 2, SHAPE), "i2")  # Gy; nibabel finds a slope and an intercept
write("plain.nii", random.uniform(0, 2, SHAPE), "f4")
write("times.nii", random.integers(1000, 3000, SHAPE).astype("i2"), "i2")
with open("times.nii", "r+b") as file:  # half milliseconds, as a scanner's export has them
    file.seek(112)
    file.write(struct.pack("<ff", 0.5, 0))

for name in ("plain.nii", "dose.nii", "times.nii"):
    before = nibabel.load(name)
    stored = before.dataobj.get_unscaled()
    values = before.get_fdata()
    back, mapped, small = there_and_back(name)
    print(f"{name}: mean {values.mean():.4g}, after Zarr {back.mean():.4g}, stored {stored.mean():.4g}")
    assert np.array_equal(back, stored) and np.array_equal(mapped, stored), "the scale comes back now"
    assert abs(small.mean() / stored.mean() - 1) < 0.05, "the scale comes back now"
    assert np.allclose(back, values) == (name == "plain.nii"), "the scale comes back now"
END
