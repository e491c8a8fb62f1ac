#!/bin/sh
# temporalcv 2.3.0, BellmanConformalPredictor with alpha 0.1, on errors of a forecast that stay as they are, normal with
# 1 mm, 500 of them to begin with, then 400 more one by one, ten times over.
#
# Expected: bands of about 3.3 mm, the 90 % of such errors, from the first to the last.
# Seen: so it is for 49 values. Then the bands jump to 4.6 mm within five more and stay there; 98 % lie inside. At each
# 50th value it takes the last 100 of the errors that it keeps, and the new one; but it keeps them sorted, so that the
# last are the largest. The 90 % of those are 98 % of all. With 100 errors to begin with hardly any is dropped, and
# bands do not jump, so that short trials do not show it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	temporalcv==2.3.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 scikit-learn==1.9.1 statsmodels==0.15.0 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from temporalcv.conformal import BellmanConformalPredictor

RUNS, STEPS = 10, 400


def bands(first):
    widths, inside = np.zeros((RUNS, STEPS)), np.zeros((RUNS, STEPS), dtype=bool)
    for run in range(RUNS):
        errors = np.random.default_rng(run).standard_normal(first + STEPS)
        predictor = BellmanConformalPredictor(alpha=0.1)
        predictor.initialize(np.zeros(first), errors[:first])
        for step, error in enumerate(errors[first:]):
            lower, upper = predictor.predict_interval(0.0)
            widths[run, step], inside[run, step] = upper - lower, lower <= error <= upper
            predictor.update(0.0, error)
    return widths.mean(axis=0), inside.mean(axis=0)


for first in (500, 100):
    widths, inside = bands(first)
    print(f"{first} errors to begin with: bands of {widths[10:49].mean():.2f} mm, {inside[10:49].mean():.0%} inside, "
          f"for 49 values; {widths[60:].mean():.2f} mm, {inside[60:].mean():.0%} inside, from the 60th on")
    grown = widths[60:].mean() / widths[10:49].mean()
    if first == 500:
        assert 0.85 < inside[10:49].mean() < 0.93
        assert grown > 1.35 and inside[60:].mean() > 0.97, "the newest errors are kept now"
    else:
        assert 0.9 < grown < 1.2
END
