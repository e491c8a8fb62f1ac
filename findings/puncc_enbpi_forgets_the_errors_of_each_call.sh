#!/bin/sh
# puncc 0.9.3, EnbPI, bands of 90 % around forecasts of breathing at 4 Hz, whose noise grows fourfold after 5 s.
#
# Expected: predict with y_true and s learns the newest errors ("s: number of online samples necessary to update the
# residuals sequence"). So it is all one whether 49 s are given in one call or, as they come, in calls of 1 s.
# Seen: in one call, the bands grow from 4.6 to 18.6 mm, and hold 70 % of the values. In calls of 1 s they stay at 4.6
# mm for ever and hold 30 %: what a call has learned is thrown away at its end, and the next begins with the errors of
# fit. No word is said. Only a table made afterwards has bands that adapt; a live forecast cannot have them. fit, on
# the other hand, adds its errors to those of the fit before: after two there are twice as many. And with s above the
# number of values, predict returns three empty arrays.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	puncc==0.9.3 numpy==1.26.4 pandas==3.0.6 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from deel.puncc.api.prediction import BasePredictor
from deel.puncc.regression import EnbPI
from sklearn.linear_model import LinearRegression

HISTORY, KNOWN, SECOND = 4, 200, 4
noise = np.random.default_rng(0).standard_normal(400)
noise[KNOWN + 20 :] *= 4
breathing = 10 * np.sin(2 * np.pi * np.arange(400) / 16) + noise
histories = np.stack([breathing[lag : lag - HISTORY] for lag in range(HISTORY)], axis=1)
targets = breathing[HISTORY:]
bands = EnbPI(BasePredictor(LinearRegression()), B=20, random_state=0)
bands.fit(histories[:KNOWN], targets[:KNOWN])


def predict(start, end):
    return bands.predict(histories[start:end], alpha=0.1, y_true=targets[start:end], s=SECOND)


at_once = predict(KNOWN, len(targets))
calls = [predict(start, start + SECOND) for start in range(KNOWN, len(targets), SECOND)]
second_by_second = [np.concatenate([call[part] for call in calls]) for part in range(3)]
held = {}
for name, (_, lower, upper) in (("one call", at_once), ("calls of 1 s", second_by_second)):
    held[name] = float(np.mean((lower <= targets[KNOWN:]) & (targets[KNOWN:] <= upper)))
    width = upper - lower
    print(f"{name}: bands of {width[0]:.1f} mm at first and {width[-1]:.1f} at last hold {held[name]:.0%}")
assert np.allclose(at_once[0], second_by_second[0]), "the forecasts themselves are the same"
fitted_once = len(bands.residuals)
bands.fit(histories[:KNOWN], targets[:KNOWN])
print(f"errors kept after one fit: {fitted_once}, after two: {len(bands.residuals)}")
few = bands.predict(histories[KNOWN : KNOWN + 5], alpha=0.1, y_true=targets[KNOWN : KNOWN + 5], s=10)
print(f"five values with s=10: {[len(part) for part in few]} values returned")
assert np.ptp(second_by_second[2] - second_by_second[1]) < 1e-9, "calls learn from those before them now"
assert held["one call"] - held["calls of 1 s"] > 0.2
assert len(bands.residuals) == 2 * fitted_once and [len(part) for part in few] == [0, 0, 0]
END
