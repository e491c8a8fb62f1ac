#!/bin/sh
# cardiac-coords 0.1.1.post1, spherical_coordinates and aha: points of a ring of the heart's wall, 20 degrees apart,
# about an axis from base to apex. The zero of the angle is a point of the septum, in the plane of the ring or above it.
#
# Expected: theta is the azimuth about the axis (its docs: spherical coordinates; "where theta = 0"). So neighbours lie
# 20 degrees apart, and a zero point further up or down along the axis, at the same side, changes nothing.
# Seen: right where the zero point lies in the plane of the centre. Otherwise the cosine is divided by its whole
# distance from the centre, the sine by that from the axis: angles are pressed towards 90 degrees. With a zero point as
# far along the axis as from it, 30 degrees become 39, 50 become 59, and neighbours lie 14 to 28 degrees apart. A tenth
# of the wall is counted to another segment of the AHA. The default zero point, a corner of the image, is far off.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	cardiac-coords==0.1.1.post1 numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from cardiac_coords.coords import aha, spherical_coordinates

truth = np.arange(-170.0, 180.0, 20.0)
turns = np.radians(truth)
ring = 25 * np.column_stack([np.zeros_like(turns), np.cos(turns), np.sin(turns)])  # mm, about the first axis
fine = np.radians(np.arange(-179.5, 180))
wall = 25 * np.column_stack([np.zeros_like(fine), np.cos(fine), np.sin(fine)])
found, segments = {}, {}
for along in (0, 10, 20, -20):
    more = {"origin": (0, 0, 0), "theta_zero_point": (along, 20, 0), "polar_axis": (1, 0, 0)}
    found[along] = np.degrees(spherical_coordinates(points=ring, **more).thetas)
    thetas = spherical_coordinates(points=wall, **more).thetas
    segments[along] = aha(thetas, np.ones_like(thetas))
    gaps = np.diff(found[along])
    other = np.mean(segments[along] != segments[0])
    print(f"zero point 20 mm from the axis, {along} mm along it: 10, 30 and 50 degrees become "
          f"{np.round(found[along][9:12], 1)}; neighbours {gaps.min():.1f} to {gaps.max():.1f} degrees apart; "
          f"{other:.0%} of the wall is in another segment")
assert np.allclose(found[0], truth)
assert np.allclose(found[20], found[-20])
right = np.degrees(np.arctan2(np.sin(turns), np.cos(turns) / np.sqrt(2)))
assert np.allclose(found[20], right) and np.ptp(np.diff(found[20])) > 10, "angles are even about the axis now"
assert abs(np.mean(segments[20] != segments[0]) - 0.1) < 0.02, "angles are even about the axis now"
END
