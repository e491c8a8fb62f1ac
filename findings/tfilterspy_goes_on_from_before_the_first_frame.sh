#!/bin/sh
# tfilterspy 1.0.6, KalmanFilter with constant velocity, on a marker that drifts by 0.2 mm a frame: fit on 200 frames of
# a recording, then filter_step with each new frame, and forecast.
#
# Expected: filter_step goes on where fit ended, as the textbook filter here does, and forecast goes on from the newest
# frame, with the covariance that the filter has there. store_covariances=False saves memory and "disables smooth()".
# Seen: filter_step begins at x0 and P0, those of before the first frame. The marker is at 40 mm; the filter says 35,
# and then 42 to 44, as it takes the way there for speed. forecast stays at the end of the recording, however many
# frames came by filter_step: after ten it is 2 mm behind. And without stored covariances, forecasts have that of P0: a
# standard deviation of 1.4 mm for the next frame instead of 0.2, with the same forecast. No word is said in any case.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	tfilterspy==1.0.6 numpy==2.4.6 scipy==1.17.1 dask==2026.8.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from tfilterspy import KalmanFilter

F, H, Q, R = np.array([[1.0, 1], [0, 1]]), np.array([[1.0, 0]]), np.diag([1e-4, 1e-4]), np.array([[0.25]])
x0, P0 = np.zeros(2), np.eye(2)
places = 0.2 * np.arange(210) + 0.5 * np.random.default_rng(0).standard_normal(210)
recorded, live = places[:200], places[200:]


def textbook(values):
    x, P = x0, P0
    for value in values:
        x, P = F @ x, F @ P @ F.T + Q
        gain = P @ H.T / (H @ P @ H.T + R)
        x, P = x + gain @ (value - H @ x), P - gain @ H @ P
    return x, P


def made(stored):
    return KalmanFilter(F, H, Q, R, x0, P0, store_covariances=stored).fit(recorded)


model = made(stored=True)
assert np.allclose(model.filtered_states_[-1], textbook(recorded)[0])
steps = [model.filter_step(np.array([value]))[0][0] for value in live]
own = [textbook(places[: 201 + k])[0][0] for k in range(10)]
print("places of the first new frames:", np.round(steps[:4], 1), "mm, textbook:", np.round(own[:4], 1))
assert np.allclose(own, 0.2 * np.arange(200, 210), atol=1)
assert np.abs(np.subtract(steps, own))[:4].min() > 2, "filter_step goes on where fit ended now"

ahead, truth = model.forecast(1)[0][0, 0], (F @ textbook(places)[0])[0]
print(f"forecast of the next frame after ten new ones: {ahead:.1f} mm, textbook {truth:.1f} mm")
assert ahead < truth - 1.5, "forecasts are from the newest frame now"

x, P = textbook(recorded)
deviations = [float(np.sqrt(covariance)) for covariance in (
    (F @ P @ F.T + Q)[0, 0], made(True).forecast(1)[1][0, 0, 0], made(False).forecast(1)[1][0, 0, 0])]
print("standard deviation of a forecast: textbook {:.2f}, stored {:.2f}, not stored {:.2f} mm".format(*deviations))
assert np.isclose(deviations[0], deviations[1])
assert deviations[2] > 3 * deviations[1], "forecasts have the covariance of the newest frame now"
END
