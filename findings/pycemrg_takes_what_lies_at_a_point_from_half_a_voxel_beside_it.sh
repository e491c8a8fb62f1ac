#!/bin/sh
# pycemrg-image-analysis 0.2.0 (images and meshes of hearts), utilities.spatial: sample_image_at_points gives the value
# of an image at the points of a mesh, get_voxel_physical_bounds the boxes and the centres of voxels, in mm.
#
# Expected: a point takes the value of the voxel that it lies in, as of TransformPhysicalPointToIndex of SimpleITK. The
# source says so: "matches SimpleITK's TransformPhysicalPointToIndex behaviour (nearest neighbour, not floor)". The
# origin of an image is the centre of its first voxel.
# Seen: indices are rounded down, so 87 of 100 points take the value of a neighbour, half a voxel away on average along
# each axis. In a stack of 1.25 x 1.25 x 8 mm a node reads scar up to 8 mm from itself, 4 mm on average. The way with
# precise=True, "guaranteed to match", rounds down, too. Boxes and centres lie half a voxel to the other side: the two
# fit each other, but not the file. Nodes in the first half voxel of an image are left out.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pycemrg-image-analysis==0.2.0 pycemrg==0.1.3 \
	SimpleITK==2.5.7 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK as sitk
from pycemrg_image_analysis.utilities.spatial import get_voxel_physical_bounds, sample_image_at_points

SPACING, SIZE = np.array([1.25, 1.25, 8.0]), np.array([60, 50, 12])
slices, rows, columns = np.mgrid[: SIZE[2], : SIZE[1], : SIZE[0]]
image = sitk.GetImageFromArray((columns + 100 * rows + 10000 * slices).astype(np.float64))  # each voxel says its index
image.SetSpacing(SPACING.tolist())
image.SetOrigin([-30.0, -40.0, 15.0])
nodes = image.GetOrigin() + np.random.default_rng(0).uniform(0, SIZE - 1, (5000, 3)) * SPACING


def index_of(value):
    return np.column_stack([value % 100, value // 100 % 100, value // 10000])


truth = np.array([image.TransformPhysicalPointToIndex(node.tolist()) for node in nodes])
for precise in (False, True):
    kept, values = sample_image_at_points(image, nodes, precise=precise)
    found = index_of(values)
    other = (found != truth[kept]).any(axis=1).mean()
    away = nodes[kept] - image.GetOrigin() - found * SPACING
    off = away.mean(axis=0)
    print(f"precise={precise}: {other:.0%} of the nodes take the value of another voxel; nodes lie {off.round(2)} mm "
          f"beside the voxel that they take it from, on average; half a voxel is {SPACING / 2} mm")
    assert len(kept) == len(nodes) and 0.85 < other < 0.9, "nodes take the value of the voxel they are in now"
    assert np.abs(off / SPACING - 0.5).max() < 0.02 and away.min() > -1e-9 and 7.9 < away[:, 2].max() < 8
first = np.array(image.GetOrigin()) - 0.3 * SPACING  # in the first voxel, as SimpleITK says, too
assert image.TransformPhysicalPointToIndex(first.tolist()) == (0, 0, 0)
assert len(sample_image_at_points(image, first[None])[0]) == 0, "the first half voxel belongs to the image now"
voxel = np.array([[3, 20, 10]])  # slice, row, column
_, centre = get_voxel_physical_bounds(image, voxel)
true = np.array(image.TransformIndexToPhysicalPoint(voxel[0, ::-1].tolist()))
print("centre of a voxel:", centre[0], "mm; by SimpleITK:", true, "mm")
assert np.allclose(centre[0] - true, SPACING / 2), "centres are those of the voxels now"
END
