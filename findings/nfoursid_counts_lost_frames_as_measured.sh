#!/bin/sh
# nfoursid 1.0.2, Kalman.step, on a target that wanders by 1 mm a frame and is measured to 1 mm, with and without 12
# lost frames. y=None says "The output y can be missing ... the Kalman filter will obtain the next internal state by
# stepping the state space model".
#
# Expected: nothing is learned from a lost frame. The stated error of the next output grows with the length of the gap,
# to sqrt(1.62 + 12 + 1) = 3.8 mm after 12 frames, and the first measurement after it counts for nearly all.
# Seen: the covariance shrinks as if each lost frame had been measured. The stated error stays 1.6 mm while the true one
# is 3.8 mm: a band meant to hold 95 of 100 values holds 60. The first measurement then counts for 62 percent, as
# always.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	nfoursid==1.0.2 numpy==2.4.6 pandas==3.1.1 matplotlib==3.11.2
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from nfoursid.kalman import Kalman
from nfoursid.state_space import StateSpace

one, gap, runs = np.ones((1, 1)), 12, 400
generator = np.random.default_rng(0)


def run(lost):
    kalman = Kalman(StateSpace(one, 0 * one, one, 0 * one, y_column_names=["place"]), np.eye(2))
    place = 0.0
    for frame in range(30 + gap):
        seen = place + generator.standard_normal()
        kalman.step(None if lost and frame >= 30 else seen * one, 0 * one)
        place += generator.standard_normal()
    frame = kalman.to_dataframe()["place"]["next predicted (no input)"].iloc[-1]
    next_seen = place + generator.standard_normal()
    before = float(frame["output"])
    after = float(kalman.step(next_seen * one, 0 * one)[0].item())
    return float(frame["standard deviation"]), next_seen - before, (after - before) / (next_seen - before)


for lost in (False, True):
    stated, errors, shares = (np.array(each) for each in zip(*(run(lost) for _ in range(runs))))
    inside = float(np.mean(np.abs(errors) < 1.96 * stated))
    true = float(np.sqrt(np.mean(errors**2)))
    print(
        f"{gap if lost else 0} frames lost: stated error {stated[0]:.2f} mm, true {true:.2f} mm, "
        f"{inside:.0%} within 1.96 times it, the next measurement counts {shares[0]:.0%}"
    )
    assert abs(stated[0] - 1.618) < 0.005 and abs(shares[0] - 0.62) < 0.01, "a lost frame is counted as lost now"
    assert (true > 3.4 and inside < 0.7) if lost else (true < 1.8 and inside > 0.92)
END
