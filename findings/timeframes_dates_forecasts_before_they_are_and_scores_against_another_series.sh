#!/bin/sh
# timeframes 1.3.0 (validation of forecasts): breathing at 4 Hz, a linear model of scikit-learn that sees 12 values.
# validate() and backtest() return errors and, with return_preds=True, "datetime-aligned true/predicted series".
#
# Expected: at each returned time y_true is the value of the series at that time. A model that is validated on a window
# was not taught a value of that window. The step of a walk-forward says which forecasts are made, not what came.
# Seen: validate() with forecasts of h values dates all of them h - 1 frames too early: 1.75 s with h = 8, nearly half a
# breath, so that a plot of y_true beside the series differs by its full range. Forecasts for h - 1 of the h values were
# made by a model that was taught these values: training ends one window before the validated one, and windows overlap.
# With h = 8 a model that only remembers what it was taught has an error of 0.29 mm on noise of 2.30 mm.
# backtest() with step=2 (its own example has 3) takes the windows, which begin a frame after one another, for windows
# two frames apart, and means what then shares a place: of 200 frames it makes a y_true of 396 whose values are means of
# others. Its error, 0.130 mm in place of 0.173, is against that.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	timeframes==1.3.0 numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 scikit-learn==1.9.1 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
import timeframes
from sklearn.linear_model import LinearRegression

COUNT, FIRST = 600, 200
times = pd.date_range("2026-01-01", periods=COUNT, freq="250ms")
noise = 0.2 * np.random.default_rng(0).standard_normal(COUNT)
film = pd.DataFrame({"mm": 5 * np.sin(2 * np.pi * np.arange(COUNT) / 16) + noise}, index=times)
common = {"target_col": "mm", "input_size": 12, "return_preds": True}

for ahead in (1, 4, 8):
    _, (true, _) = timeframes.validate(LinearRegression(), film, output_size=ahead, min_train_size=FIRST, **common)
    places = times.get_indexer(true.index)
    early = [k for k in range(10) if np.allclose(true[:-10], film.mm.to_numpy()[places[:-10] + k])]
    off = np.abs(true - film.mm[true.index]).max()
    print(f"validate, {ahead} ahead: y_true is that of {early} frames later, off by up to {off:.1f} mm")
    assert early == [ahead - 1], "forecasts are dated right now"

values = 3 * np.random.default_rng(1).standard_normal(COUNT)
clock = pd.DataFrame({"frame": np.arange(COUNT), "mm": values}, index=times)


class Remembers:
    """Says the values that it was taught, by their frame, and 0 for any other."""

    def fit(self, inputs, targets):
        self.ahead = targets.shape[1]
        pairs = zip(inputs[:, 0], targets)
        self.taught = {frame + k: value for frame, values in pairs for k, value in enumerate(values)}

    def predict(self, inputs):
        return np.array([[self.taught.get(frame + k, 0.0) for k in range(self.ahead)] for frame in inputs[:, 0]])


scores = timeframes.validate(Remembers(), clock, "mm", input_size=1, output_size=8, min_train_size=FIRST)
naive = np.abs(values[FIRST:]).mean()
print(f"noise that nobody can forecast, of {naive:.2f} mm: error {scores['mae']:.2f} mm")
assert scores["mae"] < naive / 4, "the model is not taught what it is validated on now"

before, after = film[:400], film[400:]
found = {}
for step in (1, 2, 3):
    scores, (true, _) = timeframes.backtest(LinearRegression(), before, after, output_size=4, step=step, **common)
    off = np.abs(true.to_numpy()[: len(after)] - after.mm.to_numpy()).max()
    found[step] = (scores["mae"], len(true), off)
    print(f"backtest, step {step}: error {scores['mae']:.3f} mm, y_true has {len(true)} values of {len(after)} frames "
          f"and is off by up to {off:.1f} mm")
assert found[1][1] == len(after) and found[1][2] < 1
assert found[2][1] > 1.9 * len(after) and found[2][2] > 5, "y_true is the series now"
assert found[2][0] < 0.8 * found[1][0]
END
