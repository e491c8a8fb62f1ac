#!/bin/sh
# sigmaeval 0.1.0, crps_quantile(): quantiles 0.1 to 0.9 of a normal distribution as a forecast of a position in mm.
#
# Expected: "The CRPS ... is a proper scoring rule that generalizes the mean absolute error. Lower CRPS values indicate
# better forecasts, with 0 being a perfect forecast." Of a forecast without spread it is the absolute error. The spread
# that scores best is that of the errors. crps_gaussian() of the same package has all of it.
# Seen: squares are summed between the outermost quantiles only. What came outside them costs the same wherever it is:
# 1.3, 10 and 100 mm from a median with a spread of 1 mm score 0.94 mm each. Where the band is narrow, so is the sum: a
# forecast sure of a value that is 10 mm wrong scores 0, that is, perfect. For errors of 1 mm a spread of 0.01 mm scores
# 57 times better than the true one, and a forecaster that errs by 5 mm and is sure of it (spread 0.1 mm) beats one with
# errors of 1 mm and a spread of 1 mm. Whoever chooses bands by this score gets the narrowest.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps sigmaeval==0.1.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from scipy.stats import norm
from sigmaeval.sigmaeval import crps_gaussian, crps_quantile

LEVELS = np.arange(1, 10) / 10


def scores(came, medians, spread):
    """Both scores of forecasts with one spread, in mm."""
    quantiles = medians + spread * norm.ppf(LEVELS)[:, None]
    by_quantiles = float(crps_quantile(quantiles, LEVELS, came, normalization=False))
    return by_quantiles, float(crps_gaussian(came, medians, np.full(len(came), spread)))


far = {}
for distance in (0.0, 1.3, 10.0, 100.0):
    far[distance] = scores(np.full(5, distance), np.zeros(5), 1.0)
    print(f"{distance} mm from the median: {far[distance][0]:.3f} mm, crps_gaussian {far[distance][1]:.2f} mm")
assert far[1.3][0] == far[10.0][0] == far[100.0][0] and far[100.0][1] > 99, "distance counts now"

sure = scores(np.full(5, 10.0), np.zeros(5), 1e-6)
print(f"sure of a value that is 10 mm wrong: {sure[0]:.6f} mm, crps_gaussian {sure[1]:.2f} mm")
assert sure[0] < 1e-4 and abs(sure[1] - 10) < 0.01, "a sure and wrong forecast is no longer perfect"

random = np.random.default_rng(0)
truth = 5 * np.sin(np.arange(1000) / 4)
good, bad = truth + random.standard_normal(1000), truth + 5 * random.standard_normal(1000)
table = {spread: scores(truth, good, spread) for spread in (0.01, 0.1, 1.0, 2.0)}
for spread, (by_quantiles, gaussian) in table.items():
    print(f"errors of 1 mm, spread {spread} mm: {by_quantiles:.4f} mm, crps_gaussian {gaussian:.3f} mm")
assert min(table, key=lambda spread: table[spread][1]) == 1.0
assert table[0.01][0] < table[1.0][0] / 50, "the narrowest band is not the best now"
assert scores(truth, bad, 0.1)[0] < scores(truth, good, 1.0)[0]
assert scores(truth, bad, 0.1)[1] > scores(truth, good, 1.0)[1]
END
