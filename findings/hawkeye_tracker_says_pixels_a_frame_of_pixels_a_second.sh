#!/bin/sh
# hawkeye-tracker 1.0.0: KalmanFilter2D.velocity ("in pixels/frame"), .acceleration ("pixels/frame^2") and .speed
# ("px/frame" in its README, too), at 30 frames a second, which is its default, and at the 4 of a cine.
#
# Expected: a marker that moves 2 pixels in each frame has a speed of 2, whatever the time between frames is. Its place
# ten frames on is ten times that further.
# Seen: the state is built with dt in seconds, so that velocity and acceleration are per second and second squared. 2
# pixels a frame are 60 at 30 Hz and 8 at 4 Hz, and an acceleration of 0.02 pixels a frame squared is 18. At 4 Hz that
# looks like a marker that moves a little fast. At 30 Hz, ten frames on, it is 600 pixels away by the words of the
# documentation, and 20 in truth. With dt=1 the words are right. TrajectoryPredictor cuts its places to whole pixels
# ("int(x)") where it could round: paths lie half a pixel to the upper left on average.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check hawkeye-tracker==1.0.0 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from hawkeye import KalmanFilter2D, TrajectoryPredictor

COUNT = 400


def followed(path, **settings):
    watched = KalmanFilter2D(measurement_noise=0.1, **settings)
    watched.init_state(*path(0))
    for frame in range(1, COUNT):
        watched.predict()
        watched.update(*path(frame))
    return watched


def steady(frame):
    return 2.0 * frame, 50.0


def faster(frame):
    return 0.01 * frame**2, 50.0


for name, settings, period in (("dt=1", {"dt": 1.0}, 1.0), ("4 Hz", {"dt": 0.25}, 0.25), ("30 Hz", {}, 1 / 30)):
    watched, pushed = followed(steady, **settings), followed(faster, **settings)
    ahead = (watched.position[0] + 10 * watched.velocity[0]) - steady(COUNT + 9)[0]
    print(f"{name}: 2 pixels a frame are called {watched.speed:.2f}, which is {ahead:.0f} pixels off ten frames on;")
    print(f"    0.02 pixels a frame squared are called {pushed.acceleration[0]:.3f}")
    assert "pixels/frame" in KalmanFilter2D.velocity.__doc__
    assert abs(watched.speed * period - 2) < 0.01, "velocity is in other units than pixels a second now"
    assert abs(pushed.acceleration[0] * period**2 - 0.02) < 0.001

off = []
for start in np.linspace(100, 101, 21):
    history = [(start + 0.37 * frame, 200.0 + start - 0.21 * frame) for frame in range(20)]
    path = np.array(TrajectoryPredictor(predict_frames=10).predict(history))
    true = np.array([(start + 0.37 * frame, 200.0 + start - 0.21 * frame) for frame in range(20, 30)])
    off.append((path - true).mean(axis=0))
print("paths of TrajectoryPredictor are off by", np.mean(off, axis=0).round(2).tolist(), "pixels on average")
assert np.all(np.mean(off, axis=0) < -0.4), "places are rounded now"
END
