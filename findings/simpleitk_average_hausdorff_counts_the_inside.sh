#!/bin/sh
# SimpleITK 2.5.7, HausdorffDistanceImageFilter.GetAverageHausdorffDistance.
#
# Expected: the mean distance between the surfaces of two masks, the larger or the mean of both directions.
# Seen: the mean over all pixels of a mask, the inside too, of the distance to the other mask, which is 0 where they
# overlap. So the error of the same border shrinks as the target grows: two disks whose radii differ by 3 pixels
# have borders 2.8 pixels apart, and the filter says 0.55 at a radius of 6 and 0.17 at one of 30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check SimpleITK==2.5.7 numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" - <<'END'
import numpy as np
import SimpleITK
from scipy.ndimage import binary_erosion, distance_transform_edt

rows, columns = np.ogrid[:90, :90]


def disk(radius):
    return (rows - 45) ** 2 + (columns - 45) ** 2 <= radius**2


def surface(one, other):
    borders = [mask & ~binary_erosion(mask) for mask in (one, other)]
    return distance_transform_edt(~borders[1])[borders[0]].mean()


found = {}
for radius in (6, 15, 30):
    pair = [disk(radius), disk(radius + 3)]
    images = [SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in pair]
    filter_ = SimpleITK.HausdorffDistanceImageFilter()
    filter_.Execute(*images)
    borders = max(surface(*pair), surface(*pair[::-1]))
    found[radius] = filter_.GetAverageHausdorffDistance(), borders
    print(f"radius {radius}: average Hausdorff {found[radius][0]:.4f}, borders {borders:.4f} apart")
assert all(2.7 < borders < 3.0 for _, borders in found.values())
averages = [round(average, 4) for average, _ in found.values()]
assert averages == [0.5451, 0.2822, 0.1656], "the inside does not count any more"
END
