#!/bin/sh
# multivariate-bocd 0.1.0, BOCD with MultivariateGaussianWishartModel.init_from_data: two weights of a motion with even
# noise of 3 and 1 mm. Their prior is taken from the first 150 frames, and they jump by 5 spreads at frame 400 of 600.
#
# Expected: a change near frame 400, and at the same frames whether the weights are in metres, centimetres or
# micrometres. The prior comes from the data, so it has their unit.
# Seen: T, a precision at first (the inverse of the covariance, 1 / mm^2), gets the scatter of each new frame (mm^2)
# added. It is used as a precision all the same. The more the frames scatter, the narrower is what is expected next. In
# metres one change is found, 48 to 57 frames late; in centimetres two, the first of them 48 to 112 frames early. In
# millimetres there are 28 or 29, and 6 or 7 of them before the jump. In micrometres two of five frames are changes. No
# word is said of a unit.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 pandas==3.0.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps multivariate-bocd==0.1.0
cd "$folder"
OMP_NUM_THREADS=1 "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from multivariate_bocd import BOCD, MultivariateGaussianWishartModel

PRIOR, JUMP, COUNT = 150, 400, 600
for seed in range(3):
    weights = np.random.default_rng(seed).normal(size=(COUNT, 2)) * [3, 1] + [10, 5]
    weights[JUMP:] += [15, -5]
    for unit, scale in (("m", 1e-3), ("cm", 0.1), ("mm", 1), ("um", 1e3)):
        model = MultivariateGaussianWishartModel.init_from_data(scale * weights[:PRIOR])
        detector = BOCD(model=model, hazard=1 / 250).fit(scale * weights[PRIOR:])
        found = PRIOR + np.array(detector.changepoints)
        early = int(np.sum(found <= JUMP))
        print(f"{unit}: {len(found)} changes, {early} before the jump; first at {found[:4]}")
        if unit == "m":
            assert len(found) == 1 and 48 <= found[0] - JUMP <= 57
        elif unit == "cm":
            assert len(found) == 2 and early == 1 and 48 <= JUMP - found[0] <= 112
        elif unit == "mm":
            assert len(found) in (28, 29) and early in (6, 7), "the unit does not matter now"
        else:
            assert 180 < len(found) < 195 and early > 80, "the unit does not matter now"
END
