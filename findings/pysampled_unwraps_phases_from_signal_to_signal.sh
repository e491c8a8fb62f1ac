#!/bin/sh
# pysampled 1.3.0, Data.phase(): six landmarks that breathe together, 4 s a breath, 25 frames a second for a minute,
# frames in rows and landmarks in columns.
#
# Expected: the "instantaneous phase" of each landmark, unwrapped in time, as that of a single signal is: it grows by
# 15 turns in a minute, whichever way the array lies. envelope and diff of the same array go along time.
# Seen: the phase is found along time, and unwrapped along the last axis, which is from landmark to landmark here. So it
# starts anew at -pi with each breath: 0.0 turns in a minute, a rate of 0 breaths a minute. No word is said; the shape
# is right, and a piece that is shorter than a breath looks right as well. The same landmarks in rows, or one by one,
# have 15 turns.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pysampled==1.3.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pysampled
from scipy.signal import hilbert

RATE, PERIOD = 25, 4  # Hz, s
time = np.arange(0, 60, 1 / RATE)
places = np.sin(2 * np.pi * time / PERIOD)[:, None] * np.array([10, 8, 6, 4, 3, 2])  # mm
places += 0.2 * np.random.default_rng(0).standard_normal(places.shape)
wrapped = np.angle(hilbert(places, axis=0))
columns = pysampled.Data(places, RATE)
phases = {
    "in columns": columns.phase()(),
    "in rows": pysampled.Data(places.T, RATE).phase()().T,
    "one by one": np.column_stack([one.phase()() for one in columns.split_to_1d()]),
}
for name, phase in phases.items():
    turns = (phase[-1] - phase[0]) / (2 * np.pi)
    print(f"landmarks {name}: {np.round(turns, 1) + 0.0} turns in a minute, up to {np.abs(phase).max():.0f} rad")
    right = 0 if name == "in columns" else 60 / PERIOD
    assert np.allclose(turns, right, atol=0.1), "phases are unwrapped in time now"
assert np.allclose(phases["one by one"], np.unwrap(wrapped, axis=0))
assert np.allclose(phases["in columns"], np.unwrap(wrapped, axis=1)), "phases are unwrapped another way now"
END
