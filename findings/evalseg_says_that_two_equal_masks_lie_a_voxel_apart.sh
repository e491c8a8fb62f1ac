#!/bin/sh
# evalseg 2.7, HD and NSD (Hausdorff and normalized surface distances of segmentations). A cube of 20 voxels along each
# axis is compared with itself, with itself one voxel further, and with itself and a spot beside it.
#
# Expected: equal masks have distance 0 and a surface Dice of 1. The Hausdorff distance is the larger of the largest
# distances of both directions, so of the spot: 13.9 mm for voxels of 1 mm. MedPy and SciPy say so.
# Seen: equal masks have a largest distance of 1 mm, of 3 mm with slices of 3 mm, and an NSD of 0 at its tolerance of 1
# mm. Distances of the border are those to the nearest voxel outside the mask, on which they are never 0. And the
# largest distances of both directions are averaged: the spot, 13.9 mm away, is found at 7.4.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check evalseg==2.7 numpy==1.26.4 scipy==1.11.4 \
	pandas==2.2.3 scikit-image==0.22.0 numba==0.60.0 edt==3.0.0 memory-profiler==0.61.0 opencv-python==4.11.0.86 \
	matplotlib==3.9.4 connected-components-3d==3.12.4 nibabel==5.3.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from evalseg.io import SegmentArray
from evalseg.metrics import HD, NSD
from scipy.ndimage import binary_erosion, distance_transform_edt

cube = np.zeros((40, 40, 40), bool)
cube[10:30, 10:30, 10:30] = True
spot = cube.copy()
spot[36:38, 36:38, 36:38] = True
others = {"itself": cube, "one voxel further": np.roll(cube, 1, axis=0), "with a spot": spot}


def largest(one, other, spacing):
    """Hausdorff distance in mm of the borders, by definition."""
    borders = [mask & ~binary_erosion(mask) for mask in (one, other)]
    away = [distance_transform_edt(~border, sampling=spacing) for border in borders]
    return max(float(away[1][borders[0]].max()), float(away[0][borders[1]].max()))


found = {}
for spacing in ((1.0, 1.0, 1.0), (1.0, 1.0, 3.0)):
    reference = SegmentArray(cube, voxelsize=np.array(spacing))
    distance, agreement = HD(), NSD()
    distance.set_reference(reference)
    agreement.set_reference(reference)
    for name, mask in others.items():
        test = SegmentArray(mask, voxelsize=np.array(spacing))
        seen = {key: float(value) for key, value in distance.evaluate(test).items()}
        found[spacing[2], name] = seen["avg"], seen["max"], float(agreement.evaluate(test))
        print(f"slices of {spacing[2]} mm, {name}: mean {seen['avg']:.2f} mm, largest {seen['max']:.2f} mm, by "
              f"definition {largest(cube, mask, spacing):.2f} mm; NSD {found[spacing[2], name][2]:.2f}")
assert largest(cube, cube, (1, 1, 1)) == 0
assert found[1.0, "itself"] == (1.0, 1.0, 0.0), "equal masks are equal now"
assert found[3.0, "itself"][1] == 3.0 and found[3.0, "itself"][2] < 0.8, "equal masks are equal now"
assert found[1.0, "with a spot"][1] < 8 and largest(cube, spot, (1, 1, 1)) > 13, "it is the largest distance now"
END
