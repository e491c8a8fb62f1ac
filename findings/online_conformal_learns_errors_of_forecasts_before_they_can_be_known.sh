#!/bin/sh
# online-conformal 1.0.2 (with salesforce-merlion 2.0.2), forecast with a horizon of 4: bands around persistence on a
# series that jumps by 20 mm at step 60, and on the same series without the jump.
#
# Expected: the error of a forecast made at t for t + h is known at t + h. No band of a forecast made before step 60
# can know of the jump.
# Seen: right for one step ahead. At step t the errors of all horizons up to t + 4 are learned at once, and enter the
# bands of the forecasts made at t + 1. So bands 2, 3 and 4 steps ahead widen 1, 2 and 3 steps before the jump. Such
# bands, their widths and their coverage cannot be had in real time. Five methods of the package were tried, and all
# look ahead so; two are shown. A comment in the source says that the state is updated "along the way", no
# more. The methods alone, update and predict, are right if they are called in the order in which values arrive.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	online-conformal==1.0.2 salesforce-merlion==2.0.2 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 \
	scikit-learn==1.9.1 statsmodels==0.15.0 matplotlib==3.11.2 setuptools==65.5.0
cd "$folder"
"$folder/bin/python" -W ignore - 2>log <<'END' || { cat log; exit 1; }
import numpy as np
import pandas as pd
from merlion.models.forecast.base import ForecasterBase, ForecasterConfig
from merlion.transform.base import Identity
from online_conformal.ogd import ScaleFreeOGD
from online_conformal.saocp import SAOCP

JUMP, HORIZON = 60, 4


class Persistence(ForecasterBase):
    config_class = ForecasterConfig

    @property
    def require_even_sampling(self):
        return False

    @property
    def _default_train_config(self):
        return None

    def _train(self, train_data, train_config=None):
        return train_data, None

    def _forecast(self, time_stamps, time_series_prev=None, return_prev=False):
        newest = np.full(len(time_stamps), time_series_prev.iloc[-1, 0])
        return pd.DataFrame({"mm": newest}, index=pd.to_datetime(time_stamps, unit="s")), None


def radii(method, jump):
    values = np.random.default_rng(0).standard_normal(75)
    values[JUMP:] += jump
    series = pd.DataFrame({"mm": values}, index=pd.date_range("2026-01-01", periods=75, freq="s"))
    model = Persistence(ForecasterConfig(target_seq_index=0, transform=Identity()))
    known, rest = series[:40], series[40:]
    _, lower, upper = method(model=model, train_data=known, horizon=HORIZON).forecast(rest, known)
    found = {}
    for h in range(1, HORIZON + 1):
        for target, radius in ((upper[h] - lower[h]) / 2).items():
            found[h, int((target - series.index[0]).total_seconds()) - h] = radius
    return found


for method in (ScaleFreeOGD, SAOCP):
    calm, jumped = radii(method, 0), radii(method, 20)
    earliest = {}
    for h in range(1, HORIZON + 1):
        changed = [made for (horizon, made) in calm if horizon == h and calm[h, made] != jumped[h, made]]
        earliest[h] = min(changed)
        was, now = calm[h, earliest[h]], jumped[h, earliest[h]]
        print(f"{method.__name__}, {h} ahead: the first band that knows of the jump at step {JUMP} is of a forecast "
              f"made at step {earliest[h]}: {now:.2f} mm, without the jump {was:.2f}")
    assert earliest[1] == JUMP
    assert earliest == {1: 60, 2: 59, 3: 58, 4: 57}, "errors are learned when they are known now"
END
