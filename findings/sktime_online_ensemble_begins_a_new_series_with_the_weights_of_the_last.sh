#!/bin/sh
# sktime 1.2.0, OnlineEnsembleForecaster (NormalHedge and NNLS weights) of persistence and mean, fitted on one series,
# updated over it, and then fitted on another one.
#
# Expected: fit begins anew, so that the second series is forecast as by a fresh ensemble: half of each.
# Seen: forecasters begin anew, their weights do not. On a random walk, persistence earned all weight; on white noise,
# where it is the worse one, the fitted ensemble is pure persistence. NNLS also keeps all values of the first series
# for its least squares. The object that holds the weights is a parameter, and is changed in place. So whoever fits
# one ensemble to patient after patient learns from each for the next, and the order of patients changes the scores.
# clone(), which is there to give the same thing unfitted, copies the weights too. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	sktime==1.2.0 numpy==2.4.6 pandas==3.0.6 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from sklearn.metrics import mean_squared_error
from sktime.forecasting.naive import NaiveForecaster
from sktime.forecasting.online_learning import NNLSEnsemble, NormalHedgeEnsemble, OnlineEnsembleForecaster

rng = np.random.default_rng(0)
walk, noise = pd.Series(np.cumsum(rng.standard_normal(90))), pd.Series(rng.standard_normal(90))


def ensemble(weights):
    pair = [("last", NaiveForecaster()), ("mean", NaiveForecaster(strategy="mean"))]
    return OnlineEnsembleForecaster(pair, ensemble_algorithm=weights(2, loss_func=mean_squared_error))


def first_forecast(fitted):
    return float(fitted.fit(noise[:40], fh=[1]).predict().iloc[0])


print(f"the last value is {noise[39]:.3f}, the mean {noise[:40].mean():.3f}")
for weights in (NormalHedgeEnsemble, NNLSEnsemble):
    fresh, used = ensemble(weights), ensemble(weights).fit(walk[:40], fh=[1])
    for step in range(40, 90):
        used.update(walk[step : step + 1])
    cloned = first_forecast(used.clone())
    expected, found = first_forecast(fresh), first_forecast(used)
    print(f"{weights.__name__}: a fresh ensemble forecasts {expected:.3f}, the one used before {found:.3f}, "
          f"a clone of it {cloned:.3f}; weights {np.round(fresh.weights, 3)} and {np.round(used.weights, 3)}")
    assert np.allclose(fresh.weights, 0.5)
    assert used.weights[0] > 0.9 and abs(found - expected) > 0.1, "fit begins with fresh weights now"
    assert np.isclose(cloned, found), "clone begins with fresh weights now"
END
