#!/bin/sh
# micromotion 1.15.0, xcorr_lag, search_lag and apply_lag, on the breathing that two recorders saw 8 times a second.
# Each counts from its own begin; b was begun 5 s after a.
#
# Expected: "A positive lag means b starts later than a", so +5 s, and apply_lag ("shift a timebase onto another
# recording's origin", t + lag) makes the second 10 of b the second 15 of a, as both are of the same moment.
# Seen: both find -5 s, as sure as can be (r 1.0), and apply_lag makes it the second 5. The clocks, which were 5 s
# apart, are 10 s apart then, two and a half breaths. The sign was turned in 1.13.0 to that of a signal that comes later
# on its clock; the sentence, and apply_lag, are of a recorder that begins later. With t - lag all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	micromotion==1.15.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from micromotion.align import apply_lag, search_lag, xcorr_lag

RATE, LATER = 8.0, 5.0
time = np.arange(0, 400, 1 / RATE)
breaths = 0.25 + 0.03 * np.sin(2 * np.pi * time / 67) + 0.02 * np.sin(2 * np.pi * time / 31)  # a second
place = np.sin(2 * np.pi * np.cumsum(breaths) / RATE) * (1 + 0.3 * np.sin(2 * np.pi * time / 43))

a, b = place, place[int(LATER * RATE) :]
clock_a, clock_b = np.arange(len(a)) / RATE, np.arange(len(b)) / RATE
found = {
    "xcorr_lag": xcorr_lag(a, b, RATE, max_lag_s=20),
    "search_lag": search_lag(clock_a, a, clock_b, b, max_lag_s=20, step_s=1 / RATE),
}
for name, lag in found.items():
    moved = apply_lag(clock_b, lag["lag_s"])
    back = clock_b - lag["lag_s"]
    apart = {
        way: float(np.mean((np.interp(clock, clock_a, a) - b) ** 2))
        for way, clock in (("moved", moved), ("back", back))
    }
    print(f"{name}: {lag['lag_s']:+.2f} s, sure {lag['confident']}, r {lag['r']:.2f}")
    print(f"  second 10 of b, which is 15 of a: {apply_lag(10.0, lag['lag_s']):.2f} by apply_lag")
    print(f"  mean square of what is left between both: {apart['moved']:.2f}, with t - lag {apart['back']:.4f}")
    assert lag["confident"] and lag["r"] > 0.99
    assert abs(lag["lag_s"] + LATER) < 0.01, "a recorder that begins later has a positive lag now"
    assert abs(apply_lag(10.0, lag["lag_s"]) - 5) < 0.01, "apply_lag moves the clock onto the other now"
    assert apart["back"] < 1e-3 and apart["moved"] > 0.3
END
