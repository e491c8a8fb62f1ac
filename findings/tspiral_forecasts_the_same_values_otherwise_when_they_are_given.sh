#!/bin/sh
# tspiral 0.3.0, ForecastingCascade of a ridge regression with target_diff and target_standardize, on breathing of 5 mm.
#
# Expected: predict(X, last_X, last_y) forecasts from other latest values with the model that was learned. If they are
# the end of the series of fit, the forecast is that of predict(X).
# Seen: mean and spread of the steps are computed again from the values that are given, and the model is used as if it
# had been learned with those. From the very 13 values at the end, as many as the message of predict asks for, the
# forecast is up to 8.3 mm off the same model's own, on which the error is less than 0.01 mm. Values of 15 s give 1.8
# mm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	tspiral==0.3.0 scikit-learn==1.5.2 numpy==1.26.4 pandas==2.2.3 scipy==1.14.1
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from sklearn.linear_model import Ridge
from tspiral.forecasting import ForecastingCascade

seconds = np.arange(608) * 0.25
place = 10 + 5 * np.sin(2 * np.pi * seconds / 4) + 0.02 * seconds
known, truth = place[:600], place[600:]
group, ahead = np.zeros((600, 1)), np.zeros((8, 1))
found = {}
for options in ({}, {"target_diff": True}, {"target_diff": True, "target_standardize": True}):
    model = ForecastingCascade(Ridge(1e-6), lags=range(1, 13), groups=[0], **options)
    model.fit(group, known)
    forecasts = {"its own": model.predict(ahead)}
    for count in (model.min_samples_, 60):
        forecasts[count] = model.predict(ahead, last_X=group[-count:], last_y=known[-count:])
    found = {name: float(np.abs(each.ravel() - truth).max()) for name, each in forecasts.items()}
    print(options, {name: f"{error:.3f} mm" for name, error in found.items()})
    assert found["its own"] < 0.01
    if "target_standardize" not in options:
        assert max(found.values()) < 0.01
assert found[13] > 5 and found[60] > 0.1, "given values are standardised as learned ones now"
END
