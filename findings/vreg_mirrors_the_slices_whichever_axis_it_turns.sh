#!/bin/sh
# vreg 0.0.14 (registration of volumes), flip and to_right_handed of a volume of 6 x 7 x 5 voxels of 2 x 3 x 8 mm,
# along each of its axes. Each voxel holds one coordinate of its own place in mm.
#
# Expected: as its help says, a left-handed volume becomes right-handed: an axis of the array is reversed, and the
# affine matrix with it, so that each voxel stays at its place in the patient.
# Seen: the matrix is turned along the axis that is asked for, and the array always along the third. For the third,
# the default, all is right. For the first two, each voxel is said to lie mirrored along that axis and along the
# third: up to 10 mm and 32 mm away. The handedness is right in each case, so a check of it shows nothing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	vreg==0.0.14 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 nibabel==5.4.2 zarr==3.1.6
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import vreg

SHAPE = (6, 7, 5)
indices = np.stack(np.meshgrid(*map(np.arange, SHAPE), indexing="ij"), axis=-1)


def places(affine):
    return indices @ affine[:3, :3].T + affine[:3, 3]


def farthest(action, affine, axis):
    """Distance in mm, along x, y and z, between where voxels lie and where they are said to lie."""
    gaps = []
    for coordinate in range(3):
        volume = vreg.Volume3D(places(affine)[..., coordinate].copy(), affine.copy())
        turned = getattr(volume, action)(axis=axis)
        assert action == "flip" or turned.is_right_handed
        gaps.append(float(np.abs(turned.values - places(turned.affine)[..., coordinate]).max()))
    return gaps


right = np.diag([2.0, 3.0, 8.0, 1.0])
right[:3, 3] = -20, 5, 40
left = right @ np.diag([1.0, 1.0, -1.0, 1.0])
for action, affine in (("flip", right), ("to_right_handed", left)):
    for axis, seen in enumerate(([10, 0, 32], [0, 18, 32], [0, 0, 0])):
        gaps = farthest(action, affine, axis)
        print(f"{action} along axis {axis}: voxels are said to lie up to {gaps} mm away from their place")
        assert np.allclose(gaps, seen), "each axis is turned in the array as in the matrix now"
END
