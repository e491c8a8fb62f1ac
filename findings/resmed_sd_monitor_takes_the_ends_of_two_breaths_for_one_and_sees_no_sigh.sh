#!/bin/sh
# resmed-sd-monitor 0.1.0, monitor.breathe and summarize_breaths: flow of a ventilator at its 25 Hz, with breaths of 4
# s, 2 s in and 2 s out. They are even with 0.5 L; or 0.3 and 0.7 L in turn; or 0.5 L with six sighs of twice that.
#
# Expected: each breath has "inspiratory time ti, expiratory time te, period T, tidal volume tv (positive integral, L)":
# 2 s, 2 s and 4 s. Volumes in turn vary by 40 % (tv_cv), and six breaths are of more than 1.6 times the median
# (n_sigh).
# Seen: volume is summed from the peak of inspiration to the peak of the next, so that it is half of one breath and half
# of the next. Of breaths in turn all have 0.48 L and vary by 0.7 %. A sigh of 1 L becomes two breaths of 0.72 L, and
# none of the six is found. Expiration lasts from peak to peak, 4 s, as long as the breath. Inspiration ends at its
# peak, after 1 s. No word is said of that.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	resmed-sd-monitor==0.1.0 numpy==2.4.6 scipy==1.17.1 edfio==0.4.18
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from resmed_sd_monitor.monitor import breathe, summarize_breaths

RATE, INSPIRATION, EXPIRATION = 25, 2, 2
phase = np.pi * (np.arange(RATE * INSPIRATION) + 0.5) / (RATE * INSPIRATION)
unit = np.pi / 2 / INSPIRATION * np.sin(phase)
assert abs(unit.sum() / RATE - 1) < 0.001, "a litre in"
even, turns, sighs = np.full(150, 0.5), np.tile([0.3, 0.7], 75), np.full(150, 0.5)
sighs[20:140:20] = 1.0
found = {}
for name, litres in (("even", even), ("in turn", turns), ("sighs", sighs)):
    breaths = breathe(np.concatenate([litre * np.concatenate([unit, -unit]) for litre in litres]), RATE)
    times = [np.median([breath[key] for breath in breaths]) for key in ("ti", "te", "T")]
    volume = np.array([breath["tv"] for breath in breaths])
    summary = summarize_breaths(breaths)
    found[name] = (volume, summary["tv_cv"], summary["n_sigh"])
    print(f"{name}: in, out and both {np.round(times, 2)} s; {volume[18:23].round(2)} L in place of {litres[18:23]}, "
          f"varied by {summary['tv_cv']:.3f} in place of {litres.std() / litres.mean():.3f}; {summary['n_sigh']} sighs")
    assert abs(times[2] - 4) < 0.05
    assert abs(times[0] - 1) < 0.1 and abs(times[1] - 4) < 0.05, "times are of inspiration and of expiration now"
assert np.all(np.abs(found["even"][0] - 0.5) < 0.03)
assert np.all(np.abs(found["in turn"][0] - 0.48) < 0.02), "volumes differ now"
assert abs(found["in turn"][1] - 0.007) < 0.001
assert np.sum(np.abs(found["sighs"][0] - 0.72) < 0.03) == 12 and found["sighs"][2] == 0, "sighs are found now"
END
