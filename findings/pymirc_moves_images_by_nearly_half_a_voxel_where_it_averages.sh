#!/bin/sh
# pymirc 0.30.2, aff_transform(..., os0, os1, os2): from small voxels to large ones, by an affine of voxel indices.
#
# Expected: oversampling averages over the large voxel around its centre, "in case we go from small voxels to big
# voxels". "The purpose of the function is to reproduce the results of scipy.ndimage.affine_transform", which takes the
# affine from centre to centre; so does aff_transform itself without oversampling.
# Seen: the samples begin at the centre of the large voxel and go on to the next centre. So an image moves towards lower
# indices by half of the difference of the two voxels: 0.5 mm from 1 mm to 2 mm, 1.5 mm from 1 mm to 4 mm, in each axis
# that is oversampled. Sums are right, and nothing is said. A PET laid onto its CT in this way lies beside the same PET
# laid there without.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pymirc==0.30.2 numpy==2.4.6 scipy==1.17.1 \
	numba==0.68.1 matplotlib==3.11.2 scikit-image==0.26.0 pydicom==3.0.2
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pymirc.image_operations import aff_transform
from scipy.ndimage import affine_transform

CENTRE, SPREADS, SHAPE = np.array([33.0, 27.0, 18.0]), np.array([8.0, 6.0, 4.0]), (80, 60, 40)  # voxels of 1 mm


def middle(image, step):
    """Centre of mass in mm, of voxels whose first centre is at 0."""
    return step * np.array([(axis * image).sum() for axis in np.indices(image.shape)]) / image.sum()


blob = np.exp(-0.5 * sum(((axis - c) / s) ** 2 for axis, c, s in zip(np.indices(SHAPE), CENTRE, SPREADS, strict=True)))
for step in (2, 4):
    shape = tuple(n // step for n in SHAPE)
    coarse = {
        "scipy": affine_transform(blob, np.eye(3) * step, output_shape=shape, order=1),
        "pymirc": aff_transform(blob, np.diag([step, step, step, 1.0]), shape),
        "pymirc, oversampled": aff_transform(
            blob, np.diag([step, step, step, 1.0]), shape, os0=step, os1=step, os2=step
        ),
    }
    for name, image in coarse.items():
        move = middle(image, step) - middle(blob, 1)
        print(f"from 1 mm to {step} mm, {name}: moved by {np.round(move, 3) + 0} mm, sum {image.sum() * step**3:.1f}")
        want = -(step - 1) / 2 if "over" in name else 0
        assert np.abs(move - want).max() < 0.01, "voxels are averaged about their centres now"
        assert abs(image.sum() * step**3 / blob.sum() - 1) < 1e-3
END
