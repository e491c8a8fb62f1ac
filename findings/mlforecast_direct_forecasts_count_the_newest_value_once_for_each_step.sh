#!/bin/sh
# mlforecast 1.1.0, direct forecasts (max_horizon) from lags and an exponentially weighted mean, on breathing at 4 Hz.
#
# Expected: each model has learned from what is known when it forecasts, so all steps ahead get the same features; the
# forecasts are those of a regression by hand. And predict after update is predict of the longer series (new_df).
# Seen: for each step ahead, the newest value is put into the mean once more. The model of the second step gets a mean
# with that value counted twice, that of step 6 six times, also where step 6 alone is forecast (horizons=[6]). Step 1 is
# right, so that a look at it shows nothing; step 2 is 2.3 mm from the forecast by hand, steps 3 to 5 are 4 mm and more.
# After update, the mean is that of the end of fit with the newest value, whatever came between (issue 726, mended but
# not in this release). Lags and rolling means are right. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	mlforecast==1.1.0 coreforecast==0.0.20 utilsforecast==0.2.17 numpy==2.4.6 pandas==2.3.3 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from mlforecast import MLForecast
from mlforecast.lag_transforms import ExponentiallyWeightedMean, RollingMean
from sklearn.linear_model import LinearRegression

STEPS, KNOWN, NOW, WEIGHT = 6, 250, 270, 0.3
breathing = 10 * np.sin(2 * np.pi * np.arange(300) / 16) + 0.3 * np.random.default_rng(0).standard_normal(300)
table = pd.DataFrame({"unique_id": "breathing", "ds": np.arange(300), "y": breathing})
means = [breathing[0]]
for value in breathing[1:]:
    means.append(WEIGHT * value + (1 - WEIGHT) * means[-1])
means = np.array(means)


class Noting(LinearRegression):
    got = []

    def predict(self, features):
        self.got.append(float(np.asarray(features)[0, -1]))
        return super().predict(features)


def fit(transform, **steps):
    model = MLForecast({"model": Noting()}, freq=1, lags=[1, 2, 3], lag_transforms={1: [transform]})
    return model.fit(table[:KNOWN], static_features=[], **steps)


def predict(model, **given):
    Noting.got.clear()
    return model.predict(STEPS, **given)["model"].to_numpy()


features = np.stack([breathing[2:], breathing[1:-1], breathing[:-2], means[2:]], axis=1)  # row i: known at i + 2
by_hand = [
    LinearRegression().fit(features[: KNOWN - 2 - step], breathing[2 + step : KNOWN]).predict(features[[KNOWN - 3]])[0]
    for step in range(1, STEPS + 1)
]
direct = predict(fit(ExponentiallyWeightedMean(WEIGHT), max_horizon=STEPS))
got = list(Noting.got)
counted = [means[KNOWN - 1]]
for _ in range(STEPS - 1):
    counted.append(WEIGHT * breathing[KNOWN - 1] + (1 - WEIGHT) * counted[-1])
last = predict(fit(ExponentiallyWeightedMean(WEIGHT), horizons=[STEPS]))
off = np.abs(direct - by_hand)
print(f"mean {means[KNOWN - 1]:.2f} mm; given to the models of steps 1 to {STEPS}: {np.round(got, 2).tolist()}")
print(f"mm from the forecasts by hand: {off.round(2).tolist()}; step {STEPS} alone {abs(last[-1] - by_hand[-1]):.2f}")
assert off[0] < 1e-6 and np.isclose(last[-1], direct[-1])
assert np.allclose(got, counted) and off[1] > 2 and off[2:5].min() > 4, "all steps get the same mean now"

given = {}
for transform in (ExponentiallyWeightedMean(WEIGHT), RollingMean(4)):
    updated, name = fit(transform), type(transform).__name__
    for time in range(KNOWN, NOW):
        updated.update(table[time : time + 1])
    after = predict(updated)
    given[name] = Noting.got[0]
    given[name, "off"] = float(abs(after - predict(fit(transform), new_df=table[:NOW])).max())
    print(f"{name}: after {NOW - KNOWN} updates {given[name]:.2f}, up to {given[name, 'off']:.2f} mm from new_df")
stale = WEIGHT * breathing[NOW - 1] + (1 - WEIGHT) * means[KNOWN - 2 : KNOWN]
assert given["RollingMean", "off"] < 1e-6
assert np.abs(given["ExponentiallyWeightedMean"] - stale).min() < 1e-6, "update reaches the mean now"
END
