#!/bin/sh
# aeon 1.6.0, predict of its forecasters, fitted once on 200 values of breathing, and then given longer series, as they
# come at 4 Hz.
#
# Expected: "single prediction self.horizon steps ahead of y", as predict and its private form say in each of them, and
# "y: A time series to predict the next horizon value for".
# Seen: so it is with NaiveForecaster, RegressionForecaster, TVP and DOTM. ETS, AutoETS and Theta do not look at y. They
# answer with the one value that fit has stored, 0.25 s or 10 s later, for y and for y + 100. No word is said, and
# nothing tells the two kinds apart: no tag and no line in their help. (The project asks itself in issue 3582 what to do
# about ETS.) Such forecasts, and a table that compares methods by them, are of a value that does not move.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	aeon==1.6.0 numba==0.63.1 numpy==2.2.6 pandas==2.3.3 scikit-learn==1.7.2 scipy==1.15.3
cd "$folder"
NUMBA_CACHE_DIR="$folder" "$folder/bin/python" -W ignore - <<'END'
from importlib.metadata import version

import numpy as np
from aeon.forecasting import NaiveForecaster, RegressionForecaster
from aeon.forecasting.stats import DOTM, ETS, TVP, AutoETS, Theta

print("aeon", version("aeon"))
t = np.arange(400)
values = 10 + 5 * np.sin(2 * np.pi * t / 16) + 0.1 * np.random.default_rng(0).standard_normal(400)  # mm
deaf = []
for forecaster in (
    NaiveForecaster(), RegressionForecaster(window=16), TVP(window=16), DOTM(), ETS(), AutoETS(), Theta()
):
    name = type(forecaster).__name__
    forecaster.fit(values[:200])
    ends = range(200, 241)
    forecasts = np.array([float(forecaster.predict(values[:end])) for end in ends])
    error = np.sqrt(np.mean((forecasts - values[200:241]) ** 2))
    lifted = float(forecaster.predict(values[:240] + 100))
    print(f"{name}: forecasts after 200, 204, 208 and 240 values {forecasts[[0, 4, 8, 40]].round(1).tolist()}, "
          f"of values + 100: {lifted:.1f}; root mean square error {error:.2f} mm")
    if np.ptp(forecasts) == 0 and lifted == forecasts[0]:
        deaf.append(name)
print("values 200, 204, 208 and 240:", values[[200, 204, 208, 240]].round(1).tolist())
assert deaf == ["ETS", "AutoETS", "Theta"], f"these answer without looking now: {deaf}"
END
