#!/bin/sh
# breathmetrics 0.1.8, Breathmetrics: temperature at the nostrils, 5 times a second for 10 minutes, of even breathing at
# 15 breaths a minute, with noise of 0.01 degrees.
#
# Expected: 15 breaths a minute, however far the temperature swings. The deeper the breath, the plainer it is.
# Seen: a breath begins where the signal, rounded to one decimal, is exactly 0 and then rises ("yhat[i] == 0"). The
# steeper it crosses 0, the fewer of its samples lie within 0.05 of it, and a breath that none of them hits is joined to
# the next one. A swing of 0.5 or 1 degree gives 15, of 2 degrees 5 to 7, of 4 degrees 3 to 6. These rates are plausible
# for slow breathing. At 10 samples a second it begins at 4 degrees. Parts are named after minutes that they are not of.
# Ten minutes in parts of 3 are three parts of 200 s. The last, "6 - 9 mins", holds minutes 6.7 to 10.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	numpy==1.26.4 scipy==1.13.1 pandas==2.2.2 matplotlib==3.9.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps breathmetrics==0.1.8
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from breathmetrics.main import Breathmetrics

MINUTES, RATE = 10, 15


def measured(swing, samples_a_second, part=2):
    times = np.arange(MINUTES * 60 * samples_a_second) / samples_a_second
    noise = 0.01 * np.random.default_rng(0).normal(size=times.size)
    warmth = 32 + swing / 2 * np.sin(2 * np.pi * RATE / 60 * times) + noise
    return Breathmetrics(pd.DataFrame({"Sensor1_Temp": warmth, "Sensor2_Temp": warmth}), MINUTES, part)


rates = {}
for samples_a_second in (5, 10):
    for swing in (0.5, 1.0, 2.0, 4.0):
        results = measured(swing, samples_a_second).results[::2]
        rates[samples_a_second, swing] = np.array([part["BreathingRate"] for part in results])
        least, most = rates[samples_a_second, swing].min(), rates[samples_a_second, swing].max()
        print(f"{samples_a_second} Hz, swing of {swing} degrees: {least:.1f} to {most:.1f} breaths a minute")
for swing in (0.5, 1.0):
    assert np.all(np.abs(rates[5, swing] - RATE) < 0.1)
for key, least, most in (((5, 2.0), 4.5, 7.5), ((5, 4.0), 2.5, 6.5), ((10, 4.0), 0, 10)):
    assert np.all((rates[key] >= least) & (rates[key] < most)), "the crossing is looked for between the samples now"

parts = [(part["Duration"], len(part["XData"]) * 60 * MINUTES / len(measured(1.0, 5, 3).temp_1))
         for part in measured(1.0, 5, 3).results[:-2:2]]
print("parts of 3 minutes:", ", ".join(f"{name} ({seconds:.0f} s)" for name, seconds in parts))
assert [name for name, _ in parts] == ["0 - 3 mins", "3 - 6 mins", "6 - 9 mins"]
assert all(abs(seconds - 200) < 1 for _, seconds in parts), "parts hold the minutes that they are named after now"
END
