#!/bin/sh
# econometron 0.0.4, VAR: two weights of a motion with a period of 4 s, 400 frames at 4 Hz. A model of 2 and of 4 lags
# is fitted to them. Of it, predict gives forecasts, and simulate, asked 500 times, gives paths that go on from the last
# frames.
#
# Expected: the mean of the paths is the forecast, and their first frame is spread as the residuals are. So the paths
# make a band for the forecast.
# Seen: the last frames are laid out from new to old and read from old to new, so that each path begins as if time had
# run backwards. With 2 lags the first frame is 20 away from the forecast, 40 spreads of the residuals. And noise is
# added in the loop over the lags: its variance is 2 times that of the residuals with 2 lags, and 4 times with 4. The
# forecasts of predict are right. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 pandas==3.1.1 \
	scipy==1.17.1 matplotlib==3.11.2 statsmodels==0.15.0 sympy==1.14.0 scikit-learn==1.9.1 torchinfo==1.8.0 \
	seaborn==0.13.2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps econometron==0.0.4
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import contextlib
import io

import numpy as np
import pandas as pd
from econometron.Models.VectorAutoReg.VAR import VAR

COUNT, PATHS, AHEAD = 400, 500, 4
noise = np.random.default_rng(0).normal(size=(COUNT, 2)) * [0.5, 0.3]
weights = np.zeros((COUNT, 2))
for frame in range(2, COUNT):
    weights[frame] = 1.99 * np.cos(2 * np.pi / 16) * weights[frame - 1] - 0.995**2 * weights[frame - 2] + noise[frame]
frames = pd.DataFrame(weights, columns=["first", "second"])
np.random.seed(0)
for lags in (2, 4):
    with contextlib.redirect_stdout(io.StringIO()):
        model = VAR(frames, max_p=lags, plot=False, check_stationarity=False)
        model.fit(p=lags, output=False)
        forecast = model.predict(AHEAD, plot=False)["point"].to_numpy()
        paths = np.array([model.simulate(AHEAD, plot=False)["simulations"] for _ in range(PATHS)])
    residuals = np.asarray(model.best_model["residuals"])
    known = np.column_stack([np.ones(COUNT - lags)] + [weights[lags - lag : COUNT - lag] for lag in range(1, lags + 1)])
    coefficients = np.linalg.lstsq(known, weights[lags:], rcond=None)[0]
    right = np.concatenate([[1], *weights[-1 : -lags - 1 : -1]]) @ coefficients
    ratio = paths[:, 0].var(axis=0) / residuals.var(axis=0)
    print(f"{lags} lags: last frames {weights[-3:, 0].round(1)}, forecast {forecast[:, 0].round(1)}, "
          f"mean of paths {paths.mean(axis=0)[:, 0].round(1)}; variance of noise {ratio.round(1)} times")
    assert model.best_model["p"] == lags and np.abs(right - forecast[0]).max() < 0.1
    assert np.all(np.abs(ratio / lags - 1) < 0.15), "each frame has its noise once now"
    if lags == 2:
        beside = abs(paths[:, 0, 0].mean() - forecast[0, 0])
        assert abs(beside - 20) < 1, "paths begin at the last frame now"
        assert abs(beside / residuals[:, 0].std() - 40) < 4
END
