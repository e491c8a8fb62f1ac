#!/bin/sh
# pyrcn 0.1.0, IncrementalRegression(normalize=True): forecasts of breathing (6 mm, 4 s, 4 Hz, every tenth breath 15 mm)
# by 0.5 s from the last 8 positions, learned from 10 minutes, and then asked for all at once, breath by breath and
# frame by frame.
#
# Expected: "performs a preprocessing normalization": the mean and the spread of what was fitted are taken off what
# comes later, so that forecasts are the same in whatever portions they are asked for, with RMS errors of 0.95 mm.
# Seen: predict fits the scaler anew to what it is given. Asked breath by breath, each breath is forecast as deep as an
# average one: 7.9 mm where there are more than 13 mm, and RMS errors of 2.0 mm. Asked frame by frame, as in tracking,
# a frame less its own mean is nothing, and all forecasts are exactly 0. The column of ones is normalized to zeros as
# well, so that fit_intercept does nothing: around 86 mm, forecasts are around 0. Without normalize, all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pyrcn==0.1.0 torch==2.13.0 numpy==2.4.6 \
	scipy==1.17.1 scikit-learn==1.9.1 pandas==3.0.5
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pyrcn.linear_model import IncrementalRegression

LAGS, AHEAD, BREATH, LEARNED = 8, 2, 16, 2400
count = np.arange(2 * LEARNED)
deep = count // BREATH % 10 == 7
breathing = np.where(deep, 15, 6) * np.sin(2 * np.pi * count / BREATH)
breathing += 0.2 * np.random.default_rng(0).standard_normal(len(count))  # mm
windows = np.lib.stride_tricks.sliding_window_view(breathing, LAGS)[:-AHEAD]
coming = breathing[LAGS + AHEAD - 1 :]
truth = coming[LEARNED:]
deepest = abs(truth) > 13


def forecasts(normalize, portion, mean=0):
    model = IncrementalRegression(normalize=normalize).fit(windows[:LEARNED] + mean, coming[:LEARNED] + mean)
    rest = windows[LEARNED:] + mean
    return np.concatenate([model.predict(rest[k : k + portion]) for k in range(0, len(rest), portion)])


errors = {}
for normalize in (False, True):
    for portion in (LEARNED, BREATH, 1):
        found = forecasts(normalize, portion)
        errors[normalize, portion] = np.sqrt(np.mean((found - truth) ** 2))
        print(f"normalize={normalize}, {portion} at a time: RMS error {errors[normalize, portion]:.2f} mm, "
              f"forecast where there are more than 13 mm: {abs(found[deepest]).mean():.1f} mm")  # fmt: skip
    middle = forecasts(normalize, LEARNED, 86).mean()
    print(f"normalize={normalize}, around 86 mm: forecasts around {middle:.1f} mm")
    assert abs(middle - (0 if normalize else 86)) < 0.1, "the intercept is kept now"
assert max(errors[False, portion] for portion in (LEARNED, BREATH, 1)) < 1
assert errors[True, LEARNED] < 1 and errors[True, BREATH] > 2 * errors[True, LEARNED], "as by all at once now"
assert not forecasts(True, 1).any()
END
