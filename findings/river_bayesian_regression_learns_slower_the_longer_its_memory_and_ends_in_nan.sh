#!/bin/sh
# river 0.26.1, BayesianLinearRegression with smoothing (the weight of a pair relative to the one after it), on y = 2 x
# with noise of 0.5, as between a belt and a tumour.
#
# Expected: with smoothing near 1 nearly nothing is forgotten. So the slope after 200 pairs is as good as without, and
# the stated standard deviation of a value is that of the noise, 0.5. It goes on so for as long as one likes.
# Seen: each new pair counts 1 - smoothing, not 1, against a prior that counts 1 at first. So the longer the memory, the
# slower it learns: with 0.999 the slope is 0.9 after 200 pairs, which is 25 s at 8 Hz, and 1.7 after 1000. The stated
# standard deviation stays near 0.7 for ever, as if one pair had been seen. And the variances of the columns that are
# kept for further inputs grow by 1 / smoothing a pair, until they overflow and all forecasts are nan: with 0.8 after
# 3200 pairs, with 0.99 after two and a half hours at 8 Hz. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check river==0.26.1 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from river.linear_model import BayesianLinearRegression

SLOPE, NOISE = 2.0, 0.5
rng = np.random.default_rng(0)
inputs = rng.normal(size=72000)
values = SLOPE * inputs + NOISE * rng.normal(size=72000)


def stated(smoothing, pairs):
    """Return mean and standard deviation that are forecast where the input is 1."""
    model = BayesianLinearRegression(alpha=1, beta=1 / NOISE**2, smoothing=smoothing)
    for x, y in zip(inputs[:pairs].tolist(), values[:pairs].tolist()):
        model.learn_one({"x": x}, y)
    forecast = model.predict_one({"x": 1.0}, with_dist=True)
    return float(forecast.mu), float(forecast.sigma)


def by_hand(smoothing, pairs):
    weights = smoothing ** np.arange(pairs)[::-1] / NOISE**2
    precision = smoothing**pairs + weights @ inputs[:pairs] ** 2
    return float(weights @ (inputs * values)[:pairs] / precision), float(np.sqrt(NOISE**2 + 1 / precision))


found = {}
CASES = (None, 200), (0.99, 200), (0.999, 200), (0.999, 1000), (0.99, 4000), (0.8, 4000), (0.99, 72000)
for smoothing, pairs in CASES:
    found[smoothing, pairs] = stated(smoothing, pairs)
    true = by_hand(smoothing or 1.0, pairs)
    print(
        f"smoothing {smoothing}, {pairs} pairs: slope {found[smoothing, pairs][0]:.2f}, standard deviation "
        f"{found[smoothing, pairs][1]:.2f}; by hand {true[0]:.2f} and {true[1]:.2f}"
    )
    assert abs(true[0] - SLOPE) < 0.15 and abs(true[1] - NOISE) < 0.15
assert np.allclose(found[None, 200], by_hand(1.0, 200), atol=1e-6)
assert found[0.999, 200][0] < 1.2 and found[0.999, 1000][0] < 1.9, "a long memory learns as fast as a short one now"
assert found[0.99, 4000][1] > 0.65, "the standard deviation is that of the noise now"
assert np.isnan(found[0.8, 4000][0]) and np.isnan(found[0.99, 72000][0]), "forecasts stay finite now"
END
