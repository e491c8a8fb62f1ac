#!/bin/sh
# spike2py 0.2.10, calibrate, interp_new_fs, lowpass and remove_mean: a belt that rests at 2.5 V and breathes 1 V,
# recorded by Spike2 (1000 samples a second) and exported to .mat.
#
# Expected: calibrate is "y=slope*x+offset": with 5 mm/V and 100 mm the chest rests at 112.5 mm. Then 25 samples a
# second, as a film has, and a low pass at 1 Hz, which leaves breaths of 4 s. raw_values stay raw.
# Seen: the offset is taken off: the chest rests at -87.5 mm. interp_new_fs leaves the rate of before in info, so that
# the low pass at "1 Hz" is one at 0.025 Hz: of the breath 0 % is left, and 100 % if it is filtered before. remove_mean
# changes raw_values as well, as both are one array.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	spike2py==0.2.10 numpy==1.26.4 scipy==1.17.1 matplotlib==3.10.8
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
from scipy.io import savemat
from spike2py.trial import Trial, TrialInfo

RATE = 1000
time = np.arange(0, 120, 1 / RATE)
belt = 2.5 + np.sin(2 * np.pi * time / 4) + 0.2 * np.sin(2 * np.pi * 4 * time)  # volts
fields = ("title", "comment", "interval", "scale", "offset", "units", "start", "length", "times", "values")
channel = dict(zip(fields, ("belt", "", 1 / RATE, 1.0, 0.0, "volt", 0.0, len(time), time[:, None], belt[:, None])))
savemat("breath.mat", {"belt": channel})


def load():
    return Trial(TrialInfo(file=Path("breath.mat"))).Belt


def breath_left(signal):
    """How much of the breath of 4 s is left, away from both ends."""
    inside = (signal.times > 20) & (signal.times < 100)
    return 2 * np.abs(np.mean(signal.values[inside] * np.exp(-2j * np.pi * signal.times[inside] / 4)))


signal = load()
assert signal.info.sampling_frequency == RATE and np.allclose(signal.values, belt)
signal.calibrate(slope=5, offset=100)
print(f"calibrated: mean {signal.values.mean():.1f} mm for {np.mean(5 * belt + 100):.1f} mm")
assert np.allclose(signal.values, 5 * belt - 100), "the offset is added now"

before, after = load().lowpass(1).interp_new_fs(25), load().interp_new_fs(25).lowpass(1)
print(f"breath left: {breath_left(before):.0%} filtered first, {breath_left(after):.1%} resampled first;", end="")
print(f" {after.info.sampling_frequency} Hz said for a time step of {np.diff(after.times).mean():.2f} s")
assert abs(breath_left(before) - 1) < 0.02
assert breath_left(after) < 0.02, "the filter knows the new rate now"

signal = load().remove_mean()
print(f"raw values after remove_mean: mean {signal.raw_values.mean():.2f} V for {belt.mean():.2f} V")
assert abs(signal.raw_values.mean()) < 1e-3, "raw values stay raw now"
END
