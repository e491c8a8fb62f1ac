#!/bin/sh
# skforecast 0.26.0, ForecasterDirect with one model for each of 8 steps, and bands of 90 % by predict_interval, on a
# random walk with steps of 1 mm.
#
# Expected: each step has its own model and so its own errors. Bands grow with the horizon as the errors do, from 3.2 mm
# to 9.3, and hold 90 % at each.
# Seen: the errors of all steps go into one heap, from which each step draws. All bands are 6.8 mm wide. One step ahead
# they are twice too wide, eight steps ahead they hold 80 %. Over all steps together it is 90 %, so that no mean shows
# it. So it is with both methods, bootstrapping and conformal. With ForecasterRecursive, bootstrapped bands grow;
# the conformal ones are those of one step for all steps, and hold 41 % eight steps ahead. The help of predict_interval
# says nothing of it, and no word is said while it runs.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	skforecast==0.26.0 numpy==2.3.5 pandas==2.3.3 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from skforecast.direct import ForecasterDirect
from skforecast.recursive import ForecasterRecursive
from sklearn.linear_model import LinearRegression

STEPS, LEARNED, LENGTH = 8, 1000, 1600
walk = np.cumsum(np.random.default_rng(0).standard_normal(LENGTH))
series = pd.Series(walk)
true = [float(2 * np.quantile(np.abs(walk[step:] - walk[:-step]), 0.9)) for step in range(1, STEPS + 1)]
print(f"errors of persistence, 90 % within (width in mm): {np.round(true, 1).tolist()}")

widths, held = {}, {}
for forecaster in (
    ForecasterDirect(estimator=LinearRegression(), steps=STEPS, lags=2),
    ForecasterRecursive(estimator=LinearRegression(), lags=2),
):
    forecaster.fit(y=series[:LEARNED], store_in_sample_residuals=True)
    for method, interval in {"bootstrapping": [0.05, 0.95], "conformal": 0.9}.items():
        key = type(forecaster).__name__, method
        inside = []
        for now in range(LEARNED, LENGTH - STEPS, 4):
            bands = forecaster.predict_interval(
                steps=STEPS, last_window=series[now - 2 : now], method=method, interval=interval, n_boot=2000,
                use_binned_residuals=False,
            )
            real = walk[now : now + STEPS]
            inside.append((bands["lower_bound"].to_numpy() <= real) & (real <= bands["upper_bound"].to_numpy()))
        widths[key] = (bands["upper_bound"] - bands["lower_bound"]).to_numpy()
        held[key] = np.mean(inside, axis=0)
        print(*key, "widths", widths[key].round(1).tolist(), f"hold in % {(100 * held[key]).round().tolist()}")
        print(f"  all steps together: {held[key].mean():.0%}")
for method in ("bootstrapping", "conformal"):
    key = "ForecasterDirect", method
    assert np.ptp(widths[key]) < 0.1 * widths[key].mean(), "bands grow with the horizon now"
    assert held[key][0] > 0.98 and held[key][-1] < 0.83 and abs(held[key].mean() - 0.9) < 0.03
grown = widths["ForecasterRecursive", "bootstrapping"]
assert grown[-1] > 2.3 * grown[0] and held["ForecasterRecursive", "bootstrapping"][-1] > 0.85
assert np.ptp(widths["ForecasterRecursive", "conformal"]) < 1e-6
assert held["ForecasterRecursive", "conformal"][-1] < 0.6
END
