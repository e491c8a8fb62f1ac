#!/bin/sh
# pydmd 2025.8.1, zero_mean_preprocessing around BOPDMD and DMD: 20 pixels with two oscillations around 50 to 69, 160
# frames to fit and 40 to forecast.
#
# Expected: the "Pre/post-processing decorator" takes the mean off and puts it back on. forecast, which is to "Predict
# the output X", is of the data that were given, as reconstructed_data are.
# Seen: only fit and reconstructed_data are wrapped; whatever else is asked goes to the model inside. BOPDMD.forecast
# lacks the mean: it is 59.5 too low, which is the mean of the pixels, while the reconstruction of the same model fits
# to 0.5. DMD.predict, one frame ahead, turns the mean on with the oscillations: up to 83 off, where 0.1 is possible. No
# word is said. The way through reconstructed_data and dmd_time["tend"] gives forecasts with the mean.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pydmd==2025.8.1 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pydmd import BOPDMD, DMD
from pydmd.preprocessing import zero_mean_preprocessing

FIT, ALL = 160, 200  # frames
time = 0.25 * np.arange(ALL)
phase = 2 * np.pi * time
waves = [10 * np.sin(phase / 4), 10 * np.cos(phase / 4), 3 * np.sin(phase / 9), 3 * np.cos(phase / 9)]
pixels = np.random.default_rng(0).standard_normal((20, 4)) @ np.array(waves) + 50 + np.arange(20)[:, None]
past, coming = pixels[:, :FIT], pixels[:, FIT:]
mean = past.mean(axis=1, keepdims=True)

model = zero_mean_preprocessing(BOPDMD(svd_rank=4), axis=1)
model.fit(past, time[:FIT])
fitted, forecast = model.reconstructed_data.real, model.forecast(time[FIT:]).real
print(f"BOPDMD: reconstruction off by {np.abs(fitted - past).max():.1f}, forecast by "
      f"{np.abs(forecast - coming).max():.1f}, at the mean {np.mean(forecast - coming):+.1f}; with the mean added by "
      f"{np.abs(forecast + mean - coming).max():.1f}")
assert np.abs(fitted - past).max() < 1
assert np.abs(forecast - coming).max() > 50, "the forecast has the mean now"
assert np.abs(forecast + mean - coming).max() < 1

model = zero_mean_preprocessing(DMD(svd_rank=4), axis=1)
model.fit(past)
ahead = model.predict(coming[:, :-1]).real
right = model.predict(coming[:, :-1] - mean).real + mean
model.dmd_time["tend"] = ALL - 1
extended = model.reconstructed_data.real[:, FIT:]
print(f"DMD: one frame ahead off by {np.abs(ahead - coming[:, 1:]).max():.1f}, with the mean taken off and added by "
      f"hand by {np.abs(right - coming[:, 1:]).max():.1f}; reconstruction extended to the end by "
      f"{np.abs(extended - coming).max():.1f}")
assert np.abs(ahead - coming[:, 1:]).max() > 50, "predict takes the mean off and on now"
assert np.abs(right - coming[:, 1:]).max() < 1 and np.abs(extended - coming).max() < 1
END
