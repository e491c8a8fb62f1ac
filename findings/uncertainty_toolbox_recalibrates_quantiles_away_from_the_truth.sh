#!/bin/sh
# uncertainty-toolbox 0.1.1, get_proportion_under_quantile and get_quantile_recalibrator, on forecasts whose spread is
# right (1 mm), and which lie 1 mm too high, 1 mm too low, or where they should.
#
# Expected: the share of truths under a quantile ("proportion of data that are below the predicted quantile") is that of
# truths below forecast + z * spread. A recalibrated median has about half of the truths below it.
# Seen: residuals are forecast less truth, so what is counted is the share of truths above the quantile of the other
# end. For forecasts 1 mm too high, 99 % of truths lie below the 0.9 quantile, and 62 % is said. Recalibration
# then goes the wrong way: the median, which had 84 % of the truths below it, is lifted by another millimetre, and has
# 98 %. Without a bias all is right, as are intervals about the forecast, and the default of all its measures; so
# tests on good forecasts say nothing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	uncertainty-toolbox==0.1.1 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 matplotlib==3.11.2
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
from statistics import NormalDist

import numpy as np
from uncertainty_toolbox.metrics_calibration import get_proportion_under_quantile
from uncertainty_toolbox.recalibration import get_quantile_recalibrator

generator = np.random.default_rng(0)
forecast, spread = generator.normal(0, 5, 4000), np.ones(4000)
after = {}
for bias in (0.0, 1.0, -1.0):
    truth = forecast - bias + generator.standard_normal(4000)
    for level in (0.1, 0.5, 0.9):
        said = get_proportion_under_quantile(forecast, spread, truth, level)
        below = float(np.mean(truth <= forecast + NormalDist().inv_cdf(level) * spread))
        print(f"{bias:+.0f} mm off, quantile {level}: {100 * below:.0f} % of truths below, {100 * said:.0f} % are said")
        assert (abs(said - below) < 0.02) == (bias == 0), "the share below a quantile is said now"
    median = get_quantile_recalibrator(forecast, spread, truth)(forecast, spread, 0.5)
    before, after[bias] = float(np.mean(truth <= forecast)), float(np.mean(truth <= median))
    print(f"    the median is moved by {np.mean(median - forecast):+.2f} mm; truths below it were {100 * before:.0f} % "
          f"and are {100 * after[bias]:.0f} %")
assert abs(after[0.0] - 0.5) < 0.02
assert after[1.0] > 0.95 and after[-1.0] < 0.05, "recalibration moves the median to the truth now"
END
