#!/bin/sh
# py-imu 0.1.0, Madgwick: an inertial sensor on a chest, 100 times a second. It turns by 30 degrees about the vertical
# in 10 s, and shakes sideways by 1 m/s^2 twice a second. The filter is made with the rate of the sensor.
#
# Expected: "frequency: Sampling frequency in Hertz, or dt: Sampling step in seconds", with which updates go on: the
# turn of the gyroscope is found, and the shaking is averaged out. A filter with a larger gain follows it more.
# Seen: what is given to the filter is never looked at. An update without its own dt begins anew from the accelerometer
# alone: the turn is 0 degrees, and the sensor tilts by 11.6 degrees with each shake. Told dt = 0.01 each time, it is
# 30.0 and 0.95 degrees. The "gain" of its own example is not looked at either: with gains of 0.001 and 1 the sensor
# tilts alike. It is gain_imu that matters. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 loguru==0.7.3
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps py-imu==0.1.0
cd "$folder"
LOGURU_LEVEL=ERROR "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from py_imu.fusion.madgwick import Madgwick
from py_imu.fusion.quaternion import Vector3D
from py_imu.fusion.utilities import q2rpy

RATE, SECONDS = 100, 20
time = np.arange(RATE * SECONDS) / RATE


def followed(step=None, **settings):
    sensor, angles = Madgwick(frequency=RATE, **settings), []
    for moment in time:
        turn = Vector3D(0.0, 0.0, np.radians(3) if moment < 10 else 0.0)
        force = Vector3D(np.sin(2 * np.pi * 2 * moment), 0.0, 9.81)
        pose = sensor.update(turn, force) if step is None else sensor.update(turn, force, dt=step)
        angles.append([q2rpy(pose).y, q2rpy(pose).z])
    angles = np.degrees(angles)
    return np.ptp(angles[1000:, 0]), angles[-1, 1]


for name, step, tilts, turned in (("made with the rate", None, 11.6, 0), ("and told each step", 1 / RATE, 0.95, 30)):
    tilt, turn = followed(step)
    print(f"{name}: turned by {turn:.1f} degrees, tilts by {tilt:.2f}")
    assert abs(turn - turned) < 0.05 and abs(tilt - tilts) < 0.05, "the rate is looked at now"
by_gain = [followed(1 / RATE, gain=gain)[0] for gain in (0.001, 1.0)]
by_gain_imu = [followed(1 / RATE, gain_imu=gain)[0] for gain in (0.001, 1.0)]
print(f"tilts with gain of 0.001 and 1: {np.round(by_gain, 2)}, with gain_imu {np.round(by_gain_imu, 2)}")
assert by_gain[0] == by_gain[1] and by_gain_imu[1] > 5 * by_gain_imu[0], "the gain is looked at now"
END
