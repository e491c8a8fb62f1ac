#!/bin/sh
# scoringrules 0.10.0, weighted_interval_score: forecasts of breathing, by a median and by intervals of 50 and 90 %, of
# one forecaster who is right and of one whose median lies 2 mm too low.
#
# Expected: the score of Bracher et al. 2021, as its documentation gives it: (0.5 |y - m| + the weighted interval
# scores) / 2.5. The right forecaster scores better, both scores stay the same wherever the origin of the coordinates
# is, and numba, which is optional, only makes it faster.
# Seen: without numba (and with torch, jax or tensorflow) the code adds 0.5 m in place of 0.5 |y - m|. The lower median
# wins by 0.40 mm where it should lose by 0.26. If the coordinates count from an isocentre 120 mm away, the scores are
# -24 mm, and nearly all of that is the place of the organ. After "pip install numba", the same call gives the right
# numbers, so that two machines rank the same forecasts differently. interval_score is right on both.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check scoringrules==0.10.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
cat >score.py <<'END'
import sys

import numpy as np
import scoringrules
from scipy.stats import norm

right = "numba" in sys.argv
assert (scoringrules.backends.active.name == "numba") == right
alphas = np.array([0.1, 0.5])
rng = np.random.default_rng(0)
breathing = 5 * np.sin(2 * np.pi * np.arange(1200) / 16)  # mm, 4 Hz, 4 s
forecasts = breathing + rng.standard_normal(1200)
width = norm.ppf(1 - alphas / 2)
lower, upper = forecasts[:, None] - width, forecasts[:, None] + width


def own(came, median, low, high):
    missed = np.maximum(low - came[:, None], 0) + np.maximum(came[:, None] - high, 0)
    intervals = alphas / 2 * (high - low + 2 / alphas * missed)
    return (0.5 * abs(came - median) + intervals.sum(1)) / 2.5


found = {}
for origin in (0, -120):
    for shift in (0, -2):
        numbers = breathing + origin, forecasts + shift + origin, lower + origin, upper + origin
        score = scoringrules.weighted_interval_score(*numbers, alphas)
        found[origin, shift] = score.mean(), own(*numbers).mean()
        print(f"origin {origin:4} mm, median {shift:2} mm: {score.mean():6.2f}, as defined {own(*numbers).mean():.2f}")
        other = own(*numbers) + 0.2 * (numbers[1] - abs(numbers[0] - numbers[1]))
        assert np.allclose(score, own(*numbers) if right else other), "another score now"
for origin in (0, -120):
    (score, true), (low, low_true) = found[origin, 0], found[origin, -2]
    assert low_true > true + 0.2
    assert low > score + 0.2 if right else low < score - 0.2
assert abs(found[0, 0][0] - found[-120, 0][0]) < 1e-9 if right else found[-120, 0][0] < -23
END
echo "without numba"
"$folder/bin/python" score.py
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.66.0
echo "with numba"
"$folder/bin/python" score.py numba
