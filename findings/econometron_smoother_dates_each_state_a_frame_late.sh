#!/bin/sh
# econometron 0.0.4, filters.Kalman: a breath of 8 mm at 4 Hz with a period of 4 s, measured with 0.3 mm. The state is a
# place and its quarter turn, and the model turns it.
#
# Expected: smooth(y) gives "Xsm: Smoothed states (n x T)", one for each of the T frames, and kalman_smooth draws them
# at the times of the measurements. They are nearer to the true places than the measurements, as those of a textbook
# smoother are.
# Seen: the states begin with the one before the first frame and end with the last but one, so that each is drawn a
# frame late: 2.3 mm off where measurements are 0.3 mm off. Moved by a frame they are still 0.6 mm off. The covariances
# that the states are smoothed with belong to the frame after. A textbook smoother is 0.12 mm off. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps econometron==0.0.4
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from econometron.filters import Kalman

COUNT, TURN, NOISE, WANDER = 200, 2 * np.pi / 16, 0.3, 0.1
place = 8 * np.sin(TURN * np.arange(COUNT))
measured = place + NOISE * np.random.default_rng(0).normal(size=COUNT)
step = 0.999999 * np.array([[np.cos(TURN), np.sin(TURN)], [-np.sin(TURN), np.cos(TURN)]])
look, wander, start = np.array([[1.0, 0.0]]), WANDER**2 * np.eye(2), np.array([[0.0], [8.0]])

states, covariances, mean, cov = [], [], start[:, 0], 0.1 * np.eye(2)
for number, value in enumerate(measured):
    if number:
        mean, cov = step @ mean, step @ cov @ step.T + wander
    gain = cov[:, 0] / (cov[0, 0] + NOISE**2)
    mean, cov = mean + gain * (value - mean[0]), cov - np.outer(gain, cov[0])
    states.append(mean)
    covariances.append(cov)
textbook = [states[-1]]
for mean, cov in zip(states[-2::-1], covariances[-2::-1]):
    textbook.insert(0, mean + cov @ step.T @ np.linalg.inv(step @ cov @ step.T + wander) @ (textbook[0] - step @ mean))

settings = {"A": step, "D": look, "Q": wander, "R": NOISE**2 * np.eye(1), "x0": start, "P0": 0.1 * np.eye(2)}
smooth = Kalman(settings).smooth(measured[None])["Xsm"][0]


def off(found, late=0):
    return np.sqrt(np.mean((found[20:-20] - place[20 - late : -20 - late]) ** 2))


right = np.array(textbook)[:, 0]
print(f"off: seen {off(measured):.2f}, textbook {off(right):.2f}, this {off(smooth):.2f}, moved {off(smooth, 1):.2f}")
assert smooth.shape == (COUNT,) and abs(off(right) - 0.12) < 0.01 and abs(off(measured) - 0.3) < 0.02
assert abs(off(smooth) - 2.3) < 0.1, "states have the dates of their frames now"
assert abs(off(smooth, 1) - 0.6) < 0.05, "states are smoothed with their own covariances now"
END
