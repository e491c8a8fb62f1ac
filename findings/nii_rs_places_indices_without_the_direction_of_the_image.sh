#!/bin/sh
# nii-rs 0.1.2 beside SimpleITK 2.5.7, on an image of 2 x 3 x 4 mm that is stored mirrored and lies turned by 23
# degrees, as planes along the way of a target do. Its documents say "ITK style" of each of the methods below.
#
# Expected: ijk2xyz and xyz2ijk are TransformContinuousIndexToPhysicalPoint and back, and get_direction is GetDirection:
# three columns of length one. Origin, spacing and values are as in SimpleITK, and are.
# Seen: the place of an index is origin + spacing * index, whatever the direction. Of a voxel some steps from the corner
# the place is said 26 mm away, and the index of a place lies outside of the image. Both ways agree with each other, so
# a check there and back says nothing. get_direction returns the columns with the spacing in them, 2, 3 and 4 long;
# set_direction takes those of length one: to hand the direction of one image to another makes its voxels 4 x 9 x 16 mm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	nii-rs==0.1.2 nibabel==5.4.2 numpy==2.4.6 simpleitk==2.5.7
cd "$folder"
"$folder/bin/python" - <<'END'
import nibabel
import nii
import numpy as np
import SimpleITK

index = [1, 2, 3]
cosine, sine = np.cos(0.4), np.sin(0.4)
turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
found = {}
for name, axes in (("along LPS", np.diag([-1, -1, 1])), ("mirrored and turned", turn @ np.diag([-1, 1, -1]))):
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes @ np.diag([2.0, 3.0, 4.0]), (10, -20, 30)
    values = np.random.default_rng(0).integers(0, 100, (8, 9, 10)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(values, affine), "image.nii.gz")
    read, itk = nii.read_image("image.nii.gz"), SimpleITK.ReadImage("image.nii.gz")
    assert np.array_equal(read.ndarray(), SimpleITK.GetArrayFromImage(itk))
    assert np.allclose(read.get_origin(), itk.GetOrigin()) and np.allclose(read.get_spacing(), itk.GetSpacing())

    truth = np.array([-1, -1, 1]) * (affine[:3, :3] @ index + affine[:3, 3])  # LPS
    assert np.allclose(itk.TransformContinuousIndexToPhysicalPoint(index), truth, atol=1e-4)
    place, back = read.ijk2xyz(index), read.xyz2ijk(truth.tolist())
    assert read.xyz2ijk(place) == index  # there and back agrees
    lengths = np.linalg.norm(read.get_direction(), axis=0)
    print(f"{name}: index {index} lies at {truth.round(1)}, by nii-rs {np.round(place, 1)}; that place has by nii-rs "
          f"the index {back}; columns of the direction are {lengths.round(1)} long")

    other = nii.new(values, affine)
    other.set_direction(read.get_direction())
    found[name] = float(np.linalg.norm(place - truth)), other.get_spacing()
    print(f"    spacing of an image that was given its own direction: {np.round(found[name][1], 1)}")
    assert np.allclose(lengths, [2, 3, 4], atol=1e-4), "directions are of length one now"
    assert np.allclose(found[name][1], [4, 9, 16], atol=1e-3), "a direction leaves the spacing as it is now"
assert found["along LPS"][0] < 1e-4
assert found["mirrored and turned"][0] > 20, "places take the direction into account now"
END
