#!/bin/sh
# fourier-forecast 0.0.4, FourierForecast.fit(y, sample_weight=...), "individual weights for each sample": a breath of 7
# frames, 20 mm deep in the image with 5 mm of motion, 400 frames. Old frames count less, or recent ones, as they are
# blurred. A day of the package is a frame here.
#
# Expected: weights say how much each frame counts in the fit. fitted() is the curve in mm, what follows is forecast in
# mm, and the series of the caller stays as it is.
# Seen: rows and series are multiplied by the roots of the weights, as one does to solve, and stay so. fitted() is the
# curve times the roots: 13 mm off on average. The series is that of the caller ("np.asarray"), who finds his frames
# shrunk towards 0, by up to 25 mm, and what he fits next is fitted to that. With lags, forecasts go on from the shrunk
# frames: 1.0 mm off where recent frames count less, in place of 0.01. Without weights all is right, but for fitted() of
# the first frames with lags, which takes the last frames of the series for those before them ("np.roll").
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	fourier-forecast==0.0.4 numpy==2.4.6 plotly==6.5.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from fourier_forecast.fourier_forecast import FourierForecast

COUNT, AHEAD = 400, 14


def curve(frames):
    return 20 + 5 * np.sin(2 * np.pi * frames / 7) + 0.01 * frames


def spread(errors):
    return float(np.sqrt(np.mean(errors**2)))


frames = np.arange(COUNT)
measured = curve(frames) + 0.1 * np.random.default_rng(0).normal(size=COUNT)
fading = 0.99 ** np.arange(COUNT)
found = {}
for lags in (0, 7):
    for name, weights in (("none", None), ("old frames less", fading[::-1]), ("recent frames less", fading)):
        series = measured.copy()
        model = FourierForecast(weekly_seasonality_terms=2, yearly_seasonality_terms=0, n_lags=lags)
        model.fit(series, sample_weight=weights)
        changed = float(np.abs(series - measured).max())
        fitted = spread((model.fitted() - curve(frames))[lags:])
        forecast = spread(model.predict(AHEAD) - curve(np.arange(COUNT, COUNT + AHEAD)))
        found[lags, name] = changed, fitted, forecast
        print(f"{lags} lags, weights {name}: series of the caller changed by {changed:.2f} mm,", end=" ")
        print(f"fitted {fitted:.2f} mm off, forecast {forecast:.2f}")
        if weights is not None:
            assert np.allclose(series, measured * np.sqrt(weights)), "the series of the caller is left as it is now"
            if not lags:
                plain = model.fitted() / np.sqrt(weights)
                assert spread(plain - curve(frames)) < 0.05, "fitted() is in the units of the series now"
for lags in (0, 7):
    changed, fitted, forecast = found[lags, "none"]
    assert changed == 0 and fitted < 0.05 and forecast < 0.05
    for name in ("old frames less", "recent frames less"):
        assert found[lags, name][1] > 10
assert found[7, "recent frames less"][2] > 0.7 and found[0, "recent frames less"][2] < 0.05
END
