#!/bin/sh
# chronobox 0.1.0, ARIMA(order=(p, d, q)) with d = 1: a position that drifts (a walk with steps of 0.3 mm) and one that
# breathes (5 mm around 0, 16 frames a breath), 200 frames each; forecast(8): "out-of-sample forecasts", with
# "confidence interval bounds".
#
# Expected: positions, as with d = 0, and bands that grow with the number of frames, as those of statsmodels.
# Seen: forecasts and bands are those of the differences that the model was fitted to; nothing adds them up (added to
# the last position they are those of statsmodels). A walk that is at 10.6 mm is forecast to be at 0.0 mm, with bands of
# 0.55 mm for the eighth frame where it needs 1.4. For breathing around 0, as after taking the mean off, it looks
# right: values of a few mm that come back to 0, with bands that hardly grow. Their error is 3.3 mm instead of 1.1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 matplotlib==3.11.2 statsmodels==0.14.6
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps chronobox==0.1.0 kalmanbox==0.1.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from chronobox.models.arima import ARIMA
from statsmodels.tsa.arima.model import ARIMA as Other

COUNT, AHEAD = 200, 8
random = np.random.default_rng(1)
frame = np.arange(COUNT + AHEAD)
walk = 15 + 0.3 * np.cumsum(random.standard_normal(COUNT + AHEAD))  # mm
breath = 5 * np.sin(2 * np.pi * frame / 16 + 0.6) + 0.05 * random.standard_normal(COUNT + AHEAD)  # mm

for name, places, order in (("walk", walk, (1, 1, 0)), ("walk", walk, (0, 1, 1)), ("breath", breath, (2, 1, 0))):
    past, coming = places[:COUNT], places[COUNT:]
    found = ARIMA(order=order).fit(past, method="css").forecast(AHEAD)
    there = Other(past, order=order).fit().get_forecast(AHEAD)
    right, width = there.predicted_mean, (found["upper"] - found["lower"])[-1] / 2
    right_width = float(np.diff(there.conf_int()[-1])[0]) / 2
    errors = [float(np.sqrt(np.mean((made - coming) ** 2))) for made in (found["forecast"], right)]
    print(f"{name}, {order}: at {past[-1]:.2f} mm, forecast {found['forecast'][0]:.2f} mm, right {right[0]:.2f} mm; "
          f"eighth band +-{width:.2f} mm, right +-{right_width:.2f} mm; errors {errors[0]:.2f} and {errors[1]:.2f} mm")
    assert np.abs(past[-1] + np.cumsum(found["forecast"]) - right).max() < 0.3, "forecasts are no steps now"
    assert np.abs(found["forecast"] - right).max() > 2, "forecasts are places now"
    assert width < right_width / 2 and errors[0] > 3 * errors[1]
still = Other(breath, order=(2, 0, 0)).fit().forecast(AHEAD)
made = ARIMA(order=(2, 0, 0), trend="c").fit(breath).forecast(AHEAD)["forecast"]
print(f"order (2, 0, 0): up to {np.abs(made - still).max():.2f} mm apart")
assert np.abs(made - still).max() < 0.3
END
