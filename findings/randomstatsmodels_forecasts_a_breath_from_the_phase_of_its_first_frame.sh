#!/bin/sh
# randomstatsmodels 4.5.1, HoltWintersForecaster: a breath of 16 frames and 10 mm without noise, learnt from 320 to
# 335 frames, the next 16 forecast.
#
# Expected: the forecasts are of the frames that come next, wherever in a breath the past ends: exact, as those of
# SSAForecaster and KNNForecaster of the same package are.
# Seen: HoltWintersForecaster learns the phase of frame t as t modulo 16 and forecasts from phase 0 each time. It is
# exact where the past is whole breaths. After 328 frames, it forecasts expiration for inspiration, 20 mm off, with no
# word. One look at a series of whole breaths does not show it. AutoHoltWinters chooses its settings by such forecasts.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check randomstatsmodels==4.5.1 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from randomstatsmodels.models.holt_winters import HoltWintersForecaster
from randomstatsmodels.models.knn import KNNForecaster
from randomstatsmodels.models.ssa import SSAForecaster

PERIOD = 16  # frames
breath = 10 * np.sin(2 * np.pi * np.arange(400) / PERIOD)  # mm
SHIFTS = range(-PERIOD // 2, PERIOD // 2)  # frames


def forecasts(past):
    learnt = breath[:past]
    return {
        "Holt-Winters": HoltWintersForecaster(seasonal_period=PERIOD, trend="none").fit(learnt),
        "SSA": SSAForecaster(window_length=32, n_components=2).fit(learnt),
        "KNN": KNNForecaster(window=8, k=1).fit(learnt),
    }


for past in (320, 324, 328, 335):
    for name, model in forecasts(past).items():
        made = model.predict(PERIOD)
        off = [float(np.abs(made - breath[past + shift : past + shift + PERIOD]).max()) for shift in SHIFTS]
        own, shift = off[PERIOD // 2], SHIFTS[int(np.argmin(off))]
        print(f"{past} frames, {name}: {own:.1f} mm off; forecasts are those of {shift} frames later")
        assert min(off) < 0.5
        if name == "Holt-Winters":
            assert (shift + past) % PERIOD == 0, "forecasts begin with the phase that comes next now"
        else:
            assert shift == 0, "forecasts begin with the next frame now"
assert own < 0.1 and np.isclose(forecasts(328)["Holt-Winters"].predict(5)[4], -breath[332], atol=0.1)
END
