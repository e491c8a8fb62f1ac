#!/bin/sh
# byotrack 2.0.7, OpticalFlow: frames may be made smaller before their flow is measured, by a factor that "can be
# provided for each spatial axis". Here those of a sagittal cine: the right half of the picture moves 4 pixels down,
# the left half stays, and the frames are made smaller twice along the rows and four times along the columns.
#
# Expected: transform moves points by the flow at their place, as it does with one factor for both axes, and warp turns
# the second frame into the first.
# Seen: for the part of the flow along an axis, all coordinates of the point are divided by the factor of that axis. So
# the motion downwards is looked up twice as far to the right as it is: points of the left half, which do not move, are
# moved by up to 3.6 pixels, and what would lie beyond the right edge gets the motion there. warp leaves more than half
# of the difference of the two frames. With one factor for both axes, 2 or 4, points are right to 0.2 pixels, and warp
# leaves a tenth or less. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	byotrack==2.0.7 torch==2.13.0 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from byotrack.implementation.optical_flow.skimage import SkimageOpticalFlow
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage.registration import optical_flow_tvl1

ROWS, COLUMNS, DOWN = 96, 160, 4.0
rows, columns = np.mgrid[:ROWS, :COLUMNS].astype(float)
motion = DOWN / (1 + np.exp(-(columns - COLUMNS / 2) / 6))
second = gaussian_filter(np.random.default_rng(0).standard_normal((ROWS, COLUMNS)), 4)
second = (second - second.min()) / np.ptp(second)
first = map_coordinates(second, [rows + motion, columns], order=3, mode="nearest")
points = np.array([[row, column] for row in (30.0, 48.0, 66.0) for column in (20.0, 50.0, 110.0, 140.0)])
true = motion[points[:, 0].astype(int), points[:, 1].astype(int)]
inside, found = (slice(12, -12), slice(12, -12)), {}
print(f"no warp: mean difference of the frames {np.abs(first - second)[inside].mean():.3f}")
for factors in ((2.0, 2.0), (4.0, 4.0), (2.0, 4.0)):
    flow = SkimageOpticalFlow(optical_flow_tvl1, downscale=np.array(factors), parameters={"attachment": 60})
    small = [flow.preprocess(frame[..., np.newaxis].astype(np.float32)) for frame in (first, second)]
    measured = flow.compute(*small)
    off = np.abs((flow.transform(measured, points) - points)[:, 0] - true)
    place = np.array([points[:, axis] / factor for axis, factor in enumerate(factors)])
    by_hand = np.abs(map_coordinates(measured[0], place, order=1) * factors[0] - true)
    left = np.abs(flow.warp(measured, second[..., np.newaxis])[..., 0] - first)[inside].mean()
    found[factors] = off.max(), by_hand.max(), left
    print(f"factors {factors}: points up to {off.max():.1f} pixels off, by hand {by_hand.max():.1f}; warped {left:.3f}")
assert all(by_hand < 1 for _, by_hand, _ in found.values())
assert found[2.0, 2.0][0] < 1 and found[4.0, 4.0][0] < 1
assert found[2.0, 4.0][0] > 2, "each coordinate is divided by its own factor now"
assert found[2.0, 4.0][2] > 3 * max(found[2.0, 2.0][2], found[4.0, 4.0][2])
END
