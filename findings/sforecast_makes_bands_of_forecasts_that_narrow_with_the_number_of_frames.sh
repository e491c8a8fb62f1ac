#!/bin/sh
# sforecast 0.6.4, sforecast.sliding_forecast(): forecasts of the next frame of breathing with noise at 4 Hz, and bands
# about them with alpha = 0.05, ci_method "linear" (percentiles of the errors, the default) or "tdistribution".
#
# Expected: both are bands of forecasts (<y>_pred_lower, <y>_pred_upper) that hold 95 % of the frames ("defining the
# confidence error spread, for example 0.95 (95%)"), whatever the number of frames they are made from; errors here are
# normal, so that the two agree.
# Seen: "tdistribution" divides the spread of the errors by the root of their number: it is the interval of their mean,
# laid about each forecast. 50, 100 and 400 frames give bands of 0.44, 0.28 and 0.14 mm where 2.6 to 2.8 mm are right,
# and they hold 20, 12 and 8 % of the very frames they are made from. More frames make the forecast look surer.
#
# keras, tensorflow, pmdarima and the module of rolling means (which Python 3.11 refuses to import), none of them used
# for this model, are stand-ins here.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==1.26.4 scipy==1.13.1 pandas==2.2.3 \
	scikit-learn==1.5.2 statsmodels==0.14.4
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps sforecast==0.6.4
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import sys
from unittest import mock

for name in ("keras", "keras.models", "keras.layers", "tensorflow", "pmdarima", "sforecast.endogenous_transforms"):
    sys.modules[name] = mock.MagicMock()
import numpy as np
import pandas as pd
from sforecast import sliding_forecast
from sklearn.linear_model import LinearRegression

seconds = np.arange(1200) / 4
noise = np.random.default_rng(0).normal(0, 0.7, seconds.size)
frames = pd.DataFrame({"y": 8 * np.sin(2 * np.pi * seconds / 3.7) + noise})


def bands(tested, method):
    window = {"Ntest": tested, "Nlags": 8, "alpha": 0.05, "ci_method": method}
    forecaster = sliding_forecast(y="y", model=LinearRegression(), model_type="sk", swin_parameters=window)
    found = forecaster.fit(frames).dropna(subset=["y_pred", "y_test"])
    assert len(found) == tested
    held = found.y_test.between(found.y_pred_lower, found.y_pred_upper).mean()
    return found.y_test - found.y_pred, held, float((found.y_pred_upper - found.y_pred_lower).mean())


for tested in (50, 100, 400):
    errors, held, width = bands(tested, "linear")
    _, held_t, width_t = bands(tested, "tdistribution")
    print(f"{tested} frames: error {errors.std():.2f} mm; percentiles: bands of {width:.2f} mm hold {held:.0%}; "
          f"tdistribution: {width_t:.2f} mm hold {held_t:.0%}")
    assert held >= 0.92 and np.isclose(width, 4 * errors.std(), rtol=0.2)
    assert held_t < 0.4 and np.isclose(width_t, 4 * errors.std() / np.sqrt(tested), rtol=0.05), "bands hold now"
END
