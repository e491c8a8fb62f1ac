#!/bin/sh
# pybreathe 0.2.2, get_frequency of BreathingMovement and BreathingFlow, on 2 minutes of 15 breaths a minute, sampled at
# the rates of cine-MR: 4, 6.67, 3.2 and 2.5 frames a second. Both get the times of the frames.
#
# Expected: 15 breaths a minute at each rate; some 0.5 for the steps of the spectrum.
# Seen: 15 at 4 frames a second, but 13.5 at 6.67, 14.1 at 3.2 and 12.0 at 2.5. The fraction of the rate is cut off
# (get_hz says 6, 3 and 2), whichever method is asked for. Breaths of 4 s seem to last 5 s, without a word. Times stay
# as they were given, so that durations are right while frequencies are not.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pybreathe==0.2.2 numpy==2.3.5 pandas==2.3.3 scipy==1.17.1
cd "$folder"
MPLBACKEND=agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pybreathe import BreathingFlow, BreathingMovement

BREATHS = 15  # a minute
found, rates = {}, {}
for rate in (4, 20 / 3, 3.2, 2.5):
    times = np.arange(0, 120, 1 / rate)
    breathing = np.sin(2 * np.pi * BREATHS / 60 * times) + 0.02 * np.random.default_rng(0).standard_normal(len(times))
    movement = BreathingMovement(times, breathing, "thorax", "volunteer")
    flow = BreathingFlow("volunteer", times, breathing, detrend_y=False)
    found[rate] = {"movement": movement.get_frequency()}
    found[rate].update({method: flow.get_frequency(method=method) for method in ("welch", "periodogram", "fft")})
    rates[rate] = movement.get_hz()
    lengths = flow.get_positive_time(return_mean=True, verbose=False)[0]
    found[rate] = {name: float(value) for name, value in found[rate].items()}
    print(f"{rate:.2f} frames a second: {rates[rate]} Hz, breaths a minute {found[rate]}; half a breath {lengths} s")
    assert abs(lengths - 30 / BREATHS) < 0.1
assert all(abs(value - BREATHS) < 0.3 for value in found[4].values())
for rate, whole in rates.items():
    assert whole == int(rate), "rates keep their fraction now"
    assert all(abs(value - BREATHS * int(rate) / rate) < 0.3 for value in found[rate].values())
END
