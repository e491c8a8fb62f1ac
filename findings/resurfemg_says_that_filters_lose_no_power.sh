#!/bin/sh
# resurfemg 1.1.3, compute_power_loss: a respiratory EMG of 20 µV, and what is left of it.
#
# Expected: the "Percentage of power loss after the processing": 75 % where the signal was halved, 100 % where nothing
# is left, 31 % where a filter left 20 to 780 Hz of white noise, whether it is given in µV or in V.
# Seen: welch returns frequencies and powers, and both are summed up. The frequencies, 262656 Hz together, outweigh any
# power: all these losses are between -0.08 and 0 % for a signal in µV, and 0.000000000 % for one in V. The original is
# divided by what is left, too, so that a loss is negative and a doubled signal has lost power. No filter seems to take
# anything away.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps resurfemg==1.1.3
cp "$folder"/lib/python3*/site-packages/resurfemg/preprocessing/filtering.py "$folder/alone.py"
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from alone import compute_power_loss, emg_bandpass_butter

RATE = 2048  # Hz
emg = 20 * np.random.default_rng(0).standard_normal(20 * RATE)  # µV
filtered = emg_bandpass_butter(emg, 20, 780, RATE)
rest = {"all": emg, "half": emg / 2, "nothing": 0 * emg, "twice as much": 2 * emg, "20 to 780 Hz": filtered}
for name, left in rest.items():
    right = 100 * (1 - np.mean(left**2) / np.mean(emg**2))
    said = [compute_power_loss(unit * emg, RATE, unit * left, RATE) for unit in (1, 1e-6)]
    print(f"{name} left: lost {right:.1f} % of the power, said {said[0]:.3f} % in µV, {said[1]:.9f} % in V")
    assert max(np.abs(said)) < 0.5, "losses are of the power now"
    assert said[0] * right <= 0, "losses are positive now"
END
