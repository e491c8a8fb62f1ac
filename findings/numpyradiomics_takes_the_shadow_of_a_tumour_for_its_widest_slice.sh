#!/bin/sh
# numpyradiomics 0.0.5, shape: a tube of 11 mm across and 17 slices of 1 mm, upright, and tilted by one and two pixels a
# slice. So lies a vessel, a bronchus or a tumour along a rib. Tilted slices have the same disc, in another place.
#
# Expected: Maximum2DDiameterSlice is, by PyRadiomics, which its docs say it follows, the largest distance of two points
# of the surface "in the row-column (generally the axial) plane": in one slice, as physicians measure it.
# Seen: all points of the surface are laid onto one plane first. The tilted tubes, 11 or 12 mm in their widest slice,
# get 27 and 43 mm. Column and row diameters are shadows in the same way. Where a mask stands upright all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	numpyradiomics==0.0.5 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from numpyradiomics import shape
from scipy.spatial.distance import pdist
from skimage.measure import marching_cubes

z, y, x = np.meshgrid(np.arange(-12, 13), np.arange(-30, 31), np.arange(-30, 31), indexing="ij")


def widest(mask, axis):
    """Largest distance in mm of two vertices of the surface that lie in one slice across the axis."""
    vertices, _, _, _ = marching_cubes(np.pad(mask, 1))
    places = np.unique(vertices[:, axis])
    return max(pdist(vertices[vertices[:, axis] == place]).max(initial=0.0) for place in places)


found = {}
for tilt in (0, 1, 2):
    mask = (((x - tilt * z) ** 2 + y**2 <= 25) & (np.abs(z) <= 8)).astype(np.uint8)
    seen = shape(mask, (1.0, 1.0, 1.0), extend=False)
    names = ("Maximum2DDiameterSlice", "Maximum2DDiameterColumn", "Maximum2DDiameterRow")
    pairs = [(round(float(seen[name]), 1), round(float(widest(mask, axis)), 1)) for axis, name in enumerate(names)]
    found[tilt] = pairs[0]
    print(f"tilt of {tilt} pixels a slice: (found, in one slice) for slice, column and row: {pairs} mm")
assert found[0] == (11.0, 11.0)
assert found[1] == (27.0, 11.0) and found[2] == (43.0, 12.0), "the diameter is one of a slice now"
END
