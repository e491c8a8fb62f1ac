#!/bin/sh
# sktime 1.2.0, ConformalIntervals around persistence, on a random walk of 160 values with steps of 1 mm.
#
# Expected: the band h steps ahead comes from the errors h steps ahead, "y_t+h^(i) - y-hat_t+h^(i)" as the help says.
# For "conformal" and persistence, its half width is a quantile of the absolute differences h steps apart. A band of
# 90 % is wider than one of 50 %.
# Seen: each band is exactly that of h + 1 steps: 2.2 mm for one step, whose errors give 1.5. It holds more than it
# says, so that no count of coverage shows it. Row i of the matrix of errors is forecast from what lies before i, so
# that one step ahead is its diagonal; the next diagonal is read. (Issues 5245, of 2023, and 10766 say so.) With
# "empirical_residual", the band shrinks as the coverage grows: 90 % has a quarter of the width of 50 %. The help has
# its formula, the quantile (1 - coverage) / 2 of absolute errors, and no warning. (Issue 10757.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	sktime==1.2.0 numpy==2.4.6 pandas==3.0.6 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from sktime.forecasting.conformal import ConformalIntervals
from sktime.forecasting.naive import NaiveForecaster

START, HORIZONS, COVERAGES = 20, [1, 2, 3, 4], [0.5, 0.9]
walk = np.cumsum(np.random.default_rng(0).standard_normal(160))


def half_widths(method):
    bands = ConformalIntervals(NaiveForecaster(), method=method, initial_window=START)
    found = bands.fit(pd.Series(walk), fh=HORIZONS).predict_interval(coverage=COVERAGES).to_numpy(float)
    return (found[:, 1::2] - found[:, ::2]) / 2


def errors(steps):
    return np.quantile(np.abs(walk[START + steps - 1 :] - walk[START - 1 : -steps]), COVERAGES)


found = half_widths("conformal")
for h in HORIZONS:
    print(f"{h} ahead: half widths for 50 and 90 %: {found[h - 1].round(3)}; quantiles of the errors {h} ahead: "
          f"{errors(h).round(3)}, {h + 1} ahead: {errors(h + 1).round(3)}")
narrowing = half_widths("empirical_residual")[0]
print(f"empirical_residual, 1 ahead, half widths for 50 and 90 %: {narrowing.round(3)}")
assert all(np.allclose(found[h - 1], errors(h + 1)) for h in HORIZONS), "bands are of another horizon now"
assert not any(np.allclose(found[h - 1], errors(h)) for h in HORIZONS), "bands are of their own horizon now"
assert narrowing[1] < narrowing[0] / 3, "a larger coverage has a wider band now"
END
