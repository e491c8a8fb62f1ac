#!/bin/sh
# aqua-blue 0.2.19, Model.predict of a reservoir that learned 100 s of breathing at 4 Hz.
#
# Expected: the times of predict begin one step after the last time that was learned, and the values are those of these
# times. Asked again, the model gives the same.
# Seen: the last value learned is never put into the reservoir. The first forecast is of that value, and is dated a step
# later, as are all that follow: they are right to 0.01 mm for the time before the one they bear, and up to 1.2 mm off
# for it. The second call has the same times and the values of 6 steps after them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check aqua-blue==0.2.19 numpy==2.1.3
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from aqua_blue.models import Model
from aqua_blue.readouts import LinearReadout
from aqua_blue.reservoirs import DynamicalReservoir
from aqua_blue.time_series import TimeSeries

step = 0.25
seconds = np.arange(400) * step


def place(seconds):
    return 5 * np.sin(2 * np.pi * seconds / 4) + 1.5 * np.cos(2 * np.pi * seconds / 3.1)


def error(values, times):
    return float(np.max(np.abs(values - place(times))))


np.random.seed(0)
model = Model(DynamicalReservoir(input_dimensionality=1, reservoir_dimensionality=100), LinearReadout())
model.train(TimeSeries(dependent_variable=place(seconds)[:, None] / 6, times=seconds), warmup=50)
found = model.predict(horizon=8)
times, values = np.array([float(each) for each in found.times]), 6 * found.dependent_variable[:, 0]
again = 6 * model.predict(horizon=8).dependent_variable[:, 0]
print(f"last learned: {place(seconds[-1]):.2f} mm at {seconds[-1]} s, first forecast: {values[0]:.2f} mm at {times[0]} s")
print(f"error at its times {error(values, times):.2f} mm, one step before {error(values, times - step):.2f} mm")
print(f"again: error at its times {error(again, times):.2f} mm, 6 steps later {error(again, times + 6 * step):.2f} mm")
assert times[0] == seconds[-1] + step
assert abs(values[0] - place(seconds[-1])) < 0.05 and error(values, times - step) < 0.05, "the dates are right now"
assert error(values, times) > 1 and error(again, times + 6 * step) < 0.05
END
