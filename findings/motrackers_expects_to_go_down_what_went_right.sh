#!/bin/sh
# motrackers 0.1.1, KFTracker2D, the Kalman filter of its CentroidKF_Tracker (constant acceleration, x and y apart), on
# a marker that moves 3 pixels to the right in each frame and keeps its height. The module kalman_tracker is loaded
# alone, as the package wants OpenCV and widgets.
#
# Expected: the forecast of y stays where the marker is, as no measurement of y ever differs from it.
# Seen: the first covariance is all ones ("np.ones"), so that place, speed and acceleration of x and y are taken for one
# and the same unknown. The 3 pixels that x is ahead move y as well: the marker is expected 2.6 pixels lower at the
# third frame and 2.4 higher at the fifth, while x overshoots by 4. Set to a diagonal one with wide speeds, the first
# covariance leaves y where it is, and x is right within 0.2 pixels from the fourth frame on. KFTracker4D, that of SORT,
# expects a wider box, too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps motrackers==0.1.1 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import importlib.util
from pathlib import Path

import numpy as np

package = Path(importlib.util.find_spec("motrackers").origin).parent
spec = importlib.util.spec_from_file_location("kalman_tracker", package / "kalman_tracker.py")
kalman_tracker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kalman_tracker)


def forecasts(tracker, start, step, frames=12):
    # how far each forecast is from the place of its frame
    off = []
    for frame in range(1, frames):
        place = start + frame * step
        off.append(tracker.predict()[::3] - place)
        tracker.update(place)
    return np.array(off)


start, step = np.array([100.0, 50.0]), np.array([3.0, 0.0])
seen = forecasts(kalman_tracker.KFTracker2D(start), start, step)
wide = kalman_tracker.KFTracker2D(start)
wide.prediction_covariance = np.diag([1.0, 100.0, 100.0] * 2)
apart = forecasts(wide, start, step)
box = np.array([100.0, 50.0, 20.0, 20.0])
sizes = forecasts(kalman_tracker.KFTracker4D(box), box, np.array([3.0, 0.0, 0.0, 0.0]))
for name, off in (("x", seen[:, 0]), ("y", seen[:, 1]), ("x, diagonal", apart[:, 0]), ("y, diagonal", apart[:, 1]),
                  ("width of a box", sizes[:, 2])):
    print(f"forecast of {name} off by {off.round(1).tolist()} pixels")
assert np.abs(apart[:, 1]).max() == 0 and np.abs(apart[2:, 0]).max() < 0.6
assert seen[1, 1] > 2 and seen[3, 1] < -2, "y is forecast without x now"
assert seen[:, 0].max() > 3.5 and np.abs(sizes[:, 2]).max() > 1
END
