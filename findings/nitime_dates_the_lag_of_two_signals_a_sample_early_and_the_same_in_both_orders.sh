#!/bin/sh
# nitime 0.12.1, CorrelationAnalyzer (xcorr, xcorr_norm) on a belt signal and on the motion of a cine at 4 Hz, which
# follows the belt by 1.25 s. The lag is the time of the largest cross-correlation.
#
# Expected: "zero-lag at time=0": a signal has lag 0 with itself, belt and cine 1.25 s in one order and -1.25 s in the
# other, and xcorr_norm is at zero lag the correlation coefficient.
# Seen: all times are one sample early: a signal is 0.25 s before itself, and belt and cine are 1.5 s apart. The lag is
# -1.5 s in both orders, as one order is copied for the other. xcorr_norm is divided by the value one sample beside zero
# lag: with itself a signal has 1.06 there in place of 1, and white noise any number. No word is said. Once the
# times are moved on by a sample, the order with the smaller index first is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check nitime==0.12.1 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from nitime.analysis import CorrelationAnalyzer
from nitime.timeseries import TimeSeries
from scipy.ndimage import gaussian_filter1d

RATE, LATE = 4.0, 5
breathing = gaussian_filter1d(np.random.default_rng(0).normal(size=400), 2)
breathing -= breathing.mean()
belt, cine = breathing[LATE:], breathing[:-LATE]
signals = np.stack([belt, cine])
analysis = CorrelationAnalyzer(TimeSeries(signals, sampling_rate=RATE))
correlation, times = np.asarray(analysis.xcorr.data), np.asarray(analysis.xcorr.time, dtype=float) / 1e12
normed = np.asarray(analysis.xcorr_norm.data)

own = np.correlate(belt, cine, mode="full")
true = (own.argmax() - (len(belt) - 1)) / RATE
lags = {(i, j): float(times[correlation[i, j].argmax()]) for i in range(2) for j in range(2)}
print(f"belt and belt {lags[0, 0]} s, belt and cine {lags[0, 1]} s, cine and belt {lags[1, 0]} s")
print(f"true: 0, {true} and {-true} s")
print(f"greatest xcorr_norm of the belt with itself: {normed[0, 0].max():.3f}; its correlation coefficient is 1")
assert true == -LATE / RATE
assert lags[0, 0] == -1 / RATE, "a signal has lag 0 with itself now"
assert lags[0, 1] == true - 1 / RATE, "the lag is right now"
assert lags[1, 0] == lags[0, 1], "the other order has the other sign now"
assert normed[0, 0].max() > 1.01, "xcorr_norm is normalised at zero lag now"
END
