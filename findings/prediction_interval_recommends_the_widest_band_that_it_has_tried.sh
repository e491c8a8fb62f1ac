#!/bin/sh
# prediction-interval 0.1.9 (its xgboost 3.0.0 without GPU): cwc, the "Coverage Width Criterion as formulated" by Jensen
# et al. (2022), and cqr_grid_search_alpha, which recommends the quantiles "based on lowest CWC". The positions of a
# breathing target are forecast from the last one; bands are to hold 90 percent.
#
# Expected: the criterion is (1 - width) exp(-eta (coverage - 0.9)^2), width as a share of the range: the higher, the
# better. Of two bands that hold as much, the narrower one is better; too low and too high a coverage count against it.
# Seen: cwc is (1 - width) exp(-eta (coverage - (1 - alpha))) with alpha the coverage, "the desired coverage level", so
# that the target is 0.1, and without the square. The search takes the lowest. So the wider band wins, always: those 3.3
# wide, which hold 90 percent, of 6 and of 12 get less and less. One wider than the range of the target is best of all,
# below 0. Of nine pairs of quantiles, the search recommends 0.01 and 0.99: 4.5 wide, holds 95.0 percent, where 0.05 and
# 0.95 hold 94.8 with 2.1, and 0.2 and 0.8 hold 92.8 with 1.8.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 \
	scikit-learn==1.8.0 matplotlib==3.11.2 seaborn==0.13.2 xgboost-cpu==3.0.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps prediction-interval==0.1.9
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import contextlib
import io

import numpy as np
import pandas as pd
from prediction_interval.models import PredictionIntervalResults, XGBoostCQR

LEVEL, ETA = 0.9, 30
random = np.random.default_rng(0)


def right(true, low, high):
    width = np.mean(high - low) / np.ptp(true)
    return (1 - width) * np.exp(-ETA * (np.mean((true >= low) & (true <= high)) - LEVEL) ** 2)


results = PredictionIntervalResults()
forecast = 5 * np.sin(0.4 * np.arange(2000))
true = forecast + random.normal(size=2000)
rows = []
for half in (1.0, 1.645, 3.0, 6.0, 12.0):
    low, high = forecast - half, forecast + half
    share = float(results.coverage(true, low, high))
    rows.append([share, float(results.cwc(LEVEL, true, low, high)), float(right(true, low, high))])
    print(f"width {2 * half:.1f}, holds {share:.3f}: cwc {rows[-1][1]:.1e}, as formulated {rows[-1][2]:.2f}")
rows = np.array(rows)
assert rows[:, 2].argmax() == 1
assert np.all(np.diff(rows[:, 1]) < 0), "wider bands do not get less and less now"

last = random.uniform(-5, 5, 1500)
coming = pd.Series(0.9 * last + (0.5 + 0.08 * last) * random.normal(size=1500))
last = pd.DataFrame({"last": last})
np.random.seed(0)
model = XGBoostCQR(model_params={"max_depth": 2, "eta": 0.3}, num_boost_round=30, alpha=LEVEL)
parts = [part for cut in (slice(0, 700), slice(700, 1100), slice(1100, 1500)) for part in (last[cut], coming[cut])]
with contextlib.redirect_stdout(io.StringIO()):
    lower, upper, _ = model.cqr_grid_search_alpha([0.01, 0.05, 0.2], [0.8, 0.95, 0.99], *parts)
table = model.grid_search_alpha_results.rename(columns={"average_PI_width": "width"})
chosen = table[(table.l_alpha == lower) & (table.u_alpha == upper)].iloc[0]
others = table[(table.coverage >= LEVEL) & (table.coverage <= chosen.coverage)]
narrow = others.loc[others.width.idxmin()]
print(table.drop(columns="cwc").round(3).to_string(index=False))
print(f"recommended: width {chosen.width:.2f}, holds {chosen.coverage:.3f};", end=" ")
print(f"narrowest: width {narrow.width:.2f}, holds {narrow.coverage:.3f}")
assert narrow.width < 0.75 * chosen.width, "the narrower band is recommended now"
END
