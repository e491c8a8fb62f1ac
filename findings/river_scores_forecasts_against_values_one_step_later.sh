#!/bin/sh
# river 0.26.1, evaluate.evaluate (and iter_evaluate) of forecasters.
#
# Expected: "+1" is the error of the first forecast against the value that comes next. On the ramp 0, 1, 2, ...
# persistence is off by 1, 2 and 3 at +1, +2 and +3, and Holt's linear trend, which is exact there, by 0.
# Seen: persistence has 2, 3 and 4, and the exact forecaster is off by 1 everywhere. At step t a model has learned up to
# t - 1, so its own forecasts are for t, t + 1 and t + 2; they are scored against t + 1, t + 2 and t + 3. Each error by
# horizon is that of forecasts for one step and values of the next: good methods look bad, and ranks may change.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check river==0.26.1 numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" -W ignore - <<'END'
from river import evaluate, metrics, time_series


class Persistence(time_series.base.Forecaster):
    def __init__(self):
        self.newest = 0.0

    def learn_one(self, y, x=None):
        self.newest = y

    def forecast(self, horizon, xs=None):
        return [self.newest] * horizon


def holt():
    return time_series.HoltWinters(alpha=1.0, beta=1.0)


def ramp():
    return (({"t": t}, float(t)) for t in range(200))


def by_hand(model):
    sums, count = [0.0] * 3, 0
    for t in range(197):
        if t >= 6:
            count += 1
            sums = [total + abs(value - (t + k)) for k, (total, value) in enumerate(zip(sums, model.forecast(3)))]
        model.learn_one(float(t))
    return [round(total / count, 2) for total in sums]


found = {}
for make in (Persistence, holt):
    scored = evaluate.evaluate(ramp(), make(), metrics.MAE(), horizon=3)
    found[make.__name__] = [round(metric.get(), 1) for metric in scored.metrics]
    print(f"{make.__name__}: river {found[make.__name__]}, by hand {by_hand(make())}")
assert by_hand(Persistence()) == [1, 2, 3] and by_hand(holt()) == [0, 0, 0]
assert found == {"Persistence": [2, 3, 4], "holt": [1, 1, 1]}, "forecasts are scored against their own values now"
END
