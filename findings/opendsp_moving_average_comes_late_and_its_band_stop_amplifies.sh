#!/bin/sh
# opendsp 0.1.0, moving_average and butter(..., "bandstop"), on breathing (4 s, 25 samples a second) with a beat of the
# heart of 1.2 Hz in it.
#
# Expected: moving_average is "centered" and "equivalent to scipy.ndimage.uniform_filter1d with mode='nearest' for odd
# N", so it keeps the place in time. The band stop, a "scipy.signal.butter drop-in", passes what is outside.
# Seen: the average is that of the N last samples: the signal is padded on both sides, filtered to the same length, and
# cut at the end only. So it comes (N - 1) / 2 samples late, 0.48 s at N = 25, and turning points with it. The band stop
# takes the beat away, and makes the breath 1.20 times as large (1.46 times with twice the band), as its gain is wrong.
# Low pass, high pass and band pass are those of SciPy to the last digits.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check opendsp==0.1.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import opendsp
from scipy import ndimage, signal

RATE, WINDOW = 25.0, 25
time = np.arange(0, 120, 1 / RATE)
breath = np.sin(2 * np.pi * time / 4)
measured = breath + 0.2 * np.sin(2 * np.pi * 1.2 * time)
middle = slice(500, -500)

average, right = opendsp.moving_average(measured, WINDOW), ndimage.uniform_filter1d(measured, WINDOW, mode="nearest")
late = WINDOW // 2
print(f"moving average of {WINDOW}: up to {np.abs(average - right)[middle].max():.2f} from that of SciPy;", end="")
print(f" {np.abs(average[late:] - right[:-late])[middle].max():.1e} if it is moved back by {late / RATE:.2f} s")
assert np.abs(average - right)[middle].max() > 0.5, "the average is in the middle now"
assert np.allclose(average[late:][middle], right[:-late][middle])
assert late / RATE == 0.48

for name, band in (("low", 0.1), ("high", 0.1), ("band", (0.05, 0.15))):
    assert all(np.allclose(a, b) for a, b in zip(opendsp.butter(2, band, name), signal.butter(2, band, name)))
for width in (0.15, 0.3):  # Hz to both sides
    band = np.array([1.2 - width, 1.2 + width]) / (RATE / 2)
    gains = []
    for b, a in (opendsp.butter(2, band, "bandstop"), signal.butter(2, band, "bandstop")):
        gains.append(np.abs(signal.freqz(b, a, worN=[0.25, 1.2, 6], fs=RATE)[1]))
    print(f"band stop 1.2 Hz +- {width} Hz: gains at 0.25, 1.2 and 6 Hz {np.round(gains[0], 3)},", end="")
    print(f" SciPy {np.round(gains[1], 3)}")
    assert abs(gains[1][0] - 1) < 0.01 and gains[0][1] < 0.05
    assert abs(gains[0][0] - {0.15: 1.20, 0.3: 1.46}[width]) < 0.01, "the band stop has its right gain now"
    assert abs(gains[0][0] / gains[0][2] - gains[1][0] / gains[1][2]) < 1e-3
END
