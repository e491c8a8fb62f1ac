#!/bin/sh
# disptools 0.4.1, warp_points_by_displacement, on a field of 30 x 28 x 26 nodes, 1.5, 2 and 3 mm apart, with a motion
# of 4 mm along x around the point 15 mm from its first node on each axis.
#
# Expected: each point moves by the vector of its place, as by the displacement field transform of SimpleITK, on whose
# images and places in mm the package rests.
# Seen: right where the field has its first node at (0, 0, 0). Otherwise its last node is taken to lie at
# (n - 1) * spacing, without the origin, so that the field is stretched. With the origin at (-20, -25, -40), half of all
# images of a body, the point with 4 mm moves by 2.3, and one 10 mm further, with 1.8 mm, by 2.6. No word is said. With
# origins to the other side, points fall outside and become NaN.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	disptools==0.4.1 SimpleITK==2.5.7 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK as sitk
from disptools.displacements import warp_points_by_displacement

SPACING, NODES = np.array([1.5, 2.0, 3.0]), (30, 28, 26)
found, right = {}, {}
for origin in ((0.0, 0.0, 0.0), (-20.0, -25.0, -40.0)):
    axes = [start + step * np.arange(number) for start, step, number in zip(origin, SPACING, NODES)]
    z, y, x = np.meshgrid(*axes[::-1], indexing="ij")
    middle = np.array(origin) + 15.0
    distance = np.linalg.norm(np.stack([x, y, z], axis=-1) - middle, axis=-1)
    vectors = np.zeros((*distance.shape, 3))
    vectors[..., 0] = 4 * np.exp(-(distance**2) / (2 * 8**2))
    field = sitk.GetImageFromArray(vectors, isVector=True)
    field.SetOrigin(origin)
    field.SetSpacing(SPACING.tolist())
    points = middle + np.array([[0.0, 0, 0], [10, 0, 0], [0, 10, 0]])
    found[origin] = (warp_points_by_displacement(points, field) - points)[:, 0]
    transform = sitk.DisplacementFieldTransform(sitk.Image(field))
    right[origin] = np.array([transform.TransformPoint(point)[0] for point in points.tolist()]) - points[:, 0]
    print(f"field from {origin} mm: points move by {found[origin].round(2)} mm along x; SimpleITK "
          f"{right[origin].round(2)}; the motion there {(4 * np.exp(-np.array([0, 100, 100]) / 128)).round(2)}")
first, other = right
assert np.allclose(right[first], right[other], atol=0.05) and np.allclose(found[first], right[first], atol=0.01)
assert found[other][0] < 2.5 and found[other][1] > 2.3, "the field is looked up at its place now"
END
