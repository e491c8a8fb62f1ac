#!/bin/sh
# myimagelib 1.5.4, corrLib: how alike the motion of tissue is at a distance (corrS), and at a later time (autocorr1d).
# Tissue goes down by 10 mm, with differences of half a mm from one side to the other. A breath of 4 s is recorded for a
# minute, with no lost frame and with a single one.
#
# Expected: corrS has the "angle autocorrelation (CA) and velocity autocorrelation (CV)". Neighbours go the same way to
# within a degree, and what is left without the mean motion goes the same way to within 10 degrees. So CA and CV are
# near 1. And a lost frame of 600 changes a correlation by next to nothing.
# Seen: the mean motion is taken off the components, but not off the length by which they are divided. CA is set to 1 at
# distance 0. It is 0.0015 for the nearest neighbour, and at no distance more than that. CV is 0.99. The more tissue
# moves as one, the less alike are its directions. In time, without a lost frame, all sums are divided by that of the
# whole minute: the same breath 7 of 15 breaths later is correlated by 0.53. With a lost frame it is 1.00.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 \
	matplotlib==3.11.2 scikit-image==0.26.0 scikit-learn==1.9.1 psutil==7.2.2 nd2reader==3.3.1 openpiv==0.26.1 \
	opencv-python-headless==5.0.0.93
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps myimagelib==1.5.4
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from myimagelib.corrLib import autocorr1d, corrS

y, x = np.mgrid[0:40, 0:40] * 8.0
right, down = 0.5 * np.sin(2 * np.pi * x / 640), 0.5 * np.cos(2 * np.pi * y / 640)
cosine = []
for mean in (0, 10):
    way = np.arctan2(right, mean + down) if mean else np.arctan2(right - right.mean(), down - down.mean())
    cosine.append(np.cos(np.diff(way, axis=1)).mean())
_, _, direction, velocity = corrS(x, y, right.copy(), 10 + down)
print(f"cosine between the ways of neighbours {cosine[1]:.4f}, without the mean {cosine[0]:.4f}")
print(f"CA {direction[0, :3].round(4)}, at most {direction.ravel()[1:].max():.4f} else; CV {velocity[0, :3].round(2)}")
assert cosine[1] > np.cos(np.radians(1)) and cosine[0] > np.cos(np.radians(10)) and direction[0, 0] == 1
assert abs(velocity[0, 1] - 0.99) < 0.005
assert np.abs(direction.ravel()[1:]).max() < 0.002, "the mean motion is in both or in neither now"

time = np.arange(600) / 10
breath = np.sin(2 * np.pi * time / 4)
lost = breath.copy()
lost[300] = np.nan
for name, signal, expected in (("no lost frame", breath, 8 / 15), ("one lost frame", lost, 1)):
    correlation, lag = autocorr1d(signal, time)
    print(f"{name}: correlation after {lag[280]:.0f} s is {correlation[280]:.2f}")
    assert abs(correlation[280] - expected) < 0.01, "a lost frame does not change the correlation now"
END
