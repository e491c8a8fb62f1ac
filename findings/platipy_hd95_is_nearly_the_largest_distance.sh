#!/bin/sh
# platipy 0.7.2 (with SimpleITK 2.5.7), compute_surface_metrics on a sphere of 12 mm and the same sphere 3 mm to the
# right, with and without one stray voxel.
#
# Expected: hausdorffDistance95 is the 95th percentile of the distances between the surfaces: 3 mm, and one stray voxel
# among 2821 does not change it. That is what it is for. sigmaSurfaceDistance is the spread of these distances: 0.9 mm,
# and less than the largest of them.
# Seen: hausdorffDistance95 rises from 3 to 33.1 mm, with the largest distance, which is 34.7. The percentile is taken
# of two numbers, the largest distances of the two directions: it is the largest one, less a twentieth of their
# difference. sigmaSurfaceDistance is 50 mm where no distance is above 3: the sum of squares is not divided by the
# number of voxels, so that it grows with the size of the target. The documentation only lists the names.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	platipy==0.7.2 SimpleITK==2.5.7 numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 pydicom==2.4.5 pynetdicom==2.1.1 \
	rt-utils==1.2.7 scikit-image==0.26.0 matplotlib==3.11.2
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK
from platipy.imaging.label.comparison import compute_surface_metrics
from scipy.ndimage import binary_erosion, distance_transform_edt

z, y, x = np.mgrid[:40, :80, :80]  # voxels of 1 mm


def sphere(column):
    return (z - 20) ** 2 + (y - 40) ** 2 + (x - column) ** 2 <= 12**2


def distances(one, other):
    surfaces = [mask & ~binary_erosion(mask) for mask in (one, other)]
    return [distance_transform_edt(~far)[near] for near, far in (surfaces, surfaces[::-1])]


reference, moved = sphere(35), sphere(38)
stray = moved.copy()
stray[20, 70, 70] = True
found = {}
for name, mask in {"3 mm to the right": moved, "3 mm to the right, one stray voxel": stray}.items():
    images = [SimpleITK.GetImageFromArray(each.astype(np.uint8)) for each in (reference, mask)]
    scores = compute_surface_metrics(*images)
    both = distances(reference, mask)
    found[name] = {
        "HD95": scores["hausdorffDistance95"],
        "true HD95": max(np.percentile(each, 95) for each in both),
        "HD": scores["maximumSurfaceDistance"],
        "sigma": scores["sigmaSurfaceDistance"],
        "true sigma": np.concatenate(both).std(),
        "voxels": sum(map(len, both)),
    }
    found[name] = {score: round(float(value), 1) for score, value in found[name].items()}
    print(f"{name}: {found[name]}")
clean, spoiled = found.values()
assert clean["true HD95"] == spoiled["true HD95"] == 3 and clean["HD95"] == 3
assert spoiled["HD95"] == 33.1, "the percentile is one of distances now"
assert clean["sigma"] == 49.6 and clean["true sigma"] == 0.9, "sigma is the spread of the distances now"
END
