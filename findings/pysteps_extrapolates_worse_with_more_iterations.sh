#!/bin/sh
# pysteps 1.21.5 (builds with a C compiler), semi-Lagrangian extrapolate along a motion field that turns about the
# middle by 5 degrees a frame, 6 frames ahead. The displacement is known; errors are the largest within 35 pixels of
# the middle.
#
# Expected: n_iter is the "number of inner iterations" of the midpoint rule in each step. So six frames in one step
# with n_iter=3 are as right as three steps of two frames, and errors fall as iterations are added. A list of times
# may be uneven: frame 6 is as right after a frame 0.1 as on its own.
# Seen: six frames in one step are 0.83 pixels off with one iteration, 1.23 with two and 1.07 with three; three steps
# are 0.09 off. The first of the iterations seeks its midpoint half the whole step away, not half its own part. With
# the times 0.1 and 6, frame 6 is 4.53 pixels off, as without the midpoint rule (4.60): the midpoint of the long step
# is sought with the length of the short one before it. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pysteps==1.21.5 numpy==2.4.6 scipy==1.17.1 opencv-python-headless==5.0.0.93
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pysteps.extrapolation.semilagrangian import extrapolate

ROWS, COLUMNS, TURN, FRAMES = 96, 120, np.deg2rad(5), 6
y, x = np.mgrid[:ROWS, :COLUMNS] - np.array([ROWS / 2, COLUMNS / 2])[:, None, None]
motion = TURN * np.stack([-y, x])
angle = -TURN * FRAMES
exact = np.stack([np.cos(angle) * x - np.sin(angle) * y - x, np.sin(angle) * x + np.cos(angle) * y - y])


def error(times, iterations):
    found = extrapolate(None, motion, [float(time) for time in times], n_iter=iterations, return_displacement=True)[1]
    return float(np.hypot(*(found - exact))[np.hypot(x, y) < 35].max())


inner, steps = {}, {}
for n in (1, 2, 3, 5):
    inner[n], steps[n] = error([FRAMES], n), error(FRAMES * np.arange(1, n + 1) / n, 1)
    print(f"one step of {n} iteration(s): {inner[n]:.3f} pixels off; {n} even step(s) of one iteration: {steps[n]:.3f}")
uneven, none = error([0.1, FRAMES], 1), error([0.1, FRAMES], 0)
print(f"times 0.1 and {FRAMES}: {uneven:.3f} pixels off, without the midpoint rule {none:.3f}")
assert inner[1] == steps[1] < 1 and steps[2] > steps[3] > steps[5]
assert inner[3] > inner[1] and inner[5] > 10 * steps[5], "iterations are as good as steps now"
assert uneven > 5 * inner[1], "uneven times are as right as even ones now"
END
